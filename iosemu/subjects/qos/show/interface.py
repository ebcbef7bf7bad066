"""`show policy-map interface`."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.counters import Load
from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.net.queueing.meter import Color
from iosemu.net.queueing.queues import FairQueue, Queue, QueueCounters
from iosemu.subjects.mqc.config import CLASS_DEFAULT
from iosemu.subjects.qos.attached import AttachedClass, AttachedPolicy
from iosemu.subjects.qos.config import Bandwidth, Dropping, Police, Priority, QosStyle, RandomDetect, Shape
from iosemu.subjects.qos.config.setting import SETTINGS
from iosemu.subjects.qos.service import QualityOfService
from iosemu.subjects.qos.show.classic import queueing_lines as classic_queueing
from iosemu.subjects.qos.values import dscp_word

_COLORS = ((Color.CONFORM, "conformed"), (Color.EXCEED, "exceeded"), (Color.VIOLATE, "violated"))


def show_policy_map_interface(
    context: Context, interface: str | None = None, direction: str = ""
) -> Iterator[str]:
    """`show policy-map interface [X [input | output]]`."""
    device = context.device
    service = device.service(QualityOfService)
    for name, each in list(device.interfaces.items()):
        if interface not in (None, name):
            continue
        minutes = each.config.load_interval
        interval = f"{minutes // 60} minute" if minutes % 60 == 0 else f"{minutes} second"
        first = True
        for way in ("input", "output"):
            policy = service.policy(name, way)
            if policy is None or not policy.policy.name or direction not in ("", way):
                continue
            if first:
                yield f" {name} "
                yield ""
            first = False
            yield f"  Service-policy {way}: {policy.policy.name}"
            yield ""
            yield from _policy(device, policy, interval, "    ")


def _policy(device: Device, policy: AttachedPolicy, interval: str, indent: str) -> Iterator[str]:
    hierarchical = device.image.style(QosStyle).hierarchical
    if hierarchical:
        yield from _priorities(policy, indent)
    for each in policy.classes:
        yield f"{indent}Class-map: {each.name} ({each.class_map.how})"
        yield from (f"{indent}  {line}" for line in _class(device, policy, each, interval, hierarchical))
        if each.child is not None:
            yield ""
            yield f"{indent}  Service-policy : {each.child.policy.name}"
            yield ""
            yield from _policy(device, each.child, interval, f"{indent}    ")
            continue
        yield ""


def _priorities(policy: AttachedPolicy, indent: str) -> Iterator[str]:
    """What the priority classes together sent."""
    queues = [
        each.node.queue
        for each in policy.classes
        if each.find(Priority) is not None and each.node is not None and each.node.queue is not None
    ]
    if not queues:
        return
    yield f"{indent}queue stats for all priority classes:"
    yield f"{indent}  Queueing"
    yield f"{indent}  queue limit {queues[0].limit} packets"
    depth, drops = sum(each.depth for each in queues), sum(each.counters.drops for each in queues)
    yield f"{indent}  (queue depth/total drops/no-buffer drops) {depth}/{drops}/0"
    packets, octets = (
        sum(each.counters.packets for each in queues),
        sum(each.counters.octets for each in queues),
    )
    yield f"{indent}  (pkts output/bytes output) {packets}/{octets}"
    yield ""


def rate(load: Load, now: float) -> int:
    """Bits per second as shows round them."""
    bits = load.rates(now)[0]
    return bits // 1000 * 1000 if bits >= 1000 else bits


def _class(
    device: Device, policy: AttachedPolicy, found: AttachedClass, interval: str, hierarchical: bool
) -> Iterator[str]:
    now = device.now
    yield f"{found.offered.packets} packets, {found.offered.octets} bytes"
    offered, dropped = rate(found.offered.load, now), rate(found.dropped, now)
    yield f"{interval} offered rate {offered} bps, drop rate {dropped} bps"
    for criterion, count in found.matched.items():
        yield f"Match: {criterion.text}"
        if found.class_map.match_any and found.name != CLASS_DEFAULT:
            yield f"  {count.packets} packets, {count.octets} bytes"
            yield f"  {interval} rate {rate(count.load, now)} bps"
    if not found.matched:
        yield "Match: none "
    if hierarchical:
        yield from _queueing(policy, found)
    else:
        yield from classic_queueing(policy, found)
    yield from _police(policy, found, now)
    if found.find(Dropping) is not None:
        yield "drop"
    yield from _settings(found)


def _queue_of(found: AttachedClass) -> Queue | None:
    """Its own queue; that of `class-default`, which classes without one share, is told there."""
    own = found.name == CLASS_DEFAULT or any(
        found.find(kind) is not None for kind in (Priority, Bandwidth, Shape)
    )
    return found.node.queue if found.node is not None and own else None


def _totals(found: AttachedClass) -> tuple[int, QueueCounters, Queue | None]:
    """Depth and counters of a class's queue, or of all queues of the policy within it."""
    node = found.node
    assert node is not None
    total = QueueCounters()
    depth = 0
    leaves = [leaf.queue for leaf in node.leaves() if leaf.queue is not None]
    for queue in leaves:
        depth += queue.depth
        total.packets += queue.counters.packets
        total.octets += queue.counters.octets
        total.tail += queue.counters.tail
        total.random += queue.counters.random
        total.flow += queue.counters.flow
    return depth, total, node.queue


def _queueing(policy: AttachedPolicy, found: AttachedClass) -> Iterator[str]:
    priority, bandwidth, shape = found.find(Priority), found.find(Bandwidth), found.find(Shape)
    node = found.node
    if node is None or (found.child is None and _queue_of(found) is None):
        return
    if priority is not None:
        yield f"Priority: {_priority(priority, policy.kbps)}b/w exceed drops: {node.exceeded}"
        yield ""
        return
    depth, total, queue = _totals(found)
    yield "Queueing"
    limit = queue.limit if queue is not None else 64
    in_octets = queue is not None and queue.octet_limit is not None
    yield f"queue limit {queue.octet_limit} bytes" if in_octets and queue else f"queue limit {limit} packets"
    fair = isinstance(queue, FairQueue)
    flows = (f"/{total.flow}", "/flowdrops") if fair else ("", "")
    yield f"(queue depth/total drops/no-buffer drops{flows[1]}) {depth}/{total.drops}/0{flows[0]}"
    yield f"(pkts output/bytes output) {total.packets}/{total.octets}"
    if bandwidth is not None:
        yield _bandwidth(bandwidth, policy.kbps)
    if shape is not None and node.shaper is not None:
        cir, bc, be = int(node.shaper.rate), int(node.shaper.bc), int(node.shaper.be)
        yield f"shape ({shape.kind}) cir {cir}, bc {bc}, be {be}"
        yield f"target shape rate {round(node.shaper.target)}"
    detect = found.find(RandomDetect)
    if detect is not None and queue is not None:
        yield from _random_detect(detect, queue)
    if isinstance(queue, FairQueue):
        yield f"Fair-queue: per-flow queue limit {queue.flow_limit}"


def _priority(priority: Priority, kbps: int) -> str:
    rate = priority.rate(kbps)
    if rate is None:
        return "Strict, "
    percent = f"{priority.percent}% ({rate} kbps)" if priority.percent is not None else f"{rate} kbps"
    return f"{percent}, burst bytes {priority.octets(kbps)}, "


def _bandwidth(bandwidth: Bandwidth, kbps: int) -> str:
    if bandwidth.unit == "percent":
        return f"bandwidth {bandwidth.value}% ({bandwidth.rate(kbps)} kbps)"
    if bandwidth.remaining:
        ratio = bandwidth.unit.endswith("ratio")
        return (
            f"bandwidth remaining ratio {bandwidth.value}"
            if ratio
            else f"bandwidth remaining {bandwidth.value}%"
        )
    return f"bandwidth {bandwidth.value} kbps"


def _random_detect(detect: RandomDetect, queue: Queue) -> Iterator[str]:
    red = queue.red
    assert red is not None
    yield f"  Exp-weight-constant: {red.exponent} (1/{1 << red.exponent})"
    yield f"  Mean queue depth: {int(red.average)} packets"
    drop = "Tail/Flow drop" if isinstance(queue, FairQueue) else "Tail drop"
    if detect.dscp_based:
        yield "  dscp     Transmitted       Random drop      Tail drop          Minimum        Maximum     Mark"
        yield "            pkts/bytes     pkts/bytes       pkts/bytes          thresh         thresh     prob"
    else:
        yield f"  class     Transmitted       Random drop      {drop:<14} Minimum Maximum Mark"
        yield "            pkts/bytes    pkts/bytes       pkts/bytes    thresh  thresh  prob"
    yield "  "
    for label in sorted(queue.by_label) if detect.dscp_based else detect.labels():
        yield f"  {_row(dscp_word(label) if detect.dscp_based else str(label), detect, label, queue)}"
    yield ""


def _row(word: str, detect: RandomDetect, label: int, queue: Queue) -> str:
    row, profile = queue.by_label.get(label, QueueCounters()), detect.profile(label)
    tail = row.tail + row.flow
    return (
        f"{word:<10}{row.packets:>7}/{row.octets:<10}{row.random:>7}/{row.random_octets:<10}{tail:>6}"
        f"/{row.tail_octets:<10}{profile.minimum:>10}{profile.maximum:>14}  1/{profile.denominator}"
    )


def _police(policy: AttachedPolicy, found: AttachedClass, now: float) -> Iterator[str]:
    police = found.find(Police)
    if police is None:
        return
    (cir, pir), (bc, be) = police.rates(policy.kbps), police.bursts(policy.kbps)
    yield "police:"
    if police.percent is not None:
        yield f"    cir {police.percent} %"
    yield f"    cir {cir} bps, bc {bc} bytes{f', be {be} bytes' if police.three_colors and pir is None else ''}"
    if pir is not None:
        if police.pir_percent is not None:
            yield f"    pir {police.pir_percent} %"
        yield f"    pir {pir} bps, be {be} bytes"
    outcomes = dict(police.outcomes())
    rates = []
    for color, word in _COLORS:
        if color is Color.VIOLATE and not police.three_colors:
            continue
        count = found.colors[color]
        yield f"  {word} {count.packets} packets, {count.octets} bytes; actions:"
        yield from (f"    {each.words()} " for each in outcomes.get(color.value, police.exceed))
        rates.append(f"{word if color is Color.CONFORM else color.value} {rate(count.load, now)} bps")
    yield f"  {', '.join(rates)}"


def _settings(found: AttachedClass) -> Iterator[str]:
    settings = [each for kind in SETTINGS if (each := found.find(kind)) is not None]
    if not settings:
        return
    yield "QoS Set"
    for each in settings:
        yield f"  {each.shown}"
        yield f"    Packets marked {found.marked.get(each.shown, 0)}"
