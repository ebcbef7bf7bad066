"""`python -m benchmarks.growth [WORD…]`: how costs grow from N to 2N to 4N, which is the same on every machine.

A row is a plain function that does its work at one size and returns figures by name, smaller being better. Each
size runs in a process of its own, several times in turn, and the least counts. Beside each figure stands what it is
to that of the size before: 2 for each doubling is linear, 4 is quadratic, 1 is what nobody has to pay for.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from rich.console import Console
from rich.table import Table

Figures = Mapping[str, float]
"""By name, with the unit: `listen, CPU ms`."""


@dataclass(frozen=True)
class Row:
    """One measurement at growing sizes."""

    what: str
    measure: Callable[[int], Figures]
    """A function of a module, not a closure: it is called in another process."""
    base: int
    """N."""
    zero: bool = False
    """Measure with none at all first."""
    budgets: Mapping[str, float] = field(default_factory=dict)
    """What a figure at 4N may be to that at the first size."""

    @property
    def sizes(self) -> list[int]:
        """N, 2N and 4N, perhaps after 0."""
        return [0] * self.zero + [self.base, 2 * self.base, 4 * self.base]


def resident() -> float:
    """Megabytes this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def apart(measure: Callable[[int], Figures], size: int) -> Figures:
    """What `measure` finds in a process that has done nothing else."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, size).result()


def grow(row: Row, rounds: int = 3) -> dict[str, list[float]]:
    """The figures of a row, each at all of its sizes."""
    least: dict[str, list[float]] = {}
    for _ in range(rounds):
        for place, size in enumerate(row.sizes):
            for name, value in apart(row.measure, size).items():
                values = least.setdefault(name, [])
                if place == len(values):
                    values.append(value)
                else:
                    values[place] = min(values[place], value)
    return least


def ratios(values: Sequence[float]) -> list[float]:
    """Each value to the one before it."""
    return [after / before if before else float("inf") for before, after in pairwise(values)]


def table(row: Row, figures: Mapping[str, Sequence[float]]) -> Table:
    """A row as it is printed."""
    shown = Table(title=row.what, title_justify="left")
    for heading in ("", *map(str, row.sizes), "overall", "budget"):
        shown.add_column(heading, justify="left" if not heading else "right", no_wrap=True)
    for name, values in figures.items():
        steps = [f"{values[0]:.2f}"]
        steps += [f"{value:.2f} (x{by:.2f})" for value, by in zip(values[1:], ratios(values), strict=True)]
        overall = values[-1] / values[0] if values[0] else float("inf")
        budget = row.budgets.get(name)
        shown.add_row(name, *steps, f"x{overall:.2f}", "" if budget is None else f"x{budget:g}")
    return shown


def rows() -> list[Row]:
    """All rows; a topic with several has a module of its own."""
    from benchmarks import growth_firewall, growth_lab, growth_vpn

    return [*growth_lab.ROWS, *growth_firewall.ROWS, *growth_vpn.ROWS]


def main() -> None:
    """Measure and print the rows whose names hold one of the words given, or all."""
    console = Console(width=110)
    words = [word.lower() for word in sys.argv[1:]]
    for row in rows():
        if not words or any(word in row.what.lower() for word in words):
            console.print(table(row, grow(row)))


if __name__ == "__main__":
    main()
