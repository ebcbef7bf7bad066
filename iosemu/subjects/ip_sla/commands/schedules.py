"""When operations run: `ip sla schedule`, `ip sla group schedule`, `ip sla restart`, `ip sla reset`."""

from __future__ import annotations

from typing import Any

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument
from iosemu.subjects.ip_sla.config import LIFE, Group, IpSlaConfig, Schedule
from iosemu.subjects.ip_sla.service import IpSla

DAYS = dict(
    zip(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31),
        strict=True,
    )
)
"""The most days of each month."""
MOST_MEMBERS = 125
"""Of a group (more than IOS spreads in a line)."""


def _checked(config: IpSlaConfig, number: int, frequency: float | None = None) -> None:
    """Raises CommandError where an operation cannot be scheduled."""
    each = config.operations.get(number)
    if each is None or not each.kind:
        raise CommandError("%Entry not configured")
    between = int((frequency or each.frequency) * 1000)
    if each.timeout > between:
        raise CommandError(
            f"%Scheduling a probe with timeout {each.timeout} ms greater than frequency "
            f"{between} ms is not allowed."
        )
    if each.threshold > each.timeout:
        raise CommandError(
            f"%Scheduling a probe with threshold {each.threshold} ms greater than timeout "
            f"{each.timeout} ms is not allowed."
        )


def _start(now: bool, pending: bool, after: Any, time: Any, month: str, day: int | None) -> str:
    """The words behind `start-time`."""
    if after is not None:
        return "after {:02}:{:02}:{:02}".format(*after)
    if day is not None and day > DAYS[month[:3].lower()]:
        raise InvalidArgument("day")
    if time is not None:
        return " ".join([str(time), *([month[:3], str(day)] if day is not None else [])])
    return "now" if now else "pending" if pending else ""


def schedule(
    context: Context,
    number: int,
    life: int | None = None,
    forever: bool = False,
    now: bool = False,
    pending: bool = False,
    after: Any = None,
    time: Any = None,
    month: str = "",
    day: int | None = None,
    ageout: int = 0,
    recurring: bool = False,
) -> None:
    """`[no] ip sla schedule N [life …] [start-time …] [ageout N] [recurring]`."""
    config = context.device.config.of(IpSlaConfig)
    if context.off:
        config.schedules.pop(number, None)
        return
    _checked(config, number)
    for group, each in config.groups.items():
        if number in each.members:
            raise CommandError(f"%Entry {number} is already part of group {group}")
    start = _start(now, pending, after, time, month, day)
    config.schedules[number] = Schedule(
        None if forever else LIFE if life is None else life, start, ageout, recurring
    )


def group(
    context: Context,
    group: int,
    members: tuple[int, ...] = (),
    period: int = 0,
    frequency: int | None = None,
    life: int | None = None,
    forever: bool = False,
    now: bool = False,
    pending: bool = False,
    after: Any = None,
    time: Any = None,
    month: str = "",
    day: int | None = None,
    ageout: int = 0,
) -> None:
    """`[no] ip sla group schedule N MEMBERS schedule-period SECONDS [frequency SECONDS] …`."""
    config = context.device.config.of(IpSlaConfig)
    if context.off:
        config.groups.pop(group, None)
        return
    if len(members) > MOST_MEMBERS:
        raise CommandError("%Group Scheduler: probe list wrong syntax")
    for number in members:
        _checked(config, number, frequency or period)
        if number in config.schedules:
            raise CommandError(f"%Entry {number} is already scheduled")
    plan = Schedule(
        None if forever else LIFE if life is None else life,
        _start(now, pending, after, time, month, day),
        ageout,
    )
    config.groups[group] = Group(tuple(members), period, frequency, plan)


def restart(context: Context, number: int) -> None:
    """`ip sla restart N`: an operation that runs begins anew, with its whole life."""
    service = context.device.service(IpSla)
    if not service.running(number):
        raise CommandError("%Entry not active")
    service.restart(number)


def reset(context: Context) -> None:
    """`ip sla reset`: everything stops, and no operation is configured any more."""
    config = context.device.config.of(IpSlaConfig)
    for part in (config.operations, config.schedules, config.groups, config.reactions, config.triggers):
        part.clear()
