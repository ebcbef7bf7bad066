"""Weighted random early detection (Floyd and Jacobson 1993; IOS's variant of it)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Profile:
    """From how many packets on average drops begin, from how many all are dropped, and how often one is before."""

    minimum: float
    maximum: float
    denominator: int = 10
    """At the maximum one of so many is dropped."""


@dataclass
class Red:
    """Drops by chance, the more the longer the queue is on average.

    `random()` gives values below 1; `slot` is the seconds that a packet takes to leave: an empty queue counts as
    shorter the longer it was empty.
    """

    profiles: dict[int, Profile]
    """By precedence or code point."""
    random: Callable[[], float] = field(repr=False)
    exponent: int = 9
    """A packet weighs 1/2^exponent in the average."""
    slot: float = 0.0
    average: float = 0.0
    _empty_since: float | None = 0.0

    def emptied(self, now: float) -> None:
        """The last packet left."""
        self._empty_since = now

    def drops(self, now: float, depth: int, label: int) -> str:
        """Whether a packet that finds `depth` others goes: `tail`, `random`, or empty where it stays."""
        weight = 1 / (1 << self.exponent)
        if depth:
            self.average += (depth - self.average) * weight
        elif self._empty_since is not None and self.slot:
            self.average *= (1 - weight) ** ((now - self._empty_since) / self.slot + 1)
        self._empty_since = None
        profile = self.profiles[label]
        if self.average < profile.minimum:
            return ""
        if self.average >= profile.maximum:
            return "tail"
        chance = (self.average - profile.minimum) / (profile.maximum - profile.minimum) / profile.denominator
        return "random" if self.random() < chance else ""
