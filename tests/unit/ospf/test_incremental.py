"""A tree that follows the changes of LSAs is the one that is built from its root."""

from __future__ import annotations

from random import Random

import pytest

from iosemu.routing.ospf import incremental, routing
from iosemu.routing.ospf.spf import area_routes, shortest_paths
from tests.unit.ospf.fabric import Fabric

SIZE = 10


def mesh(seed: int) -> Fabric:
    """Routers on links of small random costs, so that many ways are equally good, and on a few networks."""
    random, fabric = Random(seed), Fabric(seed)
    names = [fabric.router(f"r{index}", f"10.255.0.{index + 1}") and f"r{index}" for index in range(SIZE)]
    for index in range(SIZE):
        fabric.p2p(f"10.0.{index}.0/30", names[index], names[(index + 1) % SIZE], cost=random.randint(1, 3))
    for number in range(6):
        fabric.p2p(f"10.1.{number}.0/30", *random.sample(names, 2), cost=random.randint(1, 3))
    for number in range(4):
        fabric.lan(f"10.2.{number}.0/24", random.sample(names, 4), cost=random.randint(1, 3))
    for index in range(SIZE):
        fabric.loopback(names[index], f"10.255.0.{index + 1}")
    return fabric


def check(fabric: Fabric) -> None:
    """Every router's tree and routes are those of a whole run over the same database."""
    for name, process in fabric.routers.items():
        area = process.areas[0]
        assert area.tree is not None
        assert area.routes is not None
        whole = shortest_paths(area, process.router_id)
        assert area.tree.distance == whole.distance, name
        assert area.tree.hops == whole.hops, name
        assert area.tree.bodies.keys() == whole.bodies.keys(), name
        routes = area_routes(area, whole)
        assert area.routes.routers == routes.routers, name
        found = {prefix: (path.cost, path.hops) for prefix, path in area.routes.prefixes.items()}
        assert found == {prefix: (path.cost, path.hops) for prefix, path in routes.prefixes.items()}, name


@pytest.mark.parametrize("seed", range(2))
def test_after_cuts_mends_and_other_costs(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    followed = 0

    def counted(*arguments: object) -> set[int] | None:
        nonlocal followed
        affected = incremental.follow(*arguments)  # type: ignore[arg-type]
        followed += affected is not None
        return affected

    monkeypatch.setattr(routing, "follow", counted)
    random, fabric = Random(seed), mesh(seed)
    fabric.run(90)
    check(fabric)
    links = [link for link in fabric.links if len(link) > 1]
    down: list[set[tuple[str, str]]] = []
    for _ in range(12):
        step = random.random()
        if step < 0.4 or (step < 0.7 and not down):
            link = random.choice([each for each in links if each not in down])
            down.append(link)
            fabric.cut(link)
        elif step < 0.7:
            fabric.mend(down.pop(random.randrange(len(down))))
        else:
            router, interface = random.choice(sorted(random.choice(links)))
            fabric.change(router, interface, cost=random.randint(1, 3))
        fabric.run(30)
        check(fabric)
    assert followed > 4 * SIZE
