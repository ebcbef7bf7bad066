"""The files of a server: those of a folder of the lab, and what was written to them."""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path, PurePosixPath

LARGEST = 64 << 20
"""Octets of a file, and of all that was written and is kept in memory."""
MOST_FILES = 1000


class Folder:
    """Read from a folder and nowhere else; what is written stays in memory, or goes there when it may.

    `root` None: there is nothing but what was written.
    """

    def __init__(self, root: Path | None, *, writable: bool) -> None:
        self._root = root.resolve() if root is not None else None
        self._writes = writable and root is not None
        self._written: dict[str, bytes] = {}

    def admits(self, name: str, client: IPv4Address) -> bool:
        """Everybody."""
        return True

    def writable(self, name: str) -> bool:
        """Whether it is the name of a file in the folder, or could be one."""
        return bool(_plain(name)) and (not self._writes or self._place(name) is not None)

    def read(self, name: str) -> bytes | None:
        """The content of a file; None when there is none, or it is elsewhere."""
        kept = self._written.get(_plain(name))
        if kept is not None:
            return kept
        place = self._place(name)
        try:
            if place is None or not place.is_file() or place.stat().st_size > LARGEST:
                return None
            return place.read_bytes()
        except OSError:
            return None

    def write(self, name: str, data: bytes) -> str:
        """Keep a file; the reason why not, or nothing."""
        if self._writes:
            place = self._place(name)
            try:
                if place is None or not place.parent.is_dir() or place.is_dir():
                    return "Access violation"
                if not place.exists() and sum(1 for _ in place.parent.iterdir()) >= MOST_FILES:
                    return "Disk full"
                place.write_bytes(data)
            except OSError:
                return "Access violation"
            return ""
        plain = _plain(name)
        others = sum(len(each) for kept, each in self._written.items() if kept != plain)
        if others + len(data) > LARGEST or (plain not in self._written and len(self._written) >= MOST_FILES):
            return "Disk full"
        self._written[plain] = data
        return ""

    def _place(self, name: str) -> Path | None:
        """Where a file is; None for a name that leads out of the folder, by `..` or by a link."""
        plain = _plain(name)
        if self._root is None or not plain:
            return None
        try:
            place = (self._root / plain).resolve()
        except (OSError, RuntimeError):
            return None
        return place if place.is_relative_to(self._root) and place != self._root else None


def _plain(name: str) -> str:
    """A name without leading slashes; empty for one that no file can have."""
    path = PurePosixPath(name.replace("\\", "/").lstrip("/"))
    if "\0" in name or ".." in path.parts or len(name) > 255 or not path.parts:
        return ""
    return str(path)
