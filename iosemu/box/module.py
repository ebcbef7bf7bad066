"""Modules: the cards that bring more ports, read from `devices/modules`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from iosemu.box.data_file import read_yaml
from iosemu.box.interface_types import TYPES

_RANGE = re.compile(r"([A-Za-z-]+)((?:\d+/)*)(\d+)(?:-(\d+))?")
LIMIT = 256
"""Ports in one range."""


class Module(BaseModel):
    """One `devices/modules/NAME.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    slot: str
    """The kind of slot that it fits: wic, hwic, ehwic, nm."""
    title: str
    """What `show inventory` calls it."""
    ports: dict[str, int]
    """How many ports of which type."""
    pid: str
    vid: str = ""
    switching: bool = False
    """Its ports hang on a switching chip of its own, not on the router."""
    refused: str = ""
    """Why a lab cannot have it; empty: it can."""
    capabilities: frozenset[str] = frozenset()
    """What a box can do with it and not without: words of `needs:` in the grammar."""
    facts: dict[str, Any] = {}
    """What its model does not say itself: limits of the switching hardware, and the like."""

    def port_names(self, slot: str) -> tuple[str, ...]:
        """Its ports in that slot, as Cisco counts them: `Serial0/1/0` for the first one in slot 0/1."""
        return tuple(
            f"{kind}{slot}/{number}" for kind, count in self.ports.items() for number in range(count)
        )


def load_module(path: Path) -> Module:
    """Read a module file; raises ValueError naming the file and the field at fault."""
    try:
        return Module.model_validate({"name": path.stem, **read_yaml(path)})
    except (ValidationError, TypeError, yaml.YAMLError) as error:
        raise ValueError(f"{path}: {error}") from error


def expand(ranges: Iterable[str]) -> tuple[str, ...]:
    """Port names of texts such as `Ethernet0/0-3` or `GigabitEthernet1`.

    Raises ValueError for what names no port, and for a port that is named twice.
    """
    found: list[str] = []
    for text in ranges:
        match = _RANGE.fullmatch(text)
        kind = TYPES.get(match[1]) if match is not None else None
        if match is None or kind is None or kind.logical:
            known = ", ".join(each.name for each in TYPES.values() if not each.logical)
            raise ValueError(f"{text!r} names no ports, such as Ethernet0/0-3; there are {known}")
        first, last = int(match[3]), int(match[4] or match[3])
        if not first <= last < first + LIMIT:
            raise ValueError(f"{text!r} is no range of up to {LIMIT} ports")
        found += [f"{match[1]}{match[2]}{number}" for number in range(first, last + 1)]
    twice = next((name for name in found if found.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice} is there twice")
    return tuple(found)
