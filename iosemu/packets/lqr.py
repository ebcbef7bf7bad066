"""Link quality reports of PPP (RFC 1989 section 2.5)."""

from __future__ import annotations

import struct
from dataclasses import astuple, dataclass, field

from iosemu.packets.errors import MalformedPacket

_FORMAT = ">4s11I"
LENGTH = struct.calcsize(_FORMAT)
_WRAP = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Sent:
    """What an end has sent, the report that tells it included."""

    reports: int = 0
    packets: int = 0
    octets: int = 0


@dataclass(frozen=True, slots=True)
class Received:
    """What an end has received, the last report included."""

    reports: int = 0
    packets: int = 0
    discards: int = 0
    errors: int = 0
    octets: int = 0


@dataclass(frozen=True, slots=True)
class LinkQualityReport:
    """The counters of the end that sends it, and what it last heard of the other one."""

    magic: bytes = b"\0\0\0\0"
    last: Sent = field(default_factory=Sent)
    """`LastOut…`: what the other end said that it had sent."""
    received: Received = field(default_factory=Received)
    """`PeerIn…`: what of that had come by then."""
    sent: Sent = field(default_factory=Sent)
    """`PeerOut…`: what this end has sent."""

    @classmethod
    def parse(cls, data: bytes) -> LinkQualityReport:
        """Read a report. Raises MalformedPacket."""
        if len(data) < LENGTH:
            raise MalformedPacket(f"PPP: a link quality report of {len(data)} octets")
        magic, *numbers = struct.unpack_from(_FORMAT, data)
        return cls(magic, Sent(*numbers[:3]), Received(*numbers[3:8]), Sent(*numbers[8:]))

    def to_bytes(self) -> bytes:
        """The octets; counters begin anew after 32 bits."""
        numbers = (*astuple(self.last), *astuple(self.received), *astuple(self.sent))
        return struct.pack(_FORMAT, self.magic, *(number & _WRAP for number in numbers))
