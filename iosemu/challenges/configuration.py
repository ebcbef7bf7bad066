"""A running configuration as blocks of lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A line at the margin with the indented ones below it, without their indent."""

    head: str
    lines: tuple[str, ...] = ()

    def first(self, pattern: str) -> re.Match[str] | None:
        """The first line that matches from its beginning to its end."""
        return next((found for line in self.lines if (found := re.fullmatch(pattern, line))), None)


def blocks(text: str) -> list[Block]:
    """The blocks of a configuration, in their order; `!` and what IOS prints around it are left out."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith(("!", "Building", "Current configuration")):
            continue
        if line.startswith(" ") and found:
            found[-1][1].append(line.strip())
        else:
            found.append((line.strip(), []))
    return [Block(head, tuple(lines)) for head, lines in found]


def matching(text: str, pattern: str) -> Iterator[tuple[Block, re.Match[str]]]:
    """The blocks whose head matches as a whole."""
    for block in blocks(text):
        if found := re.fullmatch(pattern, block.head):
            yield block, found


def interfaces(text: str) -> Iterator[tuple[str, Block]]:
    """The blocks of interfaces, by name."""
    for block, found in matching(text, r"interface (\S+)"):
        yield found[1], block


def replaced(block: Block, old: str, new: Sequence[str]) -> tuple[str, ...]:
    """The lines that make a whole block (an access list) anew with `new` in place of `old`."""
    lines = [each for line in block.lines for each in (new if line == old else [line])]
    return (f"no {block.head}", block.head, *lines, "exit")
