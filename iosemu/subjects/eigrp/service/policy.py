"""Filters and offsets of EIGRP, as they are configured at this moment."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.net.routing import Route, RouteSource
from iosemu.routing.filters import DistributeList, in_force, offset_of
from iosemu.subjects.acl.config import AclsConfig, Action
from iosemu.subjects.acl.evaluation import Flow, check
from iosemu.subjects.acl.service import AccessLists
from iosemu.subjects.eigrp.config import EigrpPort, EigrpProcess, InterfaceSettings
from iosemu.subjects.routing.policy import prefix_list, route_map


class EigrpPolicy:
    """What the engine of one autonomous system asks of the configuration."""

    def __init__(self, device: Device, process: EigrpProcess) -> None:
        self.device = device
        self.process = process

    def accepts(self, interface: str, gateway: IPv4Address, network: IPv4Network, tag: int) -> bool:
        """`distribute-list … in`: the one for all interfaces and the one for this both apply."""
        found = in_force(self.process.lists, False, interface)
        return all(self._permits(each, network, gateway, tag) for each in found)

    def advertises(self, interface: str, origin: str, network: IPv4Network) -> bool:
        """`distribute-list … out`."""
        found = in_force(self.process.lists, True, interface, origin)
        return all(self._permits(each, network) for each in found)

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

    def _settings(self, interface: str) -> InterfaceSettings | None:
        """What is typed for an interface, in named mode or under it."""
        if self.process.name:
            return self.process.interfaces.get(interface)
        config = self.device.config.interfaces.get(interface)
        port = config.held(EigrpPort) if config is not None else None
        return port.systems.get(self.process.number) if port is not None else None

    @property
    def has_leaks(self) -> bool:
        """Whether a `leak-map` stands anywhere."""
        if self.process.stub is not None and self.process.stub.leak_map:
            return True
        found = (self._settings(name) for name in self.device.config.interfaces)
        return any(own.leak_maps for own in found if own is not None)

    def leaks(self, interface: str, summary: IPv4Network | None, network: IPv4Network, tag: int) -> bool:
        """`leak-map` of a stub or of a summary: a route-map that is not defined lets nothing through."""
        if summary is None:
            name = self.process.stub.leak_map if self.process.stub is not None else ""
        else:
            own = self._settings(interface)
            name = own.leak_maps.get(summary, "") if own is not None else ""
        if not name:
            return False
        route = Route(network, RouteSource.EIGRP, tag=tag, process=self.process.process)
        return route_map(self.device, name, route) is not None

    def offset(self, outgoing: bool, interface: str, network: IPv4Network) -> int:
        """`offset-list`: one for the interface stands before one for all."""
        offsets = self.process.offsets
        return offset_of(offsets, outgoing, interface, lambda name: self._listed(name, network, None))
