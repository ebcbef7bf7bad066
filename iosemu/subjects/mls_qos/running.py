"""The lines of `mls qos` in the running configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from iosemu.box.device import Device
from iosemu.box.interface_config import InterfaceConfig
from iosemu.box.render import Render
from iosemu.net.marking import CLASSES, STEPS, UNCHANGED, Trust
from iosemu.subjects.mls_qos.config import (
    INPUT_BY_COS,
    INPUT_BY_DSCP,
    MOST,
    OUTPUT_BY_COS,
    OUTPUT_BY_DSCP,
    SHAPE,
    SHARE,
    InputQueues,
    Places,
    PortMarks,
    QosConfig,
    QueueSet,
)


def global_lines(switch: Device, _render: Render) -> Iterator[str]:
    """The global lines; `mls qos` itself comes last."""
    config = switch.config.of(QosConfig)
    yield from _moved("mls qos map policed-dscp ", config.maps.policed_dscp, UNCHANGED)
    for name, limit in config.aggregates.items():
        yield f"mls qos aggregate-policer {name} {limit.words()}"
    for name, row in config.mutations.items():
        yield from _moved(f"mls qos map dscp-mutation {name} ", row, UNCHANGED) or [
            f"mls qos map dscp-mutation {name}  0 to 0"
        ]
    yield from _moved("mls qos map dscp-cos ", config.maps.dscp_cos, CLASSES)
    for name, row in (("cos-dscp", config.maps.cos_dscp), ("ip-prec-dscp", config.maps.precedence_dscp)):
        if row != STEPS:
            yield f"mls qos map {name} {' '.join(map(str, row))}"
    yield from _queues(config)
    if not config.rewrite:
        yield "no mls qos rewrite ip dscp"
    if config.enabled:
        yield "mls qos"


def _moved(words: str, row: tuple[int, ...], usual: tuple[int, ...]) -> list[str]:
    """The lines of a map from DSCPs that say where it is not the usual one."""
    lines = []
    for value in sorted(set(row)):
        moved = [
            str(dscp) for dscp, (now, was) in enumerate(zip(row, usual, strict=True)) if now == value != was
        ]
        lines += [
            f"{words} {' '.join(moved[at : at + MOST])} to {value}" for at in range(0, len(moved), MOST)
        ]
    return lines


def _queues(config: QosConfig) -> Iterator[str]:
    """The queues at the input, and then those at the output."""
    own, usual = config.input, InputQueues()
    if own.bandwidth != usual.bandwidth:
        yield f"mls qos srr-queue input bandwidth {_words(own.bandwidth)}"
    for queue, (first, second) in enumerate(own.thresholds, 1):
        if (first, second) != (100, 100):
            yield f"mls qos srr-queue input threshold {queue} {first} {second}"
    if own.buffers != usual.buffers:
        yield f"mls qos srr-queue input buffers {_words(own.buffers)}"
    if own.priority != usual.priority:
        yield "mls qos srr-queue input priority-queue {} bandwidth {}".format(*own.priority)
    yield from _places("input cos-map", config.input_by_cos, INPUT_BY_COS)
    yield from _places("input dscp-map", config.input_by_dscp, INPUT_BY_DSCP)
    yield from _places("output cos-map", config.output_by_cos, OUTPUT_BY_COS)
    yield from _places("output dscp-map", config.output_by_dscp, OUTPUT_BY_DSCP)
    for number, each in enumerate(config.queue_sets, 1):
        for queue, (row, before) in enumerate(zip(each.thresholds, QueueSet().thresholds, strict=True), 1):
            if row != before:
                yield f"mls qos queue-set output {number} threshold {queue} {_words(row)}"
    for number, each in enumerate(config.queue_sets, 1):
        if each.buffers != QueueSet().buffers:
            yield f"mls qos queue-set output {number} buffers {_words(each.buffers)}"


def _places(words: str, places: Places, usual: Places) -> Iterator[str]:
    """The lines of a map to queues and thresholds that say where it is not the usual one."""
    for queue, threshold in sorted(set(places)):
        values = [
            value
            for value, (now, was) in enumerate(zip(places, usual, strict=True))
            if now == (queue, threshold) != was
        ]
        for at in range(0, len(values), MOST):
            head = f"mls qos srr-queue {words} queue {queue} threshold {threshold}"
            yield f"{head} {_words(values[at : at + MOST])}"


def _words(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers))


def port_lines(_switch: Device, config: InterfaceConfig) -> Iterator[str]:
    """The lines of a port."""
    marks = config.held(PortMarks)
    if marks is None:
        return
    if marks.share != SHARE:
        yield f" srr-queue bandwidth share {_words(marks.share)}"
    if marks.shape != SHAPE:
        yield f" srr-queue bandwidth shape  {'  '.join(map(str, marks.shape))}"
    if marks.limit is not None:
        yield f" srr-queue bandwidth limit {marks.limit}"
    if marks.queue_set != 1:
        yield f" queue-set {marks.queue_set}"
    if marks.expedite:
        yield " priority-queue out"
    if marks.vlan_based:
        yield " mls qos vlan-based"
    if marks.cos:
        yield f" mls qos cos {marks.cos}"
    if marks.override:
        yield " mls qos cos override"
    if marks.telephone:
        yield " mls qos trust device cisco-phone"
    if marks.trust is not Trust.NOTHING:
        yield f" mls qos trust {marks.trust.value}"
    if marks.mutation:
        yield f" mls qos dscp-mutation {marks.mutation}"
    if marks.auto:
        yield f" auto qos voip {marks.auto}"


def policy_lines(_switch: Device, config: InterfaceConfig) -> Iterator[str]:
    """The policy of a port."""
    marks = config.held(PortMarks)
    if marks is not None and marks.policy:
        yield f" service-policy input {marks.policy}"
