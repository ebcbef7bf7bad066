"""The multiple spanning tree protocol (IEEE 802.1Q-2005 clause 13), sans-IO: the common tree, and the instances'.

`CommonTree` is the CIST, used like `iosemu.net.rstp.RapidSpanningTree`; `instances` are the trees of the MSTIs. A port
says all of them in one BPDU, which the common tree makes and takes apart. Who is not of this bridge's region hears and
tells the common tree alone, as a rapid or an old bridge does: at such a port (`external`) the trees of the instances
follow the common one. Within the region what is told lives for so many hops, outside of it for the message age.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from iosemu.net.mst_region import Region
from iosemu.net.rstp import RapidPort, RapidSpanningTree
from iosemu.net.stp_tree import MESSAGE_AGE_INCREMENT, NEVER, StpPort, Tree
from iosemu.net.stp_types import PortRole, PortState, Vector
from iosemu.packets.stp import (
    AnyBpdu,
    Bpdu,
    BpduFlags,
    BpduType,
    BridgeId,
    MstInformation,
    MstiRecord,
    TopologyChangeNotification,
)

MAX_HOPS = 20


@dataclass(frozen=True, slots=True)
class CommonVector(Vector):
    """A priority vector of the CIST: `cost` counts the way between regions, `internal` that within one."""

    regional: BridgeId
    """The regional root: the bridge by which the way leaves the region."""
    internal: int

    @classmethod
    def outside(cls, bpdu: Bpdu) -> CommonVector:
        """What a BPDU claims that comes from beyond the region: who sends it is a region of its own."""
        return cls(bpdu.root, bpdu.root_path_cost, bpdu.bridge, bpdu.port, bpdu.bridge, 0)

    def __lt__(self, other: Vector) -> bool:
        """Clause 13.9: between regions first."""
        return _order(self) < _order(other)


def _order(vector: Vector) -> tuple[BridgeId, int, BridgeId, int, BridgeId, int]:
    regional, internal = (
        (vector.regional, vector.internal) if isinstance(vector, CommonVector) else (vector.bridge, 0)
    )
    return (vector.root, vector.cost, regional, internal, vector.bridge, vector.port)


@dataclass(slots=True)
class MstPort(RapidPort):
    """A port of the common tree, or of an instance."""

    external: bool = False
    """Whoever was heard last is not of this region: the port is at its boundary."""
    pvst: bool = False
    """The neighbor speaks PVST+."""
    hops: int = 0
    """The remaining hops of what was heard."""
    offered_hops: int = 0
    """Those of the BPDU at hand."""
    mastered: bool = False
    """The neighbor knows of a way out of the region (clause 13.25.12)."""


@dataclass(slots=True)
class InstanceTree(RapidSpanningTree):
    """The tree of an MSTI; its ports are `MstPort`. The common tree sends for it, and tells it what was heard."""

    max_hops: int = MAX_HOPS

    @property
    def remaining_hops(self) -> int:
        """What is told to neighbors."""
        return _hops(self, self.max_hops)

    def hear(self, name: str, record: MstiRecord, bpdu: Bpdu, now: float) -> None:
        """Take a record of a BPDU that came from this region."""
        port = self.ports.get(name)
        if not isinstance(port, MstPort) or bpdu.region is None:
            return
        port.offered_hops, port.mastered = record.hops, bool(record.flags & MstiRecord.MASTER)
        bridge = BridgeId(record.bridge_priority | record.instance, bpdu.region.bridge.mac)
        identifier = record.port_priority << 8 | bpdu.port & 0x0FFF
        told = replace(
            bpdu, root=record.root, root_path_cost=record.cost, bridge=bridge, port=identifier,
            flags=record.flags & ~MstiRecord.MASTER, type=BpduType.RST, region=None,
        )  # fmt: skip
        RapidSpanningTree.receive(self, name, told, now)

    def follow(self, common: MstPort, now: float) -> None:
        """At the boundary a port is what it is in the common tree (clause 13.26.21)."""
        port = self.ports.get(common.name)
        if not isinstance(port, MstPort) or not port.up:
            return
        port.heard, port.expires, port.forward_timer = None, NEVER, NEVER
        port.proposing = port.agreed = False
        port.role = PortRole.MASTER if common.role is PortRole.ROOT else common.role
        port.inconsistent = common.inconsistent
        port.pvst, port.rapid = common.pvst, common.rapid
        before = port.state
        self._set_state(port, common.state, now)
        if port.state is PortState.FORWARDING and before is not port.state and not port.edge:
            self._detect_change(now, port.name)

    def record(self, port: MstPort, now: float) -> MstiRecord:
        """What a port says of the instance."""
        master = any(
            isinstance(other, MstPort)
            and other is not port
            and (other.role is PortRole.MASTER or other.mastered)
            for other in self.live_ports
        )
        port.bpdus_sent += 1
        flags = self._flags(port, now) | (port.role is PortRole.DESIGNATED and _settled(port)) * _AGREEMENT
        port.agree = False
        return MstiRecord(
            flags | master * MstiRecord.MASTER,
            self.root,
            self.root_cost,
            self.bridge.base_priority,
            port.priority,
            self.remaining_hops,
        )

    def sync(self, now: float) -> None:
        """What could close a loop waits for its neighbors' agreements again."""
        for port in self._rapid_ports():
            held = isinstance(port, MstPort) and not port.external
            if held and port.role is PortRole.DESIGNATED and not port.edge and not port.agreed:
                self._hold_back(port, now)
                self._transmit(port, now)

    def tell_change(self, port: str, now: float) -> None:
        """The topology changed beyond the boundary."""
        own = self._port(port)
        if own is not None and own.up:
            self._hear_change(own, now)

    def say_all(self, now: float) -> None:
        """Let every port say what it says each hello time."""
        self._send_all(now)

    def _place(self, port: RapidPort, is_root_port: bool, now: float) -> None:
        if not (isinstance(port, MstPort) and port.external):
            RapidSpanningTree._place(self, port, is_root_port, now)

    def _keep_hellos(self, now: float) -> None:
        """The hello time is that of the common tree."""

    def _lives(self, port: RapidPort, bpdu: Bpdu) -> bool:
        return _lives_within(port)

    def frames(self) -> list[tuple[str, AnyBpdu]]:
        """None: the common tree has them."""
        return []


_AGREEMENT = int(BpduFlags.AGREEMENT)


def _settled(port: RapidPort) -> bool:
    return port.state is PortState.FORWARDING and not port.proposing


def _hops(tree: Tree, most: int) -> int:
    port = tree.ports.get(tree.root_port) if tree.root_port is not None else None
    return max(port.hops - 1, 0) if isinstance(port, MstPort) and not port.external else most


def _lives_within(port: RapidPort) -> bool:
    if not isinstance(port, MstPort):
        return True
    port.hops = port.offered_hops
    return port.hops > 1


@dataclass(slots=True)
class CommonTree(RapidSpanningTree):
    """The CIST of a bridge; its ports are `MstPort`."""

    region: Region = field(default_factory=Region)
    max_hops: int = MAX_HOPS
    instances: dict[int, InstanceTree] = field(default_factory=dict)
    regional_root: BridgeId = field(init=False)
    internal_cost: int = 0

    def __post_init__(self) -> None:
        RapidSpanningTree.__post_init__(self)
        self.regional_root = self.bridge

    @property
    def remaining_hops(self) -> int:
        """What is told to neighbors of the region."""
        return _hops(self, self.max_hops)

    def mst_port(self, name: str) -> MstPort | None:
        """A port, if it is up."""
        port = self.ports.get(name)
        return port if isinstance(port, MstPort) and port.up else None

    def own_vector(self, port: MstPort) -> CommonVector:
        """What this bridge claims on a port."""
        return CommonVector(
            self.root, self.root_cost, self.bridge, port.identifier, self.regional_root, self.internal_cost
        )

    def port_up(self, name: str, now: float) -> None:
        """The port's link came up: nobody was heard yet, so it is none of the boundary."""
        port = self.ports.get(name)
        if isinstance(port, MstPort) and not port.up:
            self._place_border(port, external=False, pvst=False, now=now)
        RapidSpanningTree.port_up(self, name, now)

    def receive(self, name: str, bpdu: AnyBpdu, now: float) -> None:
        """Take a BPDU, and let the instances have what it says of them."""
        port = self.mst_port(name)
        if port is None:
            return
        region = bpdu.region if isinstance(bpdu, Bpdu) else None
        inside = region is not None and region.identifier == self.region.identifier
        if not port.bpduguard:
            self._place_border(port, external=not inside, pvst=port.pvst and not inside, now=now)
        port.offered_hops = region.hops if region is not None else 0
        RapidSpanningTree.receive(self, name, bpdu, now)
        for tree in self.instances.values():
            if name in tree.ports:
                tree.ports[name].edge = port.edge
        if inside and isinstance(bpdu, Bpdu) and region is not None and not port.bpduguard:
            for record in region.records:
                if record.instance in self.instances:
                    self.instances[record.instance].hear(name, record, bpdu, now)

    def hear_pvst(self, name: str, now: float) -> None:
        """The neighbor speaks PVST+: the port is at the boundary, and its VLANs' trees are told the common one."""
        port = self.mst_port(name)
        if port is not None and not port.bpduguard:
            self._place_border(port, external=True, pvst=True, now=now)

    def frames(self) -> list[tuple[str, AnyBpdu]]:
        """The BPDUs to send since the last call: one a port, whichever trees have news."""
        for tree in self.instances.values():
            self._now = max(self._now, tree._now)
            for port in tree._rapid_ports():
                common = self._port(port.name)
                if port.news and common is not None:
                    port.news, common.news = False, True
        return RapidSpanningTree.frames(self)

    # The boundary.

    def _place_border(self, port: MstPort, *, external: bool, pvst: bool, now: float) -> None:
        port.pvst = pvst
        if external == port.external:
            return
        port.external = external
        port.heard, port.expires = None, NEVER
        port.agreed = port.proposing = False
        for tree in self.instances.values():
            own = tree.ports.get(port.name)
            if isinstance(own, MstPort):
                own.external, own.heard, own.expires, own.mastered = external, None, NEVER, False
                own.inconsistent = ""
                if port.up:
                    tree._elect(now)
        if port.up:
            self._elect(now)

    def _mirror(self, now: float) -> None:
        for port in self._rapid_ports():
            if isinstance(port, MstPort) and port.external:
                for tree in self.instances.values():
                    tree.follow(port, now)

    def _set_state(self, port: StpPort, state: PortState, now: float) -> None:
        RapidSpanningTree._set_state(self, port, state, now)
        if isinstance(port, MstPort) and port.external and port.up:
            for tree in self.instances.values():
                tree.follow(port, now)

    def _agree(self, port: RapidPort, now: float) -> None:
        if isinstance(port, MstPort) and port.external:
            for tree in self.instances.values():
                tree.sync(now)  # the way out is new for all of them
        RapidSpanningTree._agree(self, port, now)

    def _hear_change(self, port: RapidPort, now: float) -> None:
        RapidSpanningTree._hear_change(self, port, now)
        if isinstance(port, MstPort) and port.external:
            for tree in self.instances.values():
                tree.tell_change(port.name, now)

    # The root (clauses 13.9 and 13.10).

    def _told(self, port: RapidPort, bpdu: Bpdu) -> Vector:
        region = bpdu.region
        if isinstance(port, MstPort) and not port.external and region is not None:
            return CommonVector(
                bpdu.root, bpdu.root_path_cost, region.bridge, bpdu.port, bpdu.bridge, region.cost
            )
        return CommonVector.outside(bpdu)

    def _own(self, port: StpPort) -> Vector:
        assert isinstance(port, MstPort)
        return self.own_vector(port)

    def _choose(self) -> StpPort | None:
        own = self.bridge
        best = (own, 0, own, 0, own, 0, 0)
        chosen: StpPort | None = None
        for port in self.ports.values():
            heard = port.heard
            if not isinstance(heard, CommonVector) or own in (heard.bridge, heard.regional):
                continue  # what this bridge, or who takes it for the way out, has said itself
            end = (heard.bridge, heard.port, port.identifier)
            if isinstance(port, MstPort) and port.external:
                offer = (heard.root, heard.cost + port.cost, own, 0, *end)
            else:
                offer = (heard.root, heard.cost, heard.regional, heard.internal + port.cost, *end)
            if offer < best:
                best, chosen = offer, port
        self.root, self.root_cost, self.regional_root, self.internal_cost = best[:4]
        self.root_port = chosen.name if chosen else None
        self.operating_times = chosen.heard_times if chosen else self.times
        return chosen

    def _elect(self, now: float) -> None:
        RapidSpanningTree._elect(self, now)
        self._mirror(now)

    def _lives(self, port: RapidPort, bpdu: Bpdu) -> bool:
        if isinstance(port, MstPort) and not port.external:
            return _lives_within(port)
        return RapidSpanningTree._lives(self, port, bpdu)

    # Sending.

    def _send_all(self, now: float) -> None:
        RapidSpanningTree._send_all(self, now)
        for tree in self.instances.values():
            tree.say_all(now)

    def _age(self) -> float:
        port = self.ports.get(self.root_port) if self.root_port is not None else None
        if port is None:
            return 0.0
        outside = isinstance(port, MstPort) and port.external
        return port.heard_age + (MESSAGE_AGE_INCREMENT if outside else 0.0)

    def _message(self, port: RapidPort, now: float) -> Bpdu | TopologyChangeNotification | None:
        bpdu = RapidSpanningTree._message(self, port, now)
        if not isinstance(bpdu, Bpdu):
            return bpdu
        bpdu = replace(bpdu, bridge=self.regional_root)
        if bpdu.type is not BpduType.RST:
            return bpdu
        settled = port.role is PortRole.DESIGNATED and _settled(port)
        records = tuple(
            tree.record(own, now)
            for _, tree in sorted(self.instances.items())
            if isinstance(own := tree.ports.get(port.name), MstPort) and own.up
        )
        information = MstInformation(
            self.region.identifier, self.internal_cost, self.bridge, self.remaining_hops, records
        )
        return replace(bpdu, flags=bpdu.flags | settled * _AGREEMENT, region=information)
