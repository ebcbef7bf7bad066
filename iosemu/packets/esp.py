"""The clear part of an ESP packet (RFC 4303 section 2)."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.packets.errors import MalformedPacket


@dataclass(frozen=True, slots=True)
class EspPacket:
    """Security parameters index, sequence number, and what only the keys open: IV, ciphertext, check value."""

    spi: int
    sequence: int
    payload: bytes

    @classmethod
    def parse(cls, data: bytes) -> EspPacket:
        """Read the header."""
        if len(data) < 8:
            raise MalformedPacket(f"ESP: {len(data)} octets are too few for a header")
        return cls(int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big"), bytes(data[8:]))

    def to_bytes(self) -> bytes:
        """The packet as sent."""
        return self.spi.to_bytes(4, "big") + self.sequence.to_bytes(4, "big") + self.payload
