"""Decisions about logins: some are there at once, others wait for servers in the lab."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from iosemu.server.waiters import Waiter

if TYPE_CHECKING:
    from iosemu.server.clock import LabClock


class Question(Protocol):
    """What else a server wants to know of one who logs in."""

    @property
    def prompt(self) -> str:
        """What to print."""
        ...

    @property
    def echo(self) -> bool:
        """Whether what is typed may be seen."""
        ...


class Decision(Waiter, Protocol):
    """The privilege level that a login gives, sooner or later; the clock serves it meanwhile."""

    when_done: Callable[[], object]
    """Called when `done` becomes true, or a question is there."""

    @property
    def question(self) -> Question | None:
        """It can be made when this is answered only."""
        ...

    def answer(self, text: str) -> None:
        """What was typed to the question."""
        ...

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
    question: Question | None = None
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

    def answer(self, text: str) -> None:
        """There was no question."""

    def cancel(self) -> None:
        """It is made."""


async def made(clock: LabClock, decision: Decision) -> int | None:
    """The decision, when it is made; the clock lets lab time pass for it.

    None also where a question is to be answered first: the decision waits for that then.
    """
    if not decision.done and decision.question is None:
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
            if decision.question is None:
                decision.cancel()
    return decision.result
