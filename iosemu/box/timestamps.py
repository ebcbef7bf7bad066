"""What the clock of a device shows, and the time stamps of its messages."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from iosemu.box.clock_text import span
from iosemu.box.syslog import Message
from iosemu.box.system import SystemConfig, Timestamps

if TYPE_CHECKING:
    from iosemu.box.device import Device


def local_time(device: Device, when: float) -> datetime:
    """What the device's clock showed at lab time `when`, in its own time zone."""
    zone = device.config.of(SystemConfig).timezone
    shift = timedelta(hours=zone.hours, minutes=zone.minutes if zone.hours >= 0 else -zone.minutes)
    offset = timedelta(seconds=when + device.config.of(SystemConfig).clock_offset)
    moment: datetime = device.origin + offset + shift
    return moment


def clock_text_plain(moment: datetime, zone: str, msec: bool = False) -> str:
    """`17:18:19 UTC Tue Oct 1 2024`."""
    fraction = f".{moment.microsecond // 1000:03d}" if msec else ""
    return f"{moment:%H:%M:%S}{fraction} {zone} {moment:%a %b} {moment.day} {moment.year}"


def stamped(device: Device, message: Message) -> str:
    """A system message as a terminal or the buffer shows it, by `service timestamps`."""
    system = device.config.of(SystemConfig)
    if system.kept.get("service sequence-numbers") == "service sequence-numbers" and not message.continues:
        return f"{message.number:06d}: {_stamped(device, message)}"
    return _stamped(device, message)


def _stamped(device: Device, message: Message) -> str:
    system = device.config.of(SystemConfig)
    stamps: Timestamps = system.timestamps["log" if message.mnemonic else "debug"]
    if stamps.form == "none" or message.continues:
        return str(message)
    if stamps.form == "uptime":
        return f"{span(message.when - device.booted_at)}: {message}"
    moment = local_time(device, message.when)
    parts = [f"{moment:%b} {moment.day:>2}"]
    if stamps.year:
        parts.append(str(moment.year))
    fraction = f".{moment.microsecond // 1000:03d}" if stamps.msec else ""
    parts.append(f"{moment:%H:%M:%S}{fraction}")
    if stamps.show_timezone:
        parts.append(system.timezone.name)
    return f"{clock_mark(system)}{' '.join(parts)}: {message}"


def clock_mark(system: SystemConfig) -> str:
    """`*`: nobody set the clock; `.`: it was synchronized, and is not any more."""
    if not system.clock_set:
        return "*"
    return "." if system.clock_lost else ""


def clock_text(device: Device, when: float) -> str:
    """`*00:01:52.018 UTC Thu Apr 12 2018`; the star says that nobody set the clock."""
    system = device.config.of(SystemConfig)
    moment = local_time(device, when)
    return f"{clock_mark(system)}{clock_text_plain(moment, system.timezone.name, True)}"
