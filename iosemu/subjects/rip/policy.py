"""Filters, offsets and distances of RIP, as they are configured at this moment."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.ip.stack import IpStack
from iosemu.net.routing import UNUSABLE, RouteSource
from iosemu.routing.filters import DistributeList, in_force, offset_of
from iosemu.subjects.acl.service import AccessLists
from iosemu.subjects.rip.config import RipProcess
from iosemu.subjects.routing.distances import distance_of
from iosemu.subjects.routing.policy import prefix_list, route_map


class RipPolicy:
    """What the engine asks of the configuration and the routing table."""

    def __init__(self, device: Device, process: RipProcess) -> None:
        self.device = device
        self._process = process
        self._table = device.service(IpStack).vrf(process.vrf)

    def default(self) -> tuple[bool, tuple[str, ...]]:
        """`default-information originate`: whether a default goes out, and of which interfaces (none: of all).

        With a route-map it does while a route of the table passes it, and its `set interface` says where.
        """
        process = self._process
        if not process.default_originate or process.default_route_map is None:
            return process.default_originate, ()
        for route in self._table.routes:
            if route.source is RouteSource.RIP and not route.network.prefixlen:
                continue  # another's default is no reason for one of our own
            found = route_map(self.device, process.default_route_map, route, process.vrf)
            if found is not None:
                return True, found.interfaces
        return False, ()

    def accepts(self, interface: str, gateway: IPv4Address, network: IPv4Network) -> bool:
        """`distribute-list … in`, and the distance that means never."""
        if self.distance(gateway, network) >= UNUSABLE:
            return False
        found = in_force(self._process.lists, False, interface)
        return all(self._permits(each, network, gateway) for each in found)

    def advertises(self, interface: str, origin: str, network: IPv4Network) -> bool:
        """`distribute-list … out`."""
        found = in_force(self._process.lists, True, interface, origin)
        return all(self._permits(each, network) for each in found)

    def _permits(
        self, each: DistributeList, network: IPv4Network, gateway: IPv4Address | None = None
    ) -> bool:
        if each.access_list and not self._listed(each.access_list, network):
            return False
        if each.prefix_list and not prefix_list(self.device, each.prefix_list, network):
            return False
        if each.gateway and gateway is not None:
            return prefix_list(self.device, each.gateway, IPv4Network(gateway))
        return True

    def _listed(self, access_list: str, network: IPv4Network) -> bool:
        return self.device.service(AccessLists).permits_address(access_list, network.network_address)

    def offset(self, outgoing: bool, interface: str, network: IPv4Network) -> int:
        """`offset-list`: one for the interface stands before one for all."""
        offsets = self._process.offsets
        return offset_of(offsets, outgoing, interface, lambda name: self._listed(name, network))

    def distance(self, gateway: IPv4Address, network: IPv4Network) -> int:
        """The administrative distance of what a neighbour tells."""
        process = self._process
        told = distance_of(self.device, process.distances, gateway, network)
        return process.distance if told is None else told

    def overruled(self, network: IPv4Network) -> bool:
        """Whether another source has the network in the routing table."""
        group = self._table.routes.group(network)
        return bool(group) and group[0].source is not RouteSource.RIP
