"""The forwarding plane of a switch: which frames enter, where they go, what is mirrored."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.bridging.inspection import Filter, Inspector
from iosemu.bridging.monitor import MonitorSession
from iosemu.bridging.port_view import Label, Marker, PortFacts, PortView
from iosemu.bridging.private_vlans import PrivateVlans
from iosemu.bridging.switchport import Switchport
from iosemu.bridging.tracing import PlaneTracing
from iosemu.net.link import Direction
from iosemu.net.mac_table import MacTable
from iosemu.net.scheduler import Scheduler
from iosemu.net.span import Mirror
from iosemu.packets.addresses import BROADCAST, MacAddress
from iosemu.packets.ethernet import IPV4, IPV6, VlanTag, tag_of, with_tag, without_tag

RESERVED_GROUP = bytes.fromhex("0180c20000")
"""Leading octets of the addresses that no bridge forwards (IEEE 802.1D table 7-10: …00 to …0F)."""
CISCO_GROUPS = (bytes.fromhex("01000ccccccc"), bytes.fromhex("01000ccccccd"))
"""CDP, DTP, VTP and SSTP."""
ISL_GROUP = bytes.fromhex("01000c0000")
"""The first five octets of what is encapsulated by ISL, which no port here takes for more than a question."""
FLOOD_LIMIT = 5000
"""Frames that one switch floods in a lab second. Wire speed is some 150,000 small frames; a loop without spanning
tree would reach that and leave the lab no time for anything else, so it is kept where it still shows as a storm."""


def is_control(frame: bytes) -> bool:
    """Whether a frame is for the switch itself and never forwarded (BPDU, DTP, CDP, LLDP, LACP …)."""
    if frame[0] != 1:
        return False
    destination, group = frame[:6], frame[:5]
    if group == RESERVED_GROUP:
        return destination[5] < 0x10
    return destination in CISCO_GROUPS or group == ISL_GROUP


class SwitchingPlane:
    """Learns, forwards, floods and mirrors the frames of one switch."""

    def __init__(
        self,
        view: PortView,
        now: Callable[[], float],
        control: Callable[[str, bytes, int | None], None],
        to_svi: Callable[[int, bytes], None],
        svi_takes: Callable[[int, MacAddress], bool],
        admit: Callable[[str, int, MacAddress], bool],
        scheduler: Scheduler,
        name: str,
    ) -> None:
        self.view = view
        self.scheduler = scheduler
        self.tracing = PlaneTracing(self, name)
        self.now = now
        self.control = control
        """Takes control frames: port, frame, VLAN (None where the port carries none)."""
        self.to_svi = to_svi
        self.svi_takes = svi_takes
        self.admit = admit
        """Port security: whether a source address may use the port."""
        self.inspectors: list[Inspector] = []
        """Guards that look into frames (DHCP snooping, ARP inspection, source guard): those at work only."""
        self.filters: list[Filter] = []
        """Who may refuse a frame that came in."""
        self.marker: Marker | None = None
        """None: marks stay as they are."""
        self.member: str | None = None
        """The physical port of a bundle that the frame at work came in on."""
        self.table = MacTable()
        self.mirror = Mirror()
        self._destinations: dict[str, MonitorSession] = {}
        self._remote_vlans: frozenset[int] = frozenset()
        self._members: dict[int, list[str]] = {}
        self._ports: dict[str, PortFacts] = {}
        self._private: PrivateVlans | None = None
        self._active: frozenset[int] | None = None
        """The VLANs that exist and are active."""
        self._by_allowed: dict[frozenset[int], frozenset[int]] = {}
        """What trunks carry, by what they are allowed to: most of them are allowed the same."""
        self._priority = 0
        """The 802.1p priority that the frame at work came in with: it leaves with it, where it is tagged."""
        self.label: Label | None = None
        """What the marker calls the frame at work; None: it says nothing of it."""
        self.storm_drops = 0
        """Frames that were not flooded because too many were."""
        self._flooded = 0
        self._flooded_since = 0.0

    # --- changes -------------------------------------------------------------------------------------

    def topology_changed(self) -> None:
        """Spanning tree states changed: forget which port forwards which VLAN."""
        self._members = {}

    def ports_changed(self) -> None:
        """Ports or VLANs changed: forget what they were."""
        self._ports = {}
        self._private = None
        self._active = None
        self._by_allowed = {}
        self._members = {}

    @property
    def private(self) -> PrivateVlans:
        """The private VLANs that are in order."""
        if self._private is None:
            self._private = self.view.private_vlans()
        return self._private

    def port(self, name: str) -> PortFacts:
        """What a port is now."""
        facts = self._ports.get(name)
        if facts is None:
            port = self.view.switchport(name)
            closed = frozenset(vlan for where, vlan in self.view.closed if where == name)
            isolation = (port.protected, port.block_unicast, port.block_multicast)
            if self.view.is_trunking(name):
                allowed = self._allowed(port.allowed_vlans)
                facts = PortFacts(True, port.native_vlan, allowed - closed, None, *isolation)
            elif port.mode is not None and port.mode.is_private:
                facts = self._private_facts(port, isolation)
            else:
                access = self.view.access_vlan(name)
                carried = {access} if port.voice_vlan is None else {access, port.voice_vlan}
                facts = PortFacts(False, access, frozenset(carried) - closed, port.voice_vlan, *isolation)
            self._ports[name] = facts
        return facts

    def _private_facts(self, port: Switchport, isolation: tuple[bool, bool, bool]) -> PortFacts:
        private = self.private.port(port)
        if private is None:
            return PortFacts(False, 0, frozenset(), None, *isolation)
        return PortFacts(False, private.untagged, private.carried, None, *isolation, private.primary)

    def _tree(self, name: str, vlan: int) -> int:
        """The VLAN whose spanning tree says whether a port passes frames of a VLAN."""
        return self.port(name).primary or vlan

    def _allowed(self, allowed: frozenset[int]) -> frozenset[int]:
        carried = self._by_allowed.get(allowed)
        if carried is None:
            if self._active is None:
                self._active = self.view.active_vlans()
            carried = self._by_allowed[allowed] = self._active & allowed
        return carried

    def monitor_changed(self, sessions: list[MonitorSession]) -> None:
        """SPAN was configured anew."""
        complete = [session for session in sessions if session.complete]
        self.mirror = Mirror(session.mirrored() for session in complete)
        self._destinations = {
            name: session for session in complete for name in session.destination_interfaces
        }
        self._remote_vlans = frozenset(
            vlan
            for session in complete
            for vlan in (session.source_remote_vlan, session.destination_remote_vlan)
            if vlan is not None
        )
        self.ports_changed()

    def is_destination(self, name: str) -> bool:
        """Whether a port is a SPAN destination."""
        return name in self._destinations

    # --- in ------------------------------------------------------------------------------------------

    def receive(self, name: str, frame: bytes) -> None:
        """A frame came in on a port whose line is up."""
        session = self._destinations.get(name)
        context = self.scheduler.context
        if session is not None:
            if context is not None and session.ingress_vlan is None:
                self.tracing.at_destination(context, name)
            self._ingress_at_destination(name, session, frame)
            return
        vlan = self.classify(name, frame)
        if self.mirror.active:
            self._copy(name, Direction.IN, frame, vlan)
        if is_control(frame):
            self.control(name, frame, vlan)
            return
        if context is not None:
            self.tracing.came_in(context, name, frame, vlan)
        if vlan is None or not self.view.vlan_usable(vlan):
            return
        primaries = self.private.primary_of
        judged = primaries.get(vlan, vlan) if primaries else vlan
        for refuse in self.filters:
            why = refuse(name, judged, frame)
            if why:
                if context is not None:
                    self.tracing.filtered(context, name, why)
                return
        source = MacAddress(frame[6:12])
        if not self.admit(name, vlan, source):
            if context is not None:
                self.tracing.not_admitted(context, name, source)
            return
        tree = self._tree(name, vlan) if primaries else vlan
        if self.view.is_learning(name, tree) and vlan not in self._remote_vlans:
            self.table.learn(vlan, source, name, self.now())
            for other in self.private.related(vlan) if primaries else ():
                self.table.learn(other, source, name, self.now(), replica=True)
        if not self.view.is_forwarding(name, tree):
            if context is not None:
                self.tracing.blocked_in(context, name, vlan)
            return
        tag, plain = tag_of(frame), without_tag(frame)
        if self.marker is not None:
            marked = self.marker.received(self.member or name, plain, tag, vlan)
            if marked is None:
                return
            plain, self._priority, self.label = marked.frame, marked.priority, marked.label
        else:
            self._priority = tag.priority if tag is not None else 0
        self._inspect(vlan, plain, name)
        self._priority, self.label = 0, None

    def _ingress_at_destination(self, name: str, session: MonitorSession, frame: bytes) -> None:
        """A SPAN destination takes frames only where `ingress` says so, and learns nothing from them."""
        if session.ingress_vlan is None or is_control(frame):
            return
        tag = tag_of(frame)
        vlan = (
            tag.vlan if tag is not None and session.ingress_encapsulation == "dot1q" else session.ingress_vlan
        )
        self._switch(vlan, without_tag(frame), name)

    def classify(self, name: str, frame: bytes) -> int | None:
        """The VLAN of a frame that came in on a port; None: the port does not take it."""
        port, tag = self.port(name), tag_of(frame)
        if port.trunk:
            vlan = port.untagged if tag is None or tag.vlan == 0 else tag.vlan
            return vlan if vlan in port.vlans else None
        if tag is None or tag.vlan in (0, port.untagged):
            return port.untagged
        return tag.vlan if tag.vlan == port.voice else None

    # --- out -----------------------------------------------------------------------------------------

    def inject(self, vlan: int, frame: bytes) -> None:
        """Send an untagged frame of a VLAN interface into its VLAN."""
        if self.view.vlan_usable(vlan):
            before = self._priority, self.label  # an answer may be made while a frame is switched
            self._priority = self.marker.priority(frame) if self.marker is not None else 0
            self.label = None
            self._inspect(vlan, frame, None)
            self._priority, self.label = before

    def _inspect(self, vlan: int, frame: bytes, came_in: str | None) -> None:
        """Let the guards look into a frame, and switch what they let pass; a secondary VLAN is as its primary."""
        leaves = None
        for inspect in self.inspectors:
            passage = inspect(came_in, self.private.primary_of.get(vlan, vlan), frame)
            if passage is None:
                return
            frame, leaves = passage.frame, passage.leaves or leaves
        self._switch(vlan, frame, came_in, leaves)

    def _switch(
        self, vlan: int, frame: bytes, came_in: str | None, leaves: Callable[[str], bool] | None = None
    ) -> None:
        destination = MacAddress(frame[:6])
        group = bool(destination[0] & 1)
        context = self.scheduler.context
        if came_in is not None and self.svi_takes(vlan, destination):
            if context is None:
                self.to_svi(vlan, frame)
            else:
                self.tracing.to_svi(context, vlan, frame)
            if not group:
                return
        if not group and vlan not in self._remote_vlans:
            port = self.table.lookup(vlan, destination, self.now())
            if port is not None:
                if context is not None:
                    self.tracing.switched(context, vlan, frame, came_in, port)
                if port != came_in and self._may_leave(port, vlan) and self._unprotected(came_in, port):
                    self.send(port, vlan, frame)
                return
        if self._storms():
            if context is not None:
                self.tracing.storm(context)
            return
        if context is not None:
            self.tracing.switched(context, vlan, frame, came_in, None)
        for port in self.members(vlan):
            if (
                port != came_in
                and self._unprotected(came_in, port)
                and not self.blocks(port, frame)
                and (leaves is None or leaves(port))
            ):
                self.send(port, vlan, frame)

    def blocks(self, name: str, frame: bytes) -> bool:
        """Whether `switchport block` keeps a flooded frame (untagged) from leaving a port."""
        port = self.port(name)
        if not frame[0] & 1:
            return port.blocked_unicast
        if not port.blocked_multicast or frame[:6] == BROADCAST:
            return False
        return frame[12:14] not in (IPV4, IPV6)

    def _storms(self) -> bool:
        """Count one flooded frame; True when there were too many this second."""
        now = self.now()
        if now - self._flooded_since >= 1.0:
            self._flooded, self._flooded_since = 0, now
        self._flooded += 1
        if self._flooded > FLOOD_LIMIT:
            self.storm_drops += 1
            return True
        return False

    def _unprotected(self, came_in: str | None, port: str) -> bool:
        if came_in is None:
            return True
        return not (self.port(came_in).protected and self.port(port).protected)

    def _may_leave(self, name: str, vlan: int) -> bool:
        return name in self.members(vlan)

    def members(self, vlan: int) -> list[str]:
        """The ports that forward frames of a VLAN now."""
        known = self._members.get(vlan)
        if known is None:
            known = [
                name
                for name in self.view.switch_ports()
                if name not in self._destinations
                and self.view.interfaces[name].line_up
                and vlan in self.port(name).vlans
                and self.view.is_forwarding(name, self._tree(name, vlan))
                and not self.view.pruned(name, vlan)
            ]
            self._members[vlan] = known
        return known

    def send(self, name: str, vlan: int, frame: bytes) -> None:
        """Send an untagged frame of a VLAN out of a port, tagged where the port wants it."""
        port = self.port(name)
        tagged = vlan != port.untagged and (port.trunk or vlan == port.voice)
        self.transmit(name, with_tag(frame, VlanTag(vlan, self._priority)) if tagged else frame, vlan)

    def transmit(self, name: str, frame: bytes, vlan: int | None) -> None:
        """Send a finished frame out of a port, mirroring it where SPAN asks for it."""
        if self.view.interfaces[name].send(frame) and self.mirror.active:
            self._copy(name, Direction.OUT, frame, vlan)

    def mirror_member(self, port: str, channel: str, direction: Direction, frame: bytes) -> None:
        """Copy what passes a member of a bundle, where SPAN has that member as its source."""
        if self.mirror.active:
            self._copy(port, direction, frame, self.classify(channel, frame))

    # --- SPAN ----------------------------------------------------------------------------------------

    def _copy(self, name: str, direction: Direction, frame: bytes, vlan: int | None) -> None:
        if self.scheduler.context is not None:
            with self.scheduler.context.aside():  # a copy is not the packet
                self._copy(name, direction, frame, vlan)
            return
        control = is_control(frame)
        for destination in self.mirror.destinations(name, vlan or 0, direction):
            if control and not destination.replicate:
                continue  # BPDUs, CDP, DTP … are copied only with `encapsulation replicate`
            if destination.remote_vlan is not None:
                for port in self.members(destination.remote_vlan):
                    self.send(port, destination.remote_vlan, without_tag(frame))
                continue
            copy = frame if destination.replicate else without_tag(frame)
            if destination.dot1q and vlan is not None:
                copy = with_tag(copy, VlanTag(vlan))
            self.view.interfaces[destination.port].send(copy)
