"""`reverse-route`: static routes to what is behind the peers of a crypto map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from iosemu.ip.stack import IpStack
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
                towards = self._towards_peer(self._entry_of(flow), flow.pairs[-1].peer)
                if towards is not None:
                    routes[towards] = routes.get(towards, 0) + 1
        for _interface, crypto_map in self.policy.applied():
            for entry in crypto_map.entries.values():
                peers = self.policy.peers(entry)
                if entry.reverse_route and entry.reverse_route_static and entry.complete and peers:
                    for _line, selector in self.policy.permits(entry):
                        routes.setdefault(_route(entry, selector.remote, peers[0]), 0)
                    towards = self._towards_peer(entry, peers[0])
                    if towards is not None:
                        routes.setdefault(towards, 0)
        return routes

    def _of(self, flow: CryptoFlow) -> StaticRoute | None:
        """What a flow asks for while it has SAs."""
        entry = self._entry_of(flow) if flow.pairs else None
        if entry is None or not entry.reverse_route:
            return None
        return _route(entry, flow.selector.remote, flow.pairs[-1].peer)

    @staticmethod
    def _towards_peer(entry: CryptoMapEntry | None, peer: IPv4Address) -> StaticRoute | None:
        """The way to the peer itself, where `remote-peer` names one."""
        if entry is None or entry.reverse_route_gateway is None:
            return None
        return _route(entry, IPv4Network(peer), entry.reverse_route_gateway)

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
            self._installed = wanted
            self.device.service(IpStack).set_static_routes(
                self, [route.to_route(self.device.now) for route in wanted]
            )

    @property
    def installed(self) -> list[StaticRoute]:
        """The routes in force."""
        return self._installed


def _route(entry: CryptoMapEntry, network: IPv4Network, next_hop: IPv4Address) -> StaticRoute:
    """A route with the tag and distance of its crypto map."""
    distance = 1 if entry.reverse_route_distance is None else entry.reverse_route_distance
    return StaticRoute(network, next_hop, distance=distance, tag=entry.reverse_route_tag)
