"""`mls qos …` and `show mls qos …` (command reference of the Catalyst 3560)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument, Output
from iosemu.net.marking import CLASSES, STEPS, Trust
from iosemu.subjects.mls_qos.config import MOST, PortMarks, QosConfig


def to_dscp(
    context: Context,
    kind: str,
    d1: int = 0,
    d2: int = 0,
    d3: int = 0,
    d4: int = 0,
    d5: int = 0,
    d6: int = 0,
    d7: int = 0,
    d8: int = 0,
) -> Output:
    """`[no] mls qos map cos-dscp|ip-prec-dscp D1 … D8`."""
    row = STEPS if context.off else (d1, d2, d3, d4, d5, d6, d7, d8)
    config = context.device.config.of(QosConfig)
    if kind == "cos-dscp":
        config.maps = replace(config.maps, cos_dscp=row)
    else:
        config.maps = replace(config.maps, precedence_dscp=row)
    return None


def to_cos(context: Context, dscps: tuple[int, ...] = (), cos: int = 0) -> Output:
    """`[no] mls qos map dscp-cos DSCP … to COS`, up to eight of them."""
    config = context.device.config.of(QosConfig)
    if context.off:
        config.maps = replace(config.maps, dscp_cos=CLASSES)
        return None
    if len(dscps) > MOST:
        raise InvalidArgument("dscps")
    row = list(config.maps.dscp_cos)
    for dscp in dscps:
        row[dscp] = cos
    config.maps = replace(config.maps, dscp_cos=tuple(row))
    return None


def _marks(context: Context) -> PortMarks:
    """The marks of the edited port; CommandError for what is no port of its own."""
    config = context.edited(InterfaceConfig)
    if config.name not in context.device.switch_ports:
        raise CommandError("QoS: command is not supported on this interface")
    return config.of(PortMarks)


def trust(context: Context, kind: str = "dscp") -> Output:
    """`[no] mls qos trust [cos|dscp|ip-precedence]`: DSCP where nothing is said."""
    marks = _marks(context)
    marks.trust = Trust.NOTHING if context.off else Trust(kind)
    return None


def trust_device(context: Context) -> Output:
    """`[no] mls qos trust device cisco-phone`."""
    _marks(context).telephone = not context.off
    return None


def cos(context: Context, value: int = 0) -> Output:
    """`[no] mls qos cos N`."""
    _marks(context).cos = 0 if context.off else value
    return None


def override(context: Context) -> Output:
    """`[no] mls qos cos override`."""
    _marks(context).override = not context.off
    return None


def show(context: Context) -> Iterator[str]:
    """`show mls qos`."""
    config = context.device.config.of(QosConfig)
    yield f"QoS is {_enabled(config.enabled)}"
    yield f"QoS ip packet dscp rewrite is {_enabled(config.rewrite)}"


def _enabled(on: bool) -> str:
    return "enabled" if on else "disabled"


def interfaces(context: Context, port: str | None = None) -> Iterator[str]:
    """`show mls qos interface [X]`."""
    switch = context.device
    names = [name for name in switch.interfaces if name in switch.switch_ports and port in (None, name)]
    if not names:
        raise InvalidArgument("port")
    for name in names:
        yield from _interface(switch, name)
        if port is None:
            yield ""


def _interface(switch: Device, name: str) -> Iterator[str]:
    marks = switch.interfaces[name].config.held(PortMarks) or PortMarks()
    yield name
    if not switch.config.of(QosConfig).enabled:
        yield "QoS is disabled. When QoS is enabled, following settings will be applied"
    yield f"trust state: {_trust(marks.trusted)}"
    yield f"trust mode: {_trust(marks.trust)}"
    yield f"trust enabled flag: {'dis' if marks.telephone else 'ena'}"
    yield f"COS override: {'ena' if marks.override else 'dis'}"
    yield f"default COS: {marks.cos}"
    yield "DSCP Mutation Map: Default DSCP Mutation Map"
    yield f"Trust device: {'cisco-phone' if marks.telephone else 'none'}"
    yield "qos mode: port-based"


def _trust(trusted: Trust) -> str:
    return trusted.value if trusted is Trust.NOTHING else f"trust {trusted.value}"


def maps(context: Context, kind: str = "") -> Iterator[str]:
    """`show mls qos maps [cos-dscp|dscp-cos|ip-prec-dscp]`."""
    found = context.device.config.of(QosConfig).maps
    if kind in ("", "dscp-cos"):
        yield "   Dscp-cos map:"
        yield f"     d1 :  d2 {'  '.join(map(str, range(10)))} "
        yield f"     {'-' * 39}"
        for first in range(7):
            row = found.dscp_cos[first * 10 : first * 10 + 10]
            yield f"      {first} :    {''.join(f'{cos:02} ' for cos in row)}"
        yield ""
    for name, title, label, row in (
        ("cos-dscp", "Cos-dscp", "cos", found.cos_dscp),
        ("ip-prec-dscp", "IpPrecedence-dscp", "ipprec", found.precedence_dscp),
    ):
        if kind in ("", name):
            yield f"   {title} map:"
            yield f"{label + ':':>12} {_columns(range(8))} "
            yield f"     {'-' * 32}"
            yield f"{'dscp:':>12} {_columns(row)} "
            yield ""


def _columns(row: Iterable[int]) -> str:
    return "".join(f"{each:>3}" for each in row)
