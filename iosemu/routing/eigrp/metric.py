"""Metrics: the vector that routes carry, and the number that is made of it (RFC 7868 5.6)."""

from __future__ import annotations

from dataclasses import dataclass, replace

INFINITY = (1 << 64) - 1
"""The composite metric of what cannot be reached."""
UNREACHABLE = -1
"""The delay of what cannot be reached."""
CLASSIC_INFINITY = 0xFFFFFFFF
WIDE_INFINITY = 0xFFFFFFFFFFFF
_SCALE, _WIDE_SCALE = 256, 65536
_BANDWIDTH = 10**7
_TEN_MICROSECONDS = 10**7
"""In picoseconds."""
_MICROSECOND = 10**6


@dataclass(frozen=True, slots=True)
class Weights:
    """The K values, and whether metrics are of 64 bits."""

    k: tuple[int, int, int, int, int, int] = (1, 0, 1, 0, 0, 0)
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Vector:
    """What a path is like."""

    bandwidth: int
    """kb/s of the slowest link."""
    delay: int
    """Picoseconds in all; UNREACHABLE."""
    mtu: int = 1500
    hops: int = 0
    reliability: int = 255
    load: int = 1
    tag: int = 0
    """Of an internal route."""
    flags: int = 0

    @property
    def reachable(self) -> bool:
        """Whether there is a path."""
        return self.delay != UNREACHABLE

    @property
    def classic_delay(self) -> int:
        """In units of 10 us / 256 (RFC 7868 5.6.1)."""
        if not self.reachable:
            return CLASSIC_INFINITY
        return min(self.delay * _SCALE // _TEN_MICROSECONDS, CLASSIC_INFINITY - 1)

    @property
    def classic_bandwidth(self) -> int:
        """256 * 10^7 / (kb/s), as IOS rounds it."""
        return _BANDWIDTH // max(self.bandwidth, 1) * _SCALE

    def lost(self) -> Vector:
        """The same, not to be reached."""
        return replace(self, delay=UNREACHABLE)

    def over(self, link: Vector) -> Vector:
        """The path continued over a link."""
        if not self.reachable:
            return self
        return Vector(
            min(self.bandwidth, link.bandwidth),
            self.delay + link.delay,
            min(self.mtu, link.mtu),
            self.hops + 1,
            min(self.reliability, link.reliability),
            max(self.load, link.load),
            self.tag,
            self.flags,
        )

    def further(self, offset: int, wide: bool) -> Vector:
        """With an offset of the composite metric put into the delay."""
        if not offset or not self.reachable:
            return self
        step = _MICROSECOND * offset // _WIDE_SCALE if wide else _TEN_MICROSECONDS * offset // _SCALE
        return replace(self, delay=self.delay + step)


def from_classic(delay: int, bandwidth: int) -> tuple[int, int]:
    """Bandwidth (kb/s) and delay (picoseconds) of the scaled numbers of a classic TLV."""
    rate = _BANDWIDTH * _SCALE // bandwidth if bandwidth else _BANDWIDTH * _SCALE
    if delay == CLASSIC_INFINITY:
        return max(rate, 1), UNREACHABLE
    return max(rate, 1), delay * _TEN_MICROSECONDS // _SCALE


def composite(vector: Vector, weights: Weights) -> int:
    """The metric of RFC 7868 5.6.1, or that of 5.6.2; INFINITY."""
    if not vector.reachable:
        return INFINITY
    if weights.wide:
        throughput = _BANDWIDTH * _WIDE_SCALE // max(vector.bandwidth, 1)
        latency = vector.delay * _WIDE_SCALE // _MICROSECOND
    else:
        throughput, latency = vector.classic_bandwidth, vector.classic_delay
    k1, k2, k3, k4, k5, _k6 = weights.k
    total = k1 * throughput + k2 * throughput // (256 - min(vector.load, 255)) + k3 * latency
    if k5:
        total = total * k5 // (vector.reliability + k4) if vector.reliability + k4 else INFINITY - 1
    limit = INFINITY - 1 if weights.wide else CLASSIC_INFINITY - 1
    return min(total, limit)


def interface_delay(bandwidth: int, delay: int, configured: bool, wide: bool) -> int:
    """The delay of an interface in picoseconds.

    Wide metrics take that of a link of 1 Gb/s and more from its bandwidth, in kb/s, unless a delay, in microseconds, is
    configured (RFC 7868 5.6.2.2).
    """
    if wide and not configured and bandwidth >= 10**6:
        return 10**13 // bandwidth
    return delay * _MICROSECOND
