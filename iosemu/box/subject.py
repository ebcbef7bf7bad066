"""How a subject declares itself, and a kind of box its subjects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from iosemu.box.debugging import DebugFlag
from iosemu.box.render import Render
from iosemu.box.service import Service

if TYPE_CHECKING:
    from iosemu.box.device import Device
    from iosemu.box.interface_config import InterfaceConfig


@dataclass(frozen=True)
class Fields:
    """Fields that the grammar sets and renders (`set:`): those of a class, or only some, in this order."""

    part: type
    """The class of a part of the configuration, or of an interface's."""
    names: tuple[str, ...] = ()
    """Empty: all, in the order of the grammar."""

    def lines(self, mode: str, target: Any, render: Render) -> list[str]:
        """The configuration lines of the part that `target` has."""
        return render(mode, target, only=self.names)


@dataclass(frozen=True)
class Section:
    """A part of the running configuration: its name in the order, and its lines (no `!` before or after)."""

    name: str
    lines: Callable[[Device, Render], Iterable[str]] | Fields

    def text(self, device: Device, render: Render) -> list[str]:
        """Its lines."""
        if isinstance(self.lines, Fields):
            return self.lines.lines("config", device.config.of(self.lines.part), render)
        return list(self.lines(device, render))


InterfaceLines = Callable[["Device", "InterfaceConfig"], Iterable[str]]
"""What writes lines under `interface NAME`, with their indent."""


@dataclass(frozen=True)
class InterfaceSection:
    """Lines under `interface NAME`: their name in the order, and what writes them, one after the other."""

    name: str
    lines: InterfaceLines | Fields | tuple[InterfaceLines | Fields, ...]

    def text(self, device: Device, config: InterfaceConfig, render: Render) -> Iterator[str]:
        """Its lines, indented."""
        for piece in self.lines if isinstance(self.lines, tuple) else (self.lines,):
            if not isinstance(piece, Fields):
                yield from piece(device, config)
                continue
            target = config if isinstance(config, piece.part) else config.held(piece.part)
            if target is not None:  # else it is as new
                yield from (f" {line}" for line in piece.lines("config-if", target, render))


@dataclass(frozen=True)
class Order:
    """The order of a running configuration. It may name sections that no subject here has: those of IOS."""

    places: tuple[tuple[str, ...], ...] = ()
    """Sections that share a place follow one another; a `!` stands after each place that has lines.

    A section bears the first words of its lines, so that a line tells where it belongs.
    """
    interface: tuple[str, ...] = ()
    """The sections under `interface NAME`."""
    after_dates: str = ""
    """What stands below the dates of the last changes."""
    last: tuple[str, ...] = ()
    """Sections after which, at the end, some images leave no `!`."""

    style: str = ""
    """The part of an image's `ListingStyle` that goes with this order."""
    tech_support: tuple[str, ...] = ()
    """The commands of `show tech-support`."""
    processes: tuple[str, ...] = ()
    """The processes in the order of their numbers; others come after them."""

    @cached_property
    def names(self) -> frozenset[str]:
        """All sections that have a place."""
        return frozenset(name for place in self.places for name in place)

    def place_of(self, line: str) -> str | None:
        """The section that a line belongs to by its first words, `no` aside; None: it has no place."""
        words = line.removeprefix("no ").split()
        for count in range(len(words), 0, -1):
            name = " ".join(words[:count])
            if name in self.names:
                return name
        return None


@dataclass(frozen=True)
class Process:
    """One row of the process tables."""

    name: str
    invoked: int
    microseconds: int
    """What one invocation takes."""
    holding: int
    """Octets of memory in use."""
    freed: int = 0
    """Octets that were given back since boot."""

    @property
    def runtime(self) -> int:
        """Milliseconds of processor time since boot."""
        return self.invoked * self.microseconds // 1000


@dataclass(frozen=True)
class Subject:
    """All that a subject brings to a box; `SUBJECT` of its package."""

    name: str
    """The folder of its grammar and the package of its handlers."""
    config: tuple[type, ...] = ()
    """The classes of its parts of `device.config`."""
    services: tuple[type[Service], ...] = ()
    follows: tuple[str, ...] = ()
    """Subjects whose commands concern its services, too."""
    running: tuple[Section, ...] = ()
    facets: tuple[type, ...] = ()
    """The classes of its parts of an interface's configuration."""
    interface: tuple[InterfaceSection, ...] = ()
    """Its lines under `interface X`."""
    processes: Callable[[Device], Iterable[Process]] | None = None
    debugging: tuple[DebugFlag, ...] = ()
    """What of it can be debugged, in the order of `show debugging`."""


class Forwarding(Enum):
    """Whether a box forwards IP packets between its interfaces."""

    NEVER = "never"
    WHEN_TOLD = "when told"
    """After `ip routing`."""
    ALWAYS = "always"
    """Unless `no ip routing`."""


@dataclass(frozen=True)
class Kind:
    """A kind of box: its subjects, and the few facts that its hardware decides."""

    name: str
    subjects: tuple[Subject, ...]
    hostname: str = ""
    """The name of a box that was given none; empty: its name in the lab."""
    mode: str = "exec"
    """The mode of commands that a login leads to."""
    config_mode: str = ""
    """The mode that a configuration is typed in; empty: that of commands."""
    greeting: str = ""
    """What is printed above the banners after a login."""
    leading_line: bool = False
    """A line end stands before the first prompt, as a terminal line begins."""
    pages: bool = True
    """Long output stops at each page."""
    spaced_prompt: bool = False
    """An empty line stands before each prompt."""
    control_c: bool = False
    """Ctrl-C breaks what runs, as in a shell."""
    forwarding: Forwarding = Forwarding.NEVER
    auxiliary_line: bool = False
    """It has `line aux 0`."""
    first_vty: int = 1
    """The number of `vty 0` counted over all lines."""
    chassis_mac: bool = False
    """The box has an address of its own before those of its ports."""
    forwards_in_hardware: bool = False
    """The processor does not see the packets that go through the box."""
    order: Order = field(default_factory=Order)
    """Where the sections of the running configuration stand."""
    _concerned: dict[str, tuple[type[Service], ...]] = field(
        init=False, default_factory=dict, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        for name in {name for subject in self.subjects for name in (subject.name, *subject.follows)}:
            self._concerned[name] = tuple(
                service
                for subject in self.subjects
                if name == subject.name or name in subject.follows
                for service in subject.services
            )
        twice = {
            each.name
            for each in self.subjects
            if [other.name for other in self.subjects].count(each.name) > 1
        }
        if twice:
            raise ValueError(f"{self.name}: listed twice: {', '.join(sorted(twice))}")
        for subject in self.subjects if self.order.places else ():
            for name in {each.name for each in subject.running} - self.order.names:
                raise ValueError(f"{self.name}: subject {subject.name}: the order has no section {name!r}")
            for name in {each.name for each in subject.interface}.difference(self.order.interface):
                raise ValueError(
                    f"{self.name}: subject {subject.name}: the order has no interface lines {name!r}"
                )

    def concerned(self, subject: str) -> tuple[type[Service], ...]:
        """The services that a command of this subject concerns."""
        return self._concerned.get(subject, ())

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of its subjects: whose commands there are."""
        return frozenset(subject.name for subject in self.subjects)

    @cached_property
    def parts(self) -> tuple[type, ...]:
        """The parts of the configuration."""
        return tuple(part for subject in self.subjects for part in subject.config)

    @cached_property
    def facets(self) -> tuple[type, ...]:
        """The parts of an interface's configuration."""
        return tuple(facet for subject in self.subjects for facet in subject.facets)

    @cached_property
    def services(self) -> tuple[type[Service], ...]:
        """The services, in the order in which they are made and told."""
        return tuple(service for subject in self.subjects for service in subject.services)

    @cached_property
    def debug_flags(self) -> tuple[DebugFlag, ...]:
        """What can be debugged."""
        return tuple(flag for subject in self.subjects for flag in subject.debugging)

    @cached_property
    def sections(self) -> dict[str, Section]:
        """The sections of the running configuration, by name."""
        return {section.name: section for subject in self.subjects for section in subject.running}

    @cached_property
    def interface_sections(self) -> tuple[InterfaceSection, ...]:
        """The sections under `interface NAME`, in their order."""
        found = [section for subject in self.subjects for section in subject.interface]
        return tuple(sorted(found, key=lambda section: self.order.interface.index(section.name)))
