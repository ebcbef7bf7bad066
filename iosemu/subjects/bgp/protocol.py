"""BGP as the routing table and the other protocols see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.clock_text import span
from iosemu.box.device import Device
from iosemu.ip.stack import IpStack
from iosemu.ip.vrf import Vrf
from iosemu.net.routing import Route, RouteSource
from iosemu.routing.bgp import Path, Relation, Speaker
from iosemu.routing.bgp.attributes import automatic_tag
from iosemu.subjects.bgp.config import Family, Router
from iosemu.subjects.routing.distances import distance_of
from iosemu.subjects.routing.policy import route_map
from iosemu.subjects.routing.protocols import RouteFacts, RoutingProtocol

IMPORTED = "imported "
"""What the kind of a path from another VRF begins with; the name follows."""


class BgpProtocol(RoutingProtocol):
    """`bgp AS`."""

    source = RouteSource.BGP

    def __init__(self, device: Device, router: Router, family: Family, speaker: Speaker, table: Vrf) -> None:
        self.device = device
        self.router = family
        self._notation = router
        self.speaker = speaker
        self.vrf = family.vrf
        self._table = table
        self.process = f"bgp {router.as_number}"

    @property
    def title(self) -> str:
        """Its name with the AS in the notation that is configured."""
        return f"bgp {self._notation.as_text(self.router.as_number)}"

    def covers(self, interface: str) -> bool:
        """Connected networks are never BGP's by themselves."""
        return False

    def install(self, networks: Iterable[IPv4Network]) -> None:
        """Put the best paths of these networks into the routing table."""
        table = self._table.routes
        with table.batch():
            for network in networks:
                entry = self.speaker.table.get(network)
                chosen = (entry.best, *entry.more) if entry is not None and entry.best is not None else ()
                routes = [made for each in chosen if (made := self._route(network, each)) is not None]
                kept = {each.identity for each in routes}
                for old in table.offers(network):
                    if old.source is RouteSource.BGP and old.identity not in kept:
                        table.withdraw(old)
                for route in routes:
                    table.add(route)

    def _route(self, network: IPv4Network, best: Path) -> Route | None:
        local = self.router.distance[2]
        attributes, now = best.attributes, self.device.now
        if best.imported is not None:
            return self._imported(network, best)
        if best.peer is None:
            if best.kind != "aggregate":
                return None
            return Route(network, RouteSource.BGP, "Null0", None, local, 0, updated=now, process=self.process)
        made = Route(
            network, RouteSource.BGP, None, attributes.next_hop, self._distance(network, best),
            attributes.med or 0, attributes.first_as or 0, updated=now, process=self.process,
        )  # fmt: skip
        if self.router.table_map is None:
            return made
        changes = route_map(self.device, self.router.table_map, made, self.vrf)
        if changes is None:
            return made
        metric = made.metric if changes.metric is None else changes.metric[0]
        return replace(made, metric=metric, tag=made.tag if changes.tag is None else changes.tag)

    def _distance(self, network: IPv4Network, best: Path) -> int:
        external, internal, local = self.router.distance
        if best.source is not None:
            told = distance_of(self.device, self.router.distances, best.source.config.address, network)
            if told is not None:
                return told
        line = self.router.networks.get(network)
        if best.external and line is not None and line.backdoor:
            return local
        return external if best.external else internal

    def _imported(self, network: IPv4Network, best: Path) -> Route | None:
        """The way that a path has in the instance that it is imported from."""
        home = self.device.service(IpStack).find_vrf(best.kind.removeprefix(IMPORTED))
        learned = best.source is not None
        hop = None
        if home is not None:
            hop = home.hop(best.attributes.next_hop if learned else network.network_address)
        if hop is None:
            return None
        external, internal, _ = self.router.distance
        next_hop = hop.next_hop or (best.attributes.next_hop if learned else None)
        return Route(
            network, RouteSource.BGP, hop.interface, next_hop, internal if best.internal else external,
            best.attributes.med or 0, best.attributes.first_as or 0, updated=self.device.now, process=self.process,
        )  # fmt: skip

    def best(self, network: IPv4Network) -> Path | None:
        """The best path to a network."""
        entry = self.speaker.table.get(network)
        return entry.best if entry is not None else None

    def facts(self, route: Route) -> RouteFacts:
        """What `show ip route PREFIX` adds."""
        best = self.best(route.network)
        if best is None or best.source is None:
            return RouteFacts("locally generated")
        return RouteFacts(
            "external" if best.external else "internal",
            best.source.config.address,
            lines=(f"AS Hops {best.attributes.path_length}",),
            as_path=best.attributes.path_text(self._notation.dotted),
            communities=best.attributes.communities,
            automatic_tag=automatic_tag(best.attributes),
        )

    def summary(self) -> Iterator[str]:
        """Its block of `show ip protocols`."""
        yield "  Outgoing update filter list for all interfaces is not set"
        yield "  Incoming update filter list for all interfaces is not set"
        yield "  IGP synchronization is disabled"
        yield "  Automatic route summarization is disabled"
        for origin in sorted(self.router.redistribute):
            yield f"  Redistributing: {origin}"
        if self.router.neighbors:
            yield "  Neighbor(s):"
            yield "    Address          FiltIn FiltOut DistIn DistOut Weight RouteMap"
            for address in sorted(self.router.neighbors):
                each = self.router.effective(address)
                filters = f"{each.filter_in or '':<7}{each.filter_out or '':<8}"
                lists = f"{each.distribute_in or '':7}{each.distribute_out or '':8}"
                tail = f"{each.weight or '':<7}{each.route_map_in or ''}"
                yield f"    {address!s:17}{filters}{lists}{tail}".rstrip()
        yield f"  Maximum path: {self.router.maximum_paths}"
        yield "  Routing Information Sources:"
        yield "    Gateway         Distance      Last Update"
        for source, distance, since in sorted(self._sources()):
            yield f"    {source!s:16}{distance:8}      {since}"
        yield "  Distance: external {} internal {} local {}".format(*self.router.distance)

    def _sources(self) -> Iterator[tuple[IPv4Address, int, str]]:
        external, internal, _ = self.router.distance
        for address, peer in self.speaker.peers.items():
            if peer.paths:
                last = max(path.since for path in peer.paths.values())
                yield (
                    address,
                    external if peer.relation is Relation.EXTERNAL else internal,
                    span(self.device.now - last),
                )

    def counts(self, routes: Iterable[Route]) -> Iterator[str]:
        """External, internal and local routes in the table."""
        kinds = [self.best(route.network) for route in routes]
        external = sum(1 for each in kinds if each is not None and each.external)
        internal = sum(1 for each in kinds if each is not None and each.source is not None) - external
        yield f"External: {external} Internal: {internal} Local: {len(kinds) - external - internal}"
