"""The terminal that a session sits at: what it shows of itself, logging in anew, locking it."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import hms
from iosemu.box.device import Device
from iosemu.box.line_config import LineConfig, LinesConfig
from iosemu.box.lines import Line
from iosemu.box.system import SystemConfig
from iosemu.box.vtys import vty_lines
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, CommandError, Interrupted, InvalidArgument, Steps
from iosemu.subjects.access.authentication import UNAUTHORIZED, authenticating
from iosemu.subjects.lines.commands import lines as lines_all

DEFAULT_LENGTH, DEFAULT_WIDTH, DEFAULT_HISTORY = 24, 80, 10


def configured(context: Context) -> LineConfig:
    """What is configured for the line of this session."""
    name, lines = context.session.line_name, context.device.config.of(LinesConfig)
    found: LineConfig = lines.vty[int(name[3:])] if name.startswith("vty") else lines.console
    return found


def _line(context: Context) -> Line:
    name = context.session.line_name
    for line in vty_lines(context.device):
        if line.name == name:
            return line
    console: Line = context.device.lines.console
    return console


def usual_length(context: Context) -> None:
    """`terminal default length`: what the line says, else 24."""
    length = configured(context).length
    context.session.length = DEFAULT_LENGTH if length is None else length


def usual_width(context: Context) -> None:
    """`terminal no width`, `terminal default width`: what the line says, else 80."""
    width = configured(context).width
    context.session.width = DEFAULT_WIDTH if width is None else width


def no_history(context: Context) -> None:
    """`terminal no history`: remember nothing."""
    context.session.history_size = 0


def usual_history(context: Context) -> None:
    """`terminal no history size`, `terminal default history [size]`: what the line says, else 10."""
    context.session.history_size = configured(context).history_size


def terminal_type(context: Context, name: str = "") -> None:
    """`terminal terminal-type NAME`; `terminal no terminal-type` forgets it."""
    _line(context).terminal = name


def show_terminal(context: Context) -> Iterator[str]:
    """`show terminal`."""
    session = context.session
    sizes = session.length, session.width, session.history_size
    yield from described(context.device, configured(context), _line(context), sizes, session.monitor)


def show_one_line(context: Context, tty: int) -> Iterator[str]:
    """`show line N`: its row of `show line`, then what it is set to."""
    device, lines = context.device, context.device.config.of(LinesConfig)
    line = next((each for each in lines_all.every_line(device) if each.tty == tty), None)
    if line is None:
        raise CommandError(f"% Line {tty} is not in use or has no hardware support")
    settings = {"con": lines.console, "aux": lines.aux}.get(line.kind) or lines.vty[line.number]
    yield from lines_all.listing(device, [line])
    yield ""
    own = line.name == context.session.line_name
    session = context.session
    length = DEFAULT_LENGTH if settings.length is None else settings.length
    width = DEFAULT_WIDTH if settings.width is None else settings.width
    sizes = length, width, settings.history_size
    if own:
        sizes = session.length, session.width, session.history_size
    yield from described(device, settings, line, sizes, own and session.monitor)


def show_vty(context: Context, number: int) -> Iterator[str]:
    """`show line vty N`."""
    lines = vty_lines(context.device)
    if number >= len(lines):
        raise InvalidArgument("number")
    yield from show_one_line(context, lines[number].tty)


def show_console(context: Context) -> Iterator[str]:
    """`show line console 0`."""
    yield from show_one_line(context, context.device.lines.console.tty)


def show_aux(context: Context) -> Iterator[str]:
    """`show line aux 0`."""
    yield from show_one_line(context, context.device.lines.aux.tty)


def described(
    device: Device, settings: LineConfig, line: Line, sizes: tuple[int, int, int], monitor: bool
) -> Iterator[str]:
    """What a line is set to; `sizes` are length, width and the size of the history."""
    length, width, size = sizes
    rate = settings.speed or 9600
    active = line.busy or monitor
    yield f'Line {line.tty}, Location: "", Type: "{line.terminal}"'
    yield f"Length: {length} lines, Width: {width} columns"
    yield f"Baud rate (TX/RX) is {rate}/{rate}, no parity, {settings.stopbits or 2} stopbits, 8 databits"
    if active or line.kind == "con":
        yield "Status: PSI Enabled, Ready, Active, Ctrl-c Enabled, Automore On"
    else:
        yield "Status: No Exit Banner"
    capabilities = "Receives Logging Output" if monitor else "none"
    yield f"Capabilities: {capabilities}"
    yield f"Modem state: {'Ready' if active or line.kind == 'con' else 'Idle'}"
    yield "Special Chars: Escape  Hold  Stop  Start  Disconnect  Activation"
    yield "                ^^x    none   -     -       none         "
    yield "Timeouts:      Idle EXEC    Idle Session   Modem Answer  Session   Dispatch"
    idle = hms(settings.exec_timeout) if settings.exec_timeout else " never  "
    quiet = hms(settings.session_timeout * 60) if settings.session_timeout else " never  "
    yield f"               {idle}       {quiet}                     none     not set"
    limit = settings.session_limit
    yield f"Session limit is {'not set.' if limit is None else limit}"
    yield f"Time since activation: {hms(device.now - line.since) if line.busy else 'never'}"
    yield "Editing is enabled."
    yield f"History is enabled, history size is {size}." if size else "History is disabled."
    lookup = "enabled" if device.config.of(SystemConfig).domain_lookup else "disabled"
    yield f"DNS resolution in show commands is {lookup}"
    yield "Full user help is disabled"
    for direction in ("input", "output"):
        protocols = getattr(settings, f"transport_{direction}")
        words = "ssh telnet" if protocols is None or "all" in protocols else " ".join(protocols)
        yield f"Allowed {direction} transports are {words}."
    yield f"Preferred transport is {settings.transport_preferred or 'telnet'}."
    yield "No output characters are padded"
    yield "No special data dispatching characters"


def login(context: Context) -> Steps:
    """`login`: go on as another user."""
    username = yield Ask("Username: ")
    password = yield Ask("Password: ", echo=False)
    origin = context.session.origin
    privilege = yield from authenticating(context.device, username, password, origin)
    if privilege is None or privilege == UNAUTHORIZED:
        raise CommandError("% Login invalid\n")
    session, settings = context.session, configured(context)
    session.username, session.privilege = username, max(privilege, settings.privilege)
    _line(context).username = username


def lock(context: Context) -> Steps:
    """`lock`: let nobody type here until the password that is asked for now was given again.

    Only on a line that is `lockable`.
    """
    if not configured(context).lockable:
        raise CommandError("% Locking is not enabled on this line\n")
    password = yield Ask("Password: ", echo=False)
    again = yield Ask("Again: ", echo=False)
    if not password or password != again:
        raise CommandError("% Passwords do not match\n")
    yield ""
    yield f"{'Locked':>22}"
    yield ""
    typed = None
    while typed != password:
        try:
            typed = yield Ask("Password: ", echo=False)
        except Interrupted:
            continue
