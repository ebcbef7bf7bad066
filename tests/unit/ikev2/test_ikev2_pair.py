"""Two engines and a wire: exchanges, refusals, renewals and their collisions, loss."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest
from ikev2_pair import AES, AES256, CBC, CBC5, GCM, A, B, Pair

from iosemu.ike.types import Datagram, Encapsulation, Endpoint, Identity, TrafficSelector
from iosemu.ikev2 import events
from iosemu.ikev2.configuration import EapStep, Limits, Liveness
from iosemu.ikev2.events import Step
from iosemu.ikev2.informational import Liveness as Probe
from iosemu.ikev2.numbers import ExchangeType, Notify
from iosemu.ikev2.sa import Nat, State
from iosemu.packets.eap import EapCode, EapPacket, EapType


def steps(pair: Pair, address: IPv4Address) -> list[Step]:
    return [each.step for each in pair.happened[address] if isinstance(each, events.Told)]


def exchanges(pair: Pair) -> list[int]:
    return [each.data[18 + (4 if each.source.port == 4500 else 0)] for each in pair.sent]


def states(pair: Pair) -> list[list[State]]:
    return [[sa.state for sa in engine.sas] for engine in pair.engines.values()]


@pytest.mark.parametrize("suite", [CBC, CBC5, GCM], ids=lambda suite: suite.name + str(suite.groups[0]))
def test_four_messages_make_both_sas(suite: object) -> None:
    pair = Pair()
    pair.a.suites = pair.b.suites = (suite,)
    pair.up()
    assert exchanges(pair) == [34, 34, 35, 35]
    pair.agree()
    assert len(pair.installed(A)) == 1
    assert states(pair) == [[State.READY], [State.READY]]


def test_the_responder_asks_for_its_group() -> None:
    pair = Pair()
    pair.a.suites, pair.b.suites = (CBC5,), (CBC,)
    pair.up()
    assert exchanges(pair) == [34, 34, 34, 34, 35, 35]
    pair.agree()
    assert Step.OTHER_GROUP in steps(pair, A)


def test_no_common_proposal() -> None:
    pair = Pair()
    pair.a.suites, pair.b.suites = (CBC,), (GCM,)
    pair.up()
    (failure,) = pair.of(A, events.RequestFailed)
    assert failure.refusal == Notify.NO_PROPOSAL_CHOSEN
    assert states(pair) == [[], []]


@pytest.mark.parametrize("wrong", ["a", "b"])
def test_wrong_key(wrong: str) -> None:
    pair = Pair()
    getattr(pair, wrong).own_key = b"other"
    pair.up()
    assert states(pair) == [[], []]
    assert not pair.installed(A)
    assert not pair.installed(B)
    assert pair.of(A, events.RequestFailed)
    assert Step.AUTH_FAILED in steps(pair, B if wrong == "a" else A)


def test_asymmetric_keys() -> None:
    pair = Pair()
    pair.a.own_key = pair.b.peer_key = b"from a"
    pair.a.peer_key = pair.b.own_key = b"from b"
    pair.up()
    pair.agree()
    assert pair.installed(A)


@pytest.mark.parametrize("who", ["a", "b"])
def test_unknown_identity(who: str) -> None:
    pair = Pair()
    getattr(pair, who).known = False
    pair.up()
    assert states(pair) == [[], []]


def test_refused_child_ends_the_sa_too() -> None:
    pair = Pair()
    pair.b.children = (AES256,)
    pair.up()
    (failure,) = pair.of(A, events.RequestFailed)
    assert failure.refusal == Notify.NO_PROPOSAL_CHOSEN
    assert exchanges(pair)[4:] == [37, 37, 37, 37]
    assert states(pair) == [[], []]


def test_unacceptable_selectors() -> None:
    pair = Pair()
    pair.b.far = IPv4Network("172.16.0.0/16")
    pair.up()
    (failure,) = pair.of(A, events.RequestFailed)
    assert failure.refusal == Notify.TS_UNACCEPTABLE


def test_selectors_are_narrowed() -> None:
    pair = Pair()
    pair.b.far = IPv4Network("192.168.1.64/26")
    pair.up()
    pair.agree()
    (child,) = pair.installed(A).values()
    assert child.local_selector.network == pair.b.far


@pytest.mark.parametrize("both", [True, False])
def test_transport_mode_needs_both(both: bool) -> None:
    pair = Pair()
    transport = replace(AES, encapsulation=Encapsulation.TRANSPORT)
    pair.a.children = (transport,)
    pair.b.children = (transport,) if both else (AES,)
    pair.up()
    pair.agree()
    (child,) = pair.installed(A).values()
    wanted = Encapsulation.TRANSPORT if both else Encapsulation.TUNNEL
    assert child.proposal.encapsulation is wanted


def test_cookies_under_load() -> None:
    pair = Pair()
    pair.b.caps = Limits(cookie_threshold=1)
    flood = Pair(seed=9)
    flood.one.initiate(flood.a.request(B), flood.now)
    flood.collect()
    pair.deliver(flood.wire[0])
    pair.collect()
    pair.wire.clear()
    pair.up()
    pair.agree()
    assert pair.installed(A)
    counters = pair.two.counters
    assert (counters.challenge_missing, counters.challenge_accepted) == (1, 1)


def test_limits() -> None:
    pair = Pair()
    pair.b.caps = Limits(negotiating=1)
    flood = Pair(seed=9)
    flood.one.initiate(flood.a.request(B), flood.now)
    flood.collect()
    pair.deliver(flood.wire[0])
    pair.up()
    assert pair.two.counters.limit_rejected == 1
    pair.pass_time(40)  # the half-open SA is given up, and the request repeated
    pair.agree()
    assert pair.installed(A)


def test_second_child_and_window() -> None:
    pair = Pair().up()
    pair.a.far = pair.b.lan = IPv4Network("192.168.3.0/24")
    pair.one.initiate(pair.a.request(B), pair.now)
    pair.run()
    pair.agree()
    assert len(pair.installed(A)) == 2
    assert exchanges(pair)[4:] == [36, 36]


def test_requests_wait_for_the_sa() -> None:
    pair = Pair()
    pair.one.initiate(pair.a.request(B), pair.now)
    pair.a.far = IPv4Network("192.168.3.0/24")
    pair.one.initiate(pair.a.request(B), pair.now)
    pair.b.lan = IPv4Network("192.168.0.0/16")
    pair.run()
    pair.agree()
    assert len(pair.installed(A)) == 2


@pytest.mark.parametrize("group", [None, 2, 19])
@pytest.mark.parametrize("who", [A, B])
def test_child_renewal(who: IPv4Address, group: int | None) -> None:
    pair = Pair().up()
    pair.a.pfs = pair.b.pfs = group
    (old,) = pair.installed(who)
    settings = pair.a if who == A else pair.b
    pair.engines[who].initiate(settings.request(B if who == A else A), pair.now, replaces=old)
    pair.run()
    pair.agree()
    (new,) = pair.installed(who)
    assert new != old
    assert states(pair) == [[State.READY], [State.READY]]


def test_both_renew_the_same_child() -> None:
    """Of the two successors one stays; both ends keep the same one (RFC 7296, 2.8.1)."""
    for seed in range(6):
        pair = Pair(seed).up()
        (old_a,), (old_b,) = pair.installed(A), pair.installed(B)
        pair.one.initiate(pair.a.request(B), pair.now, replaces=old_a)
        pair.two.initiate(pair.b.request(A), pair.now, replaces=old_b)
        pair.run()
        pair.agree()
        (new,) = pair.installed(A)
        assert new != old_a
        assert Step.COLLISION in steps(pair, A) + steps(pair, B)


@pytest.mark.parametrize("who", [A, B])
def test_ike_renewal_takes_the_children_along(who: IPv4Address) -> None:
    pair = Pair()
    pair.a.seconds = 1000 if who == A else 86400
    pair.b.seconds = 1000 if who == B else 86400
    pair.up()
    before = dict(pair.installed(A))
    pair.pass_time(985)
    assert pair.installed(A) == before
    assert states(pair) == [[State.READY], [State.READY]]
    (sa,) = pair.one.sas
    assert sa.spi_i not in {each.data[:8] for each in pair.sent[:4]}
    (spi,) = sa.children
    pair.one.initiate(pair.a.request(B), pair.now, replaces=spi)
    pair.run()
    pair.agree()


def test_both_renew_the_ike_sa() -> None:
    for seed in range(6):
        pair = Pair(seed)
        pair.a.seconds, pair.b.seconds = 1000, 974.3589743589744  # both at 950 s
        pair.up()
        ends = [next(iter(engine.sas)) for engine in pair.engines.values()]
        for end in ends:
            end.rekey_at = pair.now + 950
        for engine, end in zip(pair.engines.values(), ends, strict=True):
            engine._machine.touch(end)
        pair.a.seconds = pair.b.seconds = 86400
        pair.pass_time(955)
        assert states(pair) == [[State.READY], [State.READY]]
        one, two = (next(iter(engine.sas)) for engine in pair.engines.values())
        assert (one.spi_i, one.spi_r) == (two.spi_i, two.spi_r)
        assert len(one.children) == len(two.children) == 1
        assert Step.COLLISION in steps(pair, A) + steps(pair, B)


def test_renewal_of_a_child_that_the_peer_does_not_know() -> None:
    pair = Pair().up()
    (spi,) = pair.installed(A)
    other = next(iter(pair.two.sas))
    pair.two._machine.drop_child(other, next(iter(other.children.values())))
    pair.one.initiate(pair.a.request(B), pair.now, replaces=spi)
    pair.run()
    pair.agree()
    assert len(pair.installed(A)) == 1


def test_no_child_work_while_the_ike_sa_is_renewed() -> None:
    pair = Pair().up()
    sa = next(iter(pair.one.sas))
    sa.rekey_at = pair.now
    pair.one._machine.touch(sa)
    pair.one.tick(pair.now)
    pair.collect()
    renewal = pair.wire.pop(0)
    pair.a.lan = IPv4Network("192.168.0.0/16")
    (spi,) = pair.installed(B)
    pair.two.initiate(pair.b.request(A), pair.now, replaces=spi)
    pair.run()
    (failure,) = pair.of(B, events.RequestFailed)
    assert failure.refusal == Notify.TEMPORARY_FAILURE
    pair.wire.append(renewal)
    pair.run()
    pair.agree()
    assert states(pair) == [[State.READY], [State.READY]]


def test_child_work_of_this_side_waits_for_the_renewal_of_the_ike_sa() -> None:
    pair = Pair().up()
    (sa,) = pair.one.sas
    sa.rekey_at = pair.now
    pair.one._machine.touch(sa)
    pair.one.tick(pair.now)
    pair.a.far = pair.b.lan = IPv4Network("192.168.3.0/24")
    pair.one.initiate(pair.a.request(B), pair.now)
    assert len(sa.pending) == len(sa.queue) == 1
    pair.run()
    pair.agree()
    assert len(pair.installed(A)) == 2
    assert states(pair) == [[State.READY], [State.READY]]
    (after,) = pair.one.sas
    assert len(after.children) == 2


def test_the_renewal_of_the_ike_sa_waits_for_child_work() -> None:
    pair = Pair().up()
    (sa,) = pair.one.sas
    pair.a.far = pair.b.lan = IPv4Network("192.168.3.0/24")
    pair.one.initiate(pair.a.request(B), pair.now)
    sa.rekey_at = pair.now
    pair.one._machine.touch(sa)
    pair.one.tick(pair.now)
    assert len(sa.pending) == len(sa.queue) == 1
    pair.run()
    pair.agree()
    (after,) = pair.one.sas
    assert after is not sa
    assert len(after.children) == 2


@pytest.mark.parametrize("who", [A, B])
def test_deletion_of_a_child_ends_what_is_left(who: IPv4Address) -> None:
    pair = Pair().up()
    (spi,) = pair.installed(who)
    pair.engines[who].delete_child(spi, pair.now)
    pair.run()
    assert not pair.installed(A)
    assert not pair.installed(B)
    assert states(pair) == [[], []]


def test_both_delete_the_child() -> None:
    pair = Pair().up()
    for address, engine in pair.engines.items():
        (spi,) = pair.installed(address)
        engine.delete_child(spi, pair.now)
    pair.run()
    assert states(pair) == [[], []]


@pytest.mark.parametrize("who", [A, B])
def test_deletion_of_the_sa(who: IPv4Address) -> None:
    pair = Pair().up()
    assert pair.engines[who].delete_sa(pair.now) == 1
    pair.run()
    assert states(pair) == [[], []]
    assert not pair.installed(A)
    assert not pair.installed(B)


@pytest.mark.parametrize("lost", range(1, 8))
def test_any_datagram_may_be_lost(lost: int) -> None:
    """Also of the renewals that follow, every single one is made up for."""
    pair = Pair()
    count = 0

    def lose(datagram: Datagram) -> Datagram | None:
        nonlocal count
        count += 1
        return None if count == lost else datagram

    pair.change = lose
    pair.up()
    pair.pass_time(10)
    (spi,) = pair.installed(A)
    pair.one.initiate(pair.a.request(B), pair.now, replaces=spi)
    pair.pass_time(10)
    pair.agree()
    assert len(pair.installed(A)) == 1
    assert states(pair) == [[State.READY], [State.READY]]


def test_duplicates_change_nothing() -> None:
    pair = Pair()
    pair.one.initiate(pair.a.request(B), pair.now)
    pair.collect()
    for _ in range(40):
        if not pair.wire:
            break
        datagram = pair.wire.pop(0)
        pair.deliver(datagram)
        pair.deliver(datagram)
        pair.collect()
    assert not pair.wire or len(pair.wire) < 10
    pair.wire.clear()
    pair.agree()
    assert len(pair.installed(A)) == 1


def test_nobody_answers() -> None:
    pair = Pair()
    pair.change = lambda _: None
    pair.up()
    pair.pass_time(200)
    assert exchanges(pair) == [34] * 6
    (failure,) = pair.of(A, events.RequestFailed)
    assert "retransmissions" in failure.reason
    assert states(pair) == [[], []]


@pytest.mark.parametrize("periodic", [True, False])
def test_liveness(periodic: bool) -> None:
    pair = Pair()
    pair.a.dpd = Liveness(10, 3, periodic)
    pair.up()
    pair.pass_time(25)
    if not periodic:
        assert exchanges(pair)[4:] == []
        pair.one.traffic_sent(B, pair.now)
        pair.run()
    probes = exchanges(pair)[4:]
    assert set(probes) == {ExchangeType.INFORMATIONAL}
    assert len(probes) == (4 if periodic else 2)
    pair.change = lambda _: None
    pair.pass_time(11)
    pair.one.traffic_sent(B, pair.now)
    pair.pass_time(40)
    assert pair.of(A, events.PeerDead)
    assert not pair.installed(A)
    assert not list(pair.one.sas)


def test_nat_floats_and_wraps() -> None:
    """A PAT before a: its source is another address and port for b."""
    outside = Endpoint(IPv4Address("203.0.113.9"), 61000)
    pair = Pair()
    engines = pair.engines
    engines[outside.address] = engines.pop(A)
    pair.happened[outside.address] = pair.happened[A]
    ports: dict[int, Endpoint] = {}

    def translate(datagram: Datagram) -> Datagram:
        if datagram.source.address == A:
            public = replace(outside, port=60000 + datagram.source.port)
            ports[public.port] = datagram.source
            return replace(datagram, source=public)
        return replace(datagram, destination=ports[datagram.destination.port])

    pair.change = translate
    pair.engines[outside.address].initiate(pair.a.request(B), pair.now)
    pair.run()
    a, b = next(iter(pair.engines[outside.address].sas)), next(iter(pair.two.sas))
    assert a.nat == Nat(local=True)
    assert b.nat == Nat(peer=True)
    assert (a.local.port, a.peer.port, b.local.port, b.peer.port) == (4500, 4500, 4500, 64500)
    (child,) = pair.installed(B).values()
    assert child.proposal.encapsulation is Encapsulation.UDP_TUNNEL
    assert child.peer == Endpoint(outside.address, 64500)


def test_fragments() -> None:
    pair = Pair()
    pair.a.mtu = pair.b.mtu = 300
    pair.up()
    pair.agree()
    assert exchanges(pair).count(35) > 2
    assert all(len(each.data) + 28 <= 300 for each in pair.sent if each.data[18] != 34)


@pytest.mark.parametrize("lost", range(3, 9))
def test_lost_fragments_are_made_up_for(lost: int) -> None:
    pair = Pair()
    pair.a.mtu = pair.b.mtu = 300
    count = 0

    def lose(datagram: Datagram) -> Datagram | None:
        nonlocal count
        count += 1
        return None if count == lost else datagram

    pair.change = lose
    pair.up()
    pair.pass_time(10)
    pair.agree()
    assert len(pair.installed(A)) == 1


def test_initial_contact_ends_what_was_before() -> None:
    pair = Pair().up()
    pair.now += 5
    for sa in pair.one.sas:
        pair.one._machine.remove(sa, "reload")
    pair.run()
    pair.up()
    pair.agree()
    assert len(pair.installed(B)) == 1
    assert states(pair) == [[State.READY], [State.READY]]


def test_both_begin_at_once() -> None:
    for seed in range(8):
        pair = Pair(seed)
        pair.one.initiate(pair.a.request(B), pair.now)
        pair.two.initiate(pair.b.request(A), pair.now)
        pair.run()
        pair.agree()
        assert len(pair.installed(A)) == 1
        assert states(pair) == [[State.READY], [State.READY]]


def test_both_begin_at_once_after_long_silence() -> None:
    """The requests of both were lost for a while: what counts is when they are answered."""
    for seed in range(4):
        pair = Pair(seed)
        pair.change = lambda _: None
        pair.one.initiate(pair.a.request(B), pair.now)
        pair.pass_time(1)
        pair.two.initiate(pair.b.request(A), pair.now)
        pair.pass_time(45)
        pair.change = lambda each: each
        pair.pass_time(40)
        pair.agree()
        assert len(pair.installed(A)) == 1
        assert states(pair) == [[State.READY], [State.READY]]


def test_unknown_spi_is_told_of() -> None:
    pair = Pair().up()
    sa = next(iter(pair.one.sas))
    for other in pair.two.sas:
        pair.two._machine.remove(other, "reload")
    pair.one._machine.begin(sa, Probe(2.0))
    pair.run()
    assert Notify.INVALID_IKE_SPI in pair.two.counters.notifications
    # in clear, so it may be forged: the SA stays until nobody answers
    assert states(pair)[0] == [State.READY]


def test_another_major_version() -> None:
    pair = Pair()
    pair.one.initiate(pair.a.request(B), pair.now)
    pair.collect()
    first = pair.wire.pop(0)
    data = bytearray(first.data)
    data[17] = 0x30
    pair.deliver(replace(first, data=bytes(data)))
    pair.collect()
    (answer,) = pair.wire
    assert answer.data[17] == 0x20
    assert answer.data[19] & 0x20
    assert int.from_bytes(answer.data[34:36]) == Notify.INVALID_MAJOR_VERSION


def test_a_peer_that_is_not_what_it_has_to_be_gets_no_child_sa() -> None:
    pair = Pair()
    pair.a.stranger = Identity.address(B)
    pair.up()
    assert pair.of(A, events.RequestFailed)
    assert not pair.installed(A)
    assert not pair.installed(B), "what it had made is deleted"


def test_no_further_child_sa_is_asked_of_a_peer_that_does_not_fit_any_more() -> None:
    pair = Pair().up()
    assert len(pair.installed(A)) == 1
    pair.a.stranger = Identity.address(B)
    pair.sent.clear()
    other = replace(pair.a.request(B), local_selector=TrafficSelector(IPv4Network("192.168.9.0/24")))
    pair.one.initiate(other, pair.now)
    pair.run()
    assert pair.of(A, events.RequestFailed)
    assert not pair.sent


def test_a_peer_has_so_long_for_its_next_step_of_eap() -> None:
    pair = Pair()
    pair.a.by_eap = lambda _profile: True  # type: ignore[method-assign]
    pair.b.verifies = lambda _profile, method: method == "EAP"  # type: ignore[method-assign]
    asks = EapPacket(EapCode.REQUEST, 1, EapType.IDENTITY).to_bytes()
    pair.b.eap = lambda _asking: EapStep(asks)  # type: ignore[method-assign]
    pair.b.eap_timeout = lambda _profile: 60.0  # type: ignore[method-assign]
    pair.up()
    assert not list(pair.one.sas), "nobody speaks for the user, and says so to nobody"
    pair.pass_time(59)
    assert len(list(pair.two.sas)) == 1
    pair.pass_time(2)
    assert not list(pair.two.sas)
