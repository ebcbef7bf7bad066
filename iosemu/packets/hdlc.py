"""Cisco's HDLC framing of serial lines, and SLARP, its keepalives.

The framing is that of RFC 1547 section 4.3.1: address, control, EtherType. SLARP is Cisco's own; the layout is
that of captured frames. Numbers are big-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

from iosemu.packets.errors import MalformedPacket

SLARP = 0x8035
"""The protocol number of SLARP."""
HEADER = 4
"""Octets of the framing before the payload."""
CDP = 0x2000
"""The protocol number of CDP."""
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
    uptime: int = 0
    """Milliseconds of the sender's clock: no two ends of a line have the same."""

    def to_bytes(self) -> bytes:
        """The octets, padded as Cisco sends them."""
        head = _SLARP.pack(SlarpType.KEEPALIVE, self.mine, self.yours, 0xFFFF)
        return (head + self.uptime.to_bytes(4)).ljust(_PADDED, b"\0")


@dataclass(frozen=True, slots=True)
class SlarpAddress:
    """The answer to a request: the sender's address and mask."""

    address: IPv4Address
    mask: IPv4Address

    def to_bytes(self) -> bytes:
        """The octets, padded as Cisco sends them."""
        return _SLARP.pack(SlarpType.REPLY, int(self.address), int(self.mask), 0xFFFF).ljust(_PADDED, b"\0")


def slarp(data: bytes) -> SlarpKeepalive | SlarpAddress | None:
    """Read a packet; None: a request for an address. Raises MalformedPacket."""
    if len(data) < _SLARP.size:
        raise MalformedPacket(f"SLARP: {len(data)} octets are too few")
    kind, first, second, _reliability = _SLARP.unpack_from(data)
    if kind == SlarpType.KEEPALIVE:
        return SlarpKeepalive(first, second, int.from_bytes(data[_SLARP.size : _SLARP.size + 4]))
    if kind == SlarpType.REPLY:
        return SlarpAddress(IPv4Address(first), IPv4Address(second))
    if kind == SlarpType.REQUEST:
        return None
    raise MalformedPacket(f"SLARP: no type {kind}")
