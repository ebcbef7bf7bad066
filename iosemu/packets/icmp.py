"""ICMP for IPv4 (RFC 792, RFC 1191, RFC 1812)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

from iosemu.packets.checksum import internet_checksum
from iosemu.packets.errors import MalformedPacket

_HEADER = struct.Struct("!BBHI")
QUOTED_PAYLOAD = 8
"""Octets of payload that an ICMP error quotes after the header (RFC 792); hosts may quote more (RFC 1812)."""


class IcmpType(IntEnum):
    """Message types."""

    ECHO_REPLY = 0
    UNREACHABLE = 3
    SOURCE_QUENCH = 4
    REDIRECT = 5
    ECHO = 8
    TIME_EXCEEDED = 11
    PARAMETER_PROBLEM = 12
    TIMESTAMP = 13
    TIMESTAMP_REPLY = 14


class UnreachableCode(IntEnum):
    """Codes of destination unreachable (RFC 792, RFC 1812 section 5.2.7.1)."""

    NET = 0
    HOST = 1
    PROTOCOL = 2
    PORT = 3
    FRAGMENTATION_NEEDED = 4
    SOURCE_ROUTE_FAILED = 5
    NET_UNKNOWN = 6
    HOST_UNKNOWN = 7
    ADMINISTRATIVELY_PROHIBITED = 13


class TimeExceededCode(IntEnum):
    """Codes of time exceeded."""

    TTL = 0
    REASSEMBLY = 1


class RedirectCode(IntEnum):
    """Codes of redirect."""

    NET = 0
    HOST = 1


@dataclass(frozen=True, slots=True)
class IcmpMessage:
    """A message: type, code, the 32 bits after the checksum, and what follows them."""

    type: int
    code: int = 0
    rest: int = 0
    payload: bytes = b""

    @classmethod
    def parse(cls, data: bytes, verify: bool = True) -> IcmpMessage:
        """Read a message; `verify=False` accepts a wrong checksum (a message quoted in part)."""
        if len(data) < 8:
            raise MalformedPacket(f"ICMP: {len(data)} octets are too few for a header")
        if verify and internet_checksum(data):
            raise MalformedPacket("ICMP: wrong checksum")
        kind, code, _, rest = _HEADER.unpack_from(data)
        return cls(kind, code, rest, bytes(data[8:]))

    def to_bytes(self) -> bytes:
        """The message with its checksum."""
        payload = self.payload
        checksum = internet_checksum(_HEADER.pack(self.type, self.code, 0, self.rest) + payload)
        return _HEADER.pack(self.type, self.code, checksum, self.rest) + payload

    @property
    def identifier(self) -> int:
        """Identifier of an echo or timestamp."""
        return self.rest >> 16

    @property
    def sequence(self) -> int:
        """Sequence number of an echo or timestamp."""
        return self.rest & 0xFFFF

    @property
    def next_hop_mtu(self) -> int:
        """MTU of the next hop in "fragmentation needed" (RFC 1191), octets; 0 when the router did not say."""
        return self.rest & 0xFFFF

    @property
    def gateway(self) -> IPv4Address:
        """The better gateway of a redirect."""
        return IPv4Address(self.rest)

    @property
    def pointer(self) -> int:
        """Octet of the header at which a parameter problem was found."""
        return self.rest >> 24

    @property
    def timestamps(self) -> tuple[int, int, int]:
        """Originate, receive and transmit time of a timestamp, milliseconds since midnight UT."""
        if len(self.payload) < 12:
            raise MalformedPacket("ICMP: timestamp is cut off")
        originate, receive, transmit = struct.unpack_from("!III", self.payload)
        return originate, receive, transmit

    @property
    def is_error(self) -> bool:
        """Whether it quotes a packet, so that no ICMP error may answer it (RFC 1122 section 3.2.2)."""
        return self.type in _ERRORS


_ERRORS = frozenset(
    {
        IcmpType.UNREACHABLE,
        IcmpType.SOURCE_QUENCH,
        IcmpType.REDIRECT,
        IcmpType.TIME_EXCEEDED,
        IcmpType.PARAMETER_PROBLEM,
    }
)


def quote(packet: bytes, payload_octets: int = QUOTED_PAYLOAD) -> bytes:
    """The part of an IPv4 packet that an ICMP error carries: its header and the first octets after it."""
    header = (packet[0] & 0x0F) << 2 if packet else 0
    return packet[: header + payload_octets]


def echo(identifier: int, sequence: int, payload: bytes = b"") -> IcmpMessage:
    """An echo request."""
    return IcmpMessage(IcmpType.ECHO, 0, identifier << 16 | sequence, payload)


def echo_reply(request: IcmpMessage) -> IcmpMessage:
    """The answer to an echo request: everything but the type comes back."""
    return IcmpMessage(IcmpType.ECHO_REPLY, 0, request.rest, request.payload)


def unreachable(code: int, packet: bytes, next_hop_mtu: int = 0) -> IcmpMessage:
    """Destination unreachable about `packet`; `next_hop_mtu` in octets with FRAGMENTATION_NEEDED."""
    return IcmpMessage(IcmpType.UNREACHABLE, code, next_hop_mtu, quote(packet))


def time_exceeded(packet: bytes, code: int = TimeExceededCode.TTL) -> IcmpMessage:
    """Time exceeded about `packet`."""
    return IcmpMessage(IcmpType.TIME_EXCEEDED, code, 0, quote(packet))


def redirect(packet: bytes, gateway: IPv4Address, code: int = RedirectCode.HOST) -> IcmpMessage:
    """Redirect packets such as `packet` to `gateway`."""
    return IcmpMessage(IcmpType.REDIRECT, code, int(gateway), quote(packet))


def timestamp(identifier: int, sequence: int, originate: int) -> IcmpMessage:
    """A timestamp request; `originate` in milliseconds since midnight UT."""
    payload = struct.pack("!III", originate, 0, 0)
    return IcmpMessage(IcmpType.TIMESTAMP, 0, identifier << 16 | sequence, payload)


def timestamp_reply(request: IcmpMessage, receive: int, transmit: int) -> IcmpMessage:
    """The answer to a timestamp request; times in milliseconds since midnight UT."""
    payload = struct.pack("!III", request.timestamps[0], receive, transmit)
    return IcmpMessage(IcmpType.TIMESTAMP_REPLY, 0, request.rest, payload)
