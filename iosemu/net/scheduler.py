"""The event queue of a lab: what happens next, in lab seconds."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(order=True, slots=True)
class Timer:
    """A callback that is due at a lab time; equal times run in the order they were asked for."""

    when: float
    sequence: int
    callback: Callable[[], None] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        """Forget the callback; cancelling twice or after it ran does no harm."""
        self.cancelled = True


class Scheduler:
    """Lab time in seconds since the lab began, moved only by `run_until`.

    Nothing here reads a wall clock: `iosemu.server.clock` decides how fast lab time passes.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._queue: list[Timer] = []
        self._sequence = 0

    def at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Call `callback` at lab time `when` (at once, if that has passed)."""
        self._sequence += 1
        timer = Timer(max(when, self.now), self._sequence, callback)
        heapq.heappush(self._queue, timer)
        return timer

    def after(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call `callback` `delay` seconds from now."""
        return self.at(self.now + delay, callback)

    def next_due(self) -> float | None:
        """Lab time of the next event, or None when nothing is planned."""
        while self._queue and self._queue[0].cancelled:
            heapq.heappop(self._queue)
        return self._queue[0].when if self._queue else None

    def step(self) -> bool:
        """Run the next event, moving time to it; False when nothing is planned."""
        due = self.next_due()
        if due is None:
            return False
        timer = heapq.heappop(self._queue)
        self.now = due
        timer.callback()
        return True

    def run_until(self, when: float) -> None:
        """Run every event due up to and including lab time `when`, then stand at `when`."""
        while (due := self.next_due()) is not None and due <= when:
            self.step()
        self.now = max(self.now, when)
