"""Interfaces in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import sort_key
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.switchport import Switchport
from iosemu.handling.context import Render
from iosemu.subjects.tunnel import commands as tunnel
from iosemu.subjects.tunnel.config import Tunnel


def lines_of(device: Device, config: InterfaceConfig) -> Iterator[str]:
    """The lines under `interface NAME`, in IOS order."""
    physical = config.name in device.ports
    router = device.kind == "router"
    routed = not _is_switchport(device, config.name)
    if config.description:
        yield f" description {config.description}"
    if config.encapsulation_vlan is not None:
        native = " native" * config.encapsulation_native
        yield f" encapsulation dot1Q {config.encapsulation_vlan}{native}"
    if config.mtu != config.type.mtu:
        yield f" mtu {config.mtu}"
    if config.bandwidth is not None:
        yield f" bandwidth {config.bandwidth}"
    if config.delay is not None:
        yield f" delay {config.delay}"
    if routed:
        yield from _ip_lines(config)
    if config.load_interval != 300:
        yield f" load-interval {config.load_interval}"
    if config.shutdown:
        yield " shutdown"
    if physical and router:
        yield f" duplex {config.duplex}"
        yield f" speed {config.speed}"
    elif physical:
        if config.duplex != "auto":
            yield f" duplex {config.duplex}"
        if config.speed != "auto":
            yield f" speed {config.speed}"
    if config.arp_timeout != 14400:
        yield f" arp timeout {config.arp_timeout}"
    if config.keepalive != 10:
        yield " no keepalive" if config.keepalive is None else f" keepalive {config.keepalive}"
    if not config.cdp_enabled:
        yield " no cdp enable"
    if not config.lldp_transmit:
        yield " no lldp transmit"
    if not config.lldp_receive:
        yield " no lldp receive"
    settings = config.held(Tunnel)
    if settings is not None:
        yield from tunnel.running_lines(settings)
    if config.crypto_map is not None:
        yield f" crypto map {config.crypto_map}"


def _ip_lines(config: InterfaceConfig) -> Iterator[str]:
    if config.dhcp:
        yield " ip address dhcp"
    elif config.address is None:
        yield " no ip address"
    for each in config.secondary:
        yield f" ip address {each.ip} {each.netmask} secondary"
    if config.address is not None:
        yield f" ip address {config.address.ip} {config.address.netmask}"
    if config.access_group_in is not None:
        yield f" ip access-group {config.access_group_in} in"
    if config.access_group_out is not None:
        yield f" ip access-group {config.access_group_out} out"
    if not config.redirects:
        yield " no ip redirects"
    if not config.unreachables:
        yield " no ip unreachables"
    if config.directed_broadcast:
        yield " ip directed-broadcast"
    if not config.proxy_arp:
        yield " no ip proxy-arp"
    if config.ip_mtu is not None:
        yield f" ip mtu {config.ip_mtu}"
    if config.nat:
        yield f" ip nat {config.nat}"
    if config.adjust_mss is not None:
        yield f" ip tcp adjust-mss {config.adjust_mss}"


def interface_section(device: Device, name: str) -> list[str]:
    """`interface NAME` and its lines."""
    config: InterfaceConfig = device.config.interfaces[name]
    lines = list(lines_of(device, config))
    layer2 = config.held(Switchport)
    if layer2 is not None:
        from iosemu.subjects.etherchannel import commands as etherchannel
        from iosemu.subjects.port_security import commands as port_security
        from iosemu.subjects.spanning_tree import commands as spanning_tree
        from iosemu.subjects.switchport import commands as switchport

        at = 1 if config.description else 0
        lines[at:at] = [
            *switchport.running_lines(device, name),
            *port_security.running_lines(layer2.security),
            *etherchannel.running_lines(config),
        ]
        lines += spanning_tree.running_lines(device, name)
    elif device.kind == "l3switch" and name in device.ports:
        lines.insert(1 if config.description else 0, " no switchport")
    return [f"interface {name}", *lines]


def _is_switchport(device: Device, name: str) -> bool:
    return device.kind in ("switch", "l3switch") and bool(device.service(Bridge).is_switchport(name))


def _order(name: str) -> tuple[int, tuple[int, str, tuple[int, ...]]]:
    """Logical interfaces come before the ports, VLAN interfaces after them."""
    key = sort_key(name)
    return (0 if 0 < key[0] < 40 else 2 if key[0] else 1, key)


def running_config(device: Device, _render: Render) -> list[str]:
    """All interfaces, separated by `!`."""
    lines: list[str] = []
    for name in sorted(device.config.interfaces, key=_order):
        if name.startswith("Null"):
            continue
        if lines:
            lines.append("!")
        lines += interface_section(device, name)
    return lines
