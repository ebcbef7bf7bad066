"""The client of routers and switches: how IOS introduces itself, and its messages."""

from __future__ import annotations

from iosemu.box.interface import Interface
from iosemu.box.interface_types import short_name
from iosemu.ip.config import IpSettings
from iosemu.ip.dhcp import AddressClients
from iosemu.net.dhcp.client import ClientEvent, DhcpClient, Lease
from iosemu.packets.dhcp import Option, Options
from iosemu.subjects.dhcp import debug
from iosemu.subjects.dhcp.service import DhcpServices

MAXIMUM = 1152
"""Octets of the longest message that it takes (kat_dhcp)."""
SENT = 576
"""Octets of each message that it sends (kat_dhcp)."""
ASKED = (
    Option.SUBNET_MASK,
    Option.DNS_SERVER,
    Option.DOMAIN_NAME,
    Option.NETBIOS_NAME_SERVER,
    Option.ROUTER,
    Option.STATIC_ROUTE,
    Option.TFTP_ADDRESS,
    Option.VENDOR_SPECIFIC,
)
"""The options that it asks for, in its order (kat_dhcp)."""


class RouterClients(AddressClients):
    """`ip address dhcp`."""

    def make(self, interface: Interface) -> DhcpClient:
        """A client with IOS's messages."""
        return DhcpClient(interface.mac, self.options(interface), self.device.rng.random, size=SENT)

    def options(self, interface: Interface) -> Options:
        """Size, identifier, host name, and what it wants to know."""
        settings = interface.config.of(IpSettings)
        return (
            (Option.MAXIMUM_SIZE, MAXIMUM.to_bytes(2, "big")),
            (Option.CLIENT_IDENTIFIER, self.identifier(interface)),
            (Option.HOST_NAME, (settings.dhcp_hostname or self.device.hostname).encode("utf-8")[:255]),
            (Option.PARAMETER_LIST, bytes(ASKED)),
        )

    def identifier(self, interface: Interface) -> bytes:
        """`cisco-aabb.cc00.1400-Et0/0` behind a zero, or the station address of the interface that was named."""
        named = self.device.interfaces.get(interface.config.of(IpSettings).dhcp_client_id)
        if named is not None:
            return b"\x01" + bytes(named.mac)
        return b"\x00" + identifier_text(interface).encode()

    def interface_configured(self, interface: Interface) -> None:
        """Its host name or identifier may be others than before."""
        client = self.clients.get(interface.name)
        if client is not None and interface.config.of(IpSettings).dhcp:
            self.introduce(interface, self.options(interface))
        super().interface_configured(interface)

    def assigned(self, interface: Interface, lease: Lease, renewed: bool) -> None:
        """Tell of a new address."""
        self.device.service(DhcpServices).changed()
        if not renewed:
            name = interface.config.of(IpSettings).dhcp_hostname or self.device.hostname
            text = f"Interface {interface.name} assigned DHCP address {lease.address.ip}, "
            self.device.log(
                "DHCP", 6, "ADDRESS_ASSIGN", f"{text}mask {lease.address.netmask}, hostname {name}"
            )

    def lost(self, interface: Interface, lease: Lease) -> None:
        """What was imported from that server is gone."""
        self.device.service(DhcpServices).changed()

    def noted(self, interface: Interface, event: ClientEvent) -> None:
        """`debug dhcp`."""
        debug.client(self.device, interface, event)


def identifier_text(interface: Interface) -> str:
    """`cisco-aabb.cc00.1400-Et0/0`."""
    return f"cisco-{interface.mac.dotted}-{short_name(interface.name)}"
