"""Filters and offsets of EIGRP, as they are configured at this moment."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.net.routing import Route, RouteSource
from iosemu.subjects.acl.config import AclsConfig, Action
from iosemu.subjects.acl.evaluation import Flow, check
from iosemu.subjects.acl.service import AccessLists
from iosemu.subjects.eigrp.config import DistributeList, EigrpProcess
from iosemu.subjects.routing.policy import prefix_list, route_map

EVERY = "0"
"""The access list of an offset list that is for all networks."""


class EigrpPolicy:
    """What the engine of one autonomous system asks of the configuration."""

    def __init__(self, device: Device, process: EigrpProcess) -> None:
        self.device = device
        self.process = process

    def accepts(self, interface: str, gateway: IPv4Address, network: IPv4Network, tag: int) -> bool:
        """`distribute-list … in`: the one for all interfaces and the one for this both apply."""
        lists = self.process.lists
        found = (lists.get((False, "", "")), lists.get((False, interface, "")))
        return all(self._permits(each, network, gateway, tag) for each in found if each is not None)

    def advertises(self, interface: str, origin: str, network: IPv4Network) -> bool:
        """`distribute-list … out`."""
        lists = self.process.lists
        found = [lists.get((True, "", "")), lists.get((True, interface, ""))]
        if origin:
            found.append(lists.get((True, "", origin)))
        return all(self._permits(each, network) for each in found if each is not None)

    def _permits(
        self, each: DistributeList, network: IPv4Network, gateway: IPv4Address | None = None, tag: int = 0
    ) -> bool:
        if each.access_list and not self._listed(each.access_list, network, gateway):
            return False
        if each.prefix_list and not prefix_list(self.device, each.prefix_list, network):
            return False
        if (
            each.gateway
            and gateway is not None
            and not prefix_list(self.device, each.gateway, IPv4Network(gateway))
        ):
            return False
        if each.route_map:
            route = Route(network, RouteSource.EIGRP, next_hop=gateway, tag=tag, process=self.process.process)
            return route_map(self.device, each.route_map, route) is not None
        return True

    def _listed(self, name: str, network: IPv4Network, gateway: IPv4Address | None) -> bool:
        """An extended list asks for the neighbour as source and the network as destination (ROUTING.md 2)."""
        access_list = self.device.config.of(AclsConfig).get(name)
        if access_list is not None and access_list.extended and access_list.items and gateway is not None:
            entry = check(access_list, Flow(0, int(gateway), int(network.network_address)))
            return entry is not None and entry.action is Action.PERMIT
        return self.device.service(AccessLists).permits_address(name, network.network_address)

    def offset(self, outgoing: bool, interface: str, network: IPv4Network) -> int:
        """`offset-list`: one for the interface stands before one for all."""
        fitting = [
            each
            for each in self.process.offsets
            if each.outgoing == outgoing
            and each.interface in ("", interface)
            and (each.access_list == EVERY or self._listed(each.access_list, network, None))
        ]
        return max(fitting, key=lambda each: bool(each.interface)).offset if fitting else 0
