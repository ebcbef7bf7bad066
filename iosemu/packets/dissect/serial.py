"""Frames of serial lines."""

from __future__ import annotations

from iosemu.packets.dissect import control
from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.dissect.network import dissect_ipv4
from iosemu.packets.ethernet import EtherType
from iosemu.packets.hdlc import (
    CDP,
    HEADER,
    SLARP,
    HdlcAddress,
    HdlcFrame,
    SlarpAddress,
    SlarpKeepalive,
    slarp,
)

_NAMES: dict[int, str] = {EtherType.IPV4: "IPv4", SLARP: "SLARP", CDP: "CDP"}


def dissect_hdlc(b: DissectionBuilder) -> None:
    """Read a frame from its first octet."""
    frame = HdlcFrame.parse(b.frame)
    b.layer("Cisco HDLC", 0, HEADER)
    b.number("Address", 0, 1, {each.value: each.name.lower() for each in HdlcAddress})
    b.number("Control", 1, 1, {})
    b.number("Protocol", 2, 2, _NAMES)
    b.say("HDLC", f"protocol {frame.protocol:#06x}")
    if frame.protocol == SLARP:
        _slarp(b, frame.payload)
    else:
        by_ethertype(b, frame.protocol, frame.payload, HEADER)


def by_ethertype(b: DissectionBuilder, ethertype: int, payload: bytes, at: int) -> None:
    """Read on by the number that HDLC and Frame Relay have for protocols."""
    if ethertype == EtherType.IPV4:
        dissect_ipv4(b, payload, at)
    elif ethertype == CDP:
        control.cdp(b, payload, at)


def _slarp(b: DissectionBuilder, payload: bytes) -> None:
    packet = slarp(payload)
    b.layer("SLARP", HEADER, len(b.frame))
    b.number("Type", HEADER, 4, {0: "request", 1: "reply", 2: "keepalive"})
    if isinstance(packet, SlarpKeepalive):
        b.number("Outgoing Sequence", HEADER + 4, 4, {})
        b.number("Returned Sequence", HEADER + 8, 4, {})
        b.hexadecimal("Reliability", HEADER + 12, 2)
        b.say("SLARP", f"Line keepalive, outgoing {packet.mine}, returned {packet.yours}")
    elif isinstance(packet, SlarpAddress):
        b.field("Address", packet.address, HEADER + 4, 4)
        b.field("Mask", packet.mask, HEADER + 8, 4)
        b.say("SLARP", f"Address reply, {packet.address} mask {packet.mask}")
    else:
        b.say("SLARP", "Address request")
