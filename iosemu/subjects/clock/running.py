"""The clock in the running configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.box.system import SystemConfig, Timezone


@dataclass(frozen=True)
class ClockStyle:
    """How a release writes the time zone."""

    stem: ClassVar[str] = "clock"
    zero_minutes: bool = True
    """`clock timezone MST -7 0`, where older releases leave the minutes out when they are none."""


def timezone_lines(device: Device, _render: Render) -> list[str]:
    """`clock timezone …`."""
    zone = device.config.of(SystemConfig).timezone
    if zone == Timezone():
        return []
    minutes = f" {zone.minutes}" if zone.minutes or device.image.style(ClockStyle).zero_minutes else ""
    return [f"clock timezone {zone.name} {zone.hours}{minutes}"]
