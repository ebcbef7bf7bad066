"""Recording what passes ports, for sniffers and capture files."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from iosemu.net.link import Direction, Port, Tap
from iosemu.net.signal import Signal
from iosemu.packets.dissect import summarize
from iosemu.packets.framing import Framing
from iosemu.packets.pcapng import (
    PacketDirection,
    PcapngInterface,
    PcapngPacket,
    PcapngWriter,
)

DEFAULT_LIMIT = 10_000
"""Frames a recorder keeps unless told otherwise."""
OVERHEAD = 200
"""Octets of memory that a frame takes beside its own."""
_DIRECTIONS = {Direction.IN: PacketDirection.INBOUND, Direction.OUT: PacketDirection.OUTBOUND}


@dataclass(frozen=True, slots=True)
class CapturedFrame:
    """A frame as it passed: running number from 1, lab time in seconds, port, direction, bytes, framing."""

    number: int
    time: float
    port: str
    direction: Direction
    frame: bytes
    framing: Framing = Framing.ETHERNET


class Recorder:
    """Keeps the newest frames of the ports it taps: `limit` of them.

    With `seconds` and `octets` what is older than so many lab seconds is let go too, and what takes more memory,
    but not the newest `least` frames. `now` gives lab time. With `protocols` (names as `dissect` gives them, any case)
    the others are not kept.
    """

    def __init__(
        self,
        now: Callable[[], float],
        limit: int = DEFAULT_LIMIT,
        protocols: Iterable[str] = (),
        ring: bool = True,
        *,
        seconds: float = float("inf"),
        octets: float = float("inf"),
        least: int = 0,
    ) -> None:
        self._now = now
        self.limit = limit
        self.ring = ring
        """Whether the oldest frame makes room in a full buffer; otherwise the newest is dropped."""
        self._seconds, self._octets, self._least = seconds, octets, least
        self.size = 0
        """Octets of memory that the frames take, about."""
        self.protocols = frozenset(name.upper() for name in protocols)
        self.listeners: list[Callable[[CapturedFrame], None]] = []
        """Called with every frame that is taken, kept or not by the buffer."""
        self.changed = Signal()
        """A frame was taken, or the buffer emptied."""
        self.running = True
        self.received = 0
        self.dropped = 0
        """Frames that the buffer no longer holds, or had no room for."""
        self._frames: deque[CapturedFrame] = deque()
        self._taps: list[tuple[Port, Tap]] = []

    def __len__(self) -> int:
        return len(self._frames)

    def __iter__(self) -> Iterator[CapturedFrame]:
        return iter(tuple(self._frames))

    @property
    def frames(self) -> tuple[CapturedFrame, ...]:
        """The frames kept, oldest first."""
        return tuple(self._frames)

    def newest(self, count: int) -> list[CapturedFrame]:
        """The last `count` frames that are kept, oldest first."""
        return list(islice(self._frames, max(0, len(self._frames) - count), None))

    def attach(self, port: Port, name: str | None = None, direction: Direction | None = None) -> None:
        """Tap a port, under another name or in one direction only if so given."""
        label = port.name if name is None else name

        def tap(way: Direction, frame: bytes) -> None:
            if direction in (None, way):
                self.record(label, way, frame, port.framing)

        port.taps.append(tap)
        self._taps.append((port, tap))

    def detach(self, port: Port | None = None) -> None:
        """Take the taps off a port, or off all."""
        for entry in [entry for entry in self._taps if port in (None, entry[0])]:
            entry[0].taps.remove(entry[1])
            self._taps.remove(entry)

    def record(
        self, port: str, direction: Direction, frame: bytes, framing: Framing = Framing.ETHERNET
    ) -> None:
        """Take a frame that passes now."""
        if not self.running:
            return
        if self.protocols and summarize(frame, framing).protocol.upper() not in self.protocols:
            return
        self.received += 1
        captured = CapturedFrame(self.received, self._now(), port, direction, frame, framing)
        if len(self._frames) >= self.limit:
            self.dropped += 1
            while self.ring and self._frames and len(self._frames) >= self.limit:
                self._forget()
        if len(self._frames) < self.limit:
            self._frames.append(captured)
            self.size += len(frame) + OVERHEAD
            self._let_go()
        for listener in self.listeners:
            listener(captured)
        self.changed.emit()

    def _let_go(self) -> None:
        """Forget what is too old or too much."""
        frames, now = self._frames, self._now()
        while len(frames) > self._least and (
            self.size > self._octets or abs(now - frames[0].time) > self._seconds
        ):
            self.dropped += 1
            self._forget()

    def _forget(self) -> None:
        self.size -= len(self._frames.popleft().frame) + OVERHEAD

    def around(self, time: float, before: int, count: int) -> list[CapturedFrame]:
        """Up to `count` frames in their order: `before` of them passed before a lab time, as far as there are so many.

        Lab time may have been put back meanwhile: the newest frames that fit are meant.
        """
        behind = next(
            (at for at, captured in enumerate(reversed(self._frames)) if captured.time < time),
            len(self._frames),
        )
        begin = max(0, len(self._frames) - behind - before)
        return list(islice(self._frames, begin, begin + count))

    def span(self) -> tuple[float, float]:
        """Lab times of the oldest frame that is kept and of the newest; raises IndexError for an empty buffer."""
        return self._frames[0].time, self._frames[-1].time

    def clear(self) -> None:
        """Empty the buffer and count from the start."""
        self._frames.clear()
        self.size = 0
        self.received = self.dropped = 0
        self.changed.emit()

    def write(self, stream: BinaryIO, origin: int = 0, comment: str = "") -> int:
        """Write the buffer as a pcapng file; `origin` is when the lab began, nanoseconds since 1970.

        Returns how many frames were written; each interface's counters say what is missing.
        """
        sink = PcapngSink(stream, origin, comment)
        for port, _tap in self._taps:
            sink.announce([port.name], framing=port.framing)
        for captured in self._frames:
            sink.write(captured)
        sink.close(self._now(), self.dropped)
        return len(self._frames)


class PcapngSink:
    """Writes captured frames to a stream as they come; `write` fits into `Recorder.listeners`."""

    def __init__(self, stream: BinaryIO, origin: int = 0, comment: str = "") -> None:
        self._writer = PcapngWriter(stream, comment=comment)
        self._origin = origin
        self._interfaces: dict[tuple[str, Framing], int] = {}
        """A port whose framing changes is an interface for each: a capture file can say it in no other way."""
        self._received: dict[int, int] = {}

    def announce(
        self,
        ports: Iterable[str],
        descriptions: Mapping[str, str] | None = None,
        framing: Framing = Framing.ETHERNET,
    ) -> None:
        """Introduce ports that may stay silent, some with a description."""
        for port in ports:
            self._interface(port, framing, (descriptions or {}).get(port, ""))

    def write(self, captured: CapturedFrame, comment: str = "", dropped: int = 0) -> None:
        """Write a frame; `dropped` says how many were lost just before it."""
        interface = self._interface(captured.port, captured.framing)
        self._received[interface] += 1
        direction = _DIRECTIONS[captured.direction]
        time = self._nanoseconds(captured.time)
        self._writer.write(PcapngPacket(interface, time, captured.frame, direction, comment, dropped))

    def close(self, now: float, dropped: int = 0) -> None:
        """Write the counters of every interface; what was dropped is told with the first one."""
        for interface in self._interfaces.values():
            missing = dropped if interface == 0 else 0
            received = self._received[interface] + missing
            self._writer.write_statistics(interface, self._nanoseconds(now), received, missing)

    def _interface(self, port: str, framing: Framing, description: str = "") -> int:
        known = self._interfaces.get((port, framing))
        if known is None:
            known = self._interfaces[port, framing] = self._writer.add_interface(
                PcapngInterface(port, description, framing.linktype)
            )
            self._received[known] = 0
        return known

    def _nanoseconds(self, time: float) -> int:
        return self._origin + round(time * 1e9)
