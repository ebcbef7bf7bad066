"""What stands between an interface and its line, and has frames wait for their turn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import Egress, Interface
from iosemu.ip.path import Transit
from iosemu.ip.stack import IpStack, LinkOutput
from iosemu.net.link import QUEUE
from iosemu.net.queueing.queues import FairQueue, Item
from iosemu.net.queueing.scheduler import Node
from iosemu.net.scheduler import Timer
from iosemu.net.tracing import Line, Span
from iosemu.packets.ethernet import EtherType
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.mqc.sighting import Sighting
from iosemu.subjects.qos import text
from iosemu.subjects.qos.attached import Marks
from iosemu.subjects.qos.config import FairLine
from iosemu.subjects.qos.config.line import FAIR_HOLD_QUEUE
from iosemu.subjects.qos.config.lists import CustomList, PriorityList
from iosemu.subjects.qos.frames import flow_of, marked, seen_in, seen_packet
from iosemu.subjects.qos.rate_limit import RateLimits

CONTROL = 6
"""The precedence of routing protocols: what the box sends itself with it is not dropped."""
FOLLOWED = 60.0
"""Seconds that a traced packet may wait."""
LINE = "the line"
"""Where packets wait that are of no class."""


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
    packet: IPv4Packet | None = None
    span: Span | None = None
    followed: Timer | None = None


@dataclass(frozen=True)
class LineQueueing:
    """How a line queues by itself."""

    fair: FairLine | None = None
    """None: first in, first out, in the queue of the port."""
    hold: int = FAIR_HOLD_QUEUE
    """Packets that wait in all conversations together."""
    ring: int = 1
    """Frames that the hardware has at once."""
    sorted_by: PriorityList | CustomList | None = None
    """What sorts packets into queues, before anything else."""
    list_number: int = 0
    """Of that list."""


class LineEgress(Egress):
    """Conversations share the line (weighted fair queueing), and what exceeds a rate limit is dropped.

    The ring of the interface has room for a few frames: the next one is chosen when there is room again. An
    interface without a port of its own (a subinterface, a tunnel) has no line, and nothing waits for it.
    """

    def __init__(
        self,
        device: Device,
        interface: Interface,
        queueing: LineQueueing,
        limits: RateLimits | None = None,
        root: Node | None = None,
    ) -> None:
        self.device = device
        self.interface = interface
        self.queueing = queueing
        self.limits = limits
        self.own: Node | None = None
        """What has the conversations of the line, where no class has queues."""
        if root is None and queueing.fair is not None:
            fair = queueing.fair
            flows = FairQueue(
                queueing.hold, fair.conversations(interface.bandwidth), fair.threshold, weighted=True
            )
            root = Node()
            self.own = root.add(Node(queue=flows))
        self.root = root
        self.drops = 0
        """Of the queues."""
        self._ring: deque[float] = deque()
        """When each frame leaves that the hardware has; an upper bound of what it has."""
        self._timer: Timer | None = None
        self._stack = device.service(IpStack)

    @property
    def flows(self) -> FairQueue | None:
        """The conversations of the line."""
        queue = self.own.queue if self.own is not None else None
        return queue if isinstance(queue, FairQueue) else None

    # --- what leaves ---------------------------------------------------------------------------------

    def send(self, frame: bytes) -> bool:
        """Take a frame."""
        limited = self._limited(frame)
        if limited is None:
            return False
        frame, interface, own = limited, self.interface, self.own
        if own is None:
            interface.emit(frame)
            return True
        if self._at_once(frame):
            return True
        seen, octets = seen_in(frame, interface.counters.framing, self._stack.under_way)
        label = seen.packet.tos >> 5 if seen.packet is not None else 0
        return self._offer(partial(interface.emit, frame), seen, octets, None, own, LINE, label)

    def _at_once(self, frame: bytes) -> bool:
        """Put it on the line if nothing waits and the line is free; nobody follows it."""
        now, interface, root = self.device.now, self.interface, self.root
        assert root is not None
        if root.backlog or self._next(now) > now or self.device.scheduler.context is not None:
            return False
        octets = interface.counters.out_octets
        interface.emit(frame)
        self._occupy(interface.counters.out_octets - octets)
        return True

    def send_packet(self, packet: IPv4Packet, next_hop: IPv4Address, onward: LinkOutput) -> bool:
        """Take a packet that leaves without a frame, by a tunnel, for which nothing waits."""
        limited = self._limited_packet(packet)
        return limited is not None and onward(limited, self.interface, next_hop)

    def _limited(self, frame: bytes) -> bytes | None:
        """The frame after the rate limits of the interface; None: it is dropped."""
        if self.limits is None:
            return frame
        framing = self.interface.counters.framing
        marks = self._measured(self.limits, *seen_in(frame, framing, self._stack.under_way))
        if marks is None or marks.tos is None:
            return frame if marks is not None else None
        return marked(frame, framing, marks.tos, None)

    def _limited_packet(self, packet: IPv4Packet) -> IPv4Packet | None:
        """The same of a packet without a frame."""
        if self.limits is None:
            return packet
        seen = seen_packet(packet, self._stack.under_way)
        marks = self._measured(self.limits, seen, packet.total_length)
        if marks is None or marks.tos is None:
            return packet if marks is not None else None
        return replace(packet, tos=marks.tos)

    def _measured(self, limits: RateLimits, seen: Sighting, octets: int) -> Marks | None:
        """What the limits make of a packet; None: it is dropped."""
        marks = Marks()
        limits.look(seen, octets, self.device.now, marks)
        if not marks.dropped:
            return marks
        self._dropped("rate-limit", marks)
        self.interface.counters.out_drops += 1
        return None

    def _dropped(self, what: str, marks: Marks) -> None:
        context = self.device.scheduler.context
        if context is not None:
            context.drop(self.device.name, what, f"{self.interface.name} out: {marks.dropped}")

    def _offer(
        self,
        send: Callable[[], object],
        seen: Sighting,
        octets: int,
        cos: int | None,
        node: Node | None,
        class_name: str,
        label: int = 0,
    ) -> bool:
        packet = seen.packet
        leaving = Leaving(
            send, cos, self.device.processor.passing_on, self._stack.under_way, class_name, packet
        )
        if node is None:
            return self._emit_now(leaving)
        made_here = not seen.came_in
        urgent = (
            made_here and packet.tos >> 5 >= CONTROL
            if packet is not None
            else seen.ethertype != EtherType.ARP
        )
        item = Item(octets, leaving, flow_of(packet) if packet is not None else 0, label, urgent)
        return self._queue(item, node)

    def _queue(self, item: Item, node: Node) -> bool:
        """Put it into a queue; what waits there is sent when it is its turn."""
        now, context = self.device.now, self.device.scheduler.context
        leaving: Leaving = item.what
        busy = self._next(now) > now
        where = self._where(leaving.class_name)
        if node.queue is None or not node.push(item, now, busy):
            self.drops += 1
            self.interface.counters.out_drops += 1
            if context is not None:
                why = f"the queue of {where} has no room for it"
                context.drop(self.device.name, "queue", why, self._told_by())
            return False
        if context is not None and (self.root is not None and (busy or self.root.backlog > 1)):
            context.note(self.device.name, "queue", f"waits in the queue of {where}")
            leaving.span = context.trace.child(context)
            leaving.followed = self.device.scheduler.after(FOLLOWED, _nothing)
            with context.aside():
                self._drive()
            return True
        self._drive()
        return True

    def _where(self, class_name: str) -> str:
        """A queue in words."""
        return LINE if class_name is LINE else f"class {class_name}"

    def _told_by(self) -> Line:
        """The line of the configuration that makes packets wait."""
        return Line(f"interface {self.interface.name}")

    # --- the line ------------------------------------------------------------------------------------

    def _drive(self) -> None:
        """Let leave what may, and look again when more may."""
        root = self.root
        assert root is not None
        while root.backlog:
            now = self.device.now
            at = max(self._next(now), root.when(now))
            if at > now:
                self._plan(at)
                return
            self._emit(root.pop(now).what)

    def _next(self, now: float) -> float:
        """When the hardware has room for a frame."""
        ring, port = self._ring, self.interface.port
        while ring and ring[0] <= now:
            ring.popleft()
        if not ring or port is None:
            return now
        room = self.queueing.ring if port.room is None else min(self.queueing.ring, port.room)
        if len(ring) >= room:
            return ring[len(ring) - room]
        # a port whose queue is measured in time drops what comes too early
        return ring[0] if port.room is None and ring[-1] - now > QUEUE / 2 else now

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
            free = port.free - port.latency
        else:  # the cable has a rate of its own, and a queue
            free = now + (octets + port.overhead) * 8 / port.rate
        self._ring.append(free)

    # --- changes -------------------------------------------------------------------------------------

    def stop(self) -> list[Item]:
        """It is another one now, or none: returns what waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return self.root.drain(self.device.now) if self.root is not None else []

    def _place(self, class_name: str) -> Node | None:
        """Where that waits which waited in a class before."""
        return self.own

    def take_over(self, before: LineEgress | None, items: list[Item]) -> None:
        """Go on where another one was: what waited is not counted again."""
        if before is not None:
            self._ring = before._ring
        for item in items:
            node = self._place(item.what.class_name)
            if node is None:
                self._emit(item.what)
            else:
                self._queue(item, node)

    def clear(self) -> None:
        """`clear counters`."""
        self.drops = 0
        if self.limits is not None:
            self.limits.clear(self.device.now)
        nodes = [self.root] if self.root is not None else []
        while nodes:
            node = nodes.pop()
            nodes += node.children
            node.clear()

    def describe(self) -> list[str]:
        """What `show interfaces` says of its queue."""
        if self.flows is None:
            return text.fifo_lines(self.interface)
        return text.fair_lines(self.device, self.interface, self.flows, self.drops)


def _nothing() -> None:
    """Keeps a traced packet followed while it waits."""
