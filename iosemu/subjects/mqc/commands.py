"""`class-map`, `policy-map`, and the lines that all kinds of them have."""

from __future__ import annotations

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Effect, Enter
from iosemu.subjects.mqc.config import (
    CLASS_DEFAULT,
    PLAIN,
    ClassMap,
    Criterion,
    MqcConfig,
    PolicyMap,
    ProtocolName,
)
from iosemu.subjects.mqc.criteria import DEEPEST, AccessGroup, Anything, OfClass, OfProtocol, depth
from iosemu.subjects.mqc.service import Maps

LONGEST = 40
"""Characters of a name."""


def mode_of(stem: str, kind: str) -> str:
    """The mode in which maps of a kind are typed: `config-cmap`, `config-pmap-inspect` …"""
    return f"{stem}-{kind}" if kind else stem


def class_map(context: Context, name: str, how: str = "", kind: str = PLAIN) -> list[Effect]:
    """`[no] class-map [type KIND] [match-all | match-any] NAME`."""
    config = context.device.config.of(MqcConfig)
    found = config.class_map(name, kind)
    if context.off:
        if found is None:
            return []
        if context.device.service(Maps).uses_class(name, kind):
            raise CommandError(f"% Class-map {name} is being used")
        del config.class_maps[kind, name]
        return []
    if name == CLASS_DEFAULT:
        raise CommandError("% class-default is a well-known class and is not configurable under class-map")
    _check_length(name)
    if found is None:
        found = config.make_class_map(name, kind, how == "match-any")
    elif how:
        found.match_any = how == "match-any"
    return [Enter(mode_of("config-cmap", kind), found)]


def _check_length(name: str) -> None:
    if len(name) > LONGEST:
        raise CommandError(f"% Name is too long, at most {LONGEST} characters")


def policy_map(context: Context, name: str, kind: str = PLAIN) -> list[Effect]:
    """`[no] policy-map [type KIND] NAME`."""
    config = context.device.config.of(MqcConfig)
    found = config.policy_map(name, kind)
    if context.off:
        if found is None:
            return []
        if context.device.service(Maps).uses_policy(found) or any(
            action.nested == name
            for each in config.policy_maps.values()
            if each.kind == kind
            for inner in each.classes.values()
            for action in inner.actions.values()
        ):
            raise CommandError(f"% Policy-map {name} is being used")
        del config.policy_maps[kind, name]
        return []
    _check_length(name)
    return [Enter(mode_of("config-pmap", kind), found or config.make_policy_map(name, kind))]


def description(context: Context, text: str = "") -> None:
    """`[no] description LINE` of a map."""
    context.target.description = "" if context.off else text


def rename_class_map(context: Context, name: str) -> None:
    """`rename NAME` of a class-map; what names it goes along."""
    config, renamed = context.device.config.of(MqcConfig), context.edited(ClassMap)
    before, kind = renamed.name, renamed.kind
    _check_rename(name, config.class_map(name, kind) is not None)
    config.class_maps = {
        (each.kind, name if each is renamed else each.name): each for each in config.class_maps.values()
    }
    renamed.name = name
    for each in config.class_maps.values():
        each.criteria = [
            OfClass(name, kind, negated=criterion.negated)
            if isinstance(criterion, OfClass) and (criterion.kind, criterion.name) == (kind, before)
            else criterion
            for criterion in each.criteria
        ]
    for policy in config.policy_maps.values():
        if policy.kind == kind and before in policy.classes:
            policy.classes[before].name = name
            policy.classes = {found.name: found for found in policy.classes.values()}


def _check_rename(name: str, taken: bool) -> None:
    _check_length(name)
    if taken or name == CLASS_DEFAULT:
        raise CommandError(f"% {name} already exists")


def class_(context: Context, name: str, kind: str = PLAIN, other: str = "") -> list[Effect]:
    """`[no] class [type KIND] NAME [insert-before OTHER]` of a policy-map."""
    policy = context.edited(PolicyMap)
    found = policy.classes.get(name)
    if context.off:
        policy.classes.pop(name, None)
        return []
    config = context.device.config.of(MqcConfig)
    if name != CLASS_DEFAULT and config.class_map(name, policy.kind) is None:
        raise CommandError(f"% class map {name} not configured")
    if other and other not in policy.classes:
        raise CommandError(f"% class {other} not configured in policy-map {policy.name}")
    return [Enter(mode_of("config-pmap-c", policy.kind), found or policy.add(name, other))]


def add(context: Context, criterion: Criterion) -> None:
    """Take a criterion into the class-map that is edited, or out of it.

    Raises CommandError where class-maps would lie within one another too deep, or without end.
    """
    edited = context.edited(ClassMap)
    if context.off:
        edited.criteria = [each for each in edited.criteria if each != criterion]
        return
    if criterion in edited.criteria:
        return
    edited.criteria.append(criterion)
    if depth(context.device.config.of(MqcConfig), edited) > DEEPEST:
        edited.criteria.pop()
        raise CommandError("% Class-maps are nested too deep, or in themselves")


def match_any(context: Context, not_: bool = False) -> None:
    """`match any`."""
    add(context, Anything(negated=not_))


def match_access_group(context: Context, number: int, not_: bool = False) -> None:
    """`match access-group N`."""
    add(context, AccessGroup(str(number), negated=not_))


def match_access_group_name(context: Context, name: str, not_: bool = False) -> None:
    """`match access-group name NAME`."""
    add(context, AccessGroup(name, True, negated=not_))


def match_protocol(context: Context, protocol: ProtocolName, not_: bool = False) -> None:
    """`match protocol NAME`."""
    add(context, OfProtocol(protocol.name, negated=not_))


def match_class_map(context: Context, name: str, not_: bool = False) -> None:
    """`match class-map NAME`, of the same kind."""
    kind = context.edited(ClassMap).kind
    if not context.off and context.device.config.of(MqcConfig).class_map(name, kind) is None:
        raise CommandError(f"% class map {name} not configured")
    add(context, OfClass(name, kind, negated=not_))
