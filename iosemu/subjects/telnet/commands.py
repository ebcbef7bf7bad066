"""`telnet`, and coming back: `resume`, `disconnect`, `show sessions`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.line_config import LineConfig, LinesConfig
from iosemu.box.system import SystemConfig, User
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Confirm, FarEnd, Interrupted, Relay, Steps, WaitFor, Write
from iosemu.ip.stack import IpStack
from iosemu.subjects.acl.service import AccessLists
from iosemu.subjects.hosts.translate import translate
from iosemu.subjects.ping.commands.ping import BAD_ADDRESS, source_address
from iosemu.subjects.telnet.config import DEBUG, TelnetConfig
from iosemu.subjects.telnet.service import PORT, Failure, Telnet

PATIENCE = 30.0
"""Lab seconds that an answer is waited for."""
NO_CONNECTIONS = "% No connections open"


def telnet(
    context: Context, host: IPv4Address | str, port: int = PORT, interface: str = "", vrf: str = ""
) -> Steps:
    """`telnet HOST [PORT] [/source-interface X] [/vrf V]`."""
    if context.device.service(IpStack).find_vrf(vrf) is None:
        raise CommandError(f"%Unknown VRF specified: {vrf}")
    address = yield from translate(context.device, host, vrf)
    name = str(host)
    if address is None:
        yield BAD_ADDRESS
        return
    check_line(context, address, "telnet")
    settings = context.device.config.find(TelnetConfig) or TelnetConfig()
    source = source_address(context.device, interface or settings.source_interface, vrf)
    if interface and source is None:
        raise CommandError("% Invalid source interface - IP not enabled or interface is down")
    if not settings.quiet:
        yield Write(f"Trying {name}{_addressed(name, address)}{f', {port}' if port != PORT else ''} ... ")
    size = (context.session.width or 80, context.session.length or 24)
    far = context.device.service(Telnet).connect(name, address, port, source, size, vrf)
    try:
        yield WaitFor(lambda: far.decided, PATIENCE, far.signal)
    except Interrupted:
        far.abort()
        yield ""
        return
    if not far.connected:
        far.abort()
        yield ""
        yield (far.failure or Failure.SILENT).value
        yield ""
        return
    if not settings.quiet:
        yield "Open"
    context.session.far_ends.append(far)
    yield from go_on(context, far)


def _addressed(name: str, address: IPv4Address) -> str:
    return "" if name == str(address) else f" ({address})"


def _line(context: Context) -> LineConfig | None:
    lines = context.device.config.find(LinesConfig)
    if lines is None:
        return None
    line = context.session.line_name
    return lines.vty[int(line[3:])] if line.startswith("vty") else lines.console


def _user(context: Context) -> User | None:
    """The local account of who sits here."""
    system = context.device.config.find(SystemConfig)
    return system.users.get(context.session.username) if system is not None else None


def check_line(context: Context, address: IPv4Address, protocol: str) -> None:
    """Whether the user's own line lets him go there by `telnet` or `ssh`; raises CommandError when not."""
    line = _line(context)
    if line is None:
        return
    if line.session_limit is not None and len(context.session.far_ends) >= line.session_limit:
        raise CommandError("% Maximum number of sessions exceeded")
    allowed = line.transport_output
    if allowed is not None and protocol not in allowed and "all" not in allowed:
        raise CommandError(f"% {protocol} connections not permitted from this terminal")
    lists, user = context.device.find(AccessLists), _user(context)
    allowed_to = (user.access_class if user is not None else "") or line.access_class_out
    if allowed_to and lists is not None and not lists.permits_address(allowed_to, address):
        raise CommandError("% Connections to that host not permitted from this terminal")


def go_on(context: Context, far: FarEnd) -> Steps:
    """Give the terminal to the far end, until it hangs up or the user escapes."""
    ends = context.session.far_ends
    ends.remove(far)
    ends.append(far)
    far.used = context.device.now
    _note(context)
    try:
        user = _user(context)
        hung_up = yield Relay(far, user is None or user.escapes)
    except Interrupted:
        return
    far.used = context.device.now
    if not hung_up:
        return
    ends.remove(far)
    _note(context)
    far.close()
    yield ""
    yield f"[Connection to {far.host} closed by foreign host]"


def _note(context: Context) -> None:
    """Let `show users` say where he is."""
    own = context.session.line_name
    for line in context.device.lines.all():
        if line.name == own:
            line.hosts = tuple(far.host for _, far in _in_order(context))


def _chosen(context: Context, number: int | None, name: str) -> tuple[int, FarEnd]:
    """A far end by its number in `show sessions`, or by its name; neither: the last one."""
    ends = _in_order(context)
    if not ends:
        raise CommandError(NO_CONNECTIONS)
    if number is None and not name:
        last = context.session.far_ends[-1]
        return next(each for each in ends if each[1] is last)
    for each in ends:
        if each[0] == number or (number is None and each[1].host.lower() == name.lower()):
            return each
    raise CommandError(f"% {name or number} is not an open connection")


def _in_order(context: Context) -> list[tuple[int, FarEnd]]:
    """The far ends by number: who goes on takes the lowest that is free."""
    ends = list(context.session.far_ends)
    taken = {each.number for each in ends if each.number}
    for each in ends:
        if not each.number:
            each.number = next(number for number in range(1, len(ends) + 1) if number not in taken)
            taken.add(each.number)
    return sorted((each.number, each) for each in ends)


def resume(context: Context, number: int | None = None, name: str = "") -> Steps:
    """`resume [N | NAME]`: back to a box that was left by the escape sequence."""
    number, far = _chosen(context, number, name)
    if not far.open:
        context.session.far_ends.remove(far)
        _note(context)
        yield f"[Connection to {far.host} closed by foreign host]"
        return
    yield f"[Resuming connection {number} to {far.host} ... ]"
    yield from go_on(context, far)


def disconnect(context: Context, number: int | None = None, name: str = "") -> Steps:
    """`disconnect [N | NAME]`: hang up."""
    _, far = _chosen(context, number, name)
    if (yield Confirm(f"Closing connection to {far.host} [confirm]")):
        context.session.far_ends.remove(far)
        far.close()
        _note(context)


def show_sessions(context: Context) -> Iterator[str]:
    """`show sessions`, `where`: the boxes that this user has gone on to."""
    rows = _in_order(context)
    if not rows:
        yield NO_CONNECTIONS
        return
    yield "Conn Host                Address             Byte  Idle Conn Name"
    for number, far in rows:
        mark = "*" if far is context.session.far_ends[-1] else " "
        idle = int((context.device.now - far.used) // 60)
        yield f"{mark}{number:>3} {far.host:<20}{far.address!s:<20}{far.unread:>4}{idle:>6} {far.host}"


def debug(context: Context) -> str:
    """`[no] debug telnet`: the options that are negotiated with those who come."""
    return context.device.debugging.set(DEBUG, not context.silenced)
