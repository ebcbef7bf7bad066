"""A challenge: a lab, what was spoilt in it, and how it behaves when it is well."""

from __future__ import annotations

import base64
import binascii
import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import yaml

from iosemu.challenges.catalogue import CATALOGUE, fault_of, places
from iosemu.challenges.fault import SHOWN, Change, Healthy
from iosemu.challenges.probe import SEED, Behaviour, Way, observe
from iosemu.lab import labfile
from iosemu.lab.errors import LabError
from iosemu.lab.image import LabImage
from iosemu.lab.lab import Lab
from iosemu.lab.labfile import Topology
from iosemu.server import durable
from iosemu.testing.bench import LabBench
from iosemu.testing.patterns import REFUSED

NOTE = "challenge.json"
FORMAT = 1
LAB = "enterprise"
"""Where a challenge is set unless another lab is named."""
MOST = 5
"""Faults of one challenge."""
DEGREES = 4
"""How far hints go: what does not work, what to look at, where it is, what repairs it."""


@dataclass(frozen=True, slots=True)
class Spoilt:
    """One fault that was put in: the ground truth."""

    fault: str
    change: Change

    def hint(self, degree: int, language: str = "en") -> str:
        """From 2 (what to look at) to 4 (what repairs it)."""
        entry, index = fault_of(self.fault), SHOWN.index(language)
        look, at = (("Look at", "at"), ("調べる対象:", "場所:"))[index]
        if degree <= 2:
            return f"{look} {entry.area[index]}"
        if degree == 3:
            return f"{look} {self.change.device} ({at} {self.change.about})"
        lines = "\n".join(f"  {line}" for line in self.change.repair)
        return f"{self.change.device}: {entry.title[index]} ({self.fault})\n{lines}"


@dataclass
class Challenge:
    """What was asked for, and what came of it."""

    lab: str
    """Name or file of the lab."""
    seed: str
    spoilt: list[Spoilt]
    symptoms: list[str]
    """What does not work."""
    healthy: Behaviour

    @property
    def name(self) -> str:
        """The name of the challenge's lab."""
        return f"{Path(self.lab).parent.name if '/' in self.lab else self.lab}-challenge-{self.seed}"

    def note(self) -> str:
        """For `challenge.json`; the truth is sealed against a glance, not against a thief."""
        truth = {
            "spoilt": [{"fault": each.fault, "change": asdict(each.change)} for each in self.spoilt],
            "reached": [[*asdict(way).values(), reached] for way, reached in self.healthy.reached.items()],
            "checks": list(self.healthy.checks.items()),
            "protected": self.healthy.protected,
        }
        sealed = base64.b64encode(json.dumps(truth).encode()).decode()
        public = {"format": FORMAT, "lab": self.lab, "seed": self.seed, "faults": len(self.spoilt),
                  "symptoms": self.symptoms, "sealed": sealed}  # fmt: skip
        return json.dumps(public, indent=1) + "\n"

    @classmethod
    def read(cls, text: str) -> Self:
        """From `challenge.json`; raises LabError for what is none."""
        try:
            public = json.loads(text)
            if public["format"] != FORMAT:
                raise LabError(f"a challenge of format {public['format']}; this iosemu knows {FORMAT}")
            truth = json.loads(base64.b64decode(public["sealed"], validate=True))
            spoilt = [Spoilt(each["fault"], _change(each["change"])) for each in truth["spoilt"]]
            reached = {Way(a, b, c): bool(there) for a, b, c, there in truth["reached"]}
            checks = {int(number): bool(holds) for number, holds in truth["checks"]}
            healthy = Behaviour(reached, checks, [str(each) for each in truth["protected"]])
            return cls(str(public["lab"]), str(public["seed"]), spoilt, list(public["symptoms"]), healthy)
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise LabError(f"that is no challenge: {error}") from error

    def hint(self, degree: int, language: str = "en") -> list[str]:
        """What does not work (1), what to look at (2), where (3), and what repairs it (4)."""
        if degree <= 1:
            return list(self.symptoms)
        return [each.hint(degree, language) for each in self.spoilt]


def _change(values: dict[str, Any]) -> Change:
    return Change(
        str(values["device"]), tuple(values["spoil"]), tuple(values["repair"]), str(values["about"])
    )


# --- making one -----------------------------------------------------------------------------------------------


def topology_of(lab: str) -> Topology:
    """The lab of a challenge; raises LabError where it cannot be one."""
    topology = labfile.read(labfile.find(lab))
    if topology.outside:
        raise LabError(
            f"cables of lab {topology.lab.name} lead out of it: what they lead to cannot be judged"
        )
    if topology.lab.answers is not None:
        raise LabError(f"lab {topology.lab.name} has answers of its own: they are not judged")
    return topology


async def healthy_lab(topology: Topology, bench: LabBench) -> Healthy:
    """A lab as its author made it, booted on a bench."""
    await bench.put(Lab(topology, seed=SEED, time="fast"))
    return Healthy(bench.lab, LabImage.of(bench.lab))


async def type_change(bench: LabBench, device: str, lines: Iterable[str]) -> None:
    """Type lines of a change; raises LabError when the device refuses one."""
    configures = bool(bench.lab.devices[device].composition.config_mode)
    for line in ("configure terminal", *lines, "end") if configures else lines:
        said = await bench.run(device, line)
        if REFUSED.search(said):
            raise LabError(f"{device} refuses {line!r}: {said.strip()}")


async def image_with(
    topology: Topology, image: LabImage, changes: Sequence[tuple[str, Sequence[str]]]
) -> LabImage:
    """The texts of a lab after lines were typed into its devices."""
    bench = LabBench(direct=True)
    await bench.put(image.build(topology, seed=SEED))
    try:
        for device, lines in changes:
            await type_change(bench, device, lines)
        return LabImage.of(bench.lab)
    finally:
        await bench.close()


async def create(
    lab: str = LAB, *, seed: int | str, faults: int = 1, only: Sequence[str] = ()
) -> tuple[Challenge, Topology, LabImage]:
    """A challenge, its lab, and the spoilt configurations: the same for the same arguments.

    A fault that changes nothing that can be seen is not taken. Raises LabError when the lab has no place for so many
    faults of the wanted kinds, or is not well itself.
    """
    if not 1 <= faults <= MOST:
        raise LabError(f"a challenge has from 1 to {MOST} faults")
    topology = topology_of(lab)
    for name in only:
        fault_of(name)
    bench = LabBench(direct=True)
    try:
        healthy = await healthy_lab(topology, bench)
        found = places(healthy)
    finally:
        await bench.close()
    behaviour = await observe(topology, healthy.image)
    rng = random.Random(f"{topology.lab.name}/{seed}")  # noqa: S311 - a seed asks for the same fault again
    order = [name for name in CATALOGUE if name in found and name in (only or CATALOGUE)]
    rng.shuffle(order)
    for changes in found.values():
        rng.shuffle(changes)
    spoilt: list[Spoilt] = []
    image, seen = healthy.image, behaviour
    for name in order * (faults if only else 1):
        if len(spoilt) == faults:
            break
        for change in found[name]:
            if any(
                (each.change.device, each.change.about) == (change.device, change.about) for each in spoilt
            ):
                continue
            tried = await image_with(topology, image, [(change.device, change.spoil)])
            now = await observe(topology, tried)
            if set(now.lacks(behaviour)) > set(seen.lacks(behaviour)):
                spoilt.append(Spoilt(name, change))
                image, seen = tried, now
                break
    if len(spoilt) < faults:
        kinds = f" of the kinds {', '.join(only)}" if only else ""
        raise LabError(f"lab {topology.lab.name} has no place for {faults} faults{kinds} that can be seen")
    return Challenge(lab, str(seed), spoilt, seen.lacks(behaviour), behaviour), topology, image


def write(folder: Path, challenge: Challenge, topology: Topology, image: LabImage) -> Path:
    """A folder with a lab file, the spoilt configurations and the note; returns the lab file.

    Raises LabError when there is something already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise LabError(f"{folder} is not empty")
    durable.make_directories(folder)
    lab = topology.lab.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for key in ("extends", "variables", "answers"):
        lab.pop(key, None)
    lab["name"] = challenge.name
    lab["title"] = (
        f"{topology.lab.title or topology.lab.name}: {_faults(len(challenge.spoilt))}, iosemu challenge grade"
    )
    for name, node in lab["nodes"].items():
        for key in ("startup", "variables", "count", "for"):
            node.pop(key, None)
        node["config"] = f"{name}.cfg"
        durable.write_file(folder / f"{name}.cfg", image.configurations[name].encode())
    path = folder / "lab.yaml"
    durable.write_file(path, yaml.safe_dump(lab, sort_keys=False, allow_unicode=True, width=120).encode())
    durable.write_file(folder / NOTE, challenge.note().encode())
    return path


def _faults(count: int) -> str:
    return "a fault to find" if count == 1 else f"{count} faults to find"


def load(folder: Path) -> Challenge:
    """The challenge of a folder; raises LabError."""
    path = folder / NOTE
    if not path.is_file():
        raise LabError(
            f"{folder} is no challenge: it has no {NOTE}; make one with: iosemu challenge new --seed 7"
        )
    return Challenge.read(path.read_text("utf-8"))
