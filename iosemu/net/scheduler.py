"""The event queue of a lab: what happens next, in lab seconds."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iosemu.net.tracing import Span


Key = tuple[float, float, int, int]
"""The place of an event among all others: when it is due, when it was planned, the lane it was planned in, and its
number among what was planned there. It is the same in whatever process a lane is computed."""


@dataclass(eq=False, slots=True)
class Timer:
    """A callback that is due at a lab time.

    Equal times run in the order they were asked for, those asked for at one lab time in the order of the lanes
    that asked.
    """

    when: float
    sequence: int
    callback: Callable[[], None]
    cancelled: bool = False
    lane: int = -1
    """The lane in which the callback runs."""

    def __lt__(self, _other: Timer) -> bool:
        return False  # only ever asked of events that are alike

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
        self.lane = -1
        """Whose event is at work: the number of a box in its lab, -1 for nobody's. What is planned meanwhile is
        its own, but for frames, which are those of the box at the far end."""
        self.running: tuple[float, float, int, int, Timer] | None = None
        """The event that runs, or ran last."""
        self._queue: list[tuple[float, float, int, int, Timer]] = []
        """A heap; tuples compare faster than timers would."""
        self._sequence = 0
        self.context: Span | None = None
        """The piece of a traced packet's way that is at work; what is planned meanwhile belongs to it."""
        self.fault: Callable[[Timer, Exception], None] | None = None
        """Takes what a callback raises, and the rest of lab time goes on; without it whoever runs time gets it."""

    def at(self, when: float, callback: Callable[[], None], lane: int | None = None) -> Timer:
        """Call `callback` at lab time `when` (at once, if that has passed), in the lane at work unless told."""
        self._sequence = sequence = self._sequence + 1
        now, here = self.now, self.lane
        if when < now:
            when = now
        timer = Timer(when, sequence, callback, False, here if lane is None else lane)
        heapq.heappush(self._queue, (when, now, here, sequence, timer))
        if self.context is not None:
            self.context.adopt(timer)
        return timer

    def enter(self, key: Key, callback: Callable[[], None], lane: int) -> None:
        """Take in an event that was planned elsewhere under `key`; it runs in its place among those from here."""
        heapq.heappush(self._queue, (*key, Timer(key[0], key[3], callback, False, lane)))

    def key(self, when: float) -> Key:
        """The key of an event that is planned now, for a lane that is computed elsewhere."""
        self._sequence += 1
        return when, self.now, self.lane, self._sequence

    def after(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call `callback` `delay` seconds from now."""
        return self.at(self.now + delay, callback)

    def at_aside(self, when: float, callback: Callable[[], None]) -> Timer:
        """As `at`, for what is not the doing of the packet that is followed at this moment."""
        if self.context is None:
            return self.at(when, callback)
        with self.context.aside():
            return self.at(when, callback)

    def forget_next(self) -> bool:
        """Drop the event that is due next, unheard; False when nothing is planned."""
        if not self._queue:
            return False
        heapq.heappop(self._queue)
        return True

    def next_due(self) -> float | None:
        """Lab time of the next event, or None when nothing is planned."""
        key = self.next_key()
        return None if key is None else key[0]

    def next_key(self) -> Key | None:
        """The place of the next event, or None when nothing is planned."""
        queue = self._queue
        while queue and queue[0][4].cancelled:
            heapq.heappop(queue)
        return queue[0][:4] if queue else None

    def earliest(self, ahead: Sequence[float]) -> float:
        """The least of an event's time and `ahead[lane]` over all that is planned; infinity for nothing.

        `ahead` has a value for every lane, and the least of them at its end.
        """
        queue, best, least = self._queue, math.inf, ahead[-1]
        size, left = len(queue), [0]
        while left:
            place = left.pop()
            if place < size and queue[place][0] + least < best:  # what is below it in the heap is no earlier
                timer = queue[place][4]
                if not timer.cancelled:
                    best = min(best, timer.when + ahead[timer.lane])
                left += (2 * place + 1, 2 * place + 2)
        return best

    def step(self) -> bool:
        """Run the next event, moving time to it; False when nothing is planned."""
        due = self.next_due()
        if due is None:
            return False
        self.late = max(0.0, self.now - due)
        self.now = max(self.now, due)
        self.running = entry = heapq.heappop(self._queue)
        timer = entry[4]
        self.lane = timer.lane
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
        return self.run_below((math.nextafter(when, math.inf),), enough)

    def run_below(self, bound: Key | tuple[float], enough: Callable[[], bool]) -> bool:
        """Run events whose place is before `bound`: a lab time, or a place among the events of one.

        Asks `enough` after each, and returns as `run_slice` does.
        """
        queue, pop = self._queue, heapq.heappop
        while queue and queue[0] < bound:
            self.running = entry = pop(queue)
            due, timer = entry[0], entry[4]
            if timer.cancelled:
                continue
            if due < self.now:
                self.late = self.now - due
            else:
                self.now, self.late = due, 0.0
            self.lane = timer.lane
            try:
                timer.callback()
            except Exception as error:  # noqa: BLE001 - told to `fault`, or raised again
                self._failed(timer, error)
            if enough():
                return True
        return False


def _never() -> bool:
    return False
