"""Messages as bytes (RFC 4271 4, RFC 2918). What is wrong with them raises BgpError (6.1-6.3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from iosemu.routing.bgp.capabilities import Capability, CapabilityCode, OptionalParameter
from iosemu.routing.bgp.errors import BgpError, ErrorCode, HeaderError, OpenError, UpdateError

MARKER = b"\xff" * 16
HEADER_LENGTH = 19
MAXIMUM_LENGTH = 4096
EXTENDED_LENGTH = 0x10
_OPEN, _UPDATE, _NOTIFICATION, _KEEPALIVE, _ROUTE_REFRESH = range(1, 6)
_MINIMUM = {_OPEN: 29, _UPDATE: 23, _NOTIFICATION: 21, _KEEPALIVE: 19, _ROUTE_REFRESH: 23}


class RawAttribute(NamedTuple):
    """A path attribute as it is on the wire (4.3)."""

    flags: int
    type: int
    value: bytes

    def to_bytes(self) -> bytes:
        """Flags, type, length in one or two octets, value."""
        if self.flags & EXTENDED_LENGTH or len(self.value) > 255:
            head = bytes((self.flags | EXTENDED_LENGTH, self.type)) + len(self.value).to_bytes(2, "big")
        else:
            head = bytes((self.flags, self.type, len(self.value)))
        return head + self.value


class PathPrefix(NamedTuple):
    """A prefix with a path identifier (RFC 7911)."""

    path_id: int
    network: IPv4Network


Nlri = IPv4Network | PathPrefix


@dataclass(frozen=True, slots=True)
class Open:
    """OPEN (4.2). `as_number` is the field of two octets."""

    as_number: int
    hold_time: int
    identifier: IPv4Address
    parameters: tuple[OptionalParameter, ...] = ()
    version: int = 4

    def capabilities(self) -> tuple[Capability, ...]:
        """All capabilities of all parameters."""
        return tuple(each for parameter in self.parameters for each in parameter.capabilities())

    @property
    def real_as(self) -> int:
        """The AS number, that of the capability if there is one (RFC 6793)."""
        for each in self.capabilities():
            if each.code == CapabilityCode.FOUR_OCTET_AS and len(each.value) == 4:
                return int.from_bytes(each.value, "big")
        return self.as_number

    def to_bytes(self) -> bytes:
        """The whole message."""
        options = b"".join(bytes((each.type, len(each.value))) + each.value for each in self.parameters)
        body = struct.pack("!BHH", self.version, self.as_number, self.hold_time) + self.identifier.packed
        return _message(_OPEN, body + bytes((len(options),)) + options)


@dataclass(frozen=True, slots=True)
class Update:
    """UPDATE (4.3)."""

    withdrawn: tuple[Nlri, ...] = ()
    attributes: tuple[RawAttribute, ...] = ()
    nlri: tuple[Nlri, ...] = ()

    def to_bytes(self) -> bytes:
        """The whole message; ValueError if it is longer than a message may be."""
        gone = b"".join(map(prefix_bytes, self.withdrawn))
        attributes = b"".join(each.to_bytes() for each in self.attributes)
        nlri = b"".join(map(prefix_bytes, self.nlri))
        body = len(gone).to_bytes(2, "big") + gone + len(attributes).to_bytes(2, "big") + attributes + nlri
        return _message(_UPDATE, body)


@dataclass(frozen=True, slots=True)
class Notification:
    """NOTIFICATION (4.5)."""

    code: int
    subcode: int = 0
    data: bytes = b""

    def to_bytes(self) -> bytes:
        """The whole message."""
        return _message(_NOTIFICATION, bytes((self.code, self.subcode)) + self.data)


@dataclass(frozen=True, slots=True)
class Keepalive:
    """KEEPALIVE (4.4)."""

    def to_bytes(self) -> bytes:
        """The whole message."""
        return _message(_KEEPALIVE, b"")


@dataclass(frozen=True, slots=True)
class RouteRefresh:
    """ROUTE-REFRESH (RFC 2918); `subtype` is RFC 7313's, `rest` the filters of RFC 5291."""

    afi: int = 1
    safi: int = 1
    subtype: int = 0
    rest: bytes = b""
    type: int = _ROUTE_REFRESH

    def to_bytes(self) -> bytes:
        """The whole message."""
        body = self.afi.to_bytes(2, "big") + bytes((self.subtype, self.safi)) + self.rest
        return _message(self.type, body)


Message = Open | Update | Notification | Keepalive | RouteRefresh


def _message(kind: int, body: bytes) -> bytes:
    length = HEADER_LENGTH + len(body)
    if length > MAXIMUM_LENGTH:
        raise ValueError(f"BGP: {length} octets are too many for a message")
    return MARKER + length.to_bytes(2, "big") + bytes((kind,)) + body


def take_message(buffer: bytearray) -> bytes | None:
    """Take the first whole message out of what came in; None if it is not there yet (6.1)."""
    if len(buffer) < HEADER_LENGTH:
        return None
    if buffer[:16] != MARKER:
        raise BgpError(ErrorCode.HEADER, HeaderError.NOT_SYNCHRONIZED)
    length = int.from_bytes(buffer[16:18], "big")
    if not _MINIMUM.get(buffer[18], HEADER_LENGTH) <= length <= MAXIMUM_LENGTH:
        raise BgpError(ErrorCode.HEADER, HeaderError.LENGTH, bytes(buffer[16:18]))
    if len(buffer) < length:
        return None
    data = bytes(buffer[:length])
    del buffer[:length]
    return data


def parse(data: bytes, add_path: bool = False) -> Message:
    """One whole message. `add_path`: prefixes bear path identifiers."""
    kind, body = data[18], data[HEADER_LENGTH:]
    if kind == _OPEN:
        return _open(body)
    if kind == _UPDATE:
        return _update(body, add_path)
    if kind == _NOTIFICATION:
        return Notification(body[0], body[1], body[2:])
    if kind == _KEEPALIVE:
        if body:
            raise BgpError(ErrorCode.HEADER, HeaderError.LENGTH, data[16:18])
        return Keepalive()
    if kind in (_ROUTE_REFRESH, 128):
        if len(body) < 4:
            raise BgpError(ErrorCode.HEADER, HeaderError.LENGTH, data[16:18])
        return RouteRefresh(int.from_bytes(body[:2], "big"), body[3], body[2], body[4:], kind)
    raise BgpError(ErrorCode.HEADER, HeaderError.TYPE, bytes((kind,)))


def _open(body: bytes) -> Open:
    version, as_number, hold_time = struct.unpack("!BHH", body[:5])
    if version != 4:
        raise BgpError(ErrorCode.OPEN, OpenError.VERSION, b"\x00\x04")
    if body[9] != len(body) - 10:
        raise BgpError(ErrorCode.OPEN, 0)
    parameters, at = [], 10
    while at < len(body):
        length = body[at + 1] if at + 1 < len(body) else -1
        if length < 0 or at + 2 + length > len(body):
            raise BgpError(ErrorCode.OPEN, 0)
        parameters.append(OptionalParameter(body[at], body[at + 2 : at + 2 + length]))
        at += 2 + length
    return Open(as_number, hold_time, IPv4Address(body[5:9]), tuple(parameters), version)


def _update(body: bytes, add_path: bool) -> Update:
    gone = int.from_bytes(body[:2], "big")
    if gone + 4 > len(body):
        raise BgpError(ErrorCode.UPDATE, UpdateError.ATTRIBUTES)
    length = int.from_bytes(body[2 + gone : 4 + gone], "big")
    start = 4 + gone
    if start + length > len(body):
        raise BgpError(ErrorCode.UPDATE, UpdateError.ATTRIBUTES)
    return Update(
        prefixes(body[2 : 2 + gone], add_path),
        raw_attributes(body[start : start + length]),
        prefixes(body[start + length :], add_path),
    )


def raw_attributes(data: bytes) -> tuple[RawAttribute, ...]:
    """The attributes of an UPDATE, not looked into."""
    found, at = [], 0
    while at < len(data):
        wide = len(data) > at and data[at] & EXTENDED_LENGTH
        head = 4 if wide else 3
        if at + head > len(data):
            raise BgpError(ErrorCode.UPDATE, UpdateError.ATTRIBUTES)
        length = int.from_bytes(data[at + 2 : at + head], "big")
        end = at + head + length
        if end > len(data):
            raise BgpError(ErrorCode.UPDATE, UpdateError.LENGTH, data[at:])
        found.append(RawAttribute(data[at], data[at + 1], data[at + head : end]))
        at = end
    return tuple(found)


def prefixes(data: bytes, add_path: bool = False) -> tuple[Nlri, ...]:
    """Length and as many octets as it needs, again and again; bits behind the length do not count."""
    found: list[Nlri] = []
    at = 0
    while at < len(data):
        path_id = 0
        if add_path:
            path_id, at = int.from_bytes(data[at : at + 4], "big"), at + 4
        length = data[at] if at < len(data) else 33
        size = (length + 7) >> 3
        if length > 32 or at + 1 + size > len(data):
            raise BgpError(ErrorCode.UPDATE, UpdateError.NETWORK)
        address = int.from_bytes(data[at + 1 : at + 1 + size], "big") << (32 - 8 * size)
        network = IPv4Network((address >> (32 - length) << (32 - length) if length else 0, length))
        found.append(PathPrefix(path_id, network) if add_path else network)
        at += 1 + size
    return tuple(found)


def prefix_bytes(nlri: Nlri) -> bytes:
    """A prefix as in an UPDATE."""
    if isinstance(nlri, PathPrefix):
        return nlri.path_id.to_bytes(4, "big") + prefix_bytes(nlri.network)
    length = nlri.prefixlen
    return bytes((length,)) + nlri.network_address.packed[: (length + 7) >> 3]
