"""IP under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import InterfaceSection
from iosemu.bridging.bridge import Bridge
from iosemu.ip.config import AdjustMss, IpSettings


def _routed(device: Device, config: InterfaceConfig) -> bool:
    """Whether the interface has IP at all: a switch port has none."""
    bridge = device.find(Bridge)
    return bridge is None or not bridge.is_switchport(config.name)


def _ip(device: Device, config: InterfaceConfig) -> Iterator[str]:
    if not _routed(device, config):
        return
    settings = config.of(IpSettings)
    if settings.dhcp:
        yield " ip address dhcp"
    elif settings.address is None:
        yield " no ip address"
    for each in settings.secondary:
        yield f" ip address {each.ip} {each.netmask} secondary"
    if settings.address is not None:
        yield f" ip address {settings.address.ip} {settings.address.netmask}"


def _switches(device: Device, config: InterfaceConfig) -> Iterator[str]:
    if not _routed(device, config):
        return
    settings = config.of(IpSettings)
    if not settings.redirects:
        yield " no ip redirects"
    if not settings.unreachables:
        yield " no ip unreachables"
    if settings.directed_broadcast:
        yield " ip directed-broadcast"
    if not settings.proxy_arp:
        yield " no ip proxy-arp"
    if settings.mtu is not None:
        yield f" ip mtu {settings.mtu}"


def _adjust_mss(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    octets = config.of(AdjustMss).octets
    if octets is not None:
        yield f" ip tcp adjust-mss {octets}"


def _arp(_device: Device, config: InterfaceConfig) -> Iterator[str]:
    timeout = config.of(IpSettings).arp_timeout
    if timeout != 14400:
        yield f" arp timeout {timeout}"


SECTIONS = (
    InterfaceSection("ip", _ip),
    InterfaceSection("ip-switches", _switches),
    InterfaceSection("adjust-mss", _adjust_mss),
    InterfaceSection("arp", _arp),
)
