"""What IOS refuses: policies that an interface cannot have."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.subjects.mqc.config import CLASS_DEFAULT, MqcConfig, PolicyClass, PolicyMap
from iosemu.subjects.qos.attached import DEEPEST
from iosemu.subjects.qos.config import Bandwidth, Nested, Priority, QosPort, QosStyle, Shape
from iosemu.subjects.qos.config.queueing import QUEUEING
from iosemu.subjects.qos.text import reservable


def queues(device: Device, policy: PolicyMap, deep: int = 1) -> bool:
    """Whether a policy, or one within it, has packets wait."""
    return any(
        any(found.find(kind) is not None for kind in QUEUEING)
        or any(queues(device, inner, deep + 1) for inner in _inner(device, found) if deep < DEEPEST)
        for found in policy.classes.values()
    )


def _inner(device: Device, found: PolicyClass) -> Iterator[PolicyMap]:
    nested = found.find(Nested)
    policy = device.config.of(MqcConfig).policy_map(nested.name) if nested is not None else None
    if policy is not None:
        yield policy


def depth(device: Device, policy: PolicyMap, above: int = 1) -> int:
    """How many policies lie within one another from here on; more than `DEEPEST` for what holds itself."""
    if above > DEEPEST:
        return above
    inner = (each for found in policy.classes.values() for each in _inner(device, found))
    return max((depth(device, each, above + 1) for each in inner), default=above)


def refusal(device: Device, interface: Interface, policy: PolicyMap, direction: str) -> str:
    """Why an interface cannot have a policy; empty where it can."""
    if queues(device, policy):
        if direction == "input":
            return "CBWFQ : Can be enabled as an output feature only"
        shaped = all(found.find(Shape) is not None for found in policy.classes.values())
        if not shaped or CLASS_DEFAULT not in policy.classes:
            if interface.config.parent is not None:
                return "CBWFQ : Not supported on subinterfaces"
            if interface.port is None:
                return (
                    f"Class Based Weighted Fair Queueing not supported on this interface ({interface.name})"
                )
    return _overbooked(device, policy, interface.name, interface.bandwidth, reservable(device, interface))


def _overbooked(device: Device, policy: PolicyMap, name: str, kbps: int, limit: int) -> str:
    taken = taken_percent = 0
    for found in policy.classes.values():
        priority, bandwidth = found.find(Priority), found.find(Bandwidth)
        wanted = priority.rate(kbps) or 0 if priority is not None else 0
        if bandwidth is not None:
            wanted = bandwidth.rate(kbps)
        percent = next(
            (each.percent for each in (priority,) if each is not None and each.percent is not None),
            bandwidth.value if bandwidth is not None and bandwidth.unit == "percent" else None,
        )
        if taken + wanted > limit:
            if percent is not None:
                left = round(limit * 100 / max(kbps, 1)) - taken_percent
                return f"I/f {name} class {found.name} requested bandwidth {percent}%, available only {left}%"
            what = f"requested bandwidth {wanted} (kbps), available only {limit - taken} (kbps)"
            return f"I/f {name} class {found.name} {what}"
        taken += wanted
        taken_percent += percent or 0
        shape = found.find(Shape)
        if shape is not None:
            inside = shape.rate(kbps) // 1000
            share = device.image.style(QosStyle).reservable
            for inner in _inner(device, found):
                problem = _overbooked(device, inner, name, inside, max(inside * share // 100, 1))
                if problem:
                    return problem
    return ""


def applied(device: Device, policy: PolicyMap) -> str:
    """Why a policy cannot be as it is now where it is applied, by itself or within another; empty where it can."""
    config = device.config.of(MqcConfig)
    for interface in device.interfaces.values():
        port = interface.config.held(QosPort)
        for direction in ("input", "output") if port is not None else ():
            top = config.policy_map(getattr(port, direction))
            if top is not None and (top is policy or _holds(device, top, policy)):
                problem = refusal(device, interface, top, direction)
                if problem:
                    return problem
    return ""


def _holds(device: Device, top: PolicyMap, wanted: PolicyMap, deep: int = 1) -> bool:
    return deep < DEEPEST and any(
        inner is wanted or _holds(device, inner, wanted, deep + 1)
        for found in top.classes.values()
        for inner in _inner(device, found)
    )
