"""A signal: somebody who waits is told that something happened, instead of asking again and again."""

from __future__ import annotations

from collections.abc import Callable

Heard = Callable[[], None]
"""Takes note that something happened; it must not act on the spot, whoever signals is in the middle of things."""


class Signal:
    """Whom to tell when one thing happens; costs nothing while nobody is connected."""

    __slots__ = ("_hearers",)

    def __init__(self) -> None:
        self._hearers: dict[Heard, None] = {}

    def __len__(self) -> int:
        """How many are connected."""
        return len(self._hearers)

    def connect(self, heard: Heard) -> None:
        """Call `heard` at every `emit`, in the order of connecting; connecting twice counts once."""
        self._hearers[heard] = None

    def disconnect(self, heard: Heard) -> None:
        """Call it no more; disconnecting twice does no harm."""
        self._hearers.pop(heard, None)

    def emit(self) -> None:
        """It happened."""
        if self._hearers:
            for heard in tuple(self._hearers):
                heard()
