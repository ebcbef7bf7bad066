"""IP under `interface X`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import Fields, InterfaceSection
from iosemu.bridging.switchport import Switchport
from iosemu.ip.config import AdjustMss, IpSettings


@dataclass(frozen=True)
class SwitchPortStyle:
    """Lines of a switch port of a router."""

    stem: ClassVar[str] = "switch_port"
    address_line: bool = True
    """They say that there is no address, which such a port cannot have."""


def _routed(config: InterfaceConfig) -> bool:
    """Whether the interface has IP addresses at all: a switch port and Null0 have none."""
    return config.kind != "Null" and config.held(Switchport) is None


def _ip(device: Device, config: InterfaceConfig) -> Iterator[str]:
    if not _routed(config):
        if (
            config.kind != "Null"
            and not device.is_switch
            and device.image.style(SwitchPortStyle).address_line
        ):
            yield " no ip address"
        return
    settings = config.of(IpSettings)
    if settings.dhcp:
        identifier = f" client-id {settings.dhcp_client_id}" if settings.dhcp_client_id else ""
        yield f" ip address dhcp{identifier}{f' hostname {settings.dhcp_hostname}' if settings.dhcp_hostname else ''}"
    elif settings.unnumbered:
        yield f" ip unnumbered {settings.unnumbered}"
        return
    elif settings.negotiated:
        yield " ip address negotiated"
    elif settings.address is None:
        yield " no ip address"
    for each in settings.secondary:
        yield f" ip address {each.ip} {each.netmask} secondary"
    if settings.address is not None and not (settings.dhcp or settings.negotiated):
        yield f" ip address {settings.address.ip} {settings.address.netmask}"


def _mtu(device: Device, config: InterfaceConfig) -> Iterator[str]:
    mtu = config.of(IpSettings).mtu
    if mtu is not None and _routed(config):
        yield f" ip mtu {mtu}"


SECTIONS = (
    InterfaceSection("ip", _ip),
    InterfaceSection(
        "ip-switches",
        (
            Fields(
                IpSettings, ("redirects", "unreachables", "directed_broadcast", "proxy_arp", "per_packet")
            ),
            _mtu,
        ),
    ),
    InterfaceSection("adjust-mss", Fields(AdjustMss, ("octets",))),
    InterfaceSection("arp", Fields(IpSettings, ("arp_timeout",))),
)
