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

    @property
    def due(self) -> bool:
        """It is time to look through all."""
        if not self._counted:
            self._aside, self._counted = gc.get_freeze_count(), True
        grown = self._aside - self._settled
        calm = self._turns.idle >= CALM
        return grown >= (GROWTH * self._settled if calm else PRESSING)

    def look_through(self) -> None:
        """Find all garbage, old and new: takes about a second for three million objects."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()
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
