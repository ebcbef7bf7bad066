"""The clock of a device, and the time stamps of its messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from iosemu.device.config.system import Timestamps
from iosemu.device.syslog import Message
from iosemu.features.context import Context
from iosemu.features.effects import CommandError, InvalidArgument


def local_time(device: Any, when: float) -> datetime:
    """What the device's clock showed at lab time `when`, in its own time zone."""
    zone = device.config.system.timezone
    shift = timedelta(hours=zone.hours, minutes=zone.minutes if zone.hours >= 0 else -zone.minutes)
    offset = timedelta(seconds=when + device.config.system.clock_offset)
    moment: datetime = device.origin + offset + shift
    return moment


def clock_text(device: Any, when: float) -> str:
    """`*00:01:52.018 UTC Thu Apr 12 2018`; the star says that nobody set the clock."""
    system = device.config.system
    moment = local_time(device, when)
    mark = "" if system.clock_set else "*"
    return f"{mark}{clock_text_plain(moment, system.timezone.name, True)}"


def clock_text_plain(moment: datetime, zone: str, msec: bool = False) -> str:
    """`17:18:19 UTC Tue Oct 1 2024`."""
    fraction = f".{moment.microsecond // 1000:03d}" if msec else ""
    return f"{moment:%H:%M:%S}{fraction} {zone} {moment:%a %b} {moment.day} {moment.year}"


def stamped(device: Any, message: Message) -> str:
    """A system message as a terminal or the buffer shows it, by `service timestamps`."""
    system = device.config.system
    stamps: Timestamps = system.timestamps["log" if message.mnemonic else "debug"]
    if stamps.form == "none":
        return str(message)
    if stamps.form == "uptime":
        up = max(int(message.when - device.booted_at), 0)
        days, rest = divmod(up, 86400)
        if days:
            weeks, days = divmod(days, 7)
            hours = f"{rest // 3600:02d}h"
            text = f"{weeks}w{days}d" if weeks else f"{days}d{hours}"
        else:
            text = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
        return f"{text}: {message}"
    moment = local_time(device, message.when)
    parts = [f"{moment:%b} {moment.day:>2}"]
    if stamps.year:
        parts.append(str(moment.year))
    fraction = f".{moment.microsecond // 1000:03d}" if stamps.msec else ""
    parts.append(f"{moment:%H:%M:%S}{fraction}")
    if stamps.show_timezone:
        parts.append(system.timezone.name)
    return f"{'' if system.clock_set else '*'}{' '.join(parts)}: {message}"


def show_clock(context: Context, detail: bool = False) -> Iterator[str]:
    """`show clock`."""
    yield clock_text(context.device, context.device.now)
    if detail:
        set_ = context.device.config.system.clock_set
        yield "Time source is user configuration" if set_ else "No time source"


def set_day_first(context: Context, time: Any, day: int, month: Any, year: int) -> None:
    """`clock set HH:MM:SS DAY MONTH YEAR`, also with the month first."""
    text = str(time)
    try:
        moment = datetime.strptime(f"{day} {str(month)[:3]} {year} {text}", "%d %b %Y %H:%M:%S")
    except ValueError as error:
        raise InvalidArgument("day") from error
    device = context.device
    now = local_time(device, device.now).replace(tzinfo=None)
    system = device.config.system
    system.clock_offset += (moment - now).total_seconds()
    system.clock_set = True
    by = "console" if context.session.origin == "console" else f"vty by {context.session.username}"
    device.log("SYS", 6, "CLOCKUPDATE", f"System clock has been updated, configured from {by}.")


def parse_hours(text: str) -> int:
    """An offset from UTC in hours; CommandError unless -23 to 23."""
    try:
        value = int(text)
    except ValueError as error:
        raise InvalidArgument("hours") from error
    if not -23 <= value <= 23:
        raise CommandError("%Time zone offset out of range")
    return value
