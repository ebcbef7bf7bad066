"""`python -m benchmarks.ospf_lab`: OSPF on whole routers: CPU seconds of N, 2N and 4N in one area, and of hellos."""

from __future__ import annotations

import sys
import tempfile
import time
from itertools import zip_longest
from pathlib import Path

from rich.console import Console
from rich.table import Table

from iosemu.lab.lab import Lab

SETTLE, AFTER_CUT, AFTER_MEND, QUIET = 90, 30, 60, 600
"""Lab seconds."""
DAY = 86_400


def cables(size: int) -> list[tuple[int, int]]:
    """A ring, and a chord for every second router."""
    ring = [(each, (each + 1) % size) for each in range(size)]
    return ring + [(each, each + size // 2) for each in range(0, size // 2, 2)]


def routers(size: int, ospf: bool = True) -> Lab:
    """A lab of `size` routers, just booted."""
    used = [0] * size
    ports = ("FastEthernet0/0", "FastEthernet0/1", "FastEthernet0/0/0")
    texts = [f"hostname R{each}\nno cdp run\ninterface Loopback0\n ip address 1.0.{each // 250}.{each % 250 + 1} "
             "255.255.255.255\n" for each in range(size)]  # fmt: skip
    links = []
    for number, (a, b) in enumerate(cables(size)):
        ends = []
        for host, router in ((1, a), (2, b)):
            port = ports[used[router]]
            used[router] += 1
            address = f"10.{number // 250}.{number % 250}.{host}"
            texts[router] += f"interface {port}\n ip address {address} 255.255.255.0\n no shutdown\n"
            ends.append(f'"R{router}:{port}"')
        links.append(f"  - endpoints: [{', '.join(ends)}]\n")
    protocol = "router ospf 1\n network 0.0.0.0 255.255.255.255 area 0\n" if ospf else ""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        nodes = ""
        for each, text in enumerate(texts):
            (folder / f"R{each}.cfg").write_text(f"{text}{protocol}end\n")
            nodes += f'  R{each}: {{model: c2811, image: "15.1", config: R{each}.cfg, modules: {{0/0: HWIC-2FE}}}}\n'
        (folder / "lab.yaml").write_text(f"name: many\nnodes:\n{nodes}links:\n{''.join(links)}")
        lab = Lab.load(folder / "lab.yaml", seed=1)
        lab.boot()
        return lab


def spent(lab: Lab, seconds: float) -> float:
    """CPU seconds of some lab seconds."""
    begun = time.process_time()
    lab.advance(seconds)
    return time.process_time() - begun


def main() -> None:
    """Print the tables."""
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    console = Console()
    table = Table(
        "routers", "converge s", "growth", "cut s", "growth", "mend s", "growth", "hellos, % of a core"
    )
    before: tuple[float, ...] = ()
    for size in (first, 2 * first, 4 * first):
        begun = time.process_time()
        routers(size, ospf=False)
        plain = time.process_time()
        lab = routers(size)  # boots, and goes on until the routers have found each other
        lab.advance(SETTLE)
        converge = time.process_time() - plain - (plain - begun)
        lab.advance(60)
        link = lab.link("R0:FastEthernet0/0")
        link.plugged = False
        cut = spent(lab, AFTER_CUT)
        lab.advance(60)
        link.plugged = True
        mend = spent(lab, AFTER_MEND)
        lab.advance(60)
        hellos = spent(lab, QUIET) / QUIET * 100
        taken = converge, cut, mend
        row = [str(size)]
        for value, was in zip_longest(taken, before):
            row += [f"{value:.2f}", f"{value / was:.1f}" if was else ""]
        table.add_row(*row, f"{hellos:.2f}")
        before = taken
    console.print(table)
    lab = routers(8)
    lab.advance(SETTLE)
    console.print(f"a day of 8 routers: {spent(lab, DAY):.1f} s of CPU")


if __name__ == "__main__":
    main()
