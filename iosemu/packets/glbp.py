"""GLBP messages as Cisco's routers send them: a header, and TLVs of gateways, forwarders and authentication."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

from iosemu.packets.addresses import ZERO, MacAddress, ipv4
from iosemu.packets.errors import MalformedPacket

PORT = 3222
GROUP = IPv4Address("224.0.0.102")
TTL = 255
_GATEWAY, _FORWARDER, _AUTHENTICATION = 1, 2, 3
TEXT, KEY_STRING, KEY_CHAIN = 1, 2, 3
"""Types of authentication."""

_HEADER = struct.Struct("!BBHH6s")
_HELLO = struct.Struct("!BBBBHIIHHHBB4s")
_REQUEST = struct.Struct("!BBBBBBHHH6s")


class Operation(IntEnum):
    """What a message is for."""

    HELLO = 0
    REQUEST = 1
    """A member asks the gateway for a forwarder."""
    RESPONSE = 2


class State(IntEnum):
    """The state of a gateway or of a forwarder."""

    NONE = 0
    INIT = 1
    LISTEN = 2
    SPEAK = 4
    STANDBY = 8
    ACTIVE = 0x20


@dataclass(frozen=True, slots=True)
class Gateway:
    """What a member says of itself as a gateway; times in milliseconds, the last two in seconds."""

    state: State
    priority: int
    hello: int
    hold: int
    redirect: int
    timeout: int
    address: IPv4Address
    """The virtual one."""


@dataclass(frozen=True, slots=True)
class Forwarder:
    """What a member says of a forwarder; in requests and responses only number and station."""

    number: int
    state: State
    priority: int
    weight: int
    timeout: int
    redirect: int
    station: MacAddress


@dataclass(frozen=True, slots=True)
class Proof:
    """Authentication: a text, or a digest with the number of its key."""

    kind: int
    key: int
    data: bytes


@dataclass(frozen=True, slots=True)
class GlbpMessage:
    """A message of one group."""

    operation: Operation
    group: int
    owner: MacAddress
    """The sender's own station."""
    gateway: Gateway | None = None
    forwarders: tuple[Forwarder, ...] = ()
    proof: Proof | None = None

    def to_bytes(self) -> bytes:
        """The payload of the datagram."""
        parts = [_HEADER.pack(1, self.operation, self.group, 0, self.owner)]
        if self.gateway is not None:
            each = self.gateway
            body = _HELLO.pack(
                0, each.state, 0, each.priority, 0, each.hello, each.hold, each.redirect, each.timeout, 0, 1, 4,
                each.address.packed,
            )  # fmt: skip
            parts.append(bytes((_GATEWAY, 2 + len(body))) + body)
        for one in self.forwarders:
            body = _REQUEST.pack(
                one.number,
                one.state,
                0,
                one.priority,
                one.weight,
                0,
                one.timeout,
                one.redirect,
                0,
                one.station,
            )
            parts.append(bytes((_FORWARDER, 2 + len(body))) + body)
        if self.proof is not None:
            data = self.proof.data
            if self.proof.kind == KEY_CHAIN:
                data = self.proof.key.to_bytes(4, "big") + data
            parts.append(bytes((_AUTHENTICATION, 4 + len(data), self.proof.kind, len(data))) + data)
        return b"".join(parts)


def parse(data: bytes) -> GlbpMessage:
    """Read a payload.

    Raises MalformedPacket for what is cut off or of another version.
    """
    if len(data) < _HEADER.size:
        raise MalformedPacket(f"GLBP: {len(data)} octets are too few for a header")
    version, operation, group, _zero, owner = _HEADER.unpack_from(data)
    if version != 1 or operation not in Operation._value2member_map_:
        raise MalformedPacket(f"GLBP: version {version}, operation {operation}")
    gateway, forwarders, proof = None, [], None
    at = _HEADER.size
    while at < len(data):
        if at + 2 > len(data) or data[at + 1] < 2 or at + data[at + 1] > len(data):
            raise MalformedPacket("GLBP: a TLV is cut off")
        kind, body = data[at], data[at + 2 : at + data[at + 1]]
        at += data[at + 1]
        if kind == _GATEWAY:
            gateway = _gateway(body)
        elif kind == _FORWARDER:
            forwarders.append(_forwarder(body))
        elif kind == _AUTHENTICATION:
            proof = _proof(body)
    return GlbpMessage(Operation(operation), group, MacAddress(owner), gateway, tuple(forwarders), proof)


def _gateway(body: bytes) -> Gateway:
    if len(body) < _HELLO.size:
        raise MalformedPacket("GLBP: a gateway is cut off")
    fields = _HELLO.unpack_from(body)
    _zero, state, _one, priority, _two, hello, hold, redirect, timeout, _three, family, length, address = (
        fields
    )
    if (family, length) != (1, 4):
        raise MalformedPacket(f"GLBP: address of type {family}, {length} octets")
    return Gateway(_state(state), priority, hello, hold, redirect, timeout, ipv4(address))


def _forwarder(body: bytes) -> Forwarder:
    if len(body) < _REQUEST.size:
        raise MalformedPacket("GLBP: a forwarder is cut off")
    number, state, _zero, priority, weight, _one, timeout, redirect, _two, station = _REQUEST.unpack_from(
        body
    )
    return Forwarder(number, _state(state), priority, weight, timeout, redirect, MacAddress(station))


def _proof(body: bytes) -> Proof:
    if len(body) < 2 or len(body) < 2 + body[1]:
        raise MalformedPacket("GLBP: authentication is cut off")
    kind, data = body[0], body[2 : 2 + body[1]]
    if kind == KEY_CHAIN and len(data) >= 4:
        return Proof(kind, int.from_bytes(data[:4], "big"), data[4:])
    return Proof(kind, 0, data)


def _state(value: int) -> State:
    try:
        return State(value)
    except ValueError:
        raise MalformedPacket(f"GLBP: no state {value}") from None


REQUESTED = Forwarder(0, State.NONE, 0, 0, 0, 0, ZERO)
"""What a member asks for."""
