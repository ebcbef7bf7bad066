"""`reverse-route`: static routes to what is behind the peers of a crypto map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from iosemu.ip.stack import IpStack
from iosemu.net.route import Route
from iosemu.subjects.crypto.config.maps import CryptoMapEntry
from iosemu.subjects.crypto.service.flow import CryptoFlow, FlowKey
from iosemu.subjects.crypto.service.policy import CryptoPolicy
from iosemu.subjects.routing.config import StaticRoute

if TYPE_CHECKING:
    from iosemu.box.device import Device


class ReverseRoutes:
    """Keeps the routes of one crypto engine; they are not part of the configuration."""

    def __init__(
        self,
        device: Device,
        policy: CryptoPolicy,
        flows: Mapping[FlowKey, CryptoFlow],
        entry_of: Callable[[CryptoFlow], CryptoMapEntry | None],
    ) -> None:
        self.device = device
        self.policy = policy
        self._flows = flows
        self._entry_of = entry_of
        self._installed: list[StaticRoute] = []
        self._known: dict[CryptoFlow, StaticRoute] = {}
        """The route that each flow with SAs asks for."""

    def uses(self) -> dict[StaticRoute, int]:
        """A route to the remote network by the peer, for each flow that has SAs, or for each permit line.

        With each stands how many flows that have SAs ask for it: 0 for one that stays without them.
        """
        routes: dict[StaticRoute, int] = {}
        for flow in self._flows.values():
            route = self._of(flow)
            if route is not None:
                routes[route] = routes.get(route, 0) + 1
                towards = self._towards_peer(self._entry_of(flow), flow.interface, flow.pairs[-1].peer)
                if towards is not None:
                    routes[towards] = routes.get(towards, 0) + 1
        for interface, crypto_map in self.policy.applied():
            for entry in crypto_map.entries.values():
                peers = self.policy.peers(entry)
                if entry.reverse_route and entry.reverse_route_static and entry.complete and peers:
                    for _line, selector in self.policy.permits(entry):
                        routes.setdefault(self._route(entry, interface, selector.remote, peers[0]), 0)
                    towards = self._towards_peer(entry, interface, peers[0])
                    if towards is not None:
                        routes.setdefault(towards, 0)
        return routes

    def _of(self, flow: CryptoFlow) -> StaticRoute | None:
        """What a flow asks for while it has SAs."""
        entry = self._entry_of(flow) if flow.pairs else None
        if entry is None or not entry.reverse_route:
            return None
        return self._route(entry, flow.interface, flow.selector.remote, flow.pairs[-1].peer)

    def _route(
        self, entry: CryptoMapEntry, interface: str, network: IPv4Network, next_hop: IPv4Address
    ) -> StaticRoute:
        """A route with the tag and distance of its crypto map, in the table of what the map protects."""
        front = self.device.service(IpStack).vrf_of(interface)
        inside = self.policy.inside_of(entry, interface)
        # the peer is in another table than what is protected: the way to it says by which interface
        hop = front.hop(next_hop) if inside != front.name else None
        return StaticRoute(
            network,
            next_hop,
            hop.interface if hop is not None else None,
            distance=1 if entry.reverse_route_distance is None else entry.reverse_route_distance,
            tag=entry.reverse_route_tag,
            vrf=inside,
        )

    def _towards_peer(
        self, entry: CryptoMapEntry | None, interface: str, peer: IPv4Address
    ) -> StaticRoute | None:
        """The way to the peer itself, where `remote-peer` names one."""
        if entry is None or entry.reverse_route_gateway is None:
            return None
        return self._route(entry, interface, IPv4Network(peer), entry.reverse_route_gateway)

    def follow(self, flow: CryptoFlow) -> None:
        """The SAs of a flow came or went: with many flows most have nothing to do with routes."""
        route = self._of(flow)
        if route != self._known.get(flow):
            self.refresh()

    def refresh(self) -> None:
        """Install and withdraw routes as the configuration and SAs have them."""
        self._known = {flow: route for flow in self._flows.values() if (route := self._of(flow)) is not None}
        wanted = list(self.uses())
        if wanted != self._installed:
            tables: dict[str, list[Route]] = {route.vrf: [] for route in (*self._installed, *wanted)}
            for route in wanted:
                tables[route.vrf].append(route.to_route(self.device.now))
            self._installed = wanted
            for name, routes in tables.items():
                vrf = self.device.service(IpStack).find_vrf(name)
                if vrf is not None:
                    vrf.set_static_routes(self, routes)

    @property
    def installed(self) -> list[StaticRoute]:
        """The routes in force."""
        return self._installed
