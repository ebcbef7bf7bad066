"""What a box does by itself with its command line: nobody types, nobody answers."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from iosemu.box.device import Commander, Device
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, Confirm, Effect, ReadBlock, Steps, Wait, WaitFor
from iosemu.net.scheduler import Timer

POLL = 0.1
"""Lab seconds after which what a command waits for is looked at again."""
Typing = Generator[str | Effect, Any, list[str]]


class Unattended:
    """Runs generators that wait for lab time, until the box restarts; what they print is for nobody."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._waiting: set[Timer] = set()

    def cancel(self) -> None:
        """Power goes."""
        for timer in self._waiting:
            timer.cancel()
        self._waiting.clear()

    def run(self, steps: Steps, delay: float = 0.0) -> None:
        """Begin `delay` lab seconds from now."""
        boots = self._device.boots
        self._later(delay, lambda: self._drive(steps, None, boots))

    def _later(self, seconds: float, then: Callable[[], None]) -> None:
        def ring() -> None:
            self._waiting.discard(timer)
            then()

        timer = self._device.scheduler.after(seconds, ring)
        self._waiting.add(timer)

    def _drive(self, steps: Steps, answer: Any, boots: int) -> None:
        """Go on until it wants time to pass."""
        while self._device.boots == boots and self._device.powered:
            try:
                item = steps.send(answer)
            except StopIteration:
                return
            answer = None
            if isinstance(item, Wait):
                self._later(item.seconds, lambda: self._drive(steps, None, boots))
                return
            if isinstance(item, WaitFor):
                self._look(steps, item, self._device.now, boots)
                return

    def _look(self, steps: Steps, item: WaitFor, since: float, boots: int) -> None:
        held = item.condition()
        if held or (item.timeout is not None and self._device.now - since >= item.timeout):
            self._drive(steps, held, boots)
        else:
            self._later(POLL, lambda: self._look(steps, item, since, boots))


def unwatched(device: Device) -> Context:
    """For commands that nobody typed: they run as on the console."""
    assert device.commander is not None, "whoever boots a box gives it a command line"
    return Context(device, None, device.commander("console"))  # type: ignore[arg-type]  # it is a session's


def typed(commander: Commander, line: str) -> Typing:
    """Type a command; questions are answered with Enter. Returns what it prints."""
    lines: list[str] = []
    answer: Any = None
    steps = commander.steps(line)
    while True:
        try:
            item = steps.send(answer)
        except StopIteration:
            return lines
        answer = None
        match item:
            case str():
                lines.append(item)
            case Ask() | ReadBlock():
                answer = ""
            case Confirm():
                answer = True
            case Wait() | WaitFor():
                answer = yield item
            case _:
                pass
