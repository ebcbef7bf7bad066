"""`mls qos …`, globally and under an interface (command reference of the Catalyst 3560)."""

from __future__ import annotations

from dataclasses import replace

from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.subject import Forwarding
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument, Output
from iosemu.net.marking import CLASSES, STEPS, UNCHANGED, Trust
from iosemu.subjects.mls_qos.config import MOST, Limit, PortMarks, QosConfig
from iosemu.subjects.mls_qos.policy import refusal, using
from iosemu.subjects.mqc.config import MqcConfig


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


def _moved(row: tuple[int, ...], dscps: tuple[int, ...], to: int) -> tuple[int, ...]:
    """The map with other values for some DSCPs; InvalidArgument where one line cannot take so many."""
    if len(dscps) > MOST:
        raise InvalidArgument("dscps")
    return tuple(to if dscp in dscps else now for dscp, now in enumerate(row))


def policed(context: Context, dscps: tuple[int, ...] = (), to: int = 0) -> Output:
    """`[no] mls qos map policed-dscp DSCP … to DSCP`, up to eight of them."""
    config = context.device.config.of(QosConfig)
    row = UNCHANGED if context.off else _moved(config.maps.policed_dscp, dscps, to)
    config.maps = replace(config.maps, policed_dscp=row)
    return None


def mutated(context: Context, name: str, dscps: tuple[int, ...] = (), to: int = 0) -> Output:
    """`[no] mls qos map dscp-mutation NAME DSCP … to DSCP`, up to eight of them."""
    mutations = context.device.config.of(QosConfig).mutations
    if context.off:
        if any(
            marks.mutation == name
            for config in context.device.config.interfaces.values()
            if (marks := config.held(PortMarks)) is not None
        ):
            raise CommandError(f"QoS: dscp-mutation map {name} is in use")
        mutations.pop(name, None)
        return None
    mutations[name] = _moved(mutations.get(name, UNCHANGED), dscps, to)
    return None


def aggregate_policer(context: Context, name: str, limit: Limit | None = None) -> Output:
    """`[no] mls qos aggregate-policer NAME RATE BURST exceed-action …`."""
    aggregates = context.device.config.of(QosConfig).aggregates
    if not context.off and limit is not None:
        aggregates[name] = limit
        return None
    if using(context.device, name):
        raise CommandError(f"QoS: aggregate policer {name} is in use, cannot be deleted")
    aggregates.pop(name, None)
    return None


def marks_of(context: Context) -> PortMarks:
    """The marks of the edited port; CommandError for what is no port of its own."""
    config = context.edited(InterfaceConfig)
    if config.name not in context.device.switch_ports:
        raise CommandError("QoS: command is not supported on this interface")
    return config.of(PortMarks)


def trust(context: Context, kind: str = "dscp") -> Output:
    """`[no] mls qos trust [cos|dscp|ip-precedence]`: DSCP where nothing is said."""
    marks = marks_of(context)
    marks.trust = Trust.NOTHING if context.off else Trust(kind)
    return None


def trust_device(context: Context) -> Output:
    """`[no] mls qos trust device cisco-phone`."""
    marks_of(context).telephone = not context.off
    return None


def cos(context: Context, value: int = 0) -> Output:
    """`[no] mls qos cos N`."""
    marks_of(context).cos = 0 if context.off else value
    return None


def override(context: Context) -> Output:
    """`[no] mls qos cos override`."""
    marks_of(context).override = not context.off
    return None


def dscp_mutation(context: Context, name: str = "") -> Output:
    """`[no] mls qos dscp-mutation NAME`."""
    marks = marks_of(context)
    if not context.off and name not in context.device.config.of(QosConfig).mutations:
        raise CommandError(f"QoS: dscp-mutation map {name} does not exist")
    marks.mutation = "" if context.off else name
    return None


def vlan_based(context: Context) -> Output:
    """`[no] mls qos vlan-based`."""
    marks_of(context).vlan_based = not context.off
    return None


def service_policy(context: Context, direction: str, name: str = "") -> Output:
    """`[no] service-policy input NAME`, of a port and, on a 3560, of a VLAN; CommandError for `output`."""
    if direction == "output":
        raise CommandError("Warning: Assigning a policy map to the output side of an interface not supported")
    config = context.edited(InterfaceConfig)
    of_vlan = config.type.name == "Vlan" and context.device.composition.forwarding is Forwarding.WHEN_TOLD
    marks = config.of(PortMarks) if of_vlan else marks_of(context)
    if context.off:
        if name not in ("", marks.policy):
            raise CommandError(f"Policy map {name} is not attached")
        marks.policy = ""
        return None
    policy = context.device.config.of(MqcConfig).policy_map(name)
    if policy is None:
        raise CommandError(f"policy map {name} not configured")
    problem = refusal(policy, of_vlan=of_vlan)
    if problem:
        raise CommandError(problem)
    if marks.policy not in ("", name):
        raise CommandError(f"Policy map {marks.policy} is already attached")
    marks.policy = name
    return None
