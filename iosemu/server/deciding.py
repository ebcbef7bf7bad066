"""Decisions about logins: some are there at once, others wait for servers in the lab."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from iosemu.server.waiters import Waiter

if TYPE_CHECKING:
    from iosemu.server.clock import LabClock


class Decision(Waiter, Protocol):
    """The privilege level that a login gives, sooner or later; the clock serves it meanwhile."""

    when_done: Callable[[], object]
    """Called when `done` becomes true."""

    @property
    def done(self) -> bool:
        """It is made."""
        ...

    @property
    def result(self) -> int | None:
        """The level; None when the login is refused."""
        ...

    def cancel(self) -> None:
        """Nobody wants to know any more."""
        ...


def _nobody() -> None:
    """Nobody is told."""


class Decided:
    """A decision that was made at once."""

    done = True
    waiting = False
    restless = False
    wake: float | None = None

    def __init__(self, result: int | None) -> None:
        self.result = result
        self.when_done: Callable[[], object] = _nobody

    def attend(self, rouse: Callable[[], None]) -> None:
        """There is nothing to tell."""

    def tick(self) -> None:
        """There is nothing to do."""

    def cancel(self) -> None:
        """It is made."""


async def made(clock: LabClock, decision: Decision) -> int | None:
    """The decision, when it is made; the clock lets lab time pass for it."""
    if not decision.done:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def tell() -> None:
            if not future.done():
                future.set_result(None)

        decision.when_done = tell
        clock.watch(decision)
        try:
            await future
        finally:
            clock.unwatch(decision)
            decision.cancel()
    return decision.result
