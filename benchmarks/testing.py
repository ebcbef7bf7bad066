"""`python -m benchmarks.testing`: transcripts, snapshot and restore, and fast time on the lab ipsec-vpn."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from iosemu import SyncLab
from iosemu.lab.lab import Lab

ROOT = Path(__file__).resolve().parents[1]
TRANSCRIPTS, SECONDS = 100, 20.0
"""The budget: so many transcripts in so many seconds on two cores."""


def timed(action: Callable[[], object], times: int = 1) -> float:
    """Wall seconds for one run of `action`."""
    began = time.perf_counter()
    for _ in range(times):
        action()
    return (time.perf_counter() - began) / times


def transcripts(folder: Path, *options: str) -> float:
    """Wall seconds of `iosemu test` for a folder."""
    command = [sys.executable, "-m", "iosemu.lab.cli", "test", str(folder), *options]
    environment = {**os.environ, "IOSEMU_STATE": str(folder / "state")}
    began = time.perf_counter()
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=ROOT)
    if result.returncode:
        sys.exit(result.stdout[-2000:] + result.stderr)
    return time.perf_counter() - began


FIRST_LAB = """
import time
began = time.process_time()
from iosemu import SyncLab
imported = time.process_time()
with SyncLab("ipsec-vpn"):
    pass
first = time.process_time()
with SyncLab("ipsec-vpn"):
    pass
print(imported - began, first - imported, time.process_time() - first)
"""


def first_lab() -> tuple[float, float, float]:
    """CPU seconds in a new process, the least of some: the imports, the first lab, and one after it."""
    command = [sys.executable, "-c", FIRST_LAB]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT) for _ in range(4)]
    imports, first, second = zip(*(map(float, run.stdout.split()) for run in runs[1:]), strict=True)
    return min(imports), min(first), min(second)


def copies(folder: Path) -> None:
    """The transcripts of the handout, over and over until there are enough."""
    sources = sorted((ROOT / "tests" / "transcripts" / "handout").glob("*.transcript"))
    for number in range(TRANSCRIPTS):
        source = sources[number % len(sources)]
        shutil.copy(source, folder / f"{number:03}-{source.name}")


def main() -> None:
    """Measure and print."""
    table = Table("what", "time", "budget")

    def row(what: str, seconds: float, budget: str = "") -> None:
        shown = f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1e3:.1f} ms"
        table.add_row(what, shown, budget)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copies(folder)
        row(f"{TRANSCRIPTS} transcripts over SSH, -n 2", transcripts(folder, "-n", "2"), f"{SECONDS:g} s")
        row(f"{TRANSCRIPTS} transcripts --direct, -n 2", transcripts(folder, "--direct", "-n", "2"))
    imports, first, second = first_lab()
    row("the first lab of a process: imports (CPU)", imports)
    row("the first lab of a process: grammar, models, boot (CPU)", first, "300 ms beside the next")
    row("the next lab (CPU)", second)
    Lab.load("ipsec-vpn")  # the grammar is read once a process

    def boot() -> Lab:
        lab = Lab.load("ipsec-vpn")
        lab.boot()
        return lab

    row("load and boot a lab of 9 devices", timed(boot, 10))
    lab = boot()
    row("snapshot", timed(lab.snapshot, 20), "some ms")
    snapshot = lab.snapshot()
    row("restore", timed(lambda: lab.restore(snapshot), 50), "some ms")
    with SyncLab("ipsec-vpn") as tunnel:
        row("cold ping in fast time (12 s of lab time)", timed(lambda: tunnel["PC-A"].ping("192.168.2.1")))
        row("warm ping in fast time (3 s)", timed(lambda: tunnel["PC-A"].ping("192.168.2.1"), 5))
        row("one hour of lab time, with a rekey", timed(lambda: tunnel.advance("1h")))
        row("one day of lab time", timed(lambda: tunnel.advance("1d")))
    Console().print(table)


if __name__ == "__main__":
    main()
