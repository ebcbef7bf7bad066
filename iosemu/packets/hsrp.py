"""HSRP messages of version 1 (RFC 2281 section 5.1) and 2 (the TLVs that Cisco's routers send)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from ipaddress import IPv4Address
from typing import TypeVar

from iosemu.packets.addresses import ZERO, MacAddress, ipv4
from iosemu.packets.errors import MalformedPacket

PORT = 1985
GROUPS = {1: IPv4Address("224.0.0.2"), 2: IPv4Address("224.0.0.102")}
"""Where each version is sent."""
DEFAULT_TEXT = b"cisco"
"""What stands in a version 1 message without authentication."""
TTL = 1
MD5_LENGTH = 30
"""Octets of the authentication that follows a message."""

NumberT = TypeVar("NumberT", bound=IntEnum)

_V1 = struct.Struct("!8B8s4s")
_ADVERTISEMENT = struct.Struct("!BBHHI")
_V2 = struct.Struct("!BBBBH6sIII16s")
_MD5 = struct.Struct("!BBH4sI16s")


class Opcode(IntEnum):
    """What a message is for."""

    HELLO = 0
    COUP = 1
    RESIGN = 2
    ADVERTISE = 3


class State(IntEnum):
    """The state that a sender tells: the numbers of version 1."""

    INITIAL = 0
    LEARN = 1
    LISTEN = 2
    SPEAK = 4
    STANDBY = 8
    ACTIVE = 16


_V2_STATES = {
    State.INITIAL: 1,
    State.LEARN: 2,
    State.LISTEN: 3,
    State.SPEAK: 4,
    State.STANDBY: 5,
    State.ACTIVE: 6,
}
_V2_NAMES = {number: state for state, number in _V2_STATES.items()}


@dataclass(frozen=True, slots=True)
class Md5:
    """The MD5 authentication behind a message; `digest` covers the message with 16 octets of zero in its place."""

    sender: IPv4Address
    key: int
    digest: bytes = bytes(16)

    def to_bytes(self) -> bytes:
        """The TLV of type 4."""
        return b"\x04\x1c" + _MD5.pack(1, 0, 0, self.sender.packed, self.key, self.digest)


@dataclass(frozen=True, slots=True)
class HsrpMessage:
    """A hello, coup or resign; times in milliseconds, whole seconds in version 1."""

    version: int
    opcode: Opcode
    state: State
    group: int
    priority: int
    hello: int
    hold: int
    address: IPv4Address
    """The virtual one; 0.0.0.0 where the sender does not know it."""
    text: bytes | None = DEFAULT_TEXT
    """Clear text authentication; None: there is none (version 2, or MD5)."""
    md5: Md5 | None = None
    identifier: MacAddress = ZERO
    """The sender's station address (version 2)."""

    def to_bytes(self) -> bytes:
        """The payload of the datagram."""
        return self.body() + (self.md5.to_bytes() if self.md5 is not None else b"")

    def body(self) -> bytes:
        """The message without MD5 authentication."""
        text = (self.text or b"").ljust(8, b"\0")[:8]
        if self.version == 1:
            hello, hold = (min(ms // 1000, 255) for ms in (self.hello, self.hold))
            return _V1.pack(
                0,
                self.opcode,
                self.state,
                hello,
                hold,
                self.priority,
                self.group,
                0,
                text,
                self.address.packed,
            )
        body = _V2.pack(
            2,
            self.opcode,
            _V2_STATES[self.state],
            4,
            self.group,
            self.identifier,
            self.priority,
            self.hello,
            self.hold,
            self.address.packed.ljust(16, b"\0"),
        )
        return b"\x01\x28" + body + (b"\x03\x08" + text if self.text is not None else b"")


@dataclass(frozen=True, slots=True)
class HsrpAdvertisement:
    """What a router says of an interface as a whole: how many of its groups are active, and how many not."""

    version: int
    active: int
    passive: int
    reserved: int = field(default=0, compare=False)
    """Some routers leave octets of other things there."""

    def to_bytes(self) -> bytes:
        """The payload of the datagram."""
        if self.version == 2:
            return struct.pack("!BBHH", 2, 4, self.active, self.passive)
        state = 3 if self.active else 2
        return b"\0\x03\0\x01\0\x0e" + _ADVERTISEMENT.pack(state, 0, self.active, self.passive, self.reserved)


def parse(data: bytes) -> HsrpMessage | HsrpAdvertisement:
    """Read a payload.

    Raises MalformedPacket for what is cut off or of no known version.
    """
    if len(data) >= 2 and data[0] == 0:
        return _advertisement(data) if data[1] == Opcode.ADVERTISE else _version_1(data)
    if len(data) >= 6 and data[0] == 2 and data[1] == 4:
        return HsrpAdvertisement(2, *struct.unpack_from("!HH", data, 2))
    if data[:2] == b"\x01\x28":
        return _version_2(data)
    raise MalformedPacket("HSRP: no message of version 1 or 2")


def _advertisement(data: bytes) -> HsrpAdvertisement:
    if len(data) < 16 or data[2:4] != b"\0\x01":
        raise MalformedPacket("HSRP: no interface state in an advertisement")
    _state, _zero, active, passive, reserved = _ADVERTISEMENT.unpack_from(data, 6)
    return HsrpAdvertisement(1, active, passive, reserved)


def _version_1(data: bytes) -> HsrpMessage:
    if len(data) < _V1.size:
        raise MalformedPacket(f"HSRP: {len(data)} octets are too few")
    _zero, opcode, state, hello, hold, priority, group, _reserved, text, address = _V1.unpack_from(data)
    md5 = _md5_of(data[_V1.size :])
    return HsrpMessage(
        1,
        _known(Opcode, opcode),
        _known(State, state),
        group,
        priority,
        hello * 1000,
        hold * 1000,
        ipv4(address),
        None if md5 is not None and not text.strip(b"\0") else text.rstrip(b"\0"),
        md5,
    )


def _version_2(data: bytes) -> HsrpMessage:
    if len(data) < 2 + _V2.size:
        raise MalformedPacket(f"HSRP: {len(data)} octets are too few")
    version, opcode, state, family, group, identifier, priority, hello, hold, address = _V2.unpack_from(
        data, 2
    )
    if version != 2 or family != 4:
        raise MalformedPacket(f"HSRP: version {version}, IP version {family}")
    if state not in _V2_NAMES:
        raise MalformedPacket(f"HSRP: no state {state}")
    rest, text = data[2 + _V2.size :], None
    if rest[:2] == b"\x03\x08" and len(rest) >= 10:
        text, rest = rest[2:10].rstrip(b"\0"), rest[10:]
    return HsrpMessage(
        2,
        _known(Opcode, opcode),
        _V2_NAMES[state],
        group,
        min(priority, 255),
        hello,
        hold,
        ipv4(address[:4]),
        text,
        _md5_of(rest),
        MacAddress(identifier),
    )


def _md5_of(rest: bytes) -> Md5 | None:
    if rest[:2] != b"\x04\x1c" or len(rest) < MD5_LENGTH:
        return None
    _algorithm, _padding, _flags, sender, key, digest = _MD5.unpack_from(rest, 2)
    return Md5(ipv4(sender), key, digest)


def _known(kind: type[NumberT], value: int) -> NumberT:
    try:
        return kind(value)
    except ValueError:
        raise MalformedPacket(f"HSRP: no {kind.__name__.lower()} {value}") from None
