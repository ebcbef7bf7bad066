"""The interfaces, addresses and routes of an IP stack."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import ClassVar

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.addresses import Claims, ConfiguredAddresses
from iosemu.ip.arp import Arp
from iosemu.net.arp_table import Unresolved
from iosemu.net.routing import Hop, Route, RouteSource, RoutingTable
from iosemu.packets.addresses import MacAddress

NO_ETHERNET = frozenset(("Loopback", "Null", "Tunnel", "Serial"))


class IpInterfaces(Service, ABC):
    """What a stack knows of itself: interfaces, the addresses on them, and where packets go."""

    when_unresolved: ClassVar[Unresolved] = Unresolved.DROP
    """What happens to a packet whose next hop ARP does not know yet."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._forwarding = False
        self.interfaces: dict[str, Interface] = {}
        self.routes = RoutingTable()
        self.arp = Arp(self, self.when_unresolved)
        self.configured = ConfiguredAddresses()
        """The addresses of all interfaces, up or down; whoever changes some may note it ahead of the stack."""
        self._taken: dict[str, tuple[IPv4Interface, ...]] = {}
        """The addresses of each interface, as they were last taken over."""
        self._static: dict[object, dict[IPv4Network, tuple[Route, ...]]] = {}
        """By who gave them."""
        self._in_force: dict[str, tuple[IPv4Interface, ...]] = {}
        """The addresses of the interfaces that are up."""
        self._claims = Claims()
        self._broadcast_claims = Claims()
        self._local = self._claims.holders
        self._broadcasts = self._broadcast_claims.holders
        self._ahead: Counter[IPv4Address] = Counter()
        """Next hops of the installed static routes: how many there are of each."""

    @property
    def forwarding(self) -> bool:
        """Packets of others are passed on."""
        return self._forwarding

    @forwarding.setter
    def forwarding(self, forwarding: bool) -> None:
        if forwarding == self._forwarding:
            return
        self._follow_routes()
        self._forwarding = forwarding
        for next_hop in list(self._ahead):
            self._keep_resolved(next_hop, -self._ahead[next_hop])
        self._resolve_ahead((), self.routes)

    @abstractmethod
    def transmit(self, interface: Interface, mac: MacAddress, packet: bytes) -> None:
        """Put a finished packet into a frame."""

    @abstractmethod
    def unresolved(self, packets: Iterable[bytes]) -> None:
        """Packets waited in vain for their next hop."""

    def attach(self, interface: Interface) -> None:
        """Run IP on an interface; its owner hands untagged frames to `receive`."""
        self.interfaces[interface.name] = interface
        self._take_over(interface)

    def detach(self, interface: Interface) -> None:
        """Stop running IP on an interface."""
        if self.interfaces.pop(interface.name, None) is None:
            return
        self.arp.table.forget(interface.name)
        self._take_over(interface)
        self.configured.note(interface.name, ())
        del self._taken[interface.name]

    def set_static_routes(self, owner: object, routes: Iterable[Route]) -> None:
        """Take these static routes in place of those that `owner` gave before; one that stays keeps its age."""
        wanted: dict[IPv4Network, list[Route]] = {network: [] for network in self._static.get(owner, ())}
        for route in routes:
            wanted.setdefault(route.network, []).append(route)
        for network, group in wanted.items():
            self._give(owner, network, tuple(group))
        self._follow_routes()

    def update_static_routes(self, owner: object, routes: Mapping[IPv4Network, Iterable[Route]]) -> None:
        """Take static routes to some networks in place of those to the same networks that `owner` gave before."""
        for network, group in routes.items():
            self._give(owner, network, tuple(group))
        self._follow_routes()

    def interface_configured(self, interface: Interface) -> None:
        """Take over the addresses of an interface when they are others than before, and tell everybody."""
        self.arp.table.set_ageing(interface.name, float(interface.config.arp_timeout))
        addresses = tuple(interface.config.addresses)
        self.configured.note(interface.name, addresses)
        if interface.name not in self.interfaces or self._taken.get(interface.name) == addresses:
            return
        if interface.protocol_up:
            self.arp.interface_down(interface)
        self._take_over(interface)
        if interface.protocol_up and self.is_ethernet(interface):
            self.arp.announce(interface)
        self.device.addresses_changed(interface)

    def protocol_changed(self, interface: Interface) -> None:
        """Its addresses and routes come and go with the line protocol."""
        if interface.name not in self.interfaces:
            return
        if not interface.protocol_up:
            self.arp.interface_down(interface)
        self._take_over(interface)
        if interface.protocol_up and self.is_ethernet(interface):
            self.arp.announce(interface)

    def _take_over(self, interface: Interface) -> None:
        """Bring the local addresses and connected routes of one interface up to date."""
        name = interface.name
        up = name in self.interfaces and interface.protocol_up
        addresses = tuple(interface.config.addresses)
        self.configured.note(name, addresses)
        self._taken[name] = addresses
        self.routes.interface_up(name, up)
        before, now = self._in_force.get(name, ()), addresses if up else ()
        if before != now:
            for address in before:
                self._claims.release(address.ip, name)
                for each in _broadcasts(address.network):
                    self._broadcast_claims.release(each, name)
            for address in now:
                self._claims.claim(address.ip, name)
                for each in _broadcasts(address.network):
                    self._broadcast_claims.claim(each, name)
            wanted = {(each.network, each.source): each for each in self._own_routes(name, now)}
            for route in self._own_routes(name, before):
                if (route.network, route.source) not in wanted:
                    self.routes.withdraw(route)
            self.routes.add_all(wanted.values())
            if now:
                self._in_force[name] = now
            else:
                del self._in_force[name]
        self._follow_routes()

    def _own_routes(self, name: str, addresses: Iterable[IPv4Interface]) -> Iterator[Route]:
        """The connected and local routes that addresses of an interface give."""
        now = self.device.now
        for address in addresses:
            yield Route(address.network, RouteSource.CONNECTED, name, updated=now)
            if address.network.prefixlen < 32:
                yield Route(IPv4Network(address.ip), RouteSource.LOCAL, name, updated=now)

    def _give(self, owner: object, network: IPv4Network, routes: tuple[Route, ...]) -> None:
        given = self._static.setdefault(owner, {})
        if [each.key for each in given.get(network, ())] == [each.key for each in routes]:
            return
        if routes:
            given[network] = routes
        else:
            del given[network]
        # several may give the same route
        wanted = {each.path: each for every in self._static.values() for each in every.get(network, ())}
        for route in self.routes.offered(network):
            if route.source is RouteSource.STATIC and route.path not in wanted:
                self.routes.withdraw(route)
        self.routes.add_all(wanted.values())

    def _follow_routes(self) -> None:
        """Act on what became of the routes."""
        changes = self.routes.changes()
        if not changes:
            return
        self._resolve_ahead(
            (each for change in changes.routes for each in change.before),
            (each for change in changes.routes for each in change.after),
        )
        self.arp.complete(changes.addresses)
        self.device.routes_changed(changes)

    def _resolve_ahead(self, before: Iterable[Route], after: Iterable[Route]) -> None:
        """Keep the next hops of installed static routes resolved ahead of traffic, as CEF completes adjacencies.

        An interface's own subnet is resolved on demand.
        """
        if not self._forwarding:
            return
        for routes, step in ((before, -1), (after, 1)):
            for route in routes:
                if route.source is RouteSource.STATIC and route.next_hop is not None:
                    self._keep_resolved(route.next_hop, step)

    def _keep_resolved(self, next_hop: IPv4Address, step: int) -> None:
        known = self._ahead[next_hop]
        self._ahead[next_hop] += step
        if known and not self._ahead[next_hop]:
            del self._ahead[next_hop]
            self.routes.unwatch(next_hop)
            self.arp.release(next_hop)
        elif not known:
            self.routes.watch(next_hop)
            self.arp.keep(next_hop)

    # --- questions -----------------------------------------------------------------------------------

    def is_ethernet(self, interface: Interface) -> bool:
        """Whether neighbours on the interface are found by ARP."""
        return interface.kind not in NO_ETHERNET

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
        every = (address.ip for name in self.interfaces for address in self._in_force.get(name, ()))
        return next(every, None)

    def address_towards(self, interface: str, neighbour: IPv4Address) -> IPv4Interface | None:
        """The address on an interface whose subnet holds `neighbour`, else its primary address."""
        addresses = self.interfaces[interface].config.addresses if interface in self.interfaces else []
        for address in addresses:
            if neighbour in address.network:
                return address
        return addresses[0] if addresses else None


def _broadcasts(network: IPv4Network) -> tuple[IPv4Address, ...]:
    """The addresses of a subnet that mean all its hosts."""
    return (network.broadcast_address, network.network_address) if network.prefixlen < 31 else ()
