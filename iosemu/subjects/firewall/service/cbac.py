"""`ip inspect RULE in|out`: sessions that begin one way let their answers through the lists of the other."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.path import Local, Out, Transit
from iosemu.ip.stack import IpStack
from iosemu.net.inspection.engine import POLICY
from iosemu.net.inspection.events import Ended, Event, Started
from iosemu.net.inspection.port_map import TRANSPORTS, runs_over
from iosemu.net.inspection.session import Group, Session
from iosemu.net.rewrite import ends_of
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.tcp import TcpSegment
from iosemu.subjects.acl.service import AccessLists
from iosemu.subjects.firewall.config.cbac import DEBUG, InspectConfig, Inspected, InspectSides
from iosemu.subjects.firewall.service import tracing
from iosemu.subjects.firewall.service.drop_log import DropLog
from iosemu.subjects.firewall.service.keeper import SessionKeeper
from iosemu.subjects.nat.service import Nat

FRAGMENTS = 256
"""Datagrams whose later fragments are let through a list because the first one was."""
FRAGMENT_LIFE = 1.0
"""Seconds for which they are."""


@dataclass(eq=False)
class Crossing:
    """Where a session went through the box when it began, and the rule that inspects it."""

    rule: str
    inspected: Inspected
    came_in: str
    """Empty: made here."""
    out: str
    let: dict[str, int] = field(default_factory=dict)
    """Packets that passed the list of an interface unasked, by the interface and `in` or `out`."""


class Inspection(Service):
    """Context-based access control, while an interface has a rule."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.group = Group("")
        self.keeper = SessionKeeper(device, self._told)
        self.log = DropLog(device)
        self._inspecting: set[str] = set()
        self._fragments: dict[tuple[object, ...], float] = {}

    # --- configuration -------------------------------------------------------------------------------

    def start(self) -> None:
        """Be asked by the access lists."""
        self.changed()
        self.device.service(AccessLists).bypasses.append(self._lets)

    def stop(self) -> None:
        """Power goes."""
        self.keeper.stop()
        self.log.stop()

    def changed(self) -> None:
        """Limits may be others, and rules gone; a session's own settings stay as they were when it began."""
        for name in list(self._inspecting):
            interface = self.device.interfaces.get(name)
            if interface is None:
                self._stand(name, False)
            else:
                self.interface_configured(interface)
        config = self.device.config.of(InspectConfig)
        self.group.alert = not config.alert_off
        self.group.limits = config.limits()

    def interface_configured(self, interface: Interface) -> None:
        """`ip inspect RULE in|out` may have been typed."""
        sides = interface.config.held(InspectSides)
        self._stand(interface.name, sides is not None and bool(sides.inbound or sides.outbound))

    def interface_added(self, interface: Interface) -> None:
        """It may have come with its configuration."""
        self.interface_configured(interface)

    def interface_removed(self, interface: Interface) -> None:
        """Its rules are gone with it."""
        self._stand(interface.name, False)

    def _stand(self, name: str, inspecting: bool) -> None:
        if inspecting == (name in self._inspecting):
            return
        before = bool(self._inspecting)
        self._inspecting ^= {name}
        stack = self.device.service(IpStack)
        if not before:
            stack.outgoing.hook(Out.INSPECTION, self._outgoing)
            stack.local.hook(Local.INSPECTION, self._own)
        elif not self._inspecting:
            stack.outgoing.unhook(self._outgoing)
            stack.local.unhook(self._own)
            self.keeper.inspector.clear()
            self.keeper.settle()

    # --- packets -------------------------------------------------------------------------------------

    def _sides(self, interface: Interface) -> InspectSides | None:
        return interface.config.held(InspectSides)

    def _own(self, transit: Transit) -> bool:
        """A packet for the box itself: of a session that it began (`router-traffic`), perhaps."""
        if transit.out is not None:
            return True
        packet = self.keeper.whole(transit.packet)
        if packet is None:
            return False
        transit.packet = packet
        return self._of_session(transit) is not False

    def _outgoing(self, transit: Transit) -> bool:
        assert transit.out is not None
        packet = self.keeper.whole(transit.packet)
        if packet is None:
            if self.device.scheduler.context is not None:
                tracing.waits(self.device.name, self.device.scheduler.context)
            return False
        transit.packet = packet
        known = self._of_session(transit)
        if known is not None:
            return known
        found = self._rule(transit)
        if found is None:
            return True
        rule, inspected = found
        came_in = transit.came_in.name if transit.came_in is not None else ""
        verdict = self.keeper.inspector.begin(
            packet,
            self.device.now,
            self.group,
            self.device.config.of(InspectConfig).settings_of(inspected),
            application="" if inspected.protocol in TRANSPORTS else inspected.protocol,
            idle=inspected.timeout,
            origin=Crossing(rule, inspected, came_in, transit.out.name),
            vrf=transit.vrf.name,
        )
        passes = verdict.passes or verdict.reason == POLICY
        context = self.device.scheduler.context
        if context is not None and (verdict.passes or not passes):
            tracing.inspected(self.device.name, context, rule, inspected.protocol, verdict.reason)
        if not passes:
            self._dropped(packet, verdict.reason)
        self.keeper.settle()
        if passes and verdict.session is not None:
            self._debug_packet(verdict.session, packet)
        return passes

    def _rule(self, transit: Transit) -> tuple[str, Inspected] | None:
        """The line that inspects a new conversation on its way, and the name of its rule."""
        assert transit.out is not None
        came_in, out = transit.came_in, self._sides(transit.out)
        names = [out.outbound if out is not None else ""]
        if came_in is not None:
            sides = self._sides(came_in)
            names.insert(0, sides.inbound if sides is not None else "")
        rules = self.device.config.of(InspectConfig).rules
        for name in names:
            found = self._line(rules.get(name, {}), transit.packet, own=came_in is None)
            if found is not None:
                return name, found
        return None

    @staticmethod
    def _line(rule: dict[str, Inspected], packet: IPv4Packet, *, own: bool) -> Inspected | None:
        """The line for a packet: that of its application before that of its transport."""
        ends = ends_of(packet)
        port = ends.destination_port if ends is not None and ends.protocol != Protocol.ICMP else 0
        fitting = [
            each
            for each in rule.values()
            if runs_over(each.protocol, packet.protocol, port) and (each.router_traffic or not own)
        ]
        return min(fitting, key=lambda each: each.protocol in TRANSPORTS, default=None)

    def _of_session(self, transit: Transit) -> bool | None:
        """Whether a packet passes as part of a session; None: it is of none."""
        verdict = self.keeper.inspector.judge(transit.packet, self.device.now, transit.vrf.name)
        if verdict is None:
            return None
        context = self.device.scheduler.context
        if context is not None and verdict.session is not None:
            tracing.continued(self.device.name, context, verdict.session, None, verdict.reason)
        if not verdict.passes:
            self._dropped(transit.packet, verdict.reason)
        elif verdict.session is not None:
            self._debug_packet(verdict.session, transit.packet)
        self.keeper.settle()
        return verdict.passes

    def _dropped(self, packet: IPv4Packet, reason: str) -> None:
        self.device.service(IpStack).counters.denied += 1
        if self.device.config.of(InspectConfig).log_dropped:
            self.log.note(packet, reason)

    # --- access lists --------------------------------------------------------------------------------

    def _lets(self, transit: Transit) -> bool:
        """Whether a packet passes an access list unasked because a session that is inspected has it.

        A packet that comes in from outside has not been translated yet; its session knows it as it will be inside.
        """
        if not self._inspecting:
            return False
        packet, way = transit.packet, "in" if transit.out is None else "out"
        key = (packet.source, packet.destination, packet.protocol, packet.identification)
        if packet.fragment_offset:
            return self._fragments.get(key, -1.0) >= self.device.now
        session = self._session_of(transit)
        if session is None:
            return False
        if packet.more_fragments:
            self._fragments[key] = self.device.now + FRAGMENT_LIFE
            if len(self._fragments) > FRAGMENTS:
                del self._fragments[next(iter(self._fragments))]
        interface = transit.came_in if way == "in" else transit.out
        if isinstance(session, Session) and isinstance(session.origin, Crossing) and interface is not None:
            place = f"{interface.name} {way}"
            session.origin.let[place] = session.origin.let.get(place, 0) + 1
        context = self.device.scheduler.context
        if context is not None and isinstance(session, Session):
            tracing.let(self.device.name, context, session)
        return True

    def _session_of(self, transit: Transit) -> Session | bool | None:
        """The session of a packet on its way; True: one of another is waited for."""
        inspector, packet, vrf = self.keeper.inspector, transit.packet, transit.vrf.name
        found = inspector.find(packet, vrf)
        ends = ends_of(packet)
        if found is None and transit.out is None and transit.came_in is not None:
            nat = self.device.find(Nat)
            inside = nat.translator.inside_ends(packet, transit.came_in.name) if nat is not None else None
            if inside is not None:
                inner, vrf = inside
                ends = inner if ends is not None else None
                found = inspector.lookup(inner, vrf)
        if found is not None:
            return found[0]
        return True if ends is not None and inspector.awaits(ends, self.device.now, vrf) else None

    # --- debugging -----------------------------------------------------------------------------------

    def _told(self, event: Event) -> None:
        if not self.device.debugging.any:
            return
        if isinstance(event, Started) and self.device.debugging.on(DEBUG["object-creation"]):
            self._say(f"CBAC OBJ_CREATE: create sis {event.session.number:X} {_way(event.session)}")
        elif isinstance(event, Ended) and self.device.debugging.on(DEBUG["object-deletion"]):
            self._say(f"CBAC OBJ_DELETE: delete sis {event.session.number:X} {_way(event.session)}")
        if self.device.debugging.on(DEBUG["events"]):
            what = "new connection" if isinstance(event, Started) else type(event).__name__.lower()
            self._say(f"CBAC EVENT: {what}")

    def _debug_packet(self, session: Session, packet: IPv4Packet) -> None:
        if not self.device.debugging.any or not self.device.debugging.on(DEBUG[session.transport]):
            return
        ends = ends_of(packet)
        if ends is None:
            return
        text = f"CBAC sis {session.number:X} pak {packet.identification:X} "
        if session.tcp is not None:
            try:
                segment = TcpSegment.parse(packet.payload)
            except MalformedPacket:
                return
            letters = "".join(
                letter for bit, letter in ((2, "S"), (1, "F"), (4, "R"), (8, "P")) if segment.flags & bit
            )
            size = len(segment.payload)
            text += f"TCP {letters or '.'} ack {segment.acknowledgment} seq {segment.sequence}({size}) "
        else:
            text += f"{session.transport.upper()} packet "
        if session.transport == "icmp":
            self._say(f"{text}{ends.source} => {ends.destination}")
        else:
            self._say(
                f"{text}({ends.source}:{ends.source_port}) => ({ends.destination}:{ends.destination_port})"
            )

    def _say(self, text: str) -> None:
        self.device.log("", 7, "", text)


def _way(session: Session) -> str:
    near, far = session.ports
    return f"({session.ends.source}:{near}) ({session.ends.destination}:{far})"
