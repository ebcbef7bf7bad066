"""`show queue` and `show interfaces rate-limit`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.clock_text import span
from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.net.queueing.queues import FairQueue, Item
from iosemu.packets.ipv4 import Protocol
from iosemu.subjects.mqc.sighting import Sighting
from iosemu.subjects.qos.config.line import spelled
from iosemu.subjects.qos.line import Leaving
from iosemu.subjects.qos.rate_limit import Limiter
from iosemu.subjects.qos.service import QualityOfService

LIGHTEST = 32384
"""The weight of precedence 0; that of others is this by precedence and one."""


def show_queue(context: Context, interface: str) -> Iterator[str]:
    """`show queue X`: the conversations that wait, each with its first packet."""
    device = context.device
    egress = device.service(QualityOfService).egress(interface)
    if egress is None or egress.root is None:
        yield "'Show queue' not supported with FIFO queueing."
        return
    counters, hold = device.interfaces[interface].counters, device.interfaces[interface].hold_in
    yield (
        f"  Input queue: 0/{hold}/{counters.in_drops}/0 (size/max/drops/flushes); "
        f"Total output drops: {counters.out_drops}"
    )
    yield from egress.describe()
    for leaf in egress.root.leaves():
        if isinstance(leaf.queue, FairQueue):
            yield from _conversations(leaf.queue)


def _conversations(flows: FairQueue) -> Iterator[str]:
    for number, waiting in sorted(flows.flows.items()):
        first = waiting[0]
        drops = flows.dropped_of.get(number, 0)
        yield ""
        yield (
            f"  (depth/weight/total drops/no-buffer drops/interleaves) "
            f"{len(waiting)}/{LIGHTEST // (first.label + 1)}/{drops}/0/0"
        )
        yield f"  Conversation {number}, linktype: {_link_type(first)}, length: {first.octets}"
        yield from _packet(first)


def _link_type(item: Item) -> str:
    leaving: Leaving = item.what
    return "ip" if leaving.packet is not None else "other"


def _packet(item: Item) -> Iterator[str]:
    leaving: Leaving = item.what
    packet = leaving.packet
    if packet is None:
        return
    ends = f"source: {packet.source}, destination: {packet.destination}"
    yield f"  {ends}, id: 0x{packet.identification:04X}, ttl: {packet.ttl},"
    ports = Sighting(packet).ports
    told = "" if ports is None else f", source port {ports[0]}, destination port {ports[1]}"
    if packet.protocol in (Protocol.TCP, Protocol.UDP):
        yield f"  TOS: {packet.tos} prot: {packet.protocol}{told}"
    else:
        yield f"  TOS: {packet.tos} prot: {packet.protocol}"


def show_rate_limit(context: Context, interface: str | None = None) -> Iterator[str]:
    """`show interfaces [X] rate-limit`."""
    device = context.device
    service = device.service(QualityOfService)
    for name in device.interfaces:
        both = [
            (word, limits.limiters)
            for word, direction in (("Input", "input"), ("Output", "output"))
            if (limits := service.limits(name, direction)) is not None and limits.limiters
        ]
        if interface not in (None, name) or not both:
            continue
        yield f"{name} {device.interfaces[name].config.description}"
        for word, limiters in both:
            yield f"  {word}"
            for each in limiters:
                yield from _limiter(device, each)


def _limiter(device: Device, limiter: Limiter) -> Iterator[str]:
    now, limit = device.now, limiter.limit
    yield f"    matches: {limit.match() or 'all traffic'}"
    yield f"      params:  {limit.rate} bps, {limit.normal} limit, {limit.extended} extended limit"
    for word, conforms, action in (("conformed", True, limit.conform), ("exceeded", False, limit.exceed)):
        packets, octets = limiter.packets[conforms], limiter.octets[conforms]
        yield f"      {word} {packets} packets, {octets} bytes; action: {spelled(action)}"
    last = now - limiter.last if limiter.last is not None else now
    yield f"      last packet: {int(last * 1000)}ms ago, current burst: {int(limiter.rate.burst(now))} bytes"
    passed = max(now - limiter.since, 1.0)
    conformed, exceeded = (int(limiter.octets[each] * 8 / passed) for each in (True, False))
    yield (
        f"      last cleared {span(now - limiter.since)} ago, "
        f"conformed {conformed} bps, exceeded {exceeded} bps"
    )
