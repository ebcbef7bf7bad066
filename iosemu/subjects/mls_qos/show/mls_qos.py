"""`show mls qos …` (command reference of the Catalyst 3560)."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.net.marking import Trust
from iosemu.subjects.mls_qos.config import PortMarks, QosConfig
from iosemu.subjects.mls_qos.policy import using


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
    if marks.policy:
        yield f"Attached policy-map for Ingress: {marks.policy}"
    yield f"trust state: {_trust(marks.trusted)}"
    yield f"trust mode: {_trust(marks.trust)}"
    yield f"trust enabled flag: {'dis' if marks.telephone else 'ena'}"
    yield f"COS override: {'ena' if marks.override else 'dis'}"
    yield f"default COS: {marks.cos}"
    yield f"DSCP Mutation Map: {marks.mutation or 'Default DSCP Mutation Map'}"
    yield f"Trust device: {'cisco-phone' if marks.telephone else 'none'}"
    yield f"qos mode: {'vlan' if marks.vlan_based else 'port'}-based"


def _trust(trusted: Trust) -> str:
    return trusted.value if trusted is Trust.NOTHING else f"trust {trusted.value}"


def show_aggregate_policer(context: Context, name: str | None = None) -> Iterator[str]:
    """`show mls qos aggregate-policer [NAME]`."""
    aggregates = context.device.config.of(QosConfig).aggregates
    for each, limit in aggregates.items():
        if name not in (None, each):
            continue
        yield f"aggregate-policer {each} {limit.words()}"
        users = using(context.device, each)
        yield from (f"Used by policy map {user}" for user in users)
        if not users:
            yield "Not used by any policy map"


def vlan(context: Context, number: int) -> Iterator[str]:
    """`show mls qos vlan N`: the policy of its interface."""
    config = context.device.config.interfaces.get(f"Vlan{number}")
    marks = config.held(PortMarks) if config is not None else None
    yield f"Vlan{number}"
    if marks is not None and marks.policy:
        yield f"Attached policy-map for Ingress:{marks.policy}"


def auto_qos(context: Context, port: str | None = None) -> Iterator[str]:
    """`show auto qos [interface X]`."""
    for name, config in context.device.config.interfaces.items():
        marks = config.held(PortMarks)
        auto = marks.auto if marks is not None else ""
        if port is None and auto:
            yield name
            yield f"auto qos voip {auto}"
            yield ""
        elif port == name:
            yield name
            yield f"auto qos voip {auto}" if auto else "AutoQoS is disabled"
