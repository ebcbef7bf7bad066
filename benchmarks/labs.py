"""`python -m benchmarks.labs`: labs of N, 2N and 4N routers, and what small commands cost.

The ratio is the cost of 4N to that of N: about 4 where it grows with the lab, 16 where it grows with its square.
"""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from iosemu.box.running_interface import finished, interface_sections
from iosemu.lab import labfile, resources
from iosemu.lab.lab import Lab
from iosemu.lab.plan import LabPlan
from iosemu.parser.renderer import Renderer

N = 250
RUNS = 5
PORTS = 64
NODE = """\
  R{n}:
    model: c2911
    startup: |
      hostname R{n}
      interface GigabitEthernet0/0
       ip address 10.{high}.{low}.1 255.255.255.0
"""
LOOP = """\
name: loop
nodes:
  "R{{{{ i }}}}": {{for: {{i: "1..{count}"}}, model: c2911}}
links:
  - for: {{i: "1..{last}"}}
    endpoints: ["R{{{{ i }}}}:Gi0/1", "R{{{{ i + 1 }}}}:Gi0/0"]
"""


def ring(count: int) -> str:
    """A lab file that names every router and cable."""
    nodes = "".join(NODE.format(n=n, high=n // 250, low=n % 250) for n in range(count))
    links = "".join(
        f'  - {{endpoints: ["R{n}:Gi0/1", "R{(n + 1) % count}:Gi0/0"], delay: 1ms}}\n' for n in range(count)
    )
    return f"name: ring\nnodes:\n{nodes}links:\n{links}"


def seconds(action: Callable[[], object], runs: int = 3) -> float:
    """CPU seconds of the quickest of some runs."""
    taken = []
    for _ in range(runs):
        began = time.process_time()
        action()
        taken.append(time.process_time() - began)
    return min(taken)


def octets(action: Callable[[], object]) -> int:
    """Memory that the result of an action keeps."""
    gc.collect()
    tracemalloc.start()
    kept = action()
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    return size


def command(*words: str) -> float:
    """CPU seconds of a Python program, at best."""
    taken = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True, env=environment())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(taken)


def environment() -> dict[str, str]:
    """As an installed program runs: with compiled modules."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def costs(path: Path, size: int) -> dict[str, float]:
    """What a lab of some size costs."""
    path.write_text(LOOP.format(count=size, last=size - 1))
    found = {"load a lab file with loops, s": seconds(lambda: labfile.read(path))}
    path.write_text(ring(size))
    found["load a lab file that names all, s"] = seconds(lambda: labfile.read(path))
    lab = Lab.load(path, seed=1)
    lab.boot(settle=5)
    snapshot = lab.snapshot()
    found["snapshot, s"] = seconds(lab.snapshot)
    found["snapshot, MB"] = octets(lab.snapshot) / 1e6
    found["restore, nothing changed, s"] = seconds(lambda: lab.restore(snapshot))
    return found


def growth(folder: Path) -> Table:
    """Costs of N, 2N and 4N routers."""
    resources.grammar()
    sizes = (N, 2 * N, 4 * N)
    columns = [costs(folder / "lab.yaml", size) for size in sizes]
    table = Table("routers", *(str(size) for size in sizes), "ratio")
    for what in columns[0]:
        values = [column[what] for column in columns]
        table.add_row(what, *(f"{value:.3f}" for value in values), f"{values[-1] / values[0]:.1f}")
    return table


def port_costs(size: int) -> dict[str, float]:
    """What a router with so many ports costs."""
    plan = LabPlan().node("R", "c2911", ports=[f"Ethernet{slot}/0-15" for slot in range(size // 16)])
    lab = Lab(plan.topology(), seed=1)
    found = {"boot, s": seconds(lambda: lab.boot(settle=0))}
    router = lab.devices["R"]
    found["lines of all interfaces, s"] = seconds(
        lambda: finished(interface_sections(router, Renderer(lab.grammar)))
    )
    return found


def port_growth() -> Table:
    """Costs of N, 2N and 4N ports."""
    sizes = (PORTS, 2 * PORTS, 4 * PORTS)
    columns = [port_costs(size) for size in sizes]
    table = Table("ports", *(str(size) for size in sizes), "ratio")
    for what in columns[0]:
        values = [column[what] for column in columns]
        table.add_row(what, *(f"{value:.4f}" for value in values), f"{values[-1] / values[0]:.1f}")
    return table


def main() -> None:
    """Measure and print."""
    out = Console()
    with tempfile.TemporaryDirectory() as name:
        out.print(growth(Path(name)))
    out.print(port_growth())
    table = Table("command", "CPU", "of Python alone")
    floor = command("-c", "pass")
    for words in (["--version"], ["ls"], ["--help"]):
        taken = command("-m", "iosemu.lab.cli", *words)
        table.add_row(f"iosemu {words[0]}", f"{taken:.3f} s", f"{taken / floor:.1f}")
    taken = command("-c", "import iosemu")
    table.add_row("import iosemu", f"{taken:.3f} s", f"{taken / floor:.1f}")
    out.print(table)


if __name__ == "__main__":
    main()
