"""Policies on the interfaces of a box."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.box.interface import HOLD_IN, HOLD_OUT, Interface
from iosemu.box.interface_types import Medium
from iosemu.box.service import Service
from iosemu.ip.path import In, Transit
from iosemu.ip.stack import IpStack, LinkOutput
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.mqc.config import CLASS_DEFAULT, MqcConfig, PolicyMap
from iosemu.subjects.mqc.criteria import OfClass
from iosemu.subjects.mqc.service import Maps
from iosemu.subjects.mqc.sighting import Sighting
from iosemu.subjects.qos.attached import AttachedPolicy, Marks
from iosemu.subjects.qos.config import FairLine, Nested, QosPort, QueueLimit, QueueLists, Shape
from iosemu.subjects.qos.config.line import FAIR_HOLD_QUEUE, is_fair_by_itself
from iosemu.subjects.qos.config.lists import CustomList, PriorityList
from iosemu.subjects.qos.egress import PolicyEgress
from iosemu.subjects.qos.line import LineEgress, LineQueueing
from iosemu.subjects.qos.list_egress import ListEgress
from iosemu.subjects.qos.rate_limit import RateLimits

ETHERNET_HEADER, TAG, SERIAL_HEADER = 14, 4, 4
"""Octets that are counted with a packet."""
TUNNEL = "Tunnel"
NOTHING: tuple[object, ...] = ()


class QualityOfService(Service):
    """What waits for a line, what is limited, and what policies do to packets; and what all of them counted."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._inbound: dict[str, AttachedPolicy] = {}
        self._outbound: dict[str, LineEgress] = {}
        self._limits: dict[str, RateLimits] = {}
        """Those of `rate-limit input`."""
        self._rooms: dict[str, int | None] = {}
        """What the queue of a port holds without `hold-queue`."""
        self._made_of: dict[tuple[str, str], object] = {}
        """What each was made of: as long as that stays, it stays."""
        self._carry: LinkOutput | None = None

    def start(self) -> None:
        """Tell which policies are in use, and stand before the tunnels."""
        self.device.service(Maps).users.append(self._uses)
        stack = self.device.service(IpStack)
        self._carry = stack.link_of(TUNNEL)
        if self._carry is not None:
            stack.bind_link(TUNNEL, self._by_tunnel)

    def stop(self) -> None:
        """Power goes."""
        for each in self._outbound.values():
            each.stop()

    # --- questions -----------------------------------------------------------------------------------

    def policy(self, interface: str, direction: str) -> AttachedPolicy | None:
        """The policy at work on an interface, `input` or `output`."""
        if direction == "input":
            return self._inbound.get(interface)
        egress = self._outbound.get(interface)
        return egress.policy if isinstance(egress, PolicyEgress) else None

    def egress(self, interface: str) -> LineEgress | None:
        """What has the frames of an interface wait; None: they leave at once, first in, first out."""
        return self._outbound.get(interface)

    def limits(self, interface: str, direction: str) -> RateLimits | None:
        """The rate limits at work on an interface, `input` or `output`."""
        if direction == "input":
            return self._limits.get(interface)
        egress = self._outbound.get(interface)
        return egress.limits if egress is not None else None

    def _uses(self, policy: PolicyMap) -> bool:
        return not policy.kind and any(
            policy.name in (port.input, port.output)
            for config in self.device.config.interfaces.values()
            if (port := config.held(QosPort)) is not None
        )

    # --- configuration -------------------------------------------------------------------------------

    def changed(self) -> None:
        """A map may be another one."""
        for name in {name for name, _ in self._made_of}:
            interface = self.device.interfaces.get(name)
            if interface is not None:
                self._look(interface)

    def interface_configured(self, interface: Interface) -> None:
        """`service-policy`, or the bandwidth that its per cents are of."""
        self._look(interface)

    def interface_added(self, interface: Interface) -> None:
        """It may have come with its configuration."""
        interface.cleared.append(partial(self._clear, interface.name))
        self._look(interface)

    def interface_removed(self, interface: Interface) -> None:
        """Its policies are gone with it."""
        self._inbound.pop(interface.name, None)
        egress = self._outbound.pop(interface.name, None)
        if egress is not None:
            egress.stop()
        self._limits.pop(interface.name, None)
        for direction in ("input", "output"):
            self._made_of.pop((interface.name, direction), None)
        self._stand()

    def protocol_changed(self, interface: Interface) -> None:
        """What waits for a line that is gone is lost."""
        egress = self._outbound.get(interface.name)
        if egress is not None and not interface.line_up:
            interface.counters.out_drops += len(egress.stop())

    def _clear(self, interface: str) -> None:
        """`clear counters`."""
        for direction in ("input", "output"):
            policy = self.policy(interface, direction)
            if policy is not None:
                policy.clear()
        limits = self._limits.get(interface)
        if limits is not None:
            limits.clear(self.device.now)
        egress = self._outbound.get(interface)
        if egress is not None:
            egress.clear()

    def _look(self, interface: Interface) -> None:
        port = interface.config.held(QosPort)
        interface.hold_in = port.hold_in if port is not None and port.hold_in is not None else HOLD_IN
        for direction in ("input", "output"):
            name = getattr(port, direction) if port is not None else ""
            policy = self.device.config.of(MqcConfig).policy_map(name) if name else None
            if policy is None and direction == "output" and port is not None and port.shape is not None:
                policy = shaping_alone(port.shape, port.shape_limit)
            material = None if policy is None else (*self._material(policy), interface.bandwidth)
            key = interface.name, direction
            made_of: object = (material, *self._surroundings(interface, port, direction))
            if self._made_of.get(key, NOTHING) == made_of:
                continue
            self._made_of[key] = made_of
            attached = None
            if policy is not None:
                interval = float(interface.config.load_interval)
                attached = AttachedPolicy(self.device, policy, interface.bandwidth, interval)
            if direction == "input":
                self._apply_input(interface, port, attached)
            else:
                self._apply_output(interface, port, attached)
        self._stand()

    def _surroundings(self, interface: Interface, port: QosPort | None, direction: str) -> tuple[object, ...]:
        """What beside the policy makes another queue, or another limit."""
        if direction == "input":
            return (tuple(port.limits_in) if port is not None else (),)
        queueing = self._queueing(interface, port)
        limits = tuple(port.limits_out) if port is not None else ()
        bandwidth = interface.bandwidth if queueing.fair is not None else 0
        return limits, queueing, bandwidth, port.hold_out if port is not None else None

    def _queueing(self, interface: Interface, port: QosPort | None) -> LineQueueing:
        """How the line queues where no policy has queues."""
        fair = port.fair if port is not None else None
        if fair is None and is_fair_by_itself(self.device, interface) and not (port and port.not_fair):
            fair = FairLine()
        hold = port.hold_out if port is not None and port.hold_out is not None else FAIR_HOLD_QUEUE
        ring = port.ring or 1 if port is not None else 1
        if port is None or (port.priority_group is None and port.custom_list is None):
            return LineQueueing(fair, hold, ring)
        lists = self.device.config.of(QueueLists)
        if port.priority_group is not None:
            found: PriorityList | CustomList = lists.priority.get(port.priority_group, PriorityList())
            return LineQueueing(None, hold, ring, found, port.priority_group)
        number = port.custom_list or 0
        return LineQueueing(None, hold, ring, lists.custom.get(number, CustomList()), number)

    def _apply_input(self, interface: Interface, port: QosPort | None, policy: AttachedPolicy | None) -> None:
        name = interface.name
        self._inbound.pop(name, None)
        if policy is not None:
            self._inbound[name] = policy
        limited = self._limits.pop(name, None)
        if port is not None and port.limits_in:
            self._limits[name] = RateLimits(self.device, port.limits_in)
            self._limits[name].take_over(limited)

    def _apply_output(
        self, interface: Interface, port: QosPort | None, policy: AttachedPolicy | None
    ) -> None:
        queueing = self._queueing(interface, port)
        before = self._outbound.pop(interface.name, None)
        waiting = before.stop() if before is not None else []
        interface.egress = None
        self._hold(interface, port)
        limits = None
        if port is not None and port.limits_out:
            limits = RateLimits(self.device, port.limits_out)
            limits.take_over(before.limits if before is not None else None)
        egress: LineEgress
        if policy is not None:
            egress = PolicyEgress(self.device, interface, policy, queueing, limits)
        elif queueing.sorted_by is not None:
            egress = ListEgress(self.device, interface, queueing, limits)
        elif queueing.fair is not None or limits is not None:
            egress = LineEgress(self.device, interface, queueing, limits)
        else:
            for item in waiting:
                item.what.send()
            return
        self._outbound[interface.name] = egress
        if interface.kind != TUNNEL:
            interface.egress = egress
        egress.take_over(before, waiting)

    def _hold(self, interface: Interface, port: QosPort | None) -> None:
        """`hold-queue N out` is the room of the queue of the port."""
        hold = port.hold_out if port is not None else None
        interface.hold_out = HOLD_OUT if hold is None else hold
        if interface.port is None:
            return
        usual = self._rooms.setdefault(interface.name, interface.port.room)
        interface.port.room = usual if hold is None else hold

    def _material(self, policy: PolicyMap, deep: int = 0) -> tuple[object, ...]:
        """All that a policy at work is made of: when this is the same as before, it is not made anew."""
        config = self.device.config.of(MqcConfig)
        made: list[object] = [policy.name]
        for name, found in policy.classes.items():
            made.append((name, tuple(found.actions.items()), self._criteria(name)))
            nested = found.find(Nested)
            inner = config.policy_map(nested.name) if nested is not None and deep < 8 else None
            if inner is not None:
                made.append(self._material(inner, deep + 1))
        return tuple(made)

    def _criteria(self, name: str, deep: int = 0) -> tuple[object, ...]:
        found = self.device.config.of(MqcConfig).class_map(name)
        if found is None or deep > 16:
            return ()
        inner = (self._criteria(each.name, deep + 1) for each in found.criteria if isinstance(each, OfClass))
        return (found.match_any, tuple(found.criteria), *inner)

    def _stand(self) -> None:
        """Be in the packets' way while any interface has an input policy or limit."""
        incoming = self.device.service(IpStack).incoming
        standing = any(hook == self._incoming for _, hook in incoming.stages())
        wanted = bool(self._inbound or self._limits)
        if wanted and not standing:
            incoming.hook(In.QUALITY, self._incoming)
        elif standing and not wanted:
            incoming.unhook(self._incoming)

    # --- packets -------------------------------------------------------------------------------------

    def _incoming(self, transit: Transit) -> bool:
        interface = transit.came_in
        assert interface is not None
        policy, limits = self._inbound.get(interface.name), self._limits.get(interface.name)
        if policy is None and interface.config.parent is not None:
            policy = self._inbound.get(interface.config.parent)
        if policy is None and limits is None:
            return True
        packet = transit.packet
        octets = packet.total_length + header_of(interface)
        seen = Sighting(
            packet, interface.name, packet.total_length, interface.received_priority, transit=transit
        )
        marks, what = Marks(), "rate-limit"
        if limits is not None:
            limits.look(seen, octets, self.device.now, marks)
        if policy is not None and not marks.dropped:
            what = "policy-map"
            policy.look(seen, octets, self.device.now, marks)
        context = self.device.scheduler.context
        if marks.dropped:
            if context is not None:
                context.drop(self.device.name, what, f"{interface.name} in: {marks.dropped}")
            return False
        if marks.tos is not None:
            transit.packet = replace(packet, tos=marks.tos)
        if marks.qos_group is not None:
            transit.qos_group = marks.qos_group
        if context is not None and marks.tos is not None:
            who = f"class {marks.counted.name}" if marks.counted is not None else "rate-limit"
            context.note(self.device.name, what, f"{who} marks it: type of service {marks.tos:#04x}")
        return True

    def _by_tunnel(self, packet: IPv4Packet, interface: Interface, next_hop: IPv4Address) -> bool:
        assert self._carry is not None
        egress = self._outbound.get(interface.name)
        if egress is None:
            return self._carry(packet, interface, next_hop)
        return egress.send_packet(packet, next_hop, self._carry)


def shaping_alone(shape: Shape, limit: int) -> PolicyMap:
    """What `traffic-shape rate` amounts to; a policy without a name is nobody's."""
    policy = PolicyMap("")
    found = policy.add(CLASS_DEFAULT)
    found.put(shape)
    found.put(QueueLimit(limit))
    return policy


def header_of(interface: Interface) -> int:
    """Octets before a packet on an interface that are counted with it."""
    if interface.kind == TUNNEL or interface.type.medium not in (Medium.ETHERNET, Medium.SERIAL):
        return 0
    if interface.type.medium is Medium.SERIAL:
        return SERIAL_HEADER
    return ETHERNET_HEADER + (TAG if interface.config.parent is not None else 0)
