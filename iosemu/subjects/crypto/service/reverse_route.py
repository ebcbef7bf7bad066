"""`reverse-route`: static routes to what is behind the peers of a crypto map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from iosemu.ip.stack import IpStack
from iosemu.net.route import Route
from iosemu.subjects.crypto.config.maps import CryptoMapEntry, CryptoMapsConfig
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
        self._known: dict[CryptoFlow, tuple[StaticRoute, ...]] = {}
        """The routes that each flow with SAs asks for."""
        self._counts: Counter[StaticRoute] = Counter()
        """How many flows ask for each."""
        self._standing: dict[StaticRoute, None] = {}
        """Those that stand without SAs."""
        self._may_stand = False
        self._tables: set[str] = set()
        """The routing instances that have had any."""

    def uses(self) -> dict[StaticRoute, int]:
        """A route to the remote network by the peer, for each flow that has SAs, or for each permit line.

        With each stands how many flows that have SAs ask for it: 0 for one that stays without them.
        """
        routes: dict[StaticRoute, int] = {}
        for flow in self._flows.values():
            for route in self._of(flow):
                routes[route] = routes.get(route, 0) + 1
        for route in self._without_sas():
            routes.setdefault(route, 0)
        return routes

    def _without_sas(self) -> Iterator[StaticRoute]:
        for interface, crypto_map in self.policy.applied():
            for entry in crypto_map.entries.values():
                peers = self.policy.peers(entry)
                if entry.reverse_route and entry.reverse_route_static and entry.complete and peers:
                    for _line, selector in self.policy.permits(entry):
                        yield self._route(entry, interface, selector.remote, peers[0])
                    towards = self._towards_peer(entry, interface, peers[0])
                    if towards is not None:
                        yield towards

    def _of(self, flow: CryptoFlow) -> tuple[StaticRoute, ...]:
        """What a flow asks for while it has SAs."""
        entry = self._entry_of(flow) if flow.pairs else None
        if entry is None or not entry.reverse_route:
            return ()
        peer = flow.pairs[-1].peer
        towards = self._towards_peer(entry, flow.interface, peer)
        own = self._route(entry, flow.interface, flow.selector.remote, peer)
        return (own, towards) if towards is not None else (own,)

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
        """The SAs of a flow came or went: install and withdraw what that one asks for."""
        wanted, known = self._of(flow), self._known.get(flow, ())
        if wanted == known:
            return
        if wanted:
            self._known[flow] = wanted
        else:
            del self._known[flow]
        self._counts.update(wanted)
        self._counts.subtract(known)
        gone = [each for each in known if not self._counts[each] and each not in self._standing]
        for each in known:
            if not self._counts[each]:
                del self._counts[each]
        leaving, coming = self._by_table(gone), self._by_table(wanted)
        self._tables.update(coming)
        for name in {**leaving, **coming}:
            vrf = self.device.service(IpStack).find_vrf(name)
            if vrf is not None:
                vrf.change_static_routes(self, leaving.get(name, []), coming.get(name, []))

    def follow_standing(self) -> None:
        """Tunnels came or went: there may be others of the routes that stand without SAs."""
        if self._may_stand:
            self.refresh()

    def refresh(self) -> None:
        """Install and withdraw routes as the configuration and SAs have them."""
        self._known = {flow: wanted for flow in self._flows.values() if (wanted := self._of(flow))}
        self._counts = Counter(route for routes in self._known.values() for route in routes)
        self._standing = dict.fromkeys(self._without_sas())
        maps = self.device.config.of(CryptoMapsConfig)
        entries = (entry for each in maps.maps.values() for entry in each.entries.values())
        self._may_stand = any(each.reverse_route_static for each in (*entries, *maps.profiles.values()))
        tables = self._by_table([*self._counts, *self._standing])
        for name in {*self._tables, *tables}:
            vrf = self.device.service(IpStack).find_vrf(name)
            if vrf is not None:
                vrf.set_static_routes(self, tables.get(name, []))
        self._tables = set(tables)

    def _by_table(self, wanted: Iterable[StaticRoute]) -> dict[str, list[Route]]:
        """Routes by the routing instance that they are in."""
        tables: dict[str, list[Route]] = {}
        for route in wanted:
            tables.setdefault(route.vrf, []).append(route.to_route(self.device.now))
        return tables
