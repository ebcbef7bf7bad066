"""The interfaces, addresses and routes of an IP stack."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import ClassVar

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import Medium
from iosemu.box.service import Service
from iosemu.ip.arp import Arp
from iosemu.ip.config import IpSettings
from iosemu.net.arp_table import Unresolved
from iosemu.net.routing import Hop, Route, RouteSource, RoutingTable
from iosemu.packets.addresses import MacAddress


class IpInterfaces(Service, ABC):
    """What a stack knows of itself: interfaces, the addresses on them, and where packets go."""

    when_unresolved: ClassVar[Unresolved] = Unresolved.DROP
    """What happens to a packet whose next hop ARP does not know yet."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.forwarding = False
        """Packets of others are passed on."""
        self.interfaces: dict[str, Interface] = {}
        self.routes = RoutingTable()
        self.arp = Arp(self, self.when_unresolved)
        self._static: dict[object, tuple[Route, ...]] = {}
        """By who gave them."""
        self._local: dict[IPv4Address, str] = {}
        self._broadcasts: dict[IPv4Address, str] = {}
        self._addresses: dict[str, list[IPv4Interface]] = {}
        """The addresses of each interface, as they were last taken over."""

    @abstractmethod
    def transmit(self, interface: Interface, mac: MacAddress, packet: bytes) -> None:
        """Put a finished packet into a frame."""

    @abstractmethod
    def unresolved(self, packets: Iterable[bytes]) -> None:
        """Packets waited in vain for their next hop."""

    def attach(self, interface: Interface) -> None:
        """Run IP on an interface; its owner hands untagged frames to `receive`."""
        self.interfaces[interface.name] = interface
        if interface.config.of(IpSettings).addresses:
            self.refresh()
        else:
            self._addresses[interface.name] = []
            self.routes.interface_up(interface.name, interface.protocol_up)

    def detach(self, interface: Interface) -> None:
        """Stop running IP on an interface."""
        if self.interfaces.pop(interface.name, None) is None:
            return
        self.arp.table.clear(interface.name)
        for entry in list(self.arp.table):
            if entry.interface == interface.name:
                self.arp.table.remove(entry.address)
        self.routes.interface_up(interface.name, False)
        self.refresh()

    def set_static_routes(self, owner: object, routes: Iterable[Route]) -> None:
        """Take these static routes in place of those that `owner` gave before; one that stays keeps its age."""
        known = {route.key: route for route in self._static.get(owner, ())}
        static = tuple(known.get(route.key, route) for route in routes)
        if static != self._static.get(owner, ()):
            self._static[owner] = static
            self._refresh_routes()
            self.device.routes_changed()

    def interface_configured(self, interface: Interface) -> None:
        """Take over the addresses of an interface when they are others than before, and tell everybody."""
        known = self._addresses.get(interface.name, [])
        self.arp.table.ageing_times[interface.name] = float(interface.config.of(IpSettings).arp_timeout)
        if interface.name not in self.interfaces or known == interface.config.of(IpSettings).addresses:
            return
        if interface.protocol_up:
            self.arp.interface_down(interface)
        self.refresh()
        if interface.protocol_up and self.is_ethernet(interface):
            self.arp.announce(interface)
        self.device.addresses_changed(interface)

    def refresh(self) -> None:
        """Work out local addresses and connected routes again."""
        self._local = {}
        self._broadcasts = {}
        for interface in self.interfaces.values():
            self._addresses[interface.name] = interface.config.of(IpSettings).addresses
            if not interface.protocol_up:
                continue
            for address in interface.config.of(IpSettings).addresses:
                self._local[address.ip] = interface.name
                if address.network.prefixlen < 31:
                    self._broadcasts[address.network.broadcast_address] = interface.name
                    self._broadcasts[address.network.network_address] = interface.name
        self._refresh_routes()

    def _refresh_routes(self) -> None:
        connected: list[Route] = []
        local: list[Route] = []
        now = self.device.now
        for interface in self.interfaces.values():
            up = interface.protocol_up
            self.routes.interface_up(interface.name, up)
            for address in interface.config.of(IpSettings).addresses if up else []:
                connected.append(Route(address.network, RouteSource.CONNECTED, interface.name, updated=now))
                if address.network.prefixlen < 32:
                    host = IPv4Network(address.ip)
                    local.append(Route(host, RouteSource.LOCAL, interface.name, updated=now))
        self.routes.replace(RouteSource.CONNECTED, connected)
        self.routes.replace(RouteSource.LOCAL, local)
        self.routes.replace(
            RouteSource.STATIC, [route for static in self._static.values() for route in static]
        )
        # an interface's own subnet is resolved on demand; next hops ahead of traffic
        self.arp.set_adjacencies(
            route.next_hop
            for route in self.routes
            if route.source is RouteSource.STATIC and route.next_hop is not None and self.forwarding
        )

    def protocol_changed(self, interface: Interface) -> None:
        """Its addresses and routes come and go with the line protocol."""
        if interface.name not in self.interfaces:
            return
        if not interface.protocol_up:
            self.arp.interface_down(interface)
        self.refresh()
        if interface.protocol_up and self.is_ethernet(interface):
            self.arp.announce(interface)

    # --- questions -----------------------------------------------------------------------------------

    def is_ethernet(self, interface: Interface) -> bool:
        """Whether neighbours on the interface are found by ARP."""
        return interface.type.medium is Medium.ETHERNET

    def is_local(self, address: IPv4Address) -> bool:
        """Whether the address is one of ours on an interface that is up."""
        return address in self._local

    def interface_of(self, address: IPv4Address) -> Interface | None:
        """The interface that has this address and is up."""
        name = self._local.get(address)
        return self.interfaces[name] if name is not None else None

    def hop(self, destination: IPv4Address) -> Hop | None:
        """Interface and next hop towards a destination, None without a route."""
        return self.routes.hop(destination)

    def source_for(self, destination: IPv4Address) -> IPv4Address | None:
        """The address a packet to `destination` is sent from: that of the interface it leaves by."""
        if destination in self._local:
            return destination
        hop = self.routes.hop(destination)
        if hop is None:
            return None
        address = self.address_towards(hop.interface, hop.next_hop or destination)
        if address is None:
            return next(iter(self._local), None)
        return address.ip

    def address_towards(self, interface: str, neighbour: IPv4Address) -> IPv4Interface | None:
        """The address on an interface whose subnet holds `neighbour`, else its primary address."""
        addresses = (
            self.interfaces[interface].config.of(IpSettings).addresses if interface in self.interfaces else []
        )
        for address in addresses:
            if neighbour in address.network:
                return address
        return addresses[0] if addresses else None
