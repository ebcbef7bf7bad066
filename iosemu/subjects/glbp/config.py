"""What is configured of GLBP under an interface, and what can be debugged."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.box.debugging import DebugFlag
from iosemu.box.passwords import Password
from iosemu.firsthop.glbp import Balancing

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


@dataclass(frozen=True, slots=True)
class Timers:
    """`glbp N timers [msec] HELLO [msec] HOLD`, in milliseconds."""

    hello: int
    hold: int
    hello_msec: bool = False
    hold_msec: bool = False

    @property
    def words(self) -> str:
        """As they are configured."""
        hello = f"msec {self.hello}" if self.hello_msec else f"{self.hello // 1000}"
        return hello + (f" msec {self.hold}" if self.hold_msec else f" {self.hold // 1000}")


@dataclass
class GlbpGroupSettings:
    """`glbp N …`."""

    number: int
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
    text: str = ""
    key: Password | None = None
    key_chain: str = ""
    name: str = ""


@dataclass
class GlbpPort:
    """`glbp …` under an interface."""

    groups: dict[int, GlbpGroupSettings] = field(default_factory=dict)
