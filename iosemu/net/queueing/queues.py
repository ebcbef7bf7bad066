"""What waits for its turn: in one queue, or in one for each flow."""

from __future__ import annotations

import heapq
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass
from typing import Any

from iosemu.net.queueing.red import Red


@dataclass(slots=True)
class Item:
    """A packet that waits."""

    octets: int
    what: Any = None
    """Whose queue it is knows what."""
    flow: int = 0
    label: int = 0
    """Its precedence or code point, where drops depend on that."""
    urgent: bool = False
    """It is never dropped (routing protocols, keepalives)."""


@dataclass(slots=True)
class QueueCounters:
    """What a queue let pass and what it dropped."""

    packets: int = 0
    octets: int = 0
    tail: int = 0
    tail_octets: int = 0
    random: int = 0
    random_octets: int = 0
    flow: int = 0
    """Drops because one flow had too many packets."""

    @property
    def drops(self) -> int:
        """All of them."""
        return self.tail + self.random + self.flow


class Queue(ABC):
    """A queue that holds `limit` packets, or `octet_limit` octets where that is a number."""

    def __init__(self, limit: int, red: Red | None = None, octet_limit: int | None = None) -> None:
        self.limit = limit
        self.octet_limit = octet_limit
        self.red = red
        self.counters = QueueCounters()
        self.by_label: dict[int, QueueCounters] = {}
        """By precedence or code point, where `red` looks at that."""
        self.depth = 0
        """Packets."""
        self.octets = 0

    def clear(self) -> None:
        """Count from zero."""
        self.counters = QueueCounters()
        self.by_label.clear()

    def push(self, item: Item, now: float) -> bool:
        """Take a packet in; False: it is dropped."""
        why = "" if item.urgent else self._refuses(item, now)
        if why:
            self._dropped(item, why)
            return False
        self._store(item)
        self.depth += 1
        self.octets += item.octets
        return True

    def _refuses(self, item: Item, now: float) -> str:
        if self.red is not None:
            why = self.red.drops(now, self.depth, item.label)
            if why:
                return why
        if self.octet_limit is not None:
            return "tail" if self.octets + item.octets > self.octet_limit else ""
        return "tail" if self.depth >= self.limit else ""

    def _dropped(self, item: Item, why: str) -> None:
        for counters in self._concerned(item):
            if why == "random":
                counters.random += 1
                counters.random_octets += item.octets
            elif why == "flow":
                counters.flow += 1
            else:
                counters.tail += 1
                counters.tail_octets += item.octets

    def _concerned(self, item: Item) -> tuple[QueueCounters, ...]:
        if self.red is None:
            return (self.counters,)
        row = self.by_label.get(item.label)
        if row is None:
            row = self.by_label[item.label] = QueueCounters()
        return (self.counters, row)

    def pop(self, now: float) -> Item:
        """The packet whose turn it is. Raises IndexError when there is none."""
        item = self._fetch()
        self.depth -= 1
        self.octets -= item.octets
        for counters in self._concerned(item):
            counters.packets += 1
            counters.octets += item.octets
        if not self.depth and self.red is not None:
            self.red.emptied(now)
        return item

    @abstractmethod
    def _store(self, item: Item) -> None:
        """Put it behind the others."""

    @abstractmethod
    def _fetch(self) -> Item:
        """Take the next one out."""


class Fifo(Queue):
    """First in, first out."""

    def __init__(self, limit: int, red: Red | None = None, octet_limit: int | None = None) -> None:
        super().__init__(limit, red, octet_limit)
        self._items: deque[Item] = deque()

    def _store(self, item: Item) -> None:
        self._items.append(item)

    def _fetch(self) -> Item:
        return self._items.popleft()


class FairQueue(Queue):
    """One queue for each flow, served in turn by octets (start-time fair queueing, Goyal et al. 1996).

    Flows are put into `queues` conversations by their hash. A flow may have `flow_limit` packets. `weighted`: a
    flow's share grows with its precedence, which then is its label.
    """

    def __init__(
        self,
        limit: int,
        queues: int = 256,
        flow_limit: int = 0,
        red: Red | None = None,
        weighted: bool = False,
    ) -> None:
        super().__init__(limit, red)
        self.queues = queues
        self.flow_limit = flow_limit or max(limit // 4, 1)
        self.weighted = weighted
        self.flows: dict[int, deque[Item]] = {}
        """Those with packets."""
        self.most = 0
        """Flows there were at once."""
        self.dropped_of: dict[int, int] = {}
        """Drops of each flow that has packets."""
        self._finish: dict[int, float] = {}
        self._turns: list[tuple[float, int, int]] = []
        """A heap: the start tag of each flow's next packet."""
        self._virtual = 0.0
        self._number = 0

    def _refuses(self, item: Item, now: float) -> str:
        why = super()._refuses(item, now)
        if not why and len(self.flows.get(item.flow % self.queues, ())) >= self.flow_limit:
            return "flow"
        return why

    def _dropped(self, item: Item, why: str) -> None:
        super()._dropped(item, why)
        key = item.flow % self.queues
        if key in self.flows:
            self.dropped_of[key] = self.dropped_of.get(key, 0) + 1

    def _store(self, item: Item) -> None:
        key = item.flow % self.queues
        waiting = self.flows.get(key)
        if waiting is None:
            waiting = self.flows[key] = deque()
            self.most = max(self.most, len(self.flows))
            self._line_up(key, max(self._virtual, self._finish.get(key, 0.0)))
        waiting.append(item)

    def _line_up(self, key: int, start: float) -> None:
        self._number += 1
        heapq.heappush(self._turns, (start, self._number, key))

    def _fetch(self) -> Item:
        start, _, key = heapq.heappop(self._turns)
        self._virtual = start
        waiting = self.flows[key]
        item = waiting.popleft()
        finish = start + item.octets / (item.label + 1 if self.weighted else 1)
        if waiting:
            self._line_up(key, finish)
        else:
            del self.flows[key]
            self.dropped_of.pop(key, None)
            if self.flows:
                self._finish[key] = finish
            else:
                self._finish.clear()
        return item
