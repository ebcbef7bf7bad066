"""The rows a session has printed: a terminal without a screen's edges."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])")


class Screen:
    """Follows carriage returns, backspaces and erasures, so that rows read as a person sees them."""

    def __init__(self) -> None:
        self.rows: list[str] = [""]
        self._column = 0
        self._pending = ""

    @property
    def cursor_line(self) -> str:
        """The row the cursor stands on; blanks right of the cursor are what an erasure left."""
        row = self.rows[-1]
        return row[: max(self._column, len(row.rstrip()))]

    def feed(self, data: bytes) -> None:
        """Take what a device sent."""
        text = self._pending + data.decode("utf-8", "replace")
        self._pending = ""
        position = 0
        while position < len(text):
            character = text[position]
            if character == "\x1b":
                found = _ESCAPE.match(text, position)
                if found is None:
                    if len(text) - position < 16:
                        self._pending = text[position:]
                        return
                    position += 1
                    continue
                self._escape(found[1], found[2])
                position = found.end()
                continue
            self._put(character)
            position += 1

    def _put(self, character: str) -> None:
        if character == "\n":
            self.rows.append("")
            self._column = 0
        elif character == "\r":
            self._column = 0
        elif character == "\b":
            self._column = max(0, self._column - 1)
        elif character >= " " or character == "\t":
            row = self.rows[-1]
            if self._column > len(row):
                row = row.ljust(self._column)
            self.rows[-1] = row[: self._column] + character + row[self._column + 1 :]
            self._column += 1

    def _escape(self, argument: str, final: str) -> None:
        count = int(argument) if argument.isdigit() else 1
        if final == "K":
            self.rows[-1] = self.rows[-1][: self._column]
        elif final == "C":
            self._column += count
        elif final == "D":
            self._column = max(0, self._column - count)
        elif final == "J" and argument == "2":
            self.rows = [""]
            self._column = 0
