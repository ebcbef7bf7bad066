"""What is configured of GLBP under an interface, and what can be debugged."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.box.debugging import DebugFlag
from iosemu.firsthop.glbp import Balancing
from iosemu.ip.first_hop import GroupSettings, Timers

ERRORS = DebugFlag("GLBP Errors", "GLBP")
EVENTS = DebugFlag("GLBP Events", "GLBP")
PACKETS = DebugFlag("GLBP Packets", "GLBP")
DEBUG_FLAGS = (ERRORS, EVENTS, PACKETS)

PRIORITY = 100
DECREMENT = 10
HELLO, HOLD = 3000, 10_000
"""Milliseconds."""
REDIRECT, TIMEOUT = 600, 14_400
"""Seconds."""
WEIGHT = 100
FORWARDER_DELAY = 30
"""Seconds, as the delay below."""


@dataclass
class GlbpGroupSettings(GroupSettings):
    """`glbp N …`."""

    enabled: bool = False
    """`ip` was typed."""
    address: IPv4Address | None = None
    """None: it is learned."""
    priority: int = PRIORITY
    preempt: bool = False
    delay: int = 0
    timers: Timers | None = None
    redirect: int = REDIRECT
    timeout: int = TIMEOUT
    balancing: Balancing = Balancing.ROUND_ROBIN
    weight: int = WEIGHT
    lower: int | None = None
    """None: 1."""
    upper: int | None = None
    """None: as the weight."""
    objects: dict[int, int] = field(default_factory=dict)
    """Tracked objects and what they take from the weight."""
    forwarder_preempt: bool = True
    forwarder_delay: int = FORWARDER_DELAY
    name: str = ""


@dataclass
class GlbpPort:
    """`glbp …` under an interface."""

    groups: dict[int, GlbpGroupSettings] = field(default_factory=dict)
