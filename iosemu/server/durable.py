"""Files of the computer that are written as a whole, and that outlive what happens after."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

FILE_MODE = 0o600
DIRECTORY_MODE = 0o700
"""What a lab writes may hold keys and passwords: it is for its user alone."""
TEMPORARY = ".new"
"""The end of the names of files that are being written; they begin with a dot."""


def write_file(path: Path, data: bytes, mode: int = FILE_MODE) -> None:
    """Put `data` into a file: aside, flushed, renamed, and the directory flushed.

    When it returns the file is on the disk; when it raises OSError the former one is still there.
    """
    temporary = path.with_name(f".{os.getpid()}{TEMPORARY}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    flush_directory(path.parent)


def make_directories(*paths: Path) -> None:
    """Make directories and those above them, for this user alone, and flush them. Raises OSError."""
    grown: dict[Path, None] = {}
    for path in paths:
        missing = []
        while not path.is_dir():
            missing.append(path)
            if path.parent == path:
                break
            path = path.parent
        for each in reversed(missing):
            each.mkdir(mode=DIRECTORY_MODE, exist_ok=True)
            grown[each.parent] = None
    for parent in grown:
        flush_directory(parent)


def flush_directory(path: Path) -> None:
    """Put the names in a directory on the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
