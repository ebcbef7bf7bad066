"""The report on a course's checks for a teacher: as data (JSON), and as a page that stands alone (HTML)."""

from __future__ import annotations

import json
from html import escape
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from iosemu.lab.assessment import Answers, Text, Words, stage
from iosemu.lab.lab import Lab

_STYLE = """
body { font: 16px/1.5 system-ui, "Noto Sans CJK JP", sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #16202b; background: #fff }
h1 { font-size: 1.5rem; margin-bottom: 0 } .soft { color: #4d5b69 }
.bar { background: #dfe6ec; border-radius: 6px; height: 14px; overflow: hidden; margin: .6rem 0 }
.bar span { display: block; height: 100%; background: #12763a }
table { border-collapse: collapse; width: 100%; margin-top: 1rem }
th, td { text-align: left; vertical-align: top; padding: .45rem .6rem; border-bottom: 1px solid #cfd8e1 }
td.sum, th.sum { text-align: right; white-space: nowrap }
.yes { color: #12763a; font-weight: 700 } .no { color: #b42318; font-weight: 700 }
.open { color: #8a5700; font-weight: 700 }
code { font: 14px ui-monospace, monospace; overflow-wrap: anywhere } ul { margin: .2rem 0 0; padding-left: 1.2rem }
@media print { body { margin: 0 } }
"""
_MARKS = {True: ("yes", "✓", "done"), False: ("no", "✗", "not done"), None: ("open", "?", "not looked at")}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ConditionResult(_Part):
    """One thing that a check looks at."""

    device: str
    command: str
    pattern: str
    wanted: bool
    """False: the pattern must not match."""
    holds: bool


class CheckResult(_Part):
    """One check; `holds` None: a transcript that was not run."""

    number: int
    title: Text
    points: int
    holds: bool | None
    conditions: list[ConditionResult] = []
    transcript: str = ""
    said: str = ""
    """What is wrong by the transcript."""
    hint: Annotated[Words | None, Field()] = None


class CourseReport(_Part):
    """How far a learner is with a lab."""

    version: Literal[1] = 1
    lab: str
    title: str
    lab_time: float
    """Lab seconds at which it was looked."""
    made: str = ""
    """Date and time on the wall, ISO 8601."""
    learner: str = ""
    checks: list[CheckResult]
    stage: Annotated[Words | None, Field()] = None

    @property
    def reached(self) -> int:
        """Points of the checks that hold."""
        return sum(each.points for each in self.checks if each.holds)

    @property
    def total(self) -> int:
        """Points that there are."""
        return sum(each.points for each in self.checks)

    @property
    def percent(self) -> int:
        """Whole percents, cut off: 100 only where everything holds."""
        return 100 * self.reached // self.total if self.total else 100

    def json_text(self) -> str:
        """The data with the sums, two spaces a level."""
        sums = {"reached": self.reached, "total": self.total, "percent": self.percent}
        return json.dumps({**self.model_dump(), **sums}, ensure_ascii=False, indent=2) + "\n"

    def html(self) -> str:
        """A page that stands alone."""
        head = escape(self.title or self.lab)
        about = [f"lab {self.lab}", f"lab time {self.lab_time:.1f} s", *([self.made] if self.made else [])]
        who = f"<p><strong>{escape(self.learner)}</strong></p>" if self.learner else ""
        now = f"<p>{_text(self.stage)}</p>" if self.stage is not None else ""
        rows = "".join(_row(each) for each in self.checks)
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{head}: {self.percent} %</title><style>{_STYLE}</style></head><body>\n<h1>{head}</h1>"
            f'<p class="soft">{escape(" · ".join(about))}</p>{who}'
            f"<p>{self.reached} of {self.total} points, {self.percent} %</p>"
            f'<div class="bar"><span style="width:{self.percent}%"></span></div>{now}\n'
            '<table><thead><tr><th scope="col">No.</th><th scope="col">State</th><th scope="col">Check</th>'
            f'<th scope="col" class="sum">Points</th></tr></thead>\n<tbody>{rows}</tbody></table>\n</body></html>\n'
        )


def _text(words: Words) -> str:
    return "<br>".join(
        f'<span lang="{language}">{escape(text)}</span>' for language, text in words.all().items()
    )


def _row(check: CheckResult) -> str:
    kind, sign, word = _MARKS[check.holds]
    looked = "".join(
        f'<li class="{"soft" if each.holds else "no"}">{escape(each.device)}: <code>{escape(each.command)}</code> '
        f"{'matches' if each.wanted else 'must not match'} <code>{escape(each.pattern)}</code></li>"
        for each in check.conditions
    )
    said = f"<pre>{escape(check.said)}</pre>" if check.said else ""
    reached = check.points if check.holds else 0
    return (
        f'<tr><td>{check.number}</td><td class="{kind}">{sign} {word}</td>'
        f"<td>{_text(check.title)}{f'<ul>{looked}</ul>' if looked else ''}{said}</td>"
        f'<td class="sum">{reached} / {check.points}</td></tr>\n'
    )


def of_lab(lab: Lab, answers: Answers | None = None) -> CourseReport:
    """The report on a lab as it is now, by what its devices answer; transcripts stay open."""
    answers = Answers(lab) if answers is None else answers
    checks = []
    for number, check in enumerate(lab.topology.lab.checks, 1):
        looked = [
            ConditionResult(
                device=each.device,
                command=each.command,
                pattern=each.pattern,
                wanted=each.wanted,
                holds=answers.fit((each,)),
            )
            for each in check.conditions
        ]
        checks.append(
            CheckResult(
                number=number,
                title=check.title,
                points=check.points,
                holds=None if check.transcript else all(each.holds for each in looked),
                conditions=looked,
                transcript=check.transcript or "",
                hint=check.hint,
            )
        )
    now = stage(lab, answers)
    return CourseReport(
        lab=lab.name,
        title=lab.topology.lab.title,
        lab_time=round(lab.scheduler.now, 3),
        checks=checks,
        stage=now.title if now is not None else None,
    )
