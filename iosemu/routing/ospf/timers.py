"""Timers of one process: a heap in which a restarted timer costs nothing until its old time comes."""

from __future__ import annotations

import heapq
from collections.abc import Callable


class Timer:
    """Something to do at a time; times are lab seconds."""

    __slots__ = ("_queue", "_queued", "action", "when")

    def __init__(self, queue: TimerQueue, action: Callable[[], None]) -> None:
        self._queue = queue
        self.action = action
        self.when: float | None = None
        self._queued: float | None = None

    @property
    def running(self) -> bool:
        """Whether it will fire."""
        return self.when is not None

    def start(self, when: float) -> None:
        """(Re)start: fire at `when`."""
        self.when = when
        if self._queued is None or when < self._queued:
            self._queued = when
            self._queue.push(when, self)

    def start_if_idle(self, when: float) -> None:
        """Start unless it is running."""
        if self.when is None:
            self.start(when)

    def stop(self) -> None:
        """Do not fire."""
        self.when = None


class TimerQueue:
    """All timers of a process."""

    __slots__ = ("_count", "_heap")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._count = 0

    def timer(self, action: Callable[[], None]) -> Timer:
        """A new timer, not yet started."""
        return Timer(self, action)

    def push(self, when: float, timer: Timer) -> None:
        """Note a time at which a timer is looked at; for `Timer`."""
        self._count += 1
        heapq.heappush(self._heap, (when, self._count, timer))

    def _settle(self) -> None:
        heap = self._heap
        while heap:
            when, _, timer = heap[0]
            if timer._queued == when and timer.when == when:
                return
            heapq.heappop(heap)
            if timer._queued == when:
                timer._queued = None
                if timer.when is not None:
                    timer.start(timer.when)

    def next(self) -> float | None:
        """When the next timer fires, or None."""
        heap = self._heap
        if not heap:
            return None
        when, _, timer = heap[0]
        if timer.when == when and timer._queued == when:
            return when
        self._settle()
        return heap[0][0] if heap else None

    def pop_due(self, now: float) -> Timer | None:
        """Take the first timer whose time has come."""
        heap = self._heap
        if not heap or heap[0][0] > now:  # none fires before it is looked at
            return None
        self._settle()
        if not heap or heap[0][0] > now:
            return None
        timer = heapq.heappop(heap)[2]
        timer.when = timer._queued = None
        return timer
