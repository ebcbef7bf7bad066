"""Damaged and hostile messages: answered as RFC 7296 says, never an exception, never another SA's end."""

from __future__ import annotations

import struct
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from ikev2_pair import A, B, Pair

from iosemu.ike.types import Datagram
from iosemu.ikev2.message import HEADER_LENGTH, Header, open_sealed
from iosemu.ikev2.numbers import ExchangeType, Notify, PayloadType
from iosemu.ikev2.payloads import MalformedMessage, Notification, read_chain, write_chain
from iosemu.ikev2.sa import IkeSa, State


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 5), st.integers(0, 2000), st.integers(1, 255))
def test_damage_on_the_way_is_made_up_for(which: int, where: int, flip: int) -> None:
    """One datagram of the first six is damaged; repetitions bring both SAs up, or the SA is refused cleanly."""
    pair = Pair()
    count = -1

    def damage(datagram: Datagram) -> Datagram:
        nonlocal count
        count += 1
        if count != which:
            return datagram
        data = bytearray(datagram.data)
        data[where % len(data)] ^= flip
        return replace(datagram, data=bytes(data))

    pair.change = damage
    pair.up()
    pair.pass_time(300)
    pair.agree()
    if not pair.installed(A):
        pair.up()
        pair.pass_time(100)
        pair.agree()
    assert pair.installed(A)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200))
def test_anything_may_come(data: bytes) -> None:
    pair = Pair().up()
    sa = next(iter(pair.one.sas))
    before = dict(pair.installed(A))
    pair.one.receive(data, sa.local, sa.peer, pair.now)
    header = Header(sa.spi_i, sa.spi_r, 37, 0, next_payload=46, length=HEADER_LENGTH + len(data))
    pair.one.receive(header.to_bytes() + data, sa.local, sa.peer, pair.now)
    pair.run()
    assert pair.installed(A) == before
    assert sa.state is State.READY


@settings(deadline=None, max_examples=200)
@given(st.integers(33, 60), st.binary(max_size=80))
def test_payloads_are_read_or_refused(kind: int, body: bytes) -> None:
    chain = struct.pack("!BBH", 0, 0, 4 + len(body)) + body
    try:
        payloads = read_chain(kind, chain)
    except MalformedMessage:
        return
    if payloads:
        assert payloads == read_chain(*write_chain(payloads))


def say(pair: Pair, sa: IkeSa, exchange: int, first: int, body: bytes) -> tuple[Notification, ...]:
    """Send b an authentic message with this inside, and open what it answers."""
    assert sa.outward is not None
    assert sa.inward is not None
    size = sa.outward.size(len(body))
    head = pair.one._machine.header(sa, exchange, sa.next_request, response=False)
    whole = replace(head, next_payload=int(PayloadType.SK), length=HEADER_LENGTH + 4 + size)
    data = sa.outward.seal(whole.to_bytes() + struct.pack("!BBH", first, 0, 4 + size), body)
    pair.wire.clear()
    pair.two.receive(data, sa.peer, sa.local, pair.now)
    pair.collect()
    (answer,) = pair.wire
    piece = open_sealed(Header.parse(answer.data), answer.data, sa.inward)
    return tuple(each for each in read_chain(piece.first, piece.data) if isinstance(each, Notification))


@settings(deadline=None, max_examples=40)
@given(st.sampled_from([33, 34, 40, 41, 42, 44]), st.binary(max_size=3))
def test_authentic_nonsense_ends_the_sa(kind: int, body: bytes) -> None:
    pair = Pair().up()
    sa = next(iter(pair.one.sas))
    (answer,) = say(pair, sa, 37, kind, struct.pack("!BBH", 0, 0, 9 + len(body)) + body)
    assert answer.type == Notify.INVALID_SYNTAX
    assert not list(pair.two.sas)
    assert not pair.installed(B)


def test_an_unknown_critical_payload_is_refused_only() -> None:
    pair = Pair().up()
    sa = next(iter(pair.one.sas))
    (answer,) = say(pair, sa, 37, 99, struct.pack("!BBH", 0, 0x80, 8) + b"what")
    assert answer.type == Notify.UNSUPPORTED_CRITICAL_PAYLOAD
    assert answer.data == bytes((99,))
    assert pair.installed(B)


def test_an_unknown_payload_that_is_not_critical_is_passed_over() -> None:
    pair = Pair().up()
    sa = next(iter(pair.one.sas))
    assert say(pair, sa, 37, 99, struct.pack("!BBH", 0, 0, 8) + b"what") == ()
    assert pair.installed(B)


def test_a_request_without_its_payloads_is_invalid() -> None:
    pair = Pair().up()
    sa = next(iter(pair.one.sas))
    (answer,) = say(pair, sa, ExchangeType.CREATE_CHILD_SA, 0, b"")
    assert answer.type == Notify.INVALID_SYNTAX
