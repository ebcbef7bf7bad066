"""The four queues at the output of a Catalyst's port, and shaped round robin that empties them.

Software configuration guide of the Catalyst 3560, "Configuring QoS": a frame's DSCP or CoS chooses its queue and the
threshold at which it is dropped there. A shaped queue has its part of the line and no more, the others share what is
left by their weights, and the first one goes before all others where the port has a priority queue.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.plane import is_control
from iosemu.bridging.port_view import Label
from iosemu.net.marking import dscp_of, is_ipv4
from iosemu.net.queueing.meter import Shaper
from iosemu.net.queueing.queues import Item
from iosemu.net.queueing.scheduler import Node
from iosemu.net.queueing.thresholds import ThresholdQueue
from iosemu.packets.ethernet import tag_of, without_tag
from iosemu.subjects.mls_qos.config import PortMarks, QosConfig, QueueSet
from iosemu.subjects.mls_qos.statistics import Statistics
from iosemu.subjects.qos.line import Leaving, LineEgress, LineQueueing

BUFFERS = 200
"""Those of a port's output queues together, of 256 octets each. What a queue may have beyond its part of them, up to
its maximum, is lent by the pool of all ports, which is never empty."""
CONTROL = 7
"""The CoS of what switches say to each other (spanning tree, CDP …)."""
INTERVAL = 0.01
"""Seconds in which a shaper lets its bits pass."""
LEAST = 0.001
"""The part of the line that a sharing queue has where shaped ones have all of it."""


@dataclass(frozen=True)
class Queueing:
    """All that the queues of a port depend on."""

    rate: float
    """Bits per second of the line."""
    queue_set: QueueSet
    share: tuple[int, ...]
    shape: tuple[int, ...]
    limit: int | None
    expedite: bool


def queueing_of(device: Device, interface: Interface) -> Queueing:
    """As it is configured."""
    marks = interface.config.held(PortMarks) or PortMarks()
    queue_set = device.config.of(QosConfig).queue_sets[marks.queue_set - 1]
    rate = interface.hardware_bandwidth * 1e3
    return Queueing(rate, queue_set, marks.share, marks.shape, marks.limit, marks.expedite)


def grow(queueing: Queueing) -> Node:
    """The queues of a port, below the node of its line."""
    rate, limit = queueing.rate, queueing.limit
    if limit is not None:
        rate = rate * limit / 100
    root = Node(shaper=_shaper(rate) if limit is not None else None)
    expedited = 0 if queueing.expedite else None
    shaped = {
        number: weight for number, weight in enumerate(queueing.shape) if weight and number != expedited
    }
    sharing = [number for number in range(4) if number not in shaped and number != expedited]
    rest = max(1 - sum(1 / weight for weight in shaped.values()), LEAST)
    whole = sum(queueing.share[number] for number in sharing)
    for number in range(4):
        weight, shaper = 1.0, None
        if number in shaped:
            weight = 1 / shaped[number]
            shaper = _shaper(rate * weight)
        elif number in sharing:
            weight = rest * queueing.share[number] / whole
        queue = ThresholdQueue(_thresholds(queueing.queue_set, number))
        root.add(Node(weight, level=int(number == expedited), queue=queue, shaper=shaper))
    return root


def _shaper(rate: float) -> Shaper:
    return Shaper(rate, rate * INTERVAL, 0)


def _thresholds(queue_set: QueueSet, number: int) -> tuple[int, int, int]:
    """Buffers at each of the three thresholds; the third is that of the full queue."""
    own = BUFFERS * queue_set.buffers[number] / 100
    first, second, _, most = queue_set.thresholds[number]
    full = int(own * most / 100)
    return min(int(own * first / 100), full), min(int(own * second / 100), full), full


class SrrEgress(LineEgress):
    """The queues of one port."""

    def __init__(
        self, device: Device, interface: Interface, queueing: Queueing, statistics: Statistics
    ) -> None:
        super().__init__(device, interface, LineQueueing(), root=grow(queueing))
        self.made_of = queueing
        self._statistics = statistics
        self._plane = device.service(Bridge).plane

    @property
    def nodes(self) -> list[Node]:
        """The four queues."""
        assert self.root is not None
        return self.root.children

    def send(self, frame: bytes) -> bool:
        """Take a frame."""
        root, interface, statistics = self.root, self.interface, self._statistics
        assert root is not None
        control = is_control(frame)
        tag, plain = tag_of(frame), without_tag(frame)
        cos = tag.priority if tag is not None else 0
        label = Label(CONTROL, True) if control else self._plane.label
        if label is None:
            label = Label(dscp_of(plain), False) if is_ipv4(plain) else Label(cos, True)
        config = self.device.config.of(QosConfig)
        places = config.output_by_cos if label.by_cos else config.output_by_dscp
        queue, threshold = places[label.value]
        node = root.children[queue - 1]
        if node.shaper is None and root.shaper is None and self._at_once(frame):
            taken = True
        else:
            port = interface.port
            leaving = Leaving(
                partial(interface.emit, frame),
                None,
                self.device.processor.passing_on,
                self._stack.under_way,
                f"output queue {queue}",
            )
            octets = len(frame) + (port.overhead if port is not None else 0)
            taken = self._queue(Item(octets, leaving, label=threshold - 1, urgent=control), node)
        (statistics.enqueued if taken else statistics.dropped)[queue - 1][threshold - 1] += 1
        if taken:
            statistics.cos_out[cos] += 1
            if is_ipv4(plain):
                statistics.dscp_out[dscp_of(plain)] += 1
        return taken

    def _where(self, class_name: str) -> str:
        return f"{self.interface.name}, {class_name}"

    def _place(self, class_name: str) -> Node | None:
        return self.nodes[int(class_name[-1]) - 1]
