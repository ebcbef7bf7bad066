"""Sessions, what is told, and what is chosen (RFC 4271, 4456, 1997)."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from iosemu.routing.bgp import SegmentKind, SessionState
from iosemu.routing.bgp.attributes import NO_EXPORT
from iosemu.routing.bgp.config import Aggregation, LocalAs
from iosemu.routing.bgp.events import Notified, PeerDown, PeerUp, PrefixLimit
from tests.unit.bgp.net import Net, network


def path(*numbers: int) -> tuple[tuple[SegmentKind, tuple[int, ...]], ...]:
    return ((SegmentKind.SEQUENCE, numbers),)


def test_two_systems_exchange_routes() -> None:
    net = Net()
    one, two = net.router(1, 65001), net.router(2, 65002)
    net.peers(one, two)
    net.originate(one, "1.0.0.0/8", med=5)
    net.run(60)
    assert [type(each) for each in one.seen] == [PeerUp]
    found = two.best("1.0.0.0/8")
    assert found is not None
    assert found.as_path == path(65001)
    assert (found.next_hop, found.med, found.local_pref) == (one.address, 5, None)
    net.peers(two, net.router(3, 65003))
    net.run(60)
    third = net.routers[IPv4Address("10.0.0.3")].best("1.0.0.0/8")
    assert third is not None
    assert (third.as_path, third.med) == (path(65002, 65001), None)
    one.speaker.originate(network("1.0.0.0/8"), None, net.now)
    net.run(60)
    assert two.best("1.0.0.0/8") is None
    assert not two.speaker.table


def test_only_one_of_two_connections_stays() -> None:
    net = Net()
    one, two = net.router(1, 65001), net.router(2, 65002)
    net.peers(one, two)
    one.speaker.peers[two.address].connect_due = two.speaker.peers[one.address].connect_due = net.now
    net.run(5)
    assert len(one.speaker.peers[two.address].sessions) == 1
    assert one.speaker.peers[two.address].established is not None
    assert not [each for each in one.seen if isinstance(each, PeerDown)]


def test_wrong_as_is_told() -> None:
    net = Net()
    one, two = net.router(1, 65001), net.router(2, 65002)
    net.peer(one, two)
    two.speaker.set_peer(_as(two, one, 65009), net.now)
    net.run(30)
    assert one.speaker.peers[two.address].established is None
    sent = [each for each in two.seen if isinstance(each, Notified) and each.sent]
    assert (sent[0].code, sent[0].subcode, sent[0].data) == (2, 2, (65001).to_bytes(2, "big"))


def _as(router: object, other: object, number: int) -> object:
    from iosemu.routing.bgp import PeerConfig

    return PeerConfig(other.address, number)  # type: ignore[attr-defined]


def test_silence_ends_the_session() -> None:
    net = Net()
    one, two = net.router(1, 65001), net.router(2, 65002)
    net.peers(one, two, hold_time=30, keepalive=10)
    net.originate(two, "2.0.0.0/8")
    net.run(60)
    assert one.best("2.0.0.0/8") is not None
    net.cut.add(frozenset((one.address, two.address)))
    net.run(31)
    assert one.best("2.0.0.0/8") is None
    assert any(isinstance(each, Notified) and each.sent and each.code == 4 for each in one.seen)


def test_internal_peers_do_not_pass_on_what_internal_peers_told() -> None:
    net = Net()
    one, two, three = (net.router(last, 65001) for last in (1, 2, 3))
    net.peers(two, one)
    net.peers(two, three)
    net.originate(one, "1.0.0.0/8")
    net.run(60)
    assert two.best("1.0.0.0/8") is not None
    assert three.best("1.0.0.0/8") is None


def test_a_reflector_passes_them_on() -> None:
    net = Net()
    one, two, three = (net.router(last, 65001) for last in (1, 2, 3))
    net.peers(two, one, client=True)
    net.peers(two, three)
    net.originate(one, "1.0.0.0/8")
    net.run(60)
    found = three.best("1.0.0.0/8")
    assert found is not None
    assert (found.originator, found.clusters) == (one.address, (two.address,))
    assert (found.next_hop, found.local_pref) == (one.address, 100)


def test_clients_that_are_meshed_need_no_reflection_between_them() -> None:
    net = Net()
    one, three, four = (net.router(last, 65001) for last in (1, 3, 4))
    two = net.router(2, 65001)
    two.speaker.config = replace(two.speaker.config, reflects_between_clients=False)
    net.peers(two, one, client=True)
    net.peers(two, three, client=True)
    net.peers(two, four)
    net.originate(one, "1.0.0.0/8")
    net.originate(four, "4.0.0.0/8")
    net.run(60)
    assert three.best("1.0.0.0/8") is None
    assert four.best("1.0.0.0/8") is not None
    assert three.best("4.0.0.0/8") is not None


def test_next_hop_self() -> None:
    net = Net()
    outside, border, inside = net.router(1, 65009), net.router(2, 65001), net.router(3, 65001)
    net.peers(border, outside)
    net.peers(border, inside, next_hop_self=True)
    net.originate(outside, "9.0.0.0/8")
    net.run(60)
    found = inside.best("9.0.0.0/8")
    assert found is not None
    assert found.next_hop == border.address


def test_an_unreachable_next_hop_is_not_used() -> None:
    net = Net()
    outside, border, inside = net.router(1, 65009), net.router(2, 65001), net.router(3, 65001)
    net.peers(border, outside)
    net.peers(border, inside)
    inside.unreachable.add(outside.address)
    net.originate(outside, "9.0.0.0/8")
    net.run(60)
    assert inside.best("9.0.0.0/8") is None
    assert network("9.0.0.0/8") in inside.speaker.table
    inside.unreachable.clear()
    inside.speaker.next_hops_changed(net.now)
    assert inside.best("9.0.0.0/8") is not None


def test_no_export_stays_inside() -> None:
    net = Net()
    one, two, three = net.router(1, 65002), net.router(2, 65002), net.router(3, 65003)
    net.peers(one, two, send_community=True)
    net.peers(two, three)
    net.originate(one, "1.0.0.0/8", communities=(NO_EXPORT,))
    net.run(60)
    assert two.best("1.0.0.0/8") is not None
    assert three.best("1.0.0.0/8") is None


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"local_pref": 200}, {"local_pref": 100}),
        ({"as_path": path(65007)}, {"as_path": path(65007, 65008)}),
        ({"med": 1}, {"med": 2}),
    ],
)
def test_the_decision(better: dict[str, object], worse: dict[str, object]) -> None:
    for first, second in ((better, worse), (worse, better)):
        net = Net()
        one, two, judge = (net.router(last, 65001) for last in (1, 2, 3))
        net.peers(judge, one)
        net.peers(judge, two)
        net.originate(one, "7.0.0.0/8", **first)
        net.originate(two, "7.0.0.0/8", **second)
        net.run(60)
        found = judge.best("7.0.0.0/8")
        assert found is not None
        assert {name: getattr(found, name) for name in better} == better


def test_the_nearer_next_hop_wins() -> None:
    net = Net()
    one, two, judge = (net.router(last, 65001) for last in (1, 2, 3))
    net.peers(judge, one)
    net.peers(judge, two)
    judge.metrics = {one.address: 20, two.address: 10}
    for each in (one, two):
        net.originate(each, "7.0.0.0/8")
    net.run(60)
    assert judge.best("7.0.0.0/8").next_hop == two.address  # type: ignore[union-attr]


def test_aggregates() -> None:
    net = Net()
    one, two = net.router(1, 65001), net.router(2, 65002)
    net.peers(one, two)
    one.speaker.aggregates.configure({network("10.8.0.0/15"): Aggregation(summary_only=True)}, net.now)
    net.originate(one, "10.8.0.0/16")
    net.originate(one, "10.9.0.0/16")
    net.run(60)
    assert {str(each) for each in two.speaker.table} == {"10.8.0.0/15"}
    assert two.best("10.8.0.0/15").aggregator == (65001, one.address)  # type: ignore[union-attr]
    one.speaker.originate(network("10.8.0.0/16"), None, net.now)
    one.speaker.originate(network("10.9.0.0/16"), None, net.now)
    net.run(60)
    assert not two.speaker.table


def test_too_many_prefixes() -> None:
    net = Net()
    one, two = net.router(1, 65001), net.router(2, 65002)
    net.peers(one, two, maximum_prefix=2)
    for number in (1, 2, 3):
        net.originate(two, f"{number}.0.0.0/8")
    net.run(120)
    assert one.speaker.peers[two.address].state is SessionState.IDLE
    assert any(isinstance(each, PrefixLimit) and each.exceeded for each in one.seen)
    assert not one.speaker.table


def test_route_refresh_and_soft_reconfiguration() -> None:
    for kept in (False, True):
        net = Net()
        one, two = net.router(1, 65001), net.router(2, 65002)
        one.denied_in.add(network("2.0.0.0/8"))
        net.peers(one, two, soft_reconfiguration=kept)
        net.originate(two, "2.0.0.0/8")
        net.run(60)
        peer = one.speaker.peers[two.address]
        assert one.best("2.0.0.0/8") is None
        assert bool(peer.received) == kept
        one.denied_in.clear()
        one.speaker.refresh_in(peer, net.now)
        net.run(40)
        assert one.best("2.0.0.0/8") is not None
        assert peer.messages_out["Route Refresh"] == (0 if kept else 1)


def test_default_originate_and_shutdown() -> None:
    net = Net()
    one, two = net.router(1, 65001), net.router(2, 65002)
    net.peers(one, two, default_originate=True)
    net.run(60)
    assert two.best("0.0.0.0/0") is not None
    net.peer(one, two, shutdown=True)
    net.run(60)
    assert two.best("0.0.0.0/0") is None
    assert two.speaker.peers[one.address].established is None
    assert any(isinstance(each, Notified) and (each.code, each.subcode) == (6, 2) for each in two.seen)


def test_announcements_keep_their_distance() -> None:
    net = Net()
    one, two = net.router(1, 65001), net.router(2, 65002)
    net.peers(one, two)
    net.run(60)
    net.originate(one, "1.0.0.0/8")
    net.run(1)
    net.originate(one, "2.0.0.0/8")
    net.run(1)
    assert two.best("1.0.0.0/8") is not None
    assert two.best("2.0.0.0/8") is None
    net.run(30)
    assert two.best("2.0.0.0/8") is not None


def test_four_octet_numbers_pass_a_speaker_of_two() -> None:
    net = Net()
    one, two, three = net.router(1, 200000), net.router(2, 65002), net.router(3, 65003)
    net.peers(two, one)
    net.peers(two, three, four_octet_as=False)
    net.originate(one, "1.0.0.0/8")
    net.run(60)
    assert three.best("1.0.0.0/8").as_path == path(65002, 200000)  # type: ignore[union-attr]


def test_aggregates_with_maps() -> None:
    net = Net()
    one, two, three = net.router(1, 65001), net.router(2, 65002), net.router(3, 65003)
    net.peers(one, two)
    net.peers(one, three)
    inside, outside = network("10.8.0.0/16"), network("10.9.0.0/16")
    one.maps = {"hidden": {inside}, "makers": {outside}, "unsuppress": set()}
    wanted = Aggregation(suppress="hidden", advertise="makers")
    one.speaker.aggregates.configure({network("10.8.0.0/15"): wanted}, net.now)
    net.originate(one, "10.8.0.0/16")
    net.run(60)
    assert not two.speaker.table  # it is hidden, and makes no aggregate
    net.originate(one, "10.9.0.0/16")
    net.run(60)
    assert {str(each) for each in two.speaker.table} == {"10.8.0.0/15", "10.9.0.0/16"}
    one.maps["unsuppress"] = {inside}
    one.speaker.refresh_out(one.speaker.peers[three.address], net.now)
    net.run(60)
    assert "10.8.0.0/16" in {str(each) for each in three.speaker.table}
    assert "10.8.0.0/16" not in {str(each) for each in two.speaker.table}


def test_default_while_a_map_permits() -> None:
    net = Net()
    one, two = net.router(1, 65001), net.router(2, 65002)
    net.peers(one, two, default_originate=True, default_map="upstream")
    net.run(60)
    assert two.best("0.0.0.0/0") is None
    one.maps["upstream"] = {network("8.0.0.0/8")}
    one.speaker.reconsider(one.speaker.peers[two.address], net.now)
    net.run(60)
    assert two.best("0.0.0.0/0") is not None


@pytest.mark.parametrize(
    ("prepends", "replaces", "heard", "told"),
    [
        (True, False, (65010, 65002), (65010, 65001)),
        (False, False, (65002,), (65010, 65001)),
        (False, True, (65002,), (65010,)),
    ],
)
def test_another_as_towards_a_peer(
    prepends: bool, replaces: bool, heard: tuple[int, ...], told: tuple[int, ...]
) -> None:
    net = Net()
    one, two = net.router(1, 65001), net.router(2, 65002)
    net.peers(one, two)
    net.peer(one, two, local_as=LocalAs(65010, prepends, replaces))
    net.originate(one, "1.0.0.0/8")
    net.originate(two, "2.0.0.0/8")
    net.run(60)
    assert two.speaker.peers[one.address].established is None  # it expects the AS that it knows
    net.peer(two, one, remote_as=65010)
    net.run(120)
    assert one.best("2.0.0.0/8").as_path == path(*heard)  # type: ignore[union-attr]
    assert two.best("1.0.0.0/8").as_path == path(*told)  # type: ignore[union-attr]


def test_as_override_and_next_hop_unchanged() -> None:
    net = Net()
    site, provider, other = net.router(1, 65001), net.router(2, 65002), net.router(3, 65001)
    net.peers(site, provider)
    net.peers(provider, other)
    net.originate(site, "1.0.0.0/8")
    net.run(60)
    assert other.best("1.0.0.0/8") is None  # its own AS is in the path
    net.peer(provider, other, as_override=True, next_hop_unchanged=True)
    provider.speaker.refresh_out(provider.speaker.peers[other.address], net.now)
    net.run(60)
    found = other.best("1.0.0.0/8")
    assert found is not None
    assert found.as_path == path(65002, 65002)
    assert found.next_hop == site.address
