"""`priority-list`, `queue-list`, and what puts them under an interface."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from iosemu.box.interface_config import InterfaceConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.subjects.qos.config import QosPort, QueueLists
from iosemu.subjects.qos.config.lists import (
    BYTE_COUNT,
    CUSTOM_LIMIT,
    NORMAL,
    PRIORITY_LIMITS,
    CustomList,
    PriorityList,
    QueueMatch,
    QueueRule,
)

L = TypeVar("L", PriorityList, CustomList)


def _with_rule(found: L, rule: QueueRule, off: bool) -> L:
    """The list with a rule, or without it; one about the same packets takes the other's place."""
    about = rule.protocol, rule.match, rule.interface
    rules = list(found.rules)
    at = next(
        (n for n, each in enumerate(rules) if (each.protocol, each.match, each.interface) == about), None
    )
    if off:
        if at is not None:
            del rules[at]
    elif at is not None:
        rules[at] = rule
    else:
        rules.append(rule)
    return replace(found, rules=tuple(rules))


def _keep(lists: dict[int, L], number: int, made: L, new: L) -> None:
    """Put a list away; one that says nothing is none."""
    if made == new:
        lists.pop(number, None)
    else:
        lists[number] = made


def priority_list(
    context: Context,
    number: int,
    protocol: str = "",
    interface: str = "",
    queue: str = NORMAL,
    match: QueueMatch | None = None,
) -> None:
    """`[no] priority-list N (protocol P | interface X) QUEUE [MATCH]`; `no priority-list N` removes all of it."""
    lists = context.device.config.of(QueueLists).priority
    if not protocol and not interface:
        lists.pop(number, None)
        return
    found = lists.get(number, PriorityList())
    rule = QueueRule(queue, protocol, match, interface)
    _keep(lists, number, _with_rule(found, rule, context.off), PriorityList())


def priority_default(context: Context, number: int, queue: str = NORMAL) -> None:
    """`[no] priority-list N default QUEUE`."""
    lists = context.device.config.of(QueueLists).priority
    found = lists.get(number, PriorityList())
    _keep(lists, number, replace(found, default=NORMAL if context.off else queue), PriorityList())


def priority_limit(
    context: Context,
    number: int,
    high: int | None = None,
    medium: int | None = None,
    normal: int | None = None,
    low: int | None = None,
) -> None:
    """`[no] priority-list N queue-limit [HIGH [MEDIUM [NORMAL [LOW]]]]`: what is not typed is as new."""
    lists = context.device.config.of(QueueLists).priority
    found = lists.get(number, PriorityList())
    typed = (None,) * 4 if context.off else (high, medium, normal, low)
    limits = tuple(
        usual if each is None else each for each, usual in zip(typed, PRIORITY_LIMITS, strict=True)
    )
    _keep(lists, number, replace(found, limits=limits), PriorityList())


def custom_list(
    context: Context,
    number: int,
    protocol: str = "",
    interface: str = "",
    queue: int = 1,
    match: QueueMatch | None = None,
) -> None:
    """`[no] queue-list N (protocol P | interface X) QUEUE [MATCH]`; `no queue-list N` removes all of it."""
    lists = context.device.config.of(QueueLists).custom
    if not protocol and not interface:
        lists.pop(number, None)
        return
    found = lists.get(number, CustomList())
    rule = QueueRule(str(queue), protocol, match, interface)
    _keep(lists, number, _with_rule(found, rule, context.off), CustomList())


def custom_default(context: Context, number: int, queue: int = 1) -> None:
    """`[no] queue-list N default QUEUE`."""
    lists = context.device.config.of(QueueLists).custom
    found = lists.get(number, CustomList())
    _keep(lists, number, replace(found, default="1" if context.off else str(queue)), CustomList())


def custom_lowest(context: Context, number: int, queue: int = 1) -> None:
    """`[no] queue-list N lowest-custom QUEUE`."""
    lists = context.device.config.of(QueueLists).custom
    found = lists.get(number, CustomList())
    _keep(lists, number, replace(found, lowest=1 if context.off else queue), CustomList())


def custom_octets(
    context: Context, number: int, queue: int, octets: int | None = None, limit: int | None = None
) -> None:
    """`[no] queue-list N queue M byte-count B [limit L]`."""
    lists = context.device.config.of(QueueLists).custom
    found = lists.get(number, CustomList())
    if context.off:
        octets, limit = BYTE_COUNT, None if limit is None else CUSTOM_LIMIT
    _keep(lists, number, found.with_queue(queue, octets, limit), CustomList())


def custom_limit(context: Context, number: int, queue: int, limit: int | None = None) -> None:
    """`[no] queue-list N queue M limit L`."""
    lists = context.device.config.of(QueueLists).custom
    found = lists.get(number, CustomList())
    limit = CUSTOM_LIMIT if context.off else limit
    _keep(lists, number, found.with_queue(queue, limit=limit), CustomList())


def priority_group(context: Context, number: int | None = None) -> None:
    """`[no] priority-group N`."""
    port = context.edited(InterfaceConfig).of(QosPort)
    if not context.off:
        _refuse_others(port, "priority_group")
    port.priority_group = None if context.off else number


def custom_queue_list(context: Context, number: int | None = None) -> None:
    """`[no] custom-queue-list N`."""
    port = context.edited(InterfaceConfig).of(QosPort)
    if not context.off:
        _refuse_others(port, "custom_list")
    port.custom_list = None if context.off else number


def _refuse_others(port: QosPort, wanted: str) -> None:
    """An interface queues in one way: raises CommandError where another one is configured."""
    if wanted != "priority_group" and port.priority_group is not None:
        raise CommandError("Must remove priority-group configuration first.")
    if wanted != "custom_list" and port.custom_list is not None:
        raise CommandError("Must remove custom-queue configuration first.")
    if wanted != "fair" and port.fair is not None:
        raise CommandError("Must remove fair-queue configuration first.")
    if wanted != "output" and port.output:
        raise CommandError("Must remove the output service-policy from this interface first")
