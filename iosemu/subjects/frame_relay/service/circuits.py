"""A circuit as one end of it knows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address


@dataclass(slots=True)
class CircuitCounters:
    """What `show frame-relay pvc` counts; octets are those of frames."""

    in_packets: int = 0
    in_octets: int = 0
    out_packets: int = 0
    out_octets: int = 0
    out_broadcasts: int = 0
    out_broadcast_octets: int = 0
    out_dropped: int = 0


@dataclass(slots=True)
class Circuit:
    """One PVC at one interface."""

    dlci: int
    status: str
    """ACTIVE, INACTIVE, DELETED or STATIC."""
    created: float
    """Lab time."""
    changed: float
    """Lab time of the last change of its status."""
    counters: CircuitCounters = field(default_factory=CircuitCounters)

    @property
    def usable(self) -> bool:
        """Whether packets may be sent."""
        return self.status in ("ACTIVE", "STATIC")


@dataclass(frozen=True, slots=True)
class DynamicMap:
    """What Inverse ARP found at the other end of a circuit."""

    address: IPv4Address
    dlci: int
