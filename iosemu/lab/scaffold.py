"""A new lab made from another: its lab file and configurations, copied to be changed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from iosemu.lab import labfile
from iosemu.lab.errors import LabError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTENDS = re.compile(r"^(extends:\s*)(\S+)", re.MULTILINE)


def create(name: str, origin: str, parent: Path) -> Path:
    """Copy the lab `origin` with all it needs to `parent/name`; returns the new lab file.

    Raises LabError when the name is not possible, the folder exists, or there is no such lab.
    """
    if _NAME.fullmatch(name) is None:
        raise LabError(f"{name!r} cannot name a lab; use letters, digits, '.', '_' and '-'")
    folder = parent / name
    if folder.exists():
        raise LabError(f"{folder} exists already; choose another name")
    source = labfile.find(origin)
    labfile.read(source)
    target = folder / "lab.yaml"
    _copy(source, target, ())
    text = target.read_text(encoding="utf-8")
    target.write_text(
        re.sub(r"^name:.*$", f"name: {name}", text, count=1, flags=re.MULTILINE), encoding="utf-8"
    )
    labfile.read(target)
    return target


def _copy(source: Path, target: Path, seen: tuple[Path, ...]) -> None:
    """Copy a lab file and its folder's files; what it extends becomes a folder inside."""
    if source.resolve() in seen:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    for file in source.parent.iterdir():
        if file.is_file() and file.suffix != ".yaml":
            shutil.copy(file, target.parent / file.name)
    text = source.read_text(encoding="utf-8")
    found = _EXTENDS.search(text)
    if found is not None:
        base = source.parent / found[2].strip("\"'")
        inside = Path(base.resolve().parent.name) / base.name
        _copy(base, target.parent / inside, (*seen, source.resolve()))
        text = _EXTENDS.sub(lambda match: f"{match[1]}{inside.as_posix()}", text, count=1)
    target.write_text(text, encoding="utf-8")
