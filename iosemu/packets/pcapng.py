"""Capture files in the pcapng format (IETF draft-ietf-opsawg-pcapng), Ethernet, nanoseconds."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import BinaryIO

from iosemu.packets.errors import MalformedPacket
from iosemu.packets.framing import Framing

_SECTION, _INTERFACE, _STATISTICS, _PACKET = 0x0A0D0D0A, 1, 5, 6
_MAGIC = 0x1A2B3C4D
_END, _COMMENT = 0, 1
_NANOSECONDS = 9


class PacketDirection(IntEnum):
    """Direction bits of the packet flags."""

    UNKNOWN = 0
    INBOUND = 1
    OUTBOUND = 2


@dataclass(frozen=True, slots=True)
class PcapngInterface:
    """An interface of a capture file."""

    name: str
    description: str = ""
    linktype: int = Framing.ETHERNET.linktype


@dataclass(frozen=True, slots=True)
class PcapngPacket:
    """A packet of a capture file; `time` in nanoseconds since 1970, `dropped` counts those lost just before it."""

    interface: int
    time: int
    data: bytes
    direction: PacketDirection = PacketDirection.UNKNOWN
    comment: str = ""
    dropped: int = 0
    original_length: int | None = None
    """Octets the packet had on the wire, where fewer were kept."""


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def _block(kind: int, body: bytes, options: bytes = b"") -> bytes:
    if options:
        options += bytes(4)
    length = 12 + len(body) + len(options)
    return struct.pack("<II", kind, length) + body + options + struct.pack("<I", length)


def section_block(application: str = "iosemu", hardware: str = "", comment: str = "") -> bytes:
    """The block that begins a file."""
    options = _option(_COMMENT, comment.encode()) if comment else b""
    if hardware:
        options += _option(2, hardware.encode())
    options += _option(4, application.encode())
    return _block(_SECTION, struct.pack("<IHHq", _MAGIC, 1, 0, -1), options)


def interface_block(interface: PcapngInterface) -> bytes:
    """The block that introduces an interface; packets name interfaces by their order."""
    options = _option(2, interface.name.encode())
    if interface.description:
        options += _option(3, interface.description.encode())
    options += _option(9, bytes((_NANOSECONDS,)))
    return _block(_INTERFACE, struct.pack("<HHI", interface.linktype, 0, 0), options)


def packet_block(packet: PcapngPacket) -> bytes:
    """The block of one packet."""
    options = _option(_COMMENT, packet.comment.encode()) if packet.comment else b""
    if packet.direction:
        options += _option(2, struct.pack("<I", packet.direction))
    if packet.dropped:
        options += _option(4, struct.pack("<Q", packet.dropped))
    data = packet.data
    length = len(data) if packet.original_length is None else packet.original_length
    high, low = packet.time >> 32, packet.time & 0xFFFFFFFF
    head = struct.pack("<IIIII", packet.interface, high, low, len(data), length)
    return _block(_PACKET, head + data + bytes(-len(data) % 4), options)


def statistics_block(interface: int, time: int, received: int, dropped: int) -> bytes:
    """The block that says how many packets an interface received and how many of them are missing."""
    body = struct.pack("<III", interface, time >> 32, time & 0xFFFFFFFF)
    options = _option(4, struct.pack("<Q", received)) + _option(5, struct.pack("<Q", dropped))
    return _block(_STATISTICS, body, options)


class PcapngWriter:
    """Writes a file or stream block by block; each write leaves a valid file behind."""

    def __init__(
        self, stream: BinaryIO, interfaces: Sequence[PcapngInterface] = (), comment: str = ""
    ) -> None:
        self._stream = stream
        self.interfaces: list[PcapngInterface] = []
        stream.write(section_block(comment=comment))
        for interface in interfaces:
            self.add_interface(interface)

    def add_interface(self, interface: PcapngInterface) -> int:
        """Introduce an interface, at any time; returns its number."""
        self._stream.write(interface_block(interface))
        self.interfaces.append(interface)
        return len(self.interfaces) - 1

    def write(self, packet: PcapngPacket) -> None:
        """Write a packet; ValueError if its interface was not introduced."""
        if not 0 <= packet.interface < len(self.interfaces):
            raise ValueError(f"pcapng: no interface {packet.interface}")
        self._stream.write(packet_block(packet))

    def write_statistics(self, interface: int, time: int, received: int, dropped: int) -> None:
        """Write the counters of an interface at `time`, nanoseconds since 1970."""
        self._stream.write(statistics_block(interface, time, received, dropped))


@dataclass(frozen=True, slots=True)
class PcapngStatistics:
    """The counters of an interface."""

    interface: int
    time: int
    received: int
    dropped: int


PcapngRecord = PcapngInterface | PcapngPacket | PcapngStatistics


def read_pcapng(data: bytes) -> Iterator[PcapngRecord]:
    """Read what the writer writes: one little-endian section with nanoseconds; other blocks are passed over."""
    at = 0
    while at < len(data):
        if at + 12 > len(data):
            raise MalformedPacket(f"pcapng: block at octet {at} is cut off")
        kind, length = struct.unpack_from("<II", data, at)
        if length < 12 or length % 4 or at + length > len(data):
            raise MalformedPacket(f"pcapng: block length {length} at octet {at}")
        if data[at + length - 4 : at + length] != data[at + 4 : at + 8]:
            raise MalformedPacket(f"pcapng: the two lengths of the block at octet {at} differ")
        record = _record(kind, data[at + 8 : at + length - 4], at)
        if record is not None:
            yield record
        at += length


def _record(kind: int, body: bytes, at: int) -> PcapngRecord | None:
    try:
        if kind == _SECTION and struct.unpack_from("<I", body)[0] != _MAGIC:
            raise MalformedPacket("pcapng: not a little-endian section")
        if kind == _INTERFACE:
            options = _options(body[8:])
            if options.get(9) != bytes((_NANOSECONDS,)):
                raise MalformedPacket("pcapng: time resolution is not nanoseconds")
            name, description = options.get(2, b"").decode(), options.get(3, b"").decode()
            return PcapngInterface(name, description, struct.unpack_from("<H", body)[0])
        if kind == _STATISTICS:
            interface, high, low = struct.unpack_from("<III", body)
            options = _options(body[12:])
            received, dropped = (int.from_bytes(options.get(code, b""), "little") for code in (4, 5))
            return PcapngStatistics(interface, high << 32 | low, received, dropped)
        if kind != _PACKET:
            return None
        interface, high, low, captured, length = struct.unpack_from("<IIIII", body)
        if 20 + captured > len(body):
            raise MalformedPacket(f"pcapng: packet at octet {at} is cut off")
        options = _options(body[20 + captured + (-captured % 4) :])
        return PcapngPacket(
            interface,
            high << 32 | low,
            body[20 : 20 + captured],
            PacketDirection(int.from_bytes(options.get(2, b""), "little") & 3),
            options.get(_COMMENT, b"").decode(),
            int.from_bytes(options.get(4, b""), "little"),
            None if length == captured else length,
        )
    except (struct.error, ValueError) as error:
        raise MalformedPacket(f"pcapng: block at octet {at}: {error}") from None


def _options(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(data):
        code, length = struct.unpack_from("<HH", data, at)
        if code == _END:
            break
        if at + 4 + length > len(data):
            raise MalformedPacket("pcapng: option is cut off")
        found[code] = data[at + 4 : at + 4 + length]
        at += 4 + length + (-length % 4)
    return found
