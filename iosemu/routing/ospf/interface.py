"""An interface of the process and what waits to be sent on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from iosemu.routing.ospf.authentication import Authentication, Key
from iosemu.routing.ospf.config import InterfaceConfig, NeighborConfig, ProcessConfig, VirtualLinkConfig
from iosemu.routing.ospf.constants import (
    MAX_LINK_METRIC,
    AuthenticationType,
    InterfaceState,
    NeighborState,
    NetworkType,
)
from iosemu.routing.ospf.events import PacketFault
from iosemu.routing.ospf.lsa import LsaKey
from iosemu.routing.ospf.lsdb import Entry, Lsdb

if TYPE_CHECKING:
    from iosemu.routing.ospf.area import Area
    from iosemu.routing.ospf.neighbor import Neighbor
    from iosemu.routing.ospf.timers import Timer


_SIGNED = AuthenticationType.CRYPTOGRAPHIC

HelloFields = tuple[int, int, int, int, int, int, int, tuple[int, ...]]
"""Those of `packets.Hello`, in their order."""


class SignedHello(NamedTuple):
    """A whole hello, and what it was made of: of the same objects the same would come."""

    body: bytes
    router_id: int
    process: ProcessConfig
    config: InterfaceConfig
    payload: bytes


@dataclass(slots=True)
class Statistics:
    """Packets and octets by type, with the header but without IP, and packets dropped by fault."""

    received: Counter[int] = field(default_factory=Counter)
    received_octets: Counter[int] = field(default_factory=Counter)
    sent: Counter[int] = field(default_factory=Counter)
    sent_octets: Counter[int] = field(default_factory=Counter)
    faults: Counter[PacketFault] = field(default_factory=Counter)


class Interface:
    """Data structure of RFC 2328 9; the machine that drives it is `InterfaceMachine`."""

    __slots__ = (
        "ack_timer", "acks", "address", "area", "bdr", "by_router_id", "config", "configured_cost",
        "dead_interval", "dr", "flood_queue", "flood_timer", "hello_cache", "hello_interval",
        "hello_said", "hello_timer", "kind", "last_flood", "lsdb", "mask", "name", "neighbors",
        "network", "network_lsa_id", "outgoing", "path_cost", "peer_address", "signed", "state",
        "statistics", "transit_area", "virtual", "wait_timer",
    )  # fmt: skip

    hello_timer: Timer
    wait_timer: Timer
    flood_timer: Timer
    ack_timer: Timer

    def __init__(self, area: Area, config: InterfaceConfig, reference_bandwidth: int) -> None:
        self.area = area
        self.name = config.name
        self.state = InterfaceState.DOWN
        self.neighbors: dict[int, Neighbor] = {}
        # Interface addresses, 0 where there is none (RFC 2328, 9).
        self.dr = 0
        self.bdr = 0
        self.flood_queue: dict[LsaKey, Entry] = {}
        self.last_flood = -1e9
        # Headers of LSAs, as they are sent.
        self.acks: list[bytes] = []
        self.lsdb = Lsdb(link=self)
        self.statistics = Statistics()
        self.network_lsa_id = 0
        self.hello_cache: dict[int, tuple[bytes, Neighbor]] = {}
        # The fields of the hello that was sent last, and its body.
        self.hello_said: tuple[HelloFields, bytes] | None = None
        # The hello that was signed last without a sequence number.
        self.signed: SignedHello | None = None
        # A virtual link: its configuration, transit area, and physical interface while there is a path.
        self.virtual: VirtualLinkConfig | None = None
        self.transit_area: Area | None = None
        self.outgoing: str = config.name
        self.path_cost = 0
        self.peer_address = 0
        self.set_config(config, reference_bandwidth)

    def set_config(self, config: InterfaceConfig, reference_bandwidth: int) -> None:
        """Take another configuration for the same address and area."""
        self.config = config
        self.address = int(config.address)
        self.mask = 0xFFFFFFFF ^ 0xFFFFFFFF >> config.prefix_length
        self.network = self.address & self.mask
        self.kind = config.network_type
        # Whether neighbors are told apart by router ID (RFC 2328, 10.5) and not by address.
        self.by_router_id = self.kind in (NetworkType.POINT_TO_POINT, NetworkType.VIRTUAL_LINK)
        self.hello_interval = config.hello
        self.dead_interval = config.dead
        self.hello_cache.clear()
        cost = config.cost
        if cost is None:
            cost = max(reference_bandwidth * 1000 // max(config.bandwidth, 1), 1)
        self.configured_cost = min(cost, MAX_LINK_METRIC)

    @property
    def cost(self) -> int:
        """The output cost; of a virtual link the cost of the path."""
        return self.path_cost if self.virtual else self.configured_cost

    @property
    def authentication(self) -> Authentication:
        """What packets are signed with."""
        return self.config.authentication

    @property
    def full_neighbors(self) -> list[Neighbor]:
        """The neighbors in state Full."""
        return [n for n in self.neighbors.values() if n.state is NeighborState.FULL]

    @property
    def has_full_neighbor(self) -> bool:
        """Whether there is one in state Full."""
        return any(n.state is NeighborState.FULL for n in self.neighbors.values())

    @property
    def attaches(self) -> bool:
        """Whether it makes the router part of its area."""
        if self.virtual is not None:
            return self.has_full_neighbor
        return self.state is not InterfaceState.DOWN

    @property
    def is_dr(self) -> bool:
        """Whether we are the designated router."""
        return self.state is InterfaceState.DR

    @property
    def lsa_space(self) -> int:
        """Octets for the body of a packet without its counter, header, digest and the IP header."""
        # A virtual link's path is not known to carry more than the least that every host takes.
        mtu = 1500 if self.virtual else self.config.mtu
        digest = 16 if self.config.authentication.type is _SIGNED else 0
        return max(mtu - 20 - 24 - digest, 64)

    def neighbor_config(self, address: int) -> NeighborConfig | None:
        """The `neighbor` line for an address."""
        return next((n for n in self.config.neighbors if int(n.address) == address), None)

    def keys_to_send(self) -> list[Key]:
        """The youngest key, and while a neighbor uses an older one, all of them."""
        authentication = self.config.authentication
        keys = authentication.keys
        if len(keys) < 2 or authentication.type is not _SIGNED:
            return [authentication.youngest]
        youngest = keys[-1]
        if any(n.key_id not in (None, youngest.id) for n in self.neighbors.values()):
            return [youngest, *keys[:-1]]
        return [youngest]

    def neighbors_with_old_key(self) -> Iterator[Neighbor]:
        """Neighbors that still sign with a key other than the youngest."""
        youngest = self.authentication.youngest.id
        return (n for n in self.neighbors.values() if n.key_id not in (None, youngest))

    def adjacency_wanted(self, neighbor: Neighbor) -> bool:
        """RFC 2328, 10.4."""
        if not self.kind.elects:
            return True
        if self.state in (InterfaceState.DR, InterfaceState.BACKUP):
            return True
        return neighbor.address in (self.dr, self.bdr) and neighbor.address != 0
