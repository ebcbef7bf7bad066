"""A directory as octets, and back: what labs keep, and lab files on their way to another machine."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterable
from pathlib import Path

from iosemu.lab.errors import LabError
from iosemu.server import durable


def pack(directory: Path, paths: Iterable[Path] | None = None, most: int | None = None) -> bytes:
    """Its files and directories, or these of them, as a compressed archive (POSIX pax).

    Names that begin with a dot are left out. Raises OSError, and LabError when there are more than `most` octets.
    """
    out = io.BytesIO()
    total = 0
    chosen = directory.rglob("*") if paths is None else paths
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=6, mtime=0) as zipped, \
            tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as made:  # fmt: skip
        for path in sorted(chosen):
            name = path.relative_to(directory)
            if any(part.startswith(".") for part in name.parts) or path.is_symlink():
                continue
            entry = tarfile.TarInfo(name.as_posix())
            if path.is_dir():
                entry.type = tarfile.DIRTYPE
                made.addfile(entry)
                continue
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                continue  # it was removed meanwhile
            total += len(data)
            if most is not None and total > most:
                raise LabError(f"{directory} has more than {most >> 20} MB of files")
            entry.size = len(data)
            made.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def unpack(data: bytes, directory: Path) -> None:
    """Put files and directories there, for this user alone; nothing leads out of it.

    Raises tarfile.TarError, EOFError and OSError.
    """
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as made:
        for entry in made:
            path = directory / entry.name
            if not (entry.isdir() or entry.isfile()) or not path.resolve().is_relative_to(
                directory.resolve()
            ):
                raise tarfile.TarError(f"{entry.name!r} does not belong there")
            durable.make_directories(path if entry.isdir() else path.parent)
            if (content := made.extractfile(entry)) is not None:
                path.write_bytes(content.read())
                path.chmod(durable.FILE_MODE)
