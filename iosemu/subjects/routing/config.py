"""Static routes."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from iosemu.net.routing import Route, RouteSource


@dataclass(frozen=True)
class StaticRoute:
    """`ip route NETWORK MASK [INTERFACE] [NEXT-HOP] [DISTANCE] [name N] [tag T] [permanent]`."""

    network: IPv4Network
    next_hop: IPv4Address | None = None
    interface: str | None = None
    distance: int = 1
    name: str = ""
    tag: int | None = None
    permanent: bool = False
    track: int | None = None

    def to_route(self, now: float) -> Route:
        """The candidate of the routing table that it is, installed at lab time `now`."""
        return Route(
            self.network, RouteSource.STATIC, self.interface, self.next_hop, self.distance, 0, self.tag or 0,
            self.permanent, self.name, now,
        )  # fmt: skip

    @property
    def target(self) -> tuple[IPv4Network, str | None, IPv4Address | None]:
        """What makes two lines the same route: the second one replaces the first."""
        return (self.network, self.interface, self.next_hop)


@dataclass
class RoutesConfig:
    """`ip route …`, `ip routing` and `ip default-gateway`."""

    static: list[StaticRoute] = field(default_factory=list)
    routing: bool = True
    default_gateway: IPv4Address | None = None
    source_route: bool = True
    cef: bool = True
    static_arp: dict[IPv4Address, str] = field(default_factory=dict)
    """`arp A.B.C.D H.H.H arpa`: hardware address in Cisco's form."""

    def add(self, route: StaticRoute) -> None:
        """Install a route; one with the same network, interface and next hop is replaced."""
        self.static = [old for old in self.static if old.target != route.target]
        self.static.append(route)
        self.static.sort(key=lambda each: (int(each.network.network_address), each.network.prefixlen))

    def remove(
        self, network: IPv4Network, interface: str | None = None, next_hop: IPv4Address | None = None
    ) -> bool:
        """Drop the routes to `network` that fit what is given; False when there was none."""
        kept = [
            route
            for route in self.static
            if route.network != network
            or (interface is not None and route.interface != interface)
            or (next_hop is not None and route.next_hop != next_hop)
        ]
        removed = len(kept) != len(self.static)
        self.static = kept
        return removed
