"""The client of routers and switches: how IOS introduces itself, and its messages."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import short_name
from iosemu.ip.config import IpSettings
from iosemu.ip.dhcp import AddressClients
from iosemu.net.dhcp.client import ClientEvent, DhcpClient, Lease
from iosemu.packets.dhcp import Option, Options
from iosemu.subjects.dhcp import debug
from iosemu.subjects.dhcp.config import DhcpClientPort, DhcpConfig
from iosemu.subjects.dhcp.service import DhcpServices
from iosemu.subjects.routing.following import FollowedObjects
from iosemu.subjects.routing.tracking import tracked

MAXIMUM = 1152
"""Octets of the longest message that it takes (kat_dhcp)."""
SENT = 576
"""Octets of each message that it sends (kat_dhcp)."""
ASKED = {
    Option.SUBNET_MASK: "",
    Option.DNS_SERVER: "dns-nameserver",
    Option.DOMAIN_NAME: "domain-name",
    Option.NETBIOS_NAME_SERVER: "netbios-nameserver",
    Option.ROUTER: "router",
    Option.STATIC_ROUTE: "static-route",
    Option.TFTP_ADDRESS: "tftp-server-address",
    Option.VENDOR_SPECIFIC: "vendor-specific",
}
"""The options that it asks for, in its order (kat_dhcp), and the words of `ip dhcp client request`."""


class RouterClients(AddressClients):
    """`ip address dhcp`."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._followed: dict[str, FollowedObjects] = {}

    def make(self, interface: Interface) -> DhcpClient:
        """A client with IOS's messages."""
        return DhcpClient(
            interface.mac,
            self.options(interface),
            self.device.rng.random,
            size=SENT,
            broadcast=self._broadcast(interface),
        )

    def _broadcast(self, interface: Interface) -> bool:
        """Whether answers are asked for by broadcast."""
        here = interface.config.of(DhcpClientPort).broadcast
        return self.device.config.of(DhcpConfig).client_broadcast if here is None else here

    def hostname(self, interface: Interface) -> str:
        """The name that it tells the server."""
        typed = interface.config.of(IpSettings).dhcp_hostname or interface.config.of(DhcpClientPort).hostname
        return typed or self.device.hostname

    def options(self, interface: Interface) -> Options:
        """Size, identifier, host name, and what it wants to know."""
        port = interface.config.of(DhcpClientPort)
        asked = bytes(code for code, name in ASKED.items() if name not in port.refused)
        own: list[tuple[int, bytes]] = [
            (Option.MAXIMUM_SIZE, MAXIMUM.to_bytes(2, "big")),
            (Option.CLIENT_IDENTIFIER, self.identifier(interface)),
        ]
        if port.class_id:
            own.append((Option.VENDOR_CLASS, _octets(port.class_id)))
        own.append((Option.HOST_NAME, self.hostname(interface).encode("utf-8")[:255]))
        if port.lease is not None:
            own.append((Option.LEASE_TIME, int(port.lease.seconds).to_bytes(4, "big")))
        return (*own, (Option.PARAMETER_LIST, asked))

    def identifier(self, interface: Interface) -> bytes:
        """`cisco-aabb.cc00.1400-Et0/0` behind a zero, the station address of an interface, or what was typed."""
        typed, name = (
            interface.config.of(DhcpClientPort).identifier,
            interface.config.of(IpSettings).dhcp_client_id,
        )
        if typed is not None and not name:
            if typed.kind:
                return (b"\0" if typed.kind == "ascii" else b"") + _octets(typed.words.removeprefix("ascii "))
            name = typed.text
        named = self.device.interfaces.get(name)
        if named is not None:
            return b"\x01" + bytes(named.mac)
        return b"\x00" + identifier_text(interface).encode()

    def changed(self) -> None:
        """Something that holds for all of them was typed."""
        for name in list(self.clients):
            self.interface_configured(self.device.interfaces[name])

    def interface_configured(self, interface: Interface) -> None:
        """Its host name or identifier may be others than before."""
        client = self.clients.get(interface.name)
        port = interface.config.held(DhcpClientPort)
        self._follow(interface, port.track if port is not None else None)
        if client is not None and interface.config.of(IpSettings).dhcp:
            client.broadcast = self._broadcast(interface)
            self.introduce(interface, self.options(interface))
            self.lead(interface)
        super().interface_configured(interface)

    def interface_removed(self, interface: Interface) -> None:
        """Nothing is followed for it any more."""
        self._follow(interface, None)
        super().interface_removed(interface)

    def _follow(self, interface: Interface, number: int | None) -> None:
        followed = self._followed.get(interface.name)
        if followed is None and number is not None:
            followed = self._followed[interface.name] = FollowedObjects(
                self.device, f"DHCP {interface.name}", lambda _number, _up: self.lead(interface)
            )
        if followed is not None:
            followed.set([number] if number is not None else [])

    def distance(self, interface: Interface) -> int | None:
        """As typed; none while the object that the route goes by is down."""
        port = interface.config.of(DhcpClientPort)
        if port.track is not None and not tracked(self.device, port.track):
            return None
        return self.device.config.of(DhcpConfig).client_distance if port.distance is None else port.distance

    def assigned(self, interface: Interface, lease: Lease, renewed: bool) -> None:
        """Tell of a new address."""
        self.device.service(DhcpServices).changed()
        if not renewed:
            name = self.hostname(interface)
            text = f"Interface {interface.name} assigned DHCP address {lease.address.ip}, "
            self.device.log(
                "DHCP", 6, "ADDRESS_ASSIGN", f"{text}mask {lease.address.netmask}, hostname {name}"
            )

    def lost(self, interface: Interface, lease: Lease) -> None:
        """What was imported from that server is gone."""
        self.device.service(DhcpServices).changed()

    def noted(self, interface: Interface, event: ClientEvent) -> None:
        """`debug dhcp`."""
        debug.client(self.device, interface, event, self.clients.get(interface.name))


def identifier_text(interface: Interface) -> str:
    """`cisco-aabb.cc00.1400-Et0/0`."""
    return f"cisco-{interface.mac.dotted}-{short_name(interface.name)}"


def _octets(typed: str) -> bytes:
    """Text, or `hex` and digits."""
    kind, _, digits = typed.partition(" ")
    return bytes.fromhex(digits.replace(".", "")) if kind == "hex" else typed.encode("utf-8")
