"""What becomes due when: a heap of lab times, each owned by a thing that may change its mind."""

from __future__ import annotations

from collections.abc import Hashable
from heapq import heapify, heappop, heappush
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)

Order = tuple[int, ...]
"""What decides between things that are due at one moment: the smaller comes first."""

SLACK: Final = 64
"""Entries that are out of date and may lie about before the heap is made anew."""


class Agenda(Generic[K]):
    """One lab time (seconds) for each key; planning and taking cost O(log n).

    A key that is planned anew leaves its former entry in the heap, where it is passed over; when more than half
    of the heap is of that kind it is made anew, so memory follows the number of keys.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[float, Order, int, K]] = []
        self._planned: dict[K, tuple[float, int]] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._planned)

    def plan(self, key: K, when: float | None, order: Order) -> None:
        """Set the time of a key; None: it has nothing to do."""
        if when is None:
            self._planned.pop(key, None)
            return
        known = self._planned.get(key)
        if known is not None and known[0] == when:
            return
        self._count += 1
        self._planned[key] = (when, self._count)
        heappush(self._heap, (when, order, self._count, key))
        if len(self._heap) > 2 * len(self._planned) + SLACK:
            self._heap = [entry for entry in self._heap if self._valid(entry)]
            heapify(self._heap)

    def next(self) -> float | None:
        """The earliest time, None when nothing is planned."""
        while self._heap and not self._valid(self._heap[0]):
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, now: float) -> K | None:
        """The first key whose time has come, which is planned no more; None when there is none."""
        due = self.next()
        if due is None or due > now:
            return None
        key = heappop(self._heap)[3]
        del self._planned[key]
        return key

    def _valid(self, entry: tuple[float, Order, int, K]) -> bool:
        planned = self._planned.get(entry[3])
        return planned is not None and planned[1] == entry[2]
