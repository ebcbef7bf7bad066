"""What is kept of the results of an operation: hour by hour, and run by run.

The terms are those of CISCO-RTTMON-MIB (rttMonStatsCaptureTable, rttMonHistoryCollectionTable).
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.subjects.ip_sla.config import Keeping
from iosemu.subjects.ip_sla.results import (
    NO_CONNECTION,
    OK,
    SOCKET_ERROR,
    TIMEOUT,
    HttpTimes,
    Jitter,
    PathHops,
    Result,
)

HOUR = 3600.0
SENSES = {OK: 1, "Over threshold": 3, TIMEOUT: 4, NO_CONNECTION: 6, SOCKET_ERROR: 6}
"""RttResponseSense; what is none of these is an error of the application."""
APPLICATION = 10


def sense(code: str) -> int:
    """The number of a return code."""
    return SENSES.get(code, APPLICATION)


@dataclass
class Numbers:
    """How many values there were, and what is kept of them."""

    count: int = 0
    total: int = 0
    squares: int = 0
    least: int = 0
    most: int = 0

    def take(self, *values: int) -> None:
        """Count some."""
        for value in values:
            self.least = value if not self.count else min(self.least, value)
            self.most = max(self.most, value)
            self.count += 1
            self.total += value
            self.squares += value * value

    @property
    def mean(self) -> int:
        """Rounded; 0 where there is none."""
        return round(self.total / self.count) if self.count else 0

    def __str__(self) -> str:
        return f"{self.least}/{self.mean}/{self.most}"


@dataclass
class Hour:
    """What came of the runs of one hour; `ranges` are those of the round trip times."""

    began: float
    successes: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    over: int = 0
    ranges: list[Numbers] = field(default_factory=list)
    rtt: Numbers = field(default_factory=Numbers)
    http: list[int] = field(default_factory=lambda: [0, 0, 0])
    """Milliseconds for names, connections and transactions, in sum."""
    outward: Numbers = field(default_factory=Numbers)
    homeward: Numbers = field(default_factory=Numbers)
    lost: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    """Packets: on the way there, on the way back, nobody knows where, in another order."""

    def take(self, result: Result, keeping: Keeping, over: bool) -> None:
        """Count a run."""
        details = result.details
        if result.code != OK:
            self.failures[result.code] += 1
        else:
            self.successes += 1
            self.over += over
            while len(self.ranges) < keeping.distributions:
                self.ranges.append(Numbers())
            rtt = result.rtt or 0
            self.ranges[min(rtt // keeping.interval, keeping.distributions - 1)].take(rtt)
            self.rtt.take(*(details.rtts if isinstance(details, Jitter) else (rtt,)))
        if isinstance(details, HttpTimes):
            for place, value in enumerate((details.dns, details.connect, details.transaction)):
                self.http[place] += value
        elif isinstance(details, Jitter):
            self.outward.take(*map(abs, details.outward))
            self.homeward.take(*map(abs, details.homeward))
            lost = (
                details.lost_outward.total,
                details.lost_homeward.total,
                details.tail,
                details.out_of_sequence,
            )
            self.lost = [old + new for old, new in zip(self.lost, lost, strict=True)]


@dataclass(frozen=True)
class Sample:
    """One answer: when it was asked for (lab seconds), its time in milliseconds, how it ended, and whose it was."""

    when: float
    rtt: int
    code: str
    address: IPv4Address | None


@dataclass
class Life:
    """One life of an operation, from a start to the next; a bucket is a run."""

    number: int
    buckets: deque[tuple[int, list[Sample]]] = field(default_factory=deque)
    count: int = 0


@dataclass
class Records:
    """All that is kept of one operation."""

    hours: deque[Hour] = field(default_factory=deque)
    lives: deque[Life] = field(default_factory=deque)
    count: int = 0

    def begin(self, keeping: Keeping) -> None:
        """The operation has started."""
        self.hours.clear()
        self.count += 1
        self.lives.append(Life(self.count))
        while len(self.lives) > max(keeping.lives, 1):
            self.lives.popleft()

    def take(
        self,
        started: float,
        began: float,
        result: Result,
        keeping: Keeping,
        over: bool,
        target: IPv4Address | None,
    ) -> None:
        """A run that was begun at `began`, of an operation that has started at `started`, has ended."""
        hour = started + (began - started) // HOUR * HOUR
        if not self.hours or self.hours[-1].began != hour:
            self.hours.append(Hour(hour))
        self.hours[-1].take(result, keeping, over)
        while len(self.hours) > keeping.hours:
            self.hours.popleft()
        if self._wanted(result, keeping, over):
            self._store(began, result, keeping, over, target)

    @staticmethod
    def _wanted(result: Result, keeping: Keeping, over: bool) -> bool:
        if not keeping.lives:
            return False
        match keeping.filter:
            case "all":
                return True
            case "failures":
                return result.code != OK
            case "overThreshold":
                return over
        return False

    def _store(
        self, began: float, result: Result, keeping: Keeping, over: bool, target: IPv4Address | None
    ) -> None:
        code = "Over threshold" if over and result.code == OK else result.code
        samples = [Sample(began, result.rtt or 0, code, target)]
        if isinstance(result.details, PathHops):
            samples = [Sample(began, rtt, OK, address) for address, rtt in result.details.hops]
            if code != OK:
                samples.append(Sample(began, result.rtt or 0, code, target))
        life = self.lives[-1]
        life.count += 1
        life.buckets.append((life.count, samples))
        while len(life.buckets) > keeping.buckets:
            life.buckets.popleft()
