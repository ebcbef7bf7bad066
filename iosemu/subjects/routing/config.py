"""Static routes."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from iosemu.net.routing import Route, RouteSource


@dataclass(frozen=True)
class StaticRoute:
    """`ip route [vrf V] NETWORK MASK [INTERFACE] [NEXT-HOP [global]] [DISTANCE] [name N] [tag T] [permanent] …`."""

    network: IPv4Network
    next_hop: IPv4Address | None = None
    interface: str | None = None
    distance: int = 1
    name: str = ""
    tag: int | None = None
    permanent: bool = False
    track: int | None = None
    vrf: str = ""
    """The table that it is for; empty: the default one."""
    leads_out: bool = False
    """`global`: its next hop is looked for in the default table."""

    def to_route(self, now: float, interface: str | None = None) -> Route:
        """The candidate of the routing table that it is, installed at lab time `now`; it leaves by `interface`."""
        return Route(
            self.network, RouteSource.STATIC, interface or self.interface, self.next_hop, self.distance, 0,
            self.tag or 0, self.permanent, self.name, now,
        )  # fmt: skip

    @property
    def target(self) -> Target:
        """What makes two lines the same route: the second one replaces the first."""
        return (self.vrf, self.network, self.interface, self.next_hop)


Target = tuple[str, IPv4Network, str | None, IPv4Address | None]
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
    _targets: dict[tuple[str, IPv4Network], set[Target]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def static(self) -> list[StaticRoute]:
        """The routes by network, as the running configuration lists them: those of VRFs come last."""
        return sorted(
            self.routes.values(),
            key=lambda each: (each.vrf, int(each.network.network_address), each.network.prefixlen),
        )

    def add(self, route: StaticRoute) -> None:
        """Install a route; one with the same network, interface and next hop is replaced."""
        self.routes.pop(route.target, None)
        self.routes[route.target] = route
        self._targets.setdefault((route.vrf, route.network), set()).add(route.target)
        self.touched.add(route.target)

    def remove_vrf(self, vrf: str) -> None:
        """Drop all routes of a table that is no more."""
        for network in [each.network for each in self.routes.values() if each.vrf == vrf]:
            self.remove(network, vrf=vrf)

    def remove(
        self,
        network: IPv4Network,
        interface: str | None = None,
        next_hop: IPv4Address | None = None,
        vrf: str = "",
    ) -> bool:
        """Drop the routes to `network` that fit what is given; False when there was none."""
        key = (vrf, network)
        gone = {
            target
            for target in self._targets.get(key, ())
            if interface in (None, target[2]) and next_hop in (None, target[3])
        }
        for target in gone:
            del self.routes[target]
        self._targets[key] = self._targets.get(key, set()) - gone
        if not self._targets[key]:
            del self._targets[key]
        self.touched |= gone
        return bool(gone)
