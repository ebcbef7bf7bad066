"""The clock of a device, and the time stamps of its messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from iosemu.box.system import SystemConfig
from iosemu.box.timestamps import clock_text, clock_text_plain, local_time
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument


def show_clock(context: Context, detail: bool = False) -> Iterator[str]:
    """`show clock`."""
    yield clock_text(context.device, context.device.now)
    if detail:
        system = context.device.config.of(SystemConfig)
        source = system.clock_source or "user configuration"
        yield f"Time source is {source}" if system.clock_set else "No time source"


def set_day_first(context: Context, time: tuple[int, int, int], day: int, month: str, year: int) -> None:
    """`clock set HH:MM:SS DAY MONTH YEAR`, also with the month first."""
    hours, minutes, seconds = time
    try:
        moment = datetime.strptime(
            f"{day} {month[:3]} {year} {hours}:{minutes}:{seconds}", "%d %b %Y %H:%M:%S"
        )
    except ValueError as error:
        raise InvalidArgument("day") from error
    device = context.device
    before = local_time(device, device.now).replace(tzinfo=None)
    system = device.config.of(SystemConfig)
    system.clock_offset += (moment - before).total_seconds()
    system.clock_set, system.clock_source, system.clock_lost = True, "", False
    device.configured("clock")
    session = context.session
    by = (
        "console by console"
        if session.origin == "console"
        else f"{session.username or 'vty'} on {session.line_name} ({session.origin})"
    )
    zone = system.timezone.name
    device.log(
        "SYS", 6, "CLOCKUPDATE",
        f"System clock has been updated from {clock_text_plain(before, zone)} to {clock_text_plain(moment, zone)}, "
        f"configured from {by}.",
    )  # fmt: skip


def parse_hours(text: str) -> int:
    """An offset from UTC in hours; CommandError unless -23 to 23."""
    try:
        value = int(text)
    except ValueError as error:
        raise InvalidArgument("hours") from error
    if not -23 <= value <= 23:
        raise CommandError("%Time zone offset out of range")
    return value
