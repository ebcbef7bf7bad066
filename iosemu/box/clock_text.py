"""Spans of time as IOS prints them."""

from __future__ import annotations

HOUR, DAY, WEEK, YEAR = 3600, 86_400, 7 * 86_400, 365 * 86_400
"""Seconds."""


def hms(seconds: float) -> str:
    """`23:59:50`; parts of a second are dropped, what is less than nothing is nothing."""
    whole = max(0, int(seconds))
    return f"{whole // HOUR:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def span(seconds: float) -> str:
    """`00:00:07`, `1d02h`, `3w4d`, `1y2w`: the two greatest units, a day or more in letters."""
    whole = max(0, int(seconds))
    if whole >= YEAR:
        return f"{whole // YEAR}y{whole % YEAR // WEEK}w"
    if whole >= WEEK:
        return f"{whole // WEEK}w{whole % WEEK // DAY}d"
    return f"{whole // DAY}d{whole % DAY // HOUR:02}h" if whole >= DAY else hms(whole)
