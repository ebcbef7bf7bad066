"""Models (what box it is) and images (how its software prints), read from `devices/`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from iosemu.box.data_file import read_yaml
from iosemu.box.interface_types import Medium, type_of
from iosemu.box.module import Module


class RandomSource(Protocol):
    """The injected randomness of a lab; `random.Random` fits."""

    def randbytes(self, n: int, /) -> bytes:
        """`n` random bytes."""
        ...

    def randrange(self, start: int, stop: int, /) -> int:
        """A number in [start, stop)."""
        ...

    def random(self) -> float:
        """A number in [0, 1)."""
        ...


SERIAL = "serial"
"""The capability of a box that can have serial ports."""


class Model(BaseModel):
    """One `devices/models/NAME.yaml`: a hardware model and its facts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    kind: str
    """router, switch, l3switch, pc, server or sniffer."""
    title: str
    image: str = "15.1"
    capabilities: frozenset[str] = frozenset()
    """What this hardware can do and others cannot: the words of `needs:` in the grammar."""
    ports: tuple[str, ...]
    """Canonical interface names, in the order the box has them."""
    slots: dict[str, tuple[str, ...]] = {}
    """By number (`0/1`): the kinds of modules that fit."""
    modules: dict[str, Module] = {}
    """What is in the slots; the lab file says so."""
    switched: tuple[str, ...] = ()
    """Ports of a router that are wired to switching hardware, beside those of its modules."""
    facts: dict[str, Any] = {}
    """What `show version`, `show inventory` … print: platform, memory, serial prefix, image file …"""

    @property
    def switch_ports(self) -> tuple[str, ...]:
        """The ports that are wired to switching hardware: all those of a Catalyst, of a router those of its
        EtherSwitch modules. The others are wired to the router itself.
        """
        if self.kind in ("switch", "l3switch"):
            return self.ports
        switching = {
            port
            for slot, module in self.modules.items()
            if module.switching
            for port in module.port_names(slot)
        }.union(self.switched)
        return tuple(port for port in self.ports if port in switching)

    def equipped(self, modules: Mapping[str, Module], ports: Sequence[str] | None = None) -> Model:
        """The model with modules in its slots; `ports` take the place of its fixed ports.

        Raises ValueError for a slot that is not there, a module that does not fit, a port that two bring, and a
        second module with switch ports.
        """
        names = list(self.ports if ports is None else ports)
        switching: str | None = None
        for slot, module in modules.items():
            kinds = self.slots.get(slot)
            if kinds is None:
                known = ", ".join(self.slots) or "none"
                raise ValueError(f"{self.name} has no slot {slot!r}; it has: {known}")
            if module.slot not in kinds:
                raise ValueError(f"{module.name} does not fit slot {slot}, which takes: {', '.join(kinds)}")
            if module.refused:
                raise ValueError(f"{module.name} cannot be in a lab: {module.refused}")
            for port in module.port_names(slot):
                if port in names:
                    raise ValueError(f"{module.name} in slot {slot} brings {port}, which is there already")
                names.append(port)
            if module.switching and switching is not None:
                raise ValueError(
                    f"{module.name} in slot {slot}: slot {switching} has switch ports already, and without a stacking"
                    " cable a router has one switch"
                )
            switching = slot if module.switching else switching
        return self.with_ports(names)._able(modules.values()).model_copy(update={"modules": dict(modules)})

    def _able(self, modules: Iterable[Module]) -> Model:
        """The model that can do what it can with these modules."""
        capabilities, facts = self.capabilities, self.facts
        for module in modules:
            capabilities, facts = capabilities | module.capabilities, module.facts | facts
        return self.model_copy(update={"capabilities": capabilities, "facts": facts})

    def wired(self, ports: Sequence[str], like: Module) -> Model:
        """The model of a router whose `ports` are switch ports, as those of the module `like` are."""
        return self._able([like]).model_copy(update={"switched": tuple(ports)})

    def with_ports(self, names: Iterable[str]) -> Model:
        """The model with these ports in place of its own.

        Raises ValueError for ports that a box of its kind cannot have.
        """
        ports = tuple(names)
        for port in ports:
            if not self.fits(port):
                raise ValueError(f"a {self.kind} has no {port}")
        return self.model_copy(update={"ports": ports})

    def fits(self, port: str) -> bool:
        """Whether a box of its kind can have a port of this name."""
        return type_of(port).medium is not Medium.SERIAL or SERIAL in self.capabilities


class Style(Protocol):
    """A section of an image: a frozen dataclass with its section name in `stem`."""

    stem: ClassVar[str]


StyleT = TypeVar("StyleT", bound=Style)


@dataclass(frozen=True)
class Image:
    """One `devices/images/NAME.yaml`: how a software release prints and which defaults it has.

    Each subject declares a frozen dataclass of its differences with `stem = "acl"` and reads it by
    `image.style(AclStyle)`; the YAML section of that stem overrides the dataclass's defaults, which are
    those of 15.1.
    """

    name: str
    sections: dict[str, dict[str, Any]] = field(default_factory=dict)
    version: str = "15.1"
    """The release that its commands are those of: `since:` and `until:` in the grammar compare with it."""
    capabilities: frozenset[str] = frozenset()
    """What this software can do and others cannot: the words of `needs:` in the grammar."""
    _cache: dict[type, Any] = field(default_factory=dict, compare=False, repr=False)

    def style(self, section: type[StyleT]) -> StyleT:
        """The image's values for one subject.

        Raises ValueError when the YAML section does not fit the dataclass.
        """
        if section not in self._cache:
            try:
                value = TypeAdapter(section).validate_python(self.sections.get(section.stem, {}))
            except ValidationError as error:
                raise ValueError(f"image {self.name}, section {section.stem}: {error}") from error
            self._cache[section] = value
        return self._cache[section]  # type: ignore[no-any-return]


def load_model(path: Path) -> Model:
    """Read a model file; raises ValueError naming the file and the field at fault."""
    try:
        return Model.model_validate({"name": path.stem, **read_yaml(path)})
    except (ValidationError, TypeError, yaml.YAMLError) as error:
        raise ValueError(f"{path}: {error}") from error


def load_image(path: Path) -> Image:
    """Read an image file; raises ValueError naming the file."""
    try:
        sections = read_yaml(path) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: {error}") from error
    version = str(sections.pop("version", "15.1"))
    if not re.fullmatch(r"\d+(\.\d+)*", version):
        raise ValueError(f"{path}: version must be a release such as 12.4, not {version!r}")
    capabilities = sections.pop("capabilities", [])
    if not isinstance(capabilities, list) or not all(isinstance(word, str) for word in capabilities):
        raise ValueError(f"{path}: capabilities must be a list of words")
    return Image(path.stem, sections, version, frozenset(capabilities))
