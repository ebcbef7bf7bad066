"""`reverse-route`: static routes to what is behind the peers of a crypto map."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.ip.stack import IpStack
from iosemu.subjects.routing.config import StaticRoute

if TYPE_CHECKING:
    from iosemu.subjects.crypto.service.engine import CryptoEngine


class ReverseRoutes:
    """Keeps the routes of one crypto engine; they are not part of the configuration."""

    def __init__(self, engine: CryptoEngine) -> None:
        self.engine = engine
        self._installed: list[StaticRoute] = []

    def wanted(self) -> list[StaticRoute]:
        """A route to the remote network by the peer, for each flow that has SAs, or for each permit line."""
        engine = self.engine
        routes: dict[StaticRoute, None] = {}
        for flow in engine.flows.values():
            entry = engine.entry_of(flow)
            if entry is not None and entry.reverse_route and flow.pairs:
                routes[StaticRoute(flow.selector.remote, flow.pairs[-1].peer)] = None
        for _interface, crypto_map in engine.policy.applied():
            for entry in crypto_map.entries.values():
                peers = engine.policy.peers(entry)
                if entry.reverse_route and entry.reverse_route_static and entry.complete and peers:
                    for _line, selector in engine.policy.permits(entry):
                        routes[StaticRoute(selector.remote, peers[0])] = None
        return list(routes)

    def refresh(self) -> None:
        """Install and withdraw routes as SAs come and go."""
        wanted = self.wanted()
        if wanted != self._installed:
            self._installed = wanted
            self.engine.device.service(IpStack).set_static_routes(
                self, [route.to_route(self.engine.now) for route in wanted]
            )

    @property
    def installed(self) -> list[StaticRoute]:
        """The routes in force."""
        return self._installed
