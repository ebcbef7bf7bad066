"""The queues of a policy: a tree of classes that share an interface."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.net.queueing.meter import Bucket, Shaper
from iosemu.net.queueing.queues import FairQueue, Fifo, Queue
from iosemu.net.queueing.red import Red
from iosemu.net.queueing.scheduler import Node
from iosemu.subjects.mqc.config import CLASS_DEFAULT
from iosemu.subjects.qos.attached import AttachedClass, AttachedPolicy
from iosemu.subjects.qos.config import (
    Bandwidth,
    FairQueueing,
    Priority,
    QosStyle,
    QueueLimit,
    RandomDetect,
    Shape,
)
from iosemu.subjects.qos.config.queueing import QUEUE_LIMIT, QUEUEING

MTU = 1500
"""Octets of the packet that the average of a queue ages by."""
DEFAULT_QUEUES = 256
"""Conversations of `fair-queue`."""


def grow(device: Device, policy: AttachedPolicy, node: Node) -> Node:
    """Put a queue below `node` for each class of a policy that has one; returns `node`.

    What classes reserve is their weight. Those that reserve nothing, `class-default` among them, share what is left,
    at least one per cent, in equal parts or by `bandwidth remaining`.
    """
    own = [each for each in policy.classes if each.name == CLASS_DEFAULT or _has_queue(each)]
    reserved = sum(_reserved(each, policy.kbps) for each in own)
    left = max(policy.kbps - reserved, policy.kbps / 100)
    shares = {id(each): _share(each) for each in own if not _reserved(each, policy.kbps)}
    whole = sum(shares.values()) or 1
    for each in own:
        weight = _reserved(each, policy.kbps) or left * shares[id(each)] / whole
        each.node = node.add(_node(device, policy, each, weight))
        if each.child is not None and each.child.queues:
            grow(device, each.child, each.node)
    default = own[-1].node if own else None
    for each in policy.classes:
        if each.node is None:
            each.node = default
    return node


def _has_queue(found: AttachedClass) -> bool:
    return any(found.find(kind) is not None for kind in QUEUEING) or (
        found.child is not None and found.child.queues
    )


def _reserved(found: AttachedClass, kbps: int) -> int:
    priority, bandwidth = found.find(Priority), found.find(Bandwidth)
    if priority is not None:
        return priority.rate(kbps) or 0
    return bandwidth.rate(kbps) if bandwidth is not None else 0


def _share(found: AttachedClass) -> float:
    """Its part of what is left: `bandwidth remaining`, else as the others."""
    bandwidth = found.find(Bandwidth)
    return float(bandwidth.value) if bandwidth is not None and bandwidth.remaining else 1.0


def _node(device: Device, policy: AttachedPolicy, found: AttachedClass, weight: float) -> Node:
    kbps = policy.kbps
    priority, shape = found.find(Priority), found.find(Shape)
    shaper = meter = None
    level = 0
    if shape is not None:
        hierarchical = device.image.style(QosStyle).hierarchical
        bc, be = shape.bursts(kbps, hierarchical)
        shaper = Shaper(shape.rate(kbps), bc, be, shape.kind == "peak")
    if priority is not None:
        level = priority.level
        rate = priority.rate(kbps)
        meter = Bucket(rate * 1000.0, priority.octets(kbps)) if rate is not None else None
    queue = None if found.child is not None and found.child.queues else _queue(device, found, weight)
    return Node(max(weight, 0.001), level=level, queue=queue, shaper=shaper, meter=meter)


def _queue(device: Device, found: AttachedClass, kbps: float) -> Queue:
    fair, limit, detect = found.find(FairQueueing), found.find(QueueLimit), found.find(RandomDetect)
    red = None
    if detect is not None:
        profiles = {label: detect.profile(label) for label in detect.labels()}
        red = Red(profiles, device.rng.random, detect.exponent or 9, MTU * 8 / max(kbps * 1000, 1))
    packets, octets = QUEUE_LIMIT, None
    if limit is not None:
        if limit.unit == "packets":
            packets = limit.value
        elif limit.unit == "bytes":
            octets = limit.value
        else:
            octets = max(int(kbps * limit.value / 8), MTU)
    if fair is not None:
        return FairQueue(packets, fair.queues or DEFAULT_QUEUES, red=red)
    return Fifo(packets, red, octets)
