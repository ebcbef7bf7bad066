"""What stands between an interface and its line while it has an output policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Egress, Interface
from iosemu.ip.path import Transit
from iosemu.ip.stack import IpStack, LinkOutput
from iosemu.net.queueing.queues import Item
from iosemu.net.queueing.scheduler import Node
from iosemu.net.scheduler import Timer
from iosemu.net.tracing import Line, Span
from iosemu.packets.ethernet import EtherType
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.mqc.sighting import Sighting
from iosemu.subjects.qos import text
from iosemu.subjects.qos.attached import AttachedPolicy, Marks
from iosemu.subjects.qos.config import RandomDetect
from iosemu.subjects.qos.frames import flow_of, marked, seen_in, seen_packet
from iosemu.subjects.qos.tree import grow

CONTROL = 6
"""The precedence of routing protocols: what the box sends itself with it is not dropped."""
FOLLOWED = 60.0
"""Seconds that a traced packet may wait."""


@dataclass(slots=True)
class Leaving:
    """What waits in a queue, and what is known of it beside its octets."""

    send: Callable[[], object]
    """Puts it on the line."""
    cos: int | None
    passing_on: bool
    """It is on its way through the box."""
    transit: Transit | None
    class_name: str
    span: Span | None = None
    followed: Timer | None = None


class PolicyEgress(Egress):
    """Classifies what leaves, marks and polices it, and has it wait for its turn where classes have queues.

    The ring of the interface has room for one frame: the next one is chosen when the line is free. An interface
    without a port of its own (a subinterface, a tunnel) has no line: only its shapers have packets wait.
    """

    def __init__(self, device: Device, interface: Interface, policy: AttachedPolicy) -> None:
        self.device = device
        self.interface = interface
        self.policy = policy
        self.root: Node | None = grow(device, policy, Node()) if policy.queues else None
        self.drops = 0
        """Of the queues."""
        self._free = 0.0
        """When the line is free again."""
        self._timer: Timer | None = None
        self._stack = device.service(IpStack)

    # --- what leaves ---------------------------------------------------------------------------------

    def send(self, frame: bytes) -> bool:
        """Take a frame."""
        interface, stack = self.interface, self._stack
        framing = interface.counters.framing
        seen, octets = seen_in(frame, framing, stack.under_way)
        marks = Marks()
        self.policy.look(seen, octets, self.device.now, marks)
        if marks.dropped:
            self._dropped(marks)
            return False
        if marks.tos is not None or marks.cos is not None:
            frame = marked(frame, framing, marks.tos, marks.cos)
        return self._offer(partial(interface.emit, frame), seen, octets, marks)

    def send_packet(self, packet: IPv4Packet, next_hop: IPv4Address, onward: LinkOutput) -> bool:
        """Take a packet that leaves without a frame: by a tunnel."""
        seen = seen_packet(packet, self._stack.under_way)
        octets, marks = packet.total_length, Marks()
        self.policy.look(seen, octets, self.device.now, marks)
        if marks.dropped:
            self._dropped(marks)
            return False
        if marks.tos is not None:
            packet = replace(packet, tos=marks.tos)
        return self._offer(partial(onward, packet, self.interface, next_hop), seen, octets, marks)

    def _dropped(self, marks: Marks) -> None:
        context = self.device.scheduler.context
        if context is not None:
            context.drop(self.device.name, "policy-map", f"{self.interface.name} out: {marks.dropped}")

    def _offer(self, send: Callable[[], object], seen: Sighting, octets: int, marks: Marks) -> bool:
        found = marks.counted
        assert found is not None
        node = next((each.node for each in reversed(marks.way) if each.node is not None), None)
        leaving = Leaving(
            send, marks.cos, self.device.processor.passing_on, self._stack.under_way, found.name
        )
        if self.root is None or node is None:
            return self._emit_now(leaving)
        packet = seen.packet
        made_here = not seen.came_in
        urgent = (
            made_here and packet.tos >> 5 >= CONTROL
            if packet is not None
            else seen.ethertype != EtherType.ARP
        )
        detect = next((each.find(RandomDetect) for each in reversed(marks.way) if each.node is node), None)
        label = 0
        if packet is not None and isinstance(detect, RandomDetect):
            label = detect.label(packet.tos if marks.tos is None else marks.tos)
        item = Item(octets, leaving, flow_of(packet) if packet is not None else 0, label, urgent)
        return self._queue(item, node)

    def _queue(self, item: Item, node: Node) -> bool:
        """Put it into a queue; what waits there is sent when it is its turn."""
        now, context = self.device.now, self.device.scheduler.context
        leaving: Leaving = item.what
        busy = self._free > now
        if node.queue is None or not node.push(item, now, busy):
            self.drops += 1
            self.interface.counters.out_drops += 1
            if context is not None:
                why = f"the queue of class {leaving.class_name} has no room for it"
                context.drop(self.device.name, "queue", why, Line(f"policy-map {self.policy.policy.name}"))
            return False
        if context is not None and (self.root is not None and (busy or self.root.backlog > 1)):
            context.note(self.device.name, "queue", f"waits in the queue of class {leaving.class_name}")
            leaving.span = context.trace.child(context)
            leaving.followed = self.device.scheduler.after(FOLLOWED, _nothing)
            with context.aside():
                self._drive()
            return True
        self._drive()
        return True

    # --- the line ------------------------------------------------------------------------------------

    def _drive(self) -> None:
        """Let leave what may, and look again when more may."""
        root = self.root
        assert root is not None
        while root.backlog:
            now = self.device.now
            at = self._free if self._free > now else root.when(now)
            if at > now:
                self._plan(at)
                return
            self._emit(root.pop(now).what)

    def _plan(self, at: float) -> None:
        timer = self._timer
        if timer is not None and not timer.cancelled:
            if timer.when <= at:
                return
            timer.cancel()
        scheduler = self.device.scheduler
        if scheduler.context is not None:
            with scheduler.context.aside():
                self._timer = scheduler.at(at, self._due)
        else:
            self._timer = scheduler.at(at, self._due)

    def _due(self) -> None:
        self._timer = None
        self._drive()

    def _emit_now(self, leaving: Leaving) -> bool:
        """Put it on the line without any queue."""
        interface = self.interface
        before, interface.user_priority = interface.user_priority, leaving.cos or 0
        try:
            return leaving.send() is not False
        finally:
            interface.user_priority = before

    def _emit(self, leaving: Leaving) -> None:
        """Put on the line what waited."""
        if leaving.span is None:
            self._send(leaving)
            return
        with leaving.span.at_work():
            self._send(leaving)
        if leaving.followed is not None:
            leaving.followed.cancel()
        leaving.span.trace.settle()

    def _send(self, leaving: Leaving) -> None:
        stack, processor, interface = self._stack, self.device.processor, self.interface
        if not interface.line_up:
            interface.counters.out_drops += 1
            return
        under_way, passing_on = stack.under_way, processor.passing_on
        stack.under_way, processor.passing_on = leaving.transit, leaving.passing_on
        octets = interface.counters.out_octets
        try:
            self._emit_now(leaving)
        finally:
            stack.under_way, processor.passing_on = under_way, passing_on
        self._occupy(interface.counters.out_octets - octets)

    def _occupy(self, octets: int) -> None:
        """The line is busy with a frame."""
        port, now = self.interface.port, self.device.now
        if port is None:
            return
        if port.free > now + port.latency:
            self._free = port.free - port.latency
        else:  # the cable has a rate of its own, and a queue
            self._free = now + (octets + port.overhead) * 8 / port.rate

    # --- changes -------------------------------------------------------------------------------------

    def stop(self) -> list[Item]:
        """The policy is another one now, or none: returns what waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return self.root.drain(self.device.now) if self.root is not None else []

    def take_over(self, items: list[Item]) -> None:
        """Take what waited under the policy before, without counting it again."""
        for item in items:
            name = item.what.class_name
            node = next(
                (each.node for each in self.policy.classes if each.name == name), self.policy.classes[-1].node
            )
            while node is not None and node.queue is None:
                node = node.children[-1] if node.children else None
            if node is None:
                self._emit(item.what)
            else:
                self._queue(item, node)

    def clear(self) -> None:
        """`clear counters`."""
        self.drops = 0
        nodes = [self.root] if self.root is not None else []
        while nodes:
            node = nodes.pop()
            nodes += node.children
            node.clear()

    def describe(self) -> list[str]:
        """What `show interfaces` says of its queue."""
        return text.interface_lines(self.device, self.interface, self.policy, self.root, self.drops)


def _nothing() -> None:
    """Keeps a traced packet followed while it waits."""
