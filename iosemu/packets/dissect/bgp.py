"""BGP as the packet view shows it (RFC 4271 4, RFC 6793)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.errors import MalformedPacket

PORT = 179
_MARKER, _HEADER = b"\xff" * 16, 19
_TYPES = {1: "OPEN", 2: "UPDATE", 3: "NOTIFICATION", 4: "KEEPALIVE", 5: "ROUTE-REFRESH"}
_ATTRIBUTES = {
    1: "ORIGIN",
    2: "AS_PATH",
    3: "NEXT_HOP",
    4: "MULTI_EXIT_DISC",
    5: "LOCAL_PREF",
    6: "ATOMIC_AGGREGATE",
    7: "AGGREGATOR",
    8: "COMMUNITIES",
    9: "ORIGINATOR_ID",
    10: "CLUSTER_LIST",
    14: "MP_REACH_NLRI",
    15: "MP_UNREACH_NLRI",
    17: "AS4_PATH",
    18: "AS4_AGGREGATOR",
}
_ORIGINS = {0: "IGP", 1: "EGP", 2: "INCOMPLETE"}
_CAPABILITIES = {1: "Multiprotocol", 2: "Route refresh", 64: "Graceful restart", 65: "Four-octet AS number",
                 69: "ADD-PATH", 70: "Enhanced route refresh", 128: "Route refresh (old)"}  # fmt: skip
_ERRORS = {1: "Message header", 2: "OPEN message", 3: "UPDATE message", 4: "Hold timer expired",
           5: "State machine", 6: "Cease"}  # fmt: skip
_BRACKETS = {1: ("{", ",", "}"), 2: ("", " ", ""), 3: ("(", " ", ")"), 4: ("[", ",", "]")}
_ADDRESSES, _NUMBERS = (3, 9), (4, 5)
_EXTENDED_LENGTH = 0x10


def bgp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """The messages in a segment; the end of one that began before, or the start of one that goes on, is only named.

    Raises MalformedPacket.
    """
    said: list[str] = []
    offset = 0
    while offset < len(data):
        if data[offset : offset + 16] != _MARKER[: len(data) - offset]:
            b.layer("BGP", at + offset, at + len(data))
            b.field("Continuation", f"{len(data) - offset} octets", at + offset, len(data) - offset)
            said.append("Continuation")
            break
        length = int.from_bytes(data[offset + 16 : offset + 18], "big")
        if len(data) - offset < _HEADER or offset + length > len(data):
            b.layer("BGP", at + offset, at + len(data))
            b.field("Part of a message", f"{len(data) - offset} octets", at + offset, len(data) - offset)
            said.append("Part of a message")
            break
        if length < _HEADER:
            raise MalformedPacket(f"BGP message has length {length}")
        said.append(_message(b, data[offset : offset + length], at + offset))
        offset += length
    b.say("BGP", ", ".join(said))


def _message(b: DissectionBuilder, data: bytes, at: int) -> str:
    b.layer("BGP", at, at + len(data))
    b.hexadecimal("Marker", at, 16)
    b.number("Length", at + 16, 2)
    kind = b.number("Type", at + 18, 1, _TYPES)
    body, start = data[_HEADER:], at + _HEADER
    reader = {1: _open, 2: _update, 3: _notification}.get(kind)
    tail = reader(b, body, start) if reader is not None else ""
    return f"{_TYPES.get(kind, f'Type {kind}')}{tail}"


def _open(b: DissectionBuilder, body: bytes, at: int) -> str:
    if len(body) < 10 or len(body) < 10 + body[9]:
        raise MalformedPacket(f"BGP OPEN of {len(body)} octets")
    b.number("Version", at, 1)
    number = b.number("My AS", at + 1, 2)
    hold = b.number("Hold Time", at + 3, 2)
    b.field("BGP Identifier", IPv4Address(body[5:9]), at + 5, 4)
    b.number("Optional Parameters Length", at + 9, 1)
    end, offset = 10 + body[9], 10
    while offset + 2 <= end:
        size = body[offset + 1]
        if offset + 2 + size > end:
            raise MalformedPacket("BGP optional parameter is cut off")
        for where, code, value in _capabilities(body, offset + 2, offset + 2 + size):
            text = str(int.from_bytes(value, "big")) if code == 65 else f"0x{value.hex()}" if value else ""
            name = _CAPABILITIES.get(code, f"Capability {code}")
            b.field("Capability", f"{name} {text}".rstrip(), at + where, 2 + len(value))
        offset += 2 + size
    return f" AS {number} Hold Time {hold}"


def _capabilities(body: bytes, start: int, end: int) -> Iterator[tuple[int, int, bytes]]:
    while start + 2 <= end:
        size = body[start + 1]
        if start + 2 + size > end:
            raise MalformedPacket("BGP capability is cut off")
        yield start, body[start], body[start + 2 : start + 2 + size]
        start += 2 + size


def _notification(b: DissectionBuilder, body: bytes, at: int) -> str:
    if len(body) < 2:
        raise MalformedPacket("BGP NOTIFICATION is cut off")
    code = b.number("Error Code", at, 1, _ERRORS)
    subcode = b.number("Error Subcode", at + 1, 1)
    if len(body) > 2:
        b.hexadecimal("Data", at + 2, len(body) - 2)
    return f" {_ERRORS.get(code, code)} ({code}/{subcode})"


def _update(b: DissectionBuilder, body: bytes, at: int) -> str:
    gone = int.from_bytes(body[:2], "big")
    length = int.from_bytes(body[2 + gone : 4 + gone], "big")
    if len(body) < 4 + gone + length:
        raise MalformedPacket("BGP UPDATE is shorter than its parts")
    withdrawn = _prefixes(b, "Withdrawn Route", body[2 : 2 + gone], at + 2)
    _attributes(b, body[4 + gone : 4 + gone + length], at + 4 + gone)
    told = _prefixes(b, "NLRI", body[4 + gone + length :], at + 4 + gone + length)
    text = f" {_listed(told)}" if told else ""
    return text + (f" withdrawn {_listed(withdrawn)}" if withdrawn else "")


def _listed(prefixes: list[str]) -> str:
    return ", ".join(prefixes[:3]) + (f" and {len(prefixes) - 3} more" if len(prefixes) > 3 else "")


def _prefixes(b: DissectionBuilder, name: str, data: bytes, at: int) -> list[str]:
    found, offset = [], 0
    while offset < len(data):
        length = data[offset]
        size = (length + 7) // 8
        if length > 32 or offset + 1 + size > len(data):
            raise MalformedPacket(f"BGP prefix of {length} bits")
        text = f"{IPv4Address(data[offset + 1 : offset + 1 + size].ljust(4, bytes(1)))}/{length}"
        b.field(name, text, at + offset, 1 + size)
        found.append(text)
        offset += 1 + size
    return found


def _attributes(b: DissectionBuilder, data: bytes, at: int) -> None:
    offset = 0
    while offset < len(data):
        wide = bool(data[offset] & _EXTENDED_LENGTH)
        head = 4 if wide else 3
        size = int.from_bytes(data[offset + 2 : offset + head], "big")
        if offset + head + size > len(data):
            raise MalformedPacket("BGP path attribute is cut off")
        kind, value = data[offset + 1], data[offset + head : offset + head + size]
        b.field(_ATTRIBUTES.get(kind, f"Attribute {kind}"), _value(kind, value), at + offset, head + size)
        offset += head + size


def _value(kind: int, value: bytes) -> str:
    if kind == 1 and len(value) == 1:
        return _ORIGINS.get(value[0], str(value[0]))
    if kind in (2, 17):
        # Two or four octets a number is agreed upon by OPENs, which need not have been seen: what fits is taken.
        return _path(value, 4) or _path(value, 2) or ("empty" if not value else "0x" + value.hex())
    if kind in _ADDRESSES and len(value) == 4:
        return str(IPv4Address(value))
    if kind in _NUMBERS and len(value) == 4:
        return str(int.from_bytes(value, "big"))
    if kind == 8 and len(value) % 4 == 0:
        pairs = (value[n : n + 4] for n in range(0, len(value), 4))
        return " ".join(
            f"{int.from_bytes(each[:2], 'big')}:{int.from_bytes(each[2:], 'big')}" for each in pairs
        )
    if kind == 10 and len(value) % 4 == 0:
        return " ".join(str(IPv4Address(value[n : n + 4])) for n in range(0, len(value), 4))
    return "0x" + value.hex() if value else "present"


def _path(value: bytes, size: int) -> str:
    """The AS numbers of a path; empty where the segments do not fit numbers of this size."""
    texts, offset = [], 0
    while offset + 2 <= len(value):
        kind, count = value[offset], value[offset + 1]
        end = offset + 2 + count * size
        if kind not in _BRACKETS or not count or end > len(value):
            return ""
        opening, between, closing = _BRACKETS[kind]
        numbers = (int.from_bytes(value[n : n + size], "big") for n in range(offset + 2, end, size))
        texts.append(opening + between.join(map(str, numbers)) + closing)
        offset = end
    return " ".join(texts) if offset == len(value) else ""
