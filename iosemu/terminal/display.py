"""What of a line is on the screen, and the bytes that bring it up to date: plain characters and backspaces."""

from __future__ import annotations

SHIFT = 10
"""How far a line scrolls sideways at the right edge, in columns."""
NO_WIDTH = 512
"""Columns of a terminal without a width (`terminal width 0`)."""


def show(character: str) -> str:
    """A character as it is echoed: control characters as `^X`."""
    code = ord(character)
    if code < 0x20:
        return f"^{chr(code + 0x40)}"
    return "^?" if code == 0x7F else character


class Display:
    """One line behind a prompt on a terminal of `width` columns."""

    def __init__(self, width: int = 80) -> None:
        self.width = width
        self.shown = ""
        self.column = 0
        self._prompt = 0
        self._offset = 0

    def begin(self, prompt: str) -> str:
        """Start afresh behind `prompt`, which is what has to be printed."""
        self._prompt = len(prompt.rpartition("\n")[2])
        self.shown = ""
        self.column = 0
        self._offset = 0
        return prompt

    def room(self, cursor: int) -> int:
        """How many plain characters can be appended at `cursor` before the line scrolls."""
        if self._offset or cursor != len(self.shown) or cursor != self.column:
            return 0
        return self._limit() - cursor - 1

    def append(self, text: str) -> str:
        """Show characters that fit behind the rest; the bytes to print."""
        self.shown += text
        self.column += len(text)
        return text

    def update(self, text: list[str], cursor: int) -> str:
        """Show `text` with the cursor before its character number `cursor`; the bytes to print."""
        cells = "".join(map(show, text))
        at = cursor if len(cells) == len(text) else len("".join(map(show, text[:cursor])))
        limit = self._limit()
        while at - self._offset >= limit:
            self._offset += SHIFT
        while self._offset and at <= self._offset:
            self._offset = max(self._offset - SHIFT, 0)
        visible = cells[self._offset : self._offset + limit]
        if self._offset:
            visible = "$" + visible[1:]
        if self._offset + limit < len(cells):
            visible = visible[:-1] + "$"
        return self._redraw(visible, at - self._offset)

    def finish(self) -> str:
        """Bring the cursor behind the line; the bytes to print."""
        return self._redraw(self.shown, len(self.shown))

    def _limit(self) -> int:
        """Columns for the line; the last one of the terminal stays free for the cursor."""
        return max((self.width or NO_WIDTH) - self._prompt - 1, SHIFT + 2)

    def _redraw(self, visible: str, column: int) -> str:
        old = self.shown
        if visible == old:
            out = self._move(visible, self.column, column)
        else:
            same = 0
            for have, want in zip(old, visible, strict=False):
                if have != want:
                    break
                same += 1
            surplus = max(len(old) - len(visible), 0)
            out = self._move(visible, self.column, same) + visible[same:] + " " * surplus + "\b" * surplus
            out += self._move(visible, len(visible), column)
        self.shown = visible
        self.column = column
        return out

    @staticmethod
    def _move(visible: str, start: int, stop: int) -> str:
        return "\b" * (start - stop) if stop <= start else visible[start:stop]
