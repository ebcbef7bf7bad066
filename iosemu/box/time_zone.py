"""The time zone of a device: its distance from UTC, and its summer time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LAST = 5
"""The week of a month that `last` stands for."""
_NO_TIME = timedelta()


def month_number(name: str) -> int:
    """1 to 12, from a month's English name or its first three letters. Raises ValueError."""
    return MONTHS.index(name[:3]) + 1


@dataclass(frozen=True)
class Timezone:
    """`clock timezone NAME HOURS [MINUTES]`."""

    name: str = "UTC"
    hours: int = 0
    minutes: int = 0

    @property
    def shift(self) -> timedelta:
        """East of UTC; the minutes go where the hours go."""
        return timedelta(hours=self.hours, minutes=self.minutes if self.hours >= 0 else -self.minutes)


@dataclass(frozen=True)
class YearlyChange:
    """A moment of every year, as `last Sun Mar 2:00` or `2 Sun Mar 2:00`."""

    week: int
    """1 to 4, or LAST."""
    day: int
    """Of the week; Monday is 0."""
    month: int
    minutes: int
    """After midnight, by the clock that is about to be changed."""

    def of(self, year: int) -> datetime:
        """When it comes in a year."""
        first = datetime(year, self.month, 1)
        found = first + timedelta(days=(self.day - first.weekday()) % 7 + 7 * (self.week - 1))
        if found.month != self.month:  # a last one in a month that has four
            found -= timedelta(days=7)
        return found + timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class SummerTime:
    """`clock summer-time NAME recurring|date …`: from one moment to another, once or every year."""

    name: str
    start: YearlyChange | datetime
    end: YearlyChange | datetime
    """By the clock that shows summer time."""
    offset: int = 60
    """Minutes that are added."""
    standing: bool = False
    """It was configured without moments: those of the United States."""

    def changes(self, year: int) -> tuple[datetime, datetime]:
        """Its beginning and its end in a year; of one that comes once, whatever the year."""
        start = self.start.of(year) if isinstance(self.start, YearlyChange) else self.start
        end = self.end.of(year) if isinstance(self.end, YearlyChange) else self.end
        return start, end


USUAL = (YearlyChange(2, 6, 3, 120), YearlyChange(1, 6, 11, 120))
"""From the second Sunday of March to the first of November, at two in the morning."""


class ClockZone(tzinfo):
    """What turns UTC into the time that a device shows, and tells how that time is named."""

    def __init__(self, zone: Timezone, summer: SummerTime | None) -> None:
        self.zone, self.summer = zone, summer

    def utcoffset(self, moment: datetime | None) -> timedelta:
        """The distance from UTC at a moment of this clock."""
        return self.zone.shift + self.dst(moment)

    def dst(self, moment: datetime | None) -> timedelta:
        """What summer time adds at a moment of this clock."""
        if moment is None or self.summer is None:
            return _NO_TIME
        added = timedelta(minutes=self.summer.offset)
        # The last hour comes twice: the first time it is summer's.
        early = added if moment.fold else _NO_TIME
        return added if self._holds(moment.replace(tzinfo=None), early) else _NO_TIME

    def tzname(self, moment: datetime | None) -> str:
        """`CET`, or in summer `CEST`."""
        return self.summer.name if self.summer is not None and self.dst(moment) else self.zone.name

    def fromutc(self, moment: datetime) -> datetime:
        """A moment of UTC by this clock."""
        standard = moment + self.zone.shift
        if self.summer is None:
            return standard
        added = timedelta(minutes=self.summer.offset)
        plain = standard.replace(tzinfo=None)
        if self._holds(plain, added):
            return standard + added
        return standard.replace(fold=int(self._holds(plain, _NO_TIME)))

    def _holds(self, moment: datetime, early: timedelta) -> bool:
        """Whether it is summer; its end comes `early` by the clock that tells the moment."""
        assert self.summer is not None
        start, end = self.summer.changes(moment.year)
        end -= early
        return start <= moment < end if start <= end else not end <= moment < start


def seconds_between(begin: datetime, find: Callable[[datetime], datetime | None]) -> float | None:
    """How long it is from a moment to the one that `find` names on the same clock; None: it names none.

    `find` is asked without a time zone. Summer time that begins or ends in between counts.
    """
    found = find(begin.replace(tzinfo=None))
    if found is None:
        return None
    there = found.replace(tzinfo=begin.tzinfo)
    return (there.astimezone(UTC) - begin.astimezone(UTC)).total_seconds()
