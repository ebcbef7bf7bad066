"""The terminal that a session sits at: what it shows of itself, logging in anew, locking it."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import hms
from iosemu.box.line_config import LineConfig, LinesConfig
from iosemu.box.lines import Line
from iosemu.box.system import SystemConfig
from iosemu.box.vtys import vty_lines
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, CommandError, Interrupted, Steps
from iosemu.subjects.access.authentication import UNAUTHORIZED, authenticating

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
    yield from described(context, _line(context), configured(context))


def described(context: Context, line: Line, settings: LineConfig) -> Iterator[str]:
    """All about a line: the session's own as it is now, another one as its configuration has it."""
    device, session = context.device, context.session
    own, active = line.name == session.line_name, line.busy or line.name == session.line_name
    size = session.history_size if own else settings.history_size
    length = session.length if own else DEFAULT_LENGTH if settings.length is None else settings.length
    width = session.width if own else DEFAULT_WIDTH if settings.width is None else settings.width
    monitor = session.monitor if own else settings.monitor
    rate = settings.speed or 9600
    yield f'Line {line.tty}, Location: "", Type: "{line.terminal}"'
    yield f"Length: {length} lines, Width: {width} columns"
    yield f"Baud rate (TX/RX) is {rate}/{rate}, no parity, {settings.stopbits or 2} stopbits, 8 databits"
    yield f"Status: {'PSI Enabled, Ready, Active, Ctrl-c Enabled, Automore On' if active else 'No Exit Banner'}"
    capabilities = "Receives Logging Output" if monitor else "none"
    yield f"Capabilities: {capabilities}"
    yield f"Modem state: {'Ready' if active else 'Idle'}"
    yield "Special Chars: Escape  Hold  Stop  Start  Disconnect  Activation"
    yield "                ^^x    none   -     -       none         "
    yield "Timeouts:      Idle EXEC    Idle Session   Modem Answer  Session   Dispatch"
    idle = hms(settings.exec_timeout) if settings.exec_timeout else " never  "
    quiet = hms(settings.session_timeout * 60) if settings.session_timeout else " never  "
    yield f"               {idle}       {quiet}                     none     not set"
    limit = settings.session_limit
    yield f"Session limit is {'not set.' if limit is None else limit}"
    yield f"Time since activation: {hms(device.now - line.since) if active else 'never'}"
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
