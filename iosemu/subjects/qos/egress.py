"""What stands between an interface and its line while it has an output policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.ip.stack import LinkOutput
from iosemu.net.queueing.scheduler import Node
from iosemu.net.tracing import Line
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.mqc.sighting import Sighting
from iosemu.subjects.qos import text
from iosemu.subjects.qos.attached import AttachedPolicy, Marks
from iosemu.subjects.qos.config import RandomDetect
from iosemu.subjects.qos.frames import marked, seen_in, seen_packet
from iosemu.subjects.qos.line import LineEgress, LineQueueing
from iosemu.subjects.qos.rate_limit import RateLimits
from iosemu.subjects.qos.tree import grow


class PolicyEgress(LineEgress):
    """Classifies what leaves, marks and polices it, and has it wait for its turn where classes have queues.

    Where none has, packets wait as the line has them wait without a policy.
    """

    def __init__(
        self,
        device: Device,
        interface: Interface,
        policy: AttachedPolicy,
        queueing: LineQueueing,
        limits: RateLimits | None = None,
    ) -> None:
        root = grow(device, policy, Node()) if policy.queues else None
        super().__init__(device, interface, queueing, limits, root)
        self.policy = policy

    def send(self, frame: bytes) -> bool:
        """Take a frame."""
        limited = self._limited(frame)
        if limited is None:
            return False
        frame = limited
        interface, stack = self.interface, self._stack
        framing = interface.counters.framing
        seen, octets = seen_in(frame, framing, stack.under_way)
        marks = Marks()
        self.policy.look(seen, octets, self.device.now, marks)
        if marks.dropped:
            self._dropped("policy-map", marks)
            return False
        if marks.tos is not None or marks.cos is not None:
            frame = marked(frame, framing, marks.tos, marks.cos)
        return self._enqueue(partial(interface.emit, frame), seen, octets, marks)

    def send_packet(self, packet: IPv4Packet, next_hop: IPv4Address, onward: LinkOutput) -> bool:
        """Take a packet that leaves without a frame: by a tunnel."""
        limited = self._limited_packet(packet)
        if limited is None:
            return False
        packet = limited
        seen = seen_packet(packet, self._stack.under_way)
        octets, marks = packet.total_length, Marks()
        self.policy.look(seen, octets, self.device.now, marks)
        if marks.dropped:
            self._dropped("policy-map", marks)
            return False
        if marks.tos is not None:
            packet = replace(packet, tos=marks.tos)
        return self._enqueue(partial(onward, packet, self.interface, next_hop), seen, octets, marks)

    def _enqueue(self, send: Callable[[], object], seen: Sighting, octets: int, marks: Marks) -> bool:
        found, packet = marks.counted, seen.packet
        assert found is not None
        node, label = self.own, 0
        tos = None if packet is None else packet.tos if marks.tos is None else marks.tos
        if node is not None:
            label = tos >> 5 if tos is not None else 0
        elif self.root is not None:
            node = next((each.node for each in reversed(marks.way) if each.node is not None), None)
            detect = next(
                (each.find(RandomDetect) for each in reversed(marks.way) if each.node is node), None
            )
            if tos is not None and isinstance(detect, RandomDetect):
                label = detect.label(tos)
        return self._offer(send, seen, octets, marks.cos, node, found.name, label)

    def _told_by(self) -> Line:
        return Line(f"policy-map {self.policy.policy.name}")

    def _place(self, class_name: str) -> Node | None:
        if self.own is not None:
            return self.own
        classes = self.policy.classes
        node = next((each.node for each in classes if each.name == class_name), classes[-1].node)
        while node is not None and node.queue is None:
            node = node.children[-1] if node.children else None
        return node

    def describe(self) -> list[str]:
        """What `show interfaces` says of its queue."""
        if self.own is not None or self.root is None or not self.policy.policy.name:
            return super().describe()
        return text.interface_lines(self.device, self.interface, self.policy, self.root, self.drops)
