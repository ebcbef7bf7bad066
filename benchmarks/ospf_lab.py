"""`python -m benchmarks.ospf_lab`: OSPF on whole routers: CPU seconds of N, 2N and 4N in one area, and of hellos."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from iosemu.lab.lab import Lab

SETTLE, AFTER_CUT, QUIET = 90, 30, 600
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
    table = Table("routers", "converge s", "growth", "cut s", "growth", "hellos, % of a core")
    before: tuple[float, float] | None = None
    for size in (first, 2 * first, 4 * first):
        lab = routers(size)
        converge = spent(lab, SETTLE)
        lab.advance(60)
        lab.link("R0:FastEthernet0/0").plugged = False
        cut = spent(lab, AFTER_CUT)
        lab.advance(60)
        hellos = spent(lab, QUIET) / QUIET * 100
        growth = (f"{converge / before[0]:.1f}", f"{cut / before[1]:.1f}") if before else ("", "")
        table.add_row(str(size), f"{converge:.2f}", growth[0], f"{cut:.2f}", growth[1], f"{hellos:.2f}")
        before = converge, cut
    console.print(table)
    lab = routers(8)
    lab.advance(SETTLE)
    console.print(f"a day of 8 routers: {spent(lab, DAY):.1f} s of CPU")


if __name__ == "__main__":
    main()
