"""The pictures that the shows print."""

from __future__ import annotations

from iosemu.routing.ospf import NeighborState, views
from iosemu.routing.ospf.constants import LsaType
from tests.unit.ospf.fabric import Fabric
from tests.unit.ospf.test_areas import chain, external


def test_neighbors_and_their_roles() -> None:
    fabric = Fabric()
    for router in "abcd":
        fabric.router(router)
    fabric.lan("10.0.0.0/24", "abcd")
    fabric.run(60)
    seen = {str(n.router_id): (n.state, n.role) for n in views.neighbors(fabric.routers["a"], fabric.now)}
    assert seen == {
        "2.2.2.2": (NeighborState.TWO_WAY, "DROTHER"),
        "3.3.3.3": (NeighborState.FULL, "BDR"),
        "4.4.4.4": (NeighborState.FULL, "DR"),
    }
    full = next(n for n in views.neighbors(fabric.routers["a"], fabric.now) if n.role == "DR")
    assert full.dead_in is not None
    assert 30 < full.dead_in <= 40
    assert full.up_for is not None
    assert full.up_for > 10
    assert full.state_changes == 6


def test_interfaces() -> None:
    fabric = Fabric()
    for router in "ab":
        fabric.router(router)
    fabric.lan("10.0.0.0/24", "ab")
    (before,) = views.interfaces(fabric.routers["a"], fabric.now)
    assert before.wait_for == 40
    fabric.run(60)
    (after,) = views.interfaces(fabric.routers["a"], fabric.now)
    assert [str(part) for part in after.dr or ()] == ["2.2.2.2", "10.0.0.2"]
    assert (after.neighbors, after.adjacent, after.cost, after.dead) == (1, 1, 1, 40)
    assert after.hello_in is not None
    assert 0 <= after.hello_in <= 10


def test_database_and_border_routers() -> None:
    fabric = chain()
    fabric.call("a", "redistribute", external("172.16.0.0/16"))
    fabric.run(60)
    process = fabric.routers["c"]
    kinds = [(view.area, view.lsa.type) for view in views.database(process, fabric.now)]
    assert kinds == sorted(kinds, key=lambda item: (item[0] is None, item[1]))
    assert (None, LsaType.AS_EXTERNAL) in kinds
    assert all(view.sequence >= 0x80000001 for view in views.database(process, fabric.now))
    summary = views.database_summary(process.areas[1].lsdb, fabric.now)
    assert summary.total == sum(summary.counts.values()) == len(kinds) - 1
    routers = {str(r.router_id): (r.type.name, r.abr, r.asbr, r.cost) for r in views.border_routers(process)}
    assert routers == {"2.2.2.2": ("INTRA", True, False, 1), "1.1.1.1": ("INTER", False, True, 2)}


def test_lists_of_an_unanswered_neighbor() -> None:
    fabric = chain()
    fabric.run(60)
    fabric.lost = lambda router, _datagram: router == "a"
    fabric.change("b", "e10.0.0.0/30", cost=9)
    fabric.run(1)
    (neighbor,) = fabric.routers["b"].interfaces["e10.0.0.0/30"].neighbors.values()
    waiting = views.retransmission_list(neighbor, fabric.now)
    assert [lsa.type for lsa, _, _ in waiting] == [1]
    assert 0 < waiting[0][2] <= 5
    assert views.request_list(neighbor) == []
