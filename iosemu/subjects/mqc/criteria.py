"""The criteria that several kinds of class-maps have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iosemu.subjects.acl.service import AccessLists
from iosemu.subjects.mqc.config import PLAIN, Criterion, MqcConfig
from iosemu.subjects.mqc.protocols import PROTOCOLS, mapped, recognised

if TYPE_CHECKING:
    from iosemu.box.device import Device
    from iosemu.subjects.mqc.config import ClassMap
    from iosemu.subjects.mqc.sighting import Sighting

DEEPEST = 16
"""Class-maps within one another, at most."""


@dataclass(frozen=True)
class Anything(Criterion):
    """`match any`."""

    def words(self) -> str:
        """`any`."""
        return "any"

    def shown(self) -> str:
        """With the blank that IOS leaves behind it."""
        return "any "

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Every packet is like that."""
        return True


@dataclass(frozen=True)
class AccessGroup(Criterion):
    """`match access-group N` or `name N`."""

    name: str
    named: bool = False

    def words(self) -> str:
        """`access-group [name] N`."""
        return f"access-group {'name ' if self.named else ''}{self.name}"

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether the list permits it; a list that does not exist permits everything, as on IOS."""
        lists = device.service(AccessLists)
        return seen.packet is not None and lists.permits(self.name, seen.packet, seen.transit)


@dataclass(frozen=True)
class OfProtocol(Criterion):
    """`match protocol NAME`: told by the protocol and ports that it is known by."""

    name: str

    def words(self) -> str:
        """`protocol NAME`."""
        return f"protocol {self.name}"

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether it is of the protocol."""
        known = PROTOCOLS[self.name]
        port_maps = device.config.of(MqcConfig).port_maps
        return recognised(mapped(known, port_maps) if port_maps else known, seen)


@dataclass(frozen=True)
class OfClass(Criterion):
    """`match class-map NAME`."""

    name: str
    kind: str = PLAIN

    def words(self) -> str:
        """`class-map NAME`."""
        return f"class-map {self.name}"

    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether the other class-map fits."""
        other = device.config.of(MqcConfig).class_map(self.name, self.kind)
        return other is not None and fits(device, other, seen)


def fits(device: Device, class_map: ClassMap, seen: Sighting) -> bool:
    """Whether a packet is of a class: all of its criteria are met, or any of them; without any, none is."""
    return fitting(device, class_map, seen) is not None


def fitting(device: Device, class_map: ClassMap, seen: Sighting) -> Criterion | None:
    """The criterion that makes a packet one of a class (the last where all have to), None: it is not of it."""
    if class_map.match_any:
        return next(
            (each for each in class_map.criteria if each.fits(device, seen) is not each.negated), None
        )
    if class_map.criteria and all(each.fits(device, seen) is not each.negated for each in class_map.criteria):
        return class_map.criteria[-1]
    return None


def depth(config: MqcConfig, class_map: ClassMap, above: int = 1) -> int:
    """How deep class-maps lie within one another from here on; more than `DEEPEST` for what holds itself."""
    if above > DEEPEST:
        return above
    inner = (
        config.class_map(each.name, each.kind) for each in class_map.criteria if isinstance(each, OfClass)
    )
    return max((depth(config, each, above + 1) for each in inner if each is not None), default=above)
