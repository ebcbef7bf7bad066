"""The shortest-path tree of an area and the intra-area routes in it (RFC 2328, 16.1)."""

from __future__ import annotations

import heapq
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
    distance: dict[int, int] = field(default_factory=dict)
    hops: dict[int, Hops] = field(default_factory=dict)
    networks: dict[int, Entry] = field(default_factory=dict)
    bodies: dict[int, RouterLsa | NetworkLsa] = field(default_factory=dict)


@dataclass(slots=True)
class AreaRoutes:
    """What a tree gives: paths by prefix, and the routers that are area border or AS boundary routers."""

    prefixes: dict[Prefix, Path] = field(default_factory=dict)
    routers: dict[int, RouterPath] = field(default_factory=dict)


class _Neighborhood:
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

    def hops(self, link: RouterLink) -> Hops:
        """The next hops of a link of the root."""
        if link.type == LinkType.TRANSIT:
            name = self.transit.get((link.link_id, link.link_data))
            return frozenset({(name, 0)}) if name is not None else NO_HOPS
        return self.routers.get((link.link_id, link.link_data), NO_HOPS)


def _through_network(hops: Hops, network: int, target: RouterLsa) -> Hops:
    """Where a network is attached to the root, the next hop is the target's address on it."""
    if all(address for _, address in hops):
        return hops
    found = {hop for hop in hops if hop[1]}
    names = [name for name, address in hops if not address]
    for link in target.links:
        if link.type == LinkType.TRANSIT and link.link_id == network:
            found.update((name, link.link_data) for name in names)
    return frozenset(found)


def shortest_paths(area: Area, router_id: int) -> Tree:
    """Dijkstra's algorithm from the router itself; links must exist in both directions."""
    root = router_id | ROUTER_VERTEX
    tree = Tree(root)
    routers = area.lsdb.tables[LsaType.ROUTER]
    networks = tree.networks
    for (ls_id, _), held in area.lsdb.tables[LsaType.NETWORK].items():
        if held.age_then != MAX_AGE:
            networks[ls_id] = held
    own = routers.get((router_id, router_id))
    if own is None or own.age_then == MAX_AGE:
        return tree
    near = _Neighborhood(area)
    distance, hops = tree.distance, tree.hops
    distance[root] = 0
    hops[root] = NO_HOPS
    bodies = tree.bodies
    bodies[root] = own.lsa.router
    heap = [(0, root)]
    done: set[int] = set()
    entry: Entry | None
    other: RouterLsa | NetworkLsa
    while heap:
        base, vertex = heapq.heappop(heap)
        if vertex in done:
            continue
        done.add(vertex)
        here = hops[vertex]
        for target, metric, link in bodies[vertex].edges:
            if target in done:
                continue
            new = base + metric
            old = distance.get(target)
            if old is not None and new > old:
                continue
            known = bodies.get(target)
            if known is not None:
                other = known
            elif target & ROUTER_VERTEX:
                number = target ^ ROUTER_VERTEX
                entry = routers.get((number, number))
                if entry is None or entry.age_then == MAX_AGE:
                    continue
                other = entry.lsa.router
            else:
                entry = networks.get(target)
                if entry is None:
                    continue
                other = entry.lsa.network
            if vertex not in other.targets:
                continue
            if vertex == root:
                assert link is not None
                way = near.hops(link)
                if not way:
                    continue
            elif vertex & ROUTER_VERTEX:
                way = here
            else:
                assert isinstance(other, RouterLsa)
                way = _through_network(here, vertex, other)
            if old == new:
                if way != hops[target]:
                    hops[target] = hops[target] | way
            else:
                distance[target] = new
                bodies[target] = other
                hops[target] = way
                heapq.heappush(heap, (new, target))
    return tree


def _offer(routes: dict[Prefix, Path], prefix: Prefix, cost: int, area: int, hops: Hops, source: int) -> None:
    old = routes.get(prefix)
    if old is None or cost < old.cost:
        routes[prefix] = Path(PathType.INTRA, cost, 0, area, hops, 0, source)
    elif cost == old.cost and hops != old.hops:
        routes[prefix] = old._replace(hops=old.hops | hops)


def _attached(area: Area) -> dict[Prefix, str]:
    """The interface of every prefix that the router itself has in the area."""
    attached: dict[Prefix, str] = {}
    for interface in area.interfaces:
        attached[(interface.network, interface.mask)] = interface.name
        attached[(interface.address, 0xFFFFFFFF)] = interface.name
        for secondary in interface.config.secondary:
            attached[(int(secondary.network_address), int(secondary.netmask))] = interface.name
    return attached


def area_routes(area: Area, tree: Tree) -> AreaRoutes:
    """The second stage: networks, stub networks, and routers that the other stages need."""
    result = AreaRoutes()
    routes = result.prefixes
    attached = _attached(area)
    area_id = area.id
    intra = PathType.INTRA
    interesting = RouterFlag.B.value | RouterFlag.E.value
    for vertex, cost in tree.distance.items():
        hops = tree.hops[vertex]
        body = tree.bodies[vertex]
        if isinstance(body, NetworkLsa):
            source = tree.networks[vertex].lsa.advertising_router
            if is_mask(body.mask):
                _offer(routes, (vertex & body.mask, body.mask), cost, area_id, hops, source)
            continue
        number = vertex ^ ROUTER_VERTEX
        if vertex == tree.root:
            for prefix, metric in body.stubs:
                name = attached.get(prefix)
                way = frozenset({(name, 0)}) if name is not None else NO_HOPS
                _offer(routes, prefix, cost + metric, area_id, way, number)
            continue
        if body.flags & interesting:
            result.routers[number] = RouterPath(intra, cost, area_id, hops, body.flags)
        for prefix, metric in body.stubs:
            # `_offer` written out: this is what the most time goes into.
            total = cost + metric
            old = routes.get(prefix)
            if old is None or total < old[1]:
                routes[prefix] = Path(intra, total, 0, area_id, hops, 0, number)
            elif total == old[1] and hops != old[4]:
                routes[prefix] = old._replace(hops=old.hops | hops)
    return result


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
