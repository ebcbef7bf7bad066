"""What all connections of a stack share: time, timers, keys, counters, and what waits to be taken out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from iosemu.packets.tcp import TcpFlags, TcpSegment
from iosemu.tcp.config import TcpConfig
from iosemu.tcp.counters import Statistics
from iosemu.tcp.events import Event
from iosemu.tcp.options import TcpOptions
from iosemu.tcp.timers import Timer, TimerQueue
from iosemu.tcp.wire import Address, segment_to_bytes, sign


@dataclass(frozen=True, slots=True)
class OutgoingSegment:
    """A segment to be put into an IP packet of protocol 6."""

    source: Address
    destination: Address
    data: bytes
    ttl: int = 255
    tos: int = 0


class Core:
    """The part of a stack that its connections use."""

    def __init__(self, config: TcpConfig) -> None:
        self.config = config
        self.now = 0.0
        self.statistics = Statistics()
        self._queue = TimerQueue()
        self._keys: dict[Address, bytes] = {}
        self._segments: list[OutgoingSegment] = []
        self._events: list[Event] = []

    def timer(self, action: Callable[[], None]) -> Timer:
        """A new timer, not yet started."""
        return Timer(self._queue, action)

    def report(self, event: Event) -> None:
        """Leave something in `events`."""
        self._events.append(event)

    def transmit(
        self,
        source: Address,
        destination: Address,
        segment: TcpSegment,
        options: TcpOptions,
        config: TcpConfig,
    ) -> None:
        """Leave a segment in `segments`, signed if there is a key for the peer."""
        self.statistics.sent += 1
        if segment.flags & (TcpFlags.SYN | TcpFlags.FIN | TcpFlags.RST):
            self.statistics.control += 1
        key = self._keys.get(destination)
        if key is not None:
            data = sign(segment, options, source, destination, key)
        else:
            data = segment_to_bytes(replace(segment, options=options.to_bytes()), source, destination)
        self._segments.append(OutgoingSegment(source, destination, data, config.ttl, config.tos))

    def signs_for(self, peer: Address) -> bool:
        """Whether segments to a peer carry the MD5 option, which makes room for less data."""
        return peer in self._keys
