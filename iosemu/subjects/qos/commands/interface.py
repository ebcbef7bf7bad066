"""`service-policy` and its like under `interface X`."""

from __future__ import annotations

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.mqc.config import MqcConfig
from iosemu.subjects.qos import checks
from iosemu.subjects.qos.config import SHAPE_LIMIT, QosPort, Shape


def service_policy(context: Context, direction: str, name: str = "") -> None:
    """`[no] service-policy input | output NAME`."""
    config = context.edited(InterfaceConfig)
    port = config.of(QosPort)
    before = getattr(port, direction)
    if context.off:
        if name not in ("", before):
            raise CommandError(f"Policy map {name} is not attached")
        setattr(port, direction, "")
        return
    if before == name:
        return
    if before:
        raise CommandError(f"Policy map {before} is already attached")
    policy = context.device.config.of(MqcConfig).policy_map(name)
    if policy is None:
        raise CommandError(f"policy map {name} not configured")
    if direction == "output" and port.shape is not None:
        raise CommandError("% Must remove traffic-shape configuration from this interface first")
    interface = context.device.interfaces.get(config.name)
    problem = checks.refusal(context.device, interface, policy, direction) if interface is not None else ""
    if problem:
        raise CommandError(problem)
    setattr(port, direction, name)


def pre_classify(context: Context) -> None:
    """`[no] qos pre-classify`, under a tunnel."""
    context.edited(InterfaceConfig).of(QosPort).pre_classify = not context.off


def max_reserved_bandwidth(context: Context, percent: int = 0) -> None:
    """`[no] max-reserved-bandwidth N`."""
    context.edited(InterfaceConfig).of(QosPort).reservable = None if context.off else percent


def traffic_shape(
    context: Context, rate: int = 0, bc: int | None = None, be: int | None = None, limit: int = SHAPE_LIMIT
) -> None:
    """`[no] traffic-shape rate N [BC [BE [LIMIT]]]`: what is not typed is worked out once."""
    port = context.edited(InterfaceConfig).of(QosPort)
    if context.off:
        port.shape, port.shape_limit = None, SHAPE_LIMIT
        return
    if port.output:
        raise CommandError("% Must remove the output service-policy from this interface first")
    sustained, excess = Shape("average", rate, bc, be).bursts(0, hierarchical=False)
    port.shape, port.shape_limit = Shape("average", rate, sustained, excess), limit
