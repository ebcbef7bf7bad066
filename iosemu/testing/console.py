"""Typing single commands into a channel and reading what they print."""

from __future__ import annotations

from iosemu.testing.channel import Channel, Ready
from iosemu.testing.patterns import PROMPT
from iosemu.testing.runner import QUESTION


class Console:
    """A session used by a program: one line in, its output out."""

    def __init__(self, device: str, channel: Channel) -> None:
        self.device = device
        self.channel = channel

    async def greet(self) -> None:
        """Wait for the first prompt; raises ValueError when none comes."""
        if not await self.channel.settle(self._at_prompt):
            raise ValueError(f"{self.device} showed no prompt after login, only {self.channel.screen.rows!r}")

    async def run(self, line: str) -> str:
        """Type a line and Enter; returns what it printed, without echo and prompt.

        Raises ValueError when the device does not come back to a prompt or a question.
        """
        screen = self.channel.screen
        row = len(screen.rows) - 1
        await self.channel.send(line.encode() + b"\r")

        def ready() -> Ready:
            if len(screen.rows) - 1 <= row:
                return Ready.NO
            if PROMPT.fullmatch(screen.cursor_line):
                return Ready.YES
            return Ready.PERHAPS if QUESTION.search(screen.cursor_line) else Ready.NO

        if not await self.channel.settle(ready):
            tail = "\n".join(screen.rows[row:][-20:])
            raise ValueError(f"{self.device} did not come back to a prompt after {line!r}; it shows\n{tail}")
        rows = screen.rows[row + 1 : -1]
        return "\n".join(row.rstrip() for row in rows)

    def _at_prompt(self) -> Ready:
        return Ready.YES if PROMPT.fullmatch(self.channel.screen.cursor_line) else Ready.NO
