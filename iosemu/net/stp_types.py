"""The words of spanning tree: roles, states, times, priority vectors and events."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from iosemu.packets.stp import BridgeId


class PortRole(Enum):
    """What a port is for; IOS prints `Root`, `Desg`, `Altn`, `Back`, `Mstr`."""

    DISABLED = "disabled"
    ROOT = "root"
    DESIGNATED = "designated"
    ALTERNATE = "alternate"
    BACKUP = "backup"
    MASTER = "master"
    """In an instance of MST: the way out of the region."""


class PortState(Enum):
    """IEEE 802.1D-1998 clause 8.4; IOS prints `BLK`, `LIS`, `LRN`, `FWD`."""

    DISABLED = "disabled"
    BLOCKING = "blocking"
    LISTENING = "listening"
    LEARNING = "learning"
    FORWARDING = "forwarding"


@dataclass(frozen=True, slots=True)
class StpTimes:
    """Seconds (clause 8.10.2: the defaults)."""

    hello_time: float = 2.0
    max_age: float = 20.0
    forward_delay: float = 15.0


DEFAULT_TIMES = StpTimes()


@dataclass(frozen=True, slots=True, order=True)
class Vector:
    """What a BPDU claims; less is better: root, cost to it, the designated bridge and its port."""

    root: BridgeId
    cost: int
    bridge: BridgeId
    port: int


@dataclass(frozen=True, slots=True)
class StateChanged:
    """A port changed its state."""

    port: str
    old: PortState
    new: PortState


@dataclass(frozen=True, slots=True)
class RootChanged:
    """Another root, or another way to it; `port` is None when this bridge is the root."""

    root: BridgeId
    port: str | None
    was: BridgeId
    cost: int


@dataclass(frozen=True, slots=True)
class TopologyChanged:
    """The topology changed: addresses have to age faster. `port` is where it was noticed, if at one."""

    port: str | None


@dataclass(frozen=True, slots=True)
class BpduGuardViolation:
    """A BPDU came in on a port that must not hear any; the switch has to disable it."""

    port: str


@dataclass(frozen=True, slots=True)
class AddressesFlushed:
    """Rapid spanning tree: what was learned on all ports but this one is to be forgotten now."""

    port: str | None


class Step(Enum):
    """What rapid spanning tree tells of a port while it finds its role and agrees with its neighbor."""

    INITIALIZING = "initializing"
    SUPERIOR = "superior"
    """A better BPDU came."""
    PROPOSAL = "proposal"
    """It proposes to its neighbor."""
    AGREED = "agreed"
    """The neighbor agreed."""
    SYNCING = "syncing"
    """It is held back for another port's agreement."""
    SYNCED = "synced"
    AGREEMENT = "agreement"
    """It agrees to what its neighbor proposed."""
    GOING_DOWN = "going down"
    """The root port's link went down."""


@dataclass(frozen=True, slots=True)
class Stepped:
    """A step of rapid spanning tree, or another role of a port."""

    port: str
    step: Step | PortRole


@dataclass(frozen=True, slots=True)
class Hastened:
    """UplinkFast made a port forward at once (`uplink`), or BackboneFast let it forget what it heard (`backbone`)."""

    port: str
    by: str


@dataclass(frozen=True, slots=True)
class Inconsistent:
    """A port was blocked, or let go (`kind` is empty).

    A guard did it (`root`, `loop`), PVST+ (`pvid`, `type`) or its simulation (`pvst`, and `peer` where there is none).
    """

    port: str
    kind: str
    was: str


StpEvent = (
    StateChanged
    | RootChanged
    | TopologyChanged
    | BpduGuardViolation
    | AddressesFlushed
    | Inconsistent
    | Stepped
    | Hastened
)
SHORT_MODE_COST = {
    10: 100, 100: 19, 200: 12, 300: 9, 400: 8, 500: 7, 600: 6, 700: 5, 800: 5,
    1000: 4, 2000: 3, 3000: 3, 4000: 3, 10000: 2,
}  # fmt: skip
"""Path cost by speed in Mb/s (IEEE 802.1D-1998 table 8-5, as Catalysts use; bundles by their sum)."""
LONG_MODE_COST = 20_000_000
"""Divided by the speed in Mb/s: the path cost of IEEE 802.1t, which MST always counts in."""
