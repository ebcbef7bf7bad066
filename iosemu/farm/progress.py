"""Who is at which step of the checks, and who is stuck: what a teacher looks at, and the reports."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

ACTIVE = 600.0
"""Seconds after which who has typed nothing is not at work."""
STUCK = 900.0
"""Seconds without one more point after which who is at work is stuck."""


@dataclass(frozen=True, slots=True)
class Row:
    """One student."""

    name: str
    title: str
    state: str
    points: int
    total: int
    percent: int
    """Whole percents, cut off: 100 only where everything holds."""
    step: str
    """The first check that does not hold; empty when all do, or nothing was looked at yet."""
    stage: str
    sessions: int
    idle: int
    """Seconds since something was typed."""
    waits: int
    """Seconds since the points rose, or the lab was begun."""
    stuck: bool

    @classmethod
    def of(cls, lab: Mapping[str, Any], now: float) -> Self:
        """From what a worker tells of a lab; `now` is in seconds since 1970."""
        checks = lab.get("checks", [])
        total, points = int(lab.get("total", 0)), int(lab.get("points", 0))
        open_ones = [each for each in checks if not each["holds"]]
        step = f"{open_ones[0]['number']} of {len(checks)}: {open_ones[0]['title']}" if open_ones else ""
        idle = max(0.0, now - float(lab.get("active_at", now)))
        waits = max(0.0, now - float(lab.get("progressed_at", now)))
        stuck = lab["state"] == "running" and bool(open_ones) and idle < ACTIVE and waits >= STUCK
        return cls(
            str(lab["name"]), str(lab["title"]), str(lab["state"]), points, total,
            100 * points // total if total else 100 if checks else 0, step, str(lab.get("stage", "")),
            len(lab.get("terminals", ())) + int(lab.get("visitors", 0)), int(idle), int(waits), stuck,
        )  # fmt: skip


def rows(labs: Iterable[Mapping[str, Any]], now: float) -> list[Row]:
    """Of a whole class, in its order."""
    return [Row.of(lab, now) for lab in labs]


def csv_text(labs: Iterable[Mapping[str, Any]], now: float) -> str:
    """A table: a line for each student, a column for each check of any of them: yes, no or nothing."""
    labs = list(labs)
    titles: dict[tuple[int, str], None] = {}
    for lab in labs:
        titles.update({(each["number"], each["title"]): None for each in lab.get("checks", [])})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*(_COLUMNS), *(_safe(f"{number}. {title}") for number, title in titles)])
    for lab, row in zip(labs, rows(labs, now), strict=True):
        held = {(each["number"], each["title"]): each["holds"] for each in lab.get("checks", [])}
        data = asdict(row)
        said = [{True: "yes", False: "no"}.get(held.get(title), "") for title in titles]  # type: ignore[arg-type]
        writer.writerow([*(_safe(data[name]) for name in _COLUMNS), *said])
    return out.getvalue()


_COLUMNS = ("name", "title", "state", "points", "total", "percent", "step", "stage", "idle", "waits", "stuck")


def _safe(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe (OWASP: CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value


def json_text(name: str, labs: Iterable[Mapping[str, Any]], now: float) -> str:
    """All of it, two spaces a level."""
    labs = list(labs)
    made = datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds")
    students = [
        {**asdict(row), "checks": lab.get("checks", [])}
        for lab, row in zip(labs, rows(labs, now), strict=True)
    ]
    return (
        json.dumps(
            {"version": 1, "class": name, "made": made, "students": students}, ensure_ascii=False, indent=2
        )
        + "\n"
    )
