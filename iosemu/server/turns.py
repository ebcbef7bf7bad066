"""Turns for whoever has more to do than a moment's work: one after the other, sockets and lab time in between."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from iosemu.server.governor import Governor

TURN = 0.002
"""Wall seconds that one session works before it gives way."""
ROUND = 0.004
"""Wall seconds for the turns of all sessions, before sockets and lab time are served again."""

_logger = logging.getLogger(__name__)


class Worker(Protocol):
    """What works in turns, as a shell does."""

    @property
    def busy(self) -> bool:
        """It wants another turn."""
        ...

    def turn(self, spent: Callable[[], bool]) -> None:
        """What follows works until `spent()`."""
        ...

    def go_on(self) -> None:
        """It has the turn."""
        ...


class Turns:
    """A queue of those that gave way; `wall` gives monotonic seconds.

    Who still has work when its turn ends takes its place at the end: nobody waits longer for the others than
    their number times `TURN`.
    """

    def __init__(self, wall: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._waiting: deque[Callable[[], None]] = deque()
        self._planned = False
        self._last = wall()
        self.governor: Governor | None = None
        """Keeps all of them together to a share of the processor."""

    @property
    def idle(self) -> float:
        """Seconds since the last turn began."""
        return 0.0 if self._waiting else self._wall() - self._last

    def add(self, work: Callable[[], None]) -> None:
        """Call `work` once when its turn comes; it must not be waiting already."""
        self._waiting.append(work)
        self._plan()

    def _plan(self) -> None:
        """Have the next round come, as soon as the governor lets it."""
        if self._planned or not self._waiting:
            return
        self._planned = True
        loop, governor = asyncio.get_running_loop(), self.governor
        if governor is None:
            loop.call_soon(self._round)
        elif pause := governor.pause():
            loop.call_later(pause, governor.timed, self._round)
        else:
            loop.call_soon(governor.timed, self._round)

    def begin(self) -> Callable[[], bool]:
        """A turn begins now: what is returned tells whether it is over."""
        self._last = self._wall()
        end = self._last + TURN
        return lambda: self._wall() >= end

    def finish(self, worker: Worker) -> None:
        """Give `worker` turns as long as it is busy; nobody else looks after it any more."""
        if worker.busy:
            self.add(lambda: self._another(worker))

    def _another(self, worker: Worker) -> None:
        worker.turn(self.begin())
        worker.go_on()
        self.finish(worker)

    def _round(self) -> None:
        self._planned = False
        self._last = self._wall()
        stop = self._last + ROUND
        for _ in range(len(self._waiting)):
            work = self._waiting.popleft()
            try:
                work()
            except Exception:
                _logger.exception("a turn failed")
            if self._wall() >= stop:
                break
        self._plan()
