"""The texts of `?`, keyed by a token or by tokens that lead to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from iosemu.parser.notation import Leaf, Word

_TYPED = re.compile(r"^<([A-Za-z_][\w.]*):.*>$")
_Entry = tuple[tuple[str, ...], str, str]


class HelpTable:
    """A `help:` of the grammar, and what it falls back on."""

    def __init__(
        self, texts: Mapping[str, str], behind: HelpTable | None = None, partly: bool = False
    ) -> None:
        """`texts` maps a token, or the tokens before it and the token, to its help.

        `partly`: it was made for other syntax, too, so some of it is of no use here.
        """
        self.texts = texts
        self.behind = behind
        self.partly = partly

    @cached_property
    def _tails(self) -> dict[str, list[_Entry]]:
        """By last token, the longest key first."""
        tails: dict[str, list[_Entry]] = {}
        for key, text in self.texts.items():
            *path, last = (_TYPED.sub(r"<\1>", part) for part in key.split()) if key else [""]
            tails.setdefault(last, []).append((tuple(path), text, key))
        for entries in tails.values():
            entries.sort(key=lambda entry: -len(entry[0]))
        return tails

    def find(self, leaf: Leaf, path: tuple[str, ...]) -> str | None:
        """The help of a token that follows `path` (canonical words; values as `<>`)."""
        found = self._entry(leaf, path)
        if found is not None:
            return found[1]
        return None if self.behind is None else self.behind.find(leaf, path)

    def key(self, leaf: Leaf, path: tuple[str, ...]) -> str | None:
        """The key of this table (not of those behind) that gives the help of `leaf` after `path`."""
        found = self._entry(leaf, path)
        return None if found is None else found[2]

    def tells(self, leaf: Leaf) -> bool:
        """The token has some help, whatever comes before it."""
        return any(name in self._tails for name in _names(leaf)) or (
            self.behind is not None and self.behind.tells(leaf)
        )

    def stranger(self, tokens: set[str]) -> str | None:
        """A key whose last token is none of `tokens`; None when there is none."""
        return next((entries[0][2] for last, entries in self._tails.items() if last not in tokens), None)

    def _entry(self, leaf: Leaf, path: tuple[str, ...]) -> _Entry | None:
        for name in _names(leaf):
            for entry in self._tails.get(name, ()):
                tail = entry[0]
                if len(tail) <= len(path) and all(
                    have in (want, "<>")
                    for want, have in zip(tail, path[len(path) - len(tail) :], strict=True)
                ):
                    return entry
        return None


def tokens_of(leaves: Iterable[Leaf]) -> Iterator[str]:
    """All the tokens that help of these leaves may stand under."""
    for leaf in leaves:
        yield from _names(leaf)


def _names(leaf: Leaf) -> Iterator[str]:
    if isinstance(leaf, Word):
        yield leaf.text
        return
    yield f"<{leaf.name}>"
    yield leaf.name
    if "." in leaf.name:
        yield f"<{leaf.name.rpartition('.')[2]}>"
