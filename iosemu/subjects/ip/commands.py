"""`ip …` and `arp …` under `interface X`."""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, NetmaskValueError

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import Medium
from iosemu.bridging.switchport import Switchport
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Effect, Output
from iosemu.ip.config import IcmpConfig, IpSettings
from iosemu.ip.debug import ICMP_PACKET, IP_PACKET, PacketDebugging
from iosemu.ip.dhcp import AddressClients
from iosemu.ip.routed import Dot1q
from iosemu.ip.stack import IpStack
from iosemu.subjects.acl.service import AccessLists


def overlap(device: Device, config: InterfaceConfig, address: IPv4Interface) -> str | None:
    """Another interface, not shut down, whose subnet shares addresses with `address`."""
    stack = device.service(IpStack)
    for name in stack.vrf_of(config.name).subnets.sharing(address.network):
        if name != config.name and not device.config.interfaces[name].shutdown:
            return name
    return None


def checked(address: IPv4Address, mask: IPv4Address) -> IPv4Interface:
    """The address with its mask; CommandError with IOS's words when they do not fit."""
    try:
        network = IPv4Network(f"0.0.0.0/{mask}") if int(mask) else None
    except (NetmaskValueError, ValueError):
        network = None
    if network is None or int(network.netmask) != int(mask):
        raise CommandError(f"Bad mask 0x{int(mask):08X} for address {address}")
    interface = IPv4Interface((address, network.prefixlen))
    subnet = interface.network
    if address.is_multicast or address.is_loopback or int(address) >> 28 == 15 or int(address) >> 24 == 0:
        raise CommandError(f"Not a valid host address - {address}")
    if subnet.prefixlen < 31 and address in (subnet.network_address, subnet.broadcast_address):
        raise CommandError(f"Bad mask /{subnet.prefixlen} for address {address}")
    return interface


def ip_address(
    context: Context,
    address: IPv4Address | None = None,
    mask: IPv4Address | None = None,
    secondary: bool = False,
) -> Output:
    """`ip address A M [secondary]`, `no ip address [A M [secondary]]`."""
    device = context.device
    config: InterfaceConfig = context.target
    settings = config.of(IpSettings)
    lines: list[str | Effect] = []
    if context.off:
        if (settings.dhcp or settings.negotiated) and address is not None and not secondary:
            raise CommandError("Invalid address")
        if settings.dhcp and not secondary:
            device.service(AddressClients).give_up(config.name)
        _remove_address(settings, address, secondary)
    else:
        assert address is not None
        assert mask is not None
        _check_routed(config)
        new = checked(address, mask)
        other = overlap(device, config, new)
        if other is not None:
            words = f"% {new.network.network_address} overlaps with {other}"
            if not config.shutdown:
                raise CommandError(words)
            lines.append(words)
        if secondary:
            if settings.unnumbered or settings.negotiated:
                raise CommandError("Secondary addresses need an address of the interface's own")
            if new not in settings.secondary:
                settings.secondary.append(new)
        else:
            if settings.dhcp:
                device.service(AddressClients).give_up(config.name)
                settings.dhcp = False
            settings.secondary = [each for each in settings.secondary if each.ip != new.ip]
            settings.unnumbered, settings.negotiated = "", False
            settings.address = new
    device.interfaces[config.name].address_method = "NVRAM" if context.session.quiet else "manual"
    return lines


NEGOTIATING = ("Serial", "Dialer", "Multilink", "Tunnel")
"""Interfaces that can have PPP, or IKE, and an address from it."""


def _check_routed(config: InterfaceConfig) -> None:
    """Refuse an address where there can be none."""
    if config.held(Switchport) is not None:
        raise CommandError("% IP addresses may not be configured on L2 links.")
    serial = config.type.medium is Medium.SERIAL
    if config.parent is not None and config.of(Dot1q).vlan is None and not serial:
        raise CommandError(
            "\n% Configuring IP routing on a LAN subinterface is only allowed if that\n"
            "subinterface is already configured as part of an IEEE 802.10, IEEE 802.1Q,\n"
            "or ISL vLAN.\n"
        )


def ip_unnumbered(context: Context, lender: str = "") -> None:
    """`[no] ip unnumbered INTERFACE`: the address of another one, where there is one station beyond at most."""
    config: InterfaceConfig = context.target
    settings = config.of(IpSettings)
    if context.off:
        if settings.unnumbered:
            settings.remove_addresses()
        return
    if config.kind == "Null" or config.type.medium is Medium.ETHERNET:
        raise CommandError("Point-to-point (non-multi-access) interfaces only")
    if lender == config.name:
        raise CommandError("Cannot use an interface's own address")
    if context.device.config.interfaces[lender].of(IpSettings).unnumbered:
        raise CommandError(f"Cannot use an unnumbered interface: {lender}")
    if settings.dhcp:
        context.device.service(AddressClients).give_up(config.name)
    settings.remove_addresses()
    settings.unnumbered = lender


def ip_address_dhcp(context: Context, interface: str = "", name: str = "") -> None:
    """`[no] ip address dhcp [client-id INTERFACE] [hostname NAME]`."""
    config: InterfaceConfig = context.target
    settings = config.of(IpSettings)
    if context.off:
        if settings.dhcp:
            context.device.service(AddressClients).give_up(config.name)
            settings.remove_addresses()
        return
    _check_routed(config)
    if config.kind in ("Loopback", "Null", "Tunnel", "Serial"):
        raise CommandError("% DHCP client is not supported on this interface")
    if not settings.dhcp:
        settings.remove_addresses()
        settings.dhcp = True
    settings.dhcp_client_id, settings.dhcp_hostname = interface, name


def ip_address_negotiated(context: Context) -> None:
    """`[no] ip address negotiated`: the other end of a PPP link or a tunnel tells the address."""
    config: InterfaceConfig = context.target
    settings = config.of(IpSettings)
    if context.off:
        if settings.negotiated:
            settings.remove_addresses()
        return
    if config.kind not in NEGOTIATING or config.parent is not None:
        raise CommandError("% Negotiated addresses are not supported on this interface")
    if not settings.negotiated:
        settings.remove_addresses()
        settings.negotiated = True


def _remove_address(settings: IpSettings, address: IPv4Address | None, secondary: bool) -> None:
    if address is None:
        settings.remove_addresses()
    elif secondary:
        settings.secondary = [each for each in settings.secondary if each.ip != address]
    elif settings.address is None or settings.address.ip != address:
        raise CommandError("Invalid address")
    elif settings.secondary:
        raise CommandError("Must delete secondary before deleting primary")
    else:
        settings.address = None


def mtu(context: Context, octets: int = 1500) -> Output:
    """`ip mtu OCTETS`; the interface's own MTU is the default."""
    config: InterfaceConfig = context.target
    config.of(IpSettings).mtu = None if context.off or octets == config.mtu else octets
    return None


def rate_limit(context: Context, df: bool = False, milliseconds: int | None = None) -> None:
    """`[no] ip icmp rate-limit unreachable [df] [MILLISECONDS]`."""
    config: IcmpConfig = context.device.config.of(IcmpConfig)
    usual = IcmpConfig().unreachable
    limit = usual if context.defaulted else None if context.negated else milliseconds or usual
    if df:
        config.fragmentation_needed = limit
    else:
        config.unreachable = limit


def debug_packet(context: Context, list_: int | None = None, detail: bool = False) -> str:
    """`[no] debug ip packet [LIST] [detail]`: a list says which packets, as it says what may pass."""
    device = context.device
    on = not context.silenced
    asked = PacketDebugging(detail and on)
    limits = " (detailed)" if asked.detailed else ""
    if on and list_ is not None:
        name = str(list_)
        asked.chosen = partial(device.service(AccessLists).would_permit, name)
        limits += f" for access list {name}"
    device.service(IpStack).packet_debugging = asked
    return device.debugging.set(IP_PACKET, on, limits)


def debug_icmp(context: Context) -> str:
    """`[no] debug ip icmp`."""
    return context.device.debugging.set(ICMP_PACKET, not context.silenced)
