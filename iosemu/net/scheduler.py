"""The event queue of a lab: what happens next, in lab seconds."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iosemu.net.tracing import Span


@dataclass(eq=False, slots=True)
class Timer:
    """A callback that is due at a lab time; equal times run in the order they were asked for."""

    when: float
    sequence: int
    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        """Forget the callback; cancelling twice or after it ran does no harm."""
        self.cancelled = True


class Scheduler:
    """Lab time in seconds since the lab began, moved only by `run_until`.

    Nothing here reads a wall clock: `iosemu.server.clock` decides how fast lab time passes.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self.late = 0.0
        """Seconds between the time at which the event that runs was due, and now: lab time may pass its events
        when there are more of them than can be computed."""
        self._queue: list[tuple[float, int, Timer]] = []
        """A heap; tuples compare faster than timers would."""
        self._sequence = 0
        self.context: Span | None = None
        """The piece of a traced packet's way that is at work; what is planned meanwhile belongs to it."""
        self.fault: Callable[[Timer, Exception], None] | None = None
        """Takes what a callback raises, and the rest of lab time goes on; without it whoever runs time gets it."""

    def at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Call `callback` at lab time `when` (at once, if that has passed)."""
        self._sequence += 1
        if when < self.now:
            when = self.now
        timer = Timer(when, self._sequence, callback)
        heapq.heappush(self._queue, (when, self._sequence, timer))
        if self.context is not None:
            self.context.adopt(timer)
        return timer

    def after(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call `callback` `delay` seconds from now."""
        return self.at(self.now + delay, callback)

    def forget_next(self) -> bool:
        """Drop the event that is due next, unheard; False when nothing is planned."""
        if not self._queue:
            return False
        heapq.heappop(self._queue)
        return True

    def next_due(self) -> float | None:
        """Lab time of the next event, or None when nothing is planned."""
        queue = self._queue
        while queue and queue[0][2].cancelled:
            heapq.heappop(queue)
        return queue[0][0] if queue else None

    def step(self) -> bool:
        """Run the next event, moving time to it; False when nothing is planned."""
        due = self.next_due()
        if due is None:
            return False
        self.late = max(0.0, self.now - due)
        self.now = max(self.now, due)
        timer = heapq.heappop(self._queue)[2]
        try:
            timer.callback()
        except Exception as error:  # noqa: BLE001 - told to `fault`, or raised again
            self._failed(timer, error)
        return True

    def _failed(self, timer: Timer, error: Exception) -> None:
        if self.fault is None:
            raise error
        self.fault(timer, error)

    def run_until(self, when: float) -> None:
        """Run every event due up to and including lab time `when`, then stand at `when`."""
        self.run_slice(when, _never)
        self.now = max(self.now, when)

    def run_slice(self, when: float, enough: Callable[[], bool]) -> bool:
        """Run events due up to and including `when`, and ask `enough` after each.

        True when it said so; False when no more of them are due (time stands at the last one then).
        """
        queue, pop = self._queue, heapq.heappop
        while queue and queue[0][0] <= when:
            due, _, timer = pop(queue)
            if timer.cancelled:
                continue
            if due < self.now:
                self.late = self.now - due
            else:
                self.now, self.late = due, 0.0
            try:
                timer.callback()
            except Exception as error:  # noqa: BLE001 - told to `fault`, or raised again
                self._failed(timer, error)
            if enough():
                return True
        return False


def _never() -> bool:
    return False
