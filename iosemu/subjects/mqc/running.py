"""Class-maps and policy-maps in the running configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.mqc.config import CLASS_DEFAULT, ClassMap, MqcConfig, PolicyMap
from iosemu.subjects.mqc.criteria import OfClass

MapT = TypeVar("MapT", ClassMap, PolicyMap)


def type_words(kind: str) -> str:
    """`type KIND ` of a map that is not a plain one."""
    return f"type {kind} " if kind else ""


def class_map_lines(device: Device, _render: Render) -> Iterator[str]:
    """`class-map …`; those that others name stand before them, so that each finds what it names."""
    for each in _in_order(device.config.of(MqcConfig).class_maps, _inner_classes):
        yield f"class-map {type_words(each.kind)}{each.how} {each.name}"
        if each.description:
            yield f" description {each.description}"
        yield from (f" {criterion.line}" for criterion in each.criteria)


def policy_map_lines(device: Device, _render: Render) -> Iterator[str]:
    """`policy-map …`, likewise."""
    for each in _in_order(device.config.of(MqcConfig).policy_maps, _inner_policies):
        yield f"policy-map {type_words(each.kind)}{each.name}"
        yield from one_policy(device, each)


def one_policy(device: Device, policy: PolicyMap) -> Iterator[str]:
    """The lines of one policy-map."""
    if policy.description:
        yield f" description {policy.description}"
    for name, found in policy.classes.items():
        yield f" class {'' if name == CLASS_DEFAULT else type_words(policy.kind)}{name}"
        for action in found.actions.values():
            yield from (f"  {line}" for line in action.lines(device))


def _inner_classes(found: ClassMap) -> Iterator[str]:
    return (each.name for each in found.criteria if isinstance(each, OfClass))


def _inner_policies(found: PolicyMap) -> Iterator[str]:
    return (action.nested for each in found.classes.values() for action in each.actions.values())


def _in_order(maps: dict[tuple[str, str], MapT], inner: Callable[[MapT], Iterable[str]]) -> Iterable[MapT]:
    """Maps as they were made, but what one names before it."""
    done: dict[tuple[str, str], MapT] = {}

    def take(key: tuple[str, str]) -> None:
        found = maps.get(key)
        if found is None or key in done:
            return
        for name in inner(found):
            take((found.kind, name))
        done[key] = found

    for key in maps:
        take(key)
    return done.values()
