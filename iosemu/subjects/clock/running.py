"""The clock in the running configuration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.box.system import SystemConfig
from iosemu.box.time_zone import DAYS, LAST, MONTHS, Timezone, YearlyChange


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


def summer_time_lines(device: Device, _render: Render) -> list[str]:
    """`clock summer-time …`."""
    summer = device.config.of(SystemConfig).summer_time
    if summer is None:
        return []
    words = [
        "clock summer-time",
        summer.name,
        "recurring" if isinstance(summer.start, YearlyChange) else "date",
    ]
    if not summer.standing:
        words += [_change(summer.start), _change(summer.end)]
        words += [str(summer.offset)] * (summer.offset != 60)
    return [" ".join(words)]


def _change(change: YearlyChange | datetime) -> str:
    """`last Sun Mar 2:00`, or `Mar 30 2025 2:00`."""
    if isinstance(change, datetime):
        return f"{change:%b} {change.day} {change.year} {change.hour}:{change:%M}"
    week = "last" if change.week == LAST else change.week
    time = f"{change.minutes // 60}:{change.minutes % 60:02d}"
    return f"{week} {DAYS[change.day]} {MONTHS[change.month - 1]} {time}"
