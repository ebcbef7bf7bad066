"""What results set off: `ip sla reaction-…`, messages and alerts."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.ip_sla.config import IpSlaConfig
from iosemu.subjects.ip_sla.reactions import ELEMENTS, USUAL_COUNT, Reaction


def react(
    context: Context,
    number: int,
    element: str = "",
    action: str = "none",
    average: bool = False,
    consecutive: bool = False,
    immediate: bool = False,
    xOfy: bool = False,  # noqa: N803 - as the keyword is written
    never: bool = False,
    count: int = USUAL_COUNT,
    runs: int = USUAL_COUNT,
    x: int = USUAL_COUNT,
    y: int = USUAL_COUNT,
    upper: int | None = None,
    lower: int | None = None,
) -> None:
    """`[no] ip sla reaction-configuration N [react ELEMENT …]`."""
    config = context.device.config.of(IpSlaConfig)
    if context.off:
        if element:
            config.reactions.get(number, {}).pop(element, None)
        else:
            config.reactions.pop(number, None)
        return
    each = config.operations.get(number)
    if each is None or not each.kind:
        raise CommandError("%Entry not configured")
    usual = ELEMENTS[element]
    if usual.jitter and each.kind != "udp-jitter":
        raise CommandError("%Reaction element is not supported for this operation type")
    least, most = usual.lower if lower is None else lower, usual.upper if upper is None else upper
    if least > most:
        raise CommandError("%Falling threshold value should not be greater than rising threshold value")
    if xOfy and x > y:
        raise CommandError("%X value should not be greater than Y value")
    kinds = {"average": average, "consecutive": consecutive, "immediate": immediate, "xOfy": xOfy}
    type_ = next((name for name, typed in kinds.items() if typed), "never")
    counts = {"xOfy": (x, y), "average": (count, USUAL_COUNT), "consecutive": (runs, USUAL_COUNT)}
    first, second = counts.get(type_, (USUAL_COUNT, USUAL_COUNT))
    reactions = config.reactions.setdefault(number, {})
    reactions[element] = Reaction(element, most, least, type_, first, second, action)


def trigger(context: Context, number: int, target: int) -> None:
    """`[no] ip sla reaction-trigger N TARGET`."""
    triggers = context.device.config.of(IpSlaConfig).triggers
    targets = triggers.setdefault(number, [])
    if context.off:
        if target in targets:
            targets.remove(target)
        if not targets:
            del triggers[number]
    elif target not in targets:
        targets.append(target)


def logging_traps(context: Context) -> None:
    """`[no] ip sla logging traps`."""
    context.device.config.of(IpSlaConfig).logging = not context.off


def alerts(context: Context) -> None:
    """`[no] ip sla enable reaction-alerts`: applets that wait for it are told of thresholds."""
    context.device.config.of(IpSlaConfig).alerts = not context.off
