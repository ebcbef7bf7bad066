"""Queues: `mls qos queue-set`, `mls qos srr-queue`, `srr-queue`, `queue-set` and `priority-queue`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument
from iosemu.subjects.mls_qos.commands.mls_qos import marks_of
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
    QosConfig,
    QueueSet,
)
from iosemu.subjects.mls_qos.service import Marking

_USUAL: Mapping[tuple[str, str], Places] = {
    ("input", "cos-map"): INPUT_BY_COS,
    ("input", "dscp-map"): INPUT_BY_DSCP,
    ("output", "cos-map"): OUTPUT_BY_COS,
    ("output", "dscp-map"): OUTPUT_BY_DSCP,
}


def _config(context: Context) -> QosConfig:
    return context.device.config.of(QosConfig)


def _put_set(context: Context, number: int, made: QueueSet) -> None:
    first, second = _config(context).queue_sets
    _config(context).queue_sets = (made, second) if number == 1 else (first, made)


def buffers(
    context: Context, number: int = 1, b1: int = 25, b2: int = 25, b3: int = 25, b4: int = 25
) -> None:
    """`[no] mls qos queue-set output N buffers B1 B2 B3 B4`: per cent that sum up to 100."""
    if context.off:
        b1 = b2 = b3 = b4 = 25
    if b1 + b2 + b3 + b4 != 100:
        raise CommandError("% Sum of buffer allocations must be 100")
    _put_set(context, number, replace(_config(context).queue_sets[number - 1], buffers=(b1, b2, b3, b4)))


def thresholds(
    context: Context,
    number: int = 1,
    queue: int = 1,
    first: int = 100,
    second: int = 100,
    reserved: int = 50,
    most: int = 400,
) -> None:
    """`[no] mls qos queue-set output N threshold [QUEUE T1 T2 RESERVED MAXIMUM]`."""
    before = _config(context).queue_sets[number - 1]
    row = list(before.thresholds)
    if context.off:
        row = list(QueueSet().thresholds)
    else:
        row[queue - 1] = (first, second, reserved, most)
    _put_set(context, number, replace(before, thresholds=tuple(row)))


def place(
    context: Context,
    direction: str,
    kind: str,
    queue: int = 1,
    threshold: int = 1,
    values: tuple[int, ...] = (),
) -> None:
    """`[no] mls qos srr-queue input | output cos-map | dscp-map [queue N [threshold N] VALUE …]`, up to eight."""
    config = _config(context)
    name = f"{direction}_by_{kind.removesuffix('-map')}"
    if context.off:
        setattr(config, name, _USUAL[direction, kind])
        return
    if len(values) > MOST:
        raise InvalidArgument("values")
    before: Places = getattr(config, name)
    row = tuple((queue, threshold) if value in values else old for value, old in enumerate(before))
    setattr(config, name, row)


def input_buffers(context: Context, p1: int = 90, p2: int = 10) -> None:
    """`[no] mls qos srr-queue input buffers P1 P2`: per cent that sum up to 100."""
    usual = InputQueues()
    wanted = usual.buffers if context.off else (p1, p2)
    if sum(wanted) != 100:
        raise CommandError("% Sum of buffer allocations must be 100")
    _config(context).input = replace(_config(context).input, buffers=wanted)


def input_bandwidth(context: Context, w1: int = 4, w2: int = 4) -> None:
    """`[no] mls qos srr-queue input bandwidth W1 W2`."""
    wanted = InputQueues().bandwidth if context.off else (w1, w2)
    _config(context).input = replace(_config(context).input, bandwidth=wanted)


def input_priority(context: Context, queue: int = 2, weight: int = 10) -> None:
    """`[no] mls qos srr-queue input priority-queue N bandwidth W`."""
    wanted = InputQueues().priority if context.off else (queue, weight)
    _config(context).input = replace(_config(context).input, priority=wanted)


def input_threshold(context: Context, queue: int = 1, first: int = 100, second: int = 100) -> None:
    """`[no] mls qos srr-queue input threshold N T1 T2`."""
    row = list(_config(context).input.thresholds)
    row[queue - 1] = (100, 100) if context.off else (first, second)
    _config(context).input = replace(_config(context).input, thresholds=(row[0], row[1]))


def share(context: Context, w1: int = 25, w2: int = 25, w3: int = 25, w4: int = 25) -> None:
    """`[no] srr-queue bandwidth share W1 W2 W3 W4`."""
    marks_of(context).share = SHARE if context.off else (w1, w2, w3, w4)


def shape(context: Context, w1: int = 25, w2: int = 0, w3: int = 0, w4: int = 0) -> None:
    """`[no] srr-queue bandwidth shape W1 W2 W3 W4`."""
    marks_of(context).shape = SHAPE if context.off else (w1, w2, w3, w4)


def limit(context: Context, percent: int = 100) -> None:
    """`[no] srr-queue bandwidth limit N`."""
    marks_of(context).limit = None if context.off else percent


def queue_set(context: Context, number: int = 1) -> None:
    """`[no] queue-set N`."""
    marks_of(context).queue_set = 1 if context.off else number


def priority_queue(context: Context) -> None:
    """`[no] priority-queue out`."""
    marks_of(context).expedite = not context.off


def clear_statistics(context: Context, port: str | None = None) -> None:
    """`clear mls qos interface [X] statistics`."""
    ports = context.device.service(Marking).ports
    if port is not None and port not in ports:
        raise InvalidArgument("port")
    for name, quality in ports.items():
        if port in (None, name):
            quality.statistics.clear()
