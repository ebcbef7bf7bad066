"""Opening, closing, refusing and giving up (RFC 9293 3.5, 3.6, 3.8)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from iosemu.packets.tcp import TcpFlags, TcpSegment
from iosemu.tcp import (
    BadAuthentication,
    Closed,
    Connected,
    Keepalive,
    PeerClosed,
    Refused,
    Reset,
    State,
    TcpConfig,
    TimedOut,
)
from tests.unit.tcp.pair import SERVER, Pair


def kinds(events: list[object]) -> list[type]:
    return [type(event) for event in events]


def test_handshake_and_close_from_one_side_then_the_other() -> None:
    pair = Pair()
    ours, theirs = pair.open()
    assert (ours.state, theirs.state) == (State.ESTABLISHED, State.ESTABLISHED)
    ours.close(pair.now)
    pair.settle()
    assert (ours.state, theirs.state) == (State.FIN_WAIT_2, State.CLOSE_WAIT)
    assert kinds(pair.server_events) == [PeerClosed]
    # the half that is open still carries data
    theirs.send(b"late", pair.now)
    pair.settle()
    assert ours.read(pair.now) == b"late"
    theirs.close(pair.now)
    pair.settle()
    assert (ours.state, theirs.state) == (State.TIME_WAIT, State.CLOSED)
    pair.run(61)
    assert len(pair.client) == 0


def test_both_close_at_once() -> None:
    pair = Pair()
    ours, theirs = pair.open()
    ours.close(pair.now)
    theirs.close(pair.now)
    pair.settle()
    assert (ours.state, theirs.state) == (State.TIME_WAIT, State.TIME_WAIT)
    assert Closed in kinds(pair.client_events)
    assert Closed in kinds(pair.server_events)


def test_nobody_listens() -> None:
    pair = Pair()
    ours = pair.connect(port=99)
    pair.settle()
    assert ours.state is State.CLOSED
    assert kinds(pair.client_events) == [Refused]
    assert pair.server.statistics.no_port == 1
    reply = TcpSegment.parse(pair.sent[-1][1].data)
    assert reply.flags == TcpFlags.RST | TcpFlags.ACK
    assert reply.acknowledgment == TcpSegment.parse(pair.sent[0][1].data).sequence + 1


def test_nobody_answers() -> None:
    pair = Pair()
    pair.wire.drop = lambda _index, segment: segment.destination == SERVER
    pair.connect()
    pair.run(29)
    assert not pair.client_events
    pair.run(2)
    assert kinds(pair.client_events) == [TimedOut]
    times = [when for when, _ in pair.sent]
    assert [later - first for first, later in pairwise(times)] == [1, 2, 4, 8]


def test_abort_resets_the_peer() -> None:
    pair = Pair()
    ours, theirs = pair.open()
    ours.abort(pair.now)
    pair.settle()
    assert theirs.state is State.CLOSED
    assert kinds(pair.server_events) == [Reset]


def test_a_reset_beside_the_window_is_challenged() -> None:
    pair = Pair()
    ours, theirs = pair.open()
    view = theirs.view()
    forged = TcpSegment(ours.local.port, 23, (view.receive_next + 100) % 2**32, 0, TcpFlags.RST)
    pair.server.receive(forged.to_bytes(ours.local.address, SERVER), ours.local.address, SERVER, pair.now)
    assert theirs.state is State.ESTABLISHED
    assert pair.server.statistics.challenge_ack == 1


def test_keepalive_finds_a_dead_peer() -> None:
    pair = Pair(config=TcpConfig(keepalive=Keepalive(60, 60, 4)))
    _ours, theirs = pair.open()
    pair.run(600)
    assert theirs.state is State.ESTABLISHED
    pair.wire.loss = 1.0
    pair.run(400)
    assert TimedOut in kinds(pair.client_events)
    assert len(pair.client) == 0


def test_signatures_must_fit() -> None:
    pair = Pair()
    pair.client.set_md5_key(pair.server_address, b"one")
    pair.server.set_md5_key(pair.client_address, b"two")
    pair.server.listen(179)
    pair.connect(179)
    pair.run(5)
    assert {type(event) for event in pair.server_events} == {BadAuthentication}
    assert len(pair.server) == 0
    pair.server.set_md5_key(pair.client_address, b"one")
    pair.run(10)
    assert kinds(pair.client_events) == [Connected]


def test_unsigned_segments_are_refused_where_a_key_is_set() -> None:
    pair = Pair()
    pair.server.set_md5_key(pair.client_address, b"two")
    pair.server.listen(179)
    pair.connect(179)
    pair.run(40)
    assert kinds(pair.client_events) == [TimedOut]


def test_ttl_security() -> None:
    pair = Pair(server_config=replace(TcpConfig(), minimum_ttl=254))
    pair.server.listen(179)
    pair.connect(179)
    for segment in pair.client.segments():
        pair.server.receive(segment.data, segment.source, segment.destination, pair.now, ttl=253)
        assert len(pair.server) == 0
        pair.server.receive(segment.data, segment.source, segment.destination, pair.now, ttl=254)
        assert len(pair.server) == 1
