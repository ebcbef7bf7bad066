"""Where a session stands: the stack of modes with the objects they edit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from iosemu.handling.effects import Effect, End, Enter, Leave


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """One mode on the stack; entering the same one again makes another level."""

    mode: str
    target: Any = None


@runtime_checkable
class Pending(Protocol):
    """What is edited without effect until its mode is left."""

    def left(self) -> None:
        """The mode was left."""
        ...


class Modes:
    """The stack; at the bottom the mode of commands (`exec`, `pc`, `sniffer` …), never empty."""

    def __init__(self, bottom: str) -> None:
        self.levels = [Level(bottom)]

    @property
    def top(self) -> Level:
        """Where a line is tried first."""
        return self.levels[-1]

    @property
    def configuring(self) -> bool:
        """Some mode above the bottom is open."""
        return len(self.levels) > 1

    def chain(self, parent: Callable[[str], str | None]) -> list[int]:
        """Positions where a line is tried: the top, then its parents as far as they are on the stack.

        `parent` gives the name of a mode's parent.

        `exec` is never among them for a configuration mode: its commands need `do`.
        """
        chain = [len(self.levels) - 1]
        wanted = parent(self.top.mode) if len(self.levels) > 1 else None
        for position in range(len(self.levels) - 2, 0, -1):
            if wanted is not None and self.levels[position].mode == wanted:
                chain.append(position)
                wanted = parent(wanted)
        return chain

    def apply(self, effect: Effect, position: int) -> None:
        """Change place by `effect` of a command that was found at `position`."""
        match effect:
            case Enter(mode, target):
                self._leave(position + 1)
                self.levels.append(Level(mode, target))
            case Leave():
                if self.configuring:
                    self._leave(len(self.levels) - 1)
            case End():
                self._leave(1)
            case _:
                raise TypeError(f"{effect!r} does not change the mode")

    def cut(self, position: int) -> None:
        """A command of an outer mode was typed: the inner ones are left."""
        self._leave(position + 1)

    def _leave(self, position: int) -> None:
        left = self.levels[position:]
        del self.levels[position:]
        for level in reversed(left):
            if isinstance(level.target, Pending):
                level.target.left()
