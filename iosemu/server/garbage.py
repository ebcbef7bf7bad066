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
        self._loose = False
        """Something that was put aside has been let go of."""
        self._moved = False
        """More was put aside on purpose: what there is now is the new measure of growth."""
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
        self._moved, self._counted = True, False

    def release(self) -> None:
        """Something large that was put aside is not needed any more: it is found in the next calm moment."""
        self._loose = True

    @property
    def due(self) -> bool:
        """It is time to look through all."""
        calm = self._turns.idle >= CALM
        if (self._moved and not calm) or self._wall() < self._not_before:
            return False
        if self._loose and calm:
            return True
        if not self._counted:
            self._aside, self._counted = gc.get_freeze_count(), True
        if self._moved:
            self._settled, self._moved = self._aside, False
        grown = self._aside - self._settled
        return grown >= (GROWTH * self._settled if calm else PRESSING)

    def look_through(self) -> None:
        """Find all garbage, old and new: takes about a second for three million objects."""
        began = self._wall()
        self._loose = self._moved = False
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
