"""Lines without behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field

INITIAL = {"gatekeeper": ("shutdown",)}
"""What a block has by itself."""


@dataclass
class Block:
    """A head and the lines below it, kept as one text under the head."""

    kept: dict[str, str]
    head: str

    def store(self, key: str, line: str, negated: bool, defaulted: bool) -> None:
        """Put a line in, or take it out; one that is in force by itself is written as `no` then."""
        initial = line in INITIAL.get(self.head, ())
        rows = self.kept[self.head].split("\n")[1:-1]
        before = [row for row in rows if row.strip() == line]
        rows = [row for row in rows if not f"{row.removeprefix(' no').strip()} ".startswith(f"{key} ")]
        if (defaulted and initial) or not (negated or defaulted):
            rows.append(f" {line}")
        elif negated and (initial or not before):
            rows.append(f" no {line}")
        self.kept[self.head] = "\n".join((self.head, *rows, "!"))


@dataclass
class KeptLines:
    """Lines without behaviour under `interface X`, by their words without `no`."""

    lines: dict[str, str] = field(default_factory=dict)
