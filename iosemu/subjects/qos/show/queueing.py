"""`show queueing`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.net.queueing.meter import Shaper
from iosemu.net.queueing.queues import FairQueue
from iosemu.subjects.qos.config import Bandwidth, Priority
from iosemu.subjects.qos.config.line import THRESHOLD
from iosemu.subjects.qos.egress import PolicyEgress
from iosemu.subjects.qos.line import LineEgress
from iosemu.subjects.qos.list_egress import ListEgress
from iosemu.subjects.qos.service import QualityOfService
from iosemu.subjects.qos.show import lists
from iosemu.subjects.qos.text import CLASS_HOLD_QUEUE

LINK, PRIORITY = 8, 1
CLASS_QUEUES = 256


def _queues(device: Device) -> Iterator[tuple[str, LineEgress]]:
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
        yield from lists.priority_lists(context)
    if kind in ("", "custom"):
        yield from lists.custom_lists(context)
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
        own = egress.flows
        threshold = fair[0].limit if own is None else own.flow_limit
        yield f"  {name:<20}{threshold:<11}{fair[0].queues:<9}{_reserved(egress):<10}{LINK:<8}{PRIORITY:<4}"


def _reserved(egress: LineEgress) -> int:
    """Queues that are kept for reservations, or for classes that have a bandwidth."""
    if not isinstance(egress, PolicyEgress) or not egress.policy.queues:
        return egress.queueing.fair.reserved if egress.queueing.fair is not None else 0
    guaranteed = (each.find(kind) for each in egress.policy.classes for kind in (Bandwidth, Priority))
    return CLASS_QUEUES if any(each is not None for each in guaranteed) else 0


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
    if isinstance(egress, ListEgress):
        yield from lists.utilization(interface, egress)
        return
    yield f"Interface {interface} queueing strategy: fair"
    own = egress.flows
    most, threshold = (own.limit, own.flow_limit) if own is not None else (CLASS_HOLD_QUEUE, THRESHOLD)
    output = f"{egress.root.backlog}/{most}/{threshold}/{egress.drops}"
    yield f"  Output queue: {output} (size/max total/threshold/drops)"
    if not isinstance(egress, PolicyEgress):
        return
    for each in egress.policy.classes:
        node = each.node
        if node is not None and node.queue is not None and node.queue.depth:
            depth, drops = node.queue.depth, node.queue.counters.drops
            yield f"  (depth/weight/total drops/no-buffer drops/interleaves) {depth}/0/{drops}/0/0"
            yield f"  Class {each.name}, {node.queue.octets} bytes"


def show_traffic_shape(context: Context, interface: str | None = None) -> Iterator[str]:
    """`show traffic-shape [X]`."""
    for name, shaper, _ in _shapers(context.device, interface):
        rate, limit = int(shaper.rate), int(shaper.bc + shaper.be) // 8
        yield ""
        yield f"Interface   {short_name(name)}"
        yield "       Access Target    Byte   Sustain   Excess    Interval  Increment Adapt"
        yield "VC     List   Rate      Limit  bits/int  bits/int  (ms)      (bytes)   Active"
        yield (
            f"{'-':<14}{rate:<10}{limit:<7}{int(shaper.bc):<10}{int(shaper.be):<10}"
            f"{round(shaper.interval * 1000):<10}{int(shaper.increment) // 8:<10}-"
        )


def show_traffic_shape_statistics(context: Context, interface: str | None = None) -> Iterator[str]:
    """`show traffic-shape statistics [X]`."""
    yield "                  Acc. Queue Packets   Bytes     Packets   Bytes     Shaping"
    yield "I/F               List Depth                     Delayed   Delayed   Active"
    for name, shaper, depth in _shapers(context.device, interface):
        yield (
            f"{short_name(name):<23}{depth:<6}{shaper.packets:<10}{shaper.octets:<10}{shaper.delayed_packets:<10}"
            f"{shaper.delayed_octets:<10}{'yes' if depth else 'no'}"
        )


def _shapers(device: Device, interface: str | None) -> Iterator[tuple[str, Shaper, int]]:
    """The interfaces with `traffic-shape`: their shapers, and the packets that wait for them."""
    for name, egress in _queues(device):
        if interface not in (None, name) or not isinstance(egress, PolicyEgress):
            continue
        node = egress.policy.classes[-1].node
        if egress.policy.policy.name or node is None:
            continue
        if node.shaper is not None:
            yield name, node.shaper, node.backlog
