"""Long IKEv1 messages go in fragments where both ends take them, and come together again whatever happens to them."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ike_pair import A, B, Pair, endpoint, policy

from iosemu.ike import events, fragments, vendor
from iosemu.ike.fragments import MTU, Assembly, Fragment
from iosemu.ike.header import HEADER_LENGTH, ExchangeType, Header, MalformedMessage, PayloadType
from iosemu.ike.types import Datagram

COOKIES = bytes(range(1, 9)), bytes(range(11, 19))
FOUR_OF_SIX = 4
"""Messages 3 and 4 of main mode are too long with group 16: two fragments each."""


class Fragmenting(Pair):
    """Both with keys of 512 octets; `takes` says who takes fragments."""

    def __init__(self, *takes: IPv4Address) -> None:
        super().__init__()
        for side in (self.r1, self.r2):
            side.configuration.suites = [policy(group=16)]
            side.configuration.fragmentation = lambda own=side.address in takes: own  # type: ignore[method-assign]

    @property
    def pieces(self) -> list[Datagram]:
        return [each for each in self.wire if each.data[16] == PayloadType.FRAGMENT]


def test_long_messages_are_cut() -> None:
    pair = Fragmenting(A, B)
    pair.initiate()
    assert pair.children()
    assert len(pair.pieces) == FOUR_OF_SIX
    assert all(len(each.data) + 28 + 4 <= MTU for each in pair.wire)
    assert {each.data[18] for each in pair.pieces} == {ExchangeType.MAIN}
    assert pair.r1.sa.fragments
    assert not pair.r1.of(events.BadMessage)


@pytest.mark.parametrize("takes", [(), (A,), (B,)])
def test_both_must_want_it(takes: tuple[IPv4Address, ...]) -> None:
    pair = Fragmenting(*takes)
    pair.initiate()
    assert pair.children()
    assert not pair.pieces
    said = [fragments.OWN_VENDOR_ID in each.data for each in pair.wire]
    assert any(said) is (A in takes), "a responder says it of itself where it is asked alone"


def test_aggressive_mode_says_it_too() -> None:
    pair = Fragmenting(A, B)
    pair.initiate(aggressive=True)
    pair.advance(2)
    assert pair.children()
    assert [each.source.address for each in pair.pieces] == [B, B], (
        "the first message comes before it is agreed on"
    )


def test_every_single_loss_of_a_fragment_is_repaired() -> None:
    for lost in range(FOUR_OF_SIX):
        pair, seen = Fragmenting(A, B), 0

        def once(each: Datagram, lost: int = lost) -> Datagram | None:
            nonlocal seen
            if each.data[16] != PayloadType.FRAGMENT:
                return each
            seen += 1
            return None if seen == lost + 1 else each

        pair.filter = once
        pair.initiate()
        pair.advance(30)
        assert pair.children(), f"without fragment {lost}"


def test_order_and_repetition_do_not_matter() -> None:
    pair, held = Fragmenting(A, B), []

    def swap(each: Datagram) -> Datagram | None:
        """The first waits for the second; both come twice."""
        if each.data[16] != PayloadType.FRAGMENT:
            return each
        held.append(each)
        if len(held) == 1:
            return None
        side = pair.r1 if each.destination.address == A else pair.r2
        for other in (held[1], held[1], held[0], held[0]):
            side.engine.receive(other.data, other.destination, other.source, pair.now)
        held.clear()
        return None

    pair.filter = swap
    pair.initiate()
    pair.advance(60)
    assert pair.children()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body[:7],
        lambda body: body[:2] + b"\x00\x05" + body[4:],
        lambda body: b"\x01" + body[1:],
        lambda body: body[:6] + b"\x00" + body[7:],
        lambda body: body[:6] + b"\xff" + body[7:],
    ],
    ids=["short", "length", "followed", "number 0", "number 255"],
)
def test_what_is_no_fragment_is_dropped(spoil) -> None:
    pair, spoiled = Fragmenting(A, B), 0

    def once(each: Datagram) -> Datagram:
        nonlocal spoiled
        if each.data[16] != PayloadType.FRAGMENT or spoiled:
            return each
        spoiled += 1
        body = spoil(each.data[HEADER_LENGTH:])
        head = each.data[:24] + (HEADER_LENGTH + len(body)).to_bytes(4)
        return replace(each, data=head + body)

    pair.filter = once
    pair.initiate()
    assert pair.r2.of(events.BadMessage)
    pair.advance(30)
    assert pair.children()


def test_fragments_that_nobody_agreed_on_are_dropped() -> None:
    pair = Fragmenting()
    pair.initiate()
    cookies = (pair.r1.sa.cookie_i, pair.r1.sa.cookie_r)
    message = Header(*cookies, 0, ExchangeType.MAIN).before(13, HEADER_LENGTH + 900) + bytes(900)
    for each in fragments.cut(message, 1):
        pair.r2.engine.receive(each, endpoint(B), endpoint(A), pair.now)
        stranger = bytes(8 * [9]) + each[8:]
        pair.r2.engine.receive(stranger, endpoint(B), endpoint(A), pair.now)
    pair.settle()
    assert len(pair.r2.of(events.BadMessage)) == 2
    assert len(pair.r2.of(events.NoSa)) == 2
    assert pair.r2.sa.up


def test_whose_vendor_id_says_so() -> None:
    base = vendor.FRAGMENTATION
    assert fragments.announces(base)
    assert fragments.announces(base + bytes.fromhex("80000000"))
    assert not fragments.announces(base + bytes.fromhex("40000000"))
    assert not fragments.announces(base[:-1])
    assert not fragments.announces(vendor.DPD)


@given(st.binary(min_size=1, max_size=4000), st.randoms(), st.integers(0, 0xFFFF))
def test_what_is_cut_comes_together_in_any_order(body: bytes, random, identifier: int) -> None:
    whole = Header(*COOKIES, 0, ExchangeType.QUICK, 1, 77).before(8, HEADER_LENGTH + len(body)) + body
    pieces = fragments.cut(whole, identifier)
    random.shuffle(pieces)
    assembly, found = Assembly(), None
    for number, each in enumerate(pieces, 1):
        header = Header.parse(each)
        assert (header.message_id, header.encrypted) == (77, False)
        found = assembly.add(header, Fragment.parse(each[HEADER_LENGTH:]))
        assert (found is not None) is (number == len(pieces))
    assert found == whole


@given(st.binary(max_size=60))
def test_any_octets_are_a_fragment_or_none(body: bytes) -> None:
    try:
        Fragment.parse(body)
    except MalformedMessage:
        return


def test_too_much_is_not_kept() -> None:
    assembly = Assembly()
    header = Header(*COOKIES, PayloadType.FRAGMENT, ExchangeType.MAIN)
    for number in range(1, 60):
        assert assembly.add(header, Fragment(1, number, False, bytes(1000))) is None
    assert assembly.add(header, Fragment(1, 60, True, b"")) is None, "the first ones were let go"
