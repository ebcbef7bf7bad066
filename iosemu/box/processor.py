"""The processor of a box: what passes it by, and how busy it was over the last days."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from iosemu.box.counters import SAMPLE, Counters

SAMPLES = 12
"""Samples in a minute."""
BUFFER_SIZES = (104, 600, 1536, 4520, 5024, 18024)
"""Octets of the buffers of the public pools: small, middle, big, very big, large, huge."""
MINUTES, HOURS = 60, 72
"""How far back `show processes cpu history` looks."""
_ALL = HOURS * 60 * SAMPLES


@dataclass(slots=True)
class Span:
    """A finished minute or hour: frames in its busiest sample and in all, and how many samples it had."""

    most: int = 0
    total: int = 0
    samples: int = 0

    def add(self, most: int, total: int, samples: int) -> None:
        """Take in a sample, or a shorter span."""
        self.most = max(self.most, most)
        self.total += total
        self.samples += samples


@dataclass(slots=True)
class Processor:
    """Frames that the processor worked on, in samples of 5 s; rolled on when one is added or read.

    `arrived` is the frame that is at work now, `passing_on` says that what is sent is such a frame on its way
    through: what the two find out is counted as switched, all else as the work of processes.
    """

    arrived: tuple[Counters, int] | None = None
    """The counters of the port that a frame came in by, and its octets; None: what is done has another cause."""
    passing_on: bool = False
    buffers: list[int] = field(default_factory=lambda: [0] * len(BUFFER_SIZES))
    """How many buffers of each size processes took for what they sent."""
    recent: deque[int] = field(default_factory=lambda: deque(maxlen=SAMPLES))
    """Frames in the last samples, the newest first."""
    minutes: deque[Span] = field(default_factory=lambda: deque(maxlen=MINUTES))
    hours: deque[Span] = field(default_factory=lambda: deque(maxlen=HOURS))
    _sample: int = 0
    _frames: int = 0
    _minute: Span = field(default_factory=Span)
    _hour: Span = field(default_factory=Span)

    def frame(self, now: float) -> None:
        """Count a frame at lab time `now`."""
        if now >= (self._sample + 1) * SAMPLE:
            self.roll(now)
        self._frames += 1

    def start(self, now: float) -> None:
        """Power came: what was is forgotten."""
        self.recent.clear()
        self.minutes.clear()
        self.hours.clear()
        self._sample, self._frames, self._minute, self._hour = int(now // SAMPLE), 0, Span(), Span()
        self.arrived, self.passing_on = None, False
        self.buffers = [0] * len(BUFFER_SIZES)

    def made(self, octets: int) -> None:
        """A process made a frame of so many octets."""
        if octets <= BUFFER_SIZES[0]:
            self.buffers[0] += 1
        else:
            self.buffers[min(bisect_left(BUFFER_SIZES, octets), len(BUFFER_SIZES) - 1)] += 1

    def switched(self) -> None:
        """The frame that arrived goes on to another interface without a process."""
        if self.arrived is not None:
            counters, octets = self.arrived
            counters.in_switched += 1
            counters.in_switched_octets += octets
            self.arrived = None

    def roll(self, now: float) -> None:
        """Finish the samples that are over."""
        passed = int(now // SAMPLE) - self._sample
        if not passed:
            return
        for frames in self._finished(passed):
            self.recent.appendleft(frames)
            self._minute.add(frames, frames, 1)
            if self._minute.samples < SAMPLES:
                continue
            self.minutes.appendleft(self._minute)
            self._hour.add(self._minute.most, self._minute.total, self._minute.samples)
            self._minute = Span()
            if self._hour.samples >= 60 * SAMPLES:
                self.hours.appendleft(self._hour)
                self._hour = Span()
        self._sample += max(passed, 0)

    def _finished(self, passed: int) -> Iterator[int]:
        if passed <= 0:
            return
        yield self._frames
        self._frames = 0
        # of an idle time longer than the longest graph only as much is told as the graph has room for
        for _ in range(min(passed - 1, _ALL)):
            yield 0
