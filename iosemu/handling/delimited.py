"""Text between two delimiters, on the line that was typed or after it: `banner motd # … #`."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from iosemu.handling.effects import ReadBlock


def delimited(text: str) -> Generator[Any, Any, str]:
    """The text after the first character of `text` up to the next like it; asks for more where that is not there.

    `^C` is one character.
    """
    delimiter = "\x03" if text.startswith("^C") else text[0]
    first = text[2:] if text.startswith("^C") else text[1:]
    first = first.replace("^C", "\x03") if delimiter == "\x03" else first
    before, found, _ = first.partition(delimiter)
    if not found:
        shown = "^C" if delimiter == "\x03" else delimiter
        yield f"Enter TEXT message.  End with the character '{shown}'."
        rest = yield ReadBlock(shown)
        before = f"{before}\n{rest}"
    return before
