"""What runs on a PC or server: its network cards and an IP stack that forwards nothing."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from iosemu.box.interface import Interface
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.service import Service
from iosemu.ip.config import IpSettings
from iosemu.ip.dhcp import AddressClients
from iosemu.ip.resolver import Resolver
from iosemu.ip.stack import IpStack
from iosemu.net.arp_table import Unresolved
from iosemu.net.dhcp.client import DhcpClient, Lease
from iosemu.net.routing import Route, RouteSource
from iosemu.packets.dhcp import Option, Options
from iosemu.subjects.pc.config import HostConfig

ASKED = (Option.SUBNET_MASK, Option.ROUTER, Option.DNS_SERVER, Option.DOMAIN_NAME)
ANY = IPv4Network("0.0.0.0/0")


class HostStack(IpStack):
    """IP as an end system runs it: packets wait while ARP resolves their next hop."""

    ttl = 128  # as Windows sends
    when_unresolved = Unresolved.QUEUE


class NetworkCards(Service):
    """The network cards of a host, and the address it was given."""

    def start(self) -> None:
        """Make an interface of each card, without an address."""
        for name in self.device.model.ports:
            config = InterfaceConfig(name)
            mac, port = self.device.macs[name], self.device.ports[name]
            self.device.add_interface(
                Interface(self.device, config, mac, port, protocol_delay=0.0, quiet=True)
            )

    def interface_added(self, interface: Interface) -> None:
        """Run IP on it."""
        self.device.service(IpStack).attach(interface)
        interface.receiver = lambda frame: self.device.deliver(interface, frame)

    @property
    def card(self) -> Interface:
        """The (first) network card."""
        return self.device.interfaces[self.device.model.ports[0]]

    def set_address(self, address: IPv4Interface | None, gateway: IPv4Address | None = None) -> None:
        """Give the network card an address, and the host a default gateway (None: no gateway)."""
        settings = self.card.config.of(IpSettings)
        if settings.dhcp:
            self.device.service(HostClients).give_up(self.card.name)
            settings.dhcp = False
        settings.address = address
        self.device.config.of(HostConfig).gateway = gateway
        stack = self.device.service(IpStack)
        stack.set_static_routes(
            self,
            [Route(ANY, RouteSource.STATIC, None, gateway, 1, updated=self.device.now)]
            if gateway is not None
            else [],
        )
        self.device.interface_configured(self.card.name)

    def use_dhcp(self) -> None:
        """Get the address from a server."""
        settings = self.card.config.of(IpSettings)
        if not settings.dhcp:
            self.set_address(None)
            settings.dhcp = True
            self.device.interface_configured(self.card.name)


class HostClients(AddressClients):
    """DHCP as a PC asks for its address."""

    def distance(self, interface: Interface) -> int:
        """A host has no other way to compare it with."""
        return 1

    def make(self, interface: Interface) -> DhcpClient:
        """A client that takes its answers by unicast."""
        options = self.options(interface)
        return DhcpClient(interface.mac, options, self.device.rng.random, broadcast=False)

    def options(self, interface: Interface) -> Options:
        """Its station address as identifier, its name, what it wants to know."""
        return (
            (Option.CLIENT_IDENTIFIER, b"\x01" + bytes(interface.mac)),
            (Option.HOST_NAME, self.device.name.encode("utf-8")[:255]),
            (Option.PARAMETER_LIST, bytes(ASKED)),
        )

    def assigned(self, interface: Interface, lease: Lease, renewed: bool) -> None:
        """Gateway and name server come with the address."""
        host = self.device.config.of(HostConfig)
        host.gateway = lease.routers[0] if lease.routers else None
        host.dns_server = lease.name_servers[0] if lease.name_servers else None
        host.domain = lease.domain

    def lost(self, interface: Interface, lease: Lease) -> None:
        """They go with it."""
        host = self.device.config.of(HostConfig)
        host.gateway, host.dns_server, host.domain = None, None, ""


class HostResolver(Resolver):
    """Asks the host's name server; names get the domain that came with the address."""

    def servers(self, vrf: str = "") -> list[IPv4Address]:
        """One, or none."""
        server = self.device.config.of(HostConfig).dns_server
        return [server] if server is not None else []

    def candidates(self, name: str, vrf: str = "") -> list[str]:
        """A name without a full stop is tried in the domain first."""
        domain = self.device.config.of(HostConfig).domain
        return [f"{name}.{domain}", name] if domain and "." not in name else [name]
