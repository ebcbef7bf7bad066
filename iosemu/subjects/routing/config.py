"""Static routes."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from iosemu.net.routing import Route, RouteSource


@dataclass(frozen=True)
class StaticRoute:
    """`ip route NETWORK MASK [INTERFACE] [NEXT-HOP] [DISTANCE] [name N] [tag T] [permanent | track N]`."""

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
    def target(self) -> Target:
        """What makes two lines the same route: the second one replaces the first."""
        return (self.network, self.interface, self.next_hop)


Target = tuple[IPv4Network, str | None, IPv4Address | None]
"""What makes two lines the same route."""


@dataclass
class RoutesConfig:
    """`ip route …`, `ip routing` and `ip default-gateway`."""

    routes: dict[Target, StaticRoute] = field(default_factory=dict)
    """By target, as they were typed."""
    routing: bool = True
    default_gateway: IPv4Address | None = None
    source_route: bool = True
    cef: bool = True
    static_arp: dict[IPv4Address, str] = field(default_factory=dict)
    """`arp A.B.C.D H.H.H arpa`: hardware address in Cisco's form."""
    touched: set[Target] = field(default_factory=set, compare=False, repr=False)
    """Routes that came, changed or went since they were taken over; whoever takes them over empties it."""
    _targets: dict[IPv4Network, set[Target]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def static(self) -> list[StaticRoute]:
        """The routes by network, as the running configuration lists them."""
        return sorted(
            self.routes.values(), key=lambda each: (int(each.network.network_address), each.network.prefixlen)
        )

    def add(self, route: StaticRoute) -> None:
        """Install a route; one with the same network, interface and next hop is replaced."""
        self.routes.pop(route.target, None)
        self.routes[route.target] = route
        self._targets.setdefault(route.network, set()).add(route.target)
        self.touched.add(route.target)

    def remove(
        self, network: IPv4Network, interface: str | None = None, next_hop: IPv4Address | None = None
    ) -> bool:
        """Drop the routes to `network` that fit what is given; False when there was none."""
        gone = {
            target
            for target in self._targets.get(network, ())
            if interface in (None, target[1]) and next_hop in (None, target[2])
        }
        for target in gone:
            del self.routes[target]
        self._targets[network] = self._targets.get(network, set()) - gone
        if not self._targets[network]:
            del self._targets[network]
        self.touched |= gone
        return bool(gone)
