"""The rapid spanning tree protocol (IEEE 802.1D-2004 clause 17), one instance per VLAN; sans-IO.

Used like `iosemu.net.stp.SpanningTree`. A designated port on a point-to-point link proposes; its neighbor blocks
what could make a loop, agrees, and the port forwards at once. Root ports forward at once when the old one is
blocked. Neighbors that speak only configuration BPDUs are answered in kind, with the old timers.
"""

from __future__ import annotations

from dataclasses import dataclass

from iosemu.net.stp_tree import ACTIVE, MESSAGE_AGE_INCREMENT, NEVER, StpPort, Tree
from iosemu.net.stp_types import (
    AddressesFlushed,
    PortRole,
    PortState,
    RootChanged,
    Step,
    Stepped,
    StpTimes,
    TopologyChanged,
    Vector,
)
from iosemu.packets.stp import AnyBpdu, Bpdu, BpduFlags, BpduType, RstRole, TopologyChangeNotification

MIGRATE_TIME = 3.0
"""Seconds in which a port does not change between RST and configuration BPDUs (table 17-1)."""
TRANSMIT_HOLD_COUNT = 6
"""BPDUs a second on one port (table 17-1)."""
LOST_HELLOS = 3
_ROLES = {
    PortRole.ROOT: RstRole.ROOT,
    PortRole.DESIGNATED: RstRole.DESIGNATED,
    PortRole.ALTERNATE: RstRole.ALTERNATE_OR_BACKUP,
    PortRole.BACKUP: RstRole.ALTERNATE_OR_BACKUP,
    PortRole.DISABLED: RstRole.UNKNOWN,
    PortRole.MASTER: RstRole.UNKNOWN,
}


@dataclass(slots=True)
class RapidPort(StpPort):
    """A port with the variables of clause 17.19."""

    point_to_point: bool = True
    rapid: bool = True
    """The neighbor understands RST BPDUs (sendRSTP)."""
    migrates: float = 0.0
    """From when on the neighbor's version counts (mdelayWhile)."""
    proposing: bool = False
    agreed: bool = False
    agree: bool = False
    """An agreement is to be sent."""
    changing_until: float = 0.0
    """Topology changes are told until then (tcWhile)."""
    news: bool = False
    """Something is to be sent (newInfo)."""
    transmitted: int = 0
    transmitted_since: float = 0.0


@dataclass(slots=True)
class RapidSpanningTree(Tree):
    """One instance of rapid spanning tree; its ports are `RapidPort`."""

    hold_count: int = TRANSMIT_HOLD_COUNT
    _now: float = 0.0

    def _port(self, name: str) -> RapidPort | None:
        port = self.ports.get(name)
        return port if isinstance(port, RapidPort) else None

    def _rapid_ports(self) -> list[RapidPort]:
        return [port for port in self.ports.values() if isinstance(port, RapidPort) and port.up]

    def port_up(self, name: str, now: float) -> None:
        """The port's link came up."""
        port = self._port(name)
        if port is None or port.up:
            return
        port.proposing = port.agreed = port.agree = False
        port.rapid, port.migrates = True, now + MIGRATE_TIME
        port.changing_until = 0.0
        self._step(port, Step.INITIALIZING)
        self._link_up(port, now)
        self._elect(now)
        self._transmit(port, now)

    def port_down(self, name: str, now: float) -> None:
        """The port's link went down; that alone is no topology change (clause 17.30)."""
        port = self._port(name)
        if port is None or not port.up:
            return
        port.proposing = port.agreed = False
        if name == self.root_port:
            self._step(port, Step.GOING_DOWN)
        self._link_down(port, now)
        self._elect(now)
        self._send_all(now)

    def receive(self, name: str, bpdu: AnyBpdu, now: float) -> None:
        """Take a BPDU (clause 17.21)."""
        port = self._port(name)
        if port is None or not port.up or not self._heeds(port):
            return
        self._migrate(port, bpdu, now)
        if not isinstance(bpdu, Bpdu):
            if port.role is PortRole.DESIGNATED:
                port.acknowledge = True
                self._hear_change(port, now)
                self._transmit(port, now)
            return
        vector = self._told(port, bpdu)
        if vector.bridge == self.bridge and vector.port == port.identifier:
            return
        if bpdu.type is BpduType.CONFIG or bpdu.role is RstRole.DESIGNATED:
            if self._guarded(port, vector, LOST_HELLOS * bpdu.hello_time, now):
                return
            self._hear_designated(port, vector, bpdu, now)
        elif bpdu.role in (RstRole.ROOT, RstRole.ALTERNATE_OR_BACKUP):
            self._hear_agreement(port, bpdu, now)
        if bpdu.flags & BpduFlags.TOPOLOGY_CHANGE and port.role in ACTIVE:
            self._hear_change(port, now)

    # Receiving.

    def _told(self, port: RapidPort, bpdu: Bpdu) -> Vector:
        """What a BPDU claims."""
        return Vector(bpdu.root, bpdu.root_path_cost, bpdu.bridge, bpdu.port)

    def _migrate(self, port: RapidPort, bpdu: AnyBpdu, now: float) -> None:
        """Speak as the neighbor does (clause 17.24)."""
        rapid = isinstance(bpdu, Bpdu) and bpdu.type is BpduType.RST
        if rapid != port.rapid and now >= port.migrates:
            port.rapid = rapid
            port.migrates = now + MIGRATE_TIME
            port.proposing = port.proposing and rapid

    def _hear_designated(self, port: RapidPort, vector: Vector, bpdu: Bpdu, now: float) -> None:
        current = port.heard or self._own(port)
        same_sender = port.heard is not None and (vector.bridge, vector.port) == (
            current.bridge,
            current.port,
        )
        times = StpTimes(bpdu.hello_time, bpdu.max_age, bpdu.forward_delay)
        if vector < current or (same_sender and (vector, times) != (current, port.heard_times)):
            port.agreed = port.proposing = False
            if vector < current:
                self._step(port, Step.SUPERIOR)
            self._note(port, vector, bpdu, times, now)
            self._elect(now)
            self._send_all(now)
        elif vector == port.heard:
            self._note(port, vector, bpdu, times, now)
        elif port.role is PortRole.DESIGNATED:
            if bpdu.type is BpduType.RST and bpdu.flags & BpduFlags.LEARNING:
                port.agreed = False
                self._hold_back(port, now)  # a dispute: both ends believe to be designated (clause 17.21.10)
            self._transmit(port, now)
            return
        if (
            bpdu.flags & BpduFlags.PROPOSAL
            and bpdu.type is BpduType.RST
            and port.role is not PortRole.DESIGNATED
        ):
            self._agree(port, now)

    def _note(self, port: RapidPort, vector: Vector, bpdu: Bpdu, times: StpTimes, now: float) -> None:
        port.heard, port.heard_times = vector, times
        port.heard_age, port.heard_at = bpdu.message_age, now
        port.expires = now + (LOST_HELLOS * bpdu.hello_time if self._lives(port, bpdu) else 0.0)

    def _lives(self, port: RapidPort, bpdu: Bpdu) -> bool:
        """Whether what was told has not come too far (clause 17.21.23)."""
        return bpdu.message_age + MESSAGE_AGE_INCREMENT <= bpdu.max_age

    def _agree(self, port: RapidPort, now: float) -> None:
        """A proposal: block what could close a loop, then agree (clause 17.29.1)."""
        for other in self._rapid_ports():
            if (
                other is not port
                and other.role is PortRole.DESIGNATED
                and not other.edge
                and not other.agreed
            ):
                self._step(other, Step.SYNCING)
                self._hold_back(other, now)
                self._transmit(other, now)
        self._step(port, Step.SYNCED)
        self._step(port, Step.AGREEMENT)
        port.agree = True
        self._transmit(port, now)

    def _hear_agreement(self, port: RapidPort, bpdu: Bpdu, now: float) -> None:
        if not bpdu.flags & BpduFlags.AGREEMENT or port.role is not PortRole.DESIGNATED:
            return
        if bpdu.root == self.root and port.point_to_point and not port.inconsistent:
            if not port.agreed:
                self._step(port, Step.AGREED)
            port.agreed, port.proposing = True, False
            self._forward(port, now)

    # Roles and states.

    def _elect(self, now: float) -> None:
        old_root, old_port = self.root, self.root_port
        before = {port.name: self._own(port) for port in self._rapid_ports()}
        chosen = self._choose()
        if (self.root, self.root_port) != (old_root, old_port):
            self._events.append(RootChanged(self.root, self.root_port, old_root, self.root_cost))
        ports = self._rapid_ports()
        for port in ports:
            if before.get(port.name, self._own(port)) < self._own(port):
                port.agreed = False  # what the neighbor agreed to was better (clause 17.21.8, betterorsame)
        for port in sorted(ports, key=lambda port: port is chosen):
            role = port.role
            self._place(port, port is chosen, now)
            if port.role is not role:
                self._step(port, port.role)
        self._keep_hellos(now)

    def _step(self, port: RapidPort, step: Step | PortRole) -> None:
        self._events.append(Stepped(port.name, step))

    def migrate_anew(self, name: str, now: float) -> None:
        """Try again whether the neighbor is a rapid one (mcheck of clause 17.19.13)."""
        port = self._port(name)
        if port is not None and port.up:
            port.rapid, port.migrates = True, now + MIGRATE_TIME
            self._transmit(port, now)

    def _keep_hellos(self, now: float) -> None:
        if self._hello == NEVER:
            self._hello = now + self.operating_times.hello_time

    def _place(self, port: RapidPort, is_root_port: bool, now: float) -> None:
        was = port.role
        if is_root_port:
            port.role = PortRole.ROOT
            port.proposing = port.agreed = False
            self._forward(port, now)
            return
        if port.heard is None or self._own(port) < port.heard:
            port.role = PortRole.DESIGNATED
            port.heard, port.expires = None, NEVER
            if port.inconsistent:
                self._block(port, now)
            elif port.edge or port.agreed:
                self._forward(port, now)
            elif was is not PortRole.DESIGNATED or port.state is PortState.BLOCKING:
                self._hold_back(port, now)
        else:
            port.role = PortRole.BACKUP if port.heard.bridge == self.bridge else PortRole.ALTERNATE
            port.proposing = port.agreed = False
            self._block(port, now)

    def _block(self, port: RapidPort, now: float) -> None:
        port.forward_timer = NEVER
        self._set_state(port, PortState.BLOCKING, now)

    def _hold_back(self, port: RapidPort, now: float) -> None:
        """A designated port waits for an agreement, or for the forward delay."""
        self._set_state(port, PortState.BLOCKING, now)
        if port.forward_timer == NEVER:
            port.forward_timer = now + self.operating_times.forward_delay
        before, port.proposing = port.proposing, port.point_to_point and port.rapid
        if port.proposing and not before:
            self._step(port, Step.PROPOSAL)

    def _forward(self, port: RapidPort, now: float) -> None:
        port.forward_timer = NEVER
        port.proposing = False
        if port.state is PortState.FORWARDING:
            return
        self._set_state(port, PortState.FORWARDING, now)
        if not port.edge:
            self._detect_change(now, port.name)

    def _advance(self, port: StpPort, now: float) -> None:
        assert isinstance(port, RapidPort)
        port.forward_timer = NEVER
        if port.state is PortState.BLOCKING:
            port.forward_timer = now + self.operating_times.forward_delay
            self._set_state(port, PortState.LEARNING, now)
        elif port.state is PortState.LEARNING:
            self._forward(port, now)

    # Topology change (clause 17.25).

    def _detect_change(self, now: float, port: str | None) -> None:
        self.topology_changes += 1
        self.last_topology_change, self.last_topology_change_port = now, port
        self._tell_change(None, now)
        self._events.append(AddressesFlushed(port))

    def _hear_change(self, port: RapidPort, now: float) -> None:
        if not self.topology_change:
            self.topology_changes += 1
            self.last_topology_change, self.last_topology_change_port = now, port.name
        self._tell_change(port, now)
        self._events.append(AddressesFlushed(port.name))
        if not port.rapid:
            self._events.append(TopologyChanged(port.name))

    def _tell_change(self, heard_on: RapidPort | None, now: float) -> None:
        until = now + self.operating_times.hello_time + 1.0
        self.topology_change, self._change_ends = True, until
        for port in self._rapid_ports():
            if port is heard_on or port.edge or port.role not in ACTIVE:
                continue
            fresh = port.changing_until <= now
            port.changing_until = until
            if fresh and port.state is PortState.FORWARDING:
                self._transmit(port, now)

    # Sending.

    def _send_all(self, now: float) -> None:
        for port in self._rapid_ports():
            telling = port.role is PortRole.ROOT and port.changing_until > now
            if port.role is PortRole.DESIGNATED or telling:
                self._transmit(port, now)

    def _resume(self, port: StpPort, now: float) -> None:
        assert isinstance(port, RapidPort)
        self._transmit(port, now)

    def _transmit(self, port: RapidPort, now: float) -> None:
        """Have the port say what it has to say when the event is dealt with."""
        port.news, self._now = True, now

    def frames(self) -> list[tuple[str, AnyBpdu]]:
        """The BPDUs to send since the last call, with their ports: one a port."""
        for port in self._rapid_ports():
            if port.news:
                port.news = False
                self._send(port, self._now)
        return Tree.frames(self)

    def _send(self, port: RapidPort, now: float) -> None:
        """Send one BPDU, at most so many a second (clause 17.29.3)."""
        if now >= port.transmitted_since + 1.0:
            port.transmitted, port.transmitted_since = 0, now
        if port.transmitted >= self.hold_count:
            port.pending, port.hold_timer = True, port.transmitted_since + 1.0
            return
        bpdu = self._message(port, now)
        port.pending = port.agree = port.acknowledge = False
        if bpdu is not None:
            port.transmitted += 1
            port.bpdus_sent += 1
            self._frames.append((port.name, bpdu))

    def _age(self) -> float:
        """The message age that is told, in seconds."""
        return 0.0 if self.root_port is None else self.ports[self.root_port].heard_age + MESSAGE_AGE_INCREMENT

    def _flags(self, port: RapidPort, now: float) -> int:
        """The flags of an RST BPDU (clause 9.3.3)."""
        flags = (port.changing_until > now) * BpduFlags.TOPOLOGY_CHANGE
        flags |= _ROLES[port.role] << 2
        flags |= (port.state is PortState.FORWARDING) * (BpduFlags.FORWARDING | BpduFlags.LEARNING)
        flags |= (port.state is PortState.LEARNING) * BpduFlags.LEARNING
        flags |= port.proposing * BpduFlags.PROPOSAL | port.agree * BpduFlags.AGREEMENT
        return int(flags)

    def _message(self, port: RapidPort, now: float) -> Bpdu | TopologyChangeNotification | None:
        age, times = self._age(), self.operating_times
        changing = port.changing_until > now
        flags = int(changing * BpduFlags.TOPOLOGY_CHANGE)
        if port.rapid:
            flags = self._flags(port, now)
        elif port.role is PortRole.ROOT:
            return TopologyChangeNotification() if changing else None
        elif port.role is not PortRole.DESIGNATED:
            return None
        else:
            flags |= port.acknowledge * BpduFlags.TOPOLOGY_CHANGE_ACKNOWLEDGMENT
        return Bpdu(
            self.root,
            self.root_cost,
            self.bridge,
            port.identifier,
            age,
            times.max_age,
            times.hello_time,
            times.forward_delay,
            flags,
            BpduType.RST if port.rapid else BpduType.CONFIG,
        )
