"""What IP SLA operations and responders say to each other.

The control header is that of RFC 6812 section 3.2; what follows it, and the test packets, carry the same facts in a
form of their own, so that devices of the lab understand each other, and only they.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from enum import IntEnum
from ipaddress import IPv4Address

from iosemu.packets.errors import MalformedPacket

CONTROL_PORT = 1967
_HEADER = struct.Struct("!BxHIIQ")
_BODY = struct.Struct("!HHBxxxI4sHHI")
_JITTER = struct.Struct("!HHIIQQ")
_VERSION = 2
_MEASURE = 2
JITTER = 2
"""The type of a test packet of udp-jitter."""


class Kind(IntEnum):
    """What a responder is to do at the port."""

    ECHO = 1
    JITTER = 2
    TCP = 3


class Status(IntEnum):
    """What a responder says to a control message."""

    SUCCESS = 1
    FAILED = 2
    REFUSED = 7


@dataclass(frozen=True, slots=True)
class Control:
    """A control message: open `port` at `address` for `duration` milliseconds; status 0 asks, others answer."""

    sequence: int
    kind: Kind
    address: IPv4Address
    port: int
    duration: int
    status: int = 0
    stamp: int = 0

    def to_bytes(self) -> bytes:
        """As it is sent."""
        body = _BODY.pack(
            _MEASURE, _BODY.size, self.kind, self.sequence, self.address.packed, self.port, 0, self.duration
        )
        total = _HEADER.size + len(body)
        return _HEADER.pack(_VERSION, self.status, self.sequence, total, self.stamp) + body

    @classmethod
    def parse(cls, data: bytes) -> Control:
        """Read one. Raises MalformedPacket for what is none."""
        try:
            version, status, sequence, total, stamp = _HEADER.unpack_from(data)
            command, _, kind, _, address, port, _, duration = _BODY.unpack_from(data, _HEADER.size)
            if version != _VERSION or command != _MEASURE or total != len(data):
                raise MalformedPacket("IP SLA control: another version or command")
            return cls(sequence, Kind(kind), IPv4Address(address), port, duration, status, stamp)
        except (struct.error, ValueError) as error:
            raise MalformedPacket(f"IP SLA control: {error}") from error


@dataclass(frozen=True, slots=True)
class JitterPacket:
    """A test packet of udp-jitter: sequence numbers and times (microseconds) of both ends."""

    sequence: int
    sent: int
    answered: int = 0
    received: int = 0

    def to_bytes(self, size: int) -> bytes:
        """As it is sent, filled up to `size` octets."""
        data = _JITTER.pack(JITTER, 0, self.sequence, self.answered, self.sent, self.received)
        return data.ljust(size, b"\0")

    @classmethod
    def parse(cls, data: bytes) -> JitterPacket:
        """Read one. Raises MalformedPacket for what is none."""
        if len(data) < _JITTER.size:
            raise MalformedPacket("IP SLA jitter: too short")
        kind, _, sequence, answered, sent, received = _JITTER.unpack_from(data)
        if kind != JITTER:
            raise MalformedPacket(f"IP SLA jitter: type {kind}")
        return cls(sequence, sent, answered, received)

    def answer(self, count: int, now: int) -> JitterPacket:
        """What a responder makes of it, which has now received `count` of them."""
        return replace(self, answered=count, received=now)
