"""What an engine is told of its interface, and what it asks of the box around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Protocol

HOLDING = 7200
"""Seconds that what a station says of itself holds, unless it says otherwise (kat_nhrp)."""
REDIRECT_INTERVAL = 8.0
"""Seconds between two indications about the same pair of hosts."""


@dataclass(frozen=True)
class ServerSettings:
    """`ip nhrp nhs A [nbma B [multicast]] [priority P] [cluster C]`."""

    nbma: IPv4Address | None = None
    multicast: bool = False
    priority: int = 0
    cluster: int = 0


@dataclass(frozen=True)
class Settings:
    """The NHRP of one interface."""

    authentication: str = ""
    holding: int = HOLDING
    registration: int | None = None
    """Seconds between registrations; None: a third of the holding time."""
    unique: bool = True
    redirect: bool = False
    redirect_interval: float = REDIRECT_INTERVAL
    shortcut: bool = False
    server_only: bool = False
    """It answers and passes on, and asks for nothing itself."""
    maps: Mapping[IPv4Address, IPv4Address] = field(default_factory=dict)
    multicast: tuple[IPv4Address, ...] = ()
    multicast_dynamic: bool = False
    servers: Mapping[IPv4Address, ServerSettings] = field(default_factory=dict)
    max_connections: Mapping[int, int] = field(default_factory=dict)
    """By cluster: how many of its servers are spoken to; all, where it is not there."""
    fallback: float = 0.0
    """Seconds that a better server has answered before one that stood in for it is given up."""
    destination: IPv4Address | None = None
    """The far end of a tunnel that has only one."""

    @property
    def refresh(self) -> float:
        """Seconds between registrations that are answered."""
        return float(self.registration or max(1, self.holding // 3))


@dataclass(frozen=True)
class Local:
    """This side: its address on the interface, and the one that its packets come from."""

    protocol: IPv4Address
    nbma: IPv4Address


@dataclass(frozen=True)
class Way:
    """How the box reaches a destination, shortcuts aside."""

    network: IPv4Network
    """What is reached in this way, at most."""
    next_hop: IPv4Address | None = None
    """None: the destination is on the link."""
    inside: bool = False
    """It leaves by the engine's own interface."""
    ours: bool = False
    """It is the engine's own address on its interface."""


class Surroundings(Protocol):
    """The box around an engine."""

    def way(self, interface: str, destination: IPv4Address) -> Way | None:
        """How a destination is reached; None: not at all."""
        ...

    def transmit(self, interface: str, nbma: IPv4Address, message: bytes) -> bool:
        """Send a message to an address outside of the tunnel; False: it was dropped at once."""
        ...

    def ready(self, interface: str, nbma: IPv4Address) -> bool:
        """Whether packets can go to an address outside now; False: their protection is being asked for."""
        ...
