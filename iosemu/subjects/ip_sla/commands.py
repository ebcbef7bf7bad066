"""`ip sla N`, what is typed in it, and `ip sla schedule`."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Enter, Leave, Output
from iosemu.subjects.ip_sla.config import LIFE, IpSlaConfig, Operation, Schedule
from iosemu.subjects.ip_sla.service import IpSla


def edit(context: Context, number: int) -> Output:
    """`[no] ip sla N`."""
    config = context.device.config.of(IpSlaConfig)
    if context.off:
        config.operations.pop(number, None)
        config.schedules.pop(number, None)
        return None
    if context.device.service(IpSla).running(number):
        raise CommandError(
            "Entry already running and cannot be modified\n        (only can delete (no) and start over)"
        )
    found = config.operations.setdefault(number, Operation(number))
    return [Enter("config-ip-sla" if found.destination is None else "config-ip-sla-echo", found)]


def icmp_echo(
    context: Context, destination: IPv4Address, source: IPv4Address | None = None, interface: str = ""
) -> Output:
    """`icmp-echo A [source-ip A | source-interface X]`."""
    each = context.edited(Operation)
    each.destination, each.source, each.source_interface = destination, source, interface
    return [Leave(), Enter("config-ip-sla-echo", each)]


def frequency(context: Context, value: int = 60) -> None:
    """`[no] frequency N`: seconds."""
    context.edited(Operation).frequency = 60 if context.off else value


def timeout(context: Context, value: int = 5000) -> None:
    """`[no] timeout N`: milliseconds."""
    context.edited(Operation).timeout = 5000 if context.off else value


def threshold(context: Context, value: int = 5000) -> None:
    """`[no] threshold N`: milliseconds."""
    context.edited(Operation).threshold = 5000 if context.off else value


def size(context: Context, value: int = 28) -> None:
    """`[no] request-data-size N`: octets."""
    context.edited(Operation).size = 28 if context.off else value


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
    if each is None or each.destination is None:
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
