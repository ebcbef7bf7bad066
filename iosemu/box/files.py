"""A file system of a box: flat, with dates and directories; what is written to it is kept before it is there."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol
from weakref import WeakKeyDictionary, WeakValueDictionary

NAME_OCTETS = 63
"""The longest name of a file or directory that the flash of a router takes."""
MAXIMUM_ENTRIES = 8192
"""Files and directories of one file system: each takes an entry, an empty one, too."""


class Reason(StrEnum):
    """Why a file cannot be written, in the words that IOS prints in brackets."""

    NO_SPACE = "No space left on device"
    NAME_TOO_LONG = "File name too long"
    NOT_A_DIRECTORY = "Not a directory"
    PERMISSION = "Permission denied"
    READ_ONLY = "Read-only file system"
    TOO_MANY_OPEN = "Too many open files"
    INPUT_OUTPUT = "I/O error"


class StorageError(Exception):
    """The storage did not take it, and holds what it held before."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class FileSystemError(Exception):
    """A change was refused and nothing is other than before; `str(error)` is what IOS prints."""

    def __init__(self, place: str, reason: Reason) -> None:
        super().__init__(f"%Error opening {place} ({reason.value})")
        self.place = place
        """`flash:/NAME`."""
        self.reason = reason


class Storage(Protocol):
    """What keeps a file system. Each call returns when its work outlives the process and a loss of power.

    Each raises StorageError when it cannot be done; what was there before is there still.
    """

    def write(self, path: str, data: bytes) -> None:
        """Keep a file, in place of a former one."""
        ...

    def remove(self, path: str) -> None:
        """Keep a file no more; one that is not kept is no error."""
        ...

    def make_directory(self, path: str) -> None:
        """Keep a directory."""
        ...

    def remove_directory(self, path: str) -> None:
        """Keep an empty directory no more."""
        ...


class FileSystem(UserDict[str, bytes]):
    """Files by path, without a leading slash; a directory is a prefix that was made.

    With a `storage` every change is kept there first: once a call has returned, nothing can lose it.
    Changes raise FileSystemError.
    """

    def __init__(self, clock: Callable[[], float], capacity: int, scheme: str = "flash") -> None:
        self.capacity = capacity
        """Bytes."""
        self.scheme = scheme
        """Its name in URLs."""
        self.storage: Storage | None = None
        self.shipped: dict[str, bytes] = {}
        """What the box came with: nobody has to keep it."""
        self.changed: dict[str, float] = {}
        """Lab time at which each file was written."""
        self.directories: dict[str, float] = {}
        """Lab time at which each directory was made."""
        # of whoever has files open, not of the box: a snapshot leaves both as they are
        self.writers: WeakValueDictionary[str, object] = WeakValueDictionary()
        """Who has a file open for writing."""
        self._reserved: WeakKeyDictionary[object, int] = WeakKeyDictionary()
        self._clock = clock
        super().__init__()

    def __setitem__(self, path: str, data: bytes) -> None:
        self._check(path)
        if len(data) > self.free + len(self.data.get(path, b"")):
            raise self._error(path, Reason.NO_SPACE)
        self._keep(path, data)
        self.insert(path, data)

    def _keep(self, path: str, data: bytes) -> None:
        if self.storage is not None:
            try:
                self.storage.write(path, data)
            except StorageError as error:
                raise self._error(path, error.reason) from error

    def insert(self, path: str, data: bytes) -> None:
        """Have a file here that is kept elsewhere already: it came with the box, or from its storage."""
        self.data[path] = data
        self.changed[path] = self._clock()

    def __delitem__(self, path: str) -> None:
        if path not in self.data:
            raise KeyError(path)
        if self.storage is not None:
            try:
                self.storage.remove(path)
            except StorageError as error:
                raise self._error(path, error.reason) from error
        del self.data[path]
        self.changed.pop(path, None)

    def move(self, path: str, files: FileSystem, new: str) -> None:
        """Give a file another name, here or in another file system: it is never in neither.

        Raises KeyError when there is no such file.
        """
        data = self[path]
        if files is self and new == path:
            return
        if files is not self:
            files[new] = data
        else:
            self._check(new)
            self._keep(new, data)
            self.insert(new, data)
        del self[path]

    def _check(self, path: str) -> None:
        if any(len(part.encode("utf-8", "replace")) > NAME_OCTETS for part in path.split("/")):
            raise self._error(path, Reason.NAME_TOO_LONG)
        if path not in self.data and len(self.data) + len(self.directories) >= MAXIMUM_ENTRIES:
            raise self._error(path, Reason.NO_SPACE)

    def _error(self, path: str, reason: Reason) -> FileSystemError:
        return FileSystemError(f"{self.scheme}:/{path}", reason)

    def is_directory(self, path: str) -> bool:
        """Whether `path` is the root or a directory."""
        path = path.strip("/")
        return not path or path in self.directories or any(name.startswith(f"{path}/") for name in self)

    def make_directory(self, path: str) -> None:
        """Make the directory `path`."""
        path = path.strip("/")
        self._check(path)
        if self.storage is not None:
            try:
                self.storage.make_directory(path)
            except StorageError as error:
                raise self._error(path, error.reason) from error
        self.insert_directory(path)

    def insert_directory(self, path: str) -> None:
        """Have a directory here that is kept elsewhere already."""
        self.directories[path] = self._clock()

    def remove_directory(self, path: str) -> None:
        """Remove the empty directory `path`; raises KeyError when it was never made."""
        path = path.strip("/")
        if path not in self.directories:
            raise KeyError(path)
        if self.storage is not None:
            try:
                self.storage.remove_directory(path)
            except StorageError as error:
                raise self._error(path, error.reason) from error
        del self.directories[path]

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

    # --- room ----------------------------------------------------------------------------------------

    def reserve(self, owner: object, octets: int) -> None:
        """Keep room for what an open file will hold beyond what is stored of it; 0 gives it back.

        Raises FileSystemError, and leaves the owner's room as it was, when there is not so much.
        """
        if octets <= 0:
            self._reserved.pop(owner, None)
        elif octets > self.free + self._reserved.get(owner, 0):
            raise self._error("", Reason.NO_SPACE)
        else:
            self._reserved[owner] = octets

    @property
    def free(self) -> int:
        """Bytes left: neither stored nor reserved for an open file."""
        return max(self.capacity - self.used - sum(self._reserved.values()), 0)

    @property
    def used(self) -> int:
        """Bytes in all files."""
        return sum(map(len, self.values()))
