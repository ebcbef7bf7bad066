"""`ip sla N`, what is typed in it, and `ip sla schedule`."""

from __future__ import annotations

from ipaddress import IPv4Address
from urllib.parse import urlsplit

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, Leave, Output
from iosemu.subjects.ip_sla.config import (
    INTERVAL,
    LIFE,
    PACKETS,
    USUAL,
    IpSlaConfig,
    Operation,
    PermanentPort,
    Schedule,
)
from iosemu.subjects.ip_sla.reactions import ELEMENTS, USUAL_COUNT, Reaction
from iosemu.subjects.ip_sla.service import IpSla


def edit(context: Context, number: int) -> Output:
    """`[no] ip sla N`."""
    config = context.device.config.of(IpSlaConfig)
    if context.off:
        config.operations.pop(number, None)
        config.schedules.pop(number, None)
        config.reactions.pop(number, None)
        config.triggers.pop(number, None)
        return None
    if context.device.service(IpSla).running(number):
        raise CommandError(
            "Entry already running and cannot be modified\n        (only can delete (no) and start over)"
        )
    found = config.operations.setdefault(number, Operation(number))
    return [Enter(USUAL[found.kind].mode, found)]


def _begin(each: Operation, kind: str) -> Output:
    each.become(kind)
    return [Leave(), Enter(USUAL[kind].mode, each)]


def icmp_echo(
    context: Context, destination: IPv4Address, source: IPv4Address | None = None, interface: str = ""
) -> Output:
    """`icmp-echo A [source-ip A | source-interface X]`."""
    each = context.edited(Operation)
    each.destination, each.source, each.source_interface = destination, source, interface
    return _begin(each, "icmp-echo")


def udp_echo(
    context: Context,
    destination: IPv4Address,
    port: int,
    source: IPv4Address | None = None,
    source_port: int = 0,
    control: str = "enable",
) -> Output:
    """`udp-echo A PORT [source-ip A] [source-port N] [control {enable | disable}]`."""
    each = context.edited(Operation)
    each.destination, each.port = destination, port
    each.source, each.source_port, each.control = source, source_port, control == "enable"
    return _begin(each, "udp-echo")


def udp_jitter(
    context: Context,
    destination: IPv4Address,
    port: int,
    source: IPv4Address | None = None,
    source_port: int = 0,
    control: str = "enable",
    packets: int = PACKETS,
    interval: int = INTERVAL,
) -> Output:
    """`udp-jitter A PORT [source-ip A] [source-port N] [control …] [num-packets N] [interval MILLISECONDS]`."""
    udp_echo(context, destination, port, source, source_port, control)
    each = context.edited(Operation)
    each.packets, each.interval = packets, interval
    return _begin(each, "udp-jitter")


def tcp_connect(
    context: Context,
    destination: IPv4Address,
    port: int,
    source: IPv4Address | None = None,
    control: str = "enable",
) -> Output:
    """`tcp-connect A PORT [source-ip A] [control {enable | disable}]`."""
    udp_echo(context, destination, port, source, 0, control)
    return _begin(context.edited(Operation), "tcp-connect")


def http_get(
    context: Context, url: str, server: IPv4Address | None = None, source: IPv4Address | None = None
) -> Output:
    """`http get URL [name-server A] [source-ip A]`."""
    try:
        split = urlsplit(url)
        usable = split.scheme == "http" and bool(split.hostname) and split.port != 0 and url.isascii()
    except ValueError:
        usable = False
    if not usable:
        raise CommandError("%Invalid URL")
    each = context.edited(Operation)
    each.name, each.name_server, each.source = url, server, source
    return _begin(each, "http")


def dns(context: Context, name: str, server: IPv4Address) -> Output:
    """`dns NAME name-server A`."""
    each = context.edited(Operation)
    each.name, each.destination = name, server
    return _begin(each, "dns")


def responder(context: Context) -> None:
    """`[no] ip sla responder`."""
    context.device.config.of(IpSlaConfig).responder = not context.off


def permanent(context: Context, kind: str, address: IPv4Address, port: int) -> None:
    """`[no] ip sla responder {udp-echo | tcp-connect} ipaddress A port N`."""
    known = context.device.config.of(IpSlaConfig).permanent
    each = PermanentPort(kind, address, port)
    if context.off:
        known.discard(each)
    else:
        known.add(each)


def frequency(context: Context, value: int = 60) -> None:
    """`[no] frequency N`: seconds."""
    context.edited(Operation).frequency = 60 if context.off else value


def timeout(context: Context, value: int = 0) -> None:
    """`[no] timeout N`: milliseconds."""
    each = context.edited(Operation)
    each.timeout = USUAL[each.kind].timeout if context.off else value


def threshold(context: Context, value: int = 5000) -> None:
    """`[no] threshold N`: milliseconds."""
    context.edited(Operation).threshold = 5000 if context.off else value


def size(context: Context, value: int = 0) -> None:
    """`[no] request-data-size N`: octets."""
    each = context.edited(Operation)
    each.size = USUAL[each.kind].size if context.off else value


def tag(context: Context, text: str = "") -> None:
    """`[no] tag TEXT`."""
    context.edited(Operation).tag = "" if context.off else text


def schedule(
    context: Context, number: int, life: int | None = None, forever: bool = False, now: bool = False
) -> None:
    """`[no] ip sla schedule N [life {forever | N}] [start-time now]`."""
    config = context.device.config.of(IpSlaConfig)
    if context.off:
        config.schedules.pop(number, None)
        return
    each = config.operations.get(number)
    if each is None or not each.kind:
        raise CommandError("%Entry not configured")
    if each.timeout > each.frequency * 1000:
        raise CommandError(
            f"%Scheduling a probe with timeout {each.timeout} ms greater than frequency "
            f"{each.frequency * 1000} ms is not allowed."
        )
    if each.threshold > each.timeout:
        raise CommandError(
            f"%Scheduling a probe with threshold {each.threshold} ms greater than timeout "
            f"{each.timeout} ms is not allowed."
        )
    config.schedules[number] = Schedule(None if forever else LIFE if life is None else life, now)


def restart(context: Context, number: int) -> None:
    """`ip sla restart N`: an operation that runs begins anew, with its whole life."""
    service = context.device.service(IpSla)
    if not service.running(number):
        raise CommandError("%Entry not active")
    service.restart(number)


def react(
    context: Context,
    number: int,
    element: str = "",
    action: str = "none",
    average: bool = False,
    consecutive: bool = False,
    immediate: bool = False,
    xOfy: bool = False,  # noqa: N803 - as the keyword is written
    never: bool = False,
    count: int = USUAL_COUNT,
    runs: int = USUAL_COUNT,
    x: int = USUAL_COUNT,
    y: int = USUAL_COUNT,
    upper: int | None = None,
    lower: int | None = None,
) -> None:
    """`[no] ip sla reaction-configuration N [react ELEMENT …]`."""
    config = context.device.config.of(IpSlaConfig)
    if context.off:
        if element:
            config.reactions.get(number, {}).pop(element, None)
        else:
            config.reactions.pop(number, None)
        return
    each = config.operations.get(number)
    if each is None or not each.kind:
        raise CommandError("%Entry not configured")
    usual = ELEMENTS[element]
    if usual.jitter and each.kind != "udp-jitter":
        raise CommandError("%Reaction element is not supported for this operation type")
    least, most = usual.lower if lower is None else lower, usual.upper if upper is None else upper
    if least > most:
        raise CommandError("%Falling threshold value should not be greater than rising threshold value")
    if xOfy and x > y:
        raise CommandError("%X value should not be greater than Y value")
    kinds = {"average": average, "consecutive": consecutive, "immediate": immediate, "xOfy": xOfy}
    type_ = next((name for name, typed in kinds.items() if typed), "never")
    counts = {"xOfy": (x, y), "average": (count, USUAL_COUNT), "consecutive": (runs, USUAL_COUNT)}
    first, second = counts.get(type_, (USUAL_COUNT, USUAL_COUNT))
    reactions = config.reactions.setdefault(number, {})
    reactions[element] = Reaction(element, most, least, type_, first, second, action)


def trigger(context: Context, number: int, target: int) -> None:
    """`[no] ip sla reaction-trigger N TARGET`."""
    triggers = context.device.config.of(IpSlaConfig).triggers
    targets = triggers.setdefault(number, [])
    if context.off:
        if target in targets:
            targets.remove(target)
        if not targets:
            del triggers[number]
    elif target not in targets:
        targets.append(target)


def logging_traps(context: Context) -> None:
    """`[no] ip sla logging traps`."""
    context.device.config.of(IpSlaConfig).logging = not context.off
