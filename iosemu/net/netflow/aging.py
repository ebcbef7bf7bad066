"""What a cache of flows has in common whatever its flows are: two orders, and when a flow is over."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, Protocol, TypeVar

ENDING = 1.0
"""Seconds after which the ager finds a TCP flow that has ended."""


class Aging(Protocol):
    """Lab seconds of the first and the last packet of a flow."""

    first: float
    last: float


KeyT = TypeVar("KeyT")
FlowT = TypeVar("FlowT", bound=Aging)


class AgingCache(Generic[KeyT, FlowT]):
    """Flows of at most `entries`; `inactive` and `active` are seconds after which one is over.

    Both orders, that of the last packets and that of the first ones, are kept: what is over is found without looking
    at all.
    """

    def __init__(self, entries: int = 4096, active: float = 1800.0, inactive: float = 15.0) -> None:
        self.entries, self.active, self.inactive = entries, active, inactive
        self.flows: OrderedDict[KeyT, FlowT] = OrderedDict()
        """Those whose last packet is the oldest come first."""
        self._by_age: OrderedDict[KeyT, FlowT] = OrderedDict()
        self._ended: OrderedDict[KeyT, FlowT] = OrderedDict()
        """TCP flows that were closed."""
        self.added = 0
        self._over: list[FlowT] = []

    def _begin(self, key: KeyT, flow: FlowT, now: float) -> None:
        """A new flow; the one that was idle the longest gives its place."""
        if len(self.flows) >= self.entries:
            self._end(next(iter(self.flows)), now)
        self.flows[key] = self._by_age[key] = flow
        self.added += 1

    def _end(self, key: KeyT, now: float) -> FlowT:
        flow = self.flows.pop(key)
        self._by_age.pop(key, None)
        self._ended.pop(key, None)
        self._over.append(flow)
        return flow

    def age(self, now: float) -> None:
        """Take out the flows that are over."""
        for key, flow in list(self._ended.items()):
            if flow.last + ENDING > now:
                break
            self._end(key, now)
        while self.flows and next(iter(self.flows.values())).last + self.inactive <= now:
            self._end(next(iter(self.flows)), now)
        while self._by_age and next(iter(self._by_age.values())).first + self.active <= now:
            self._end(next(iter(self._by_age)), now)

    def next_timer(self) -> float | None:
        """Lab time at which some flow may be over; None: there are none."""
        if not self.flows:
            return None
        due = min(
            next(iter(self.flows.values())).last + self.inactive,
            next(iter(self._by_age.values())).first + self.active,
        )
        if self._ended:
            due = min(due, next(iter(self._ended.values())).last + ENDING)
        return due

    def over(self) -> list[FlowT]:
        """The flows that ended since the last call, in the order in which they did."""
        ended, self._over = self._over, []
        return ended

    def end_all(self, now: float) -> None:
        """All flows are over."""
        for key in list(self.flows):
            self._end(key, now)

    def forget(self) -> None:
        """Nothing is kept, and nobody is told."""
        self.flows.clear()
        self._by_age.clear()
        self._ended.clear()
        self._over.clear()
