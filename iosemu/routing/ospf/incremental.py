"""A tree and its routes after some LSAs changed: only what is reached otherwise is worked out again.

The result is that of a whole run. What hung on an edge that is gone or dearer is taken off the tree with all that
hangs on it, and grown again from what is left; what became nearer, or has further ways, follows from that.
"""

from __future__ import annotations

from collections.abc import Set
from heapq import heapify
from typing import TYPE_CHECKING

from iosemu.routing.ospf.constants import MAX_AGE, LsaType
from iosemu.routing.ospf.lsa import ROUTER_VERTEX
from iosemu.routing.ospf.spf import (
    AreaRoutes,
    Body,
    Neighborhood,
    Prefix,
    Tree,
    attached,
    body_of,
    choose,
    grow,
    note_router,
    prefixes_of,
)

if TYPE_CHECKING:
    from iosemu.routing.ospf.area import Area


def follow(area: Area, tree: Tree, changed: Set[int]) -> set[int] | None:
    """Bring a tree up to date; `changed` are the vertices with another LSA, or with none any more.

    Returns the vertices that may be reached otherwise, None where the tree must be built from its root.
    """
    if tree.root in changed or tree.root not in tree.distance or Neighborhood(area) != tree.near:
        return None
    for vertex in changed:
        if not vertex & ROUTER_VERTEX:
            _look_up(area, tree, vertex)
    now = {vertex: body_of(area, tree, vertex) for vertex in changed}
    distance, bodies = tree.distance, tree.bodies
    fallen = _fallen(tree, now)
    bordering: set[int] = set()
    for vertex in fallen:
        body = now[vertex] if vertex in now else bodies[vertex]
        if body is not None:
            bordering |= body.targets
        del distance[vertex], tree.hops[vertex], bodies[vertex]
    for vertex, body in now.items():
        if body is None:
            continue
        bordering |= body.targets
        if vertex in bodies:
            bodies[vertex] = body
            bordering.add(vertex)
    heap = [(distance[vertex], vertex) for vertex in bordering if vertex in distance]
    heapify(heap)
    return grow(area, tree, heap) | fallen | changed


def _look_up(area: Area, tree: Tree, network: int) -> None:
    """The network-LSA that counts now."""
    tree.networks.pop(network, None)
    for (ls_id, _), held in area.lsdb.tables[LsaType.NETWORK].items():
        if ls_id == network and held.age_then != MAX_AGE:
            tree.networks[network] = held


def _fallen(tree: Tree, now: dict[int, Body | None]) -> set[int]:
    """All that hangs on what is no longer there."""
    distance, bodies = tree.distance, tree.bodies
    fallen: set[int] = set()
    falling: list[int] = []

    def reaches(one: int, other: int, metric: int) -> bool:
        return other in distance and distance[one] + metric == distance[other]

    def fall(vertex: int) -> None:
        if vertex not in fallen and vertex != tree.root:
            fallen.add(vertex)
            falling.append(vertex)

    for vertex, new in now.items():
        old = bodies.get(vertex)
        if old is None:
            continue
        if new is None:
            fall(vertex)
            continue
        for target, metric, _ in {*old.edges} - {*new.edges}:
            if reaches(vertex, target, metric):
                fall(target)
            # The link exists in one direction only now, or the address at its end is another.
            back = bodies.get(target)
            if back is not None and any(
                end == vertex and reaches(target, vertex, cost) for end, cost, _ in back.edges
            ):
                fall(vertex)
    while falling:
        vertex = falling.pop()
        base = distance[vertex]
        for target, metric, _ in bodies[vertex].edges:
            if target not in fallen and distance.get(target) == base + metric:
                fall(target)
    return fallen


def follow_routes(area: Area, tree: Tree, routes: AreaRoutes, affected: Set[int]) -> bool:
    """Choose paths again to what the affected vertices offer; False where all routes must be looked at."""
    if attached(area) != routes.attached:
        return False
    offers = routes.offers
    dirty: set[Prefix] = set()
    for vertex in affected:
        old, new = routes.listed.pop(vertex, None), tree.bodies.get(vertex)
        if old is not None:
            was = [prefix for prefix, _ in prefixes_of(vertex, old)]
            dirty.update(was)
            if old is not new:
                for prefix in was:
                    offers[prefix].pop(vertex, None)
        if new is not None:
            routes.listed[vertex] = new
            if old is not new:
                for prefix, metric in prefixes_of(vertex, new):
                    dirty.add(prefix)
                    known = offers.setdefault(prefix, {})
                    known[vertex] = min(metric, known.get(vertex, metric))
        if vertex & ROUTER_VERTEX:
            note_router(area, tree, routes, vertex)
    for prefix in dirty:
        choose(area, tree, routes, prefix)
        if not offers[prefix]:
            del offers[prefix]
    return True
