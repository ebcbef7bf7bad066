"""What `show queueing` says of priority lists and of custom queue lists."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.subjects.qos.config import QueueLists
from iosemu.subjects.qos.config.lists import (
    NORMAL,
    PRIORITIES,
    PRIORITY_LIMITS,
    PriorityList,
    QueueRule,
)
from iosemu.subjects.qos.list_egress import ListEgress
from iosemu.subjects.qos.running import custom_settings

HEAD = "List   Queue  Args"
UTILIZATION_ROW = 9
"""Queues of a custom list in a row."""


def _row(number: int, queue: object, arguments: str) -> str:
    return f"{number:<7}{queue!s:<7}{arguments}"


def _arguments(rule: QueueRule, context: Context) -> str:
    """What a rule is about: `interface Serial1/0`, `protocol ip          tcp port telnet`."""
    if rule.interface:
        return f"interface {rule.interface}"
    words = ""
    if rule.match is not None:
        kind, _, value = str(context.session.render.spell("queue-match", rule.match)).partition(" ")
        words = f"{kind}{' port' if kind in ('tcp', 'udp') else ''} {value}"
    return f"protocol {rule.protocol:<12}{words}".rstrip()


def priority_lists(context: Context) -> Iterator[str]:
    """`show queueing priority`."""
    yield "Current priority queue configuration:"
    lists = context.device.config.of(QueueLists).priority
    if lists:
        yield ""
        yield HEAD
    for number, each in sorted(lists.items()):
        if each.default != NORMAL:
            yield _row(number, each.default, "default")
        yield from (_row(number, rule.queue, _arguments(rule, context)) for rule in each.rules)
        for name, limit, usual in zip(PRIORITIES, each.limits, PRIORITY_LIMITS, strict=True):
            if limit != usual:
                yield _row(number, name, f"limit {limit}")


def custom_lists(context: Context) -> Iterator[str]:
    """`show queueing custom`."""
    yield "Current custom queue configuration:"
    lists = context.device.config.of(QueueLists).custom
    if lists:
        yield HEAD
    for number, each in sorted(lists.items()):
        if each.default != "1":
            yield _row(number, each.default, "default")
        yield from (_row(number, rule.queue, _arguments(rule, context)) for rule in each.rules)
        if each.lowest != 1:
            yield _row(number, "", f"lowest-custom {each.lowest}").rstrip()
        yield from (_row(number, queue, custom_settings(found)) for queue, found in each.queues)


def utilization(interface: str, egress: ListEgress) -> Iterator[str]:
    """`show queueing interface X`: how many packets wait in each queue."""
    priority = isinstance(egress.queueing.sorted_by, PriorityList)
    yield f"Interface {interface} queueing strategy: {'priority' if priority else 'custom'}"
    yield ""
    yield "Output queue utilization (queue/count)"
    counts = [f"{name}/{leaf.backlog}" for name, leaf in egress.leaves.items()]
    for at in range(0, len(counts), UTILIZATION_ROW):
        yield f"        {' '.join(counts[at : at + UTILIZATION_ROW])}"
