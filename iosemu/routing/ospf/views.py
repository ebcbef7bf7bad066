"""Read-only pictures of a process for the shows: plain values at a moment, in the order that IOS prints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.routing.ospf.constants import (
    DO_NOT_AGE,
    InterfaceState,
    LsaType,
    NeighborState,
    NetworkType,
    PathType,
    RouterFlag,
)
from iosemu.routing.ospf.events import NextHop
from iosemu.routing.ospf.interface import Interface, Statistics
from iosemu.routing.ospf.lsa import Lsa
from iosemu.routing.ospf.lsdb import Lsdb
from iosemu.routing.ospf.neighbor import Neighbor
from iosemu.routing.ospf.numbers import address, optional
from iosemu.routing.ospf.process import Process


@dataclass(frozen=True, slots=True)
class DatabaseView:
    """One LSA: `age` in seconds; `sequence` as IOS prints it; `area` None for the autonomous system."""

    area: int | None
    lsa: Lsa
    age: int
    do_not_age: bool
    own: bool

    @property
    def sequence(self) -> int:
        """The sequence number, unsigned."""
        return self.lsa.sequence & 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class DatabaseSummary:
    """Count of LSAs by type, deleted ones and ones at MaxAge, and the sum of checksums."""

    counts: dict[LsaType, int]
    maximum_age: dict[LsaType, int]
    total: int
    checksum_sum: int


@dataclass(frozen=True, slots=True)
class NeighborView:
    """A neighbor; times in seconds, `dead_in` None while hellos are suppressed."""

    router_id: IPv4Address | None
    address: IPv4Address
    interface: str
    area: int
    priority: int
    state: NeighborState
    role: str
    dr: IPv4Address | None
    bdr: IPv4Address | None
    options: int
    dead_in: float | None
    up_for: float | None
    state_changes: int
    retransmission_queue: int
    retransmissions: int
    ignored: bool


@dataclass(frozen=True, slots=True)
class InterfaceView:
    """An interface; `hello_in` None if it says no hello."""

    name: str
    area: int
    address: IPv4Address
    prefix_length: int
    network_type: NetworkType
    cost: int
    state: InterfaceState
    priority: int
    dr: tuple[IPv4Address, IPv4Address] | None
    bdr: tuple[IPv4Address, IPv4Address] | None
    hello: float
    dead: int
    retransmit: int
    transmit_delay: int
    hello_in: float | None
    wait_for: float | None
    neighbors: int
    adjacent: int
    flood_queue: int
    passive: bool
    youngest_key: int | None
    old_keys: tuple[int, ...]
    statistics: Statistics


@dataclass(frozen=True, slots=True)
class BorderRouterView:
    """A path to an area border or AS boundary router."""

    router_id: IPv4Address
    type: PathType
    cost: int
    area: int
    next_hops: tuple[NextHop, ...]
    abr: bool
    asbr: bool
    spf: int


def _lsdbs(process: Process) -> Iterator[tuple[int | None, Lsdb]]:
    for area_id in sorted(process.areas):
        yield area_id, process.areas[area_id].lsdb
    yield None, process.external_lsdb


def database(process: Process, now: float) -> Iterator[DatabaseView]:
    """All LSAs: areas ascending, then the AS; by type, then link state ID and router."""
    for area_id, lsdb in _lsdbs(process):
        for kind in LsaType:
            for _, entry in sorted(lsdb.tables[kind].items()):
                age = entry.age(now)
                yield DatabaseView(area_id, entry.lsa, age & ~DO_NOT_AGE, bool(age & DO_NOT_AGE), entry.own)


def database_summary(lsdb: Lsdb, now: float) -> DatabaseSummary:
    """Counts for `show ip ospf database database-summary` and `show ip ospf`."""
    counts = {kind: len(table) for kind, table in lsdb.tables.items()}
    maximum = {kind: sum(e.at_max_age(now) for e in table.values()) for kind, table in lsdb.tables.items()}
    return DatabaseSummary(
        {LsaType(kind): count for kind, count in counts.items()},
        {LsaType(kind): count for kind, count in maximum.items()},
        sum(counts.values()),
        sum(entry.lsa.checksum for entry in lsdb),
    )


def _role(interface: Interface, neighbor: Neighbor) -> str:
    """The word behind the state: DR, BDR, DROTHER, or `-` where there is no election."""
    if not interface.kind.elects:
        return "-"
    if neighbor.address == interface.dr:
        return "DR"
    return "BDR" if neighbor.address == interface.bdr else "DROTHER"


def _neighbor(interface: Interface, neighbor: Neighbor, now: float) -> NeighborView:
    due = neighbor.inactivity.when
    return NeighborView(
        optional(neighbor.router_id),
        address(neighbor.address),
        interface.name,
        interface.area.id,
        neighbor.priority,
        neighbor.state,
        _role(interface, neighbor),
        optional(neighbor.dr),
        optional(neighbor.bdr),
        neighbor.options,
        due - now if due is not None else None,
        now - neighbor.full_since if neighbor.full_since is not None else None,
        neighbor.state_changes,
        len(neighbor.retransmit),
        neighbor.retransmissions,
        neighbor.ignored_until is not None,
    )


def neighbors(process: Process, now: float) -> Iterator[NeighborView]:
    """All neighbors, interface by interface."""
    for interface in process.interfaces.values():
        for neighbor in interface.neighbors.values():
            yield _neighbor(interface, neighbor, now)


def _designated(
    process: Process, interface: Interface, target: int
) -> tuple[IPv4Address, IPv4Address] | None:
    """(router ID, interface address) of the DR or BDR."""
    if not target or not interface.kind.elects:
        return None
    if target == interface.address:
        return address(process.router_id), address(target)
    neighbor = interface.neighbors.get(target)
    return (address(neighbor.router_id), address(target)) if neighbor is not None else None


def interfaces(process: Process, now: float) -> Iterator[InterfaceView]:
    """All interfaces, virtual links too."""
    for interface in process.interfaces.values():
        config = interface.config
        hello, wait = interface.hello_timer.when, interface.wait_timer.when
        keys = interface.authentication.keys
        old = (
            {n.key_id for n in interface.neighbors_with_old_key() if n.key_id is not None} if keys else set()
        )
        yield InterfaceView(
            interface.name,
            interface.area.id,
            config.address,
            config.prefix_length,
            interface.kind,
            interface.cost,
            interface.state,
            config.priority,
            _designated(process, interface, interface.dr),
            _designated(process, interface, interface.bdr),
            config.hello_spacing,
            config.dead,
            config.retransmit_interval,
            config.transmit_delay,
            hello - now if hello is not None else None,
            wait - now if wait is not None else None,
            sum(n.state is not NeighborState.DOWN for n in interface.neighbors.values()),
            len(interface.full_neighbors),
            len(interface.flood_queue),
            config.passive,
            keys[-1].id if keys else None,
            tuple(sorted(old)),
            interface.statistics,
        )


def border_routers(process: Process) -> Iterator[BorderRouterView]:
    """The internal router routing table."""
    for router_id, paths in sorted(process.routing.routers.items()):
        for path in paths:
            hops = tuple(NextHop(name, optional(value)) for name, value in sorted(path.hops))
            area = process.areas.get(path.area)
            yield BorderRouterView(
                address(router_id),
                path.type,
                path.cost,
                path.area,
                hops,
                bool(path.flags & RouterFlag.B.value),
                bool(path.flags & RouterFlag.E.value),
                area.spf_runs if area is not None else 0,
            )


def request_list(neighbor: Neighbor) -> list[tuple[LsaType, IPv4Address, IPv4Address]]:
    """LS type, link state ID and router of what a neighbor is asked for."""
    return [(LsaType(kind), address(ls_id), address(router)) for kind, ls_id, router in neighbor.requests]


def retransmission_list(neighbor: Neighbor, now: float) -> list[tuple[Lsa, int, float]]:
    """LSA, age and seconds to its retransmission of what a neighbor has not acknowledged."""
    return [(entry.lsa, entry.age(now), due - now) for entry, due in neighbor.retransmit.values()]
