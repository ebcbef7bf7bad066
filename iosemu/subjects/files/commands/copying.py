"""`copy`: between the file systems of the box, and to and from servers."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, CommandError, Effect, Steps, Wait
from iosemu.handling.filesystem import (
    RUNNING,
    STARTUP,
    configuration_lines,
    find,
    is_startup,
    locate,
    reading,
    write,
)
from iosemu.subjects.files.commands.files import merge, write_memory
from iosemu.subjects.files.commands.flash import quiet
from iosemu.subjects.files.commands.transfers import COPIED_PER_SECOND, copied, replacing, transferring
from iosemu.subjects.files.ends import NOWHERE, End
from iosemu.subjects.files.service import Copies

COPY_SECONDS = 0.3
"""Time that opening and closing the files of a copy takes."""
CONFIGURATIONS = (RUNNING, STARTUP)

Asking = Generator[str | Effect, Any, str]


def copy(context: Context, source: str, destination: str) -> Steps:
    """`copy SOURCE DESTINATION`; what the words leave out is asked for, with what was answered last as default.

    Raises CommandError when an end is not there, or its server is silent.
    """
    old, new = End.parse(source), End.parse(destination)
    memory = context.device.service(Copies)
    if old.remote and not old.host:
        old = End(old.scheme, (yield from _host(context, memory)), old.path)
    if old.nameless:
        old = old.of((yield from _file(context, "Source username", _user(context))))
    if not old.path and old.scheme != NOWHERE:
        name = yield from _file(context, "Source filename", memory.file if old.remote else "")
        if not name:
            raise CommandError(f"%Error opening {old.url} (No such file or directory)")
        old = End(old.scheme, old.host, name)
    if not old.remote:
        find(context, old.url)
    if new.remote and not new.host:
        new = End(new.scheme, (yield from _host(context, memory)), new.path)
    if new.nameless:
        new = new.of((yield from _file(context, "Destination username", _user(context))))
    new = yield from _destination(context, old, new)
    if old.remote or new.remote:
        end = old if old.remote else new
        memory.host, memory.file = end.host.rpartition("@")[2], end.path
        yield from transferring(context, old, new)
        return
    yield from _copy(context, old, new)


def _file(context: Context, question: str, usual: str) -> Asking:
    if quiet(context):
        return usual
    answer: str = yield Ask(f"{question} [{usual}]? ")
    return answer.strip() or usual


def _user(context: Context) -> str:
    """As whom another box is asked, unless the user says another name: as himself."""
    return context.session.username or context.device.hostname


def _host(context: Context, memory: Copies) -> Asking:
    host = yield from _file(context, "Address or name of remote host", memory.host)
    if not host:
        raise CommandError("?Invalid host address or name\n%Error parsing filename (No such device)")
    return host


def _destination(context: Context, old: End, new: End) -> Generator[str | Effect, Any, End]:
    if new.path:
        usual = new.path.lstrip("/")
    elif new.remote and old.path in CONFIGURATIONS:
        usual = f"{context.device.config.of(SystemConfig).hostname.lower()}-confg"
    else:
        usual = old.file
    if new.remote and new.path:
        return new
    answer = yield from _file(context, "Destination filename", usual)
    if new.scheme or answer == usual:
        return End(new.scheme, new.host, answer)
    return End.parse(answer)


def _copy(context: Context, old: End, new: End) -> Steps:
    place = locate(context, new.url)
    if is_startup(context, place):
        yield from _to_startup(context, old)
        return
    started = context.device.now
    data = yield from reading(context, old.url)
    if place.scheme == "null":
        yield Wait(COPY_SECONDS)
    elif place.files is None:
        yield from merge(context, configuration_lines(old.url, data))
        yield Wait(COPY_SECONDS)
    else:
        if not (yield from replacing(context, place)):
            return
        yield Wait(COPY_SECONDS + len(data) / COPIED_PER_SECOND)
        write(context, new.url, data)
    seconds = context.device.now - started
    yield copied(len(data), seconds)


def _to_startup(context: Context, old: End) -> Steps:
    if old.path == RUNNING and old.scheme in ("", "system"):
        yield from write_memory(context)
        return
    write(context, STARTUP, (yield from reading(context, old.url)))
    yield "[OK]"
