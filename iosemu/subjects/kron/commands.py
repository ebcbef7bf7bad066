"""`kron …`, and what it has planned."""

from __future__ import annotations

import re
from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, InvalidArgument
from iosemu.subjects.kron.config import (
    CLI_DEBUG,
    INFO_DEBUG,
    MAJOR_DEBUG,
    KronConfig,
    Moment,
    Occurrence,
    PolicyList,
)
from iosemu.subjects.kron.service import Kron

MOST = 31
"""Policy lists of one occurrence."""
MOST_MINUTES = 365 * 1440
_AFTER = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,2})")
DEBUGS = {"exec-cli": (CLI_DEBUG,), "info": (INFO_DEBUG,), "major": (MAJOR_DEBUG,)}


def _config(context: Context) -> KronConfig:
    config: KronConfig = context.device.config.of(KronConfig)
    return config


def _enter(context: Context, name: str, user: str, moment: Moment, mode: str) -> list[Enter]:
    occurrences = _config(context).occurrences
    found = occurrences.setdefault(name, Occurrence(name))
    found.user, found.moment, found.mode = user, moment, mode
    found.changes += 1
    return [Enter("config-kron-occurrence", found)]


def occurrence_in(
    context: Context, name: str, after: str = "", mode: str = "", user: str = "", rest: str = ""
) -> list[Enter]:
    """`kron occurrence NAME [user U] in [[D:]H:]M MODE`, and `no kron occurrence NAME`."""
    if context.off:
        _config(context).occurrences.pop(name, None)
        return []
    found = _AFTER.fullmatch(after)
    if found is None:
        raise InvalidArgument("after")
    days, hours, minutes = (int(each or 0) for each in found.groups())
    total = days * 1440 + hours * 60 + minutes
    if not 0 < total <= MOST_MINUTES or minutes > 59 or hours > 23:
        raise InvalidArgument("after")
    return _enter(context, name, user, Moment(total), mode)


def occurrence_at(
    context: Context,
    name: str,
    clock: str,
    mode: str,
    user: str = "",
    month: str = "",
    day: int = 0,
    weekday: str = "",
) -> list[Enter]:
    """`kron occurrence NAME [user U] at H:MM [[MONTH] DAY | WEEKDAY] MODE`."""
    hour, minute = clock.split(":")[:2]
    moment = Moment(0, int(hour), int(minute), month[:3], day, weekday[:3])
    return _enter(context, name, user, moment, mode)


def policy_list(context: Context, name: str) -> list[Enter]:
    """`kron policy-list NAME`."""
    policies = _config(context).policies
    if context.off:
        policies.pop(name, None)
        return []
    return [Enter("config-kron-policy", policies.setdefault(name, PolicyList(name)))]


def command(context: Context, text: str) -> None:
    """`cli COMMAND`."""
    commands = context.edited(PolicyList).commands
    text = text.strip()
    if text in commands:
        commands.remove(text)
    if not context.off:
        commands.append(text)


def policy(context: Context, name: str) -> None:
    """`policy-list NAME` of an occurrence."""
    names = context.edited(Occurrence).policies
    if context.off:
        if name in names:
            names.remove(name)
    elif name not in names:
        if len(names) >= MOST:
            raise CommandError("% Maximum number of policy lists for this occurrence is reached")
        names.append(name)


def show_schedule(context: Context) -> Iterator[str]:
    """`show kron schedule`."""
    kron, now = context.device.service(Kron), context.device.now
    yield "Kron Occurrence Schedule"
    for name, each in _config(context).occurrences.items():
        state = "active" if name in kron.active else "inactive"
        if name not in kron.due:
            yield (
                f"{name} {state}, will run at system startup"
                if each.mode == "system-startup"
                else f"{name} {state}"
            )
            continue
        left = int(kron.due[name] - now)
        days, rest = divmod(left, 86400)
        again = "again" if each.mode == "recurring" else "once"
        when = f"{days} days {rest // 3600:02d}:{rest % 3600 // 60:02d}:{rest % 60:02d}"
        moment = each.moment
        at = "" if moment.relative else f" at {moment.hour:>2}:{moment.minute:02d} on {moment.date}".rstrip()
        yield f"{name} {state}, will run {again} in {when}{at}"
    yield ""


def debug(context: Context, kind: str) -> Iterator[str]:
    """`debug kron all|exec-cli|info|major`."""
    flags = DEBUGS.get(kind, tuple(flag for each in DEBUGS.values() for flag in each))
    for flag in flags:
        yield context.device.debugging.set(flag, not context.silenced)
