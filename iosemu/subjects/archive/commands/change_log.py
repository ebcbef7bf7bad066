"""`show archive log config`, `clear archive log config`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Confirm, Steps
from iosemu.subjects.archive.change_log import ChangeLog, LoggedCommand, memory, rows


def _log(context: Context) -> ChangeLog:
    log: ChangeLog = context.device.service(ChangeLog)
    if log.settings is None:
        raise CommandError("% Config Logger disabled.")
    return log


def _shown(entries: list[LoggedCommand], provisioning: bool) -> Iterator[str]:
    if not entries:
        raise CommandError("% No entries match the given filter.")
    return rows(entries, provisioning)


def show_all(context: Context, provisioning: bool = False) -> Iterator[str]:
    """`show archive log config all`."""
    return rows(_log(context).entries, provisioning)


def show_numbers(
    context: Context, first: int, last: int | None = None, provisioning: bool = False
) -> Iterator[str]:
    """`show archive log config FIRST [LAST]`."""
    upto = first if last is None else last
    return _shown([each for each in _log(context).entries if first <= each.number <= upto], provisioning)


def show_user(
    context: Context, user: str, session: int | None = None, provisioning: bool = False
) -> Iterator[str]:
    """`show archive log config user NAME [session N]`."""
    found = [each for each in _log(context).entries if each.user == user and session in (None, each.session)]
    return _shown(found, provisioning)


def show_statistics(context: Context) -> Iterator[str]:
    """`show archive log config statistics`."""
    return memory(_log(context))


def clear(context: Context, force: bool = False) -> Steps:
    """`clear archive log config [force]`."""
    log = _log(context)
    if force or (yield Confirm("Clear archive log [confirm]")):
        log.clear()
