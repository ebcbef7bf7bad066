"""The clock of a device, and the time stamps of its messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from iosemu.box.system import SystemConfig
from iosemu.box.timestamps import clock_text, local_time
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument


def show_clock(context: Context, detail: bool = False) -> Iterator[str]:
    """`show clock`."""
    yield clock_text(context.device, context.device.now)
    if detail:
        set_ = context.device.config.of(SystemConfig).clock_set
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
    system = device.config.of(SystemConfig)
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
