"""Work that waits for lab time, or for something to happen, without a session: the decision about a login."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Generic, TypeVar

from iosemu.box.device import Device
from iosemu.handling.effects import Ask, Interrupted
from iosemu.shell.standstill import Standstill

ResultT = TypeVar("ResultT")


class Proceeding(Generic[ResultT]):
    """Runs a generator that yields `Wait` and `WaitFor`; the clock serves it as it serves sessions.

    It begins at once; when the power of the box goes it is done, without a result. When it yields `Ask` it stands
    still, with `question`, until somebody gives the `answer`.
    """

    def __init__(self, device: Device, work: Generator[Any, Any, ResultT]) -> None:
        self.done = False
        self.result: ResultT | None = None
        self.question: Ask | None = None
        self.when_done: Callable[[], object] = _nobody
        self._device = device
        self._boots = device.boots
        self._work = work
        self._rouse: Callable[[], None] = _nobody
        self._still = Standstill(device, self._stir)
        device.attention.connect(self._stir)
        self._advance(None)

    def _stir(self) -> None:
        self._rouse()

    def attend(self, rouse: Callable[[], None]) -> None:
        """Whom to tell when there is something to do."""
        self._rouse = rouse

    @property
    def waiting(self) -> bool:
        """Lab time must pass."""
        return not self.done and self.question is None

    @property
    def restless(self) -> bool:
        """It waits for a condition that nobody announces."""
        return not self.done and self._still.restless

    @property
    def wake(self) -> float | None:
        """Lab time at which it goes on by itself."""
        return None if self.done else self._still.wake

    def tick(self) -> None:
        """What it waits for may have come."""
        if self.done or self.question is not None:
            return
        if not self._device.powered or self._device.boots != self._boots:
            self.cancel()
            return
        holds, over = self._still.over()
        if holds or over:
            self._advance(holds)

    def cancel(self) -> None:
        """Nobody wants to know any more."""
        if not self.done:
            self._work.close()
            self._end(None)

    def answer(self, text: str) -> None:
        """What somebody typed to the question."""
        if self.question is None:
            return
        self.question = None
        if not self._device.powered or self._device.boots != self._boots:
            self.cancel()
        else:
            self._advance(text)

    def _advance(self, answer: Any) -> None:
        self._still.end()
        try:
            item = self._work.send(answer)
        except StopIteration as stop:
            self._end(stop.value)
        except Interrupted:
            self._end(None)
        else:
            if isinstance(item, Ask):
                self.question = item
                self.when_done()  # it goes no further by itself
            else:
                self._still.begin(item)

    def _end(self, result: ResultT | None) -> None:
        self.done, self.result, self.question = True, result, None
        self._still.end()
        self._device.attention.disconnect(self._stir)
        self.when_done()


def _nobody() -> None:
    """Nobody attends yet."""
