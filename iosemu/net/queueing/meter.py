"""Token buckets: what a policer measures, and what a shaper spends."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum


class Color(Enum):
    """What a meter says of a packet (RFC 2697, RFC 2698: green, yellow, red)."""

    CONFORM = "conform"
    EXCEED = "exceed"
    VIOLATE = "violate"


@dataclass(slots=True)
class Bucket:
    """Tokens for octets: they come at `rate` bits per second, and `size` octets' worth of them are kept."""

    rate: float
    size: float
    tokens: float = field(init=False)
    _filled: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = self.size

    def fill(self, now: float) -> float:
        """Add what came since; returns the octets that found no room."""
        tokens = self.tokens + (now - self._filled) * self.rate / 8
        self._filled = now
        self.tokens = min(tokens, self.size)
        return tokens - self.tokens

    def take(self, octets: int) -> bool:
        """Spend the tokens for a packet if there are so many."""
        if self.tokens < octets:
            return False
        self.tokens -= octets
        return True


class Meter:
    """What a policer measures by.

    `cir` bits per second with bursts of `bc` octets, and beyond it either `be` octets that were saved up (one rate
    and three colors, RFC 2697), or up to `pir` bits per second with bursts of `be` octets (two rates, RFC 2698).
    With neither, what does not conform exceeds.
    """

    def __init__(self, cir: float, bc: float, be: float = 0.0, pir: float | None = None) -> None:
        self.committed = Bucket(cir, bc)
        self.two_rates = pir is not None
        self.excess = Bucket(pir or 0.0, be) if be or pir is not None else None

    def judge(self, now: float, octets: int) -> Color:
        """The color of a packet; it spends the tokens for it."""
        overflow = self.committed.fill(now)
        excess = self.excess
        if excess is None:
            return Color.CONFORM if self.committed.take(octets) else Color.EXCEED
        if not self.two_rates:
            excess.tokens = min(excess.tokens + overflow, excess.size)
            if self.committed.take(octets):
                return Color.CONFORM
            return Color.EXCEED if excess.take(octets) else Color.VIOLATE
        excess.fill(now)
        if not excess.take(octets):
            return Color.VIOLATE
        return Color.CONFORM if self.committed.take(octets) else Color.EXCEED


class Shaper:
    """Lets `bc` bits pass every `bc / rate` seconds, and at most `be` more of those that were not used before.

    With `peak` the excess comes every interval, too. A packet may leave while there is any token, and what it takes
    more than there is has to be paid back: the rate is exact whatever the packets' sizes.
    """

    def __init__(self, rate: float, bc: float, be: float, peak: bool = False) -> None:
        self.rate, self.bc, self.be, self.peak = rate, bc, be, peak
        self.interval = bc / rate
        """Seconds."""
        self.tokens = bc + be
        """Bits; below zero is debt."""
        self._since = 0.0
        """When the interval at work began."""
        self.packets = 0
        """Those that passed."""
        self.octets = 0
        self.delayed_packets = 0
        """Those that had to wait."""
        self.delayed_octets = 0

    @property
    def increment(self) -> float:
        """Bits that come every interval."""
        return self.bc + self.be if self.peak else self.bc

    @property
    def target(self) -> float:
        """Bits per second that pass at most, in the long run."""
        return self.increment / self.interval

    def _refill(self, now: float) -> None:
        # a timer may be due a rounding error before the end of the interval that it waits for
        passed = math.floor((now - self._since) / self.interval + 1e-6)
        if passed > 0:
            self._since += passed * self.interval
            self.tokens = min(self.tokens + passed * self.increment, self.bc + self.be)

    def ready(self, now: float) -> bool:
        """Whether a packet may leave."""
        self._refill(now)
        return self.tokens > 0

    def when(self, now: float) -> float:
        """Lab time at which the next packet may leave."""
        if self.ready(now):
            return now
        return self._since + (math.floor(-self.tokens / self.increment) + 1) * self.interval

    def take(self, now: float, octets: int) -> None:
        """A packet leaves."""
        self._refill(now)
        self.tokens -= octets * 8
        self.packets += 1
        self.octets += octets


class AccessRate:
    """What committed access rate measures by: tokens for `rate` bits per second and bursts of `normal` octets.

    A packet that finds too few tokens may borrow them, as long as the debts of those that borrowed since the last
    one that exceeded do not sum up to more than `extended` octets (Cisco, "Policing and Shaping Overview"). With an
    extended burst that is no larger than the normal one nothing is borrowed.
    """

    def __init__(self, rate: float, normal: float, extended: float) -> None:
        self.rate, self.normal, self.extended = rate, normal, extended
        self._tokens = float(normal)
        """Octets; below zero is debt."""
        self._compounded = 0.0
        self._filled = 0.0

    def burst(self, now: float) -> float:
        """Octets that were spent and have not come back."""
        self._fill(now)
        return self.normal - self._tokens

    def _fill(self, now: float) -> None:
        self._tokens = min(self._tokens + (now - self._filled) * self.rate / 8, self.normal)
        self._filled = now

    def conforms(self, now: float, octets: int) -> bool:
        """Whether a packet conforms; it then spends its tokens, or borrows them."""
        self._fill(now)
        left = self._tokens - octets
        if left < 0:
            debt = -left
            if self.extended <= self.normal or self._compounded + debt > self.extended:
                self._compounded = 0.0
                return False
            self._compounded += debt
        self._tokens = left
        return True
