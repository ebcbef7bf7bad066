"""Packets of ports within an interval that begins with the first of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Burst:
    """Packets of a port within an interval that began at `since`, lab seconds."""

    since: float
    count: int = 0


class Bursts:
    """The present burst of each port."""

    def __init__(self) -> None:
        self._bursts: dict[str, Burst] = {}

    def count(self, port: str, seconds: float, now: float) -> Burst:
        """Count a packet; the burst of so many seconds that it belongs to."""
        burst = self._bursts.get(port)
        if burst is None or now - burst.since >= seconds:
            burst = self._bursts[port] = Burst(now)
        burst.count += 1
        return burst

    def forget(self, port: str) -> None:
        """The next packet of a port begins a burst."""
        del self._bursts[port]
