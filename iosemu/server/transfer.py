"""SCP and SFTP into a device's own file systems; the files of the computer are out of reach."""

from __future__ import annotations

import contextlib
import errno
import os
import posixpath
import stat
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import asyncssh
from asyncssh import SFTPAttrs, SFTPName

from iosemu.box.files import FileSystem, FileSystemError

FileSystems = Mapping[str, FileSystem]
"""By scheme: `flash`, `nvram`. The first one is where plain names belong."""

_DIRECTORY = stat.S_IFDIR | 0o755
_BLOCK = 512
_UNSUPPORTED = asyncssh.SFTPOpUnsupported("Operation unsupported")
_FILE = stat.S_IFREG | 0o644


MAXIMUM_HANDLES = 64
"""Files that one client may have open at once."""


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """A change that the file system refuses is told to the client with the same reason."""
    try:
        yield
    except FileSystemError as error:
        raise asyncssh.SFTPFailure(error.reason.value) from error


class _File:
    """An open file: written as a whole when it is closed."""

    def __init__(self, files: FileSystem, path: str, data: bytes, writable: bool) -> None:
        self.files = files
        self.path = path
        self.data: bytes | bytearray = data
        """What is stored, until something is written: a reader costs no copy."""
        self.writable = writable
        if writable:
            files.writers[path] = self

    def own(self) -> bytearray:
        """The content, to be changed."""
        if not isinstance(self.data, bytearray):
            self.data = bytearray(self.data)
        return self.data

    def reserve(self, size: int) -> None:
        """Have room for a file of `size` octets; raises FileSystemError when the flash is too full."""
        stored = len(self.files.get(self.path, b""))
        self.files.reserve(self, size - stored)

    def release(self) -> None:
        """Need no room beyond what is stored."""
        self.files.reserve(self, 0)

    def leave(self) -> None:
        """It is open no more."""
        self.release()
        if self.writable:
            self.files.writers.pop(self.path, None)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Where data (SEEK_DATA) or the next hole (SEEK_HOLE) begins: the file is all data."""
        if whence == os.SEEK_DATA and offset >= len(self.data):
            raise OSError(errno.ENXIO, os.strerror(errno.ENXIO))
        return len(self.data) if whence == os.SEEK_HOLE else offset


class DeviceFiles(asyncssh.SFTPServer):
    """The file systems as directories of one root; `flash:/x`, `/flash:/x` and `x` are the same file."""

    def __init__(self, chan: Any, systems: FileSystems) -> None:
        super().__init__(chan)
        self._systems = systems
        self._open: set[_File] = set()

    def _find(self, path: bytes) -> tuple[FileSystem | None, str]:
        """The file system (None: the root above them) and the path in it."""
        text = posixpath.normpath("/" + path.decode("utf-8", "replace")).strip("/")
        if not text or text == ".":
            return None, ""
        scheme, colon, rest = text.partition(":")
        if not colon:
            return next(iter(self._systems.values())), text
        if scheme.lower() not in self._systems:
            raise asyncssh.SFTPNoSuchFile(f"%Error opening {text} (No such device)")
        return self._systems[scheme.lower()], rest.strip("/")

    def _file(self, path: bytes) -> tuple[FileSystem, str]:
        files, name = self._find(path)
        if files is None or name not in files:
            raise asyncssh.SFTPNoSuchFile("No such file or directory")
        return files, name

    def open(self, path: bytes, pflags: int, attrs: SFTPAttrs) -> _File:
        """Open for reading or writing; a new file appears at once."""
        files, name = self._find(path)
        if files is None or files.is_directory(name):
            raise asyncssh.SFTPFailure("Is a directory")
        writes = bool(pflags & asyncssh.FXF_WRITE)
        if len(self._open) >= MAXIMUM_HANDLES:
            raise asyncssh.SFTPFailure("Too many open files")
        if writes and name in files.writers:
            raise asyncssh.SFTPFailure("File in use")
        if name not in files:
            if not pflags & asyncssh.FXF_CREAT:
                raise asyncssh.SFTPNoSuchFile("No such file or directory")
            if not files.is_directory(name.rpartition("/")[0]):
                raise asyncssh.SFTPNoSuchFile("No such file or directory")
            with _refusals():
                files[name] = b""
        elif pflags & asyncssh.FXF_EXCL:
            raise asyncssh.SFTPFailure("File exists")
        data = b"" if pflags & asyncssh.FXF_TRUNC else files[name]
        file = _File(files, name, data, writes)
        self._open.add(file)
        return file

    def open56(self, path: bytes, desired_access: int, flags: int, attrs: SFTPAttrs) -> _File:
        """Only version 3 is spoken."""
        raise asyncssh.SFTPOpUnsupported("Operation unsupported")

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Bytes from `offset` on."""
        assert isinstance(file_obj, _File)
        return bytes(file_obj.data[offset : offset + size])

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Put bytes at `offset`; refused when the file system has no room for them."""
        assert isinstance(file_obj, _File)
        if not file_obj.writable:
            raise asyncssh.SFTPPermissionDenied("Permission denied")
        end = offset + len(data)
        with _refusals():
            file_obj.reserve(max(end, len(file_obj.data)))
        content = file_obj.own()
        if offset > len(content):
            content.extend(bytes(offset - len(content)))
        content[offset:end] = data
        return len(data)

    def close(self, file_obj: object) -> None:
        """Keep what was written: the client is told that all went well when it is on the disk."""
        assert isinstance(file_obj, _File)
        self._open.discard(file_obj)
        file_obj.leave()
        self.fsync(file_obj)

    def fsync(self, file_obj: object) -> None:
        """Keep what was written so far."""
        assert isinstance(file_obj, _File)
        if file_obj.writable:
            file_obj.release()
            with _refusals():
                file_obj.files[file_obj.path] = bytes(file_obj.data)

    def stat(self, path: bytes) -> SFTPAttrs:
        """Type and size."""
        files, name = self._find(path)
        if files is None or files.is_directory(name):
            return _attributes(None)
        files, name = self._file(path)
        return _attributes(files[name])

    lstat = stat

    def fstat(self, file_obj: object) -> SFTPAttrs:
        """Size of an open file."""
        assert isinstance(file_obj, _File)
        return _attributes(file_obj.data)

    def setstat(self, path: bytes, attrs: SFTPAttrs) -> None:
        """Modes, owners and dates do not exist here."""

    lsetstat = setstat

    def fsetstat(self, file_obj: object, attrs: SFTPAttrs) -> None:
        """Cut the file at a size; modes, owners and dates do not exist here."""
        assert isinstance(file_obj, _File)
        if attrs.size is not None and file_obj.writable:
            del file_obj.own()[attrs.size :]

    async def scandir(self, path: bytes) -> AsyncIterator[SFTPName]:
        """What a directory holds."""
        files, name = self._find(path)
        if files is None:
            for scheme in self._systems:
                yield SFTPName(f"{scheme}:".encode(), "", _attributes(None))
            return
        if not files.is_directory(name):
            raise asyncssh.SFTPNoSuchFile("No such file or directory")
        for entry, data, _ in files.entries(name):
            yield SFTPName(entry.encode(), "", _attributes(data))

    def remove(self, path: bytes) -> None:
        """Delete a file."""
        files, name = self._file(path)
        with _refusals():
            del files[name]

    def mkdir(self, path: bytes, attrs: SFTPAttrs) -> None:
        """Make a directory."""
        files, name = self._find(path)
        if files is None or files.is_directory(name) or name in files:
            raise asyncssh.SFTPFailure("File exists")
        with _refusals():
            files.make_directory(name)

    def rmdir(self, path: bytes) -> None:
        """Remove an empty directory."""
        files, name = self._find(path)
        if files is None or name not in files.directories or files.entries(name):
            raise asyncssh.SFTPFailure("Directory not empty")
        with _refusals():
            files.remove_directory(name)

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename a file; an existing one is not overwritten."""
        files, name = self._file(oldpath)
        other, new = self._find(newpath)
        if other is None or new in other or other.is_directory(new):
            raise asyncssh.SFTPFailure("File exists")
        with _refusals():
            files.move(name, other, new)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename a file over another."""
        files, name = self._file(oldpath)
        other, new = self._find(newpath)
        if other is None or other.is_directory(new):
            raise asyncssh.SFTPFailure("Is a directory")
        with _refusals():
            files.move(name, other, new)

    def exit(self) -> None:
        """The client is done: what it left open is given up, and it is told that all went well."""
        for file in self._open:
            file.leave()
        self._open.clear()
        if self.channel.get_subsystem() is not None:
            self.channel.exit(0)

    def realpath(self, path: bytes) -> bytes:
        """The path without `.` and `..`."""
        return posixpath.normpath(b"/" + path.lstrip(b"/"))

    def readlink(self, path: bytes) -> bytes:
        """There are no links."""
        raise _UNSUPPORTED

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        """There are no links."""
        raise _UNSUPPORTED

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        """There are no links."""
        raise _UNSUPPORTED

    def statvfs(self, path: bytes) -> asyncssh.SFTPVFSAttrs:
        """Size and free space."""
        files, _ = self._find(path)
        files = files if files is not None else next(iter(self._systems.values()))
        blocks, free = files.capacity // _BLOCK, files.free // _BLOCK
        return asyncssh.SFTPVFSAttrs(
            bsize=_BLOCK, frsize=_BLOCK, blocks=blocks, bfree=free, bavail=free, namemax=63
        )

    def fstatvfs(self, file_obj: object) -> asyncssh.SFTPVFSAttrs:
        """Size and free space."""
        return self.statvfs(b"/")

    def lock(self, file_obj: object, offset: int, length: int, flags: int) -> None:
        """Nobody can lock."""
        raise _UNSUPPORTED

    def unlock(self, file_obj: object, offset: int, length: int) -> None:
        """Nobody can lock."""
        raise _UNSUPPORTED


def _attributes(data: bytes | bytearray | None) -> SFTPAttrs:
    """Type, mode and size of a file; None is a directory."""
    if data is None:
        return SFTPAttrs(type=asyncssh.FILEXFER_TYPE_DIRECTORY, permissions=_DIRECTORY, size=0)
    return SFTPAttrs(type=asyncssh.FILEXFER_TYPE_REGULAR, permissions=_FILE, size=len(data))


def is_scp(command: str) -> bool:
    """Whether an exec request runs the far end of scp."""
    return command.startswith("scp ")


def transfer_session(systems: FileSystems) -> asyncssh.SSHServerSession[bytes]:
    """The session that serves SCP (`scp -t`, `scp -f`) or SFTP on one channel."""
    from asyncssh.stream import SSHServerStreamSession

    session: asyncssh.SSHServerSession[bytes] = SSHServerStreamSession(
        None, lambda channel: DeviceFiles(channel, systems), 3, True
    )
    return session
