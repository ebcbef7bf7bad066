"""`python -m benchmarks.ospf`: CPU seconds of N, 2N and 4N OSPF engines in one area, and how they grow."""

from __future__ import annotations

import sys
import time

from rich.console import Console
from rich.table import Table

from tests.unit.ospf.test_many import ring

SETTLE, AFTER_CUT = 60, 20


def measured(size: int) -> tuple[float, float, int]:
    """CPU seconds of all engines to the first routes and after one cut, with the wires; LSAs in a database."""
    fabric, _ = ring(size, size // 2)
    start = time.process_time()
    fabric.run(SETTLE)
    settled = time.process_time()
    fabric.cut(fabric.links[0])
    fabric.run(AFTER_CUT)
    return settled - start, time.process_time() - settled, len(fabric.routers["r0"].areas[0].lsdb)


def main() -> None:
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    table = Table("routers", "LSAs", "converge s", "growth", "cut s", "growth")
    before: tuple[float, float] | None = None
    for size in (first, 2 * first, 4 * first):
        converge, cut, lsas = measured(size)
        growth = (f"{converge / before[0]:.1f}", f"{cut / before[1]:.1f}") if before else ("", "")
        table.add_row(str(size), str(lsas), f"{converge:.2f}", growth[0], f"{cut:.2f}", growth[1])
        before = converge, cut
    Console().print(table)


if __name__ == "__main__":
    main()
