"""The topology table: every network, and the paths to it (RFC 7868 3.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv4Network

from iosemu.routing.eigrp.metric import INFINITY, Vector
from iosemu.routing.eigrp.neighbor import Neighbor
from iosemu.routing.eigrp.tlvs import Outside

_NOBODY = IPv4Address(0)


class Kind(Enum):
    """Where a path comes from."""

    CONNECTED = "Connected"
    REDISTRIBUTED = "Redistributed"
    SUMMARY = "Summary"
    LEARNED = "learned"


@dataclass(eq=False)
class Path:
    """One way to a network."""

    kind: Kind
    vector: Vector
    """From here."""
    distance: int
    """The composite metric from here."""
    reported: int = 0
    """The composite metric from the neighbour."""
    told: Vector | None = None
    """What the neighbour said."""
    neighbor: Neighbor | None = None
    interface: str | None = None
    next_hop: IPv4Address | None = None
    outside: Outside | None = None
    origin: str = ""
    """Of what is redistributed: `static`, `ospf 1` …"""
    router: IPv4Address = field(default=_NOBODY)
    """Where it began."""

    @property
    def reachable(self) -> bool:
        """Whether it leads there."""
        return self.distance < INFINITY


Key = tuple[object, ...]


@dataclass(eq=False)
class Entry:
    """A network."""

    network: IPv4Network
    paths: dict[Key, Path] = field(default_factory=dict)
    feasible: int = INFINITY
    """The feasible distance: the least distance since the route was last active."""
    successors: list[Path] = field(default_factory=list)
    active: bool = False
    query_origin: int = 1
    """RFC 7868 3.5: 0 local, distance grew; 1 local; 2 many; 3 the successor asked."""
    pending: dict[Neighbor, None] = field(default_factory=dict)
    """Whose reply is awaited."""
    querier: Neighbor | None = None
    """Who gets a reply when it is over."""
    frozen: Vector | None = None
    """What is told while active."""
    former: Neighbor | None = None
    """The successor at the time it became active."""
    active_since: float = 0.0
    sia_at: float | None = None
    """When neighbours that did not reply are asked whether they are still at it."""
    sia_queries: dict[Neighbor, int] = field(default_factory=dict)
    sia_answered: set[Neighbor] = field(default_factory=set)
    signature: tuple[object, ...] = ()
    """The successors as they were last told of."""
    serial: int = 0
    updated: float = 0.0
    advertised: dict[str, tuple[Vector, Outside | None]] = field(default_factory=dict)
    """What was said last on each interface."""

    @property
    def best(self) -> Path | None:
        """The path with the least distance."""
        usable = [each for each in self.paths.values() if each.reachable]
        return min(usable, key=lambda each: each.distance, default=None)

    @property
    def successor(self) -> Path | None:
        """The first successor that leads there."""
        return next((each for each in self.successors if each.reachable), None)

    def fitting(self) -> list[Path]:
        """Successors and feasible successors, the best first."""
        fit = [each for each in self.paths.values() if each.reachable and each.reported < self.feasible]
        return sorted(fit, key=lambda each: each.distance)

    def by_distance(self) -> list[Path]:
        """All that lead there, the best first."""
        return sorted(
            (each for each in self.paths.values() if each.reachable), key=lambda each: each.distance
        )


class Topology:
    """All networks, in the order in which they came."""

    def __init__(self) -> None:
        self.entries: dict[IPv4Network, Entry] = {}
        self._serial = 0

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self.entries.values()))

    def entry(self, network: IPv4Network) -> Entry:
        """That of a network, made if need be."""
        found = self.entries.get(network)
        if found is None:
            found = self.entries[network] = Entry(network)
        return found

    def number(self, entry: Entry, now: float) -> None:
        """It changed: it gets the next serial number."""
        self._serial += 1
        entry.serial, entry.updated = self._serial, now

    @property
    def serial(self) -> int:
        """The last one given."""
        return self._serial
