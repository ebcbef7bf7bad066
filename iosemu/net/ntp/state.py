"""What the engine of NTP is told, keeps and gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address
from typing import NamedTuple

from iosemu.net.ntp.association import Association, PeerConfig
from iosemu.net.ntp.broadcast import BroadcastConfig, Listening
from iosemu.packets.ntp import NO_STRATUM, NOT_SYNCHRONIZED

MOST = 100
"""Associations (`ntp max-associations`)."""


class Right(Enum):
    """What `ntp access-group` grants a source."""

    NONE = 0
    SERVE = 1
    """It may ask for the time."""
    PEER = 2
    """The box may follow it, too."""


class Loop(Enum):
    """States of the clock discipline, as `show ntp status` calls them."""

    NSET = "Never set"
    FSET = "Drift set from file"
    SPIK = "Spike"
    CTRL = "Normal Controlled Loop"


@dataclass(frozen=True)
class Moved:
    """The clock is to be moved by `seconds`: at once (`step`), or bit by bit."""

    seconds: float
    step: bool


@dataclass(frozen=True)
class Told:
    """Something to be logged: `PEERSYNC`, `UNSYNC`, `PEERREACH`, `PEERUNREACH`."""

    what: str
    address: IPv4Address | None = None


@dataclass(frozen=True)
class NtpSettings:
    """What is configured."""

    peers: tuple[PeerConfig, ...] = ()
    master: int | None = None
    """The stratum of `ntp master`."""
    authenticate: bool = False
    keys: Mapping[int, bytes] = field(default_factory=dict)
    trusted: frozenset[int] = frozenset()
    broadcasts: tuple[BroadcastConfig, ...] = ()
    listening: Listening = field(default_factory=Listening)
    most: int = MOST
    """How many associations there may be: a broadcast makes none beyond it."""


@dataclass
class NtpCounters:
    """`show ntp packets`."""

    received: int = 0
    sent: int = 0
    bad_version: int = 0
    errors: int = 0


class Datagram(NamedTuple):
    """A datagram to be sent; `source` is an interface (empty: any)."""

    to: IPv4Address
    port: int
    source: str
    data: bytes
    vrf: str = ""
    """The routing instance that it leaves by."""
    way: str = ""
    """The interface that it leaves by, whatever the routes say; empty: they decide."""
    ttl: int = 0
    """0: as the box's other packets."""


class Place(NamedTuple):
    """Where somebody else is."""

    address: IPv4Address
    port: int
    vrf: str = ""


@dataclass
class SystemState:
    """RFC 5905 figure 16."""

    leap: int = NOT_SYNCHRONIZED
    stratum: int = NO_STRATUM
    reference_id: bytes = bytes(4)
    reference: int = 0
    root_delay: float = 0.0
    root_dispersion: float = 0.0
    offset: float = 0.0
    jitter: float = 0.0
    peer: Association | None = None
    updated: float | None = None
