"""What is typed under `class` of a plain policy-map."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.net.queueing.red import Profile
from iosemu.subjects.mqc.config import CLASS_DEFAULT, Action, MqcConfig, PolicyClass
from iosemu.subjects.qos import checks
from iosemu.subjects.qos.attached import DEEPEST
from iosemu.subjects.qos.config import (
    Bandwidth,
    Dropping,
    FairQueueing,
    Nested,
    Priority,
    QueueLimit,
    RandomDetect,
    SetCos,
    SetDscp,
    SetPrecedence,
    SetQosGroup,
    Shape,
)


def put(context: Context, action: Action, *excluded: type[Action]) -> None:
    """Let the class do something, or no longer.

    Raises CommandError where it does one of `excluded`, or where an interface that has the policy cannot have it so;
    nothing is changed then.
    """
    found = context.edited(PolicyClass)
    before = dict(found.actions)
    if context.off:
        found.drop(type(action))
        return
    for other in excluded:
        if found.find(other) is not None:
            raise CommandError(
                f"{_word(type(action))} and {_word(other)} cannot be configured in the same class"
            )
    found.put(action)
    problem = checks.applied(context.device, found.policy)
    if problem:
        found.actions = before
        raise CommandError(problem)


_WORDS: dict[type[Action], str] = {
    FairQueueing: "fair-queue",
    Dropping: "drop",
    SetDscp: "set dscp",
    SetPrecedence: "set precedence",
    RandomDetect: "random-detect",
    QueueLimit: "queue-limit",
    Nested: "service-policy",
}


def _word(kind: type[Action]) -> str:
    return _WORDS.get(kind, kind.__name__.lower())


def priority(
    context: Context,
    kbps: int | None = None,
    percent: int | None = None,
    burst: int | None = None,
    level: int = 1,
) -> None:
    """`priority [level N] [KBPS | percent N] [BURST]`."""
    if not context.off and context.edited(PolicyClass).name == CLASS_DEFAULT:
        raise CommandError("priority command is not allowed in class-default")
    put(context, Priority(kbps, percent, burst, level), Bandwidth, FairQueueing, RandomDetect)


def _same_unit(context: Context, unit: str) -> None:
    """All classes of a policy reserve in one unit."""
    edited = context.edited(PolicyClass)
    for each in edited.policy.classes.values():
        other = each.find(Bandwidth)
        if each is not edited and other is not None and other.unit != unit:
            raise CommandError("All classes with bandwidth should have consistent units")


def _bandwidth(context: Context, value: int, unit: str) -> None:
    if not context.off:
        _same_unit(context, unit)
    put(context, Bandwidth(value, unit), Priority)


def bandwidth(context: Context, kbps: int = 0) -> None:
    """`bandwidth KBPS`."""
    _bandwidth(context, kbps, "kbps")


def bandwidth_percent(context: Context, percent: int = 0) -> None:
    """`bandwidth percent N`."""
    _bandwidth(context, percent, "percent")


def bandwidth_remaining(context: Context, how: str, value: int = 0) -> None:
    """`bandwidth remaining percent | ratio N`."""
    _bandwidth(context, value, f"remaining {how}")


def shape(context: Context, kind: str, rate: int = 0, bc: int | None = None, be: int | None = None) -> None:
    """`shape average | peak RATE [BC [BE]]`."""
    put(context, Shape(kind, rate, bc, be), Dropping)


def shape_percent(
    context: Context, kind: str, percent: int = 0, bc: int | None = None, be: int | None = None
) -> None:
    """`shape average | peak percent N [BC ms [BE ms]]`."""
    put(context, Shape(kind, percent, bc, be, percent=True), Dropping)


def fair_queue(context: Context, queues: int | None = None) -> None:
    """`fair-queue [N]`."""
    put(context, FairQueueing(queues), Priority)


def queue_limit(context: Context, value: int = 0, unit: str = "packets") -> None:
    """`queue-limit N [packets | bytes | ms]`."""
    put(context, QueueLimit(value, unit or "packets"))


def random_detect(context: Context, kind: str = "prec-based") -> None:
    """`random-detect [dscp-based | prec-based]`."""
    if not context.off:
        found = context.edited(PolicyClass)
        if found.name != CLASS_DEFAULT and found.find(Bandwidth) is None and found.find(Shape) is None:
            raise CommandError("bandwidth or shape must be configured before random-detect in this class")
    before = context.edited(PolicyClass).find(RandomDetect)
    dscp_based = kind == "dscp-based"
    if before is not None and before.dscp_based == dscp_based:
        put(context, before, Priority)
    else:
        put(context, RandomDetect(dscp_based), Priority)


def random_detect_constant(context: Context, exponent: int = 9) -> None:
    """`random-detect exponential-weighting-constant N`."""
    edited = context.edited(PolicyClass)
    before = _detecting(edited)
    made = None if context.off else exponent
    edited.put(RandomDetect(before.dscp_based, made, before.profiles))


def _detecting(edited: PolicyClass) -> RandomDetect:
    before = edited.find(RandomDetect)
    if before is None:
        raise CommandError("random-detect is not configured in this class")
    return before


def random_detect_dscp(
    context: Context, value: int, least: int | None = None, most: int | None = None, mark: int = 10
) -> None:
    """`random-detect dscp VALUE MIN MAX [MARK]`."""
    _profile(context, value, least, most, mark, dscp_based=True)


def random_detect_precedence(
    context: Context, value: int, least: int | None = None, most: int | None = None, mark: int = 10
) -> None:
    """`random-detect precedence VALUE MIN MAX [MARK]`."""
    _profile(context, value, least, most, mark, dscp_based=False)


def _profile(
    context: Context, label: int, least: int | None, most: int | None, mark: int, *, dscp_based: bool
) -> None:
    edited = context.edited(PolicyClass)
    before = _detecting(edited)
    if before.dscp_based is not dscp_based:
        raise CommandError(f"random-detect is {'dscp' if before.dscp_based else 'prec'}-based in this class")
    if context.off or least is None or most is None:
        edited.put(before.with_profile(label, None))
        return
    if least > most:
        raise CommandError("% Minimum threshold is above the maximum")
    edited.put(before.with_profile(label, Profile(least, most, mark)))


def drop(context: Context) -> None:
    """`drop`."""
    if not context.off and context.edited(PolicyClass).actions.keys() - {"Dropping"}:
        raise CommandError("drop cannot be configured with any other action in the same class")
    put(context, Dropping())


def set_dscp(context: Context, value: int = 0, ip: bool = False) -> None:
    """`set [ip] dscp VALUE`."""
    put(context, SetDscp(value, ip), SetPrecedence, Dropping)


def set_precedence(context: Context, value: int = 0, ip: bool = False) -> None:
    """`set [ip] precedence VALUE`."""
    put(context, SetPrecedence(value, ip), SetDscp, Dropping)


def set_cos(context: Context, value: int = 0) -> None:
    """`set cos VALUE`."""
    put(context, SetCos(value), Dropping)


def set_qos_group(context: Context, value: int = 0) -> None:
    """`set qos-group VALUE`."""
    put(context, SetQosGroup(value), Dropping)


def service_policy(context: Context, name: str = "") -> None:
    """`service-policy NAME`: a policy for what is in the class."""
    found = context.edited(PolicyClass)
    if context.off:
        nested = found.find(Nested)
        if nested is not None and name not in ("", nested.name):
            raise CommandError(f"Policy map {name} is not attached")
        found.drop(Nested)
        return
    if context.device.config.of(MqcConfig).policy_map(name) is None:
        raise CommandError(f"policy map {name} not configured")
    before = dict(found.actions)
    found.put(Nested(name))
    if checks.depth(context.device, found.policy) > DEEPEST:
        found.actions = before
        raise CommandError(
            "Hierarchy of policies deeper than 3 levels, or a policy in itself, is not supported"
        )
    found.actions = before
    put(context, Nested(name), Dropping)
