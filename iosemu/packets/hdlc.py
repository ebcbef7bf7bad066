"""Cisco's HDLC framing of serial lines, and SLARP, its keepalives.

The framing is that of RFC 1547 section 4.3.1: address, control, EtherType. SLARP is Cisco's own; the layout is
that of captured frames. Numbers are big-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from iosemu.packets.errors import MalformedPacket

SLARP = 0x8035
"""The protocol number of SLARP."""
HEADER = 4
"""Octets of the framing before the payload."""
LINKTYPE_C_HDLC = 104
"""How a capture file marks these frames."""
_FRAME = struct.Struct(">BBH")
_SLARP = struct.Struct(">IIIH")
_PADDED = 20


class HdlcAddress(IntEnum):
    """The first octet."""

    UNICAST = 0x0F
    MULTICAST = 0x8F


@dataclass(frozen=True, slots=True)
class HdlcFrame:
    """A frame without flags and FCS."""

    address: HdlcAddress
    protocol: int
    """An EtherType, or `SLARP`."""
    payload: bytes

    @classmethod
    def parse(cls, data: bytes) -> HdlcFrame:
        """Read a frame; raises MalformedPacket."""
        if len(data) < HEADER:
            raise MalformedPacket(f"HDLC: {len(data)} octets are too few")
        address, control, protocol = _FRAME.unpack_from(data)
        if address not in (HdlcAddress.UNICAST, HdlcAddress.MULTICAST) or control:
            raise MalformedPacket(f"HDLC: address {address:#04x} control {control:#04x}")
        return cls(HdlcAddress(address), protocol, data[HEADER:])

    def to_bytes(self) -> bytes:
        """The octets."""
        return _FRAME.pack(self.address, 0, self.protocol) + self.payload


class SlarpType(IntEnum):
    """What a SLARP packet is."""

    REQUEST = 0
    REPLY = 1
    KEEPALIVE = 2


@dataclass(frozen=True, slots=True)
class SlarpKeepalive:
    """`mine` counts up with each that is sent, `yours` is the last one seen of the other end."""

    mine: int
    yours: int

    @classmethod
    def parse(cls, data: bytes) -> SlarpKeepalive | None:
        """Read a packet; None for a request or a reply. Raises MalformedPacket."""
        if len(data) < _SLARP.size:
            raise MalformedPacket(f"SLARP: {len(data)} octets are too few")
        kind, mine, yours, _reliability = _SLARP.unpack_from(data)
        return cls(mine, yours) if kind == SlarpType.KEEPALIVE else None

    def to_bytes(self) -> bytes:
        """The octets, padded as Cisco sends them."""
        return _SLARP.pack(SlarpType.KEEPALIVE, self.mine, self.yours, 0xFFFF).ljust(_PADDED, b"\0")


def is_hdlc(frame: bytes) -> bool:
    """Whether a frame is one of a serial line: no Ethernet station has an address that begins like these."""
    return frame[:2] in (b"\x0f\x00", b"\x8f\x00")
