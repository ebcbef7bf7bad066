"""`storm-control …` under an interface and `show storm-control`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.interface_types import short_name
from iosemu.bridging.bridge import Bridge
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument, Output
from iosemu.net.storm_control import Meter, Threshold, Traffic, Unit
from iosemu.subjects.storm_control.config import StormControl, metric, number
from iosemu.subjects.storm_control.service import StormGuard
from iosemu.subjects.switchport.commands import layer2_of

HIGHEST = 10_000_000_000.0
"""Bits or frames a second: the fastest port of a Catalyst."""


def _settings(context: Context) -> StormControl:
    layer2_of(context)
    return context.edited(InterfaceConfig).of(StormControl)


def threshold(
    context: Context, kind: str, unit: str = "", upper: str = "", lower: str | None = None
) -> Output:
    """`[no] storm-control broadcast|multicast|unicast level [bps|pps] UPPER [LOWER]`."""
    settings, chosen = _settings(context), Traffic(kind)
    if context.off:
        settings.levels.pop(chosen, None)
        return None
    limit = HIGHEST if unit else 100.0
    high, low = number(upper), number(lower or upper)
    if high > limit:
        raise InvalidArgument("upper")
    if low > limit:
        raise InvalidArgument("lower")
    if low > high:
        raise CommandError("Command rejected: falling threshold is higher than rising threshold.")
    settings.levels[chosen] = Threshold(high, low, Unit(unit))
    return None


def action(context: Context, action: str) -> Output:
    """`[no] storm-control action shutdown|trap`."""
    setattr(_settings(context), action, not context.off)
    return None


def show(context: Context, port: str | None = None, kind: str = "broadcast") -> Iterator[str]:
    """`show storm-control [X] [broadcast|multicast|unicast]`."""
    switch, chosen = context.device, Traffic(kind)
    names = [
        name
        for name, interface in switch.interfaces.items()
        if switch.service(Bridge).has(interface) and port in (None, name)
    ]
    if port is not None and not names:
        raise InvalidArgument("port")
    yield "Interface  Filter State   Upper        Lower        Current"
    yield "---------  -------------  -----------  -----------  ----------"
    for name in names:
        row = _row(switch, name, chosen)
        if row:
            yield row


def _row(switch: Device, name: str, kind: Traffic) -> str:
    settings = switch.interfaces[name].config.held(StormControl)
    level = settings.levels.get(kind) if settings is not None else None
    if level is None:
        return ""
    meter = switch.service(StormGuard).meters.get((name, kind)) or Meter()
    state = "Blocking" if meter.blocking else "Forwarding"
    if not switch.interfaces[name].protocol_up:
        state = "Link Down"
    upper, lower, current = (_amount(each, level.unit) for each in (level.upper, level.lower, meter.rate))
    return f"{short_name(name):<10} {state:<13} {upper:>12} {lower:>12} {current:>11}"


def _amount(value: float, unit: Unit) -> str:
    return f"{value:.2f}%" if unit is Unit.PERCENT else f"{metric(value)} {unit.value}"
