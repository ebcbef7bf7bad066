"""A `server` node as its SSH listener in the lab's network sees it: users, and files without a shell."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.box.device import Device
from iosemu.box.files import FileSystem, FileSystemError, Reason
from iosemu.net.tftp import Store
from iosemu.server.endpoint import Client, Shell, Unguarded
from iosemu.server.transfer import FileSystems
from iosemu.subjects.server.config import ServerConfig

CAPACITY = 64 << 20
"""Octets of a file that is written to a server."""


class ServerEndpoint(Unguarded):
    """Its users may copy files; nobody is given a shell."""

    def __init__(self, device: Device) -> None:
        self._device = device

    @property
    def name(self) -> str:
        """The node's name."""
        return self._device.name

    def authenticate(self, username: str, password: str) -> int | None:
        """As the lab file says; where it names no users, everybody."""
        accounts = self._device.config.of(ServerConfig).accounts
        if not accounts.users:
            return 1
        return 1 if accounts.authenticate(username, password) is not None else None

    def full(self) -> bool:
        """The power is off."""
        return not self._device.powered

    def files(self, privilege: int) -> FileSystems:
        """What it has for all file services."""
        store = self._device.config.of(ServerConfig).files
        return {} if store is None else {"files": StoredFiles(self._device, store)}

    def open(self, client: Client, hang_up: Callable[[], None]) -> Shell | None:
        """There is no shell."""
        return None


class StoredFiles(FileSystem):
    """The files of a server as a file system that SCP reads and writes."""

    def __init__(self, device: Device, store: Store) -> None:
        super().__init__(lambda: device.now, CAPACITY, "files")
        self._store = store
        self._made: set[str] = set()
        """Names that were opened for writing and have no content yet."""

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and (path in self._made or self._store.read(path) is not None)

    def __getitem__(self, path: str) -> bytes:
        content = self._store.read(path)
        if content is None and path not in self._made:
            raise KeyError(path)
        return content or b""

    def __setitem__(self, path: str, data: bytes) -> None:
        if not data and path not in self:
            if not self._store.writable(path):
                raise FileSystemError(path, Reason.PERMISSION)
            self._made.add(path)
            return
        reason = self._store.write(path, data)
        if reason:
            raise FileSystemError(path, Reason.NO_SPACE if "full" in reason else Reason.PERMISSION)
        self._made.discard(path)

    def is_directory(self, path: str) -> bool:
        """The folder itself: directories in it are read from, not written to."""
        return path.strip("/") in ("", ".")
