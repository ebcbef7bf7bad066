"""Damping of paths that come and go (RFC 2439), paths that are used side by side, and limits of a peer."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from iosemu.routing.bgp.attributes import prepend
from iosemu.routing.bgp.dampening import DampingParameters, Flaps
from iosemu.routing.bgp.events import Notified, PrefixLimit
from tests.unit.bgp.net import Net, Router

NETWORK = IPv4Network("2.0.0.0/8")


def damped() -> tuple[Net, Router, Router]:
    net = Net()
    one, two = net.router(1, 65001), net.router(2, 65002)
    net.peers(one, two)
    one.speaker.damping.configure(True, one.speaker.peers.values(), net.now)
    net.originate(two, "2.0.0.0/8")
    net.run(60)
    return net, one, two


def withdraw(net: Net, router: Router) -> None:
    router.speaker.originate(NETWORK, None, net.now)


def test_what_comes_and_goes_is_suppressed_and_used_again_when_the_penalty_is_low_enough() -> None:
    net, one, two = damped()
    for _ in range(3):
        withdraw(net, two)
        net.run(40)
        net.originate(two, "2.0.0.0/8")
        net.run(40)
    assert one.best("2.0.0.0/8") is None
    flaps = one.speaker.peers[two.address].flaps[NETWORK]
    assert flaps.suppressed
    assert flaps.count == 3
    left = flaps.reuse_at - net.now
    net.run(left - 1)
    assert one.best("2.0.0.0/8") is None
    net.run(2)
    assert one.best("2.0.0.0/8") is not None
    net.run(16 * 60)  # the half of the penalty for reuse
    assert not one.speaker.peers[two.address].flaps
    assert one.best("2.0.0.0/8") is not None


def test_other_attributes_cost_half_as_much_and_the_same_ones_nothing() -> None:
    net, one, two = damped()
    net.originate(two, "2.0.0.0/8", med=7)
    net.run(40)
    assert round(one.speaker.peers[two.address].flaps[NETWORK].now(net.now - 40)) >= 500
    assert one.best("2.0.0.0/8").med == 7
    two.speaker.refresh_out(two.speaker.peers[one.address], net.now)
    net.run(40)
    assert one.speaker.peers[two.address].flaps[NETWORK].count == 1


def test_a_history_is_forgotten_and_leaves_the_table() -> None:
    net, one, two = damped()
    withdraw(net, two)
    net.run(40)
    assert [path.history for path in one.speaker.table[NETWORK].paths] == [True]
    assert not one.speaker.peers[two.address].paths
    net.run(3600)
    assert NETWORK not in one.speaker.table


def test_a_session_that_is_lost_costs_nothing() -> None:
    net, one, two = damped()
    one.speaker.reset(one.speaker.peers[two.address], net.now, "User reset")
    net.run(120)
    assert one.best("2.0.0.0/8") is not None
    assert not one.speaker.peers[two.address].flaps


def test_internal_paths_are_not_damped() -> None:
    net = Net()
    one, two = net.router(1, 65001), net.router(2, 65001)
    net.peers(one, two)
    one.speaker.damping.configure(True, one.speaker.peers.values(), net.now)
    net.originate(two, "2.0.0.0/8")
    net.run(60)
    withdraw(net, two)
    net.run(40)
    assert NETWORK not in one.speaker.table


def test_no_damping_any_more() -> None:
    net, one, two = damped()
    withdraw(net, two)
    net.run(40)
    one.speaker.damping.configure(False, one.speaker.peers.values(), net.now)
    assert NETWORK not in one.speaker.table
    assert one.speaker.next_timer() is not None


@given(
    st.integers(1, 45), st.integers(1, 20000), st.integers(1, 20000), st.integers(1, 255),
    st.lists(st.floats(0, 3600), max_size=20),
)  # fmt: skip
def test_no_path_is_suppressed_for_longer_than_the_longest_time(
    half: int, reuse: int, suppress: int, longest: int, pauses: list[float]
) -> None:
    parameters = DampingParameters(half, reuse, suppress, longest)
    if not parameters.works:
        return
    flaps, now = Flaps(NETWORK, parameters, 0.0, 0.0), 0.0
    for pause in pauses:
        now += pause
        flaps.strike(1000.0, now)
        assert flaps.reuse_at - now <= longest * 60 + 1
        assert flaps.penalty <= parameters.ceiling


def two_ways(**config: object) -> tuple[Net, Router]:
    net = Net()
    one, two, three = net.router(1, 65001), net.router(2, 65002), net.router(3, 65002)
    one.speaker.configure(replace(one.speaker.config, **config), net.now)  # type: ignore[arg-type]
    for each in (two, three):
        net.peers(one, each)
        net.originate(each, "2.0.0.0/8")
    net.run(60)
    return net, one


def test_paths_that_are_alike_are_used_side_by_side() -> None:
    net, one = two_ways(maximum_paths=2)
    entry = one.speaker.table[NETWORK]
    assert entry.best is not None
    assert len(entry.more) == 1
    assert {entry.best, *entry.more} == set(entry.paths)
    net.originate(net.routers[entry.more[0].attributes.next_hop], "2.0.0.0/8", med=9)
    net.run(60)
    assert one.speaker.table[NETWORK].more == ()


def test_one_path_is_used_unless_more_are_wanted() -> None:
    _, one = two_ways()
    assert one.speaker.table[NETWORK].more == ()


def test_a_longer_path_may_count_as_much() -> None:
    net, one = two_ways(ignore_as_path=True)
    other = next(
        each for each in one.speaker.table[NETWORK].paths if each is not one.speaker.table[NETWORK].best
    )
    first = one.speaker.table[NETWORK].best
    assert first is not None
    assert first.peer is not None
    assert other.peer is not None
    net.originate(net.routers[first.peer.config.address], "2.0.0.0/8", as_path=prepend((), (65009,)))
    net.originate(net.routers[other.peer.config.address], "2.0.0.0/8", med=4)
    net.run(60)
    assert one.best("2.0.0.0/8").path_length == 2  # type: ignore[union-attr]


def test_the_least_hold_time_that_a_peer_may_offer() -> None:
    net = Net()
    one, two = net.router(1, 65001), net.router(2, 65002)
    net.peer(one, two, least_hold=20)
    net.peer(two, one, hold_time=10, keepalive=3)
    net.run(30)
    assert one.speaker.peers[two.address].established is None
    sent = [each for each in one.seen if isinstance(each, Notified) and each.sent]
    assert (sent[0].code, sent[0].subcode) == (2, 6)


def test_the_warning_comes_at_the_percentage_that_was_chosen() -> None:
    net = Net()
    one, two = net.router(1, 65001), net.router(2, 65002)
    net.peers(one, two, maximum_prefix=4, warn_at=50)
    for number in (11, 12):
        net.originate(two, f"{number}.0.0.0/8")
    net.run(60)
    assert not [each for each in one.seen if isinstance(each, PrefixLimit)]
    net.originate(two, "13.0.0.0/8")
    net.run(60)
    assert [each.exceeded for each in one.seen if isinstance(each, PrefixLimit)] == [False]
