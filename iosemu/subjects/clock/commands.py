"""The clock of a device, and the time stamps of its messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from iosemu.box.system import SystemConfig
from iosemu.box.time_zone import (
    DAYS,
    LAST,
    USUAL,
    SummerTime,
    Timezone,
    YearlyChange,
    month_number,
    seconds_between,
)
from iosemu.box.timestamps import clock_text, clock_text_plain, local_time
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument

_WEEKS = {"first": 1, "last": LAST}


def show_clock(context: Context, detail: bool = False) -> Iterator[str]:
    """`show clock`."""
    device = context.device
    yield clock_text(device, device.now)
    if detail:
        system = device.config.of(SystemConfig)
        source = system.clock_source or "user configuration"
        yield f"Time source is {source}" if system.clock_set else "No time source"
        if system.summer_time is not None:
            start, end = system.summer_time.changes(local_time(device, device.now).year)
            for word, moment, zone in (
                ("starts", start, system.timezone.name), ("ends", end, system.summer_time.name)
            ):  # fmt: skip
                yield f"Summer time {word} {moment:%H:%M:%S} {zone} {moment:%a %b} {moment.day} {moment.year}"


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
    before = local_time(device, device.now)
    system = device.config.of(SystemConfig)
    system.clock_offset += seconds_between(before, lambda _: moment) or 0.0
    system.clock_set, system.clock_source, system.clock_lost = True, "", False
    device.configured("clock")
    _told(context, before)


def _told(context: Context, before: datetime) -> None:
    """Report that the clock shows another time than `before`."""
    device, session = context.device, context.session
    by = (
        "console by console"
        if session.origin == "console"
        else f"{session.username or 'vty'} on {session.line_name} ({session.origin})"
    )
    moment = local_time(device, device.now)
    device.log(
        "SYS", 6, "CLOCKUPDATE",
        f"System clock has been updated from {clock_text_plain(before)} to {clock_text_plain(moment)}, "
        f"configured from {by}.",
    )  # fmt: skip


def timezone(context: Context, name: str = "", hours: str = "", minutes: int = 0) -> None:
    """`clock timezone NAME HOURS [MINUTES]`."""
    zone = Timezone() if context.off else Timezone(name, _hours(hours), minutes)
    system = context.device.config.of(SystemConfig)
    before = local_time(context.device, context.device.now)
    if zone != system.timezone:
        system.timezone = zone
        _told(context, before)


def summer_time(context: Context, zone: str = "", rest: str = "") -> None:
    """`clock summer-time ZONE recurring`: when the United States have it."""
    _summer_time(context, None if context.off else SummerTime(zone, *USUAL, standing=True))


def summer_time_of_weeks(
    context: Context,
    zone: str,
    weekday: str,
    month: str,
    time: str,
    end_weekday: str,
    end_month: str,
    end_time: str,
    week: int = 0,
    at: str = "",
    end_week: int = 0,
    end_at: str = "",
    offset: int = 60,
) -> None:
    """`clock summer-time ZONE recurring WEEK DAY MONTH HH:MM WEEK DAY MONTH HH:MM [OFFSET]`."""
    start = YearlyChange(_WEEKS.get(at, week), DAYS.index(weekday[:3]), month_number(month), _minutes(time))
    end = YearlyChange(
        _WEEKS.get(end_at, end_week), DAYS.index(end_weekday[:3]), month_number(end_month), _minutes(end_time)
    )
    _summer_time(context, SummerTime(zone, start, end, offset))


def summer_time_of_dates(
    context: Context,
    zone: str,
    day: int,
    month: str,
    year: int,
    time: str,
    end_day: int,
    end_month: str,
    end_year: int,
    end_time: str,
    offset: int = 60,
) -> None:
    """`clock summer-time ZONE date DATE MONTH YEAR HH:MM DATE MONTH YEAR HH:MM [OFFSET]`."""
    start = _date("day", day, month, year, time)
    end = _date("end_day", end_day, end_month, end_year, end_time)
    if end <= start:
        raise InvalidArgument("end_year")
    _summer_time(context, SummerTime(zone, start, end, offset))


def _date(place: str, day: int, month: str, year: int, time: str) -> datetime:
    try:
        return datetime(year, month_number(month), day) + timedelta(minutes=_minutes(time))
    except ValueError as error:
        raise InvalidArgument(place) from error


def _summer_time(context: Context, summer: SummerTime | None) -> None:
    system = context.device.config.of(SystemConfig)
    before = local_time(context.device, context.device.now)
    if summer != system.summer_time:
        system.summer_time = summer
        _told(context, before)


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")[:2]
    return int(hours) * 60 + int(minutes)


def _hours(text: str) -> int:
    """An offset from UTC in hours; CommandError unless -23 to 23."""
    try:
        value = int(text)
    except ValueError as error:
        raise InvalidArgument("hours") from error
    if not -23 <= value <= 23:
        raise CommandError("%Time zone offset out of range")
    return value
