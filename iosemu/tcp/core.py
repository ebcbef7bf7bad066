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
from iosemu.tcp.wire import Address, Endpoint, Network, segment_to_bytes, sign


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
        self._range_keys: dict[Network, bytes] = {}
        self._kept_keys: dict[tuple[Endpoint, Endpoint], bytes] = {}
        """Of connections that end under a key that new ones no longer have."""
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
        ends = Endpoint(source, segment.source_port), Endpoint(destination, segment.destination_port)
        key = self.md5_key(destination, ends)
        if key is not None:
            data = sign(segment, options, source, destination, key)
        else:
            data = segment_to_bytes(replace(segment, options=options.to_bytes()), source, destination)
        self._segments.append(OutgoingSegment(source, destination, data, config.ttl, config.tos))

    def signs_for(self, peer: Address) -> bool:
        """Whether segments to a peer carry the MD5 option, which makes room for less data."""
        return self.md5_key(peer) is not None

    def md5_key(self, peer: Address, ends: tuple[Endpoint, Endpoint] | None = None) -> bytes | None:
        """The key for a peer (RFC 2385): its own, or that of the narrowest range that it is in.

        The connection between these `ends`, ours first, may have one of its own.
        """
        if self._kept_keys and ends in self._kept_keys:
            return self._kept_keys[ends]
        key = self._keys.get(peer)
        if key is not None or not self._range_keys:
            return key
        inside = [each for each in self._range_keys if peer in each]
        return self._range_keys[max(inside, key=lambda each: each.prefixlen)] if inside else None
