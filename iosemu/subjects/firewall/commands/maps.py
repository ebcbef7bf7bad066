"""What class-maps and policy-maps of `type inspect` have of their own, and `parameter-map type inspect`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Effect, Enter, Output
from iosemu.subjects.firewall.config.maps import (
    GLOBAL,
    KIND,
    Decision,
    InspectProtocol,
    ParameterMap,
    ParameterMaps,
    PoliceRate,
    decision_of,
)
from iosemu.subjects.mqc import commands as mqc
from iosemu.subjects.mqc.config import CLASS_DEFAULT, MqcConfig, PolicyClass, PolicyMap, ProtocolName
from iosemu.subjects.mqc.criteria import OfClass


def class_map(context: Context, name: str, how: str = "") -> list[Effect]:
    """`[no] class-map type inspect [match-all | match-any] NAME`."""
    return mqc.class_map(context, name, how, KIND)


def policy_map(context: Context, name: str) -> list[Effect]:
    """`[no] policy-map type inspect NAME`; a new one has `class-default`, which drops."""
    config = context.device.config.of(MqcConfig)
    known = config.policy_map(name, KIND) is not None
    effects = mqc.policy_map(context, name, KIND)
    made = config.policy_map(name, KIND)
    if made is not None and not known:
        made.add(CLASS_DEFAULT).put(Decision())
    return effects


def class_(context: Context, name: str) -> list[Effect]:
    """`[no] class type inspect NAME` or `class class-default`, which is always there."""
    effects = mqc.class_(context, name, KIND)
    policy = context.edited(PolicyMap)
    if CLASS_DEFAULT not in policy.classes:
        policy.add(CLASS_DEFAULT).put(Decision())
    return effects


def match_protocol(context: Context, protocol: ProtocolName) -> None:
    """`match protocol NAME`."""
    mqc.add(context, InspectProtocol(protocol.name))


def _has_protocol(context: Context, policy_class: PolicyClass) -> bool:
    """Whether a class is told by protocols, in itself or in what it names."""
    config: MqcConfig = context.device.config.of(MqcConfig)
    asked, seen = [policy_class.name], set[str]()
    while asked:
        name = asked.pop()
        found = config.class_map(name, KIND)
        if found is None or name in seen:
            continue
        seen.add(name)
        if any(isinstance(each, InspectProtocol) for each in found.criteria):
            return True
        asked += [each.name for each in found.criteria if isinstance(each, OfClass)]
    return False


def _decide(context: Context, decision: Decision) -> None:
    edited = context.edited(PolicyClass)
    if not context.off:
        edited.put(decision)
        return
    if decision_of(edited).verb == decision.verb:
        edited.drop(Decision)
        edited.drop(PoliceRate)


def inspect(context: Context, name: str = "") -> Iterator[str]:
    """`[no] inspect [PARAMETER-MAP]`."""
    if name and not context.off and name not in context.device.config.of(ParameterMaps).maps:
        raise CommandError(f"% Parameter-map {name} does not exist")
    _decide(context, Decision("inspect", name))
    edited = context.edited(PolicyClass)
    if not context.off and not context.session.quiet and not _has_protocol(context, edited):
        yield f"%No specific protocol configured in class {edited.name} for inspection. All protocols will be inspected"


def pass_(context: Context, log: bool = False) -> None:
    """`[no] pass [log]`."""
    _without_police(context)
    _decide(context, Decision("pass", log=log))


def drop(context: Context, log: bool = False) -> None:
    """`[no] drop [log]`."""
    _without_police(context)
    _decide(context, Decision("drop", log=log))


def _without_police(context: Context) -> None:
    if not context.off and context.edited(PolicyClass).find(PoliceRate) is not None:
        raise CommandError("% Police is configured in this class, remove it first")


def police(context: Context, rate: int = 0, burst: int = 0) -> None:
    """`[no] police rate RATE burst BURST`."""
    edited = context.edited(PolicyClass)
    if context.off:
        edited.drop(PoliceRate)
        return
    if decision_of(edited).verb != "inspect":
        raise CommandError("% Police can only be configured with inspect")
    edited.put(PoliceRate(rate, burst))


def parameter_map(context: Context, name: str) -> Output:
    """`[no] parameter-map type inspect NAME`; one that a class names stays."""
    maps = context.device.config.of(ParameterMaps).maps
    if not context.off:
        return [Enter("config-profile", maps.setdefault(name, ParameterMap(name)))]
    for policy in context.device.config.of(MqcConfig).policy_maps.values():
        if any(decision_of(each).parameters == name for each in policy.classes.values()):
            raise CommandError(f"% Parameter-map {name} is being used")
    maps.pop(name, None)
    return None


def host(context: Context, number: int | None = None, block: int = 0) -> None:
    """`[no] tcp max-incomplete host N [block-time M]`."""
    edited = context.edited(ParameterMap)
    edited.host, edited.block_time = (None, 0) if context.off else (number, block)


def host_lines(edited: ParameterMap, **_facts: object) -> Iterator[str]:
    """Its line of configuration."""
    if words := edited.host_words():
        yield words


def log_dropped(context: Context) -> None:
    """`[no] log dropped-packets enable`, of the map `global` alone."""
    edited = context.edited(ParameterMap)
    if edited.name != GLOBAL:
        raise CommandError("% Only parameter-map type inspect global has this")
    edited.log_dropped = not context.off


def log_lines(edited: ParameterMap, **_facts: object) -> Iterator[str]:
    """Its line of configuration."""
    if edited.log_dropped:
        yield "log dropped-packets enable"
