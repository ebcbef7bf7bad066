"""Lines that a program types into a shell of a running lab, one after the other, in turns with all others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from iosemu.server.clock import LabClock
from iosemu.server.endpoint import Shell
from iosemu.server.waiters import ShellWaiter

LARGEST = 1_000_000
"""Octets that are kept of what one line prints."""
LOOK = 1.0
"""Wall seconds between two looks for a shell that was cut off by somebody else."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a line printed."""

    output: str
    prompt: str
    """What stands last on the screen: a prompt, or a question."""
    finished: bool
    truncated: bool


class Typist(ShellWaiter[Shell]):
    """Types into a shell without echo; the shell is served by the lab's clock from `begin` to `close`."""

    def __init__(self, clock: LabClock, shell: Shell) -> None:
        self._clock = clock
        self._shell: Shell | None = shell
        self._there = asyncio.Event()
        self._text = bytearray()
        self._truncated = False

    def begin(self) -> None:
        """Have the clock serve the shell."""
        self._clock.catch_up()
        self._clock.watch(self)

    async def greet(self, until: float) -> None:
        """Start the shell and wait for its first prompt."""
        self._do(lambda shell: shell.start())
        await self._settle(until)
        self._text.clear()

    async def type(self, line: str, until: float) -> Said:
        """Type a line and Enter, and wait until it is done, or for lab time `until`."""
        self._text.clear()
        self._truncated = False
        self._do(lambda shell: shell.receive(line.encode() + b"\r"))
        finished = await self._settle(until)
        text = self._text.decode("utf-8", "replace").replace("\r", "")
        output, newline, prompt = text.rpartition("\n")
        return Said(output + newline, prompt, finished and not self.closed, self._truncated)

    async def run(self, line: str, until: float) -> Said:
        """Run one line and have the shell end, as by an exec channel."""
        self._do(lambda shell: shell.run(line))
        finished = await self._settle(until, end=True)
        text = self._text.decode("utf-8", "replace").replace("\r", "")
        return Said(text, "", finished, self._truncated)

    @property
    def closed(self) -> bool:
        """The shell ended."""
        return self._shell is None or self._shell.closed

    def close(self) -> None:
        """Hang up."""
        self._clock.unwatch(self)
        shell, self._shell = self._shell, None
        self._gone = True
        if shell is not None:
            shell.disconnect()
            self._clock.turns.finish(shell)
            self._clock.poke()

    def tick(self) -> None:
        """Lab time moved, or something came."""
        self._do(lambda shell: shell.tick(), served=False)

    def _do(self, what: Callable[[Shell], None], *, served: bool = True) -> None:
        shell = self._shell
        if shell is None:
            return
        self._begin_turn(shell)
        what(shell)
        self._look()
        if served:
            self._clock.served(self)

    def _after_input(self) -> None:
        self._look()
        self._clock.served(self)

    def _look(self) -> None:
        shell = self._shell
        if shell is None:
            return
        data = shell.output()
        room = LARGEST - len(self._text)
        self._truncated = self._truncated or len(data) > room
        self._text += data[:room]
        self._want_turn(shell)
        self._there.set()

    async def _settle(self, until: float, *, end: bool = False) -> bool:
        """Wait until the shell wants a line (or has ended); False when lab time `until` came before that."""

        def settled() -> bool:
            shell = self._shell
            if shell is None or shell.closed:
                return True
            return not end and not shell.busy and not shell.waiting and not self._queued

        alarm = self._clock.scheduler.at(until, self._there.set)
        try:
            while not settled():
                if self._clock.scheduler.now >= until:
                    return False
                self._there.clear()
                try:
                    await asyncio.wait_for(self._there.wait(), LOOK)
                except TimeoutError:
                    continue
        finally:
            alarm.cancel()
        return True
