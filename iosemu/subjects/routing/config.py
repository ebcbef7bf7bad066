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

    routing: bool = True
    default_gateway: IPv4Address | None = None
    source_route: bool = True
    cef: bool = True
    static_arp: dict[IPv4Address, str] = field(default_factory=dict)
    """`arp A.B.C.D H.H.H arpa`: hardware address in Cisco's form."""
    by_network: dict[IPv4Network, tuple[StaticRoute, ...]] = field(default_factory=dict)
    touched: dict[IPv4Network, None] = field(default_factory=dict, compare=False, repr=False)
    """The networks whose routes were typed since they were last taken over."""

    @property
    def static(self) -> list[StaticRoute]:
        """The static routes by network; those to one network in the order in which they were typed."""
        networks = sorted(self.by_network, key=lambda each: (int(each.network_address), each.prefixlen))
        return [route for network in networks for route in self.by_network[network]]

    def add(self, route: StaticRoute) -> None:
        """Install a route; one with the same network, interface and next hop is replaced."""
        others = (old for old in self.by_network.get(route.network, ()) if old.target != route.target)
        self._put(route.network, (*others, route))

    def remove(
        self, network: IPv4Network, interface: str | None = None, next_hop: IPv4Address | None = None
    ) -> bool:
        """Drop the routes to `network` that fit what is given; False when there was none."""
        known = self.by_network.get(network, ())
        kept = tuple(
            route
            for route in known
            if (interface is not None and route.interface != interface)
            or (next_hop is not None and route.next_hop != next_hop)
        )
        if len(kept) == len(known):
            return False
        self._put(network, kept)
        return True

    def take_touched(self) -> list[IPv4Network]:
        """The networks to take over; from now on they count as taken."""
        touched = list(self.touched)
        self.touched.clear()
        return touched

    def _put(self, network: IPv4Network, routes: tuple[StaticRoute, ...]) -> None:
        if routes:
            self.by_network[network] = routes
        else:
            del self.by_network[network]
        self.touched[network] = None
