"""Cisco HDLC and SLARP against captured frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.packets.dissect import dissect
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.framing import Framing, guess
from iosemu.packets.hdlc import SLARP, HdlcAddress, HdlcFrame, SlarpKeepalive, slarp

KEEPALIVE = bytes.fromhex("8f008035000000020000000500000002ffff0078f0a20000")
"""From a capture of two routers; the four octets before the last two are the sender's uptime."""
ECHO = bytes.fromhex(
    "0f0008004500006400000000ff01a7960a0000010a0000020800320b000000000000000000034c3cabcdabcdabcdabcdabcdabcd"
    "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd"
)
REQUEST = bytes.fromhex("8f0080350000000000000000000000000000000000000000")


def test_a_captured_keepalive() -> None:
    frame = HdlcFrame.parse(KEEPALIVE)
    assert (frame.address, frame.protocol) == (HdlcAddress.MULTICAST, SLARP)
    keepalive = slarp(frame.payload)
    assert keepalive == SlarpKeepalive(mine=5, yours=2, uptime=0x78F0A2)
    ours = HdlcFrame(frame.address, SLARP, keepalive.to_bytes()).to_bytes()
    assert len(ours) == len(KEEPALIVE)
    assert ours == KEEPALIVE
    assert "outgoing 5, returned 2" in dissect(KEEPALIVE).summary.info


def test_a_captured_echo() -> None:
    frame = HdlcFrame.parse(ECHO)
    assert (frame.address, frame.protocol) == (HdlcAddress.UNICAST, 0x0800)
    assert frame.to_bytes() == ECHO
    seen = dissect(ECHO)
    assert seen.malformed is None
    assert (seen.summary.source, seen.summary.destination) == ("10.0.0.1", "10.0.0.2")


def test_a_request_is_no_keepalive() -> None:
    assert slarp(HdlcFrame.parse(REQUEST).payload) is None


@pytest.mark.parametrize("data", [b"", b"\x0f\x00\x08", b"\xff\x03\xc0\x21", b"\x0f\x01\x08\x00"])
def test_other_framings_are_refused(data: bytes) -> None:
    assert data.startswith(b"\x0f\x00") or guess(data) is not Framing.HDLC
    with pytest.raises(MalformedPacket):
        HdlcFrame.parse(data)


@given(st.sampled_from(HdlcAddress), st.integers(0, 0xFFFF), st.binary(max_size=64))
def test_frames_come_back(address: HdlcAddress, protocol: int, payload: bytes) -> None:
    frame = HdlcFrame(address, protocol, payload)
    assert HdlcFrame.parse(frame.to_bytes()) == frame
    dissect(frame.to_bytes())


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_keepalives_come_back(mine: int, yours: int) -> None:
    keepalive = SlarpKeepalive(mine, yours)
    assert slarp(keepalive.to_bytes()) == keepalive
