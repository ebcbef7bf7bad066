"""Judging a repair by what the lab does then, and an answer by what was done to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.challenges.catalogue import fault_of
from iosemu.challenges.challenge import Challenge, topology_of
from iosemu.challenges.probe import observe
from iosemu.lab.image import LabImage
from iosemu.lab.labfile import Topology


@dataclass(frozen=True)
class Answer:
    """What somebody says is wrong."""

    device: str = ""
    cause: str = ""
    """A fault of the catalogue."""


@dataclass
class Verdict:
    """What came of it."""

    passed: bool
    """The lab does all that a healthy one does, and nothing that it does not do."""
    lacking: list[str]
    """What is not as in the healthy lab."""
    better: list[str] = field(default_factory=list)
    """What did not work at first and does now."""
    broken: list[str] = field(default_factory=list)
    """What worked at first and does not now."""
    named: list[bool] = field(default_factory=list)
    """For each answer, whether it names a fault that was put in."""

    @property
    def score(self) -> int:
        """Of 100: how many of the first symptoms are gone, less those that came."""
        before = len(self.better) + len([each for each in self.lacking if each not in self.broken])
        done = len(self.better) - len(self.broken)
        return 100 if self.passed else max(0, min(99, round(100 * done / before))) if before else 0


async def grade(
    challenge: Challenge,
    image: LabImage,
    answers: list[Answer] | None = None,
    topology: Topology | None = None,
) -> Verdict:
    """Boot the repaired lab anew and compare what it does with the healthy one.

    Only what is configured counts, in whatever way it was repaired; raises LabError for an image of another lab and for
    a cause that is not in the catalogue.
    """
    for each in answers or ():
        if each.cause:
            fault_of(each.cause)
    behaviour = await observe(topology or topology_of(challenge.lab), image)
    lacking = behaviour.lacks(challenge.healthy)
    before = set(challenge.symptoms)
    return Verdict(
        passed=not lacking,
        lacking=lacking,
        better=[each for each in challenge.symptoms if each not in lacking],
        broken=[each for each in lacking if each not in before],
        named=[_names(challenge, each) for each in answers or ()],
    )


def _names(challenge: Challenge, answer: Answer) -> bool:
    """Every part that the answer gives must be that of one fault."""
    return bool(answer.device or answer.cause) and any(
        answer.device.lower() in ("", spoilt.change.device.lower()) and answer.cause in ("", spoilt.fault)
        for spoilt in challenge.spoilt
    )
