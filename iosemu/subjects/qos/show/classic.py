"""The queues of a class as images before the hierarchical queueing framework tell of them."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.net.queueing.queues import FairQueue, Queue, QueueCounters
from iosemu.net.queueing.scheduler import Node
from iosemu.subjects.mqc.config import CLASS_DEFAULT
from iosemu.subjects.qos.attached import AttachedClass, AttachedPolicy
from iosemu.subjects.qos.config import Bandwidth, FairQueueing, Priority, RandomDetect, Shape
from iosemu.subjects.qos.values import dscp_word

DYNAMIC = 256
"""Conversations of flows; those of classes have the numbers behind them."""
LINK = 8
"""Conversations that are kept for the line itself."""


def queueing_lines(policy: AttachedPolicy, found: AttachedClass) -> Iterator[str]:
    """`Queueing` and what stands below it."""
    node = found.node
    if node is None:
        return
    shape = found.find(Shape)
    if shape is not None and node.shaper is not None:
        yield from _shaping(node)
    priority, bandwidth = found.find(Priority), found.find(Bandwidth)
    queue = node.queue
    if queue is None:
        return
    if priority is not None:
        yield "Queueing"
        yield "  Strict Priority"
        yield f"  Output Queue: Conversation {DYNAMIC + LINK} "
        rate = priority.rate(policy.kbps) or 0
        if priority.percent is not None:
            yield f"  Bandwidth {priority.percent} (%)"
        yield f"  Bandwidth {rate} (kbps) Burst {priority.octets(policy.kbps)} (Bytes)"
        yield f"  (pkts matched/bytes matched) {found.offered.packets}/{found.offered.octets}"
        yield f"  (total drops/bytes drops) {queue.counters.drops + node.exceeded}/{node.exceeded_octets}"
    elif bandwidth is not None:
        yield "Queueing"
        yield f"  Output Queue: Conversation {_conversation(policy, found)} "
        rate = bandwidth.rate(policy.kbps)
        if bandwidth.remaining:
            yield f"  Bandwidth remaining {bandwidth.value} (%){_threshold(found, queue)}"
        else:
            if bandwidth.unit == "percent":
                yield f"  Bandwidth {bandwidth.value} (%)"
            yield f"  Bandwidth {rate} (kbps){_threshold(found, queue)}"
        yield from _counters(found, queue)
    elif found.name == CLASS_DEFAULT and found.find(FairQueueing) is not None:
        assert isinstance(queue, FairQueue)
        yield "Queueing"
        yield "  Flow Based Fair Queueing"
        yield f"  Maximum Number of Hashed Queues {queue.queues} "
        yield f"  (total queued/total drops/no-buffer drops) {queue.depth}/{queue.counters.drops}/0"
    detect = found.find(RandomDetect)
    if detect is not None and queue.red is not None:
        yield from _random_detect(detect, queue)


def _threshold(found: AttachedClass, queue: Queue) -> str:
    return "" if found.find(RandomDetect) is not None else f"Max Threshold {queue.limit} (packets)"


def _conversation(policy: AttachedPolicy, found: AttachedClass) -> int:
    """Classes have the conversations behind that of the priority classes."""
    reserving = [each for each in policy.classes if each.find(Bandwidth) is not None]
    return DYNAMIC + LINK + 1 + reserving.index(found)


def _counters(found: AttachedClass, queue: Queue) -> Iterator[str]:
    yield f"  (pkts matched/bytes matched) {found.offered.packets}/{found.offered.octets}"
    yield f"  (depth/total drops/no-buffer drops) {queue.depth}/{queue.counters.drops}/0"


def _shaping(node: Node) -> Iterator[str]:
    shaper = node.shaper
    assert shaper is not None
    rate, target, bc, be = int(shaper.rate), round(shaper.target), int(shaper.bc), int(shaper.be)
    yield "Traffic Shaping"
    yield "     Target/Average   Byte   Sustain   Excess    Interval  Increment"
    yield "       Rate           Limit  bits/int  bits/int  (ms)      (bytes)  "
    rates = f"{target}/{rate}"
    yield (
        f"{rates:>18}   {(bc + be) // 8:<6} {bc:<9} {be:<9} {round(shaper.interval * 1000):<9} "
        f"{int(shaper.increment) // 8:<6}   "
    )
    yield ""
    yield "  Adapt  Queue     Packets   Bytes     Packets   Bytes     Shaping"
    yield "  Active Depth                         Delayed   Delayed   Active"
    yield (
        f"  -      {node.backlog:<9} {shaper.packets:<9} {shaper.octets:<9} {shaper.delayed_packets:<9} "
        f"{shaper.delayed_octets:<9} {'yes' if node.backlog else 'no'}"
    )


def _random_detect(detect: RandomDetect, queue: Queue) -> Iterator[str]:
    assert queue.red is not None
    yield f"   exponential weight: {queue.red.exponent}"
    yield f"   mean queue depth: {int(queue.red.average)}"
    yield ""
    head = "dscp " if detect.dscp_based else "class"
    yield f"  {head}    Transmitted      Random drop      Tail drop    Minimum Maximum  Mark"
    yield "           pkts/bytes       pkts/bytes       pkts/bytes    thresh  thresh  prob"
    for label in sorted(queue.by_label) if detect.dscp_based else detect.labels():
        row, profile = queue.by_label.get(label, QueueCounters()), detect.profile(label)
        word = dscp_word(label) if detect.dscp_based else str(label)
        cells = "".join(
            f"{f'{packets}/{octets}':>16} "
            for packets, octets in (
                (row.packets, row.octets),
                (row.random, row.random_octets),
                (row.tail, row.tail_octets),
            )
        )
        yield f"  {word:<7}{cells}{profile.minimum:>8}{profile.maximum:>8}  1/{profile.denominator}"
    yield ""
