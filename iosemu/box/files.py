"""A file system of a box: flat, with dates and directories."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable

from iosemu.net.signal import Signal


class FileSystem(UserDict[str, bytes]):
    """Files by path, without a leading slash; a directory is a prefix that was made."""

    def __init__(self, clock: Callable[[], float], capacity: int) -> None:
        self.capacity = capacity
        """Bytes."""
        self.changed: dict[str, float] = {}
        """Lab time at which each file was written."""
        self.directories: dict[str, float] = {}
        """Lab time at which each directory was made."""
        self.written = Signal()
        """A file was written or deleted."""
        self._clock = clock
        super().__init__()

    def __setitem__(self, path: str, data: bytes) -> None:
        self.data[path] = data
        self.changed[path] = self._clock()
        self.written.emit()

    def __delitem__(self, path: str) -> None:
        del self.data[path]
        self.changed.pop(path, None)
        self.written.emit()

    def is_directory(self, path: str) -> bool:
        """Whether `path` is the root or a directory."""
        path = path.strip("/")
        return not path or path in self.directories or any(name.startswith(f"{path}/") for name in self)

    def make_directory(self, path: str) -> None:
        """Make the directory `path`."""
        self.directories[path.strip("/")] = self._clock()

    def entries(self, path: str = "") -> list[tuple[str, bytes | None, float]]:
        """What a directory holds: name, content (None: a directory) and date in lab seconds."""
        prefix = f"{path.strip('/')}/" if path.strip("/") else ""
        found: dict[str, tuple[bytes | None, float]] = {}
        for name, made in self.directories.items():
            if name.startswith(prefix):
                found.setdefault(name[len(prefix) :].partition("/")[0], (None, made))
        for name, data in self.items():
            if name.startswith(prefix):
                head, slash, _ = name[len(prefix) :].partition("/")
                if slash:
                    found.setdefault(head, (None, self.changed[name]))
                else:
                    found[head] = (data, self.changed[name])
        return [(name, *rest) for name, rest in found.items() if name]

    @property
    def free(self) -> int:
        """Bytes left."""
        return max(self.capacity - self.used, 0)

    @property
    def used(self) -> int:
        """Bytes in all files."""
        return sum(map(len, self.values()))
