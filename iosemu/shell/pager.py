"""Output a page at a time, with the bytes of `--More--`."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from iosemu.handling.regexp import Regexp, RegexpError, ios_regexp

MORE = " --More-- "
ERASE = "\b" * 9 + " " * 8 + "\b" * 9
"""What classic IOS sends over `--More--` before the next line."""
UNCOMPILED = "% Failed to compile regular expression"
LONGEST = 254
"""Characters of an expression that is typed at `--More--`."""


class Pager:
    """Counts lines and holds back what does not fit on the page.

    `feed` takes lines and gives what to print; while `paused`, lines wait and `key` decides. After `q` (or any
    key that is no paging key) `stopped` is set and the rest is dropped.
    """

    def __init__(self, length: int) -> None:
        self.length = length
        """Lines of the screen; 0 never pauses."""
        self.waiting: deque[str] = deque()
        self.room = max(length - 1, 1)
        self.paused = False
        self.stopped = False
        self._filter: Regexp | None = None
        self._filter_kind = ""
        self._asking: str | None = None

    def feed(self, lines: Iterable[str]) -> str:
        """Take lines; what of them may be printed now."""
        if self.stopped:
            return ""
        self.waiting.extend(lines)
        return "" if self.paused else self._advance()

    def _advance(self) -> str:
        if not self.length:
            text = "".join(f"{line}\r\n" for line in self.waiting if self._passes(line))
            self.waiting.clear()
            return text
        printed: list[str] = []
        while self.waiting:
            if not self._passes(self.waiting[0]):
                self.waiting.popleft()
                continue
            if self.room <= 0:
                self.paused = True
                printed.append(MORE)
                break
            printed.append(f"{self.waiting.popleft()}\r\n")
            self.room -= 1
        return "".join(printed)

    def _passes(self, line: str) -> bool:
        if self._filter is None:
            return True
        found = self._filter.found_in(line)
        if self._filter_kind == "/":
            if found:
                self._filter = None
            return found
        return found if self._filter_kind == "+" else not found

    def key(self, key: str) -> str:
        """A key was pressed at `--More--` (or in the regular expression asked there); what to print."""
        if self._asking is not None:
            return self._pattern_key(key)
        if key in "/+-":
            self._asking = ""
            self._filter_kind = key
            return ERASE + key
        if key == " ":
            return self._resume(max(self.length - 1, 1))
        if key in "\r\n":
            return self._resume(1)
        self.paused = False
        self.stopped = True
        self.waiting.clear()
        return ERASE

    def _resume(self, room: int, before: str = ERASE) -> str:
        self.paused = False
        self.room = room
        return before + self._advance()

    def _pattern_key(self, key: str) -> str:
        text = self._asking or ""
        if key in "\r\n":
            self._asking = None
            notice = "\r\n"
            self._filter = None
            try:
                if text:
                    self._filter = ios_regexp(text)
                    notice += "filtering...\r\n"
            except RegexpError:
                notice += f"{UNCOMPILED}\r\n"
            return self._resume(max(self.length - 2, 1), notice)
        if key in "\b\x7f":
            self._asking = text[:-1]
            return "\b \b" if text else ""
        if key.isprintable() and len(text) < LONGEST:
            self._asking = text + key
            return key
        return ""
