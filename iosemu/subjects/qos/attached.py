"""A policy-map at work on an interface: its classes, what they count, and what they do with a packet."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.box.counters import Load
from iosemu.box.device import Device
from iosemu.net.queueing.meter import Color, Meter
from iosemu.net.queueing.scheduler import Node
from iosemu.subjects.mqc.config import (
    CLASS_DEFAULT,
    ActionT,
    ClassMap,
    Criterion,
    MqcConfig,
    PolicyClass,
    PolicyMap,
)
from iosemu.subjects.mqc.criteria import Anything, fitting
from iosemu.subjects.mqc.sighting import Sighting
from iosemu.subjects.qos.config import (
    Dropping,
    Nested,
    Police,
    PoliceAction,
    SetCos,
    SetDscp,
    SetPrecedence,
    SetQosGroup,
    Shape,
)
from iosemu.subjects.qos.config.queueing import QUEUEING
from iosemu.subjects.qos.values import with_dscp, with_precedence

DEEPEST = 3
"""Policies within one another, at most."""
ANY = ClassMap(CLASS_DEFAULT, match_any=True, criteria=[Anything()])


@dataclass(slots=True)
class Count:
    """Packets, octets and their rate."""

    packets: int = 0
    octets: int = 0
    load: Load = field(default_factory=Load)

    def add(self, now: float, octets: int) -> None:
        """One more."""
        self.packets += 1
        self.octets += octets
        self.load.add(now, octets)

    def clear(self) -> None:
        """`clear counters`: the rate stays."""
        self.packets = self.octets = 0


@dataclass(slots=True)
class Marks:
    """What becomes of a packet."""

    tos: int | None = None
    """The octet of its IP header; None: as it was."""
    cos: int | None = None
    qos_group: int | None = None
    dropped: str = ""
    """Why it goes no further."""
    counted: AttachedClass | None = None
    """The innermost class that it is of."""
    way: list[AttachedClass] = field(default_factory=list)
    """All classes that it is of, the outermost first."""


class AttachedClass:
    """A class of a policy on an interface."""

    def __init__(self, name: str, source: PolicyClass | None, class_map: ClassMap, interval: float) -> None:
        self.name = name
        self.source = source
        """None: `class-default` of a policy that does not say anything about it."""
        self.class_map = class_map
        self.offered = Count(load=Load(interval))
        self.dropped = Load(interval)
        self.matched = {each: Count(load=Load(interval)) for each in class_map.criteria}
        """By criterion."""
        self.meter: Meter | None = None
        self.colors = {color: Count(load=Load(interval)) for color in Color}
        self.marked: dict[str, int] = {}
        """Packets by what was set."""
        self.child: AttachedPolicy | None = None
        self.node: Node | None = None
        """Its queue; None: it has none of its own, or waits in that of `class-default`."""

    def find(self, kind: type[ActionT]) -> ActionT | None:
        """Its action of this class."""
        return self.source.find(kind) if self.source is not None else None

    def clear(self) -> None:
        """`clear counters`."""
        for each in (self.offered, *self.matched.values(), *self.colors.values()):
            each.clear()
        self.marked.clear()
        if self.child is not None:
            self.child.clear()


class AttachedPolicy:
    """A policy on an interface, or in a class of another one. `kbps` is what its per cents are of."""

    def __init__(self, device: Device, policy: PolicyMap, kbps: int, interval: float, deep: int = 1) -> None:
        self.device = device
        self.policy = policy
        self.kbps = kbps
        config = device.config.of(MqcConfig)
        self.classes: list[AttachedClass] = []
        for name, source in policy.classes.items():
            class_map = ANY if name == CLASS_DEFAULT else config.class_map(name)
            if class_map is not None:
                self.classes.append(AttachedClass(name, source, class_map, interval))
        if CLASS_DEFAULT not in policy.classes:
            self.classes.append(AttachedClass(CLASS_DEFAULT, None, ANY, interval))
        for each in self.classes:
            self._equip(each, interval, deep)

    def _equip(self, found: AttachedClass, interval: float, deep: int) -> None:
        source = found.source
        if source is None:
            return
        police, nested, shape = source.find(Police), source.find(Nested), source.find(Shape)
        if police is not None:
            (cir, pir), (bc, be) = police.rates(self.kbps), police.bursts(self.kbps)
            found.meter = Meter(cir, bc, be if police.three_colors else 0.0, pir)
        inner = self.device.config.of(MqcConfig).policy_map(nested.name) if nested is not None else None
        if inner is not None and deep < DEEPEST:
            kbps = shape.rate(self.kbps) // 1000 if shape is not None else self.kbps
            found.child = AttachedPolicy(self.device, inner, kbps, interval, deep + 1)

    @property
    def queues(self) -> bool:
        """Whether packets may have to wait."""
        return any(
            any(each.find(kind) is not None for kind in QUEUEING)
            or (each.child is not None and each.child.queues)
            for each in self.classes
        )

    def clear(self) -> None:
        """`clear counters`."""
        for each in self.classes:
            each.clear()

    def look(self, seen: Sighting, octets: int, now: float, marks: Marks) -> None:
        """Classify a packet, mark and police it; `marks` tells what becomes of it. `octets` are what is counted."""
        found, criterion = self._classify(seen)
        found.offered.add(now, octets)
        if criterion in found.matched:
            found.matched[criterion].add(now, octets)
        marks.counted = found
        marks.way.append(found)
        source = found.source
        if source is not None:
            _set(found, source, seen, marks)
        if found.child is not None:
            found.child.look(seen, octets, now, marks)
        if not marks.dropped and found.meter is not None and source is not None:
            police = source.find(Police)
            assert police is not None
            color = found.meter.judge(now, octets)
            if color is Color.VIOLATE and not police.three_colors:
                color = Color.EXCEED
            found.colors[color].add(now, octets)
            for action in dict(police.outcomes()).get(color.value, police.exceed):
                act(action, seen, marks)
            if marks.dropped:
                marks.dropped = f"{marks.dropped} by police of class {found.name}: it {color.value}s"
        if not marks.dropped and source is not None and source.find(Dropping) is not None:
            marks.dropped = f"class {found.name} drops all"
        if marks.dropped:
            found.dropped.add(now, octets)

    def _classify(self, seen: Sighting) -> tuple[AttachedClass, Criterion]:
        for each in self.classes:
            criterion = fitting(self.device, each.class_map, seen)
            if criterion is not None:
                return each, criterion
        raise AssertionError("class-default takes everything")


def _set(found: AttachedClass, source: PolicyClass, seen: Sighting, marks: Marks) -> None:
    dscp, precedence = source.find(SetDscp), source.find(SetPrecedence)
    packet = seen.packet
    if packet is not None and dscp is not None:
        marks.tos = with_dscp(packet.tos if marks.tos is None else marks.tos, dscp.value)
        _count(found, dscp.shown)
    if packet is not None and precedence is not None:
        marks.tos = with_precedence(packet.tos if marks.tos is None else marks.tos, precedence.value)
        _count(found, precedence.shown)
    cos, group = source.find(SetCos), source.find(SetQosGroup)
    if cos is not None:
        marks.cos = cos.value
        _count(found, cos.shown)
    if group is not None:
        marks.qos_group = group.value
        _count(found, group.shown)


def _count(found: AttachedClass, what: str) -> None:
    found.marked[what] = found.marked.get(what, 0) + 1


def act(action: PoliceAction, seen: Sighting, marks: Marks) -> None:
    """Do what a policer does with a packet of some color."""
    before = marks.tos if marks.tos is not None else seen.packet.tos if seen.packet is not None else 0
    value = action.value or 0
    if action.kind == "drop":
        marks.dropped = "dropped"
    elif action.kind == "set-dscp-transmit":
        marks.tos = with_dscp(before, value)
    elif action.kind == "set-prec-transmit":
        marks.tos = with_precedence(before, value)
    elif action.kind == "set-cos-transmit":
        marks.cos = value
    elif action.kind == "set-qos-transmit":
        marks.qos_group = value
