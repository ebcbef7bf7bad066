"""What packets are recognised as: RTP, by its payload types and ports."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import cast

import pytest

from iosemu.box.device import Device
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.mqc.protocols import payload_type
from iosemu.subjects.mqc.sighting import Sighting
from iosemu.subjects.qos.criteria import RtpMedia, RtpPorts

A, B = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")
NOBODY = cast(Device, None)


def datagram(port: int, data: bytes) -> Sighting:
    return Sighting(IPv4Packet(A, B, Protocol.UDP, UdpDatagram(4000, port, data).to_bytes(A, B)))


def rtp(kind: int, port: int = 16400) -> Sighting:
    return datagram(port, bytes((0x80, kind | 0x80)) + bytes(10) + b"sound")


@pytest.mark.parametrize(("kind", "audio", "video"), [
    (0, True, False), (18, True, False), (23, True, False), (24, False, True), (33, False, True), (96, False, False),
])  # fmt: skip
def test_media_are_told_by_their_payload_types(kind: int, audio: bool, video: bool) -> None:
    seen = rtp(kind)
    assert payload_type(seen) == kind
    assert (RtpMedia("audio").fits(NOBODY, seen), RtpMedia("video").fits(NOBODY, seen)) == (audio, video)
    assert not RtpMedia("audio").fits(NOBODY, rtp(kind, 5060))


def test_even_ports_of_a_range_are_taken_for_rtp() -> None:
    ports = RtpPorts(16384, 100)
    fits = [ports.fits(NOBODY, datagram(port, b"x")) for port in (16382, 16384, 16385, 16484, 16486)]
    assert fits == [False, True, False, True, False]
