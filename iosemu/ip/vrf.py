"""One instance of IP routing and forwarding (RFC 4364 section 3): a table, and all that follows from addresses in it.

Every stack has one, the default, which has no name. A box with VRFs has one more for each; an interface is in exactly
one. What an address means (ours, a neighbour's, reached by a route) is only known inside of an instance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import TYPE_CHECKING

from iosemu.ip.arp import Arp
from iosemu.ip.claims import Claims
from iosemu.ip.config import IpSettings
from iosemu.ip.subnets import Subnets
from iosemu.net.routing import Hop, Route, RouteSource, RoutingTable

if TYPE_CHECKING:
    from iosemu.box.interface import Interface
    from iosemu.ip.interfaces import IpInterfaces


class Vrf:
    """A routing table with the interfaces in it; `name` is empty for the default one of a box."""

    __slots__ = (
        "_claims", "_edge_claims", "_kept", "_static", "_taken", "arp", "broadcasts", "interfaces",
        "local", "name", "number", "routes", "stack", "subnets",
    )  # fmt: skip

    def __init__(self, stack: IpInterfaces, name: str = "") -> None:
        self.stack = stack
        self.name = name
        self.number = 0
        """The identifier of its table; who makes it says it."""
        self.interfaces: dict[str, Interface] = {}
        self.routes = RoutingTable()
        self.arp = Arp(self, stack.when_unresolved)
        self.subnets = Subnets()
        """The addresses of its interfaces, up or not."""
        self._claims = Claims()
        self._edge_claims = Claims()
        self.local = self._claims.holders
        """Our addresses on interfaces that are up, and whose they are."""
        self.broadcasts = self._edge_claims.holders
        """The addresses that mean all hosts of a subnet, and the interface of each."""
        self._static: dict[object, dict[tuple[object, ...], Route]] = {}
        """By who gave them, and by what makes a route the same."""
        self._taken: dict[str, list[IPv4Interface]] = {}
        """The addresses of each interface that count now: its line protocol is up."""
        self._kept: dict[tuple[object, ...], Arp] = {}
        """Who keeps the next hop of an installed static route resolved; one may lead into another instance."""
        self.routes.listeners.append(self._routes_changed)

    # --- static routes -------------------------------------------------------------------------------

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

    def _routes_changed(self, old: tuple[Route, ...], new: tuple[Route, ...]) -> None:
        """Keep the next hops of installed static routes resolved ahead of traffic, as CEF does."""
        for route in old:
            if route.source is not RouteSource.STATIC:
                continue
            arp = self._kept.pop(route.identity, None)
            if arp is not None and route.next_hop is not None:
                arp.release(route.next_hop)
        for route in new:
            if route.source is RouteSource.STATIC and route.next_hop is not None:
                arp = self.stack.vrf_of(route.interface).arp if route.interface else self.arp
                self._kept[route.identity] = arp
                arp.keep(route.next_hop)
        for told in self.stack.route_listeners:
            told(self, old, new)
        self.stack.tell_routes()

    # --- interfaces ----------------------------------------------------------------------------------

    def take_up(self, interface: Interface) -> None:
        """Work out the addresses and routes of one interface again."""
        name, up = interface.name, interface.protocol_up
        self.interfaces[name] = interface
        settings = interface.config.of(IpSettings)
        addresses = [] if settings.unnumbered else settings.addresses
        with self.routes.batch():
            kept = addresses if up else []
            self._give_up(name, kept)
            self.subnets.put(name, addresses)
            for address in kept:
                if address in self._taken.get(name, ()):
                    continue
                self._taken.setdefault(name, []).append(address)
                self._claims.claim(address.ip, name)
                for edge in _edges(address.network):
                    self._edge_claims.claim(edge, name)
                for route in _routes_of(address, name, self.stack.device.now):
                    self.routes.add(route)
        if up:
            self.arp.complete()

    def leave(self, interface: Interface) -> None:
        """An interface is in here no longer."""
        if self.interfaces.pop(interface.name, None) is None:
            return
        self.arp.table.forget(interface.name)
        self.subnets.put(interface.name, ())
        with self.routes.batch():
            self._give_up(interface.name)

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

    def claim(self, address: IPv4Address, interface: str) -> None:
        """Take packets to an address that comes in addition to those of an interface, until `disclaim`."""
        self._claims.claim(address, interface)

    def disclaim(self, address: IPv4Address, interface: str) -> None:
        """Undo one `claim`."""
        self._claims.release(address, interface)

    # --- questions -----------------------------------------------------------------------------------

    def is_local(self, address: IPv4Address) -> bool:
        """Whether the address is one of ours on an interface that is up."""
        return address in self.local

    def interface_of(self, address: IPv4Address) -> Interface | None:
        """The interface that has this address and is up."""
        name = self.local.get(address)
        return self.interfaces.get(name) if name is not None else None

    def hop(self, destination: IPv4Address) -> Hop | None:
        """Interface and next hop towards a destination, None without a route."""
        return self.routes.hop(destination)

    def source_for(self, destination: IPv4Address) -> IPv4Address | None:
        """The address a packet to `destination` is sent from: that of the interface it leaves by.

        Where that one is in another instance, or has none: the first address in here.
        """
        if destination in self.local:
            return destination
        hop = self.routes.hop(destination)
        if hop is None:
            return None
        address = None
        if hop.interface in self.interfaces:
            address = self.stack.address_towards(hop.interface, hop.next_hop or destination)
        if address is not None:
            return address.ip
        every = (each.ip for name in self.interfaces for each in self._taken.get(name, ()))
        return next(every, None)


def _edges(network: IPv4Network) -> tuple[IPv4Address, ...]:
    """The addresses of a subnet that mean all its hosts."""
    return (network.broadcast_address, network.network_address) if network.prefixlen < 31 else ()


def _routes_of(address: IPv4Interface, name: str, now: float) -> Iterator[Route]:
    """The routes that an address on an interface makes."""
    yield Route(address.network, RouteSource.CONNECTED, name, updated=now)
    if address.network.prefixlen < 32:
        yield Route(IPv4Network(address.ip), RouteSource.LOCAL, name, updated=now)
