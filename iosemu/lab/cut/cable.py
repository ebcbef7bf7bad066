"""Half a cable: the near end is a port here, the far end is in another worker."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import partial

from iosemu.lab.errors import LabError
from iosemu.net.impairment import Impairment, Rng
from iosemu.net.link import Link, Port
from iosemu.net.scheduler import Key, Scheduler

_ITEM = struct.Struct("<BIddiqI")
"""What it is, the cable, its place (due, planned, lane, number), and the octets that follow."""


class What(IntEnum):
    """What goes over a cable."""

    FRAME = 1
    DAMAGED = 2
    """A frame whose check sequence is wrong."""
    LIGHT = 3
    DARK = 4


@dataclass(frozen=True, slots=True)
class Item:
    """Something that arrives at the far end of a cut cable, at its place among the events there."""

    what: What
    cable: int
    key: Key
    frame: bytes = b""

    def encode(self) -> bytes:
        """As it is sent."""
        return _ITEM.pack(self.what, self.cable, *self.key, len(self.frame)) + self.frame


def decode(data: bytes, offset: int = 0) -> Iterator[Item]:
    """The items of a message from `offset` on."""
    while offset < len(data):
        what, cable, due, planned, lane, number, length = _ITEM.unpack_from(data, offset)
        offset += _ITEM.size
        yield Item(What(what), cable, (due, planned, lane, number), data[offset : offset + length])
        offset += length


class CutLink(Link):
    """A cable as its near end sees it; what is sent is posted, and what was posted over there arrives here.

    Its `lookahead` is the least time from the near end to the far one. Faults that would make it shorter are refused:
    the workers rely on it.
    """

    def __init__(
        self,
        number: int,
        scheduler: Scheduler,
        near: Port,
        far: Port,
        impairment: Impairment,
        rng: Rng,
        post: Callable[[Item], None],
    ) -> None:
        self.number = number
        self.near = near
        self.far = far
        self.journal: list[tuple[int, bool]] = []
        """The lights of the near end while the lab is switched on."""
        self._post = post
        self.lookahead = near.latency + _least(impairment)
        perfect = impairment == Impairment(impairment.delay)
        super().__init__(scheduler, near, far, impairment.delay, None if perfect else impairment, rng)

    def shine(self, end: Port) -> None:
        """As any cable; while the lab is switched on it is noted for the other worker, too."""
        if self.scheduler.now == 0.0 and end is self.near:
            self.journal.append((self.number, end.enabled))
        super().shine(end)

    def _send_light(self, far: Port, when: float, lit: bool) -> None:
        self._post(Item(What.LIGHT if lit else What.DARK, self.number, self.scheduler.key(when)))

    def _plan(self, far: Port, when: float, frame: bytes, damaged: bool) -> None:
        what = What.DAMAGED if damaged else What.FRAME
        self._post(Item(what, self.number, self.scheduler.key(when), frame))

    def take(self, item: Item) -> None:
        """Have what was posted at the far end arrive here in its time."""
        near = self.near
        if item.what in (What.LIGHT, What.DARK):
            arrive: Callable[[], None] = partial(self.light_arrives, near, item.what is What.LIGHT)
        else:
            arrive = partial(self.arrive, near, item.frame, item.what is What.DAMAGED)
        self.scheduler.enter(item.key, arrive, near.lane)

    def impair(self, **faults: float | None) -> None:
        """As `Link.impair`; raises LabError for faults that the workers cannot bear."""
        before = self.impairment, self.delay
        super().impair(**faults)
        if self.near.latency + _least(self.faults) < self.lookahead:
            self.impairment, self.delay = before
            raise LabError(
                "the lab is cut at this cable: its delay cannot become shorter than it was at the start, nor may "
                "frames overtake others. Say the same `on:` for both ends in the lab's file"
            )

    def clear(self) -> None:
        """Perfect, with the delay that it had at the start."""
        self.impairment = None
        self.delay = self.lookahead - self.near.latency


def _least(impairment: Impairment) -> float:
    return 0.0 if impairment.reorder else impairment.delay - impairment.jitter
