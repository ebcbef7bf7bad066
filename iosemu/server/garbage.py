"""Garbage is looked for where it may be: a full collection of a large lab would hold up everybody for its length."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable
from typing import Any, Self

from iosemu.server.turns import Turns

CALM = 1.0
"""Wall seconds without a turn of anybody, after which nobody is held up."""
EVERY = 5.0
"""Wall seconds between two looks whether it is calm."""
GROWTH = 0.05
"""Share by which what was put aside has grown when it is looked through again, if it is calm."""
PRESSING = 2_000_000
"""Objects by which it has grown when it is looked through though it never is calm: about 300 MB."""
MANY = 50
"""Things that were let go of on purpose, after which all is looked through though it never is calm.

So many labs have a million objects.
"""
COUNT = 60.0
"""Wall seconds after which what was put aside on purpose is counted though it never is calm."""
PAUSE = 100.0
"""After all was looked through, it is not again before so many times as long have passed."""
LONG = 0.1
"""Wall seconds of a full collection that nobody should have to wait for again."""


class GarbageCollection:
    """What survived a long full collection is put aside, so that the next one looks at what is new only.

    Rings of references that are let go of later are found when all is looked through again: in a moment when
    nobody waits. For a process of its own: whoever asks for referrers is not told of what was put aside.
    """

    def __init__(self, turns: Turns, wall: Callable[[], float] = time.monotonic) -> None:
        self._turns = turns
        self._wall = wall
        self._settled = 0
        self._aside = 0
        """Objects that are put aside, as they were last counted."""
        self._counted = True
        """None were put aside since: to count them takes as long as to touch each."""
        self._began = 0.0
        self._loose = 0
        """How many things that were put aside have been let go of."""
        self._moved: float | None = None
        """When more was put aside on purpose: what there is now is the new measure of growth. None: that is counted."""
        self._not_before = 0.0
        self._watching: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        """What there is now stays as long as the lab is served."""
        gc.freeze()
        self._settled = self._aside = gc.get_freeze_count()
        self._counted = True
        gc.callbacks.append(self._collected)
        self._watching = asyncio.create_task(self._watch())
        return self

    def __exit__(self, *_error: object) -> None:
        """It is not served any more."""
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None
        if self._collected in gc.callbacks:
            gc.callbacks.remove(self._collected)
            gc.unfreeze()

    def settle(self) -> None:
        """Put aside what was made since, because it stays; what of it is garbage already is freed first."""
        gc.collect()
        gc.freeze()
        self._moved, self._counted = self._wall(), False

    def release(self, things: int = 1) -> None:
        """Something large that was put aside is not needed any more: it is found in the next calm moment."""
        self._loose += things

    @property
    def due(self) -> bool:
        """It is time to look through all."""
        calm, now = self._turns.idle >= CALM, self._wall()
        if now < self._not_before:
            return False
        if self._loose >= (1 if calm else MANY):
            return True
        if self._moved is not None and not calm and now - self._moved < COUNT:
            return False
        if not self._counted:
            self._aside, self._counted = gc.get_freeze_count(), True
        if self._moved is not None:
            self._settled, self._moved = self._aside, None
        grown = self._aside - self._settled
        return grown >= (GROWTH * self._settled if calm else PRESSING)

    def look_through(self) -> None:
        """Find all garbage, old and new: takes about a second for three million objects."""
        began = self._wall()
        self._loose, self._moved = 0, None
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._not_before = self._wall() + (self._wall() - began) * PAUSE
        self._settled = self._aside = gc.get_freeze_count()
        self._counted = True

    def _collected(self, phase: str, info: dict[str, Any]) -> None:
        if info["generation"] < 2:
            return
        if phase == "start":
            self._began = self._wall()
        elif self._wall() - self._began >= LONG:
            gc.freeze()
            self._counted = False

    async def _watch(self) -> None:
        try:
            while True:
                await asyncio.sleep(EVERY)
                if self.due:
                    self.look_through()
        finally:
            self.__exit__()  # also when the loop ends and nobody says so
