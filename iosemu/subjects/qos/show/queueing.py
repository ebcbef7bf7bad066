"""`show queueing`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.net.queueing.queues import FairQueue
from iosemu.subjects.qos.config import Bandwidth, Priority
from iosemu.subjects.qos.egress import PolicyEgress
from iosemu.subjects.qos.service import QualityOfService

LINK, PRIORITY = 8, 1


def _queues(device: Device) -> Iterator[tuple[str, PolicyEgress]]:
    service = device.service(QualityOfService)
    for name in device.interfaces:
        egress = service.egress(name)
        if egress is not None and egress.root is not None:
            yield name, egress


def show_queueing(context: Context, kind: str = "") -> Iterator[str]:
    """`show queueing [custom | fair | priority | random-detect]`."""
    if kind in ("", "fair"):
        yield from _fair(context.device)
    if kind in ("", "priority"):
        yield "Current DLCI priority queue configuration:"
        yield "Current priority queue configuration:"
    if kind in ("", "custom"):
        yield "Current custom queue configuration:"
    if kind in ("", "random-detect"):
        yield from _random_detect(context.device)


def _fair(device: Device) -> Iterator[str]:
    yield "Current fair queue configuration:"
    yield ""
    yield "  Interface           Discard    Dynamic  Reserved  Link    Priority"
    yield "                      threshold  queues   queues    queues  queues"
    for name, egress in _queues(device):
        assert egress.root is not None
        fair = [leaf.queue for leaf in egress.root.leaves() if isinstance(leaf.queue, FairQueue)]
        if not fair:
            continue
        reserved = (
            256
            if any(
                each.find(kind) is not None
                for each in egress.policy.classes
                for kind in (Bandwidth, Priority)
            )
            else 0
        )
        yield f"  {name:<20}{fair[0].limit:<11}{fair[0].queues:<9}{reserved:<10}{LINK:<8}{PRIORITY:<4}"


def _random_detect(device: Device) -> Iterator[str]:
    yield "Current random-detect configuration:"
    for name, egress in _queues(device):
        assert egress.root is not None
        for queue in (leaf.queue for leaf in egress.root.leaves()):
            if queue is None or queue.red is None:
                continue
            yield f"  {name}"
            yield "    Queueing strategy: random early detection (WRED)"
            yield f"    Exp-weight-constant: {queue.red.exponent} (1/{1 << queue.red.exponent})"
            yield f"    Mean queue depth: {int(queue.red.average)}"
            yield ""


def show_queueing_interface(context: Context, interface: str) -> Iterator[str]:
    """`show queueing interface X`: what waits in each of its queues."""
    egress = context.device.service(QualityOfService).egress(interface)
    if egress is None or egress.root is None:
        yield f"Interface {interface} queueing strategy: none"
        return
    yield f"Interface {interface} queueing strategy: fair"
    output = f"{egress.root.backlog}/1000/64/{egress.drops}"
    yield f"  Output queue: {output} (size/max total/threshold/drops)"
    for each in egress.policy.classes:
        node = each.node
        if node is not None and node.queue is not None and node.queue.depth:
            depth, drops = node.queue.depth, node.queue.counters.drops
            yield f"  (depth/weight/total drops/no-buffer drops/interleaves) {depth}/0/{drops}/0/0"
            yield f"  Class {each.name}, {node.queue.octets} bytes"
