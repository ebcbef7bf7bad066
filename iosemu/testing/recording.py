"""Writing down what passes between somebody and a device, as a transcript. Sans-IO."""

from __future__ import annotations

import re

from iosemu.testing.keys import KEYS
from iosemu.testing.patterns import KINDS, PROMPT, escape
from iosemu.testing.screen import Screen

HIDDEN = "********"
"""Stands for a password that was typed."""
VOLATILE = (
    (re.compile(r"\b\d{1,2}:\d{2}:\d{2}(?:\.\d+)?\b"), "{{time}}"),
    (re.compile(rf"\b(?:{KINDS['date'].split('|[A-Z]')[0]})\b"), "{{date}}"),
    (re.compile(r"(?<= uptime is )\d.*"), "{{any}}"),
    (re.compile(r"\b0x[0-9A-Fa-f]{6,8}\b"), "{{spi}}"),
    (re.compile(r"\b[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}\b"), "{{mac}}"),
)
"""What differs from run to run, and the pattern that takes its place."""

_NAMES = sorted(
    ((data, name) for name, data in KEYS.items() if name != "Space"), key=lambda pair: -len(pair[0])
)
_PASSWORD = re.compile(r"[Pp]assword: ?$")
_MORE = "--More--"
_ACTING = {"Tab", "Ctrl-C", "Ctrl-Z", "Ctrl-Shift-6", "Break"}
"""Keys that act at once; after all others the typed line goes on."""


class Recording:
    """A session as it is written down; `typed` takes keys and `printed` what the device sends.

    Passwords are hidden, and what differs from run to run becomes a pattern unless `literal` is on.
    """

    def __init__(self, device: str, *, lab: str = "", title: str = "", literal: bool = False) -> None:
        self._lines = [f"# {title}"] if title else []
        if lab:
            self._lines.append(f"@lab {lab}")
        self._lines += ["", f"@device {device}"] if self._lines else [f"@device {device}"]
        self._volatile = () if literal else VOLATILE
        self._screen = Screen()
        self._mark: int | None = None
        """The first row of the answer to the line typed last; None before the first one."""
        self._anchor: str | None = None
        """What stood on the cursor's row when the line that is being typed was begun."""
        self._row = 0
        self._keys = ""
        self._special = False
        self._ahead: dict[str, int] = {}
        """What was typed where nothing stood yet, and its line: the device may echo it behind a prompt that comes."""

        self._taken: set[str] = set()

    @property
    def empty(self) -> bool:
        """Nothing was typed."""
        return self._mark is None and self._anchor is None

    def printed(self, data: bytes) -> None:
        """The device sent something."""
        self._screen.feed(data)

    def typed(self, data: bytes) -> None:
        """Keys were pressed."""
        position = 0
        while position < len(data):
            name, length = _key(data, position)
            self._press(name, data[position : position + length].decode("utf-8", "replace"))
            position += length
            if name == "Enter" and data[position : position + 1] == b"\n":
                position += 1

    def _press(self, name: str | None, text: str) -> None:
        if self._anchor is None:
            self._lines += self._answer()
            self._anchor = self._screen.cursor_line
            self._row = len(self._screen.rows) - 1
            self._keys, self._special = "", False
        if _MORE in self._anchor:
            self._keys = f"<{name or 'Space'}>" if text != "q" else "<Ctrl-C>"
            self._end()
        elif name == "Enter":
            self._keys += "<Enter>" if self._special else ""
            self._end()
        else:
            self._keys += f"<{name}>" if name is not None else "\\<" if text == "<" else text
            self._special = name is not None
            if name in _ACTING or text == "?":
                self._end()

    def _end(self) -> None:
        anchor = self._anchor or ""
        if self._keys and not anchor.strip():
            self._ahead[self._keys] = len(self._lines)
        hidden = self._keys and _PASSWORD.search(anchor)
        self._lines.append(f"{anchor}{HIDDEN if hidden else self._keys}")
        self._mark = self._row + 1
        self._anchor = None

    def _answer(self) -> list[str]:
        if self._mark is None:
            return []
        rows = self._screen.rows[self._mark : -1]
        for keys, line in list(self._ahead.items()):
            if any(_behind_a_prompt(row, keys) for row in rows):
                self._lines[line] = ""  # it is written where the device took it
                self._taken.add(keys)
                del self._ahead[keys]
        return [self._pattern(row) for row in rows]

    def _pattern(self, row: str) -> str:
        cursor = self._screen.cursor_line
        if PROMPT.fullmatch(row) and row.rstrip() == cursor.rstrip():
            return row.rstrip()  # Enter, typed before the prompt was there
        if any(_behind_a_prompt(row, keys) for keys in self._taken):
            return row
        text = escape(row, cursor)
        for regex, pattern in self._volatile:
            text = regex.sub(pattern, text)
        return text

    def text(self) -> str:
        """The transcript so far."""
        answer = self._answer() if self._anchor is None else []
        lines = [*self._lines, *answer]
        if self._anchor is None and self._mark is not None and self._screen.cursor_line.strip():
            lines.append(self._screen.cursor_line.rstrip())
        return "\n".join(lines) + "\n"


def _behind_a_prompt(row: str, keys: str) -> bool:
    return row.endswith(keys) and PROMPT.fullmatch(row.removesuffix(keys)) is not None


def _key(data: bytes, position: int) -> tuple[str | None, int]:
    """The name and length of the key at a position; None for a printable character."""
    if data[position] == 0x0A:
        return "Enter", 1
    for sequence, name in _NAMES:
        if data.startswith(sequence, position):
            return name, len(sequence)
    first = data[position]
    length = 1 if first < 0x80 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    return None, length
