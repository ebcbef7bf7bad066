"""What an Easy VPN client carries to its server: which networks, and by which addresses they are known there."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from itertools import product
from typing import TYPE_CHECKING

from iosemu.ip.config import IpSettings
from iosemu.ipsec.selectors import Selector
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
        """From the address that was given, or the inside networks, to what is behind the server."""
        near: list[IPv4Network] = []
        if client.mode != EXTENSION and policy.address is not None:
            near.append(IPv4Network(policy.address))
        if client.mode != CLIENT:
            near += self._networks(connection, client)
        far = [each.network for each in policy.split] or [ANYTHING]
        for local, remote in product(dict.fromkeys(near), dict.fromkeys(far)):
            yield Selector(local, remote)

    def _networks(self, connection: Connection, client: EzvpnClient) -> Iterator[IPv4Network]:
        for name in connection.inside:
            config = self.device.config.interfaces.get(name)
            settings = config.held(IpSettings) if config is not None else None
            if settings is not None and settings.address is not None:
                yield settings.address.network
        access_list = self.device.config.of(AclsConfig).get(client.access_list)
        for line in access_list.entries if access_list is not None else ():
            network = network_of(line.source) if line.action is Action.PERMIT else None
            if network is not None:
                yield network

    def apply(self, connection: Connection, client: EzvpnClient, policy: ServerPolicy) -> None:
        """Put the address on an interface, and translate: into the tunnel, and beside it to the outside's address."""
        rules: list[Rule] = []
        split = tuple(each.network for each in policy.split)
        if client.mode != EXTENSION and policy.address is not None:
            connection.loopback = self._loopback(policy.address, policy.netmask)
        if client.mode == CLIENT and connection.loopback is not None:
            rules.append(
                Rule(
                    "",
                    connection.loopback,
                    overload=True,
                    through=connection.outside,
                    towards=split or (ANYTHING,),
                )
            )
        if split:
            rules.append(
                Rule("", connection.outside, overload=True, through=connection.outside, besides=split)
            )
        nat = self.device.find(Nat)
        if nat is not None and rules:
            sides = {connection.outside: "outside", **dict.fromkeys(connection.inside, "inside")}
            nat.automate(connection.name, tuple(rules), sides)

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
        if connection.loopback is not None:
            name, connection.loopback = connection.loopback, None
            self.device.delete_interface(name)
