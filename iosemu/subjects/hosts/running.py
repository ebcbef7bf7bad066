"""The host table in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.box.system import SystemConfig


def host_lines(device: Device, _render: Render) -> list[str]:
    """The `ip host` lines."""
    hosts: dict[str, list[str]] = device.config.of(SystemConfig).hosts
    return [f"ip host {name} {' '.join(addresses)}" for name, addresses in hosts.items()]
