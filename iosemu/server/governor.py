"""How much of the processor a lab may have where it shares a process with others.

A bucket is filled at the lab's share of a core, up to a short burst; what the lab computes is taken out of it, and
while the bucket is empty the lab stands back. So a class that types is answered at once, and a flood runs at its share.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")
BURST = 0.25
"""Seconds of computing that a lab which was idle may do at once."""
LONGEST = 0.5
"""Wall seconds that a lab stands back at once: who waits for it sees that it goes on."""


class Governor(Protocol):
    """Who keeps a lab to its share."""

    def timed(self, work: Callable[[], T]) -> T:
        """Do the work, and note what it took."""
        ...

    def pause(self) -> float:
        """Wall seconds for which the lab has to stand back now; 0: none."""
        ...


class CpuShare:
    """A share of one core, 1.0 for all of it; `wall` and `cpu` give seconds."""

    def __init__(
        self,
        share: float,
        *,
        wall: Callable[[], float] = time.monotonic,
        cpu: Callable[[], float] = time.thread_time,
    ) -> None:
        self.share = share
        self.used = 0.0
        """Seconds of computing in all."""
        self.held = 0
        """How often it had to stand back."""
        self._wall, self._cpu = wall, cpu
        self._left = BURST
        self._filled_at = wall()
        self._working = False

    def timed(self, work: Callable[[], T]) -> T:
        """Do the work; work within work is noted once."""
        if self._working:
            return work()
        self._working = True
        began = self._cpu()
        try:
            return work()
        finally:
            self._working = False
            spent = self._cpu() - began
            self.used += spent
            self._fill()
            # a debt is forgotten beyond the longest pause: one long piece of work must not stop the lab for minutes
            self._left = max(self._left - spent, -LONGEST * self.share)

    def pause(self) -> float:
        """Until the bucket holds something again."""
        if self.share >= 1.0:
            return 0.0
        self._fill()
        if self._left >= 0.0:
            return 0.0
        self.held += 1
        return min(-self._left / self.share, LONGEST)

    def _fill(self) -> None:
        now = self._wall()
        self._left = min(self._left + (now - self._filled_at) * self.share, BURST)
        self._filled_at = now
