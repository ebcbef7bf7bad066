"""`show policy-map`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.subjects.mqc.config import Action, MqcConfig, PolicyClass
from iosemu.subjects.qos.config import (
    Bandwidth,
    Dropping,
    FairQueueing,
    Nested,
    Police,
    Priority,
    QosStyle,
    QueueLimit,
    RandomDetect,
    Shape,
)
from iosemu.subjects.qos.config.queueing import QUEUE_LIMIT
from iosemu.subjects.qos.values import dscp_word


def show_policy_map(context: Context, name: str = "", class_name: str = "") -> Iterator[str]:
    """`show policy-map [NAME [class CLASS]]`."""
    hierarchical = context.device.image.style(QosStyle).hierarchical
    for policy in context.device.config.of(MqcConfig).policy_maps.values():
        if policy.kind or name not in ("", policy.name):
            continue
        if not class_name:
            yield f"  Policy Map {policy.name}"
            if policy.description:
                yield f"    Description: {policy.description}"
        for each in policy.classes.values():
            if class_name not in ("", each.name):
                continue
            yield f"    Class {each.name}"
            for action in each.actions.values():
                yield from (f"      {line}" for line in _action(context.device, each, action, hierarchical))
        if not name:
            yield ""


def _action(device: Device, found: PolicyClass, action: Action, hierarchical: bool) -> Iterator[str]:
    match action:
        case Priority():
            yield from _priority(action, hierarchical)
        case Bandwidth():
            yield from _bandwidth(found, action, hierarchical)
        case Shape():
            yield f"{action.kind.capitalize()} Rate Traffic Shaping"
            yield f"cir {action.value}%" if action.percent else f"cir {action.value} (bps)"
        case Police():
            yield f"{action.head()} "
            for color, row in action.outcomes():
                yield from (f"  {color}-action {each.words()} " for each in row)
        case FairQueueing():
            if hierarchical:
                yield "fair-queue"
            else:
                yield "Flow based Fair Queueing"
                yield f"Bandwidth 0 (kbps) Max Threshold {_limit(found)} (packets)"
        case QueueLimit():
            if hierarchical:
                yield f"queue-limit {action.value} {action.unit}"
        case RandomDetect():
            yield from _random_detect(action)
        case Dropping():
            yield "drop"
        case Nested():
            yield f"service-policy {action.name}"
        case _:
            yield from action.lines(device)


def _limit(found: PolicyClass) -> int:
    limit = found.find(QueueLimit)
    return limit.value if limit is not None and limit.unit == "packets" else QUEUE_LIMIT


def _priority(action: Priority, hierarchical: bool) -> Iterator[str]:
    if hierarchical:
        level = f" level {action.level}" if action.level != 1 else ""
        if action.percent is not None:
            yield f"priority{level} {action.percent} (%)"
        else:
            yield f"priority{level}" if action.kbps is None else f"priority{level} {action.kbps} (kbps)"
        return
    yield "Strict Priority"
    if action.percent is not None:
        yield f"Bandwidth {action.percent} (%)"
    elif action.kbps is not None:
        yield f"Bandwidth {action.kbps} (kbps) Burst {action.octets(0)} (Bytes)"


def _bandwidth(found: PolicyClass, action: Bandwidth, hierarchical: bool) -> Iterator[str]:
    unit = {"kbps": "(kbps)", "remaining ratio": ""}.get(action.unit, "(%)")
    word = action.unit if action.remaining else ""
    words = " ".join(filter(None, ("bandwidth", word.removesuffix(" percent"), str(action.value), unit)))
    if hierarchical:
        yield words
    else:
        yield f"{words.capitalize()} Max Threshold {_limit(found)} (packets)"


def _random_detect(action: RandomDetect) -> Iterator[str]:
    yield f" packet-based wred, exponential weight {action.exponent or 9}"
    yield ""
    yield f"{'dscp    ' if action.dscp_based else 'class   '} min-threshold    max-threshold    mark-probablity"
    yield "----------------------------------------------------------"
    labels = sorted(action.profiles) if action.dscp_based else list(action.labels())
    for label in labels:
        profile = action.profile(label)
        word = dscp_word(label) if action.dscp_based else str(label)
        yield f"{word:<8}{profile.minimum:<17}{profile.maximum:<17}1/{profile.denominator}"
    if action.dscp_based:
        yield f"{'default':<8}{'-':<17}{'-':<17}1/10"
    yield ""
