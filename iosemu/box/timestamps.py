"""What the clock of a device shows, and the time stamps of its messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from iosemu.box.clock_text import span
from iosemu.box.system import SystemConfig, Timestamps
from iosemu.box.time_zone import ClockZone

if TYPE_CHECKING:
    from iosemu.box.device import Device


def local_time(device: Device, when: float) -> datetime:
    """What the device's clock showed at lab time `when`, in its own time zone."""
    system = device.config.of(SystemConfig)
    return by_clock(system, clock_time(device, when))


def clock_time(device: Device, when: float) -> datetime:
    """The same as UTC, without a time zone."""
    offset = timedelta(seconds=when + device.config.of(SystemConfig).clock_offset)
    moment: datetime = device.origin.replace(tzinfo=None) + offset
    return moment


def by_clock(system: SystemConfig, moment: datetime) -> datetime:
    """A moment of UTC as a device with this configuration shows it."""
    zone = ClockZone(system.timezone, system.summer_time)
    return zone.fromutc(moment.replace(tzinfo=zone))


def clock_text_plain(moment: datetime, msec: bool = False) -> str:
    """`17:18:19 UTC Tue Oct 1 2024`."""
    fraction = f".{moment.microsecond // 1000:03d}" if msec else ""
    return f"{moment:%H:%M:%S}{fraction} {moment:%Z} {moment:%a %b} {moment.day} {moment.year}"


def stamp(device: Device, kind: Literal["log", "debug"], number: int) -> str:
    """What stands before the text of a message that is issued now, by `service timestamps`."""
    system = device.config.of(SystemConfig)
    counted = system.kept.get("service sequence-numbers") == "service sequence-numbers"
    return (f"{number:06d}: " if counted else "") + _time(device, system, system.timestamps[kind])


def _time(device: Device, system: SystemConfig, stamps: Timestamps) -> str:
    if stamps.form == "none":
        return ""
    if stamps.form == "uptime":
        return f"{span(device.now - device.booted_at)}: "
    moment = local_time(device, device.now) if stamps.localtime else _universal(device, device.now)
    parts = [f"{moment:%b} {moment.day:>2}"]
    if stamps.year:
        parts.append(str(moment.year))
    fraction = f".{moment.microsecond // 1000:03d}" if stamps.msec else ""
    parts.append(f"{moment:%H:%M:%S}{fraction}")
    if stamps.show_timezone:
        parts.append(f"{moment:%Z}")
    return f"{clock_mark(system)}{' '.join(parts)}: "


def _universal(device: Device, when: float) -> datetime:
    return clock_time(device, when).replace(tzinfo=UTC)


def clock_mark(system: SystemConfig) -> str:
    """`*`: nobody set the clock; `.`: it was synchronized, and is not any more."""
    if not system.clock_set:
        return "*"
    return "." if system.clock_lost else ""


def clock_text(device: Device, when: float) -> str:
    """`*00:01:52.018 UTC Thu Apr 12 2018`; the star says that nobody set the clock."""
    system = device.config.of(SystemConfig)
    moment = local_time(device, when)
    return f"{clock_mark(system)}{clock_text_plain(moment, True)}"
