"""Lab files on their way to another machine: just what a lab reads, and nothing else of the folder where it stands."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from iosemu.farm import archive
from iosemu.farm.class_file import Order
from iosemu.lab import labfile, resources, yaml_document

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
            files.update(path.absolute() for path in _files(order.file, order.variables))
    if not files:
        return Luggage(archive.pack(Path(), ()), places)
    root = Path(os.path.commonpath([path.parent for path in files]))
    for path in own:
        places[str(path)] = f"file {path.absolute().relative_to(root).as_posix()}"
    return Luggage(archive.pack(root, files, MOST), places)


def _files(path: Path, variables: Mapping[str, Any]) -> Iterator[Path]:
    """A lab file, those that it extends, and what they name."""
    topology = labfile.read(path, variables)
    base: Path | None = path
    while base is not None:
        yield base
        data = yaml_document.load(base).data
        extends = data.get("extends")
        base = Path(os.path.normpath(base.parent / extends)) if isinstance(extends, str) else None
    for node in topology.lab.nodes:
        if (config := topology.config_path(node)) is not None:
            yield Path(os.path.normpath(config))
        if (folder := topology.services_path(node)) is not None:
            yield from _inside(folder)
    if (folder := topology.answers_path) is not None:
        yield from _inside(folder)


def _inside(folder: Path) -> Iterator[Path]:
    folder = Path(os.path.normpath(folder))
    yield from (path for path in folder.rglob("*") if path.is_file())
