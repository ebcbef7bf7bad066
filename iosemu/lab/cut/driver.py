"""How fast lab time passes in a lab that is cut: as `iosemu.server.clock` has it, for all workers at once."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from iosemu.lab.cut.rounds import PartClock
from iosemu.server.pace import Pace

if TYPE_CHECKING:
    from iosemu.lab.cut.front import CutLab

NAP = 0.05
"""Wall seconds after which lab time comes on by the wall clock though nothing is due: what is typed then is on time."""
LEAST_NAP = 0.002
SLICE = 0.02
"""Wall seconds of computing between two looks at the sockets."""
OVERLOADED = 1.0
"""Seconds by which lab time may fall behind the wall clock; then it lets that pass and goes on from there."""


class Driver:
    """Moves a cut lab's time, in slices between which sockets are served.

    By `real` lab time follows the wall clock, by `fast` it jumps while a session waits, by `manual` it stands still
    unless one waits. Where more is due than can be computed the lab falls behind: no worker passes events by, since
    all must agree on the time.
    """

    def __init__(
        self, lab: CutLab, clock: PartClock, pace: Pace, wall: Callable[[], float] = time.monotonic
    ) -> None:
        self.overloads = 0
        """How often the lab fell behind."""
        self._lab = lab
        self._clock = clock
        self._pace = pace
        self._wall = wall
        self._goal = 0.0
        self._woken = asyncio.Event()
        self._zero = 0.0
        self.jumped()

    @property
    def pace(self) -> Pace:
        """How lab time passes; may be set at any time."""
        return self._pace

    @pace.setter
    def pace(self, value: Pace) -> None:
        self._pace = value
        self.jumped()

    def jumped(self) -> None:
        """Lab time follows the wall clock from here on."""
        self._zero = self._wall() - self._lab.now
        self._goal = min(self._goal, self._lab.now)
        self.wake()

    def plan(self, until: float) -> None:
        """Let lab time go to `until` as quickly as it can be computed."""
        self._goal = until
        self.wake()

    def wake(self) -> None:
        """Something was done to the lab: look again."""
        self._woken.set()

    async def run(self) -> None:
        """Move lab time until cancelled; raises WorkerGone when a worker has ended."""
        loop = asyncio.get_running_loop()
        self._lab.noticed = self.wake
        for worker in self._lab.workers:
            loop.add_reader(worker.connection.fileno(), self.wake)
        descriptors = [worker.connection.fileno() for worker in self._lab.workers]
        try:
            while True:
                self._woken.clear()
                before = self._lab.now
                self._lab.notices()
                nap = self._step()
                if self._lab.now != before:
                    self._clock.moved()
                if nap == 0.0:
                    await asyncio.sleep(0)
                    continue
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), nap)
        finally:
            for descriptor in descriptors:
                loop.remove_reader(descriptor)

    def _step(self) -> float | None:
        """One slice; returns how long nothing is to be done: None until somebody wakes the driver."""
        lab = self._lab
        if lab.now < self._goal:
            lab.run_slice(self._goal)
            self._zero = self._wall() - lab.now
            return 0.0
        if self._pace is not Pace.REAL and lab.waiting and lab.due < math.inf:
            lab.run_waiting(math.inf, seconds=SLICE)
            self._zero = self._wall() - lab.now
            return 0.0
        if self._pace is Pace.MANUAL:
            return None
        target = self._wall() - self._zero
        if lab.due <= target or target - lab.now >= NAP:
            reached = lab.run_slice(target)
            if target - reached > OVERLOADED:
                self.overloads += 1
                self._zero = self._wall() - reached
        return max(LEAST_NAP, min(lab.due - (self._wall() - self._zero), NAP))
