"""What an Easy VPN client carries to its server: which networks, and by which addresses they are known there."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from itertools import product
from typing import TYPE_CHECKING

from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.ipsec.selectors import Selector
from iosemu.net.route import Route, RouteSource
from iosemu.subjects.acl.config import AclsConfig, Action
from iosemu.subjects.crypto.config.ezvpn import CLIENT, EXTENSION, EzvpnClient
from iosemu.subjects.crypto.service.ezvpn_connection import Connection, ServerPolicy
from iosemu.subjects.crypto.service.flow import network_of
from iosemu.subjects.nat.config import Rule
from iosemu.subjects.nat.service import Nat

if TYPE_CHECKING:
    from iosemu.box.device import Device

FIRST_LOOPBACK = 10000
ANYTHING = IPv4Network("0.0.0.0/0")


class Carriage:
    """Of all clients of one router."""

    def __init__(self, device: Device) -> None:
        self.device = device

    def selectors(
        self, connection: Connection, client: EzvpnClient, policy: ServerPolicy
    ) -> Iterator[Selector]:
        """From the address that was given, or the inside networks, to what is behind the server.

        With an interface of its own routes say what goes there, and the SAs are about anything.
        """
        if connection.access is not None:
            yield Selector(ANYTHING, ANYTHING)
            return
        near: list[IPv4Network] = []
        if client.mode != EXTENSION and policy.address is not None:
            near.append(IPv4Network(policy.address))
        if client.mode != CLIENT:
            near += self.networks(connection, client)
        far = [each.network for each in policy.split] or [ANYTHING]
        for local, remote in product(dict.fromkeys(near), dict.fromkeys(far)):
            yield Selector(local, remote)

    def networks(self, connection: Connection, client: EzvpnClient) -> Iterator[IPv4Network]:
        """What is behind the client: the networks of its inside interfaces, and those of its list."""
        for name in connection.inside:
            yield from self._network_on(name)
        access_list = self.device.config.of(AclsConfig).get(client.access_list)
        for line in access_list.entries if access_list is not None else ():
            network = network_of(line.source) if line.action is Action.PERMIT else None
            if network is not None:
                yield network

    def apply(self, connection: Connection, client: EzvpnClient, policy: ServerPolicy) -> None:
        """Put the address on an interface, and translate: into the tunnel, and beside it to the outside's address."""
        if client.mode != EXTENSION and policy.address is not None:
            connection.loopback = self._loopback(policy.address, policy.netmask)
        nat, rules = self.device.find(Nat), tuple(self._rules(connection, client, policy))
        if nat is not None and rules:
            outsides = dict.fromkeys((connection.home, connection.outside), "outside")
            nat.automate(connection.name, rules, {**outsides, **dict.fromkeys(connection.inside, "inside")})
        if connection.access is not None and connection.peer is not None:
            self._lead(connection, connection.access, connection.peer, policy)

    def _rules(self, connection: Connection, client: EzvpnClient, policy: ServerPolicy) -> Iterator[Rule]:
        split = tuple(each.network for each in policy.split)
        beside = tuple(self._network_on(connection.outside)) if policy.local_lan and not split else ()
        routed = connection.access is not None
        if client.mode == CLIENT and connection.loopback is not None:
            towards = () if routed else split
            yield Rule(
                "",
                connection.loopback,
                overload=True,
                through=connection.home,
                towards=towards,
                besides=beside,
            )
        if split or beside:
            besides = () if routed else split
            outside = connection.outside
            yield Rule("", outside, overload=True, through=outside, towards=beside, besides=besides)

    def _network_on(self, name: str) -> Iterator[IPv4Network]:
        """The network that an interface is on, if it has an address."""
        config = self.device.config.interfaces.get(name)
        settings = config.held(IpSettings) if config is not None else None
        if settings is not None and settings.address is not None:
            yield settings.address.network

    def _lead(self, connection: Connection, access: str, peer: IPv4Address, policy: ServerPolicy) -> None:
        """Route what is for the server's side into the interface of the client, and the server itself beside it."""
        stack = self.device.service(IpStack)
        far = [each.network for each in policy.split] or [ANYTHING]
        made = self.device.now
        routes = [Route(each, RouteSource.STATIC, access, distance=1, updated=made) for each in far]
        hop = stack.hop(peer)
        if hop is not None and any(peer in each for each in far):
            own = IPv4Network(peer)
            routes.append(
                Route(own, RouteSource.STATIC, hop.interface, hop.next_hop, distance=1, updated=made)
            )
        stack.vrf_of(access).set_static_routes(("ezvpn client", connection.name), routes)

    def _loopback(self, address: IPv4Address, netmask: IPv4Address | None) -> str:
        number = next(
            each
            for each in range(FIRST_LOOPBACK, FIRST_LOOPBACK + len(self.device.config.interfaces) + 1)
            if f"Loopback{each}" not in self.device.config.interfaces
        )
        name = f"Loopback{number}"
        config = self.device.make_interface(name)
        config.cloned = True
        config.of(IpSettings).address = IPv4Interface((address, str(netmask or "255.255.255.255")))
        self.device.interfaces[name].address_method = "manual"
        self.device.interface_configured(name)
        return name

    def withdraw(self, connection: Connection) -> None:
        """Take back what `apply` has done."""
        nat = self.device.find(Nat)
        if nat is not None:
            nat.automate(connection.name, (), {})
        if connection.access is not None:
            routes = self.device.service(IpStack).vrf_of(connection.access)
            routes.set_static_routes(("ezvpn client", connection.name), ())
        if connection.loopback is not None:
            name, connection.loopback = connection.loopback, None
            self.device.delete_interface(name)
