"""What every spanning tree has, whether it is of 802.1D-1998 or a rapid one: ports, a root, guards; sans-IO.

Feed it with `port_up`, `port_down`, `receive` and `tick`; take BPDUs from `frames` and changes from `events`.
Ports are known by name. Times are lab seconds. Root guard and loop guard are Cisco's additions.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from math import inf

from iosemu.net.stp_types import (
    DEFAULT_TIMES,
    BpduGuardViolation,
    Inconsistent,
    PortRole,
    PortState,
    StateChanged,
    StpEvent,
    StpTimes,
    Vector,
)
from iosemu.packets.stp import AnyBpdu, Bpdu, BridgeId

MESSAGE_AGE_INCREMENT = 1.0
ACTIVE = (PortRole.ROOT, PortRole.DESIGNATED)
NEVER = inf
DISAGREEMENTS = ("pvid", "type", "pvst", "peer")
"""Why a port is blocked for a neighbor's PVST+: its native VLAN is another, it is a trunk and the port is none, the
trees of its VLANs do not all lie on one side of the border of an MST region, or PVST+ is not simulated there at all."""


@dataclass(slots=True)
class StpPort:
    """A port of an instance. `number` and `priority` make its identifier; the rest is the protocol's state."""

    name: str
    number: int
    cost: int = 19
    priority: int = 128
    portfast: bool = False
    bpduguard: bool = False
    guard: str = ""
    """`root` or `loop`."""
    inconsistent: str = ""
    """What blocks the port now: a guard, or a neighbor that is not set up alike (`pvid`, `type`)."""
    inconsistent_until: float = NEVER
    up: bool = False
    role: PortRole = PortRole.DISABLED
    state: PortState = PortState.DISABLED
    edge: bool = False
    """Portfast in operation: no BPDU has been heard since the link came up."""
    heard: Vector | None = None
    heard_age: float = 0.0
    """The message age that was told, at `heard_at`."""
    heard_at: float = 0.0
    heard_times: StpTimes = DEFAULT_TIMES
    since: float = 0.0
    """Lab time of the last change of state."""
    forward_transitions: int = 0
    bpdus_sent: int = 0
    bpdus_received: int = 0
    expires: float = NEVER
    forward_timer: float = NEVER
    hold_timer: float = NEVER
    said: tuple[object, ...] = ()
    """What the last configuration BPDU said, most of which are alike."""
    last_bpdu: Bpdu | None = None
    pending: bool = False
    acknowledge: bool = False

    @property
    def identifier(self) -> int:
        """The 16-bit port identifier: priority, then number (802.1t keeps 12 bits for the number)."""
        return (self.priority & 0xF0) << 8 | self.number & 0x0FFF


@dataclass(slots=True)
class Tree(ABC):
    """One instance; `bridge` has the VLAN in its system ID extension. `times` count while this bridge is root."""

    bridge: BridgeId
    times: StpTimes = DEFAULT_TIMES
    ports: dict[str, StpPort] = field(default_factory=dict)
    root: BridgeId = field(init=False)
    root_cost: int = 0
    root_port: str | None = None
    operating_times: StpTimes = field(init=False)
    """The times of the root, which every bridge uses."""
    topology_change: bool = False
    """Whether addresses age within the forward delay (clause 8.3.5)."""
    topology_changes: int = 0
    last_topology_change: float = 0.0
    last_topology_change_port: str | None = None
    _hello: float = NEVER
    _change_ends: float = NEVER
    _frames: list[tuple[str, AnyBpdu]] = field(default_factory=list)
    _events: list[StpEvent] = field(default_factory=list)
    _live: list[StpPort] | None = None
    _held: frozenset[str] = frozenset()
    """Ports that are not yet to be the root port."""

    def __post_init__(self) -> None:
        self.root = self.bridge
        self.operating_times = self.times

    @property
    def is_root(self) -> bool:
        """Whether this bridge is the root."""
        return self.root == self.bridge

    @property
    def states(self) -> dict[str, PortState]:
        """The state of every port."""
        return {name: port.state for name, port in self.ports.items()}

    def forwards(self, port: str) -> bool:
        """Whether frames pass the port."""
        known = self.ports.get(port)
        return known is not None and known.state is PortState.FORWARDING

    def learns(self, port: str) -> bool:
        """Whether addresses are learned from the port."""
        known = self.ports.get(port)
        return known is not None and known.state in (PortState.LEARNING, PortState.FORWARDING)

    def add_port(self, port: StpPort) -> None:
        """Put a port under the protocol; it is down until `port_up`."""
        self.ports[port.name] = port

    @property
    def live_ports(self) -> list[StpPort]:
        """The ports that may have a timer running: most of a switch's ports have no link."""
        if self._live is None:
            self._live = [port for port in self.ports.values() if port.up or port.inconsistent_until != NEVER]
        return self._live

    def remove_port(self, name: str, now: float) -> None:
        """Take a port out of the instance (it left the VLAN)."""
        if name in self.ports:
            self.port_down(name, now)
            del self.ports[name]
            self._live = None

    def set_bridge(self, bridge: BridgeId, now: float) -> None:
        """Change the bridge's identifier (its priority) and elect again (clause 8.8.4)."""
        was_root = self.is_root
        self.bridge = bridge
        if was_root:
            self.root = bridge
        self._elect(now)

    def set_times(self, times: StpTimes, now: float) -> None:
        """Change the times this bridge uses and spreads as root."""
        self.times = times
        self._elect(now)

    def set_port(self, name: str, now: float, cost: int | None = None, priority: int | None = None) -> None:
        """Change cost or priority of a port and elect again (clauses 8.8.5, 8.8.6)."""
        port = self.ports[name]
        port.cost = port.cost if cost is None else cost
        port.priority = port.priority if priority is None else priority
        self._elect(now)

    @abstractmethod
    def port_up(self, name: str, now: float) -> None:
        """The port's link came up."""

    @abstractmethod
    def port_down(self, name: str, now: float) -> None:
        """The port's link went down or the port was disabled."""

    @abstractmethod
    def receive(self, name: str, bpdu: AnyBpdu, now: float) -> None:
        """Take a BPDU."""

    def next_timer(self) -> float | None:
        """When `tick` has something to do next."""
        due = min(self._hello, self._change_ends)
        for port in self.live_ports:
            hold = port.hold_timer if port.pending else NEVER
            due = min(due, port.expires, port.forward_timer, hold, port.inconsistent_until)
        return None if due == NEVER else due

    def tick(self, now: float) -> None:
        """Let every timer that is due expire."""
        if self._hello <= now:
            self._hello = now + self.operating_times.hello_time
            self._send_all(now)
        if self._change_ends <= now:
            self._change_ends = NEVER
            self.topology_change = False
        if self._expire(now):
            self._elect(now)
            self._send_all(now)
        for port in list(self.live_ports):
            if port.forward_timer <= now:
                self._advance(port, now)
            if port.pending and port.hold_timer <= now:
                self._resume(port, now)

    def frames(self) -> list[tuple[str, AnyBpdu]]:
        """The BPDUs to send since the last call, with their ports."""
        frames, self._frames = self._frames, []
        return frames

    def events(self) -> list[StpEvent]:
        """What happened since the last call."""
        events, self._events = self._events, []
        return events

    @abstractmethod
    def _elect(self, now: float) -> None:
        """Choose the root and the role of every port."""

    @abstractmethod
    def _advance(self, port: StpPort, now: float) -> None:
        """The forward delay of a port is over."""

    @abstractmethod
    def _resume(self, port: StpPort, now: float) -> None:
        """A port that had something to say too early may say it now."""

    @abstractmethod
    def _send_all(self, now: float) -> None:
        """Let every port say what it says each hello time."""

    # Ports.

    def _link_up(self, port: StpPort, now: float) -> None:
        port.up = True
        self._live = None
        port.edge = port.portfast
        port.heard, port.expires = None, NEVER
        port.inconsistent, port.inconsistent_until = "", NEVER
        port.role = PortRole.DESIGNATED
        self._set_state(port, PortState.BLOCKING, now)

    def _link_down(self, port: StpPort, now: float) -> None:
        port.up = False
        self._live = None
        port.role = PortRole.DISABLED
        port.heard, port.expires, port.forward_timer, port.hold_timer = None, NEVER, NEVER, NEVER
        port.pending = port.acknowledge = False
        self._set_state(port, PortState.DISABLED, now)

    def _heeds(self, port: StpPort) -> bool:
        """Whether what the port hears counts; it is counted anyway."""
        return self._admit(port) and port.inconsistent not in DISAGREEMENTS

    def _admit(self, port: StpPort) -> bool:
        """Count a BPDU; False when BPDU guard refuses it."""
        port.bpdus_received += 1
        if port.bpduguard:
            self._events.append(BpduGuardViolation(port.name))
            return False
        port.edge = False
        return True

    def _set_state(self, port: StpPort, state: PortState, now: float) -> None:
        if port.state is not state:
            self._events.append(StateChanged(port.name, port.state, state))
            port.state = state
            port.since = now
            port.forward_transitions += state is PortState.FORWARDING

    def _expire(self, now: float) -> bool:
        """Forget what has aged; True if anything has."""
        expired = False
        for port in self.live_ports:
            if port.inconsistent_until <= now:
                port.inconsistent_until = NEVER
                self._set_inconsistent(port, "")
                expired = True
            if port.expires <= now:
                port.heard, port.expires = None, NEVER
                if port.guard == "loop":
                    self._set_inconsistent(port, "loop")
                expired = True
        return expired

    # Neighbors that are not set up alike (PVST+).

    def admit(self, name: str) -> bool:
        """Count a BPDU that is not for this tree to obey; False when the port takes none."""
        port = self.ports.get(name)
        return port is not None and port.up and self._admit(port)

    def disagree(self, name: str, kind: str, until: float, now: float) -> bool:
        """Block a port until a lab time, or until it agrees again; False when it is blocked for that already.

        A port so blocked heeds no BPDU: it is designated, and its neighbor hears of it, too.
        """
        port = self.ports.get(name)
        if port is None or not port.up:
            return False
        port.inconsistent_until = until
        if port.inconsistent == kind:
            return False
        port.heard, port.expires = None, NEVER
        self._set_inconsistent(port, kind)
        self._elect(now)
        self._send_all(now)
        return True

    def agree(self, name: str, kind: str, now: float) -> None:
        """The reason of that kind is gone."""
        port = self.ports.get(name)
        if port is not None and port.inconsistent == kind:
            port.inconsistent_until = NEVER
            self._set_inconsistent(port, "")
            self._elect(now)
            self._send_all(now)

    # Guards.

    def _guarded(self, port: StpPort, vector: Vector, lifetime: float, now: float) -> bool:
        """Whether root guard refuses what was heard; ends what loop guard had begun."""
        if port.inconsistent == "loop":
            self._set_inconsistent(port, "")
            return False
        if port.guard != "root" or not vector < self._own(port):
            return False
        port.heard, port.expires = None, NEVER
        port.inconsistent_until = now + lifetime
        if port.inconsistent != "root":
            self._set_inconsistent(port, "root")
            self._elect(now)
        return True

    def _set_inconsistent(self, port: StpPort, kind: str) -> None:
        if kind != port.inconsistent:
            self._events.append(Inconsistent(port.name, kind, port.inconsistent))
            port.inconsistent = kind

    # The root (clauses 8.6.7 to 8.6.11 of 802.1D-1998).

    def _own(self, port: StpPort) -> Vector:
        return Vector(self.root, self.root_cost, self.bridge, port.identifier)

    def _choose(self) -> StpPort | None:
        """Take the best root that was heard of, and the way to it; None when this bridge is the root."""
        best: tuple[BridgeId, int, BridgeId, int, int] = (self.bridge, 0, self.bridge, 0, 0)
        chosen: StpPort | None = None
        for port in self.ports.values():
            heard = port.heard
            if heard is None or heard.bridge == self.bridge or port.name in self._held:
                continue
            offer = (heard.root, heard.cost + port.cost, heard.bridge, heard.port, port.identifier)
            if offer < best:
                best, chosen = offer, port
        self.root, self.root_cost = best[0], best[1]
        self.root_port = chosen.name if chosen else None
        self.operating_times = chosen.heard_times if chosen else self.times
        return chosen
