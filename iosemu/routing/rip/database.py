"""The routes that RIP knows (RFC 2453 3.6): its own, those it was given, and those it learned."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv4Network

from iosemu.routing.rip.packets import INFINITY


class Origin(Enum):
    """Where a route comes from."""

    CONNECTED = "connected"
    GIVEN = "redistributed"
    LEARNED = "learned"


class State(Enum):
    """What is known of a learned route."""

    VALID = "valid"
    HELD_DOWN = "held down"
    """It was lost; worse news of it is not believed until `held_until`."""
    GARBAGE = "garbage"
    """It is lost; the neighbours are told until it is flushed."""


@dataclass(slots=True)
class Path:
    """One way to a learned network."""

    gateway: IPv4Address
    """The next hop."""
    source: IPv4Address
    """Who told."""
    interface: str
    updated: float
    tag: int = 0


@dataclass(slots=True)
class Known:
    """A network in the database.

    The metric of a learned route is the one that the neighbour told, and the next hop is added when it is passed on:
    what comes with 15 can be used, and goes no further (outputs/show_ip_rip_database 1).
    """

    network: IPv4Network
    origin: Origin
    metric: int
    paths: list[Path] = field(default_factory=list)
    tag: int = 0
    process: str = "rip"
    """`connected`, `static`, `ospf 1` …: who gave it."""
    gateway: IPv4Address | None = None
    """Its next hop where it was given, for a neighbour on the same link."""
    state: State = State.VALID
    good_metric: int = INFINITY
    """The metric before it was lost."""
    updated: float = 0.0
    """Lab time of the last good news."""
    held_until: float = 0.0
    changed: bool = True
    """The neighbours were not told yet."""

    @property
    def reachable(self) -> bool:
        """Whether it has a finite metric."""
        return self.metric < INFINITY

    @property
    def told(self) -> int:
        """The metric that neighbours are told, before offsets."""
        return min(INFINITY, self.metric + (self.origin is Origin.LEARNED))

    def interfaces(self) -> set[str]:
        """Where it was learned."""
        return {path.interface for path in self.paths}


class Given:
    """A route that another protocol gives: `redistribute`."""

    __slots__ = ("gateway", "metric", "network", "process", "tag")

    def __init__(
        self,
        network: IPv4Network,
        process: str,
        metric: int,
        tag: int = 0,
        gateway: IPv4Address | None = None,
    ) -> None:
        self.network = network
        self.process = process
        self.metric = metric
        self.tag = tag
        self.gateway = gateway


def major(network: IPv4Network | IPv4Address) -> IPv4Network:
    """The classful network that an address or a network lies in; a supernet is its own."""
    value = int(network.network_address if isinstance(network, IPv4Network) else network)
    first = value >> 24
    length = 8 if first < 128 else 16 if first < 192 else 24
    if isinstance(network, IPv4Network) and network.prefixlen < length:
        return network
    return IPv4Network((value & (0xFFFFFFFF << (32 - length)), length))
