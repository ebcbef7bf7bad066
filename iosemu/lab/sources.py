"""The files that a lab reads: what has to travel when it is computed on another machine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from iosemu.lab import labfile, yaml_document


def sources(path: Path, variables: Mapping[str, Any] | None = None) -> Iterator[Path]:
    """A lab file, those that it extends, and what they name; absolute paths, some perhaps twice. Raises LabError."""
    topology = labfile.read(path, variables)
    base: Path | None = path.absolute()
    while base is not None:
        yield base
        extends = yaml_document.load(base).data.get("extends")
        base = Path(os.path.normpath(base.parent / extends)) if isinstance(extends, str) else None
    for node in topology.lab.nodes:
        if (config := topology.config_path(node)) is not None:
            yield _plain(config)
        if (folder := topology.services_path(node)) is not None:
            yield from _inside(folder)
    if (folder := topology.answers_path) is not None:
        yield from _inside(folder)


def _inside(folder: Path) -> Iterator[Path]:
    yield from (path for path in _plain(folder).rglob("*") if path.is_file())


def _plain(path: Path) -> Path:
    """Without `..`, but with the links that its name has."""
    return Path(os.path.normpath(path.absolute()))
