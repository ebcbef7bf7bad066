"""Checks of a course: what must hold in a lab, how many points that gives, and hints for what does not hold yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from iosemu.handling.regexp import Regexp, RegexpError, regexp
from iosemu.lab.errors import LabError

if TYPE_CHECKING:
    from iosemu.lab.lab import Lab

LANGUAGES = {"en": "Hint", "ja": "ヒント"}
"""Languages of hints, and the word before one."""


class Words(BaseModel):
    """A text in English, and perhaps in Japanese."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: str
    ja: str = ""

    def all(self) -> dict[str, str]:
        """The texts there are, by language."""
        return {language: text for language in LANGUAGES if (text := getattr(self, language))}


def _words(value: object) -> object:
    return {"en": value} if isinstance(value, str) else value


Text = Annotated[
    Words,
    BeforeValidator(_words),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {"en": {"type": "string"}, "ja": {"type": "string"}},
                    "required": ["en"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


@dataclass(frozen=True)
class Condition:
    """`device::command::regex`, or `…::NO` when the regular expression must not match."""

    device: str
    command: str
    regex: Regexp
    wanted: bool = True
    pattern: str = ""
    """The regular expression as it was written."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one; raises ValueError saying what is wrong."""
        parts = text.split("::")
        wanted = parts[-1].strip() != "NO"
        if len(parts) > 3 and parts[-1].strip() in ("YES", "NO"):
            parts.pop()
        if len(parts) < 3 or not all(part.strip() for part in parts[:2]):
            raise ValueError(
                f"{text!r} is no check; write device::command::regex, or …::NO for must not match"
            )
        try:
            regex = regexp("::".join(parts[2:]), lines=True)
        except RegexpError as error:
            raise ValueError(f"{'::'.join(parts[2:])!r} is not a regular expression: {error}") from error
        return cls(parts[0].strip(), parts[1].strip(), regex, wanted, "::".join(parts[2:]))

    def fits(self, output: str) -> bool:
        """Whether a command's output is as wanted."""
        return self.regex.found_in(output) is self.wanted


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Conditions = Annotated[
    list[str],
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Text = Field(description="What it says, in English or as {en: …, ja: …}.")
    hint: Text | None = Field(None, description="What to do, in English or as {en: …, ja: …}.")


class Check(_Rule):
    """Something that must hold."""

    check: Conditions = Field(
        default=[], description="device::command::regex, or a list of them that must all hold."
    )
    transcript: str | None = Field(
        None, description="A transcript that must pass, relative to the lab file (for iosemu check --live)."
    )
    points: int = Field(1, ge=0, description="What it is worth.")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if bool(self.check) is bool(self.transcript):
            raise ValueError("give either check or transcript")
        _ = self.conditions
        return self

    @property
    def conditions(self) -> list[Condition]:
        """What must hold."""
        return [Condition.parse(text) for text in self.check]


class Stage(_Rule):
    """How far a learner is: the first stage that holds is shown."""

    when: Conditions = Field(default=[], description="As `check`; a stage without it always holds.")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        _ = self.conditions
        return self

    @property
    def conditions(self) -> list[Condition]:
        """When it is this stage."""
        return [Condition.parse(text) for text in self.when]


@dataclass(frozen=True, slots=True)
class Mark:
    """One check and whether it holds; None: only `iosemu check --live` can tell."""

    number: int
    check: Check
    holds: bool | None


class Answers(dict[tuple[str, str], str]):
    """Outputs of commands, each typed once."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._lab = lab

    def __missing__(self, key: tuple[str, str]) -> str:
        self[key] = answer(self._lab, *key)
        return self[key]

    def fit(self, conditions: Iterable[Condition]) -> bool:
        """Whether all conditions hold."""
        return all(each.fits(self[each.device, each.command]) for each in conditions)


def answer(lab: Lab, device: str, command: str) -> str:
    """What a device prints for a command that answers at once; nothing when it is off.

    Raises LabError for a command that needs lab time, such as ping.
    """
    if not lab.devices[device].powered:
        return ""
    session = lab.session(device, hidden=True)
    assert session is not None
    session.run(command)
    if session.waiting:
        session.disconnect()
        raise LabError(f"the check {device}::{command} needs lab time; check by a show command")
    return session.output().decode("utf-8", "replace").replace("\r", "")


def marks(
    lab: Lab, transcripts: Mapping[int, bool] | None = None, answers: Answers | None = None
) -> list[Mark]:
    """Every check of a lab and whether it holds; `transcripts` has the results of those, by number."""
    return list(each_mark(lab, transcripts, answers))


def each_mark(
    lab: Lab, transcripts: Mapping[int, bool] | None = None, answers: Answers | None = None
) -> Iterator[Mark]:
    """The same one by one, for whoever lets others work in between."""
    answers = Answers(lab) if answers is None else answers
    for number, check in enumerate(lab.topology.lab.checks, 1):
        holds = (transcripts or {}).get(number) if check.transcript else answers.fit(check.conditions)
        yield Mark(number, check, holds)


def stage(lab: Lab, answers: Answers | None = None) -> Stage | None:
    """The first stage of a lab that holds."""
    answers = Answers(lab) if answers is None else answers
    return next((each for each in lab.topology.lab.stages if answers.fit(each.conditions)), None)


def report(lab: Lab, name: str = "", answers: Answers | None = None) -> Iterator[str]:
    """Which checks hold, hints for those that do not, the points, and the stage; `name` chooses one by number.

    Raises LabError when there is no such check.
    """
    found = marks(lab, answers=answers)
    if name:
        chosen = [mark for mark in found if str(mark.number) == name]
        if not chosen:
            raise LabError(f"there is no check {name!r}; there are 1 to {len(found)}")
        found = chosen
    yield from mark_lines(found)
    now = stage(lab, answers) if not name else None
    if now is not None:
        yield ""
        yield from now.title.all().values()
        yield from _hints(now, "  ")


def mark_lines(found: Iterable[Mark]) -> Iterator[str]:
    """A line for each check, hints for those that do not hold, and the sum of the points."""
    reached = total = 0
    for mark in found:
        sign = {True: "x", False: " ", None: "?"}[mark.holds]
        titles = list(mark.check.title.all().values())
        yield f"[{sign}] {mark.number:>2}  {titles[0]} ({mark.check.points})"
        yield from (f"        {title}" for title in titles[1:])
        if mark.holds is None:
            yield "        a transcript: iosemu check LAB --live runs it"
        elif not mark.holds:
            yield from _hints(mark.check, "        ")
        reached += mark.check.points if mark.holds else 0
        total += mark.check.points
    yield f"{reached} of {total} points"


def _hints(rule: _Rule, indent: str) -> Iterator[str]:
    if rule.hint is not None:
        for language, text in rule.hint.all().items():
            yield f"{indent}{LANGUAGES[language]}: {text}"
