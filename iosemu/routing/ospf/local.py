"""Router-LSAs and network-LSAs (RFC 2328, 12.4.1 and 12.4.2; RFC 6987)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iosemu.routing.ospf.constants import (
    MAX_LINK_METRIC,
    InterfaceState,
    LinkType,
    LsaType,
    NeighborState,
    NetworkType,
    RouterFlag,
)
from iosemu.routing.ospf.lsa import NetworkLsa, RouterLink, RouterLsa

if TYPE_CHECKING:
    from iosemu.routing.ospf.area import Area
    from iosemu.routing.ospf.core import Core
    from iosemu.routing.ospf.interface import Interface

_HOST = 0xFFFFFFFF


class LocalLsas:
    """Describes the interfaces of the router."""

    def __init__(self, process: Core) -> None:
        self.process = process

    def router(self, area: Area) -> None:
        """Build the router-LSA of an area."""
        process = self.process
        originator = process.originator
        links = [link for interface in area.interfaces for link in self._links(interface)]
        if not area.interfaces:
            originator.unwant(area.lsdb, LsaType.ROUTER, process.router_id)
            return
        limit = process.max_metric
        if limit is not None:
            links = [
                link._replace(metric=MAX_LINK_METRIC)
                if link.type != LinkType.STUB or limit.include_stub
                else link
                for link in links
            ]
        flags = 0
        if process.is_abr:
            flags |= RouterFlag.B.value
        if process.is_asbr and (area.normal or area.nssa):
            flags |= RouterFlag.E.value
        if area.transit:
            flags |= RouterFlag.V.value
        if area.nssa and process.is_abr and area.config.translate_always:
            flags |= RouterFlag.NT.value
        body = RouterLsa(flags, links).to_bytes()
        originator.want(area.lsdb, LsaType.ROUTER, process.router_id, area.lsa_options, body)

    def _links(self, interface: Interface) -> Iterator[RouterLink]:
        if interface.state is InterfaceState.DOWN:
            return
        cost = interface.cost
        kind = interface.kind
        if interface.state is InterfaceState.LOOPBACK:
            yield RouterLink(interface.address, _HOST, LinkType.STUB, cost)
        elif kind is NetworkType.VIRTUAL_LINK:
            for neighbor in interface.full_neighbors:
                yield RouterLink(neighbor.router_id, interface.address, LinkType.VIRTUAL, cost)
        elif kind is NetworkType.POINT_TO_POINT:
            data = interface.address if interface.config.unnumbered is None else interface.config.unnumbered
            for neighbor in interface.full_neighbors:
                yield RouterLink(neighbor.router_id, data, LinkType.POINT_TO_POINT, cost)
            if interface.config.unnumbered is None:
                yield RouterLink(interface.network, interface.mask, LinkType.STUB, cost)
        elif kind.multipoint:
            yield RouterLink(interface.address, _HOST, LinkType.STUB, 0)
            for neighbor in interface.full_neighbors:
                configured = interface.neighbor_config(neighbor.address)
                own = configured.cost if configured and configured.cost is not None else cost
                yield RouterLink(neighbor.router_id, interface.address, LinkType.POINT_TO_POINT, own)
        elif self._transit(interface):
            yield RouterLink(interface.dr, interface.address, LinkType.TRANSIT, cost)
        else:
            yield RouterLink(interface.network, interface.mask, LinkType.STUB, cost)
        for prefix in interface.config.secondary:
            yield RouterLink(int(prefix.network_address), int(prefix.netmask), LinkType.STUB, cost)

    @staticmethod
    def _transit(interface: Interface) -> bool:
        """Whether a network-LSA for the link can be expected, which makes it a transit network."""
        if interface.state is InterfaceState.WAITING or not interface.dr:
            return False
        if interface.is_dr:
            return interface.has_full_neighbor
        designated = interface.neighbors.get(interface.dr)
        return designated is not None and designated.state is NeighborState.FULL

    def network(self, interface: Interface) -> None:
        """Build or flush the network-LSA of a link."""
        process = self.process
        lsdb = interface.area.lsdb
        if interface.is_dr and interface.has_full_neighbor:
            routers = [process.router_id, *(n.router_id for n in interface.full_neighbors)]
            body = NetworkLsa(interface.mask, routers).to_bytes()
            interface.network_lsa_id = interface.address
            originate = process.originator.want
            originate(lsdb, LsaType.NETWORK, interface.address, interface.area.lsa_options, body)
        elif interface.network_lsa_id:
            process.originator.unwant(lsdb, LsaType.NETWORK, interface.network_lsa_id)
            interface.network_lsa_id = 0
