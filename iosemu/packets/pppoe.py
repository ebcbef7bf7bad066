"""PPPoE (RFC 2516): discovery and session packets. Numbers are big-endian; readers raise MalformedPacket."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from iosemu.packets.errors import MalformedPacket

DISCOVERY, SESSION = 0x8863, 0x8864
"""EtherTypes."""
MRU = 1492
"""Octets of the largest packet (section 7)."""
_HEAD = struct.Struct(">BBHH")


class PppoeCode(IntEnum):
    """Section 5; 0 are packets of a session."""

    DATA = 0x00
    PADO = 0x07
    PADI = 0x09
    PADR = 0x19
    PADS = 0x65
    PADT = 0xA7


class PppoeTag(IntEnum):
    """Appendix A."""

    END = 0x0000
    SERVICE_NAME = 0x0101
    AC_NAME = 0x0102
    HOST_UNIQ = 0x0103
    AC_COOKIE = 0x0104


@dataclass(frozen=True, slots=True)
class PppoePacket:
    """What follows the Ethernet header."""

    code: int
    session: int = 0
    payload: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> PppoePacket:
        """Read a packet; what stands behind its length is padding."""
        if len(data) < _HEAD.size:
            raise MalformedPacket(f"PPPoE: {len(data)} octets are too few")
        version, code, session, length = _HEAD.unpack_from(data)
        if version != 0x11 or len(data) < _HEAD.size + length:
            raise MalformedPacket("PPPoE: version or length")
        return cls(code, session, data[_HEAD.size : _HEAD.size + length])

    def to_bytes(self) -> bytes:
        """The octets."""
        return _HEAD.pack(0x11, self.code, self.session, len(self.payload)) + self.payload

    def tags(self) -> dict[int, bytes]:
        """The tags of a discovery packet, the first of each kind."""
        found: dict[int, bytes] = {}
        at = 0
        while at + 4 <= len(self.payload):
            kind, length = struct.unpack_from(">HH", self.payload, at)
            if kind == PppoeTag.END:
                break
            if at + 4 + length > len(self.payload):
                raise MalformedPacket("PPPoE: a tag that does not fit")
            found.setdefault(kind, self.payload[at + 4 : at + 4 + length])
            at += 4 + length
        return found


def discovery(code: PppoeCode, tags: Iterable[tuple[int, bytes]], session: int = 0) -> PppoePacket:
    """A discovery packet with these tags."""
    payload = b"".join(struct.pack(">HH", kind, len(value)) + value for kind, value in tags)
    return PppoePacket(code, session, payload)
