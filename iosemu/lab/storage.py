"""What a lab keeps between its runs: saved configurations and the files on flash."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import stat
import sys
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from iosemu.box.files import FileSystem, Reason, StorageError
from iosemu.lab.errors import LabError
from iosemu.lab.registry import state_directory
from iosemu.server import durable

if TYPE_CHECKING:
    from iosemu.box.device import Device

_REASONS = {
    errno.ENOSPC: Reason.NO_SPACE,
    errno.EDQUOT: Reason.NO_SPACE,
    errno.EFBIG: Reason.NO_SPACE,
    errno.ENAMETOOLONG: Reason.NAME_TOO_LONG,
    errno.ENOTDIR: Reason.NOT_A_DIRECTORY,
    errno.EEXIST: Reason.NOT_A_DIRECTORY,
    errno.EACCES: Reason.PERMISSION,
    errno.EPERM: Reason.PERMISSION,
    errno.EROFS: Reason.READ_ONLY,
    errno.EMFILE: Reason.TOO_MANY_OPEN,
    errno.ENFILE: Reason.TOO_MANY_OPEN,
}


Warn = Callable[[Path, OSError], None]
"""Told of a file that is left out, and why."""


class LabState:
    """The memory of one lab's devices: `<state>/labs/<lab>/<device>/{nvram,flash}/<file>`.

    One process owns it, from `open` to `close`.
    """

    def __init__(
        self,
        lab: str,
        root: Path | None = None,
        quota: int | None = None,
        changed: Callable[[], None] | None = None,
    ) -> None:
        self.lab = lab
        self._changed = changed
        """Is told when a device has changed what is kept."""
        self.quota = quota
        """Octets that all devices together may keep; None: what their memories hold."""
        self.directory = (root or state_directory()) / "labs" / lab
        self.warnings: list[str] = []
        """What could not be read back, one line each: the file, and what to do about it."""
        self._release: weakref.finalize[[int], LabState] | None = None

    def open(self) -> None:
        """Own the directory from now on; what cannot be done for lack of a directory is a warning.

        Raises LabError when another process owns it, with that process.
        """
        if self._release is not None and self._release.alive:
            return
        path = self.directory.with_name(f".{self.lab}.lock")
        try:
            durable.make_directories(path.parent)
            lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, durable.FILE_MODE)
        except OSError as error:
            self._warn(path.parent, error, "what devices save will be lost")
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = _owner(lock)
            os.close(lock)
            raise LabError(
                f"what the devices of lab {self.lab} saved ({self.directory}) is in use by {owner}; stop that "
                "first, or give this lab a memory of its own with IOSEMU_STATE=DIRECTORY"
            ) from None
        with contextlib.suppress(OSError):  # who owns it is for a message only
            os.truncate(lock, 0)
            os.pwrite(lock, json.dumps({"pid": os.getpid(), "command": " ".join(sys.argv)}).encode(), 0)
        self._release = weakref.finalize(self, os.close, lock)

    def close(self) -> None:
        """Let others own the directory; closing twice does no harm."""
        if self._release is not None:
            self._release()

    def restore(self, device: Device) -> None:
        """Give a device the files it had, and a storage that keeps what it writes from now on."""
        for kind, files in _file_systems(device):
            storage = self._storage(device, kind)
            try:
                for path, data in storage.read(self._warn):
                    if data is None:
                        files.insert_directory(path)
                    elif len(data) > files.free:
                        self._warn(storage.place(path), OSError(errno.EFBIG, "too large for the device"))
                    else:
                        files.insert(path, data)
            except OSError as error:
                self._warn(storage.directory, error)

    def attach(self, device: Device) -> None:
        """Keep what the device writes from now on."""
        for kind, files in _file_systems(device):
            files.storage = self._storage(device, kind)

    def _storage(self, device: Device, kind: str) -> DirectoryStorage:
        fits = None if self.quota is None else self._fits
        return DirectoryStorage(self.directory / device.name / kind, fits, self._changed)

    def _fits(self, place: Path, size: int) -> bool:
        """Whether a file of this size may take the place of the one there."""
        used = sum(
            each.stat().st_size for each in self.directory.rglob("*") if each.is_file() and each != place
        )
        return self.quota is None or used + size <= self.quota

    def detach(self, device: Device) -> None:
        """Leave what is kept as it is, whatever the device does."""
        for _kind, files in _file_systems(device):
            files.storage = None

    def reconcile(self, device: Device) -> None:
        """Keep just what the device holds now: its memory was put back to an earlier state.

        Raises FileSystemError when the directory cannot be written.
        """
        for _kind, files in _file_systems(device):
            if isinstance(files.storage, DirectoryStorage):
                kept = {path: data for path, data in files.storage.read() if data is not None}
                for path in kept.keys() - files.keys():
                    files.storage.remove(path)
                for path in list(files):
                    if files[path] is not files.shipped.get(path) and kept.get(path) != files[path]:
                        files.storage.write(path, files[path])

    def forget(self) -> bool:
        """Remove everything kept; tells whether there was anything. Raises LabError as `open` does."""
        self.open()
        try:
            if not self.directory.exists():
                return False
            shutil.rmtree(self.directory)
        except OSError as error:
            raise LabError(
                f"{error.filename or self.directory}: {error.strerror}; remove it by hand"
            ) from error
        finally:
            self.close()
        return True

    def _warn(self, place: Path, error: OSError, result: str = "the lab starts without it") -> None:
        self.warnings.append(
            f"{place}: {error.strerror or error}; {result}. Mend or remove it, or choose another directory "
            "with IOSEMU_STATE"
        )


class DirectoryStorage:
    """Keeps one file system of a device in a directory of the computer."""

    def __init__(
        self,
        directory: Path,
        fits: Callable[[Path, int], bool] | None = None,
        changed: Callable[[], None] | None = None,
    ) -> None:
        self.directory = directory
        self._changed = changed
        self._fits = fits
        """Tells whether a file may become so large; None: it may."""

    def place(self, path: str) -> Path:
        """Where a file is kept: nothing in its name can lead out of the directory, or begin with a dot."""
        return self.directory.joinpath(*(_encode(part) for part in path.split("/") if part))

    def read(self, warn: Warn | None = None) -> Iterator[tuple[str, bytes | None]]:
        """What is kept: path and content, None for a directory; left-over temporary files are removed.

        What is no file of a device, or cannot be read, is told to `warn(place, error)` and left alone.
        Raises OSError when the directory itself cannot be read.
        """
        if not os.path.lexists(self.directory):
            return
        yield from self._read(self.directory, "", warn or (lambda _place, _error: None))

    def _read(self, directory: Path, prefix: str, tell: Warn) -> Iterator[tuple[str, bytes | None]]:
        for entry in sorted(directory.iterdir()):
            try:
                mode = entry.lstat().st_mode
                if entry.name.startswith("."):
                    if entry.name.endswith(durable.TEMPORARY):
                        entry.unlink()
                    continue
                path = prefix + unquote(entry.name, errors="strict")
                if _encode(path.rpartition("/")[2]) != entry.name or not (
                    stat.S_ISREG(mode) or stat.S_ISDIR(mode)
                ):
                    raise OSError(errno.EINVAL, "not a file that a device saved")
                if stat.S_ISDIR(mode):
                    yield path, None
                    yield from self._read(entry, f"{path}/", tell)
                else:
                    yield path, entry.read_bytes()
            except UnicodeDecodeError:
                tell(entry, OSError(errno.EINVAL, "not a file that a device saved"))
            except OSError as error:
                tell(entry, error)

    def write(self, path: str, data: bytes) -> None:
        """Keep a file; see `iosemu.box.files.Storage`."""
        with self._changing():
            place = self.place(path)
            if self._fits is not None and not self._fits(place, len(data)):
                raise OSError(errno.ENOSPC, "the lab may keep no more")
            durable.make_directories(place.parent)
            durable.write_file(place, data)

    def remove(self, path: str) -> None:
        """Keep a file no more."""
        with self._changing():
            place = self.place(path)
            if os.path.lexists(place):
                place.unlink()
                durable.flush_directory(place.parent)

    def make_directory(self, path: str) -> None:
        """Keep a directory."""
        with self._changing():
            durable.make_directories(self.place(path))

    def remove_directory(self, path: str) -> None:
        """Keep a directory no more."""
        with self._changing():
            place = self.place(path)
            if place.is_dir():
                place.rmdir()
                durable.flush_directory(place.parent)

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """What goes wrong is told as devices know it; what was done is told to whoever follows it."""
        with _typed():
            yield
        if self._changed is not None:
            self._changed()


def _file_systems(device: Device) -> tuple[tuple[str, FileSystem], ...]:
    return ("nvram", device.nvram), ("flash", device.flash)


@contextlib.contextmanager
def _typed() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(_REASONS.get(error.errno or 0, Reason.INPUT_OUTPUT)) from error


def _owner(lock: int) -> str:
    try:
        known = json.loads(os.pread(lock, 4096, 0))
        return f"process {int(known['pid'])} ({known['command']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def _encode(name: str) -> str:
    """A name of the computer for one of flash: percent-encoded UTF-8 (RFC 3986), a first dot, too."""
    text = quote(name, safe=" ", errors="replace")
    return f"%2E{text[1:]}" if text.startswith(".") else text
