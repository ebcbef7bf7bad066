"""When something is to begin, as `start-time` says it."""

from __future__ import annotations

from datetime import datetime, timedelta

from iosemu.box.device import Device
from iosemu.box.timestamps import local_time

DAY = 86400.0


def until(device: Device, start: str) -> float:
    """Seconds from now to `now`, `after HH:MM:SS` or `HH:MM[:SS] [MONTH DAY]` of the device's clock.

    A time of day that is over is meant for tomorrow, a date that is over for next year.
    """
    if start == "now":
        return 0.0
    word, _, rest = start.partition(" ")
    if word == "after":
        hours, minutes, seconds = (int(part) for part in rest.split(":"))
        return hours * 3600.0 + minutes * 60 + seconds
    now = local_time(device, device.now).replace(tzinfo=None)
    parts = [int(part) for part in word.split(":")]
    when = now.replace(
        hour=parts[0], minute=parts[1], second=parts[2] if len(parts) > 2 else 0, microsecond=0
    )
    if rest:
        month, _, day = rest.partition(" ")
        named = datetime.strptime(f"{month} {day} 2000", "%b %d %Y")
        when = _dated(when, named.month, named.day)
        if when < now:
            when = _dated(when.replace(year=when.year + 1), named.month, named.day)
    elif when < now:
        when += timedelta(days=1)
    return (when - now).total_seconds()


def _dated(moment: datetime, month: int, day: int) -> datetime:
    """The same time on a day of the year; the last of February for one that the year does not have."""
    try:
        return moment.replace(month=month, day=day)
    except ValueError:
        return moment.replace(month=month, day=28)
