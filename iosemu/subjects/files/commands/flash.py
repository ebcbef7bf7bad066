"""Files and directories: dir, more, delete, verify, mkdir, rmdir, rename, cd, pwd."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta

from iosemu.box.clock_text import hms
from iosemu.box.files import FileSystem
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import PAUSE, Ask, CommandError, Confirm, Steps, Wait, Write
from iosemu.handling.filesystem import RUNNING, Place, locate, reading, text_lines

SECTOR = 512
KINDS = (
    ("opaque", "rw", "system"),
    ("opaque", "rw", "null"),
    ("network", "rw", "tftp"),
    ("nvram", "rw", "nvram"),
    ("disk", "rw", "flash"),
    ("network", "rw", "http"),
    ("network", "rw", "ftp"),
    ("network", "rw", "scp"),
)
"""What `show file systems` lists: type, flags, prefix."""
HASHED_PER_SECOND = 4_000_000
"""Bytes that `verify /md5` reads in a second; it prints a dot for each."""
HASHED_AT_ONCE = 1_000_000
"""Bytes after which others have their turn."""


def quiet(context: Context) -> bool:
    """`file prompt quiet`: nothing is asked."""
    return bool(context.device.config.of(SystemConfig).file_prompt == "quiet")


def _date(context: Context, when: float) -> str:
    from iosemu.box.timestamps import local_time

    moment = local_time(context.device, when)
    seconds = int((moment.utcoffset() or timedelta()).total_seconds())
    sign = "-" if seconds < 0 else "+"
    text = f"{moment:%b} {moment.day} {moment:%Y %H:%M:%S}"
    return f"{text:>20} {sign}{hms(abs(seconds))[:-3]}"


def directory(context: Context, url: str = "", kind: str = "") -> Steps:
    """`dir [/all | /recursive] [URL]`."""
    place = locate(context, url or context.session.directory)
    files = place.files
    if files is None:
        yield from _system(context)
        yield ""
        yield "No space information available"
        return
    if place.path in files:
        path = place.path
        yield f"Directory of {place.scheme}:/{path}"
        yield ""
        yield from _rows(context, place, [(path.rpartition("/")[2], files[path], files.changed[path])])
    elif files.is_directory(place.path):
        yield from _listed(context, place, every=kind == "/recursive")
    else:
        raise CommandError(f"%Error opening {place.scheme}:/{place.path} (File not found)")
    yield ""
    yield f"{files.capacity} bytes total ({files.free} bytes free)"


def all_directories(context: Context) -> Steps:
    """`dir all-filesystems`."""
    yield from _system(context)
    yield ""
    yield "No space information available"
    for name in ("nvram:", "flash:"):
        yield ""
        yield from directory(context, name)


def _system(context: Context) -> Steps:
    yield "Directory of system:/"
    yield ""
    size = len((yield from reading(context, RUNNING)))
    yield f"    2  -r--  {size:>10}                    <no date>  {RUNNING}"


def _listed(context: Context, place: Place, *, every: bool) -> Steps:
    """A directory, and with `every` those in it one after the other."""
    assert place.files is not None
    yield f"Directory of {place.scheme}:/{place.path}"
    yield ""
    rows = place.files.entries(place.path)
    if not rows:
        yield "No files in directory"
    yield from _rows(context, place, rows)
    if not every:
        return
    below = f"{place.path}/" if place.path else ""
    for name in [name for name, data, _when in rows if data is None]:
        yield ""
        yield from _listed(context, Place(place.scheme, f"{below}{name}", place.files), every=True)


def _rows(context: Context, place: Place, rows: list[tuple[str, bytes | None, float]]) -> Iterator[str]:
    for number, (name, data, when) in enumerate(rows, 1):
        mode, size = ("-rw-", len(data)) if data is not None else ("drw-", 0)
        if place.scheme == "nvram":
            yield f"{number:>5}  {mode}  {size:>10}                    <no date>  {name}"
        else:
            yield f"{number:>5}  {mode}  {size:>10}  {_date(context, when)}  {name}"


def more(context: Context, url: str) -> Steps:
    """`more URL`."""
    yield from text_lines((yield from reading(context, url)))


def _existing(place: Place, verb: str) -> None:
    if place.files is None or place.path not in place.files:
        raise CommandError(f"%Error {verb} {place.url} (No such file or directory)")


def delete(context: Context, url: str, force: bool = False, recursive: bool = False) -> Steps:
    """`delete URL`, which asks twice; `/force` does not ask."""
    place = locate(context, url)
    if force or quiet(context):
        _remove(place, recursive)
        return
    answer = yield Ask(f"Delete filename [{place.path}]? ")
    if answer.strip():
        place = Place(place.scheme, answer.strip().strip("/"), place.files)
    sure = yield Confirm(f"Delete {place.url}? [confirm]")
    if sure:
        _remove(place, recursive)
    else:
        yield f"Delete of {place.url} aborted!"


def delete_force(context: Context, url: str) -> Steps:
    """`delete /force URL`."""
    yield from delete(context, url, force=True)


def delete_recursive(context: Context, url: str, force: bool = False) -> Steps:
    """`delete /recursive [/force] URL`."""
    yield from delete(context, url, force=force, recursive=True)


def _remove(place: Place, recursive: bool) -> None:
    if recursive and place.files is not None and place.path and place.files.is_directory(place.path):
        for name in [name for name in place.files if name.startswith(f"{place.path}/")]:
            del place.files[name]
        for name in sorted(
            (n for n in place.files.directories if f"{n}/".startswith(f"{place.path}/")), reverse=True
        ):
            place.files.remove_directory(name)
        return
    _existing(place, "deleting")
    assert place.files is not None
    del place.files[place.path]


def verify(context: Context, url: str, digest: str = "") -> Steps:
    """`verify /md5 URL [DIGEST]`: dots while it reads, then the sum."""
    place = locate(context, url)
    data = yield from reading(context, url)
    sum_ = hashlib.md5(usedforsecurity=False)
    for second in range(len(data) // HASHED_PER_SECOND + 1):
        yield Write(".")
        part = memoryview(data)[second * HASHED_PER_SECOND : (second + 1) * HASHED_PER_SECOND]
        for at in range(0, len(part), HASHED_AT_ONCE):
            sum_.update(part[at : at + HASHED_AT_ONCE])
            yield PAUSE
        yield Wait(min(len(data) / HASHED_PER_SECOND, 1.0))
    yield "Done!"
    found = sum_.hexdigest()
    shown = url if ":" in url else place.url
    if not digest:
        yield f"verify /md5 ({shown}) = {found}"
    elif digest.lower() == found:
        yield f"Verified ({shown}) = {found}"
    else:
        yield f"%Error verifying {shown}"
        yield f"Computed signature  = {found}"
        yield f"Submitted signature = {digest}"


def make_directory(context: Context, url: str) -> Steps:
    """`mkdir URL`."""
    place = locate(context, url)
    if not quiet(context):
        answer = yield Ask(f"Create directory filename [{place.path}]? ")
        if answer.strip():
            place = Place(place.scheme, answer.strip().strip("/"), place.files)
    if place.files is None or place.path in place.files or place.files.is_directory(place.path):
        raise CommandError(f"%Error Creating dir {place.url} (File exists)")
    place.files.make_directory(place.path)
    yield f"Created dir {place.url}"


def remove_directory(context: Context, url: str) -> Steps:
    """`rmdir URL`: only an empty one."""
    place = locate(context, url)
    if not quiet(context):
        answer = yield Ask(f"Remove directory filename [{place.path}]? ")
        if answer.strip():
            place = Place(place.scheme, answer.strip().strip("/"), place.files)
        sure = yield Confirm(f"Delete {place.url}? [confirm]")
        if not sure:
            return
    if place.files is None or place.path not in place.files.directories:
        raise CommandError(f"%Error Removing dir {place.url} (No such file or directory)")
    if place.files.entries(place.path):
        raise CommandError(f"%Error Removing dir {place.url} (Directory not empty)")
    place.files.remove_directory(place.path)
    yield f"Removed dir {place.url}"


def rename(context: Context, source: str, destination: str) -> Steps:
    """`rename OLD NEW`."""
    old, new = locate(context, source), locate(context, destination)
    if not quiet(context):
        answer = yield Ask(f"Destination filename [{new.path}]? ")
        if answer.strip():
            new = Place(new.scheme, answer.strip().strip("/"), new.files)
    _existing(old, "renaming")
    if new.files is None or new.path in new.files:
        raise CommandError(f"%Error renaming {old.url} (File exists)")
    assert old.files is not None
    old.files.move(old.path, new.files, new.path)


def change_directory(context: Context, url: str = "flash:") -> None:
    """`cd [URL]`."""
    place = locate(context, url)
    if place.files is not None and not place.files.is_directory(place.path):
        raise CommandError(f"%Error changing dir to {place.url} (No such file or directory)")
    context.session.directory = f"{place.scheme}:/{place.path}" if place.path else f"{place.scheme}:"


def print_directory(context: Context) -> str:
    """`pwd`."""
    return context.session.directory


def erase(context: Context) -> Steps:
    """`erase flash:` (outputs/copy_dialogs)."""
    if not (yield Confirm("Erasing the flash filesystem will remove all files! Continue? [confirm]")):
        return
    yield "Erasing device..."
    yield f"{'e' * 64}...erased"
    _empty(context.device.flash)
    yield "Erase of flash: complete"


def format_(context: Context) -> Steps:
    """`format flash:`."""
    for question in (
        "Format operation may take a while. Continue? [confirm]",
        'Format operation will destroy all data in "flash:".  Continue? [confirm]',
    ):
        if not (yield Confirm(question)):
            return
    flash = context.device.flash
    yield "Format: Drive communication & 1st Sector Write OK..."
    yield "Writing Monlib sectors......"
    yield "Monlib write complete"
    yield "Format: All system sectors written. OK..."
    _empty(flash)
    yield f"Format: Total sectors in formatted partition: {flash.capacity // SECTOR}"
    yield f"Format: Total bytes in formatted partition: {flash.capacity // SECTOR * SECTOR}"
    yield "Format: Operation completed successfully."
    yield ""
    yield "Format of flash: complete"


def _empty(files: FileSystem) -> None:
    for name in list(files):
        del files[name]
    for name in sorted(files.directories, reverse=True):
        files.remove_directory(name)


def show_file_systems(context: Context) -> Iterator[str]:
    """`show file systems`: the star marks the current one."""
    device = context.device
    yield "File Systems:"
    yield ""
    yield "       Size(b)       Free(b)      Type  Flags  Prefixes"
    current = context.session.directory.partition(":")[0]
    for kind, flags, scheme in KINDS:
        size = free = "-"
        if kind in ("disk", "nvram"):
            files = device.nvram if scheme == "nvram" else device.flash
            size, free = str(files.capacity), str(files.free)
        star = "*" if scheme == current else " "
        yield f"{star}{size:>13} {free:>13} {kind:>9} {flags:>6}   {scheme}:{'#' if kind == 'disk' else ''}"
    yield ""
