"""Generic Routing Encapsulation (RFC 2784, key and sequence of RFC 2890)."""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.packets.checksum import internet_checksum
from iosemu.packets.errors import MalformedPacket

_CHECKSUM, _KEY, _SEQUENCE = 0x8000, 0x2000, 0x1000


@dataclass(frozen=True, slots=True)
class GrePacket:
    """A GRE packet; `protocol` is an EtherType."""

    protocol: int
    payload: bytes
    key: int | None = None
    sequence: int | None = None
    checksum: bool = False

    @classmethod
    def parse(cls, data: bytes) -> GrePacket:
        """Read a packet of version 0; a checksum that is there must be right."""
        if len(data) < 4:
            raise MalformedPacket(f"GRE: {len(data)} octets are too few for a header")
        flags = data[0] << 8 | data[1]
        if flags & 0x4FFF:
            raise MalformedPacket(f"GRE: flags and version {flags:#06x}")
        at = 4 + 4 * (bool(flags & _CHECKSUM) + bool(flags & _KEY) + bool(flags & _SEQUENCE))
        if len(data) < at:
            raise MalformedPacket("GRE: header is cut off")
        if flags & _CHECKSUM and internet_checksum(data):
            raise MalformedPacket("GRE: wrong checksum")
        optional = 8 if flags & _CHECKSUM else 4
        key = sequence = None
        if flags & _KEY:
            key = int.from_bytes(data[optional : optional + 4], "big")
            optional += 4
        if flags & _SEQUENCE:
            sequence = int.from_bytes(data[optional : optional + 4], "big")
        return cls(data[2] << 8 | data[3], bytes(data[at:]), key, sequence, bool(flags & _CHECKSUM))

    def to_bytes(self) -> bytes:
        """The packet as sent."""
        flags = self.checksum * _CHECKSUM
        tail = b""
        if self.key is not None:
            flags |= _KEY
            tail += self.key.to_bytes(4, "big")
        if self.sequence is not None:
            flags |= _SEQUENCE
            tail += self.sequence.to_bytes(4, "big")
        head = flags.to_bytes(2, "big") + self.protocol.to_bytes(2, "big")
        tail += self.payload
        if not self.checksum:
            return head + tail
        return head + internet_checksum(head + bytes(4) + tail).to_bytes(2, "big") + b"\0\0" + tail
