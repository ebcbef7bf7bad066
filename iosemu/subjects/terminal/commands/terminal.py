"""The session itself: privilege, modes, terminal settings, history."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, Close, CommandError, Confirm, Effect, End, Enter, Leave, Steps, Wait
from iosemu.net.aaa.outcome import Verdict
from iosemu.subjects.aaa_servers.service import AaaServers, answer_of
from iosemu.subjects.access.authentication import enable_accepts, enable_methods, needs_enable_password
from iosemu.subjects.access.authorization import asking_of, line_of
from iosemu.subjects.access.config import AaaConfig
from iosemu.subjects.access.login import LoginGuard

BEGIN_CONFIGURING = "Enter configuration commands, one per line.  End with CNTL/Z."
HELP = """Help may be requested at any point in a command by entering
a question mark '?'.  If nothing matches, the help list will
be empty and you must backup until entering a '?' shows the
available options.
Two styles of help are provided:
1. Full help is available when you are ready to enter a
   command argument (e.g. 'show ?') and describes each possible
   argument.
2. Partial help is provided when an abbreviated argument is entered
   and you want to know what arguments match the input
   (e.g. 'show pr?'.)
"""


ENABLE_DELAY = 1.0
"""Seconds for which a box thinks about a wrong enable password."""


def enable(context: Context, level: int = 15) -> Steps:
    """`enable [LEVEL]`: three tries at the secret of that level."""
    session, device = context.session, context.device
    if level <= session.privilege:
        session.privilege = level
        return
    aaa: bool = device.config.of(AaaConfig).new_model
    typed: str | None = None
    for method in enable_methods(device):
        if method.startswith("group "):
            # the server that is silent leaves what was typed to the next method
            if typed is None:
                typed = yield Ask("Password: ", echo=False)
            verdict = yield from _asked(context, method.removeprefix("group "), typed, level)
            if verdict is Verdict.PASS:
                session.privilege = level
                return
            if verdict is Verdict.FAIL:
                yield Wait(ENABLE_DELAY)
                raise CommandError("% Error in authentication.\n")
            continue
        if method == "none":
            session.privilege = level
            return
        if method == "enable" and needs_enable_password(device, level):
            if typed is not None:
                if not enable_accepts(device, level, typed):
                    yield Wait(ENABLE_DELAY)
                    raise CommandError("% Error in authentication.\n")
                session.privilege = level
                return
            if (yield from _tries(context, level)):
                session.privilege = level
            elif aaa:
                yield "% Access denied"
            else:
                yield (
                    "% Bad secrets"
                    if level in device.config.of(SystemConfig).enable_secret
                    else "% Bad passwords"
                )
            if session.privilege != level:
                yield ""
            return
    if session.origin == "console":
        session.privilege = level
        return
    raise CommandError("% Error in authentication.\n" if aaa else "% No password set")


def _asked(context: Context, group: str, typed: str, level: int) -> Generator[Any, Any, Verdict]:
    """What a group of servers says of a password for a privilege level."""
    device, session = context.device, context.session
    servers, place = device.find(AaaServers), line_of(device, session.line_name)
    if servers is None or place is None:
        return Verdict.ERROR
    asked = servers.enable(group, asking_of(device, session, place[0]), typed, level)
    outcome = yield from answer_of(asked)
    return outcome.verdict


def _tries(context: Context, level: int) -> Generator[Effect, str, bool]:
    for _ in range(3):
        typed = yield Ask("Password: ", echo=False)
        if enable_accepts(context.device, level, typed):
            return True
        context.device.service(LoginGuard).refused_enable(
            context.session.username, "" if context.session.origin == "console" else context.session.origin
        )
        yield Wait(ENABLE_DELAY)
    return False


def disable(context: Context, level: int = 1) -> None:
    """`disable [LEVEL]`."""
    if level > context.session.privilege:
        raise CommandError("New privilege level must be less than current privilege level")
    context.session.privilege = level


def logout(context: Context) -> Steps:
    """`exit`, `logout`, `quit` of the EXEC; what the user has gone on to from here is left, too, if he likes."""
    ends = context.session.far_ends
    if ends:
        if not (yield Confirm("You have open connections [confirm]")):
            return
        yield f"Closing: {' '.join(f'{far.host} !' for far in ends)}"
    yield Close()


def configure_ask(context: Context) -> Steps:
    """`configure` alone asks from where."""
    answer = yield Ask("Configuring from terminal, memory, or network [terminal]? ")
    word = answer.strip().lower() or "terminal"
    if "memory".startswith(word):
        yield from context.session.run_typed("configure memory")
    elif "terminal".startswith(word):
        yield from configure(context)
    else:
        yield '?Must be "terminal", "memory" or "network"'


def configure(context: Context) -> Steps:
    """`configure terminal`."""
    yield BEGIN_CONFIGURING
    yield Enter("config", context.device.config)


def do(context: Context, command: str) -> Steps:
    """`do COMMAND` in a configuration mode."""
    yield from context.session.run_exec(command)


def exit_(context: Context) -> list[Leave]:
    """One mode up."""
    return [Leave()]


def end(context: Context) -> list[End]:
    """Out of configuration."""
    return [End()]


def help_(context: Context) -> str:
    """`help`."""
    return HELP


def access_enable(context: Context, host: bool = False, minutes: int | None = None) -> None:
    """`access-enable`: there are no dynamic access lists that it could fill."""


def length(context: Context, lines: int) -> None:
    """`terminal length N`."""
    context.session.length = lines


def no_length(context: Context) -> None:
    """`terminal no length`."""
    context.session.length = 24


def width(context: Context, columns: int) -> None:
    """`terminal width N`."""
    context.session.width = columns


def monitor(context: Context) -> Iterator[str]:
    """`terminal monitor`."""
    if context.session.origin == "console":
        yield "% Console already monitors"
    context.session.monitor = True


def no_monitor(context: Context) -> None:
    """`terminal no monitor`."""
    context.session.monitor = False


def history_on(context: Context) -> None:
    """`terminal history`."""
    context.session.history_size = context.session.history_size or 10


def history_size(context: Context, entries: int) -> None:
    """`terminal history size N`."""
    context.session.history_size = entries


def show_history(context: Context) -> Iterator[str]:
    """`show history`, this command included."""
    for line in context.session.history:
        yield f"  {line}"


def show_privilege(context: Context) -> str:
    """`show privilege`."""
    return f"Current privilege level is {context.session.privilege}"
