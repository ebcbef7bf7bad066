"""What a handler is given besides its arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.handling.effects import FarEnd, Steps, Work

EditedT = TypeVar("EditedT")


@dataclass(frozen=True, slots=True)
class LineError:
    """A configuration line that was not accepted: its number in the text, the line, what was printed."""

    number: int
    line: str
    messages: tuple[str, ...]
    head: int = 0
    """The number of the refused line in whose block it stands; 0 where the line itself was refused."""

    @property
    def reason(self) -> str:
        """Why it was not accepted, in one line."""
        if self.head:
            return f"it is in the block that line {self.head} was to open"
        told = (text.strip() for text in self.messages)
        return " ".join(text for text in told if text not in ("", "^")) or "not understood"


class SessionView(Protocol):
    """The session a handler runs in, as far as handlers may see and set it."""

    username: str
    privilege: int
    origin: str
    """Where from: `console` or the client's address."""
    line_name: str
    """`con0`, `vty0` …"""
    length: int
    width: int
    monitor: bool
    history: list[str]
    history_size: int
    directory: str
    """Where file names without a file system belong (`cd`)."""
    quiet: bool
    """Nobody types: a configuration that was taken before is loaded."""
    far_ends: list[FarEnd]
    """The boxes that the user has gone on to from here, in the order of going."""

    @property
    def mode(self) -> str:
        """Name of the mode on top of the stack."""
        ...

    def run_exec(self, command: str) -> Steps:
        """Run an exec command wherever the session stands (`do`)."""
        ...

    def run_typed(self, command: str) -> Steps:
        """Run an exec command as if it had been typed in exec mode (from a script)."""
        ...

    def load(self, lines: Sequence[str]) -> Work[list[LineError]]:
        """Type configuration lines into this device through the grammar, as at `configure terminal`."""
        ...

    def canonical(self, lines: Sequence[str]) -> Work[tuple[list[str], list[LineError]]]:
        """How a box like this one, with just that configuration, would list it; and what was refused."""
        ...

    @property
    def render(self) -> Render:
        """What makes configuration text of configuration."""
        ...


@dataclass(slots=True)
class Context:
    """One call of one handler."""

    device: Device
    """The box that the session is on; `device.service(Nat)` and `device.config.of(NatConfig)` are its parts."""
    target: Any
    """The object that the current mode edits (None in exec)."""
    session: SessionView
    negated: bool = False
    """`no …` was typed."""
    defaulted: bool = False
    """`default …` was typed."""
    words: tuple[str, ...] = ()
    """The command in canonical words, without `no`/`default`."""
    typed: str = ""
    """The line as typed."""

    def edited(self, part: type[EditedT]) -> EditedT:
        """The object that the current mode edits, as what it is.

        Raises TypeError when it is something else: the handler was named in a mode that is not its own.
        """
        if not isinstance(self.target, part):
            raise TypeError(f"the mode edits a {type(self.target).__name__}, not a {part.__name__}")
        return self.target

    def words_before(self, rest: str) -> str:
        """The canonical words without `rest`, the text that ends the line, however many blanks were typed in it."""
        words = " ".join(self.words)
        return words.removesuffix(" ".join(rest.split())).strip() if rest else words

    @property
    def silenced(self) -> bool:
        """`no debug …` or `undebug …`, which say the same."""
        return self.negated or self.words[:1] == ("undebug",)

    @property
    def off(self) -> bool:
        """`no …` or `default …`, for a command whose default is that nothing is configured."""
        return self.negated or self.defaulted


__all__ = ["Context", "LineError", "Render", "SessionView"]
