"""The spanning tree algorithm and protocol (IEEE 802.1D-1998 clause 8), one instance per VLAN; sans-IO.

RST BPDUs are of an unknown type to it and ignored, as by any bridge of that age; the rapid neighbor notices and
falls back.
"""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.net.stp_tree import ACTIVE, MESSAGE_AGE_INCREMENT, NEVER, StpPort, Tree
from iosemu.net.stp_types import (
    PortRole,
    PortState,
    RootChanged,
    StpTimes,
    TopologyChanged,
    Vector,
)
from iosemu.packets.stp import AnyBpdu, Bpdu, BpduFlags, BpduType, TopologyChangeNotification

HOLD_TIME = 1.0
"""Seconds between two configuration BPDUs on one port (table 8-3)."""
_CHANGE = int(BpduFlags.TOPOLOGY_CHANGE)
_ACKNOWLEDGMENT = int(BpduFlags.TOPOLOGY_CHANGE_ACKNOWLEDGMENT)


@dataclass(slots=True)
class SpanningTree(Tree):
    """One instance of 802.1D-1998."""

    _tcn: float = NEVER
    """When the next topology change notification is due."""

    def port_up(self, name: str, now: float) -> None:
        """The port's link came up (clause 8.8.2)."""
        port = self.ports[name]
        if port.up:
            return
        self._link_up(port, now)
        self._elect(now)
        if port.role is PortRole.DESIGNATED and (self.is_root or self.root_port is not None):
            self._send_config(port, now)

    def port_down(self, name: str, now: float) -> None:
        """The port's link went down or the port was disabled (clause 8.8.3)."""
        port = self.ports[name]
        if not port.up:
            return
        change = port.state in (PortState.LEARNING, PortState.FORWARDING) and not port.edge
        self._link_down(port, now)
        self._elect(now)
        if change:
            self._detect_change(now, name)

    def receive(self, name: str, bpdu: AnyBpdu, now: float) -> None:
        """Take a BPDU (clause 8.7)."""
        port = self.ports.get(name)
        if port is None or not port.up or not self._heeds(port):
            return
        if not isinstance(bpdu, Bpdu):
            if port.role is PortRole.DESIGNATED:
                port.acknowledge = True
                self._detect_change(now, name)
                self._send_config(port, now)
            return
        if bpdu.type is BpduType.RST or bpdu.message_age >= bpdu.max_age:
            return
        if bpdu.bridge == self.bridge and bpdu.port == port.identifier:
            return
        vector = Vector(bpdu.root, bpdu.root_path_cost, bpdu.bridge, bpdu.port)
        if self._guarded(port, vector, bpdu.max_age - bpdu.message_age, now):
            return
        if self._supersedes(port, vector):
            self._record(port, vector, bpdu, now)
            self._elect(now)
            if name == self.root_port:
                self._hear_root(bpdu, now)
                self._send_all(now)
        elif port.role is PortRole.DESIGNATED:
            self._send_config(port, now)

    def next_timer(self) -> float | None:
        """When `tick` has something to do next."""
        due = Tree.next_timer(self)
        return due if self._tcn == NEVER else min(self._tcn, NEVER if due is None else due)

    def tick(self, now: float) -> None:
        """Let every timer that is due expire."""
        if self._tcn <= now:
            self._send_notification(now)
        Tree.tick(self, now)

    # Election (clauses 8.6.7 to 8.6.11).

    def _supersedes(self, port: StpPort, vector: Vector) -> bool:
        """Whether information replaces what is held (clause 8.6.2.2); worse news waits until the old has aged."""
        current = port.heard or self._own(port)
        mine = (current.root, current.cost, current.bridge)
        offered = (vector.root, vector.cost, vector.bridge)
        return offered < mine or (
            offered == mine and (vector.bridge != self.bridge or vector.port <= current.port)
        )

    def _record(self, port: StpPort, vector: Vector, bpdu: Bpdu, now: float) -> None:
        port.heard = vector
        port.heard_age, port.heard_at = bpdu.message_age, now
        port.heard_times = StpTimes(bpdu.hello_time, bpdu.max_age, bpdu.forward_delay)
        port.expires = now + bpdu.max_age - bpdu.message_age

    def _elect(self, now: float) -> None:
        was_root, old_root, old_port = self.is_root, self.root, self.root_port
        chosen = self._choose()
        if (self.root, self.root_port) != (old_root, old_port):
            self._events.append(RootChanged(self.root, self.root_port, old_root, self.root_cost))
        for port in self.ports.values():
            if port.up:
                self._assign(port, port is chosen, now)
        if self.is_root:
            if self._hello == NEVER:
                self._hello = now + self.operating_times.hello_time
                self._send_all(now)
        else:
            self._hello = NEVER
        if was_root and not self.is_root and self.topology_change:
            self._change_ends = NEVER
            self._send_notification(now)
        if self.is_root and not was_root and self._tcn != NEVER:
            self._tcn = NEVER
            self._detect_change(now, None)

    def _assign(self, port: StpPort, is_root_port: bool, now: float) -> None:
        if is_root_port:
            port.role = PortRole.ROOT
        elif port.heard is None or self._own(port) < port.heard:
            port.role = PortRole.DESIGNATED
            port.heard, port.expires = None, NEVER
        else:
            port.role = PortRole.BACKUP if port.heard.bridge == self.bridge else PortRole.ALTERNATE
        if port.role in ACTIVE and not port.inconsistent:
            if port.state is PortState.BLOCKING:
                if port.edge:
                    self._set_state(port, PortState.FORWARDING, now)
                else:
                    self._set_state(port, PortState.LISTENING, now)
                    port.forward_timer = now + self.operating_times.forward_delay
        elif port.state is not PortState.BLOCKING:
            change = port.state in (PortState.LEARNING, PortState.FORWARDING)
            port.forward_timer = NEVER
            self._set_state(port, PortState.BLOCKING, now)
            if change:
                self._detect_change(now, port.name)

    def _advance(self, port: StpPort, now: float) -> None:
        port.forward_timer = NEVER
        if port.state is PortState.LISTENING:
            port.forward_timer = now + self.operating_times.forward_delay
            self._set_state(port, PortState.LEARNING, now)
        elif port.state is PortState.LEARNING:
            self._set_state(port, PortState.FORWARDING, now)
            if not port.edge and any(other.role is PortRole.DESIGNATED for other in self.ports.values()):
                self._detect_change(now, port.name)

    # Topology change (clauses 8.6.14 to 8.6.16).

    def _detect_change(self, now: float, port: str | None) -> None:
        self.topology_changes += 1
        self.last_topology_change, self.last_topology_change_port = now, port
        self._events.append(TopologyChanged(port))
        if self.is_root:
            self.topology_change = True
            self._change_ends = now + self.times.max_age + self.times.forward_delay
        elif self._tcn == NEVER:
            self._send_notification(now)

    def _hear_root(self, bpdu: Bpdu, now: float) -> None:
        change = bool(bpdu.flags & BpduFlags.TOPOLOGY_CHANGE)
        if change and not self.topology_change:
            self._events.append(TopologyChanged(self.root_port))
        self.topology_change = change
        if bpdu.flags & BpduFlags.TOPOLOGY_CHANGE_ACKNOWLEDGMENT:
            self._tcn = NEVER

    # Sending.

    def _send_all(self, now: float) -> None:
        for port in self.live_ports:
            if port.up and port.role is PortRole.DESIGNATED:
                self._send_config(port, now)

    def _resume(self, port: StpPort, now: float) -> None:
        self._send_config(port, now)

    def _send_config(self, port: StpPort, now: float) -> None:
        if port.hold_timer != NEVER and port.hold_timer > now:
            port.pending = True
            return
        age = 0.0
        if self.root_port is not None:
            told = self.ports[self.root_port]
            age = told.heard_age + (now - told.heard_at) + MESSAGE_AGE_INCREMENT
        times = self.operating_times
        if age >= times.max_age:
            port.pending = False
            return
        flags = _CHANGE if self.topology_change else 0
        if port.acknowledge:
            flags |= _ACKNOWLEDGMENT
        port.acknowledge = port.pending = False
        port.hold_timer = now + HOLD_TIME
        port.bpdus_sent += 1
        said = (self.root, self.root_cost, self.bridge, port.identifier, age, times, flags)
        if port.said != said or port.last_bpdu is None:
            port.said = said
            port.last_bpdu = Bpdu(
                self.root,
                self.root_cost,
                self.bridge,
                port.identifier,
                age,
                times.max_age,
                times.hello_time,
                times.forward_delay,
                flags,
                BpduType.CONFIG,
            )
        self._frames.append((port.name, port.last_bpdu))

    def _send_notification(self, now: float) -> None:
        if self.root_port is None:
            self._tcn = NEVER
            return
        self._tcn = now + self.times.hello_time
        self.ports[self.root_port].bpdus_sent += 1
        self._frames.append((self.root_port, TopologyChangeNotification()))
