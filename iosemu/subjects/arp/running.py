"""Static ARP entries in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.subjects.routing.config import RoutesConfig


def arp_lines(device: Device, _render: Render) -> list[str]:
    """The static entries."""
    return [
        f"arp {address} {mac} ARPA"
        for address, mac in sorted(device.config.of(RoutesConfig).static_arp.items())
    ]


def timeout_lines(device: Device, config: InterfaceConfig) -> list[str]:
    """`arp timeout` under an interface."""
    return [f" arp timeout {config.arp_timeout}"] if config.arp_timeout != 14400 else []
