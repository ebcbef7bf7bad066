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
    NHRP = "H"

    __hash__ = object.__hash__  # by identity, as they are compared; Enum's goes through the name each time


Slot = tuple[RouteSource, str, str | None, int]
"""What tells the offers for one network apart: source, process, interface, and next hop as a number (-1: none)."""

DISTANCE = {
    RouteSource.CONNECTED: 0,
    RouteSource.LOCAL: 0,
    RouteSource.STATIC: 1,
    RouteSource.BGP: 20,
    RouteSource.EIGRP: 90,
    RouteSource.OSPF: 110,
    RouteSource.RIP: 120,
    RouteSource.NHRP: 250,
}
"""Administrative distances of IOS; 255 is never used."""
UNUSABLE = 255
"""The administrative distance of a route that is never installed."""


def slot(source: RouteSource, process: str, interface: str | None, next_hop: IPv4Address | None) -> Slot:
    """What `Route.slot` is, of a route that is not at hand."""
    # numbers: an IPv4Address makes its hash anew from a text each time
    return source, process, interface, -1 if next_hop is None else int(next_hop)


@dataclass(slots=True, unsafe_hash=True)  # nobody changes one; a frozen one takes four times as long to make
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
    subtype: str = ""
    """What follows the letter in `show ip route`: `IA`, `E2`, `EX` …"""
    process: str = ""
    """The instance that it comes from: `ospf 1`; two of them may offer the same network."""
    leading: int | None = None
    """The metric of the best of the unequal paths that it belongs to; None: its own."""
    share: int = 1
    """Traffic share count among the paths to the network."""
    possibly_down: bool = False
    """It was lost and is held down: packets still go there, and `show ip route` says so."""

    @property
    def key(self) -> tuple[object, ...]:
        """Everything but the time: two routes with the same key are one."""
        return (self.network, self.source, self.interface, self.next_hop, self.distance, self.metric, self.tag,
                self.permanent, self.name, self.subtype, self.process, self.possibly_down, self.leading,
                self.share)  # fmt: skip

    @property
    def rank(self) -> int:
        """The metric that it is compared by with routes of other sources at the same distance."""
        return self.metric if self.leading is None else self.leading

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes two offers the same route: the newer one takes the place of the older."""
        return self.network, self.slot

    @property
    def slot(self) -> Slot:
        """Its identity among the offers for its network."""
        return slot(self.source, self.process, self.interface, self.next_hop)


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Where the packets of a route go instead of where it leads; `updated` is the lab time since when."""

    interface: str
    next_hop: IPv4Address
    updated: float = 0.0


@dataclass(frozen=True, slots=True)
class Hop:
    """Where a packet goes: out of `interface`, to `next_hop` (None: the destination is on that link)."""

    interface: str
    next_hop: IPv4Address | None
    route: Route
