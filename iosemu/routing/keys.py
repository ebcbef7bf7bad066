"""Keys that routing protocols prove themselves with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol


class Key(NamedTuple):
    """A key of a key chain; a password is number 0."""

    number: int
    secret: bytes


class Keys(Protocol):
    """A key chain at this moment."""

    def sending(self) -> Key | None:
        """The key that messages are made with."""

    def accepting(self) -> Iterable[Key]:
        """The keys that are believed."""
