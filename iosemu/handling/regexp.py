"""Regular expressions that users write: the one place where they are compiled.

RE2 matches in time that grows with the text alone, whatever the expression: nobody can have the lab think for
ever. There are two dialects: that of IOS, for what is typed on a device, and that of Python without look-around
and back references, for the files of a lab (checks, scenarios, transcripts).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped]

LONGEST = 8192
"""Characters of an expression."""
_MEMORY = 1 << 21
"""Octets that one compiled expression may take."""
_REPEATS = "*+?"
_UNDERSCORE = r"(?:[_,{}() ]|^|$)"
"""IOS's `_`: a comma, brace, parenthesis or blank, or an end of the line; names are written with it, too."""


class RegexpError(ValueError):
    """The expression cannot be compiled; the message says why."""


class Regexp:
    """A compiled expression."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        self._names: dict[str, int] = dict(compiled.groupindex)

    def found_in(self, text: str) -> bool:
        """Whether some part of `text` matches."""
        return self._compiled.search(text) is not None

    def found(self, text: str) -> tuple[str, ...] | None:
        """The first part of `text` that matches, and what its groups hold; None: there is none."""
        match = self._compiled.search(text)
        return None if match is None else (match.group(0), *(group or "" for group in match.groups()))

    def groups_of(self, text: str) -> dict[str, str] | None:
        """The named groups when the whole of `text` matches, else None."""
        match = self._compiled.fullmatch(text)
        return None if match is None else {name: match.group(name) or "" for name in self._names}


@lru_cache(maxsize=256)
def ios_regexp(text: str) -> Regexp:
    """An expression as IOS reads it ("Regular Expressions" of its configuration fundamentals).

    Special are `. * + ? ^ $ _ | ( ) [ ]`; a backslash makes the character after it an ordinary one, braces always
    are. Raises RegexpError where IOS refuses, and for a recalled group (`\\1`), which takes more than linear time.
    """
    _check_size(text)
    return _compile(_translated(text))


@lru_cache(maxsize=1024)
def regexp(text: str, *, lines: bool = False) -> Regexp:
    """An expression in Python's syntax, without look-around and back references.

    With `lines`, `^` and `$` are the ends of each line. Raises RegexpError.
    """
    _check_size(text)
    return _compile(f"(?m){text}" if lines else text)


def quoted(text: str) -> str:
    """An expression, in Python's syntax, that matches just `text`."""
    return str(re2.escape(text))


def _check_size(text: str) -> None:
    if len(text) > LONGEST:
        raise RegexpError(f"it is longer than {LONGEST} characters")


def _compile(text: str) -> Regexp:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return Regexp(re2.compile(text, options))
    except re2.error as error:
        reason = error.args[0]
        raise RegexpError(
            reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        ) from error


def _translated(text: str) -> str:
    """IOS's dialect in RE2's syntax."""
    parts: list[str] = []
    repeatable = False
    """What stands last can be repeated."""
    at = 0
    while at < len(text):
        letter = text[at]
        at += 1
        if letter in _REPEATS:
            if not repeatable:
                raise RegexpError(f"{letter} follows nothing that can be repeated")
            parts.append(letter)
            repeatable = False
            continue
        repeatable = letter not in "^(|"
        if letter == "[":
            end, part = _class(text, at)
            parts.append(part)
            at = end
        elif letter == "\\":
            if at == len(text) or text[at].isdigit():
                raise RegexpError("a backslash stands before a digit or the end")
            parts.append(quoted(text[at]))
            at += 1
        elif letter == "_":
            parts.append(_UNDERSCORE)
        else:
            parts.append(letter if letter in ".^$|()" else quoted(letter))
    return "".join(parts)


def _class(text: str, start: int) -> tuple[int, str]:
    """The set of characters that begins behind a `[`: where it ends, and its translation."""
    at = start + (text[start : start + 1] == "^")
    end = text.find("]", at + 1)  # a bracket at the start is one of the characters
    if end < 0:
        raise RegexpError("a [ is not closed")
    inside = "".join("\\" + letter if letter in "\\[]^" else letter for letter in text[at:end])
    return end + 1, f"[{'^' if at > start else ''}{inside}]"
