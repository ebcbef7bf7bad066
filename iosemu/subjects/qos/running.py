"""`priority-list` and `queue-list` in the running configuration."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.subjects.qos.config.lists import (
    BYTE_COUNT,
    CUSTOM_LIMIT,
    NORMAL,
    PRIORITY_LIMITS,
    CustomQueue,
    QueueLists,
    QueueRule,
)


def custom_settings(queue: CustomQueue) -> str:
    """What of a custom queue is not as new."""
    octets = f" byte-count {queue.octets}" if queue.octets != BYTE_COUNT else ""
    return (octets + (f" limit {queue.limit}" if queue.limit != CUSTOM_LIMIT else "")).strip()


def _typed(rule: QueueRule, render: Render) -> str:
    if rule.interface:
        return f"interface {rule.interface} {rule.queue}"
    match = "" if rule.match is None else f" {render.spell('queue-match', rule.match)}"
    return f"protocol {rule.protocol} {rule.queue}{match}"


def priority_list_lines(device: Device, render: Render) -> Iterator[str]:
    """`priority-list …`."""
    for number, each in sorted(device.config.of(QueueLists).priority.items()):
        start = f"priority-list {number}"
        yield from (f"{start} {_typed(rule, render)}" for rule in each.rules)
        if each.default != NORMAL:
            yield f"{start} default {each.default}"
        if each.limits != PRIORITY_LIMITS:
            yield f"{start} queue-limit {' '.join(map(str, each.limits))}"


def custom_list_lines(device: Device, render: Render) -> Iterator[str]:
    """`queue-list …`."""
    for number, each in sorted(device.config.of(QueueLists).custom.items()):
        start = f"queue-list {number}"
        yield from (f"{start} {_typed(rule, render)}" for rule in each.rules)
        if each.default != "1":
            yield f"{start} default {each.default}"
        if each.lowest != 1:
            yield f"{start} lowest-custom {each.lowest}"
        yield from (f"{start} queue {queue} {custom_settings(found)}" for queue, found in each.queues)
