"""`configure replace`, and changes that are undone unless they are confirmed in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise

from iosemu.box.system import SystemConfig
from iosemu.box.timestamps import clock_text_plain, local_time
from iosemu.handling.context import Context, LineError
from iosemu.handling.effects import WHOLE, Ask, CommandError, Effect, Output, Steps, Work
from iosemu.handling.filesystem import configuration_lines, reading, running
from iosemu.subjects.archive.commands import archive
from iosemu.subjects.archive.config import ArchiveConfig, Rollback
from iosemu.subjects.archive.service import Archive
from iosemu.subjects.archive.tree import commands, parse
from iosemu.subjects.terminal.commands import terminal

PASSES = 5
INVALID_FILE = "%The input file is not a valid config file."
NONE_PENDING = "%No Rollback Confirmed Change pending"
NEEDS_ARCHIVE = "%Please turn config archive on before using this command"
WARNING = (
    "This will apply all necessary additions and deletions",
    "to replace the current running configuration with the",
    "contents of the specified configuration file, which is",
    "assumed to be a complete configuration, not a partial",
)
FAILURE = "The following commands are failed to apply to the IOS image."
STARS = "********"


def replace(
    context: Context,
    url: str,
    listed: str = "",
    force: bool = False,
    error: bool = False,
    minutes: int | None = None,
) -> Steps:
    """`configure replace URL [list] [force] [revert trigger error] [timer N]`."""
    lines = configuration_lines(url, (yield from archive.fetched(context, url)))
    if not _whole(lines):
        raise CommandError(INVALID_FILE)
    if (error or minutes) and not context.device.config.of(ArchiveConfig).path:
        raise CommandError(NEEDS_ARCHIVE)
    if not force:
        yield from WARNING
        answer = yield Ask("configuration. Enter Y if you are sure you want to proceed. ? [no]: ")
        if not answer.strip().lower().startswith("y"):
            return
    if minutes:
        yield from _plan(context, minutes)
    before = yield from running(context, WHOLE)
    backup = (yield from archive.make(context)) if error else ""
    passes, failed, configlets = yield from _apply(context, lines)
    undone = (yield from _restore(context, before)) if failed and error else 0
    if listed:
        yield from configlets
    yield ""
    if not failed:
        yield f"Total number of passes: {passes}"
        yield "Rollback Done"
        yield ""
        context.device.log("SYS", 5, "CONFIG_R", "Config Replace is Done ")
    elif error:
        wrong = next(
            (line for line, more in pairwise((*failed, "")) if _depth(more) <= _depth(line)), failed[0]
        )
        yield f"Failed to apply command {wrong.strip()}"
        yield "Aborting Rollback."
        yield ""
        yield f"Rollback failed.Reverting back to the original configuration: {backup}"
        yield f"Total number of passes: {undone}"
        yield "Rollback Done"
        yield ""
    else:
        yield "The rollback configlet from the last pass is listed below:"
        yield from (STARS, "!List of Rollback Commands:", *failed, "end", STARS, "", "")
        yield f"Rollback aborted after {PASSES} passes"
        yield FAILURE
        yield from (STARS, *failed, STARS, "")


def _whole(lines: Sequence[str]) -> bool:
    """Whether this is a configuration from its release to its end, as a box writes it."""
    last = next((line.strip() for line in reversed(lines) if line.strip(" !")), "")
    return last == "end" and any(line.startswith("version ") for line in lines)


def _restore(context: Context, before: Sequence[str]) -> Work[int]:
    """Make the configuration again what it was; returns the passes it took."""
    target = parse(before)
    passes = 0
    while passes < PASSES:
        todo = commands(parse((yield from running(context, WHOLE))), target)
        if not todo:
            break
        passes += 1
        yield from _type(context, todo)
    return passes


def _apply(context: Context, lines: Sequence[str]) -> Work[tuple[int, list[str], list[str]]]:
    """Make the running configuration that of `lines`, without a word in between: it is done whole or not begun.

    Returns the passes it took, what could not be done, and what each pass typed.
    """
    session, device = context.session, context.device
    canonical, refused = yield from session.canonical(lines)
    target = parse(canonical)
    yield WHOLE
    passes = 0
    configlets: list[str] = []
    previous: list[str] | None = None
    while passes < PASSES:
        present = parse((yield from running(context, WHOLE)))
        yield WHOLE
        todo = commands(present, target)
        if not todo or todo == previous:
            break
        passes += 1
        configlets += (f"!Pass {passes}", "!List of Rollback Commands:", *todo, "end")
        previous = todo
        yield from _type(context, todo)
    failed = commands(parse((yield from running(context, WHOLE))), target)
    failed += _with_heads(lines, refused)
    if passes:
        device.config.of(SystemConfig).change(device.now, session.username)
    return passes, failed, configlets


def _with_heads(lines: Sequence[str], refused: Sequence[LineError]) -> list[str]:
    """Refused lines, each behind the lines that lead to its mode."""
    told: dict[int, str] = {}
    for error in refused:
        depth = _depth(error.line)
        told[error.number] = error.line
        for at in range(error.number - 1, 0, -1):
            line = lines[at - 1]
            if line.strip(" !") and _depth(line) < depth:
                depth = _depth(line)
                told.setdefault(at, line.rstrip())
    return [told[number] for number in sorted(told)]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _type(context: Context, lines: Sequence[str]) -> Work[None]:
    """Type lines; where a `no` is refused because it says too much, say less."""
    for error in (yield from context.session.load(lines)):
        words = error.line.split()
        place = _place(lines, error.number - 1)
        while words[0] == "no" and len(words) > 3:
            words.pop()
            if not (yield from context.session.load([*place, " ".join(words)])):
                break


def _place(lines: Sequence[str], at: int) -> list[str]:
    """The lines that lead to the mode of line number `at`."""
    place: list[str] = []
    depth = len(lines[at]) - len(lines[at].lstrip())
    for line in reversed(lines[:at]):
        own = len(line) - len(line.lstrip())
        if own < depth:
            place.insert(0, line)
            depth = own
    return place


def configure_revert_timer(context: Context, minutes: int) -> Steps:
    """`configure terminal revert timer N`: configure, and undo it all in N minutes unless it is confirmed."""
    if not context.device.config.of(ArchiveConfig).path:
        raise CommandError(NEEDS_ARCHIVE)
    yield from _plan(context, minutes)
    yield from terminal.configure(context)


def _plan(context: Context, minutes: int) -> Steps:
    device, session = context.device, context.session
    old = device.service(Archive).rollback
    if old is not None and old.pending:
        raise CommandError("%A Rollback Confirmed Change is already pending")
    url = yield from archive.make(context)
    yield f"Rollback Confirmed Change: Backing up current running config to {url}"
    plan = Rollback(url, device.now + minutes * 60.0, minutes, session.username)
    device.service(Archive).rollback = plan
    _log(context, "BACKUP", f"Backing up current running config to {url}")
    _log(
        context,
        "START_ABSTIMER",
        f"User: {session.username}(Priv: {session.privilege}, View: 0): Scheduled to rollback to config {url}"
        f" in {minutes} minutes",
    )
    if minutes > 1:
        device.scheduler.after(minutes * 60.0 - 60.0, partial(_warn, context, plan))
    device.scheduler.after(minutes * 60.0, partial(_expire, context, plan, device.boots))


def _log(context: Context, mnemonic: str, text: str) -> None:
    context.device.log("ARCHIVE_DIFF", 5, f"ROLLBK_CNFMD_CHG_{mnemonic}", text)


def _warn(context: Context, plan: Rollback) -> None:
    if plan.pending and context.device.service(Archive).rollback is plan:
        _log(
            context,
            "WARNING_ABSTIMER",
            f"System will rollback to config {plan.backup} in one minute. "
            'Enter "configure confirm" if you wish to keep what you\'ve configured',
        )


def _expire(context: Context, plan: Rollback, boots: int) -> None:
    if plan.pending and context.device.service(Archive).rollback is plan and context.device.boots == boots:
        for _ in _roll_back(context, plan):
            pass


def _roll_back(context: Context, plan: Rollback) -> Iterator[str | Effect]:
    plan.pending = False
    _log(context, "ROLLBACK_START", f"Start rolling to: {plan.backup}")
    saved = yield from reading(context, plan.backup)
    passes, _, _ = yield from _apply(context, configuration_lines(plan.backup, saved))
    yield f"Total number of passes: {passes}"
    yield "Rollback Done"


def _pending(context: Context) -> Rollback:
    plan: Rollback | None = context.device.service(Archive).rollback
    if plan is None or not plan.pending:
        raise CommandError(NONE_PENDING)
    return plan


def confirm(context: Context) -> None:
    """`configure confirm`: keep what was changed."""
    _pending(context).pending = False
    _log(context, "CONFIRM", f"User: {context.session.username}: Confirm the configuration change")


def revert_now(context: Context) -> Output:
    """`configure revert now`."""
    return _roll_back(context, _pending(context))


def revert_timer(context: Context, minutes: int) -> None:
    """`configure revert timer N`: count anew."""
    old = _pending(context)
    old.pending = False
    device = context.device
    plan = Rollback(old.backup, device.now + minutes * 60.0, minutes, old.username)
    device.service(Archive).rollback = plan
    device.scheduler.after(minutes * 60.0, partial(_expire, context, plan, device.boots))


def show_rollback_timer(context: Context) -> Iterator[str]:
    """`show archive config rollback timer`."""
    device = context.device
    plan: Rollback | None = device.service(Archive).rollback
    if plan is None or not plan.pending:
        yield NONE_PENDING
        return
    began = plan.at - plan.minutes * 60.0
    left = max(int(plan.at - device.now), 0)
    yield f"Time configured (mins): {plan.minutes}"
    yield f"Time configured at: {clock_text_plain(local_time(device, began))}"
    yield "Timer type: absolute timer"
    yield f"Timer value: {left // 60} min"
    yield f"User: {plan.username}"
