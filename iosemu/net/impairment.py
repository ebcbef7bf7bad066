"""What a bad cable does to frames: delay, jitter, loss, duplication, reordering, corruption, rate, MTU."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Protocol

DEFAULT_DELAY = 5e-6
"""Seconds one frame spends on a link that says nothing about delay."""
_PROBABILITIES = ("loss", "duplicate", "reorder", "corrupt")
_TAGGED_HEADER = 18
BACKLOG = 1_000_000
"""Octets that may wait for a cable of a lower rate."""


class Rng(Protocol):
    """Where chance comes from; `random.Random` fits."""

    def random(self) -> float:
        """A number from 0.0 up to, not including, 1.0."""
        ...


@dataclass(frozen=True, slots=True)
class Impairment:
    """Delay and jitter in seconds, probabilities 0-1, rate in bits per second, MTU in octets of payload.

    ValueError for a probability outside 0-1 or anything negative.
    """

    delay: float = DEFAULT_DELAY
    jitter: float = 0.0
    """The delay varies evenly by up to this much to both sides; frames still arrive in order."""
    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    """Chance that a frame overtakes those before it: it arrives without the delay."""
    corrupt: float = 0.0
    """Chance that one bit is turned over. The receiver's FCS check then drops the frame and counts it."""
    rate: float | None = None
    mtu: int | None = None

    def __post_init__(self) -> None:
        for name in _PROBABILITIES:
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a probability from 0 to 1, not {getattr(self, name)}")
        for entry in fields(self):
            value = getattr(self, entry.name)
            if value is not None and value < 0:
                raise ValueError(f"{entry.name} cannot be negative: {value}")
        if self.rate == 0 or self.mtu == 0:
            raise ValueError("rate and mtu cannot be 0; take the link down instead")
        if self.jitter > self.delay:
            raise ValueError(f"jitter {self.jitter} is more than the delay {self.delay}")

    @property
    def random(self) -> bool:
        """Whether chance plays a part, so that a link needs an rng."""
        return bool(self.jitter or self.loss or self.duplicate or self.reorder or self.corrupt)


@dataclass(slots=True)
class ImpairmentCounters:
    """Frames a link has harmed so far."""

    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    corrupted: int = 0
    oversized: int = 0
    overrun: int = 0
    """Those that found a million octets before them, on a cable with a rate."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A frame at the far end, at a lab time; `damaged` if its FCS would be wrong."""

    when: float
    frame: bytes
    damaged: bool = False


class Channel:
    """One direction of a cable: remembers what is still being sent, so that rate and order are kept."""

    def __init__(self, counters: ImpairmentCounters) -> None:
        self.counters = counters
        self._free = 0.0
        self._last = 0.0

    def carry(self, frame: bytes, now: float, impairment: Impairment, rng: Rng | None) -> list[Arrival]:
        """What arrives of a frame, and when: nothing, the frame, or two of it."""
        if impairment.mtu is not None and len(frame) > impairment.mtu + _header(frame):
            self.counters.oversized += 1
            return []
        start = now
        if impairment.rate is not None:
            if self._free - now > BACKLOG * 8 / impairment.rate:
                self.counters.overrun += 1
                return []
            start = self._free = max(now, self._free) + len(frame) * 8 / impairment.rate
        when = start + impairment.delay
        if rng is None or not impairment.random:
            when = self._last = max(when, self._last)
            return [Arrival(when, frame)]
        if impairment.loss and rng.random() < impairment.loss:
            self.counters.lost += 1
            return []
        if impairment.jitter:
            when += impairment.jitter * (2 * rng.random() - 1)
        damaged = False
        if impairment.corrupt and rng.random() < impairment.corrupt:
            self.counters.corrupted += 1
            frame, damaged = _flip(frame, rng), True
        if impairment.reorder and rng.random() < impairment.reorder:
            self.counters.reordered += 1
            when = start
        else:
            when = self._last = max(when, self._last)
        arrivals = [Arrival(when, frame, damaged)]
        if impairment.duplicate and rng.random() < impairment.duplicate:
            self.counters.duplicated += 1
            arrivals *= 2
        return arrivals


def _header(frame: bytes) -> int:
    return _TAGGED_HEADER if frame[12:14] == b"\x81\x00" else _TAGGED_HEADER - 4


def _flip(frame: bytes, rng: Rng) -> bytes:
    bit = int(rng.random() * len(frame) * 8)
    harmed = bytearray(frame)
    harmed[bit >> 3] ^= 0x80 >> (bit & 7)
    return bytes(harmed)
