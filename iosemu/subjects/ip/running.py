"""IPv4 under an interface, in the running configuration. A layer 2 port shows none of it."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.bridging.switchport import is_routed


def address_lines(device: Device, config: InterfaceConfig) -> Iterator[str]:
    """`ip address`, secondary ones first."""
    if not is_routed(config):
        return
    if config.dhcp:
        yield " ip address dhcp"
    elif config.address is None:
        yield " no ip address"
    for each in config.secondary:
        yield f" ip address {each.ip} {each.netmask} secondary"
    if config.address is not None:
        yield f" ip address {config.address.ip} {config.address.netmask}"


def icmp_lines(device: Device, config: InterfaceConfig) -> Iterator[str]:
    """What is answered to, and what goes on as a broadcast."""
    if not is_routed(config):
        return
    if not config.redirects:
        yield " no ip redirects"
    if not config.unreachables:
        yield " no ip unreachables"
    if config.directed_broadcast:
        yield " ip directed-broadcast"
    if not config.proxy_arp:
        yield " no ip proxy-arp"


def mtu_lines(device: Device, config: InterfaceConfig) -> list[str]:
    """`ip mtu`."""
    return [f" ip mtu {config.ip_mtu}"] if is_routed(config) and config.ip_mtu is not None else []


def tcp_lines(device: Device, config: InterfaceConfig) -> list[str]:
    """`ip tcp adjust-mss`."""
    shown = is_routed(config) and config.adjust_mss is not None
    return [f" ip tcp adjust-mss {config.adjust_mss}"] if shown else []
