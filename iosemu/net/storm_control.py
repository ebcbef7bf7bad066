"""Storm control: how much of one kind of traffic a port takes in a second (Catalyst 2960 Software Configuration Guide,
"Configuring Port-Based Traffic Control")."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from iosemu.packets.addresses import BROADCAST

INTERVAL = 1.0
"""Seconds over which traffic is measured."""
SHORTEST = 60
"""Octets of the shortest frame without its check sequence; what is shorter is padded on the wire."""
CHECK = 4
"""Octets of the frame check sequence, which the lab's frames do not carry."""
GAP = 20
"""Octets of preamble and of the gap between frames: with them, 100 per cent is all that a line can carry."""


class Traffic(Enum):
    """What is measured apart."""

    BROADCAST = "broadcast"
    MULTICAST = "multicast"
    UNICAST = "unicast"


class Unit(Enum):
    """What a threshold counts."""

    PERCENT = ""
    """Of the bandwidth of the port."""
    BITS = "bps"
    FRAMES = "pps"


@dataclass(frozen=True, slots=True)
class Threshold:
    """`storm-control KIND level …`: what begins a storm and below what it is over, in units of `unit`."""

    upper: float
    lower: float
    unit: Unit = Unit.PERCENT


def traffic_of(frame: bytes) -> Traffic:
    """The kind of a frame, by its destination."""
    if not frame[0] & 1:
        return Traffic.UNICAST
    return Traffic.BROADCAST if frame[:6] == BROADCAST else Traffic.MULTICAST


class Meter:
    """Measures one kind of traffic on one port, interval by interval, and says when a storm blows."""

    def __init__(self) -> None:
        self.blocking = False
        self.rate = 0.0
        """What the last whole interval had, in the unit of the threshold."""
        self._frames = 0
        self._octets = 0

    def counted(self, threshold: Threshold, bandwidth: float) -> float:
        """What this interval has until now; `bandwidth` in bits per second."""
        if threshold.unit is Unit.FRAMES:
            return self._frames / INTERVAL
        if threshold.unit is Unit.BITS:
            return self._octets * 8 / INTERVAL
        return (self._octets + GAP * self._frames) * 8 * 100 / (bandwidth * INTERVAL) if bandwidth else 0.0

    def take(self, size: int, threshold: Threshold, bandwidth: float) -> bool:
        """Count a frame of `size` octets; whether a storm begins with it."""
        self._frames += 1
        self._octets += max(size, SHORTEST) + CHECK
        if self.blocking or self.counted(threshold, bandwidth) <= threshold.upper:
            return False
        self.blocking = True
        return True

    def close(self, threshold: Threshold, bandwidth: float) -> bool:
        """The interval is over; whether the storm is, too. What is filtered counts on, so that this can be seen."""
        self.rate = self.counted(threshold, bandwidth)
        self._frames = self._octets = 0
        over = self.blocking and (self.rate < threshold.lower or self.rate == 0)
        if over:
            self.blocking = False
        return over

    @property
    def idle(self) -> bool:
        """Whether nothing is left to measure."""
        return not (self.blocking or self._frames or self.rate)
