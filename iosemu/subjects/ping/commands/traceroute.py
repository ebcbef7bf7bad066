"""`traceroute` of IOS: UDP probes with a growing TTL."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, ClassVar

from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, Interrupted, Steps, Write
from iosemu.handling.vrf import found_vrf
from iosemu.ip.probe import Probe
from iosemu.ip.stack import IpStack
from iosemu.packets.icmp import IcmpType
from iosemu.subjects.hosts.translate import translate
from iosemu.subjects.ping.commands.ping import (
    BAD_ADDRESS,
    BAD_SOURCE,
    PingStyle,
    ask_number,
    source_address,
)
from iosemu.subjects.ping.probing import answer_to, pause_after

SIGNS = {0: "!N", 1: "!H", 2: "!P", 4: "!F", 13: "!A"}


@dataclass(frozen=True)
class TracerouteStyle:
    """What stands above the hops."""

    stem: ClassVar[str] = "traceroute"
    vrf_info: bool = True


@dataclass(slots=True)
class Options:
    """What the user chose; `timeout` in seconds."""

    source: IPv4Address | None = None
    timeout: int = 3
    probes: int = 3
    first: int = 1
    last: int = 30
    port: int = 33434
    vrf: str = ""
    """The routing instance; empty: the default one."""


def traceroute(
    context: Context,
    host: IPv4Address | str | None = None,
    from_interface: str | None = None,
    from_address: IPv4Address | None = None,
    seconds: int = 3,
    count: int = 3,
    first: int = 1,
    last: int = 30,
    udp_port: int = 33434,
    vrf: str = "",
    **_keywords: Any,
) -> Steps:
    """`traceroute [vrf V] [ip] HOST [source X] [timeout N] [probe N] [ttl MIN MAX] [port N] [numeric]`."""
    # a TTL of 0 never leaves the box: counting begins at 1
    found_vrf(context.device, vrf)
    if host is None:
        yield from _dialog(context, vrf)
        return
    address = yield from translate(context.device, host, vrf)
    if address is None:
        yield BAD_ADDRESS
        return
    options = Options(None, seconds, count, max(first, 1), last, udp_port, vrf)
    source = from_interface or from_address
    if source is not None:
        options.source = source_address(context.device, str(source), vrf)
        if options.source is None:
            yield BAD_SOURCE
            return
    yield from _run(context, address, options)


def _dialog(context: Context, vrf: str) -> Steps:
    yield Ask("Protocol [ip]: ")
    target = (yield Ask("Target IP address: ")).strip()
    address = (yield from translate(context.device, target, vrf)) if target else None
    if address is None:
        yield BAD_ADDRESS
        return
    options = Options(vrf=vrf)
    source = (yield Ask("Source address: ")).strip()
    if source:
        options.source = source_address(context.device, source, vrf)
        if options.source is None:
            yield BAD_SOURCE
            return
    yield Ask("Numeric display [n]: ")
    numbers = []
    for question, default, low, high in (
        ("Timeout in seconds", 3, 0, 3600),
        ("Probe count", 3, 1, 65535),
        ("Minimum Time to Live", 1, 1, 255),
        ("Maximum Time to Live", 30, 1, 255),
        ("Port Number", 33434, 1, 65535),
    ):
        number = yield from ask_number(question, default, low, high)
        if number is None:
            return
        numbers.append(number)
    options.timeout, options.probes, options.first, options.last, options.port = numbers
    yield Ask("Loose, Strict, Record, Timestamp, Verbose[none]: ")
    yield from _run(context, address, options)


def _run(context: Context, address: IPv4Address, options: Options) -> Steps:
    device = context.device
    stack = device.service(IpStack)
    if device.image.style(PingStyle).blank_line:
        yield ""
    yield "Type escape sequence to abort."
    yield f"Tracing the route to {address}"
    vrf_info = device.image.style(TracerouteStyle).vrf_info
    yield "VRF info: (vrf in name/id, vrf out name/id)" if vrf_info else ""
    vrf = stack.vrf(options.vrf)
    source = options.source or vrf.source_for(address)
    source_port = device.rng.randrange(49152, 65536)
    port = options.port
    try:
        for ttl in range(options.first, options.last + 1):
            yield Write(f"{ttl:3} ")
            last: IPv4Address | None = None
            finished = False
            for _probe in range(options.probes):
                with Probe(stack, address, source, vrf) as probe:
                    probe.udp(source_port, port & 0xFFFF, ttl)
                    yield answer_to(probe, float(options.timeout))
                    yield from pause_after(probe)
                    answer = probe.answer
                port += 1
                if answer is None:
                    yield Write(" * ")
                    continue
                if answer.source != last:
                    if last is not None:
                        yield ""
                        yield Write("    ")
                    last = answer.source
                    yield Write(f"{last}")
                message = answer.message
                if message.type == IcmpType.UNREACHABLE:
                    finished = True
                    if message.code != 3:
                        yield Write(f" {SIGNS.get(message.code, '!U')} ")
                        continue
                yield Write(f" {answer.milliseconds} msec")
            yield ""
            if finished:
                return
    except Interrupted:
        yield ""
