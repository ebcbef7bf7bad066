"""What makes a class wait: `priority`, `bandwidth`, `shape`, queues and their drops; and policies in policies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from iosemu.box.device import Device
from iosemu.net.queueing.red import Profile
from iosemu.subjects.mqc.config import Action
from iosemu.subjects.qos.values import DSCP_WORDS, EF, dscp_word

PRIORITY_BURST = 200
"""Milliseconds of its rate that a priority class may send at once."""
QUEUE_LIMIT = 64
"""Packets."""
SMALLEST_INTERVAL, SMALLEST_BC = 0.025, 8000
"""Seconds, and bits: what shapers without the hierarchical framework send at once."""
SHAPING_INTERVAL = 0.004
"""Seconds: the same with it."""


@dataclass(frozen=True)
class Priority(Action):
    """`priority [KBPS | percent N] [BURST]`; without a rate it may have all there is."""

    kbps: int | None = None
    percent: int | None = None
    burst: int | None = None
    """Octets."""
    level: int = 1

    def rate(self, total: int) -> int | None:
        """kbit/s, of an interface that has so many."""
        return total * self.percent // 100 if self.percent is not None else self.kbps

    def octets(self, total: int) -> int:
        """Its burst."""
        return self.burst if self.burst is not None else (self.rate(total) or 0) * PRIORITY_BURST // 8

    def lines(self, device: Device) -> Iterable[str]:
        """As configured."""
        words = ["priority"]
        if self.level != 1:
            words.append(f"level {self.level}")
        if self.percent is not None:
            words.append(f"percent {self.percent}")
        elif self.kbps is not None:
            words.append(str(self.kbps))
        if self.burst is not None:
            words.append(str(self.burst))
        yield " ".join(words)


@dataclass(frozen=True)
class Bandwidth(Action):
    """`bandwidth KBPS | percent N | remaining (percent | ratio) N`."""

    value: int
    unit: str = "kbps"
    """`kbps`, `percent`, `remaining percent` or `remaining ratio`."""

    @property
    def remaining(self) -> bool:
        """A share of what nobody reserved."""
        return self.unit.startswith("remaining")

    def rate(self, total: int) -> int:
        """kbit/s that it reserves of an interface that has so many."""
        if self.unit == "kbps":
            return self.value
        return total * self.value // 100 if self.unit == "percent" else 0

    def lines(self, device: Device) -> Iterable[str]:
        """As configured."""
        yield f"bandwidth {self.value}" if self.unit == "kbps" else f"bandwidth {self.unit} {self.value}"


@dataclass(frozen=True)
class Shape(Action):
    """`shape average | peak RATE [BC [BE]]`: bits per second (or per cent), and bits."""

    kind: str
    value: int
    bc: int | None = None
    be: int | None = None
    percent: bool = False

    def rate(self, total: int) -> int:
        """Bits per second, on an interface of so many kbit/s."""
        return total * 10 * self.value if self.percent else self.value

    def bursts(self, total: int, hierarchical: bool) -> tuple[int, int]:
        """Bits that are sent each interval, and that may be saved up; with `percent` they are typed in milliseconds."""
        rate = self.rate(total)
        if self.percent and self.bc is not None:
            bc = max(rate * self.bc // 1000, 1)
            return bc, bc if self.be is None else rate * self.be // 1000
        if self.bc is not None:
            return self.bc, self.bc if self.be is None else self.be
        if hierarchical:
            bc = max(int(rate * SHAPING_INTERVAL), 1)
        else:
            milliseconds = int(max(SMALLEST_BC / rate, SMALLEST_INTERVAL) * 1000)
            bc = rate * milliseconds // 1000
        return bc, bc

    def lines(self, device: Device) -> Iterable[str]:
        """As configured."""
        unit = " ms" if self.percent else ""
        words = ["shape", self.kind, *(["percent"] if self.percent else []), str(self.value)]
        words += [f"{each}{unit}" for each in (self.bc, self.be) if each is not None]
        yield " ".join(words)


@dataclass(frozen=True)
class FairQueueing(Action):
    """`fair-queue [QUEUES]`."""

    queues: int | None = None

    def lines(self, device: Device) -> Iterable[str]:
        """As configured."""
        yield "fair-queue" if self.queues is None else f"fair-queue {self.queues}"


@dataclass(frozen=True)
class QueueLimit(Action):
    """`queue-limit N [packets | bytes | ms]`."""

    value: int
    unit: str = "packets"

    def lines(self, device: Device) -> Iterable[str]:
        """As configured."""
        yield f"queue-limit {self.value} {self.unit}"


PRECEDENCE_MINIMA = {precedence: 20 + 2 * precedence for precedence in range(8)}
_BY_DROP = {1: 32, 2: 28, 3: 24}


def _dscp_minimum(value: int) -> int:
    """Of the default queue: what is dropped first among the code points."""
    if value == EF:
        return 36
    if value & 7 == 0:
        return 20 + 2 * (value >> 3)
    if value in DSCP_WORDS:
        return _BY_DROP[value >> 1 & 3]
    return 20 + 2 * (value >> 3)


@dataclass(frozen=True)
class RandomDetect(Action):
    """`random-detect [dscp-based | prec-based]`, and its lines about single values."""

    dscp_based: bool = False
    exponent: int | None = None
    profiles: dict[int, Profile] = field(default_factory=dict)
    """What is configured by precedence or code point."""

    def profile(self, label: int) -> Profile:
        """The profile of a precedence or code point."""
        default = _dscp_minimum(label) if self.dscp_based else PRECEDENCE_MINIMA[label]
        return self.profiles.get(label) or Profile(default, 40)

    def labels(self) -> range:
        """All that there are."""
        return range(64) if self.dscp_based else range(8)

    def label(self, tos: int) -> int:
        """That of a packet."""
        return tos >> 2 if self.dscp_based else tos >> 5

    def with_profile(self, label: int, profile: Profile | None) -> RandomDetect:
        """The same with another profile for a value; None: the default one."""
        kept = {key: each for key, each in self.profiles.items() if key != label}
        return replace(self, profiles=kept if profile is None else {**kept, label: profile})

    def lines(self, device: Device) -> Iterable[str]:
        """As configured."""
        yield "random-detect dscp-based" if self.dscp_based else "random-detect"
        if self.exponent is not None:
            yield f"random-detect exponential-weighting-constant {self.exponent}"
        for label, each in sorted(self.profiles.items()):
            what = f"dscp {dscp_word(label)}" if self.dscp_based else f"precedence {label}"
            yield f"random-detect {what} {each.minimum} {each.maximum} {each.denominator}"


@dataclass(frozen=True)
class Dropping(Action):
    """`drop`: nothing of the class passes."""

    def lines(self, device: Device) -> Iterable[str]:
        """As configured."""
        yield "drop"


@dataclass(frozen=True)
class Nested(Action):
    """`service-policy NAME`: a policy for what is in the class."""

    name: str

    @property
    def nested(self) -> str:
        """The policy-map that it names."""
        return self.name

    def lines(self, device: Device) -> Iterable[str]:
        """As configured."""
        yield f"service-policy {self.name}"


QUEUEING: tuple[type[Action], ...] = (Priority, Bandwidth, Shape, FairQueueing, QueueLimit, RandomDetect)
"""What makes packets wait: for output alone."""
