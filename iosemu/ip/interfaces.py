"""The interfaces, addresses and routes of an IP stack."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import ClassVar

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import Medium
from iosemu.box.service import Service
from iosemu.ip.arp import Arp
from iosemu.ip.claims import Claims
from iosemu.ip.config import IpSettings
from iosemu.ip.counters import IpCounters
from iosemu.ip.subnets import Subnets
from iosemu.ip.virtual import VirtualAddresses
from iosemu.net.arp_table import Unresolved
from iosemu.net.routing import Hop, Route, RouteSource, RoutingTable
from iosemu.net.scheduler import Timer
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
        self.counters = IpCounters()
        self.virtual = VirtualAddresses(self)
        self.arp = Arp(self, self.when_unresolved)
        self.routes.listeners.append(self._routes_changed)
        self._static: dict[object, dict[tuple[object, ...], Route]] = {}
        """By who gave them, and by what makes a route the same."""
        self._taken: dict[str, list[IPv4Interface]] = {}
        """The addresses of each interface that count now: its line protocol is up."""
        self.subnets = Subnets()
        """The addresses of all interfaces that run IP, up or not."""
        self._telling: Timer | None = None
        self._claims = Claims()
        self._edge_claims = Claims()
        self._local = self._claims.holders
        self._broadcasts = self._edge_claims.holders
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
        self._take_up(interface)

    def detach(self, interface: Interface) -> None:
        """Stop running IP on an interface."""
        if self.interfaces.pop(interface.name, None) is None:
            return
        self.arp.table.forget(interface.name)
        self.subnets.put(interface.name, ())
        with self.routes.batch():
            self.routes.interface_up(interface.name, False)
            self._give_up(interface.name)

    def set_static_routes(self, owner: object, routes: Iterable[Route]) -> None:
        """Take these static routes in place of those that `owner` gave before; one that stays keeps its age."""
        wanted = {route.identity: route for route in routes}
        known = self._static.setdefault(owner, {})
        gone = [route for identity, route in known.items() if identity not in wanted]
        self.change_static_routes(owner, gone, wanted.values())

    def change_static_routes(self, owner: object, gone: Iterable[Route], come: Iterable[Route]) -> None:
        """Withdraw and offer single static routes of `owner`; one that is as before keeps its age."""
        known = self._static.setdefault(owner, {})
        with self.routes.batch():
            for route in gone:
                held = known.pop(route.identity, None)
                if held is not None:
                    self._leave(held)
            for route in come:
                held = known.get(route.identity)
                if held is None or held.key != route.key:
                    known[route.identity] = route
                    self.routes.add(route)

    def _leave(self, route: Route) -> None:
        """Withdraw a static route, unless somebody else gives the same one."""
        for routes in self._static.values():
            other = routes.get(route.identity)
            if other is not None:
                self.routes.add(other)
                return
        self.routes.withdraw(route)

    def interface_configured(self, interface: Interface) -> None:
        """Take over the addresses of an interface when they are others than before, and tell everybody."""
        known = self._addresses.get(interface.name, [])
        self.arp.table.set_ageing(interface.name, float(interface.config.of(IpSettings).arp_timeout))
        if interface.name not in self.interfaces or known == interface.config.of(IpSettings).addresses:
            return
        if interface.protocol_up:
            self.arp.interface_down(interface)
        self._take_up(interface)
        if interface.protocol_up and self.is_ethernet(interface):
            self.arp.announce(interface)
        self.device.addresses_changed(interface)

    def protocol_changed(self, interface: Interface) -> None:
        """Its addresses and routes come and go with the line protocol."""
        if interface.name not in self.interfaces:
            return
        if not interface.protocol_up:
            self.arp.interface_down(interface)
        self._take_up(interface)
        if interface.protocol_up and self.is_ethernet(interface):
            self.arp.announce(interface)

    def _take_up(self, interface: Interface) -> None:
        """Work out the addresses and routes of one interface again."""
        name, up = interface.name, interface.protocol_up
        now = self.device.now
        with self.routes.batch():
            self.routes.interface_up(name, up)
            kept = interface.config.of(IpSettings).addresses if up else []
            self._give_up(name, kept)
            self._addresses[name] = list(interface.config.of(IpSettings).addresses)
            self.subnets.put(name, interface.config.of(IpSettings).addresses)
            for address in kept:
                if address in self._taken.get(name, ()):
                    continue
                self._taken.setdefault(name, []).append(address)
                self._claims.claim(address.ip, name)
                for edge in _edges(address.network):
                    self._edge_claims.claim(edge, name)
                for route in _routes_of(address, name, now):
                    self.routes.add(route)
        if up:
            self.arp.complete()

    def _give_up(self, name: str, keep: Iterable[IPv4Interface] = ()) -> None:
        """Forget what follows from the addresses of an interface, all but those of `keep`."""
        kept = list(keep)
        networks = {address.network for address in kept}
        for address in self._taken.get(name, []):
            if address in kept:
                continue
            self._claims.release(address.ip, name)
            for edge in _edges(address.network):
                self._edge_claims.release(edge, name)
            for route in _routes_of(address, name, 0.0):
                if route.source is RouteSource.LOCAL or address.network not in networks:
                    self.routes.withdraw(route)
        if name in self._taken:
            self._taken[name] = [address for address in self._taken[name] if address in kept]

    def _routes_changed(self, old: tuple[Route, ...], new: tuple[Route, ...]) -> None:
        """Keep the next hops of installed static routes resolved ahead of traffic, as CEF does."""
        for route in old:
            if route.source is RouteSource.STATIC and route.next_hop is not None:
                self.arp.release(route.next_hop)
        for route in new:
            if route.source is RouteSource.STATIC and route.next_hop is not None:
                self.arp.keep(route.next_hop)
        if self._telling is None and self.device.powered:
            self._telling = self.device.scheduler.after(0.0, self._tell_routes)

    def _tell_routes(self) -> None:
        self._telling = None
        self.device.routes_changed()

    def claim(self, address: IPv4Address, interface: str) -> None:
        """Take packets to an address that comes in addition to those of an interface, until `disclaim`."""
        self._claims.claim(address, interface)

    def disclaim(self, address: IPv4Address, interface: str) -> None:
        """Undo one `claim`."""
        self._claims.release(address, interface)

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
            return self._first_address()
        return address.ip

    def _first_address(self) -> IPv4Address | None:
        """The first address of the first interface that has one and is up."""
        every = (address.ip for name in self.interfaces for address in self._taken.get(name, ()))
        return next(every, None)

    def address_towards(self, interface: str, neighbour: IPv4Address) -> IPv4Interface | None:
        """The address on an interface whose subnet holds `neighbour`, else its primary address."""
        addresses = (
            self.interfaces[interface].config.of(IpSettings).addresses if interface in self.interfaces else []
        )
        for address in addresses:
            if neighbour in address.network:
                return address
        return addresses[0] if addresses else None


def _edges(network: IPv4Network) -> tuple[IPv4Address, ...]:
    """The addresses of a subnet that mean all its hosts."""
    return (network.broadcast_address, network.network_address) if network.prefixlen < 31 else ()


def _routes_of(address: IPv4Interface, name: str, now: float) -> Iterator[Route]:
    """The routes that an address on an interface makes."""
    yield Route(address.network, RouteSource.CONNECTED, name, updated=now)
    if address.network.prefixlen < 32:
        yield Route(IPv4Network(address.ip), RouteSource.LOCAL, name, updated=now)
