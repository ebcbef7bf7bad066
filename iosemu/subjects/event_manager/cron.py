"""When a line of cron (five fields) comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

NAMES = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12, "sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6,
}  # fmt: skip
RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
SHORT = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
DAYS_AHEAD = 366 * 4


@dataclass(frozen=True)
class Cron:
    """Minutes, hours, days of the month, months and days of the week that are meant."""

    fields: tuple[frozenset[int], ...]
    any_day: bool
    any_weekday: bool

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Read `*/5 8-17 * * 1-5`.

        Raises ValueError for what is no such line.
        """
        words = SHORT.get(text.strip().lower(), text).split()
        if len(words) != len(RANGES):
            raise ValueError(text)
        fields = tuple(_field(word, *limits) for word, limits in zip(words, RANGES, strict=True))
        return cls((*fields[:4], frozenset(day % 7 for day in fields[4])), words[2] == "*", words[4] == "*")

    def _day(self, day: datetime) -> bool:
        if day.month not in self.fields[3]:
            return False
        by_date, by_weekday = day.day in self.fields[2], day.isoweekday() % 7 in self.fields[4]
        if self.any_day or self.any_weekday:
            return by_date and by_weekday
        return by_date or by_weekday

    def after(self, now: datetime) -> datetime | None:
        """The next time, later than `now`; None when there is none in the years to come."""
        start = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
        for ahead in range(DAYS_AHEAD):
            day = start + timedelta(days=ahead)
            if not self._day(day):
                continue
            for hour in sorted(self.fields[1]):
                for minute in sorted(self.fields[0]):
                    found = day.replace(hour=hour, minute=minute)
                    if found >= start:
                        return found
        return None


def _field(word: str, low: int, high: int) -> frozenset[int]:
    found: set[int] = set()
    for part in word.split(","):
        span, slash, step = part.partition("/")
        if slash and not (step.isdigit() and int(step)):
            raise ValueError(word)
        first, dash, last = span.partition("-")
        if span == "*":
            begin, end = low, high
        else:
            begin = _number(first)
            end = _number(last) if dash else high if slash else begin
        if not low <= begin <= end <= high:
            raise ValueError(word)
        found.update(range(begin, end + 1, int(step) if slash else 1))
    return frozenset(found)


def _number(text: str) -> int:
    return NAMES[text.lower()] if text.lower() in NAMES else int(text)
