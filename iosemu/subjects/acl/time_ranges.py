"""Time ranges: when entries that name them count."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SETS = {"daily": frozenset(range(7)), "weekdays": frozenset(range(5)), "weekend": frozenset((5, 6))}
MINUTE = timedelta(minutes=1)
WEEK = 8
"""Days ahead in which any periodic range begins or ends."""


@dataclass(frozen=True, slots=True)
class Periodic:
    """`periodic DAYS HH:MM to [DAY] HH:MM`; the minute that it ends with still belongs to it."""

    text: str
    days: frozenset[int]
    """Monday is 0."""
    start: time
    end: time
    last: int | None = None
    """The day it ends on, when it does not end on the day that it began."""

    def spans(self, day: date) -> tuple[datetime, datetime] | None:
        """What begins on a day: from, and up to but not including."""
        if day.weekday() not in self.days:
            return None
        over = 0 if self.last is None else (self.last - day.weekday()) % 7
        begin = datetime.combine(day, self.start)
        end = datetime.combine(day + timedelta(days=over), self.end) + MINUTE
        return begin, end if end > begin else end + timedelta(days=7)


@dataclass
class TimeRange:
    """`time-range NAME`; without any line it always holds."""

    name: str
    defined: bool = False
    start: datetime | None = None
    """`absolute start`."""
    end: datetime | None = None
    """`absolute end`; that minute still belongs to it."""
    periodic: list[Periodic] = field(default_factory=list)
    active: bool = field(default=True, compare=False)
    """Whether it holds now, as whoever looks at the clock has noted."""

    def _spans(self, now: datetime) -> list[tuple[datetime, datetime]]:
        days = [(now - timedelta(days=WEEK) + timedelta(days=each)).date() for each in range(2 * WEEK + 1)]
        return [span for each in self.periodic for day in days if (span := each.spans(day)) is not None]

    def holds(self, now: datetime) -> bool:
        """Whether it holds at a local time."""
        if self.start is not None and now < self.start:
            return False
        if self.end is not None and now >= self.end + MINUTE:
            return False
        return not self.periodic or any(begin <= now < end for begin, end in self._spans(now))

    def next_change(self, now: datetime) -> datetime | None:
        """The next local time at which it may begin or end."""
        times = [each for span in self._spans(now) for each in span]
        times += [self.start] if self.start is not None else []
        times += [self.end + MINUTE] if self.end is not None else []
        return min((each for each in times if each > now), default=None)
