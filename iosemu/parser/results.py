"""What a line can turn out to be. Columns are offsets within the line (the prompt's width is not in them)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from iosemu.parser.command import Command


@dataclass(frozen=True, slots=True)
class Match:
    """A complete command."""

    command: Command
    arguments: dict[str, Any]
    """Values, labelled choices and set flags by parameter name; what was not typed is absent."""
    words: tuple[str, ...]
    """The canonical words, without `no`/`default`."""
    negated: bool = False
    defaulted: bool = False
    field: str | None = None
    """For a `set:` command: the attribute to set …"""
    value: Any = None
    """… and its new value (of `no` and `default`: the restored one)."""
    columns: dict[str, int] = dataclasses.field(default_factory=dict)
    """Where in the line each argument starts."""

    def call(self, context: Any) -> Any:
        """Run the command on `context`: set the field of `context.target`, or call the handler.

        Flags that the handler does not ask for are not passed. Commands that are only accepted do nothing.
        Raises whatever the handler raises.
        """
        if self.command.rule is not None:
            restores = self.command.rule.restores(self.negated, self.defaulted)
            self.command.rule.apply(context.target, self.value, restores)
            return None
        if self.command.do is None:
            return None
        return self.command.handler(context, **self.command.select(self.arguments))


@dataclass(frozen=True, slots=True)
class Invalid:
    """No command starts like this: the `^` stands under `column`."""

    column: int


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A word is short for several keywords."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Right so far, more is needed."""


@dataclass(frozen=True, slots=True)
class Empty:
    """A blank line or a comment (`!`)."""


@dataclass(frozen=True, slots=True)
class Help:
    """The answer to `?` after a space, on an empty line or inside an interface number."""

    title: str | None
    """The mode's title on an empty line."""
    rows: tuple[tuple[str, str], ...]
    """(keyword or placeholder, text), in order; `|` is among them where the output can be piped."""
    cr: bool
    """The line is complete as it is."""

    def lines(self, width: int = 80) -> list[str]:
        """The listing as printed: two spaces, the keyword padded to the longest plus two, wrapped text."""
        lines = [] if self.title is None else [self.title]
        column = max((len(word) for word, _ in self.rows), default=0) + 2
        for word, text in self.rows:
            head = f"  {word:{column}}"
            room = max(width - len(head), 10) if width else 10_000
            first, *rest = _wrap(text, room)
            lines.append((head + first).rstrip())
            lines.extend(" " * len(head) + more for more in rest)
        if self.cr:
            lines.append("  <cr>")
        return lines


@dataclass(frozen=True, slots=True)
class Candidates:
    """The answer to `?` inside a word."""

    words: tuple[str, ...]

    def lines(self, width: int = 80) -> list[str]:
        """One line of words two spaces apart, or several lines of even columns when they do not fit."""
        joined = "  ".join(self.words)
        if len(joined) <= width or not width:
            return [joined]
        column = max(map(len, self.words)) + 2
        per_line = max(width // column, 1)
        return [
            "".join(word.ljust(column) for word in self.words[i : i + per_line]).rstrip()
            for i in range(0, len(self.words), per_line)
        ]


Failure = Invalid | Ambiguous | Incomplete
Result = Match | Invalid | Ambiguous | Incomplete | Empty
HelpResult = Help | Candidates | Invalid | Ambiguous | Incomplete


def _wrap(text: str, room: int) -> Sequence[str]:
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return lines
