"""`archive`: configurations kept by number, and what differs between configurations."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, TypeVar

from iosemu.box import running_config
from iosemu.box.files import FileSystemError
from iosemu.box.timestamps import local_time
from iosemu.handling.context import Context
from iosemu.handling.effects import WHOLE, CommandError, Effect, Enter, Steps
from iosemu.handling.filesystem import REMOTE, configuration_lines, locate, reading, running, write
from iosemu.subjects.archive.config import ArchiveConfig, ChangeLogConfig
from iosemu.subjects.archive.service import Archive
from iosemu.subjects.archive.tree import differences, missing, parse

MadeT = TypeVar("MadeT")
Making = Generator[str | Effect, Any, MadeT]
"""It may be written to, or read from, a server."""


@dataclass(frozen=True)
class ArchiveStyle:
    """How archived configurations are named."""

    stem: ClassVar[str] = "archive"
    timestamp: bool = True
    """Their names have the time in them."""


NOT_ENABLED = " Archive feature not enabled"


def settings(context: Context) -> ArchiveConfig:
    """The device's archive."""
    archive: ArchiveConfig = context.device.config.of(ArchiveConfig)
    return archive


def enter(context: Context) -> list[Enter]:
    """`archive`; `no archive` forgets its settings."""
    archive = settings(context)
    if context.off:
        context.device.config.put(ArchiveConfig(saved=archive.saved, count=archive.count))
        return []
    return [Enter("config-archive", archive)]


def log_config(context: Context) -> list[Enter]:
    """`log config`."""
    archive = context.edited(ArchiveConfig)
    if context.off:
        archive.log = None
        return []
    archive.log = archive.log or ChangeLogConfig()
    return [Enter("config-archive-log-cfg", archive.log)]


def path(context: Context, url: str = "") -> None:
    """`path URL`."""
    if context.off:
        context.edited(ArchiveConfig).path = ""
        return
    if ":" not in url:
        raise CommandError(f"{url} is not a valid path for archive")
    if not _remote(url):
        locate(context, url)
    context.edited(ArchiveConfig).path = url


def _name(context: Context, number: int) -> str:
    path = settings(context).path.replace("$h", context.device.hostname)
    moment = local_time(context.device, context.device.now)
    stamp = f"{moment:%b}-{moment.day:>2}-{moment:%H-%M-%S}.{moment.microsecond // 1000:03d}".replace(
        " ", "-"
    )
    if "$t" in path:
        return f"{path.replace('$t', stamp)}-{number}"
    if not context.device.image.style(ArchiveStyle).timestamp:
        return f"{path}-{number}"
    return f"{path}-{stamp}-{number}"


def _remote(url: str) -> bool:
    """It is on a server."""
    return url.partition(":")[0].lower() in REMOTE


def fetched(context: Context, url: str) -> Making[bytes]:
    """The content of a file here or on a server; raises CommandError when it cannot be read."""
    if _remote(url):
        # now: the commands of files need those of the archive
        from iosemu.subjects.files.commands.transfers import get

        return (yield from get(context, url))
    return (yield from reading(context, url))


def make(context: Context) -> Making[str]:
    """Keep the running configuration in the archive; the URL of the file.

    Raises CommandError when no path is configured, or nothing can be written there.
    """
    archive = settings(context)
    if not archive.path:
        raise CommandError(NOT_ENABLED)
    url = _name(context, archive.count)
    text = running_config.text((yield from running(context, WHOLE)))
    if _remote(url):
        from iosemu.subjects.files.commands.transfers import put

        yield from put(context, url, text)
    else:
        write(context, url, text)
    archive.count += 1
    archive.saved.append(url)
    while len(archive.saved) > archive.maximum:
        oldest = archive.saved.pop(0)
        if _remote(oldest):  # servers keep what they have
            continue
        old = locate(context, oldest)
        if old.files is not None:
            old.files.pop(old.path, None)
    return url


def time_period(context: Context, minutes: int | None = None) -> None:
    """`time-period MINUTES`: archive every so often, counted from now."""
    archive = context.edited(ArchiveConfig)
    if context.off:
        minutes = None
    if archive.time_period != minutes:
        archive.time_period = minutes
        _plan(context, archive)


def _plan(context: Context, archive: ArchiveConfig) -> None:
    if archive.time_period is not None:
        seconds = archive.time_period * 60.0
        archive.due = context.device.now + seconds
        context.device.scheduler.after(seconds, partial(_periodic, context, archive, archive.due))


def _periodic(context: Context, archive: ArchiveConfig, due: float) -> None:
    """The time has come, unless the settings changed or the box restarted meanwhile."""
    if settings(context) is not archive or archive.time_period is None or archive.due != due:
        return
    if archive.path:
        context.device.service(Archive).unattended.run(_quietly(context))
    _plan(context, archive)


def _quietly(context: Context) -> Steps:
    with suppress(CommandError, FileSystemError):
        yield from make(context)


def archive_config(context: Context) -> Steps:
    """`archive config`."""
    yield from make(context)


def show_archive(context: Context) -> Iterator[str]:
    """`show archive`."""
    archive = settings(context)
    if not archive.path:
        yield NOT_ENABLED
        return
    yield f"The maximum archive configurations allowed is {archive.maximum}."
    saved = archive.saved
    if saved:
        many = f"are currently {len(saved)} archive configurations" if len(saved) > 1 else ""
        yield f"There {many or 'is currently 1 archive configuration'} saved."
    yield (
        f"The next archive file will be named {archive.path}-<timestamp>-{archive.count}"
        if context.device.image.style(ArchiveStyle).timestamp
        else f"The next archive file will be named {_name(context, archive.count)}"
    )
    yield " Archive #  Name"
    for number in range(1, max(archive.maximum, len(saved)) + 1):
        name = saved[number - 1] if number <= len(saved) else ""
        recent = " <- Most Recent" if number == len(saved) else ""
        yield f"{number:>4}        {name}{recent}"


def show_differences(context: Context, old: str = "", new: str = "") -> Steps:
    """`show archive config differences [OLD [NEW]]`: by default startup and running configuration."""
    old, new = old or "nvram:startup-config", new or "system:running-config"
    first = configuration_lines(old, (yield from fetched(context, old)))
    second = configuration_lines(new, (yield from fetched(context, new)))
    rows = list(differences(parse(first), parse(second)))
    yield "!Contextual Config Diffs:"
    yield from (part for row in rows for part in row.split("\n"))
    if not rows:
        yield "!No changes were found"


def show_incremental(context: Context, url: str, ignorecase: bool = False) -> Steps:
    """`show archive config incremental-diffs FILE [ignorecase]`: lines the running configuration lacks."""

    def same(line: str) -> str:
        return line.lower() if ignorecase else line

    present = parse((yield from running(context)))
    lines = configuration_lines(url, (yield from fetched(context, url)))
    if lines and not any(line.strip() == "end" for line in lines):
        yield "%The input file is not a valid config file."
        yield "!Error: cfgdiff returned error 5"
        return
    wanted = parse(lines)
    rows = list(missing(present, wanted, same))
    yield "!List of Commands:"
    for depth, line in rows:
        yield from f"{' ' * depth}{line}".split("\n")
    yield "end"
    if not rows:
        yield "!No changes were found"
