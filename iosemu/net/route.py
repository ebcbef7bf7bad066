"""Routes, where they come from, and the ways out that they give."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Network


class RouteSource(Enum):
    """Where a route comes from; the value is IOS's code letter in `show ip route`."""

    CONNECTED = "C"
    LOCAL = "L"
    STATIC = "S"
    RIP = "R"
    EIGRP = "D"
    OSPF = "O"
    BGP = "B"
    ISIS = "i"


class RouteKind(Enum):
    """What kind of route of its protocol it is; the value is what IOS prints behind the code letter."""

    PLAIN = ""
    INTER_AREA = "IA"
    """Of OSPF, as the next four."""
    EXTERNAL_1 = "E1"
    EXTERNAL_2 = "E2"
    NSSA_1 = "N1"
    NSSA_2 = "N2"
    EXTERNAL = "EX"
    """Of EIGRP."""
    LEVEL_1 = "L1"
    """Of IS-IS, as the next two."""
    LEVEL_2 = "L2"
    LEVEL_INTER_AREA = "ia"


DISTANCE = {
    RouteSource.CONNECTED: 0,
    RouteSource.LOCAL: 0,
    RouteSource.STATIC: 1,
    RouteSource.BGP: 20,
    RouteSource.EIGRP: 90,
    RouteSource.OSPF: 110,
    RouteSource.ISIS: 115,
    RouteSource.RIP: 120,
}
"""Administrative distances of IOS; 255 is never used."""
UNUSABLE = 255
"""The administrative distance of a route that is never installed."""


@dataclass(frozen=True, slots=True)
class Route:
    """A route: out of `interface`, or to `next_hop`, or both. `tag`, `permanent`, `name`: static routes."""

    network: IPv4Network
    source: RouteSource
    interface: str | None = None
    next_hop: IPv4Address | None = None
    distance: int = 0
    metric: int = 0
    tag: int = 0
    permanent: bool = False
    name: str = ""
    updated: float = 0.0
    """Lab time at which the route was installed."""
    kind: RouteKind = RouteKind.PLAIN
    process: int = 0
    """Process id or autonomous system number, where several instances of a protocol can run."""
    candidate_default: bool = False
    """It may become the gateway of last resort (`*`)."""

    @property
    def key(self) -> tuple[object, ...]:
        """Everything but the time: two routes with the same key are one."""
        return (self.network, self.source, self.interface, self.next_hop, self.distance, self.metric, self.tag,
                self.permanent, self.name, self.kind, self.process, self.candidate_default)  # fmt: skip

    @property
    def path(self) -> tuple[RouteSource, int, str | None, IPv4Address | None]:
        """What makes two routes to a network the same one: the newer takes the place of the older."""
        return (self.source, self.process, self.interface, self.next_hop)

    @property
    def is_recursive(self) -> bool:
        """Whether only the routing table tells which interface it leaves by."""
        return self.interface is None and self.next_hop is not None


@dataclass(frozen=True, slots=True)
class Hop:
    """Where a packet goes: out of `interface`, to `next_hop` (None: the destination is on that link)."""

    interface: str
    next_hop: IPv4Address | None
    route: Route


@dataclass(frozen=True, slots=True)
class RouteChange:
    """The installed routes to a network were `before` and are `after`; none: an empty tuple."""

    network: IPv4Network
    before: tuple[Route, ...]
    after: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class RoutingChanges:
    """What became different since somebody last asked."""

    routes: tuple[RouteChange, ...] = ()
    addresses: tuple[IPv4Address, ...] = ()
    """Watched addresses that are reached in another way, or (not) at all."""

    def __bool__(self) -> bool:
        return bool(self.routes or self.addresses)
