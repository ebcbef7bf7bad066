"""`show ip nbar …`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from iosemu.box.clock_text import hms
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.mqc.config import ProtocolName
from iosemu.subjects.mqc.protocols import applications
from iosemu.subjects.nbar.service import Discovery, ProtocolDiscovery, Seen

Row = Callable[[Seen, float], int]


def _thousands(rate: int) -> int:
    return round(rate, -3)


ROWS: dict[str, tuple[str, Row]] = {
    "packet-count": ("Packet Count", lambda seen, _: seen.packets),
    "byte-count": ("Byte Count", lambda seen, _: seen.octets),
    "bit-rate": ("5min Bit Rate (bps)", lambda seen, now: _thousands(seen.rate(now))),
    "max-bit-rate": ("5min Max Bit Rate (bps)", lambda seen, now: _thousands(max(seen.rate(now), seen.most))),
}


def show_discovery(context: Context, interface: str = "", stats: str = "", count: int = 0) -> Iterator[str]:
    """`show ip nbar protocol-discovery [interface X] [stats KIND] [top-n N]`."""
    return _shown(context, interface, stats, "", count)


def show_protocol(
    context: Context, protocol: ProtocolName, interface: str = "", stats: str = ""
) -> Iterator[str]:
    """`show ip nbar protocol-discovery [interface X] [stats KIND] protocol P`."""
    return _shown(context, interface, stats, protocol.name, 0)


def _shown(context: Context, interface: str, stats: str, protocol: str, count: int) -> Iterator[str]:
    service = context.device.service(ProtocolDiscovery)
    if interface and interface not in service.found:
        raise CommandError(f" NBAR Protocol Discovery is not enabled on {interface}")
    rows = [ROWS[stats]] if stats else list(ROWS.values())
    for name in context.device.interfaces:
        if name in service.found and interface in ("", name):
            yield from _of(context, name, service.found[name], rows, protocol, count)


def _of(
    context: Context, name: str, found: Discovery, rows: list[tuple[str, Row]], protocol: str, count: int
) -> Iterator[str]:
    now = context.device.now
    yield ""
    yield f" {name} "
    yield ""
    cleared = hms(now - found.since)
    yield f' Last clearing of "show ip nbar protocol-discovery" counters {cleared}'
    yield ""
    yield ""
    yield _line("", "Input", "Output")
    yield _line("", "-----", "------")
    for number, (title, _) in enumerate(rows):
        yield _line("" if number else "Protocol", title, title)
    yield f" {'-' * 28} {'-' * 24} {'-' * 24}"

    def rank(each: str) -> tuple[int, int]:
        ways = found.seen[each]
        return -sum(way.rate(now) for way in ways), -sum(way.octets for way in ways)

    names = sorted((each for each in found.seen if protocol in ("", each)), key=rank)
    for each in names[: count or None]:
        yield from _protocol(each, [[value(way, now) for way in found.seen[each]] for _, value in rows])
    if not protocol:
        totals = [
            [sum(value(found.seen[each][way], now) for each in names) for way in (0, 1)] for _, value in rows
        ]
        yield from _protocol("Total", totals)


def _protocol(name: str, rows: list[list[int]]) -> Iterator[str]:
    for number, (came, left) in enumerate(rows):
        yield _line("" if number else name, str(came), str(left))


def _line(name: str, came: str, left: str) -> str:
    return f" {name:<28} {came:<24} {left:<24}"


def show_port_map(context: Context, protocol: ProtocolName | None = None) -> Iterator[str]:
    """`show ip nbar port-map [PROTOCOL]`."""
    for each in applications(context.device).every:
        if protocol is None or each.name == protocol.name:
            for word, ports in (("udp", each.udp), ("tcp", each.tcp)):
                if ports:
                    yield f"port-map {each.name:<24} {word} {' '.join(map(str, ports))} "
