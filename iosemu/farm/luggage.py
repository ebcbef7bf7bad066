"""Lab files on their way to another machine: just what a lab reads, and nothing else of the folder where it stands."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from iosemu.farm.class_file import Order
from iosemu.lab import archive, resources
from iosemu.lab.sources import sources

MOST = 32 << 20
"""Octets of lab files, at most."""


@dataclass(frozen=True, slots=True)
class Luggage:
    """An archive, and where in it the lab files are; labs that come along are on every machine."""

    packed: bytes
    places: Mapping[str, str]
    """By the path that a lab file has where it was packed: `file PATH` or `lab NAME`."""

    def unpacked(self, orders: Iterable[Order], directory: Path) -> tuple[Order, ...]:
        """The orders for this machine. Raises OSError and tarfile.TarError."""
        archive.unpack(self.packed, directory)
        known = resources.labs()
        found = []
        for order in orders:
            kind, _, name = self.places[str(order.file)].partition(" ")
            found.append(replace(order, file=known[name] if kind == "lab" else directory / name))
        return tuple(found)


def packed(orders: Iterable[Order]) -> Luggage:
    """What the labs of these orders read. Raises LabError and OSError."""
    along = {path.resolve(): name for name, path in resources.labs().items()}
    places = {}
    files: set[Path] = set()
    tried = set()
    own = []
    for order in orders:
        if (name := along.get(order.file.resolve())) is not None:
            places[str(order.file)] = f"lab {name}"
            continue
        own.append(order.file)
        key = (order.file, json.dumps(order.variables, default=str, sort_keys=True))
        if key not in tried:
            tried.add(key)
            files.update(sources(order.file, order.variables))
    if not files:
        return Luggage(archive.pack(Path(), ()), places)
    root = Path(os.path.commonpath([path.parent for path in files]))
    for path in own:
        places[str(path)] = f"file {path.absolute().relative_to(root).as_posix()}"
    return Luggage(archive.pack(root, files, MOST), places)
