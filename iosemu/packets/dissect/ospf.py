"""OSPF as the packet view shows it (RFC 2328 A.3, A.4)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.errors import MalformedPacket

_TYPES = {1: "Hello", 2: "DB Description", 3: "LS Request", 4: "LS Update", 5: "LS Acknowledge"}
_AUTHENTICATION = {0: "Null", 1: "Simple password", 2: "Cryptographic"}
_LSA = {
    1: "Router-LSA",
    2: "Network-LSA",
    3: "Summary-LSA (IP network)",
    4: "Summary-LSA (ASBR)",
    5: "AS-External-LSA",
    7: "NSSA-LSA",
    9: "Opaque LSA, link-local",
    10: "Opaque LSA, area",
    11: "Opaque LSA, AS",
}
_OPTIONS = ((0x02, "E"), (0x04, "MC"), (0x08, "N/P"), (0x10, "L"), (0x20, "DC"), (0x40, "O"), (0x80, "DN"))
_DD_FLAGS = ((4, "Init"), (2, "More"), (1, "Master"))
_HEADER, _LSA_HEADER, _REQUEST = 24, 20, 12


def ospf(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A packet: header, then what its type carries. Raises MalformedPacket."""
    length = int.from_bytes(data[2:4], "big")
    if len(data) < _HEADER or not _HEADER <= length <= len(data):
        raise MalformedPacket("OSPF packet is shorter than it says")
    b.layer("OSPF", at, at + len(data))
    b.number("Version", at, 1)
    kind = b.number("Message Type", at + 1, 1, _TYPES)
    b.number("Packet Length", at + 2, 2)
    router = _address(b, "Source OSPF Router", at + 4)
    area = _address(b, "Area ID", at + 8)
    b.hexadecimal("Checksum", at + 12, 2)
    if b.number("Auth Type", at + 14, 2, _AUTHENTICATION) == 2:
        b.number("Auth Crypt Key ID", at + 18, 1)
        b.number("Auth Crypt Data Length", at + 19, 1)
        b.number("Auth Crypt Sequence Number", at + 20, 4)
    body, start = data[_HEADER:length], at + _HEADER
    reader = {1: _hello, 2: _description, 3: _request, 4: _update, 5: _headers}.get(kind)
    tail = reader(b, body, start) if reader is not None else ""
    b.say("OSPF", f"{_TYPES.get(kind, f'Type {kind}')}  Router {router} Area {area}{tail}")


def _address(b: DissectionBuilder, name: str, at: int) -> IPv4Address:
    value = IPv4Address(b.frame[at : at + 4])
    b.field(name, value, at, 4)
    return value


def _flags(b: DissectionBuilder, name: str, at: int, names: tuple[tuple[int, str], ...]) -> str:
    value = b.frame[at]
    text = ", ".join(each for bit, each in names if value & bit)
    b.field(name, f"{value:#04x} {text}".rstrip(), at, 1)
    return text


def _need(body: bytes, octets: int) -> None:
    if len(body) < octets:
        raise MalformedPacket(f"OSPF body of {len(body)} octets")


def _hello(b: DissectionBuilder, body: bytes, at: int) -> str:
    _need(body, 20)
    _address(b, "Network Mask", at)
    b.number("Hello Interval", at + 4, 2)
    _flags(b, "Options", at + 6, _OPTIONS)
    b.number("Router Priority", at + 7, 1)
    b.number("Router Dead Interval", at + 8, 4)
    designated = _address(b, "Designated Router", at + 12)
    backup = _address(b, "Backup Designated Router", at + 16)
    for offset in range(20, len(body) - 3, 4):
        _address(b, "Active Neighbor", at + offset)
    return f" DR {designated} BDR {backup}"


def _description(b: DissectionBuilder, body: bytes, at: int) -> str:
    _need(body, 8)
    b.number("Interface MTU", at, 2)
    _flags(b, "Options", at + 2, _OPTIONS)
    flags = _flags(b, "DB Description", at + 3, _DD_FLAGS)
    sequence = b.number("DD Sequence", at + 4, 4)
    return f" Seq {sequence}{f' [{flags}]' if flags else ''}{_headers(b, body[8:], at + 8)}"


def _headers(b: DissectionBuilder, body: bytes, at: int) -> str:
    count = len(body) // _LSA_HEADER
    for index in range(count):
        _lsa(b, body[index * _LSA_HEADER :], at + index * _LSA_HEADER, _LSA_HEADER)
    return f" {count} LSA headers" if count else ""


def _request(b: DissectionBuilder, body: bytes, at: int) -> str:
    count = len(body) // _REQUEST
    for offset in range(0, count * _REQUEST, _REQUEST):
        kind = int.from_bytes(body[offset : offset + 4], "big")
        state, router = (IPv4Address(body[offset + n : offset + n + 4]) for n in (4, 8))
        name = _LSA.get(kind, f"LSA type {kind}")
        b.field(name, f"{state} of {router}", at + offset, _REQUEST)
    return f" {count} LSAs"


def _update(b: DissectionBuilder, body: bytes, at: int) -> str:
    _need(body, 4)
    count = b.number("Number of LSAs", at, 4)
    offset, seen = 4, 0
    while offset < len(body) and seen < count:
        _need(body[offset:], _LSA_HEADER)
        length = int.from_bytes(body[offset + 18 : offset + 20], "big")
        if length < _LSA_HEADER or offset + length > len(body):
            raise MalformedPacket(f"OSPF LSA has length {length}")
        _lsa(b, body[offset : offset + length], at + offset, length)
        offset += length
        seen += 1
    return f" {count} LSAs"


def _lsa(b: DissectionBuilder, data: bytes, at: int, length: int) -> None:
    kind = data[3]
    state, router = IPv4Address(data[4:8]), IPv4Address(data[8:12])
    age = int.from_bytes(data[:2], "big")
    text = f"{state} of {router}, Seq 0x{data[12:16].hex()}, Age {age & 0x7FFF} s"
    if length >= 28 and kind in (2, 3, 5, 7):
        mask = int.from_bytes(data[20:24], "big")
        prefix = IPv4Network((int(state) & mask, mask.bit_count()), strict=False)
        text += f", {prefix}"
        if kind != 2:
            text += f" Metric {int.from_bytes(data[25:28], 'big')}"
    b.field(_LSA.get(kind, f"LSA type {kind}"), text, at, length)
