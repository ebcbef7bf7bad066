"""The lines that were typed, and the walk through them."""

from __future__ import annotations


class History:
    """The last `size` lines, oldest first."""

    def __init__(self, size: int = 10) -> None:
        self.lines: list[str] = []
        self._size = size
        self._at: int | None = None

    @property
    def size(self) -> int:
        """How many lines are kept (`terminal history size`)."""
        return self._size

    @size.setter
    def size(self, size: int) -> None:
        self._size = size
        del self.lines[: max(len(self.lines) - size, 0)]
        self._at = None

    def add(self, line: str) -> None:
        """Keep a line; blank ones and repetitions of the last one are not."""
        self._at = None
        if line.strip() and self._size and (not self.lines or self.lines[-1] != line):
            self.lines.append(line)
            del self.lines[: max(len(self.lines) - self._size, 0)]

    def rewind(self) -> None:
        """The next `previous` is the newest line again."""
        self._at = None

    def previous(self) -> str | None:
        """One line further back; None at the oldest."""
        at = len(self.lines) if self._at is None else self._at
        if at == 0:
            return None
        self._at = at - 1
        return self.lines[self._at]

    def next(self) -> str | None:
        """One line less far back, then the empty line; None where nothing was recalled."""
        if self._at is None:
            return None
        self._at += 1
        if self._at >= len(self.lines):
            self._at = None
            return ""
        return self.lines[self._at]
