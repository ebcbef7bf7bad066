"""How an interface queues and limits without policies: `fair-queue`, `hold-queue`, `tx-ring-limit`, `rate-limit`."""

from __future__ import annotations

from iosemu.box.interface import HOLD_IN, HOLD_OUT
from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.qos.config import FairLine, PoliceAction, QosPort, RateLimit
from iosemu.subjects.qos.config.line import THRESHOLD, is_fair_by_itself


def fair_queue(
    context: Context, threshold: int = THRESHOLD, dynamic: int | None = None, reserved: int = 0
) -> None:
    """`[no] fair-queue [THRESHOLD [DYNAMIC [RESERVED]]]`."""
    config = context.edited(InterfaceConfig)
    port = config.of(QosPort)
    interface = context.device.interfaces.get(config.name)
    by_itself = interface is not None and is_fair_by_itself(context.device, interface)
    if context.off:
        port.fair, port.not_fair = None, context.negated and by_itself
        return
    if dynamic is not None and dynamic & (dynamic - 1):
        raise CommandError("Number of dynamic queues must be a power of 2 (16, 32, 64, 128, 256, 512, 1024)")
    if port.priority_group is not None:
        raise CommandError("Must remove priority-group configuration first.")
    if port.custom_list is not None:
        raise CommandError("Must remove custom-queue configuration first.")
    if port.output and not by_itself:
        raise CommandError("Must remove the output service-policy from this interface first")
    fair = FairLine(threshold, dynamic, reserved)
    port.fair, port.not_fair = None if by_itself and fair == FairLine() else fair, False


def hold_queue(context: Context, count: int = 0, direction: str = "out") -> None:
    """`[no] hold-queue N in | out`."""
    port = context.edited(InterfaceConfig).of(QosPort)
    usual = HOLD_IN if direction == "in" else HOLD_OUT
    value = None if context.off or count == usual else count
    if direction == "in":
        port.hold_in = value
    else:
        port.hold_out = value


def tx_ring_limit(context: Context, count: int | None = None) -> None:
    """`[no] tx-ring-limit N`."""
    context.edited(InterfaceConfig).of(QosPort).ring = None if context.off else count


def rate_limit(
    context: Context,
    direction: str,
    rate: int,
    normal: int,
    extended: int,
    conform: PoliceAction,
    exceed: PoliceAction,
    number: int | None = None,
    dscp: int | None = None,
    group: int | None = None,
) -> None:
    """`[no] rate-limit input | output [access-group N | dscp N | qos-group N] RATE NORMAL EXTENDED …`."""
    port = context.edited(InterfaceConfig).of(QosPort)
    limits = port.limits_in if direction == "input" else port.limits_out
    access_list = "" if number is None else str(number)
    made = RateLimit(rate, normal, extended, conform, exceed, access_list, dscp, group)
    if context.off:
        if made in limits:
            limits.remove(made)
        return
    if extended < normal:
        raise CommandError("% Extended burst must not be smaller than the normal burst")
    if made not in limits:
        limits.append(made)
