"""Frames of serial lines."""

from __future__ import annotations

from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.dissect.network import dissect_ipv4
from iosemu.packets.ethernet import EtherType
from iosemu.packets.hdlc import HEADER, SLARP, HdlcAddress, HdlcFrame, SlarpKeepalive

_NAMES = {EtherType.IPV4: "IPv4", SLARP: "SLARP"}


def dissect_hdlc(b: DissectionBuilder) -> None:
    """Read a frame from its first octet."""
    frame = HdlcFrame.parse(b.frame)
    b.layer("Cisco HDLC", 0, HEADER)
    b.number("Address", 0, 1, {each.value: each.name.lower() for each in HdlcAddress})
    b.number("Control", 1, 1, {})
    b.number("Protocol", 2, 2, {int(key): name for key, name in _NAMES.items()})
    b.say("HDLC", f"protocol {frame.protocol:#06x}")
    if frame.protocol == EtherType.IPV4:
        dissect_ipv4(b, frame.payload, HEADER)
    elif frame.protocol == SLARP:
        keepalive = SlarpKeepalive.parse(frame.payload)
        b.layer("SLARP", HEADER, len(b.frame))
        b.number("Type", HEADER, 4, {0: "request", 1: "reply", 2: "keepalive"})
        if keepalive is not None:
            b.number("Outgoing Sequence", HEADER + 4, 4, {})
            b.number("Returned Sequence", HEADER + 8, 4, {})
            b.say("SLARP", f"Line keepalive, outgoing {keepalive.mine}, returned {keepalive.yours}")
