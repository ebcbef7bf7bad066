"""`show ip interface`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from iosemu.box.device import Device
from iosemu.box.interface import Interface, LinkState
from iosemu.box.interface_types import sort_key
from iosemu.bridging.switchport import Switchport
from iosemu.handling.context import Context
from iosemu.ip.config import IpSettings, VrfForwarding, described_address, ip_mtu, primary_address
from iosemu.subjects.acl.config import AccessGroups
from iosemu.subjects.crypto.config.maps import CryptoMapBinding
from iosemu.subjects.nat.config import NatSide
from iosemu.subjects.policy.config import PolicyPort


@dataclass(frozen=True)
class IpStyle:
    """Column widths of `show ip interface brief`."""

    stem: ClassVar[str] = "ip"
    name_width: int = 27
    trailing_spaces: bool = True


def listed(device: Device) -> list[Interface]:
    """Interfaces in the order of tables, without Null0."""
    names = sorted(device.interfaces, key=lambda name: _table_key(device, name))
    return [device.interfaces[name] for name in names if not name.startswith("Null")]


def _table_key(device: Device, name: str) -> tuple[int, tuple[int, str, tuple[int, ...]]]:
    # Catalysts list VLAN interfaces first
    first = device.is_switch and name.startswith("Vlan")
    return (0 if first else 1, sort_key(name))


def status(interface: Interface) -> str:
    """The state in words, as tables have it."""
    if interface.err_disabled:
        return "down"
    return interface.state.value


def show_ip_interface_brief(context: Context, interface: str | None = None) -> Iterator[str]:
    """`show ip interface [X] brief`."""
    style = context.device.image.style(IpStyle)
    width = style.name_width
    yield f"{'Interface':<{width}}{'IP-Address':<15} OK? Method {'Status':<22}Protocol"
    for each in list(listed(context.device)):
        if interface not in (None, each.name):
            continue
        config = each.config
        address = str(primary_address(config) or "unassigned")
        method = "unset"
        if config.of(IpSettings).address is not None:
            # what came from the startup configuration was read from NVRAM
            method = "manual" if each.address_method == "manual" else "NVRAM"
        if config.of(IpSettings).unnumbered:
            method = "unset"
        if config.of(IpSettings).dhcp:
            method = "DHCP"
        elif config.of(IpSettings).negotiated and each.kind != "Tunnel":
            method = "IPCP"
        protocol = "up" if each.protocol_up else "down"
        if style.trailing_spaces:
            protocol = f"{protocol:<8}"
        yield f"{each.name:<{width}}{address:<15} YES {method:<6} {status(each):<22}{protocol}"


def show_ip_interface(context: Context, interface: str | None = None) -> Iterator[str]:
    """`show ip interface [X]`."""
    for each in list(listed(context.device)):
        if interface in (None, each.name):
            yield from _describe(context.device, each)


def _describe(device: Device, interface: Interface) -> Iterator[str]:
    config = interface.config
    settings, groups = config.of(IpSettings), config.of(AccessGroups)
    admin = "administratively down" if interface.state is LinkState.ADMIN_DOWN else status(interface)
    yield f"{interface.name} is {admin}, line protocol is {'up' if interface.protocol_up else 'down'}"
    if device.is_switch and config.held(Switchport) is not None:
        yield f"  Inbound  access list is {groups.inbound or 'not set'}"
        return
    if settings.address is None:
        if settings.dhcp:
            yield "  Internet address will be negotiated using DHCP"
        elif settings.negotiated:
            yield "  Internet address will be negotiated using IPCP"
        else:
            yield "  Internet protocol processing disabled"
        return

    def enabled(on: bool) -> str:
        return "enabled" if on else "disabled"

    def sent(on: bool) -> str:
        return "always sent" if on else "never sent"

    yield f"  {described_address(settings)}"
    for each in settings.secondary:
        yield f"  Secondary address {each}"
    yield "  Broadcast address is 255.255.255.255"
    if settings.dhcp:
        yield "  Address determined by DHCP"
    elif settings.unnumbered:
        pass
    elif settings.negotiated:
        yield "  Address determined by IPCP"
    elif interface.address_method == "manual":
        yield "  Address determined by setup command"
    else:
        yield "  Address determined by non-volatile memory"
    yield f"  MTU is {ip_mtu(config)} bytes"
    yield "  Helper address is not set"
    yield f"  Directed broadcast forwarding is {enabled(settings.directed_broadcast)}"
    yield f"  Outgoing access list is {groups.outbound or 'not set'}"
    yield f"  Inbound  access list is {groups.inbound or 'not set'}"
    yield f"  Proxy ARP is {enabled(settings.proxy_arp)}"
    yield "  Local Proxy ARP is disabled"
    yield "  Security level is default"
    yield "  Split horizon is enabled"
    yield f"  ICMP redirects are {sent(settings.redirects)}"
    yield f"  ICMP unreachables are {sent(settings.unreachables)}"
    yield "  ICMP mask replies are never sent"
    yield "  IP fast switching is enabled"
    yield "  IP fast switching on the same interface is disabled"
    yield "  IP Flow switching is disabled"
    yield "  IP CEF switching is enabled"
    yield "  IP CEF switching turbo vector"
    vrf = config.held(VrfForwarding)
    if vrf is not None and vrf.name:
        yield f'  VPN Routing/Forwarding "{vrf.name}"'
    yield "  IP multicast fast switching is enabled"
    yield "  IP multicast distributed fast switching is disabled"
    yield "  IP route-cache flags are Fast, CEF"
    yield "  Router Discovery is disabled"
    yield "  IP output packet accounting is disabled"
    yield "  IP access violation accounting is disabled"
    yield "  TCP/IP header compression is disabled"
    yield "  RTP/IP header compression is disabled"
    policy = config.held(PolicyPort)
    name = policy.route_map if policy is not None else None
    yield f"  Policy routing is {f'enabled, using route map {name}' if name is not None else 'disabled'}"
    yield f"  Network address translation is {enabled(bool(config.of(NatSide).side))}"
    yield "  BGP Policy Mapping is disabled"
    features = ["Access List"] * (groups.inbound is not None)
    features += ["IPSec input classification"] * (config.of(CryptoMapBinding).name is not None)
    yield f"  Input features: {', '.join([*features, 'MCI Check'])}"
