"""Garbage is looked for where it may be: a full collection of a large lab would hold up everybody for its length."""

from __future__ import annotations

import asyncio
import gc
from typing import Any, Self

from iosemu.server.turns import Turns

CALM = 1.0
"""Wall seconds without a turn of anybody, after which nobody is held up."""
EVERY = 5.0
"""Wall seconds between two looks whether it is calm."""
GROWTH = 0.05
"""Share by which what was put aside has grown when it is looked through again, if it is calm."""
PRESSING = 1.0
"""The same, if it never is."""


class GarbageCollection:
    """What survived a full collection is put aside, so that the next one looks at what is new only.

    Rings of references that are let go of later are found when all is looked through again: in a moment when
    nobody waits. For a process of its own: whoever asks for referrers is not told of what was put aside.
    """

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._settled = 0
        self._watching: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        """What there is now stays as long as the lab is served."""
        gc.freeze()
        self._settled = gc.get_freeze_count()
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
        grown = gc.get_freeze_count() / max(self._settled, 1) - 1
        calm = self._turns.idle >= CALM
        return grown >= (GROWTH if calm else PRESSING)

    def look_through(self) -> None:
        """Find all garbage, old and new: takes about a second for three million objects."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._settled = gc.get_freeze_count()

    def _collected(self, phase: str, info: dict[str, Any]) -> None:
        if phase == "stop" and info["generation"] == 2:
            gc.freeze()

    async def _watch(self) -> None:
        try:
            while True:
                await asyncio.sleep(EVERY)
                if self.due:
                    self.look_through()
        finally:
            self.__exit__()  # also when the loop ends and nobody says so
