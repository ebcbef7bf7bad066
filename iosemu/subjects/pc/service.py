"""What runs on a PC or server: its network cards and an IP stack that forwards nothing."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from iosemu.box.interface import Interface
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.service import Service
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.net.arp_table import Unresolved
from iosemu.net.routing import Route, RouteSource
from iosemu.subjects.pc.config import HostConfig

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
        self.card.config.of(IpSettings).address = address
        self.device.config.of(HostConfig).gateway = gateway
        stack = self.device.service(IpStack)
        stack.set_static_routes(
            self,
            [Route(ANY, RouteSource.STATIC, None, gateway, 1, updated=self.device.now)]
            if gateway is not None
            else [],
        )
        self.device.interface_configured(self.card.name)
