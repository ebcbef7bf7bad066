"""Embedded Packet Capture: buffers, points that fill them, and the packets kept (IOS 12.4(20)T to 15.1)."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from iosemu.box.service import Service
from iosemu.ip.config import IpSettings
from iosemu.net.link import Direction, Port, Tap
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EtherType, without_tag
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.acl.config import AclsConfig, Action
from iosemu.subjects.acl.evaluation import Flow, find

if TYPE_CHECKING:
    from iosemu.box.device import Device

DEFAULT_SIZE = 256
"""Kilobytes of a buffer."""
DEFAULT_ELEMENT = 68
"""Octets kept of each packet."""
_PCAP = struct.Struct("<IHHiIII")
_RECORD = struct.Struct("<IIII")


@dataclass(frozen=True, slots=True)
class Captured:
    """A packet in a buffer: lab time, where it was seen, how long it was, what was kept of it."""

    time: float
    interface: str
    direction: Direction
    path: str
    """`IPv4 CEF` or `IPv4 Process`."""
    length: int
    data: bytes


@dataclass(slots=True)
class Buffer:
    """A capture buffer; `size` in kilobytes, `element` in octets."""

    name: str
    size: int = DEFAULT_SIZE
    element: int = DEFAULT_ELEMENT
    circular: bool = False
    access_list: str = ""
    every: int = 0
    """Only every n-th packet is kept."""
    duration: int = 0
    """Seconds after the start in which packets are kept."""
    packets: int = 0
    """How many packets are kept at most."""
    per_second: int = 0
    kept: deque[Captured] = field(default_factory=deque)
    octets: int = 0
    seen: int = 0
    began: float | None = None
    second: tuple[int, int] = (0, 0)
    """A second of lab time and the packets kept in it."""

    def clear(self) -> None:
        """Forget the packets."""
        self.kept.clear()
        self.octets = self.seen = 0
        self.began = None

    def take(self, packet: Captured) -> None:
        """Keep a packet, unless a limit is reached."""
        if self.began is None:
            self.began = packet.time
        self.seen += 1
        if self.every and self.seen % self.every:
            return
        if self.duration and packet.time - self.began > self.duration:
            return
        if self.packets and len(self.kept) >= self.packets:
            return
        second, count = self.second
        count = count + 1 if second == int(packet.time) else 1
        if self.per_second and count > self.per_second:
            return
        room = self.size * 1024
        while self.circular and self.kept and self.octets + len(packet.data) > room:
            self.octets -= len(self.kept.popleft().data)
        if self.octets + len(packet.data) > room:
            return
        self.second = (int(packet.time), count)
        self.octets += len(packet.data)
        self.kept.append(packet)

    def pcap(self, epoch: float) -> bytes:
        """The packets as a libpcap file; `epoch` is lab time zero in seconds since 1970."""
        parts = [_PCAP.pack(0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
        for packet in self.kept:
            microseconds = round((epoch + packet.time) * 1e6)
            parts.append(_RECORD.pack(*divmod(microseconds, 1_000_000), len(packet.data), packet.length))
            parts.append(packet.data)
        return b"".join(parts)


@dataclass(slots=True)
class Point:
    """A capture point: `interface` is empty for all of them."""

    name: str
    path: str
    interface: str
    way: str
    """`in`, `out`, `both` or `from-us`."""
    buffer: str = ""
    active: bool = False


class PacketCapture(Service):
    """The buffers and points of one router."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.buffers: dict[str, Buffer] = {}
        self.points: dict[str, Point] = {}
        self._taps: dict[str, list[tuple[Port, Tap]]] = {}

    def points_of(self, buffer: str) -> Iterator[Point]:
        """The points that fill a buffer."""
        return (point for point in self.points.values() if point.buffer == buffer)

    def begin(self, point: Point) -> None:
        """Begin to capture; nothing happens where that goes on already."""
        if point.active:
            return
        point.active = True
        taps = self._taps[point.name] = []
        for name, port in self.device.ports.items():
            if point.interface in ("", name):
                tap = self._tap(point, name)
                port.taps.append(tap)
                taps.append((port, tap))

    def end(self, point: Point) -> None:
        """Capture no more."""
        point.active = False
        for port, tap in self._taps.pop(point.name, []):
            port.taps.remove(tap)

    def stop(self) -> None:
        """The power goes."""
        for point in self.points.values():
            self.end(point)

    def _tap(self, point: Point, interface: str) -> Callable[[Direction, bytes], None]:
        def tap(direction: Direction, frame: bytes) -> None:
            buffer = self.buffers.get(point.buffer)
            if buffer is None or not self._wanted(point, buffer, direction, frame):
                return
            path = "IPv4 LES CEF" if point.path == "cef" else "IPv4 Process"
            kept = frame[: buffer.element]
            buffer.take(Captured(self.device.now, interface, direction, path, len(frame), kept))

        return tap

    def _wanted(self, point: Point, buffer: Buffer, direction: Direction, frame: bytes) -> bool:
        if point.way in ("in", "out") and direction.value != point.way:
            return False
        bare = without_tag(frame)
        if bare[12:14] != EtherType.IPV4.to_bytes(2):
            return False
        try:
            packet = IPv4Packet.parse(bare[14:])
        except MalformedPacket:
            return False
        if point.path != "cef" and not self._by_the_processor(point, packet, direction):
            return False
        access_list = self.device.config.of(AclsConfig).get(buffer.access_list or None)
        if access_list is None:
            return True
        entry = find(access_list, Flow.of(packet))
        return entry is not None and entry.action is Action.PERMIT

    def _by_the_processor(self, point: Point, packet: IPv4Packet, direction: Direction) -> bool:
        """Whether the packet is for the router itself, or from it."""
        own = {
            address.ip
            for config in self.device.config.interfaces.values()
            for address in config.of(IpSettings).addresses
        }
        if direction is Direction.OUT:
            return packet.source in own
        if point.way == "from-us":
            return False
        return (
            packet.destination in own
            or packet.destination.is_multicast
            or int(packet.destination) == 2**32 - 1
        )
