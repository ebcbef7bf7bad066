"""Shows of queues and of what ports count (command reference of the Catalyst 3560)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.handling.effects import InvalidArgument
from iosemu.subjects.mls_qos.actions import Policing
from iosemu.subjects.mls_qos.config import PortMarks, QosConfig
from iosemu.subjects.mls_qos.service import Marking
from iosemu.subjects.mls_qos.statistics import Statistics
from iosemu.subjects.mqc.config import MqcConfig

_Lines = Callable[[Device, str, PortMarks], Iterator[str]]


def interface_queues(context: Context, kind: str, port: str | None = None) -> Iterator[str]:
    """`show mls qos interface [X] buffers | policers | queueing | statistics`."""
    switch = context.device
    names = [name for name in switch.interfaces if name in switch.switch_ports and port in (None, name)]
    if not names:
        raise InvalidArgument("port")
    for name in names:
        yield from _KINDS[kind](switch, name, switch.interfaces[name].config.held(PortMarks) or PortMarks())
        if port is None:
            yield ""


def _buffers(switch: Device, name: str, marks: PortMarks) -> Iterator[str]:
    queue_set = switch.config.of(QosConfig).queue_sets[marks.queue_set - 1]
    yield name
    yield f"The port is mapped to qset : {marks.queue_set}"
    yield f"The allocations between the queues are : {_words(queue_set.buffers)} "


def _queueing(_switch: Device, name: str, marks: PortMarks) -> Iterator[str]:
    limit = 100 if marks.limit is None else marks.limit
    yield name
    yield f"Egress Priority Queue : {'enabled' if marks.expedite else 'disabled'}"
    yield f"Shaped queue weights (absolute) :  {_words(marks.shape)} "
    yield f"Shared queue weights  :  {_words(marks.share)} "
    yield f"The port bandwidth limit : {limit}  (Operational Bandwidth:{float(limit)})"
    yield f"The port is mapped to qset : {marks.queue_set}"


def _policers(switch: Device, name: str, marks: PortMarks) -> Iterator[str]:
    yield name
    policy = switch.config.of(MqcConfig).policy_map(marks.policy) if marks.policy else None
    if policy is None:
        return
    yield f"policymap={policy.name}"
    aggregates = switch.config.of(QosConfig).aggregates
    for each in policy.classes.values():
        policing = each.find(Policing)
        limit = None if policing is None else policing.limit or aggregates.get(policing.aggregate)
        if limit is not None and policing is not None:
            kind = f"Aggregate name={policing.aggregate}" if policing.aggregate else "Single"
            yield f"type={kind}, rate={limit.rate}, burst={limit.burst}"


def _statistics(switch: Device, name: str, _marks: PortMarks) -> Iterator[str]:
    found: Statistics = switch.service(Marking).ports[name].statistics
    yield f"{name} (All statistics are in packets)"
    yield ""
    for title, row in (
        ("dscp: incoming  ", found.dscp_in),
        ("dscp: outgoing ", found.dscp_out),
        ("cos: incoming  ", found.cos_in),
        ("cos: outgoing ", found.cos_out),
    ):
        yield f"  {title}"
        yield "-------------------------------"
        yield ""
        for first in range(0, len(row), 5):
            last = min(first + 4, 7) if len(row) == 8 else first + 4
            yield f" {first:>2} - {last:>2} : {'  '.join(f'{each:>11}' for each in row[first : first + 5])}  "
    for title, rows in (("enqueued", found.enqueued), ("dropped", found.dropped)):
        yield f"  output queues {title}: "
        yield " queue:    threshold1   threshold2   threshold3"
        yield "-----------------------------------------------"
        for queue, counts in enumerate(rows):
            yield f" queue {queue}: {' '.join(f'{each:>11}' for each in counts)} "
        yield ""
    yield f"Policer: Inprofile: {found.in_profile:>12} OutofProfile: {found.out_of_profile:>12} "


_KINDS: dict[str, _Lines] = {
    "buffers": _buffers,
    "policers": _policers,
    "queueing": _queueing,
    "statistics": _statistics,
}


def show_queue_set(context: Context, number: int | None = None) -> Iterator[str]:
    """`show mls qos queue-set [N]`."""
    for at, each in enumerate(context.device.config.of(QosConfig).queue_sets, 1):
        if number not in (None, at):
            continue
        yield f"Queueset: {at}"
        yield f"Queue     :{_row(range(1, 5))}"
        yield "-" * 46
        yield f"buffers   :{_row(each.buffers)}"
        for title, column in (("threshold1", 0), ("threshold2", 1), ("reserved  ", 2), ("maximum   ", 3)):
            yield f"{title}:{_row(row[column] for row in each.thresholds)}"


def input_queue(context: Context) -> Iterator[str]:
    """`show mls qos input-queue`."""
    found = context.device.config.of(QosConfig).input
    queue, weight = found.priority
    yield f"Queue     :{_row(range(1, 3))}"
    yield "-" * 46
    yield f"buffers   :{_row(found.buffers)}"
    yield f"bandwidth :{_row(found.bandwidth)}"
    yield f"priority  :{_row(weight if number == queue else 0 for number in (1, 2))}"
    yield f"threshold1:{_row(first for first, _ in found.thresholds)}"
    yield f"threshold2:{_row(second for _, second in found.thresholds)}"


def _row(numbers: Iterable[int]) -> str:
    return "".join(f"{each:>8}" for each in numbers)


def _words(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers))
