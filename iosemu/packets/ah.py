"""The Authentication Header (RFC 4302 section 2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from iosemu.packets.errors import MalformedPacket

_HEADER = struct.Struct("!BBHII")


@dataclass(frozen=True, slots=True)
class AhPacket:
    """The header with its integrity check value (a multiple of 4 octets), and the packet behind it."""

    next_header: int
    spi: int
    sequence: int
    icv: bytes
    payload: bytes

    @classmethod
    def parse(cls, data: bytes) -> AhPacket:
        """Read the header; the check value is not checked here."""
        if len(data) < 12:
            raise MalformedPacket(f"AH: {len(data)} octets are too few for a header")
        next_header, words, _, spi, sequence = _HEADER.unpack_from(data)
        end = (words + 2) * 4
        if end < 12 or end > len(data):
            raise MalformedPacket(f"AH: payload length {words} but {len(data)} octets")
        return cls(next_header, spi, sequence, bytes(data[12:end]), bytes(data[end:]))

    def to_bytes(self) -> bytes:
        """The packet as sent; ValueError if the check value is no multiple of 4 octets."""
        if len(self.icv) & 3:
            raise ValueError(f"AH: a check value of {len(self.icv)} octets is no multiple of 4")
        words = 1 + len(self.icv) // 4
        return _HEADER.pack(self.next_header, words, 0, self.spi, self.sequence) + self.icv + self.payload
