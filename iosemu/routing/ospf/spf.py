"""The shortest-path tree of an area and the intra-area routes in it (RFC 2328, 16.1)."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from iosemu.routing.ospf.constants import MAX_AGE, LinkType, LsaType, NeighborState, PathType, RouterFlag
from iosemu.routing.ospf.lsa import ROUTER_VERTEX, NetworkLsa, RouterLink, RouterLsa, is_mask
from iosemu.routing.ospf.lsdb import Entry

if TYPE_CHECKING:
    from iosemu.routing.ospf.area import Area

# An outgoing interface and the next router's address, 0 while the destination is attached.
Hop = tuple[str, int]
Hops = frozenset[Hop]
Prefix = tuple[int, int]
NO_HOPS: Hops = frozenset()
Body = RouterLsa | NetworkLsa
_NOBODY: dict[int, int] = {}
_INTERESTING = RouterFlag.B.value | RouterFlag.E.value


class Path(NamedTuple):
    """A way to a prefix. `cost` is the internal cost, `metric` the external one where there is one."""

    type: PathType
    cost: int
    metric: int
    area: int | None
    hops: Hops
    tag: int = 0
    source: int = 0
    discard: bool = False


class RouterPath(NamedTuple):
    """A way to an area border or AS boundary router; `flags` of its router-LSA."""

    type: PathType
    cost: int
    area: int
    hops: Hops
    flags: int


@dataclass(slots=True)
class Tree:
    """Distances and next hops by vertex; see `ROUTER_VERTEX`."""

    root: int
    near: Neighborhood
    distance: dict[int, int] = field(default_factory=dict)
    hops: dict[int, Hops] = field(default_factory=dict)
    networks: dict[int, Entry] = field(default_factory=dict)
    # Of the vertices that are reached.
    bodies: dict[int, Body] = field(default_factory=dict)


@dataclass(slots=True)
class AreaRoutes:
    """What a tree gives: paths by prefix, and the routers that are area border or AS boundary routers."""

    attached: dict[Prefix, str]
    prefixes: dict[Prefix, Path] = field(default_factory=dict)
    routers: dict[int, RouterPath] = field(default_factory=dict)
    # Who offers each prefix at what metric of its own, and the body that says so, by vertex.
    offers: dict[Prefix, dict[int, int]] = field(default_factory=dict)
    listed: dict[int, Body] = field(default_factory=dict)


class Neighborhood:
    """How the root's own links lead to interfaces and next hops."""

    def __init__(self, area: Area) -> None:
        self.transit: dict[tuple[int, int], str] = {}
        self.routers: dict[tuple[int, int], Hops] = {}
        for interface in area.interfaces:
            if interface.kind.elects:
                self.transit[(interface.dr, interface.address)] = interface.name
                continue
            unnumbered = interface.config.unnumbered
            data = interface.address if unnumbered is None else unnumbered
            for neighbor in interface.neighbors.values():
                if neighbor.state is not NeighborState.FULL:
                    continue
                if interface.virtual is not None:
                    assert interface.transit_area is not None
                    tree = interface.transit_area.tree
                    vertex = neighbor.router_id | ROUTER_VERTEX
                    hops = tree.hops.get(vertex, NO_HOPS) if tree else NO_HOPS
                else:
                    hops = frozenset({(interface.name, neighbor.address)})
                key = (neighbor.router_id, data)
                self.routers[key] = self.routers.get(key, NO_HOPS) | hops

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Neighborhood):
            return NotImplemented
        return (self.transit, self.routers) == (other.transit, other.routers)

    __hash__ = None  # type: ignore[assignment]  # compared, never looked up

    def hops(self, link: RouterLink) -> Hops:
        """The next hops of a link of the root."""
        if link.type == LinkType.TRANSIT:
            name = self.transit.get((link.link_id, link.link_data))
            return frozenset({(name, 0)}) if name is not None else NO_HOPS
        return self.routers.get((link.link_id, link.link_data), NO_HOPS)


def _through_network(hops: Hops, names: list[str], network: int, target: RouterLsa) -> Hops:
    """Where a network is attached to the root, by `names`, the next hop is the target's address on it."""
    found = {hop for hop in hops if hop[1]}
    for link in target.links:
        if link.type == LinkType.TRANSIT and link.link_id == network:
            found.update([(name, link.link_data) for name in names])
    return frozenset(found)


def body_of(area: Area, tree: Tree, vertex: int) -> Body | None:
    """What the LSA of a vertex says; None where there is none that counts."""
    if not vertex & ROUTER_VERTEX:
        held = tree.networks.get(vertex)
        return held.lsa.network if held is not None else None
    number = vertex ^ ROUTER_VERTEX
    held = area.lsdb.tables[LsaType.ROUTER].get((number, number))
    return held.lsa.router if held is not None and held.age_then != MAX_AGE else None


def shortest_paths(area: Area, router_id: int) -> Tree:
    """Dijkstra's algorithm from the router itself; links must exist in both directions."""
    root = router_id | ROUTER_VERTEX
    tree = Tree(root, Neighborhood(area))
    for (ls_id, _), held in area.lsdb.tables[LsaType.NETWORK].items():
        if held.age_then != MAX_AGE:
            tree.networks[ls_id] = held
    own = body_of(area, tree, root)
    if own is not None:
        tree.distance[root], tree.hops[root], tree.bodies[root] = 0, NO_HOPS, own
        grow(area, tree, [(0, root)])
    return tree


def grow(area: Area, tree: Tree, heap: list[tuple[int, int]]) -> set[int]:
    """Reach all that is nearer, or by more ways, from the vertices in the heap; returns what is reached otherwise."""
    root, near = tree.root, tree.near
    distance, hops, bodies = tree.distance, tree.hops, tree.bodies
    pop, push = heapq.heappop, heapq.heappush
    done: set[int] = set()
    queued = {vertex for _, vertex in heap}
    touched: set[int] = set()
    while heap:
        base, vertex = pop(heap)
        if vertex in done:
            continue
        done.add(vertex)
        here = hops[vertex]
        # The interfaces by which a network is attached to the root.
        names = [] if vertex & ROUTER_VERTEX else [name for name, address in here if not address]
        for target, metric, link in bodies[vertex].edges:
            if target in done:
                continue
            new = base + metric
            old = distance.get(target)
            if old is not None and new > old:
                continue
            other = bodies.get(target) or body_of(area, tree, target)
            if other is None or vertex not in other.targets:
                continue
            way = here
            if vertex == root:
                assert link is not None
                way = near.hops(link)
                if not way:
                    continue
            elif names:
                assert isinstance(other, RouterLsa)
                way = _through_network(here, names, vertex, other)
            if old != new:
                distance[target], bodies[target], hops[target] = new, other, way
            else:
                known = hops[target]
                if way is known or way <= known:
                    continue
                hops[target] = known | way
                if target in queued:
                    touched.add(target)
                    continue
            touched.add(target)
            queued.add(target)
            push(heap, (new, target))
    return touched


def attached(area: Area) -> dict[Prefix, str]:
    """The interface of every prefix that the router itself has in the area."""
    found: dict[Prefix, str] = {}
    for interface in area.interfaces:
        found[(interface.network, interface.mask)] = interface.name
        found[(interface.address, 0xFFFFFFFF)] = interface.name
        for secondary in interface.config.secondary:
            found[(int(secondary.network_address), int(secondary.netmask))] = interface.name
    return found


def prefixes_of(vertex: int, body: Body) -> Iterable[tuple[Prefix, int]]:
    """The prefixes that a vertex offers, each with its metric there."""
    if isinstance(body, RouterLsa):
        return body.stubs
    return (((vertex & body.mask, body.mask), 0),) if is_mask(body.mask) else ()


def area_routes(area: Area, tree: Tree) -> AreaRoutes:
    """The second stage: networks, stub networks, and routers that the other stages need."""
    result = AreaRoutes(attached(area))
    offers, listed = result.offers, result.listed
    for vertex in tree.distance:
        body = listed[vertex] = tree.bodies[vertex]
        for prefix, metric in prefixes_of(vertex, body):
            known = offers.get(prefix)
            if known is None:
                offers[prefix] = {vertex: metric}
            elif vertex not in known or metric < known[vertex]:
                known[vertex] = metric
        if isinstance(body, RouterLsa) and body.flags & _INTERESTING:
            note_router(area, tree, result, vertex)
    for prefix in offers:
        choose(area, tree, result, prefix)
    return result


def note_router(area: Area, tree: Tree, routes: AreaRoutes, vertex: int) -> None:
    """Know the way to an area border or AS boundary router, or forget it where the vertex is none (any more)."""
    body = tree.bodies.get(vertex)
    number = vertex ^ ROUTER_VERTEX
    if isinstance(body, RouterLsa) and body.flags & _INTERESTING and vertex != tree.root:
        way = tree.distance[vertex], area.id, tree.hops[vertex], body.flags
        routes.routers[number] = RouterPath(PathType.INTRA, *way)
    else:
        routes.routers.pop(number, None)


def choose(area: Area, tree: Tree, routes: AreaRoutes, prefix: Prefix) -> None:
    """The best path to a prefix; of several that are equally good all the next hops."""
    distance = tree.distance
    best, hops, source = -1, NO_HOPS, 0
    for vertex, metric in routes.offers.get(prefix, _NOBODY).items():
        total = distance[vertex] + metric
        if 0 <= best < total:
            continue
        if vertex != tree.root:
            way = tree.hops[vertex]
        else:
            name = routes.attached.get(prefix)
            way = frozenset({(name, 0)}) if name is not None else NO_HOPS
        if total == best:
            hops = hops | way
        else:
            best, hops, source = total, way, vertex
    if best < 0:
        routes.prefixes.pop(prefix, None)
        return
    # Of a network it is the router that tells of it.
    held = (
        tree.networks[source].lsa.advertising_router if not source & ROUTER_VERTEX else source ^ ROUTER_VERTEX
    )
    path = Path(PathType.INTRA, best, 0, area.id, hops, 0, held)
    if routes.prefixes.get(prefix) != path:
        routes.prefixes[prefix] = path


def address_towards(tree: Tree, router_id: int) -> int | None:
    """An address of a router on the path to it: where a virtual link ends (RFC 2328, 16.1)."""
    body = tree.bodies.get(router_id | ROUTER_VERTEX)
    if not isinstance(body, RouterLsa):
        return None
    best: tuple[int, int] | None = None
    for target, metric, link in body.edges:
        base = tree.distance.get(target)
        if link.type != LinkType.VIRTUAL and base is not None:
            best = min(best or (1 << 40, 0), (base + metric, link.link_data))
    return best[1] if best else None
