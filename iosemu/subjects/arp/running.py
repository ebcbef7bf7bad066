"""Static ARP entries in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.routing.config import RoutesConfig


def arp_lines(device: Device, _render: Render) -> list[str]:
    """The static entries."""
    return [
        f"arp {address} {mac} ARPA"
        for address, mac in sorted(device.config.of(RoutesConfig).static_arp.items())
    ]
