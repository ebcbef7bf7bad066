"""A lab as texts: what its devices are configured to, which cables are cut or spoilt, and what has no power."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from iosemu.lab.configured import running
from iosemu.lab.errors import LabError
from iosemu.lab.lab import STARTUP, Lab
from iosemu.lab.labfile import Topology
from iosemu.net.impairment import Impairment


@dataclass
class Wire:
    """A cable: whether it is whole, and what it does to frames (`Impairment`)."""

    plugged: bool = True
    faults: dict[str, float | None] = field(default_factory=dict)


def texts_of(lab: Lab) -> Iterator[tuple[str, str]]:
    """The configuration of each device, one by one; of a device without power what it saved is taken."""
    for name, device in lab.devices.items():
        if device.powered:
            yield name, "".join(f"{line}\n" for line in running(lab, device))
        else:
            yield name, device.nvram.get(STARTUP, b"").decode("utf-8", "replace")


def wires_of(lab: Lab) -> list[Wire]:
    """The cables, in the order of the lab file."""
    return [Wire(link.plugged, asdict(link.faults)) for link in lab.links]


def exported(lab: Lab) -> Iterator[str]:
    """A running lab as lines of JSON, for `LabImage.read`; others may work between two lines."""
    yield '{"configurations": {'
    for number, (name, text) in enumerate(texts_of(lab)):
        yield f"{', ' if number else ''}{json.dumps(name)}: {json.dumps(text)}"
    off = [name for name, device in lab.devices.items() if not device.powered]
    yield f'}}, "wires": {json.dumps([asdict(wire) for wire in wires_of(lab)])}, "off": {json.dumps(off)}}}'


@dataclass
class LabImage:
    """A lab that can be built again somewhere else; what its devices do at the moment is not in it."""

    configurations: dict[str, str]
    """By device."""
    wires: list[Wire]
    """In the order of the lab file."""
    off: list[str] = field(default_factory=list)
    """Devices without power."""

    @classmethod
    def of(cls, lab: Lab) -> Self:
        """A running lab."""
        return cls(
            dict(texts_of(lab)), wires_of(lab), [name for name in lab.devices if not lab[name].powered]
        )

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From JSON; raises LabError for what is none."""
        try:
            texts = {str(name): str(text) for name, text in data["configurations"].items()}
            wires = [
                Wire(bool(each["plugged"]), asdict(Impairment(**each["faults"]))) for each in data["wires"]
            ]
            off = [str(name) for name in data.get("off", [])]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise LabError(f"that is no exported lab: {error}") from error
        return cls(texts, wires, off)

    def build(self, topology: Topology, *, seed: int | str | None = None, time: str = "fast") -> Lab:
        """A lab of that topology with these configurations, powered off.

        Raises LabError when it is an image of another topology.
        """
        lab = Lab(topology, seed=seed, time=time)
        strange = sorted(set(self.configurations) - set(lab.devices))
        if strange or len(self.wires) != len(lab.links):
            text = f"devices {', '.join(strange)}" if strange else f"{len(self.wires)} cables"
            raise LabError(f"lab {lab.name} has other devices and cables than what was exported ({text})")
        for name, text in self.configurations.items():
            lab.devices[name].nvram.insert(STARTUP, text.encode())
        for link, wire in zip(lab.links, self.wires, strict=True):
            link.plugged = wire.plugged
            if wire.faults:
                link.impair(**wire.faults)
        return lab
