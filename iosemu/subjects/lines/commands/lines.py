"""`line …`, the settings of a line, and who is on which."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import hms
from iosemu.box.device import Device
from iosemu.box.lines import Line
from iosemu.handling.context import Context, Render
from iosemu.handling.effects import CommandError, Confirm, Enter, InvalidArgument, ReadBlock, Steps
from iosemu.subjects.access.config import AaaConfig
from iosemu.subjects.lines.config import LineConfig, LinesConfig
from iosemu.subjects.lines.vtys import vty_lines
from iosemu.subjects.system.commands import make_password

_MOST_VTYS = 16


def line(context: Context, kind: str, first: int, last: int | None = None) -> list[Enter]:
    """`line console 0`, `line vty 0 4`: naming vtys makes them."""
    lines: LinesConfig = context.device.config.of(LinesConfig)
    if kind != "vty":
        if first or last is not None:
            raise InvalidArgument("first" if first else "last")
        target = [lines.console if kind == "console" else lines.aux]
    else:
        until = first if last is None else last
        if until < first:
            raise InvalidArgument("last")
        if context.off:
            if first < 5:
                raise CommandError("% Can't delete last 5 VTY lines")
            del lines.vty[first:]
            return []
        while len(lines.vty) <= until < _MOST_VTYS:
            lines.vty.append(LineConfig("vty", len(lines.vty), login="password"))
        target = lines.vty[first : until + 1]
    return [] if context.off else [Enter("config-line", target)]


def exec_timeout(context: Context, minutes: int = 10, seconds: int = 0) -> None:
    """`exec-timeout MINUTES [SECONDS]`."""
    if context.negated:
        minutes, seconds = 0, 0
    context.target.exec_timeout = 600 if context.defaulted else minutes * 60 + seconds


def login_authentication(context: Context, name: str = "") -> str | None:
    """`login authentication LIST`, with AAA."""
    aaa = context.device.config.of(AaaConfig)
    if not aaa.new_model:
        raise InvalidArgument("name")
    context.target.login_list = "" if context.off or name == "default" else name
    if not context.off and name not in aaa.login and name != "default":
        return f"AAA: Warning authentication list '{name}' is not defined for LOGIN.\n"
    return None


def authorization_exec(context: Context, name: str = "") -> None:
    """`authorization exec LIST`, with AAA."""
    context.target.exec_list = "" if context.off or name == "default" else name


def login(context: Context, local: bool = False) -> str | None:
    """`login [local]`."""
    target: LineConfig = context.target
    if context.device.config.of(AaaConfig).new_model:
        raise CommandError("% AAA is enabled. Command not supported. Use an aaa authentication methodlist")
    if context.defaulted:
        target.login = LineConfig(target.kind, target.number).login if target.kind != "vty" else "password"
        return None
    target.login = "none" if context.negated else "local" if local else "password"
    if target.login == "password" and target.password is None:
        tty = {"con": 0, "aux": 1}.get(target.kind, 514 + target.number)
        return f"% Login disabled on line {tty}, until 'password' is set"
    return None


def password(context: Context, encoding: str = "", value: str = "") -> None:
    """`password …`."""
    off = context.off
    context.target.password = None if off else make_password(context, "password", encoding, value)


def privilege_level(context: Context, level: int = 1) -> None:
    """`privilege level N`."""
    context.target.privilege = 1 if context.off else level


def logging_synchronous(context: Context) -> None:
    """`logging synchronous`."""
    context.target.logging_synchronous = not context.off


def length(context: Context, lines: int | None = None) -> None:
    """`length N`."""
    context.target.length = None if context.off else lines


def width(context: Context, columns: int | None = None) -> None:
    """`width N`."""
    context.target.width = None if context.off else columns


def history_size(context: Context, entries: int = 10) -> None:
    """`history size N`."""
    context.target.history_size = 10 if context.off else entries


def transport(context: Context, direction: str, protocols: str = "") -> None:
    """`transport input|output …`."""
    words = tuple(protocols.split())
    known = {"all", "none", "ssh", "telnet", "rlogin", "pad", "lapb-ta", "mop", "udptn", "v120", "nasi"}
    if not context.off and not known.issuperset(words):
        raise InvalidArgument("protocols")
    setattr(context.target, f"transport_{direction}", None if context.off else words)


def transport_preferred(context: Context, protocol: str = "") -> None:
    """`transport preferred …`."""
    context.target.transport_preferred = "" if context.off else protocol


def access_class(context: Context, direction: str, name: str = "") -> None:
    """`access-class LIST in|out`."""
    setattr(context.target, f"access_class_{direction}", "" if context.off else name)


def session_timeout(context: Context, minutes: int | None = None) -> None:
    """`session-timeout N`."""
    context.target.session_timeout = None if context.off else minutes


def session_limit(context: Context, count: int | None = None) -> None:
    """`session-limit N`."""
    context.target.session_limit = None if context.off else count


def exec_(context: Context) -> None:
    """`exec`, `no exec`."""
    context.target.exec_enabled = not context.negated


def monitor(context: Context) -> None:
    """`monitor`."""
    context.target.monitor = not context.off


def exec_banner(context: Context) -> None:
    """`exec-banner`, `no exec-banner`."""
    context.target.exec_banner = not context.negated


def motd_banner(context: Context) -> None:
    """`motd-banner`, `no motd-banner`."""
    context.target.motd_banner = not context.negated


def lockable(context: Context) -> None:
    """`lockable`: users may lock their terminal."""
    context.target.lockable = not context.off


def stopbits(context: Context, count: str = "") -> None:
    """`stopbits …`."""
    context.target.stopbits = "" if context.off else count


def speed(context: Context, rate: int | None = None) -> None:
    """`speed N`."""
    context.target.speed = None if context.off else rate


def settings(line: LineConfig, aaa: bool = False) -> list[str]:
    """The lines below `line …`, in the order of IOS."""
    rows: list[str] = []
    if line.session_timeout is not None:
        rows.append(f"session-timeout {line.session_timeout}")
    if line.session_limit is not None:
        rows.append(f"session-limit {line.session_limit}")
    rows += [
        f"access-class {name} {direction}"
        for direction in ("in", "out")
        if (name := getattr(line, f"access_class_{direction}"))
    ]
    if line.exec_timeout != 600:
        rows.append("exec-timeout {} {}".format(*divmod(line.exec_timeout, 60)))
    if line.privilege != 1:
        rows.append(f"privilege level {line.privilege}")
    if line.password is not None:
        shown = line.password.value if line.password.type == 0 else str(line.password)
        rows.append(f"password {shown}")
    if line.logging_synchronous:
        rows.append("logging synchronous")
    if aaa:
        rows += [f"authorization exec {line.exec_list}"] if line.exec_list else []
        rows += [f"login authentication {line.login_list}"] if line.login_list else []
    usual = "password" if line.kind == "vty" else "none"
    if aaa:
        pass
    elif line.login == "local":
        rows.append("login local")
    elif line.login != usual or line.kind == "vty":
        rows.append("login" if line.login == "password" else "no login")
    if line.history_size != 10:
        rows.append(f"history size {line.history_size}")
    rows += [f"{name} {value}" for name in ("length", "width") if (value := getattr(line, name)) is not None]
    rows += [f"no {name}-banner" for name in ("motd", "exec") if not getattr(line, f"{name}_banner")]
    if line.lockable:
        rows.append("lockable")
    if line.monitor:
        rows.append("monitor")
    if not line.exec_enabled:
        rows.append("no exec")
    if line.transport_preferred:
        rows.append(f"transport preferred {line.transport_preferred}")
    for direction in ("input", "output"):
        protocols = getattr(line, f"transport_{direction}")
        if protocols is not None:
            rows.append(f"transport {direction} {' '.join(protocols)}")
    rows += [f"{name} {value}" for name in ("stopbits", "speed") if (value := getattr(line, name))]
    return [f" {row}" for row in rows]


def running_config(device: Device, _render: Render) -> list[str]:
    """The `line` sections; neighbouring vtys that are alike share one."""
    lines: LinesConfig = device.config.of(LinesConfig)
    aaa: bool = device.config.of(AaaConfig).new_model
    text = ["line con 0", *settings(lines.console, aaa)]
    if device.kind == "router":
        text += ["line aux 0", *settings(lines.aux, aaa)]
    start = 0
    for number in range(1, len(lines.vty) + 1):
        ends = number == len(lines.vty) or number == 5
        if ends or not lines.vty[number].same_settings(lines.vty[start]):
            last = number - 1
            text.append(f"line vty {start}" if last == start else f"line vty {start} {last}")
            text += settings(lines.vty[start], aaa)
            start = number
    return text


def _all(device: Device) -> list[Line]:
    """Console, auxiliary port (of a router) and vtys."""
    aux = [device.lines.aux] if device.kind == "router" else []
    return [device.lines.console, *aux, *vty_lines(device)]


def _idle(context: Context, line: Line) -> str:
    return hms(context.device.now - line.last_input)


def show_users(context: Context, which: str = "") -> Iterator[str]:
    """`show users [all]`; the star marks the session that asks."""
    device, session = context.device, context.session
    yield "    Line       User       Host(s)              Idle       Location"
    for line in _all(device):
        own = line.name == session.line_name
        if not (line.busy or own or which):
            continue
        name = f"{line.tty:>3} {line.kind} {line.number}".ljust(14)
        if line.busy or own:
            user = session.username if own else line.username
            idle = "00:00:00" if own else _idle(context, line)
            where = line.origin
            yield f"{'*' if own else ' '}{name}{user:<11}{'idle':<20} {idle:>8} {where}".rstrip()
        else:
            yield f" {name}{'':<31} {'00:00:00':>8}"
    yield ""
    yield "  Interface    User               Mode         Idle     Peer Address"
    yield ""


def show_line(context: Context) -> Iterator[str]:
    """`show line`."""
    device = context.device
    yield "   Tty Typ     Tx/Rx    A Modem  Roty AccO AccI   Uses   Noise  Overruns   Int"
    kinds = {"con": "CTY", "aux": "AUX", "vty": "VTY"}
    for line in _all(device):
        rate = "9600/9600" if line.kind == "aux" else ""
        star = "*" if line.busy else " "
        yield (
            f"{star}{line.tty:>6} {kinds[line.kind]} {rate:>11}  -    -      -    -    - "
            f"{line.uses:>6}       0     0/0       -"
        )
    yield ""
    first = vty_lines(device)[0].tty
    if first > 2:
        yield "Line(s) not in async mode -or- with no hardware support: "
        yield f"2-{first - 1}"
        yield ""


def _clear(context: Context, line: Line) -> Steps:
    if line.name == context.session.line_name:
        raise CommandError("% Not allowed to clear current line")
    sure = yield Confirm("[confirm]")
    if sure:
        line.cleared = line.busy
        yield " [OK]"


def clear_vty(context: Context, number: int) -> Steps:
    """`clear line vty N`."""
    lines = vty_lines(context.device)
    if number >= len(lines):
        raise InvalidArgument("number")
    yield from _clear(context, lines[number])


def _numbered(context: Context, tty: int) -> Line:
    for line in _all(context.device):
        if line.tty == tty:
            found: Line = line
            return found
    raise InvalidArgument("tty")


def clear_tty(context: Context, tty: int) -> Steps:
    """`clear line N`, with the number that `show line` gives."""
    yield from _clear(context, _numbered(context, tty))


def send(context: Context, tty: int | None = None, all_: str = "") -> Steps:
    """`send * | N`: a message to other terminals."""
    if tty is None:
        return _send(context, _all(context.device), "all terminals")
    return _send(context, [_numbered(context, tty)], f"tty{tty}")


def send_console(context: Context, number: int) -> Steps:
    """`send console 0`."""
    return _send(context, [context.device.lines.console], "con0")


def send_vty(context: Context, number: int) -> Steps:
    """`send vty N`."""
    lines = vty_lines(context.device)
    if number >= len(lines):
        raise InvalidArgument("number")
    return _send(context, [lines[number]], f"vty{number}")


def _send(context: Context, receivers: list[Line], to: str) -> Steps:
    own = next((line.tty for line in _all(context.device) if line.name == context.session.line_name), 0)
    yield "Enter message, end with CTRL/Z; abort with CTRL/C:"
    text = yield ReadBlock("\x1a")
    sure = yield Confirm("Send message? [confirm]")
    if sure:
        head = ["", "", "***", "***", f"*** Message from tty{own} to {to}:", "***"]
        for line in receivers:
            if line.busy or line.kind == "con":
                line.mail.append([*head, *str(text).split("\n"), ""])
