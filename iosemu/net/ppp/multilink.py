"""Multilink PPP (RFC 1990): what is sent is cut over several links, what comes is put together in order."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from iosemu.packets.multilink import SEQUENCES, Fragment

MRRU = 1524
"""Octets of the largest packet that is put together, as IOS offers it."""
PATIENCE = 1.0
"""Seconds that a fragment waits for those before it."""
ROOM = 12_000
"""Octets of fragments that wait, a link."""
SMALLEST = 32
"""Octets below which nothing is cut for more links."""


@dataclass
class Counts:
    """What `show ppp multilink` tells."""

    lost: int = 0
    """Fragments that never came."""
    reordered: int = 0
    """Fragments that came before one that should have come earlier."""
    discarded: int = 0
    discarded_octets: int = 0
    late: int = 0
    """Fragments that came when they were given up."""


class Splitter:
    """The sending side of a bundle."""

    def __init__(self) -> None:
        self.sequence = 0
        """Of the next fragment."""

    def split(self, data: bytes, pieces: int) -> list[Fragment]:
        """A packet in about equal pieces, fewer where they would be small."""
        pieces = max(1, min(pieces, len(data) // SMALLEST))
        size = -(-len(data) // pieces)
        parts = [data[at : at + size] for at in range(0, len(data), size)] or [b""]
        made = []
        for index, part in enumerate(parts):
            made.append(Fragment(index == 0, index == len(parts) - 1, self.sequence, part))
            self.sequence = (self.sequence + 1) % SEQUENCES
        return made


class Assembler:
    """The receiving side of a bundle (RFC 1990 section 4)."""

    def __init__(self) -> None:
        self.counts = Counts()
        self.expected = 0
        """The sequence number of the next fragment, counted on without end."""
        self._waiting: dict[int, tuple[Fragment, float]] = {}
        """Fragments that came, and when."""
        self._last: dict[Hashable, int] = {}
        """The greatest number that came by each link."""

    @property
    def waiting(self) -> tuple[int, int]:
        """Fragments that wait, and their octets."""
        return len(self._waiting), sum(len(each.data) for each, _when in self._waiting.values())

    def join(self, link: Hashable) -> None:
        """Another link brings fragments from now on."""
        self._last[link] = self.expected - 1

    def leave(self, link: Hashable) -> list[bytes]:
        """A link brings nothing any more: nobody waits for what it would have brought."""
        self._last.pop(link, None)
        return self._deliver()

    def receive(self, link: Hashable, fragment: Fragment, now: float) -> list[bytes]:
        """The packets that are whole by this fragment, in order."""
        number = self._unwrapped(fragment.sequence)
        self._last[link] = max(self._last.get(link, number), number)
        if number < self.expected or number in self._waiting:
            self.counts.late += 1
            return []
        if number > self.expected and number - 1 not in self._waiting:
            self.counts.reordered += 1
        self._waiting[number] = (fragment, now)
        packets = self._deliver()
        while self.waiting[1] > ROOM * max(1, len(self._last)):
            packets += self._give_up()
        return packets

    def next_timer(self) -> float | None:
        """Lab time at which `tick` has something to do."""
        return min((when + PATIENCE for _each, when in self._waiting.values()), default=None)

    def tick(self, now: float) -> list[bytes]:
        """Give up what has been waited for too long."""
        packets: list[bytes] = []
        while (due := self.next_timer()) is not None and due <= now:
            packets += self._give_up()
        return packets

    def _unwrapped(self, sequence: int) -> int:
        """The number nearest to what is expected."""
        ahead = (sequence - self.expected + SEQUENCES // 2) % SEQUENCES - SEQUENCES // 2
        return self.expected + ahead

    def _deliver(self) -> list[bytes]:
        """Take out what is whole; what can become whole no more is discarded on the way."""
        packets = []
        while self._waiting:
            number = self._run()
            last = self._waiting.get(number - 1)
            if number > self.expected and last is not None and last[0].end:
                packets.append(b"".join(self._take(number)))
            elif number in self._waiting:  # it begins anew, or goes on without a beginning
                self._discard(max(number, self.expected + 1))
            elif self._last and number < min(self._last.values()):
                # every link has brought a later one: it was lost
                known = (
                    min(each for each in self._waiting if each > number)
                    if self._beyond(number)
                    else number + 1
                )
                self._lose(number, min(known, min(self._last.values())))
            else:
                break
        return packets

    def _beyond(self, number: int) -> bool:
        return any(each > number for each in self._waiting)

    def _run(self) -> int:
        """Where the packet that is expected ends, as far as it is there: behind its last fragment, or in its way."""
        number = self.expected
        while (found := self._waiting.get(number)) is not None:
            if found[0].begin != (number == self.expected):
                return number
            number += 1
            if found[0].end:
                break
        return number

    def _take(self, end: int) -> list[bytes]:
        parts = [self._waiting.pop(each)[0].data for each in range(self.expected, end)]
        self.expected = end
        return parts

    def _discard(self, end: int) -> None:
        for part in self._take(end):
            self.counts.discarded += 1
            self.counts.discarded_octets += len(part)

    def _lose(self, hole: int, following: int) -> None:
        """What came of a packet before a hole is of no use any more."""
        self._discard(hole)
        self.counts.lost += following - hole
        self.expected = following

    def _give_up(self) -> list[bytes]:
        """Do as if what is missing first were lost."""
        hole = self._run()
        self._lose(hole, min((each for each in self._waiting if each > hole), default=hole + 1))
        return self._deliver()
