"""How a subject declares itself, and a kind of box its subjects."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from iosemu.box.service import Service

if TYPE_CHECKING:
    from iosemu.box.device import Device
    from iosemu.box.interface_config import InterfaceConfig

Render = Callable[[str, Any], list[str]]
"""The lines of the `set:` commands of a mode for the object that it edits."""


@dataclass(frozen=True)
class Section:
    """A part of the running configuration: its name in the order, and its lines."""

    name: str
    lines: Callable[[Device, Render], Iterable[str]]


@dataclass(frozen=True)
class InterfaceSection:
    """Lines under `interface NAME`: their name in the order, and what writes them (with their indent)."""

    name: str
    lines: Callable[[Device, InterfaceConfig], Iterable[str]]


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
    debugging: Callable[[Device], Iterable[str]] | None = None
    """What `show debugging` says of it."""
    undebug: Callable[[Device], None] | None = None
    """Its part of `undebug all`."""


@dataclass(frozen=True)
class Kind:
    """A kind of box: its subjects, and the few facts that its hardware decides."""

    name: str
    subjects: tuple[Subject, ...]
    hostname: str = ""
    """The name of a box that was given none; empty: its name in the lab."""
    mode: str = "exec"
    """The mode of commands that a login leads to."""
    chassis_mac: bool = False
    """The box has an address of its own before those of its ports."""
    order: tuple[str, ...] = ()
    """The sections of the running configuration; may name some that no subject here has."""
    interface_order: tuple[str, ...] = ()
    """The sections under `interface X`; may name some that no subject here has."""
    _concerned: dict[str, tuple[type[Service], ...]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in {name for subject in self.subjects for name in (subject.name, *subject.follows)}:
            self._concerned[name] = tuple(
                service
                for subject in self.subjects
                if name == subject.name or name in subject.follows
                for service in subject.services
            )

    def concerned(self, subject: str) -> tuple[type[Service], ...]:
        """The services that a command of this subject concerns."""
        return self._concerned.get(subject, ())

    @cached_property
    def parts(self) -> tuple[type, ...]:
        """The parts of the configuration."""
        return tuple(part for subject in self.subjects for part in subject.config)

    @cached_property
    def facets(self) -> tuple[type, ...]:
        """The parts of an interface's configuration."""
        return tuple(facet for subject in self.subjects for facet in subject.facets)

    @cached_property
    def interface_sections(self) -> tuple[InterfaceSection, ...]:
        """What writes the lines under `interface X`, in order.

        Raises ValueError for a section that has no place.
        """
        found = [section for subject in self.subjects for section in subject.interface]
        missing = [section.name for section in found if section.name not in self.interface_order]
        if missing:
            raise ValueError(f"no place under interfaces of a {self.name}: {', '.join(missing)}")
        return tuple(sorted(found, key=lambda section: self.interface_order.index(section.name)))

    @cached_property
    def services(self) -> tuple[type[Service], ...]:
        """The services, in the order in which they are made and told."""
        return tuple(service for subject in self.subjects for service in subject.services)
