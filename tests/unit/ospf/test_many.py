"""Many routers: every one of them learns every prefix, by a shortest path."""

from __future__ import annotations

from random import Random

import pytest

from iosemu.routing.ospf.events import SpfRun
from tests.unit.ospf.fabric import Fabric


def ring(size: int, chords: int, seed: int = 5) -> tuple[Fabric, dict[tuple[int, int], int]]:
    """A ring with chords of random cost, and the costs by edge."""
    fabric = Fabric(seed)
    random = Random(seed)
    for index in range(size):
        fabric.router(f"r{index}", f"10.255.{index // 250}.{index % 250 + 1}")
    edges = {(index, (index + 1) % size): random.randint(1, 20) for index in range(size)}
    for _ in range(chords):
        a, b = random.sample(range(size), 2)
        if (a, b) not in edges and (b, a) not in edges:
            edges[(a, b)] = random.randint(1, 20)
    for link, ((a, b), cost) in enumerate(edges.items()):
        prefix = f"10.{link // 16384}.{link // 64 % 256}.{link % 64 * 4}/30"
        fabric.p2p(prefix, f"r{a}", f"r{b}", cost=cost)
    for index in range(size):
        fabric.loopback(f"r{index}", f"10.255.{index // 250}.{index % 250 + 1}")
    return fabric, edges


def distances(size: int, edges: dict[tuple[int, int], int]) -> list[list[float]]:
    """Floyd and Warshall's algorithm: another than the engine's."""
    table = [[0.0 if a == b else float("inf") for b in range(size)] for a in range(size)]
    for (a, b), cost in edges.items():
        table[a][b] = table[b][a] = min(cost, table[a][b])
    for k in range(size):
        row = table[k]
        for current in table:
            base = current[k]
            for j in range(size):
                if base + row[j] < current[j]:
                    current[j] = base + row[j]
    return table


def check(fabric: Fabric, size: int, edges: dict[tuple[int, int], int]) -> None:
    expected = distances(size, edges)
    for index in range(size):
        routes = fabric.routes(f"r{index}")
        for other in range(size):
            route = routes[f"10.255.{other // 250}.{other % 250 + 1}/32"]
            assert route.cost == expected[index][other] + 1


@pytest.mark.parametrize("size", [50, 90])
def test_shortest_paths_before_and_after_a_cut(size: int) -> None:
    fabric, edges = ring(size, size // 2)
    fabric.run(60)
    check(fabric, size, edges)
    databases = [{entry.lsa for entry in process.areas[0].lsdb} for process in fabric.routers.values()]
    assert all(database == databases[0] for database in databases)
    assert len(databases[0]) == size
    runs = [len(fabric.of(f"r{index}", SpfRun)) for index in range(size)]
    cut = next(iter(edges))
    fabric.cut(fabric.links[0])
    fabric.run(15)
    del edges[cut]
    check(fabric, size, edges)
    assert all(len(fabric.of(f"r{index}", SpfRun)) == runs[index] + 1 for index in range(size))
