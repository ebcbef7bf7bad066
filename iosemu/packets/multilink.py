"""Multilink PPP's fragments (RFC 1990 section 3), with long sequence numbers."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.packets.errors import MalformedPacket

SEQUENCES = 1 << 24
"""Sequence numbers, after which they begin again."""
HEADER = 4
BEGIN, END = 0x80, 0x40


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a packet, or all of it: the Protocol field and what follows."""

    begin: bool
    end: bool
    sequence: int
    data: bytes

    @classmethod
    def parse(cls, data: bytes) -> Fragment:
        """Read what follows the Protocol field. Raises MalformedPacket."""
        if len(data) < HEADER:
            raise MalformedPacket(f"Multilink PPP: {len(data)} octets are too few")
        return cls(bool(data[0] & BEGIN), bool(data[0] & END), int.from_bytes(data[1:HEADER]), data[HEADER:])

    def to_bytes(self) -> bytes:
        """The octets."""
        flags = BEGIN * self.begin | END * self.end
        return bytes((flags,)) + (self.sequence % SEQUENCES).to_bytes(3) + self.data
