"""`reload`: now, later, or not after all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from iosemu.box.device import Device
from iosemu.box.system import SystemConfig
from iosemu.box.time_zone import seconds_between
from iosemu.box.timestamps import clock_text_plain, local_time
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, CommandError, Confirm, Steps
from iosemu.subjects.files.commands import files

ABORTED = ("", "", "***", "*** --- SHUTDOWN ABORTED ---", "***")
MOST_MINUTES = 24 * 24 * 60


def reload(context: Context, reason: str = "") -> Steps:
    """`reload [REASON]`: the save question, then the restart, which the lab carries out."""
    yield from _save_question(context)
    sure = yield Confirm("Proceed with reload? [confirm]")
    if sure:
        _restart(context.device, context.session.username or "console", reason or "Reload Command")


def _save_question(context: Context) -> Steps:
    if not context.device.config.of(SystemConfig).unsaved:
        return
    yield ""
    while True:
        answer = yield Ask("System configuration has been modified. Save? [yes/no]: ")
        word = answer.strip().lower()
        if word and ("yes".startswith(word) or "no".startswith(word)):
            break
        yield "% Please answer 'yes' or 'no'."
    if "yes".startswith(word):
        yield from files.write_memory(context)


def _restart(device: Device, by: str, reason: str) -> None:
    device.log("SYS", 5, "RELOAD", f"Reload requested by {by}. Reload Reason: {reason}.")
    device.reload_requested = True


def reload_in(context: Context, time: str, reason: str = "") -> Steps:
    """`reload in MMM | HHH:MM [REASON]`."""
    hours, colon, rest = time.partition(":")
    parts = (hours, rest) if colon else ("0", hours)
    if not all(part.isdigit() for part in parts):
        raise CommandError("%Invalid time specification")
    minutes = int(parts[0]) * 60 + int(parts[1])
    if not 0 < minutes <= MOST_MINUTES:
        raise CommandError("%Reload time must be between 1 minute and 24 days")
    yield from _later(context, minutes * 60.0, reason)


def reload_at(
    context: Context, time: Any, month: str = "", day: int | None = None, reason: str = ""
) -> Steps:
    """`reload at HH:MM [MONTH DAY] [REASON]`."""
    device = context.device
    now = local_time(device, device.now)
    hour, minute = (int(part) for part in str(time).split(":")[:2])
    when = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if month and day is not None:
        try:
            named = datetime.strptime(f"{day} {month[:3]} {now.year}", "%d %b %Y")
        except ValueError as error:
            raise CommandError("%Invalid date") from error
        when = when.replace(month=named.month, day=named.day)
    elif when <= now:
        when += timedelta(days=1)
    if when <= now:
        raise CommandError("%Reload time is in the past")
    yield from _later(context, seconds_between(now, lambda _: when) or 0.0, reason)


def _later(context: Context, seconds: float, reason: str) -> Steps:
    device, session = context.device, context.session
    yield from _save_question(context)
    when = device.now + seconds
    moment = clock_text_plain(local_time(device, when))
    minutes = int(-(-seconds // 60))
    yield f"Reload scheduled for {moment} (in {_spoken(minutes)}) by {session.username or 'console'} on " + (
        "console" if session.origin == "console" else f"{session.line_name} ({session.origin})"
    )
    yield f"Reload reason: {reason or 'Reload Command'}"
    sure = yield Confirm("Proceed with reload? [confirm]")
    if not sure:
        return
    cancel(device)
    by, boots = session.username or "console", device.boots
    device.reload_planned = when
    device.reload_reason = reason or "Reload Command"

    def fire(planned: float) -> None:
        if device.boots == boots and device.reload_planned == planned:
            _restart(device, by, device.reload_reason)

    device.scheduler.after(seconds, partial(fire, when))
    for left in (3600, 1800, 300, 60):
        if seconds > left:
            device.scheduler.after(seconds - left, partial(_warn, device, when, left // 60))


def _warn(device: Device, planned: float, minutes: int) -> None:
    if device.reload_planned == planned:
        device.log("SYS", 5, "SCHEDULED_RELOAD", f"Reload in {_spoken(minutes)}")


def _spoken(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    left = f"{rest} minute{'' if rest == 1 else 's'}"
    return f"{hours} hour{'' if hours == 1 else 's'} and {left}" if hours else left


def cancel(device: Device) -> bool:
    """Forget a planned reload; tells whether there was one."""
    planned = device.reload_planned is not None
    device.reload_planned = None
    return planned


def reload_cancel(context: Context) -> Iterator[str]:
    """`reload cancel`."""
    if not cancel(context.device):
        raise CommandError("%No reload is scheduled.")
    yield from ABORTED
    yield ""
    context.device.log("SYS", 5, "SCHEDULED_RELOAD_CANCELLED", "Scheduled reload cancelled")


def show_reload(context: Context) -> Iterator[str]:
    """`show reload`."""
    device = context.device
    if device.reload_planned is None:
        yield "No reload is scheduled."
        return
    moment = clock_text_plain(local_time(device, device.reload_planned))
    minutes = int(-(-(device.reload_planned - device.now) // 60))
    yield f"Reload scheduled for {moment} (in {_spoken(minutes)})"
    yield f"Reload reason: {device.reload_reason}"
