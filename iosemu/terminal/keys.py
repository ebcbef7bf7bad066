"""Bytes from the client to keys.

A key is one character (typed or control), or one of the names below. prompt_toolkit's Vt100Parser pushes
keys as soon as bytes arrive and holds a lone escape until it is flushed; here the reader pulls one key at
a time so that the bytes after it stay queued, which its interface does not allow.
"""

from __future__ import annotations

import re

LEFT, RIGHT, UP, DOWN = "<left>", "<right>", "<up>", "<down>"
HOME, END, DELETE = "<home>", "<end>", "<delete>"
WORD_LEFT, WORD_RIGHT = "<esc-b>", "<esc-f>"
ENTER = "<enter>"
BREAK = "<break>"
IGNORED = "<ignored>"

_FINAL = {"A": UP, "B": DOWN, "C": RIGHT, "D": LEFT, "H": HOME, "F": END}
_TILDE = {"1": HOME, "3": DELETE, "4": END, "7": HOME, "8": END}
_MODIFIED = {"C": WORD_RIGHT, "D": WORD_LEFT}
_CSI = re.compile(rb"\x1b\[([0-?]*)[ -/]*([@-~])")
_CSI_OPEN = re.compile(rb"\x1b\[[0-?]*[ -/]*\Z")
_PLAIN = re.compile(rb"[ ->@-~]+")
_LIMIT = 32
"""Bytes after which an unfinished control sequence is given up."""


class KeyReader:
    """A queue of bytes that is read key by key."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._at = 0
        self._after_cr = False
        self._after_break = False

    def feed(self, data: bytes) -> None:
        """Queue what arrived."""
        if self._at > 65536:
            del self._data[: self._at]
            self._at = 0
        self._data += data

    def end_line(self) -> None:
        """A line feed that comes now does not belong to the carriage return before it."""
        if not self.queued:
            self._after_cr = False

    @property
    def queued(self) -> int:
        """Bytes not read yet."""
        return len(self._data) - self._at

    def take_queued(self) -> bytes:
        """What was not read, which is forgotten here."""
        data = bytes(self._data[self._at :])
        self.clear()
        return data

    def clear(self) -> None:
        """Forget what was typed ahead."""
        self._data.clear()
        self._at = 0

    def plain(self, limit: int) -> str:
        """The printable ASCII (no `?`) that comes next, at most `limit` characters; may be empty."""
        if self._after_cr or self._after_break or limit <= 0:
            return ""
        found = _PLAIN.match(self._data, self._at, min(self._at + limit, len(self._data)))
        if found is None:
            return ""
        self._at = found.end()
        return found[0].decode("ascii")

    def take_break(self) -> bool:
        """Whether a Ctrl-Shift-6 is queued; it and what was typed before it are then dropped."""
        index = self._data.find(0x1E, self._at)
        if index < 0:
            return False
        self._at = index + 1
        self._after_break = True
        return True

    def take_control_c(self) -> bool:
        """Whether a Ctrl-C is queued; it and what was typed before it are then dropped."""
        index = self._data.find(0x03, self._at)
        if index < 0:
            return False
        self._at = index + 1
        return True

    def literal(self) -> str | None:
        """The next byte as a character, whatever it is (a UTF-8 character as a whole)."""
        if self._at < len(self._data) and self._data[self._at] == 0x1B:
            self._at += 1
            return "\x1b"
        return self.next()

    def next(self) -> str | None:
        """The next key; None when the bytes end before it does."""
        while self._at < len(self._data):
            byte = self._data[self._at]
            if self._after_cr:
                self._after_cr = False
                if byte in (0x00, 0x0A):
                    self._at += 1
                    continue
            if self._after_break:
                self._after_break = False
                if byte in (0x58, 0x78):
                    self._at += 1
                    continue
            if byte == 0x1B:
                key = self._escape()
            elif byte >= 0x80:
                key = self._utf8(byte)
            else:
                self._at += 1
                key = self._simple(byte)
            if key is None:
                return None
            if key != IGNORED:
                return key
        return None

    def _simple(self, byte: int) -> str:
        if byte == 0x0D:
            self._after_cr = True
            return ENTER
        if byte == 0x0A:
            return ENTER
        if byte == 0x1E:
            self._after_break = True
            return BREAK
        return IGNORED if byte == 0 else chr(byte)

    def _escape(self) -> str | None:
        data, at = self._data, self._at
        if at + 1 == len(data):
            return None
        kind = data[at + 1]
        if kind == 0x5B:
            found = _CSI.match(data, at)
            if found is not None:
                self._at = found.end()
                parameters, final = found[1].decode("ascii"), found[2].decode("ascii")
                if final == "~":
                    return _TILDE.get(parameters.partition(";")[0], IGNORED)
                if ";" in parameters and final in _MODIFIED:
                    return _MODIFIED[final]
                return _FINAL.get(final, IGNORED)
            if len(data) - at < _LIMIT and _CSI_OPEN.match(data, at):
                return None
            self._at += 2
            return IGNORED
        if kind == 0x4F:
            if at + 2 == len(data):
                return None
            self._at += 3
            return _FINAL.get(chr(data[at + 2]), IGNORED)
        if 0x21 <= kind < 0x7F:
            self._at += 2
            return f"<esc-{chr(kind).lower()}>"
        self._at += 1
        return IGNORED

    def _utf8(self, first: int) -> str | None:
        length = (
            2 if 0xC2 <= first < 0xE0 else 3 if 0xE0 <= first < 0xF0 else 4 if 0xF0 <= first < 0xF5 else 0
        )
        chunk = bytes(self._data[self._at : self._at + length])
        if length and len(chunk) < length and all(0x80 <= byte < 0xC0 for byte in chunk[1:]):
            return None
        try:
            character = chunk.decode("utf-8") if length else ""
        except UnicodeDecodeError:
            character = ""
        self._at += length if character else 1
        return character if character.isprintable() and character else IGNORED
