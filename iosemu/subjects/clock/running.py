"""The clock in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.box.system import SystemConfig, Timezone


def timezone_lines(device: Device, _render: Render) -> list[str]:
    """`clock timezone …`."""
    zone = device.config.of(SystemConfig).timezone
    return [] if zone == Timezone() else [f"clock timezone {zone.name} {zone.hours} {zone.minutes}"]
