"""Frame Relay against a captured frame and Q.933's layout; LMI between two ends."""

from __future__ import annotations

import contextlib
import json
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.net.frame_relay.lmi import N391, N392, NetworkSide, UserSide
from iosemu.packets.dissect import dissect
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.frame_relay import (
    FULL,
    INTEGRITY,
    FrameRelayFrame,
    InverseArp,
    LmiMessage,
    LmiMessageType,
    LmiType,
    PvcReport,
    address_bits,
    cisco,
    ietf,
    unwrap,
)
from iosemu.packets.framing import Framing

KAT = Path(__file__).parents[2] / "data" / "kat" / "kat_ppp.json"
ECHO = next(each for each in json.loads(KAT.read_text())["vectors"] if each["link"] == "Frame Relay")


def test_a_captured_echo() -> None:
    data = bytes.fromhex(ECHO["hex"])
    frame = FrameRelayFrame.parse(data)
    assert frame.dlci == int(ECHO["fields"]["fr.dlci"][0]) == 102
    assert frame.to_bytes() == data
    assert unwrap(frame.payload)[0] == 0x0800
    found = dissect(data, framing=Framing.FRAME_RELAY)
    assert found.malformed is None
    assert found.summary.protocol == "ICMP"
    assert address_bits(102) == 0x1860


@pytest.mark.parametrize(
    ("kind", "enquiry", "status"),
    [
        (LmiType.CISCO, "fcf1030900750101000302 0700", "fcf10309007d0101000302 0107 0706006602000000"),
        (LmiType.ANSI, "0001030800 75950101000302 0700", "00010308007d950101000302 0107 0703 06b082"),
        (LmiType.Q933A, "0001030800 75510100530207 00", "00010308007d5101005302 0107 5703 06b082"),
    ],
)
def test_the_three_dialects(kind: LmiType, enquiry: str, status: str) -> None:
    ask = LmiMessage(kind, LmiMessageType.STATUS_ENQUIRY, FULL, 7, 0)
    assert ask.to_frame().to_bytes() == bytes.fromhex(enquiry)
    tell = LmiMessage(kind, LmiMessageType.STATUS, FULL, 1, 7, (PvcReport(102, True),))
    assert tell.to_frame().to_bytes() == bytes.fromhex(status)
    for each in (ask, tell):
        assert LmiMessage.parse(each.to_frame()) == each
        assert dissect(each.to_frame().to_bytes(), framing=Framing.FRAME_RELAY).summary.protocol == "LMI"


@given(
    st.sampled_from(LmiType),
    st.integers(0, 255),
    st.integers(0, 255),
    st.lists(st.builds(PvcReport, st.integers(16, 1007), st.booleans(), st.booleans()), max_size=4),
)
def test_messages_come_back(kind: LmiType, sequence: int, seen: int, circuits: list[PvcReport]) -> None:
    message = LmiMessage(kind, LmiMessageType.STATUS, FULL, sequence, seen, tuple(circuits))
    assert LmiMessage.parse(FrameRelayFrame.parse(message.to_frame().to_bytes())) == message


@given(st.binary(max_size=60))
def test_nothing_makes_the_readers_fail(data: bytes) -> None:
    for head in (b"", b"\x18\x61", b"\xfc\xf1", b"\x00\x01", b"\x18\x61\x08\x06"):
        dissect(head + data, framing=Framing.FRAME_RELAY)
        with contextlib.suppress(MalformedPacket):
            frame = FrameRelayFrame.parse(head + data)
            LmiMessage.parse(frame)
        with contextlib.suppress(MalformedPacket):
            InverseArp.parse(data)
        with contextlib.suppress(MalformedPacket):
            unwrap(data)


@pytest.mark.parametrize("ethertype", [0x0800, 0x0806, 0x2000])
def test_both_encapsulations_are_read(ethertype: int) -> None:
    assert unwrap(cisco(ethertype, b"abc")) == unwrap(ietf(ethertype, b"abc")) == (ethertype, b"abc")


def test_inverse_arp_says_who_is_there() -> None:
    packet = InverseArp(8, IPv4Address("10.0.0.1"))
    data = packet.to_bytes(102)
    assert InverseArp.parse(data) == packet
    assert data[8:10] == b"\x18\x61"


class Ends:
    """A router and a switch, and the line between them."""

    def __init__(self, kind: LmiType | None, circuits: dict[int, bool]) -> None:
        self.cut = False
        self.user = UserSide(kind, self._to_network)
        self.network = NetworkSide(LmiType.ANSI, self._to_user, lambda: circuits)
        self.reports: list[int] = []

    def _to_network(self, message: LmiMessage) -> None:
        self.reports.append(message.report)
        if not self.cut:
            self.network.receive(message)

    def _to_user(self, message: LmiMessage) -> None:
        if not self.cut:
            self.user.receive(message)


def test_the_type_is_found_out_and_all_circuits_are_told_now_and_then() -> None:
    ends = Ends(None, {102: True, 103: False})
    ends.user.poll()
    assert ends.user.kind is LmiType.ANSI
    assert ends.user.up
    assert ends.network.up
    assert ends.user.circuits == {102: True, 103: False}
    ends.reports.clear()
    for _ in range(N391):
        ends.user.poll()
    assert ends.reports.count(FULL) == 1
    assert ends.reports.count(INTEGRITY) == N391 - 1


def test_a_line_goes_down_with_the_third_error_and_comes_back() -> None:
    ends = Ends(LmiType.ANSI, {})
    ends.user.poll()
    ends.cut = True
    for _ in range(N392):
        assert ends.user.up
        ends.user.poll()
        ends.network.late()
    ends.user.poll()
    ends.network.late()
    assert not ends.user.up
    assert not ends.network.up
    ends.cut = False
    for _ in range(4):
        ends.user.poll()
        ends.network.late()
    assert ends.user.up
    assert ends.network.up


def test_another_dialect_is_not_understood() -> None:
    ends = Ends(LmiType.CISCO, {})
    for _ in range(5):
        ends.user.poll()
    assert not ends.user.up
    assert ends.network.counters.invalid == 5
