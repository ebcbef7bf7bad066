"""`line …`, the settings of a line, and who is on which."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import hms
from iosemu.box.device import Device
from iosemu.box.line_config import LineConfig, LinesConfig
from iosemu.box.lines import Line
from iosemu.box.vtys import vty_lines
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Confirm, Enter, InvalidArgument, ReadBlock, Steps
from iosemu.handling.passwords import make_password
from iosemu.subjects.access.config import AaaConfig
from iosemu.subjects.lines.commands.terminal import described

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
            lines.vty.append(LineConfig("vty", len(lines.vty)).fresh())
        target = lines.vty[first : until + 1]
    return [] if context.off else [Enter("config-line", target)]


def login_authentication(context: Context, name: str = "") -> str | None:
    """`login authentication LIST`, with AAA."""
    aaa = context.device.config.of(AaaConfig)
    if not aaa.new_model:
        raise InvalidArgument("name")
    context.edited(LineConfig).login_list = "" if context.off or name == "default" else name
    if not context.off and name not in aaa.login and name != "default":
        return f"AAA: Warning authentication list '{name}' is not defined for LOGIN.\n"
    return None


def authorization_exec(context: Context, name: str = "") -> None:
    """`authorization exec LIST`, with AAA."""
    context.edited(LineConfig).exec_list = "" if context.off or name == "default" else name


def authorization_commands(context: Context, level: int, name: str = "") -> None:
    """`authorization commands LEVEL LIST`, with AAA."""
    lists = context.edited(LineConfig).command_lists
    lists.pop(level, None)
    if not context.off and name != "default":
        lists[level] = name


def accounting_exec(context: Context, name: str = "") -> None:
    """`accounting exec LIST`, with AAA."""
    context.edited(LineConfig).accounting_exec = "" if context.off or name == "default" else name


def accounting_commands(context: Context, level: int, name: str = "") -> None:
    """`accounting commands LEVEL LIST`, with AAA."""
    lists = context.edited(LineConfig).accounting_commands
    lists.pop(level, None)
    if not context.off and name != "default":
        lists[level] = name


def login(context: Context, local: bool = False) -> str | None:
    """`login [local]`."""
    target = context.edited(LineConfig)
    if context.device.config.of(AaaConfig).new_model:
        raise CommandError("% AAA is enabled. Command not supported. Use an aaa authentication methodlist")
    if context.defaulted:
        target.login = target.fresh().login
        return None
    target.login = "none" if context.negated else "local" if local else "password"
    if target.login == "password" and target.password is None:
        tty = next(line.tty for line in _all(context.device) if line.name == f"{target.kind}{target.number}")
        return f"% Login disabled on line {tty}, until 'password' is set"
    return None


def password(context: Context, encoding: str = "", value: str = "") -> None:
    """`password …`."""
    edited = context.edited(LineConfig)
    if context.off:
        edited.password = None
        return
    stored = make_password(context, "password", encoding, value)
    if stored.type == 7 and encoding in ("", "0"):
        # lines that are given one password together hold one text, and so share their block
        lines = context.device.config.of(LinesConfig)
        others = (line.password for line in lines.vty if line.password is not None and line is not edited)
        stored = next((each for each in others if each.type == 7 and each.matches(value.strip())), stored)
    edited.password = stored


def transport(context: Context, direction: str, protocols: str = "") -> None:
    """`transport input|output …`."""
    words = tuple(protocols.split())
    known = {"all", "none", "ssh", "telnet", "rlogin", "pad", "lapb-ta", "mop", "udptn", "v120", "nasi"}
    if not context.off and not known.issuperset(words):
        raise InvalidArgument("protocols")
    setattr(context.edited(LineConfig), f"transport_{direction}", None if context.off else words)


def password_lines(line: LineConfig, aaa: bool) -> list[str]:
    """`password …`."""
    if line.password is None:
        return []
    return [f"password {line.password.value if line.password.type == 0 else line.password}"]


def login_lines(line: LineConfig, aaa: bool) -> list[str]:
    """Who may log in: the method lists of AAA, or `login …`."""
    if aaa:
        rows = [f"authorization commands {level} {name}" for level, name in line.command_lists.items()]
        rows += [f"authorization exec {line.exec_list}"] if line.exec_list else []
        rows += [f"accounting commands {level} {name}" for level, name in line.accounting_commands.items()]
        rows += [f"accounting exec {line.accounting_exec}"] if line.accounting_exec else []
        return rows + ([f"login authentication {line.login_list}"] if line.login_list else [])
    if line.login == "local":
        return ["login local"]
    if line.login != line.fresh().login or line.kind == "vty":
        return ["login" if line.login == "password" else "no login"]
    return []


def transport_lines(line: LineConfig, aaa: bool) -> list[str]:
    """`transport input|output …`."""
    told = {"input": line.transport_input, "output": line.transport_output}
    return [
        f"transport {way} {' '.join(protocols)}" for way, protocols in told.items() if protocols is not None
    ]


def _all(device: Device) -> list[Line]:
    """Console, auxiliary port (of a router) and vtys."""
    aux = [device.lines.aux] if device.composition.auxiliary_line else []
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
            host, *others = line.hosts or ("idle",)
            yield f"{'*' if own else ' '}{name}{user:<11}{host:<20} {idle:>8} {where}".rstrip()
            yield from (f"{'':<26}{other:<20} {idle:>8}" for other in others)
        else:
            yield f" {name}{'':<31} {'00:00:00':>8}"
    yield ""
    yield "  Interface    User               Mode         Idle     Peer Address"
    yield ""


def show_line(context: Context) -> Iterator[str]:
    """`show line`."""
    lines = _all(context.device)
    yield from _table(context.device, lines)
    yield ""
    first = vty_lines(context.device)[0].tty
    if first > 2:
        yield "Line(s) not in async mode -or- with no hardware support: "
        yield f"2-{first - 1}"
        yield ""


def show_one_line(context: Context, kind: str = "", number: int = 0, tty: int | None = None) -> Iterator[str]:
    """`show line console 0 | aux 0 | vty N | N`."""
    device = context.device
    if tty is not None:
        line = _numbered(context, tty)
    else:
        wanted = [each for each in _all(device) if each.kind == kind[:3] and each.number == number]
        if not wanted:
            raise InvalidArgument("number")
        line = wanted[0]
    yield from _table(device, [line])
    yield ""
    yield from described(context, line, _settings(device, line))


def _settings(device: Device, line: Line) -> LineConfig:
    """What is configured for a line."""
    lines: LinesConfig = device.config.of(LinesConfig)
    return {"con": lines.console, "aux": lines.aux}.get(line.kind) or lines.vty[line.number]


def _table(device: Device, lines: list[Line]) -> Iterator[str]:
    modular = bool(device.model.slots)  # a terminal of a module is not called by its line's number
    if modular:
        yield "   Tty Line Typ     Tx/Rx    A Modem  Roty AccO AccI  Uses  Noise Overruns  Int"
    else:
        yield "   Tty Typ     Tx/Rx    A Modem  Roty AccO AccI   Uses   Noise  Overruns   Int"
    kinds = {"con": "CTY", "aux": "AUX", "vty": "VTY"}
    for line in lines:
        rate = "9600/9600" if line.kind == "aux" else ""
        star = "*" if line.busy else " "
        settings = _settings(device, line)
        rotary = settings.kept.get("rotary", "").removeprefix("rotary").split()
        rule = settings.access_class_in
        told = (rotary[0] if rotary else "-", settings.access_class_out or "-", rule.name if rule else "-")
        lists = f"  -    -   {told[0]:>4} {told[1]:>4} {told[2]:>4}"
        if modular:
            yield (
                f"{star}{line.tty:>5}{line.tty:>5} {kinds[line.kind]} {rate:>11}{lists}"
                f"{line.uses:>6}{0:>7}{'0/0':>7}{'-':>7}"
            )
            continue
        yield (
            f"{star}{line.tty:>6} {kinds[line.kind]} {rate:>11}{lists} {line.uses:>6}       0     0/0       -"
        )


def _clear(context: Context, line: Line) -> Steps:
    if line.name == context.session.line_name:
        raise CommandError("% Not allowed to clear current line")
    sure = yield Confirm("[confirm]")
    if sure:
        line.clear()
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
                line.deliver([*head, *str(text).split("\n"), ""])


def keep(context: Context, rest: str = "") -> None:
    """A line without behaviour, of which there is one."""
    words = " ".join(context.words)
    key = context.words_before(rest)
    kept = context.edited(LineConfig).kept
    negated = context.negated and words == "activation-character"
    kept.pop(key, None)
    if negated or not context.off:
        kept[key] = f"no {words}" if negated else words


def kept_lines(line: LineConfig, aaa: bool) -> list[str]:
    """The lines without behaviour."""
    return list(line.kept.values())
