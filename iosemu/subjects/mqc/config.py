"""Class-maps and policy-maps.

A map belongs to a kind: the plain ones (no `type`) are those of QoS, `type inspect` those of the zone-based firewall.
What a class is told by and what is done with it is the kind's own: a subject brings `Criterion`s and `Action`s, and the
modes that they are typed in (`config-cmap-KIND`, `config-pmap-KIND`, `config-pmap-c-KIND`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from iosemu.box.device import Device
    from iosemu.subjects.mqc.sighting import Sighting

PLAIN = ""
"""The kind of maps without `type`."""
CLASS_DEFAULT = "class-default"
"""The class of what no other class of a policy has; it is always there, and the last."""


@dataclass(frozen=True)
class Criterion(ABC):
    """One `match` line."""

    negated: bool = field(default=False, kw_only=True)
    """`match not …`."""

    @abstractmethod
    def words(self) -> str:
        """What is configured behind `match [not]`."""

    def shown(self) -> str:
        """What shows print behind `Match:`."""
        return self.words()

    @abstractmethod
    def fits(self, device: Device, seen: Sighting) -> bool:
        """Whether a packet is like that, `not` aside."""

    @property
    def line(self) -> str:
        """Its line of configuration."""
        return f"match {'not ' if self.negated else ''}{self.words()}"

    @property
    def text(self) -> str:
        """What shows print behind `Match:`, with `not`."""
        return f"{'not ' if self.negated else ''}{self.shown()}"


@dataclass(frozen=True)
class ProtocolName:
    """What `match protocol` names: the words of the grammar's `application`."""

    name: str

    def parts(self) -> dict[str, str]:
        """As the grammar has it."""
        return {"name": self.name}


@dataclass
class ClassMap:
    """`class-map [type KIND] [match-all | match-any] NAME`."""

    name: str
    kind: str = PLAIN
    match_any: bool = False
    number: int = 0
    """What shows call its id."""
    description: str = ""
    criteria: list[Criterion] = field(default_factory=list)

    @property
    def how(self) -> str:
        """How many of its criteria have to fit."""
        return "match-any" if self.match_any else "match-all"


class Action(ABC):
    """Something that is done with a class; of each class of actions a class of a policy has at most one."""

    @property
    def nested(self) -> str:
        """The policy-map of the same kind that it names, empty where it names none."""
        return ""

    @abstractmethod
    def lines(self, device: Device) -> Iterable[str]:
        """Its lines of configuration; the first stands two columns right of `class`, further ones bring their own
        further indent."""


ActionT = TypeVar("ActionT", bound=Action)


@dataclass
class PolicyClass:
    """`class NAME` of a policy-map: what is done with what the class-map fits."""

    name: str
    policy: PolicyMap = field(repr=False, compare=False)
    actions: dict[str, Action] = field(default_factory=dict)
    """By the name of their class, in the order in which they were typed."""

    def find(self, kind: type[ActionT]) -> ActionT | None:
        """Its action of this class."""
        found = self.actions.get(kind.__name__)
        return found if isinstance(found, kind) else None

    def put(self, action: Action) -> None:
        """Let it do this; what it did of the same class before is replaced, in its place."""
        self.actions[type(action).__name__] = action

    def drop(self, kind: type[Action]) -> None:
        """Let it do nothing of this class any more."""
        self.actions.pop(kind.__name__, None)


@dataclass
class PolicyMap:
    """`policy-map [type KIND] NAME`."""

    name: str
    kind: str = PLAIN
    description: str = ""
    classes: dict[str, PolicyClass] = field(default_factory=dict)
    """In the order in which packets are offered to them; `class-default` last, if it was typed."""

    def add(self, name: str, before: str = "") -> PolicyClass:
        """A further class: before another, else behind all but `class-default`."""
        made = PolicyClass(name, self)
        rest = list(self.classes.items())
        at = next(
            (number for number, (each, _) in enumerate(rest) if each == (before or CLASS_DEFAULT)), None
        )
        rest.insert(len(rest) if at is None or name == CLASS_DEFAULT else at, (name, made))
        self.classes = dict(rest)
        return made


@dataclass
class MqcConfig:
    """The maps of a box by kind and name, in the order in which they were made."""

    class_maps: dict[tuple[str, str], ClassMap] = field(default_factory=dict)
    policy_maps: dict[tuple[str, str], PolicyMap] = field(default_factory=dict)
    port_maps: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)
    """Ports of a protocol in place of its own, by its name and `tcp` or `udp`."""
    made: int = field(default=0, compare=False)
    """The id of the class-map that was made last; `class-default` has 0."""

    def class_map(self, name: str, kind: str = PLAIN) -> ClassMap | None:
        """The class-map of this kind and name."""
        return self.class_maps.get((kind, name))

    def policy_map(self, name: str, kind: str = PLAIN) -> PolicyMap | None:
        """The policy-map of this kind and name."""
        return self.policy_maps.get((kind, name))

    def make_class_map(self, name: str, kind: str, match_any: bool) -> ClassMap:
        """A new class-map."""
        self.made += 1
        found = self.class_maps[kind, name] = ClassMap(name, kind, match_any, self.made)
        return found

    def make_policy_map(self, name: str, kind: str) -> PolicyMap:
        """A new policy-map."""
        found = self.policy_maps[kind, name] = PolicyMap(name, kind)
        return found
