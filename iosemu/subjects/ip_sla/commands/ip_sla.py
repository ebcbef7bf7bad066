"""`ip sla N` and what is typed in it, and the responder."""

from __future__ import annotations

from ipaddress import IPv4Address
from urllib.parse import urlsplit

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, Leave, Output
from iosemu.subjects.ip_sla.config import (
    INTERVAL,
    PACKETS,
    USUAL,
    IpSlaConfig,
    Operation,
    PermanentPort,
)
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
    each = context.edited(Operation)
    each.name, each.name_server, each.source = _url(url, "http"), server, source
    return _begin(each, "http")


def dns(context: Context, name: str, server: IPv4Address) -> Output:
    """`dns NAME name-server A`."""
    each = context.edited(Operation)
    each.name, each.destination = name, server
    return _begin(each, "dns")


def path_echo(
    context: Context, destination: IPv4Address, source: IPv4Address | None = None, interface: str = ""
) -> Output:
    """`path-echo A [source-ip A | source-interface X]`."""
    icmp_echo(context, destination, source, interface)
    return _begin(context.edited(Operation), "path-echo")


def icmp_jitter(
    context: Context,
    destination: IPv4Address,
    source: IPv4Address | None = None,
    packets: int = PACKETS,
    interval: int = INTERVAL,
) -> Output:
    """`icmp-jitter A [source-ip A] [num-packets N] [interval MILLISECONDS]`."""
    icmp_echo(context, destination, source)
    each = context.edited(Operation)
    each.packets, each.interval = packets, interval
    return _begin(each, "icmp-jitter")


def path_jitter(
    context: Context,
    destination: IPv4Address,
    source: IPv4Address | None = None,
    packets: int = PACKETS,
    interval: int = INTERVAL,
    targetOnly: bool = False,  # noqa: N803 - as the keyword is written
) -> Output:
    """`path-jitter A [source-ip A] [num-packets N] [interval MILLISECONDS] [targetOnly]`."""
    icmp_jitter(context, destination, source, packets, interval)
    each = context.edited(Operation)
    each.target_only = targetOnly
    return _begin(each, "path-jitter")


def dhcp(context: Context, destination: IPv4Address | None = None) -> Output:
    """`dhcp [A]`: any server, or only this one."""
    each = context.edited(Operation)
    each.destination = destination
    return _begin(each, "dhcp")


def ftp_get(context: Context, url: str, source: IPv4Address | None = None) -> Output:
    """`ftp get URL [source-ip A] [mode passive]`."""
    each = context.edited(Operation)
    each.name, each.source = _url(url, "ftp"), source
    return _begin(each, "ftp")


def _url(url: str, scheme: str) -> str:
    """A URL that can be asked for; raises CommandError for another."""
    try:
        split = urlsplit(url)
        usable = split.scheme == scheme and bool(split.hostname) and split.port != 0 and url.isascii()
    except ValueError:
        usable = False
    if not usable:
        raise CommandError("%Invalid URL")
    return url


def tos(context: Context, value: int = 0) -> None:
    """`[no] tos N`: the octet of the packets' headers."""
    context.edited(Operation).tos = 0 if context.off else value


def vrf(context: Context, name: str = "") -> None:
    """`[no] vrf NAME`."""
    context.edited(Operation).vrf = "" if context.off else name


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
