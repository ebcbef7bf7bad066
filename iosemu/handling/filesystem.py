"""URLs of files: what they name, and reading and writing it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from iosemu.box import running_config
from iosemu.box.device import Device
from iosemu.box.files import FileSystem, FileSystemError
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import PAUSE, CommandError, Pause, Work, paused

STARTUP = "startup-config"
RUNNING = "running-config"
REMOTE = ("tftp", "ftp", "http", "https", "scp", "rcp")
"""Schemes of files on servers."""

MOST_OCTETS = 1 << 21
"""Of a file that is to be a configuration."""
PIECE = 16384
"""Octets of a file that are made text at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file or directory on the box."""

    scheme: str
    path: str
    files: FileSystem | None
    """None: `system:`, whose one file is the running configuration, and `null:`, which is always empty."""

    @property
    def url(self) -> str:
        """`flash:/NAME`, as questions and errors show it."""
        return f"{self.scheme}:/{self.path}" if self.scheme != "nvram" else f"nvram:{self.path}"


def total_bytes(device: Device, scheme: str) -> int:
    """The size of a file system."""
    files: FileSystem = device.nvram if scheme == "nvram" else device.flash
    return files.capacity


def short(word: str) -> str:
    """`run` and `start` are short for the two configurations."""
    for name in (RUNNING, STARTUP):
        if word and name.startswith(word.lower()):
            return name
    return word


def is_startup(context: Context, place: Place) -> bool:
    """Whether a place is that of the startup configuration."""
    _, files, path = context.device.startup_place
    return place.files is files and place.path == path


def locate(context: Context, url: str) -> Place:
    """What a URL names; a bare name is in the current directory.

    Raises CommandError for a file system that the box lacks.
    """
    word = short(url)
    if word == RUNNING:
        return Place("system", RUNNING, None)
    if word == STARTUP:
        scheme, files, path = context.device.startup_place
        return Place(scheme, path, files)
    scheme, colon, path = url.partition(":")
    if not colon:
        base = locate(context, context.session.directory)
        below = f"{base.path}/{url}" if base.path and not url.startswith("/") else url
        return Place(base.scheme, _clean(below), base.files)
    scheme = scheme.lower()
    if scheme in ("flash", "flash0"):
        return Place(scheme, _clean(path), context.device.flash)
    if scheme == "nvram":
        return Place(scheme, _clean(path), context.device.nvram)
    if scheme in ("system", "null"):
        return Place(scheme, _clean(path), None)
    reason = "Timed out" if scheme in REMOTE else "No such device"
    raise CommandError(f"%Error opening {url} ({reason})")


def _clean(path: str) -> str:
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def find(context: Context, url: str) -> Place:
    """Where a file, or one of the configurations, is; raises CommandError when it is not there."""
    place = locate(context, url)
    missing = CommandError(f"%Error opening {url} (No such file or directory)")
    if place.files is None:
        if place.scheme != "null" and short(place.path) != RUNNING:
            raise missing
    elif place.path not in place.files:
        if is_startup(context, place):
            raise CommandError("%% Non-volatile configuration memory is not present")
        raise missing
    return place


def running(context: Context, pause: Pause = PAUSE) -> Work[list[str]]:
    """The running configuration, from its first `!` to `end`."""
    return paused(running_config.built(context.device, context.session.render), pause)


def reading(context: Context, url: str) -> Work[bytes]:
    """The content of a file, or of one of the configurations, in steps where it is made first.

    Raises CommandError when it is not there.
    """
    place = find(context, url)
    if place.files is not None:
        return place.files[place.path]
    if place.scheme == "null":
        return b""
    return running_config.text((yield from running(context)))


def write(context: Context, url: str, data: bytes, append: bool = False) -> None:
    """Put `data` into a file.

    When it returns they are on the disk. Raises CommandError when there is no such place or no room, or
    when they cannot be kept; the file is then as it was.
    """
    place = locate(context, url)
    files = place.files
    if files is None or not place.path or files.is_directory(place.path):
        raise CommandError(f"%Error opening {url} (Permission denied)")
    directory = place.path.rpartition("/")[0]
    if not files.is_directory(directory):
        raise CommandError(f"%Error opening {url} (No such file or directory)")
    before = files.get(place.path, b"")
    try:
        files[place.path] = before + data if append else data
    except FileSystemError as error:
        shown = url if ":" in url else error.place
        raise CommandError(f"%Error opening {shown} ({error.reason})") from error
    if is_startup(context, place):
        context.device.config.of(SystemConfig).save(context.device.now, context.session.username)


def configuration_lines(url: str, data: bytes) -> list[str]:
    """A file as lines of a configuration; raises CommandError when it is far too large to be one."""
    if len(data) > MOST_OCTETS:
        raise CommandError(f"%Error: {url} is not a valid config file")
    return list(text_lines(data))


def text_lines(data: bytes) -> Iterator[str]:
    """A file as lines of text, read a piece at a time; a line that has no end for very long is divided."""
    at = 0
    while at < len(data):
        end = data.find(b"\n", at + PIECE, at + 2 * PIECE) + 1 or at + 2 * PIECE
        yield from data[at:end].decode("utf-8", "replace").splitlines()
        at = end
