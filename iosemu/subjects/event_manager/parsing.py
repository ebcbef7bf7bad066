"""The rest of lines of applets: words, in quotes where they hold blanks, and pairs of a word and its value."""

from __future__ import annotations

import re

from iosemu.handling.effects import InvalidArgument

TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


def tokens(text: str) -> list[str]:
    """Its words."""
    return [quoted or bare for quoted, bare in TOKEN.findall(text)]


def pairs(rest: str, allowed: tuple[str, ...], first: str = "") -> dict[str, str]:
    """Pairs of a word and its value; InvalidArgument for others."""
    words = tokens(rest)
    if len(words) % 2 or (first and (not words or words[0] != first)):
        raise InvalidArgument("rest")
    found = dict(zip(words[::2], words[1::2], strict=True))
    if not found.keys() <= set(allowed):
        raise InvalidArgument("rest")
    return found


def unquoted(rest: str) -> str:
    """What is in quotes where all of it is, else all of it."""
    words = tokens(rest)
    return words[0] if rest.startswith('"') and len(words) == 1 else rest
