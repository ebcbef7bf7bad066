"""What labs keep beyond a machine: one archive a lab in an object store, or whatever else fsspec reaches by a URL.

An archive is written whole, so that a lab's files are of one moment. A worker has the files of its labs in a directory
of its own machine, and the archive follows each change; what a student is shown waits until it is kept (output commit:
Elnozahy et al., "A Survey of Rollback-Recovery Protocols", 2002), so that no `[OK]` is taken back.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import tarfile
from pathlib import Path
from typing import Any

from iosemu.lab import archive
from iosemu.lab.errors import LabError
from iosemu.server import durable

LONGEST = 30.0
"""Wall seconds between two tries to reach a store, at most."""
HELD = 10.0
"""Wall seconds that what a student is shown waits for a store that does not answer."""
logger = logging.getLogger("iosemu.farm")


def is_url(text: str) -> bool:
    """Whether it names a store; a path does not, nor does `file://`."""
    return "://" in text and not text.startswith("file://")


def path_of(text: str) -> Path:
    """The directory meant by a path or a `file://` URL."""
    return Path(text.removeprefix("file://"))


class Store:
    """A place in an object store, by its URL; every method blocks and belongs into a thread."""

    def __init__(self, url: str) -> None:
        """Raises LabError when fsspec, or what it needs for this kind of URL, is not installed, or the URL is wrong."""
        try:
            import fsspec

            self._files: Any
            self._files, self._root = fsspec.core.url_to_fs(url.rstrip("/"))
        except ImportError as error:
            raise LabError(
                f"what is kept at {url} needs a few more packages: pip install 'iosemu[ray]' ({error})"
            ) from error
        except (ValueError, OSError) as error:
            raise LabError(f"{url}: {error}") from error
        self.url = url

    def get(self, name: str) -> bytes | None:
        """What is kept under a name; None for nothing. Raises OSError."""
        try:
            return bytes(self._files.cat_file(f"{self._root}/{name}"))
        except FileNotFoundError:
            return None

    def put(self, name: str, data: bytes) -> None:
        """Keep it. Raises OSError."""
        path = f"{self._root}/{name}"
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        self._files.pipe_file(path, data)


class Mirror:
    """A directory of this machine that a store follows."""

    def __init__(self, store: Store, name: str, directory: Path) -> None:
        self._store = store
        self._name = f"{name}.tar.gz"
        self._directory = directory
        self._dirty = False
        self._kept = asyncio.Event()
        self._kept.set()
        self._work: asyncio.Task[None] | None = None

    async def fetch(self) -> None:
        """Make the directory what the store has. Raises LabError when the store cannot be asked, or has no archive."""
        try:
            data = await asyncio.to_thread(self._store.get, self._name)
            await asyncio.to_thread(self._unpack, data)
        except (tarfile.TarError, EOFError, ValueError) as error:
            raise LabError(f"{self._store.url}/{self._name} is damaged: {error}") from error
        except Exception as error:
            # each library of fsspec has errors of its own
            raise LabError(f"{self._store.url} cannot be read: {error}") from error

    def _unpack(self, data: bytes | None) -> None:
        aside = self._directory.with_name(f".{self._directory.name}{durable.TEMPORARY}")
        shutil.rmtree(aside, ignore_errors=True)
        durable.make_directories(aside)
        if data is not None:
            archive.unpack(data, aside)
        shutil.rmtree(self._directory, ignore_errors=True)
        aside.rename(self._directory)

    def changed(self) -> None:
        """Something in the directory is another; the store follows."""
        self._dirty = True
        self._kept.clear()
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        pause = 0.25
        while self._dirty:
            self._dirty = False
            try:
                await asyncio.to_thread(self._put)
                pause = 0.25
            except Exception as error:  # noqa: BLE001 - each library of fsspec has errors of its own
                logger.error("state", extra={"error": f"{self._store.url}/{self._name}: {error}"})
                self._dirty = True
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST)
        self._kept.set()

    def _put(self) -> None:
        self._store.put(self._name, archive.pack(self._directory))

    async def settled(self, seconds: float = HELD) -> bool:
        """Wait until the store has everything, for so long at most; tells whether it has."""
        if self._kept.is_set():
            return True
        try:
            async with asyncio.timeout(seconds):
                await self._kept.wait()
        except TimeoutError:
            return False
        return True
