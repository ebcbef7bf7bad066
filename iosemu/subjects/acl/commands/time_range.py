"""`time-range NAME`, and what is typed in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from iosemu.box.time_zone import month_number
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, InvalidArgument, Output
from iosemu.subjects.acl.config import AclsConfig, TimeRange
from iosemu.subjects.acl.text import time_range_words
from iosemu.subjects.acl.time_ranges import DAYS, SETS, Periodic


def _ranges(context: Context) -> dict[str, TimeRange]:
    ranges: dict[str, TimeRange] = context.device.config.of(AclsConfig).time_ranges
    return ranges


def time_range(context: Context, name: str) -> Output:
    """`time-range NAME`."""
    ranges = _ranges(context)
    if context.off:
        gone = ranges.get(name)
        if gone is not None:
            gone.defined, gone.start, gone.end, gone.active = False, None, None, True
            gone.periodic.clear()
        return None
    found = ranges.setdefault(name, TimeRange(name))
    found.defined = True
    return [Enter("config-time-range", found)]


def _time(text: str, argument: str) -> time:
    hours, _, minutes = text.partition(":")
    try:
        return time(int(hours), int(minutes))
    except ValueError:
        raise InvalidArgument(argument) from None


def _moment(text: str, day: int, month: str, year: int, argument: str) -> datetime:
    try:
        return datetime.combine(datetime(year, month_number(month), day), _time(text, argument))
    except ValueError:
        raise CommandError("%Illegal date") from None


def absolute(
    context: Context,
    start: str = "",
    day: int = 0,
    month: str = "",
    year: int = 0,
    end: str = "",
    last_day: int = 0,
    last_month: str = "",
    last_year: int = 0,
) -> Output:
    """`absolute [start HH:MM DAY MONTH YEAR] [end HH:MM DAY MONTH YEAR]`."""
    edited = context.edited(TimeRange)
    if context.off:
        edited.start = edited.end = None
        return None
    begin = _moment(start, day, month, year, "start") if start else None
    over = _moment(end, last_day, last_month, last_year, "end") if end else None
    if begin is None and over is None:
        raise CommandError("% Incomplete command.\n")
    if begin is not None and over is not None and over <= begin:
        raise CommandError("%End time must be after start time")
    edited.start, edited.end = begin, over
    return None


def periodic(context: Context, start: str, end: str, days: str = "", last: str = "", **_days: Any) -> Output:
    """`periodic DAYS HH:MM to [DAY] HH:MM`."""
    edited = context.edited(TimeRange)
    begin, over = _time(start, "start"), _time(end, "end")
    if days:
        meant, words = SETS[days], days
    else:
        before = context.words[1 : context.words.index(start)]
        chosen = [day for day in DAYS if day in before]
        if not chosen:
            raise InvalidArgument("start")
        meant, words = frozenset(DAYS.index(day) for day in chosen), " ".join(chosen)
    if last and len(meant) != 1:
        raise InvalidArgument("last")
    if not last and over < begin:
        raise CommandError("%End time must be after start time")
    until = f"{last} " if last else ""
    text = f"{words} {begin.hour}:{begin:%M} to {until}{over.hour}:{over:%M}"
    made = Periodic(text, meant, begin, over, DAYS.index(last) if last else None)
    if context.off:
        if made in edited.periodic:
            edited.periodic.remove(made)
    elif made not in edited.periodic:
        edited.periodic.append(made)
    return None


def show_time_range(context: Context, name: str = "") -> Iterator[str]:
    """`show time-range [NAME]`."""
    lists = context.device.config.of(AclsConfig).lists.values()
    for each in _ranges(context).values():
        if not each.defined or name not in ("", each.name):
            continue
        yield f"time-range entry: {each.name} ({'active' if each.active else 'inactive'})"
        yield from (f"   {line}" for line in time_range_words(each))
        for entry in (entry for access_list in lists for entry in access_list.entries):
            if entry.time_range == each.name:
                yield "   used in: IP ACL entry"
