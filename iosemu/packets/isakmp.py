"""The ISAKMP header (RFC 2408 section 3.1) and its encapsulation on port 4500 (RFC 3948), for those who look on."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from iosemu.packets.errors import MalformedPacket

PORT = 500
NAT_TRAVERSAL_PORT = 4500
GDOI_PORT = 848
"""Of GDOI (RFC 6407, 2.2)."""
NON_ESP_MARKER = bytes(4)
KEEPALIVE = b"\xff"
"""A NAT keepalive: the whole payload of its datagram (RFC 3948 section 2.3)."""
ENCRYPTED = 0x01
"""The flag of a message whose payloads are encrypted."""
_HEADER = struct.Struct("!8s8sBBBBII")


@dataclass(frozen=True, slots=True)
class IsakmpHeader:
    """The header, and the payloads (or their ciphertext) as they are."""

    initiator_cookie: bytes
    responder_cookie: bytes
    next_payload: int
    version: int
    exchange: int
    flags: int
    message_id: int
    payload: bytes

    @property
    def encrypted(self) -> bool:
        """Whether the payloads are encrypted."""
        return bool(self.flags & ENCRYPTED)

    @classmethod
    def parse(cls, data: bytes) -> IsakmpHeader:
        """Read a message; MalformedPacket unless its length field is the length of `data`."""
        if len(data) < 28:
            raise MalformedPacket(f"ISAKMP: {len(data)} octets are too few for a header")
        initiator, responder, following, version, exchange, flags, message, length = _HEADER.unpack_from(data)
        if length != len(data):
            raise MalformedPacket(f"ISAKMP: length field {length} but {len(data)} octets")
        return cls(initiator, responder, following, version, exchange, flags, message, bytes(data[28:]))

    def to_bytes(self) -> bytes:
        """The message as sent."""
        return (
            _HEADER.pack(
                self.initiator_cookie,
                self.responder_cookie,
                self.next_payload,
                self.version,
                self.exchange,
                self.flags,
                self.message_id,
                28 + len(self.payload),
            )
            + self.payload
        )

    def payloads(self) -> list[tuple[int, bytes]]:
        """Type and body of each payload of a message in clear."""
        found = []
        kind, at = self.next_payload, 0
        while kind:
            if at + 4 > len(self.payload):
                raise MalformedPacket(f"ISAKMP: payload {kind} is cut off")
            length = self.payload[at + 2] << 8 | self.payload[at + 3]
            if length < 4 or at + length > len(self.payload):
                raise MalformedPacket(f"ISAKMP: payload {kind} has length {length}")
            found.append((kind, self.payload[at + 4 : at + length]))
            kind, at = self.payload[at], at + length
        return found
