"""What is configured of VRRP under an interface, and what can be debugged."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.box.debugging import DebugFlag
from iosemu.ip.first_hop import GroupSettings

AUTHENTICATION = DebugFlag("VRRP authentication", "VRRP")
ERRORS = DebugFlag("VRRP errors", "VRRP")
EVENTS = DebugFlag("VRRP events", "VRRP")
PACKETS = DebugFlag("VRRP packets", "VRRP")
STATE = DebugFlag("VRRP state", "VRRP")
DEBUG_FLAGS = (AUTHENTICATION, ERRORS, EVENTS, PACKETS, STATE)

PRIORITY = 100
DECREMENT = 10
INTERVAL = 1000
"""Milliseconds."""


@dataclass
class VrrpGroupSettings(GroupSettings):
    """`vrrp N …`."""

    address: IPv4Address | None = None
    secondaries: list[IPv4Address] = field(default_factory=list)
    description: str = ""
    priority: int = PRIORITY
    preempt: bool = True
    delay: int = 0
    """`preempt delay minimum`, seconds."""
    interval: int = INTERVAL
    """Milliseconds."""
    interval_msec: bool = False
    learn: bool = False
    shutdown: bool = False
    objects: dict[int, int] = field(default_factory=dict)
    """Tracked objects and what they take from the priority."""

    @property
    def addresses(self) -> tuple[IPv4Address, ...]:
        """The virtual addresses, the primary one first."""
        return ((self.address,) if self.address is not None else ()) + tuple(self.secondaries)


@dataclass
class VrrpPort:
    """`vrrp …` under an interface."""

    groups: dict[int, VrrpGroupSettings] = field(default_factory=dict)
