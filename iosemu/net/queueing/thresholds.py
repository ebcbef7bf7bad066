"""A queue of a switch's port: buffers of a fixed size, and thresholds at which frames find no room."""

from __future__ import annotations

from collections.abc import Sequence

from iosemu.net.queueing.queues import Fifo, Item

BUFFER = 256
"""Octets."""


class ThresholdQueue(Fifo):
    """Weighted tail drop: a frame whose label is N (from 0) goes where more than `thresholds[N]` buffers would be full.

    A frame takes whole buffers of 256 octets.
    """

    def __init__(self, thresholds: Sequence[int]) -> None:
        super().__init__(max(thresholds))
        self.thresholds = tuple(thresholds)
        self.taken = 0
        """Buffers."""

    def _refuses(self, item: Item, now: float) -> str:
        return "tail" if self.taken + buffers(item.octets) > self.thresholds[item.label] else ""

    def _store(self, item: Item) -> None:
        super()._store(item)
        self.taken += buffers(item.octets)

    def _fetch(self) -> Item:
        item = super()._fetch()
        self.taken -= buffers(item.octets)
        return item


def buffers(octets: int) -> int:
    """The buffers that a frame of so many octets takes."""
    return -(-octets // BUFFER)
