"""What stands between an interface and its line while it has a priority list or a custom queue list."""

from __future__ import annotations

from functools import partial

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.net.queueing.queues import Fifo
from iosemu.net.queueing.scheduler import Node, RoundRobin
from iosemu.net.tracing import Line
from iosemu.subjects.mqc.sighting import Sighting
from iosemu.subjects.qos import text
from iosemu.subjects.qos.config.lists import CUSTOM_LIMIT, CUSTOM_QUEUES, PRIORITIES, SYSTEM, PriorityList
from iosemu.subjects.qos.frames import seen_in
from iosemu.subjects.qos.line import LineEgress, LineQueueing
from iosemu.subjects.qos.rate_limit import RateLimits

KEEPALIVES = frozenset((0x8035, 0xC021))
"""SLARP and LCP: they go first, whatever the list says."""
UNLIMITED = 1 << 30
"""What `limit 0` is."""


class ListEgress(LineEgress):
    """Sorts what leaves into the queues of a list, and has it wait for its turn there."""

    def __init__(
        self, device: Device, interface: Interface, queueing: LineQueueing, limits: RateLimits | None = None
    ) -> None:
        self.leaves: dict[str, Node] = {}
        """By the names of their queues."""
        super().__init__(device, interface, queueing, limits, self._grown(queueing))

    def _grown(self, queueing: LineQueueing) -> Node:
        found = queueing.sorted_by
        assert found is not None
        if isinstance(found, PriorityList):
            root: Node = Node()
            for level, (name, limit) in enumerate(zip(PRIORITIES, found.limits, strict=True), 1):
                self.leaves[name] = root.add(Node(level=level, queue=Fifo(limit or UNLIMITED)))
            return root
        root = RoundRobin()
        self.leaves[str(SYSTEM)] = root.add(Node(level=1, queue=Fifo(CUSTOM_LIMIT)))
        for number in CUSTOM_QUEUES:
            custom = found.queue(number)
            level = number + 1 if number < found.lowest else 0
            made = Node(max(custom.octets, 1), level=level, queue=Fifo(custom.limit or UNLIMITED))
            self.leaves[str(number)] = root.add(made)
        return root

    def send(self, frame: bytes) -> bool:
        """Take a frame."""
        limited = self._limited(frame)
        if limited is None:
            return False
        interface = self.interface
        if self._at_once(limited):
            return True
        seen, octets = seen_in(limited, interface.counters.framing, self._stack.under_way)
        name = self._queue_of(seen)
        return self._offer(partial(interface.emit, limited), seen, octets, None, self.leaves[name], name)

    def _queue_of(self, seen: Sighting) -> str:
        found = self.queueing.sorted_by
        assert found is not None
        if seen.ethertype in KEEPALIVES:
            return PRIORITIES[0] if isinstance(found, PriorityList) else str(SYSTEM)
        return found.queue_of(self.device, seen)

    def _where(self, class_name: str) -> str:
        return class_name

    def _told_by(self) -> Line:
        return Line(f"interface {self.interface.name}", ("priority-group", "custom-queue-list"))

    def _place(self, class_name: str) -> Node | None:
        """Where that waits which waited in a queue or a class before."""
        found = self.queueing.sorted_by
        assert found is not None
        return self.leaves.get(class_name) or self.leaves[found.default]

    def describe(self) -> list[str]:
        """What `show interfaces` says of its queues."""
        return text.list_lines(self.queueing, self.leaves)
