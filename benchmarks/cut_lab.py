"""`python -m benchmarks.cut_lab`: a lab of OSPF routers in fast time, whole and cut for two workers.

Two regions, each a ring with chords, joined by four cables of 5 ms: a lab as it comes. What is measured begins when the
lab has been read and ends when the capture of every frame has been read; both captures must be the same octets.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from iosemu.lab.capture import Capture
from iosemu.lab.cut.front import CutLab
from iosemu.lab.lab import Lab

PORTS = ("FastEthernet0/0", "FastEthernet0/1", "FastEthernet0/0/0", "FastEthernet0/0/1")
SECONDS = 120.0
"""Lab seconds from power on: adjacencies, flooding, the first routes, and hellos."""
LINKS = 4


def cables(size: int, regions: int, delay: str) -> list[tuple[int, int, str]]:
    """Each region a ring with a chord for every second router; neighbours among the regions joined by `LINKS`."""
    each = size // regions
    found = []
    for region in range(regions):
        first = region * each
        found += [(first + n, first + (n + 1) % each, "") for n in range(each)]
        found += [(first + n, first + n + each // 2, "") for n in range(0, each // 2, 2)]
        if region:
            step = each // LINKS
            found += [(first + 1 + n * step, first - each + 1 + n * step, delay) for n in range(LINKS)]
    return found


def write(folder: Path, size: int, regions: int, delay: str) -> Path:
    """The lab's files."""
    used = [0] * size
    texts = [f"hostname R{n}\nno cdp run\ninterface Loopback0\n ip address 1.0.{n // 250}.{n % 250 + 1} "
             "255.255.255.255\n" for n in range(size)]  # fmt: skip
    links = []
    for number, (a, b, slow) in enumerate(cables(size, regions, delay)):
        ends = []
        for host, router in ((1, a), (2, b)):
            port = PORTS[used[router]]
            used[router] += 1
            address = f"10.{number // 250}.{number % 250}.{host}"
            texts[router] += f"interface {port}\n ip address {address} 255.255.255.0\n no shutdown\n"
            ends.append(f'"R{router}:{port}"')
        links.append(f"  - endpoints: [{', '.join(ends)}]\n" + (f"    delay: {slow}\n" if slow else ""))
    nodes = ""
    for n, text in enumerate(texts):
        (folder / f"R{n}.cfg").write_text(
            f"{text}router ospf 1\n network 0.0.0.0 255.255.255.255 area 0\nend\n"
        )
        nodes += f'  R{n}: {{model: c2811, image: "15.1", config: R{n}.cfg, modules: {{0/0: HWIC-2FE}}}}\n'
    path = folder / "lab.yaml"
    path.write_text(f"name: regions\nnodes:\n{nodes}links:\n{''.join(links)}")
    return path


@dataclass
class Run:
    """What one run took."""

    boot: float
    """Wall seconds."""
    wall: float
    cpu: tuple[float, ...]
    """Of each process that computes, from after the boot."""
    octets: int
    digest: str
    rounds: int = 0


def cpu(pid: int) -> float:
    """CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def whole(path: Path, seconds: float) -> Run:
    """In this process."""
    lab = Lab.load(path, seed=1)
    begun = time.monotonic()
    lab.boot(settle=0)
    gc.collect()
    gc.freeze()  # as `iosemu up` and the workers do
    booted, used = time.monotonic(), time.process_time()
    capture = Capture(lab, "all", limit=2**40)
    lab.advance(seconds)
    capture.close()
    data = capture.read()
    return Run(booted - begun, time.monotonic() - booted, (time.process_time() - used,), len(data),
               hashlib.sha256(data).hexdigest())  # fmt: skip


def cut(path: Path, seconds: float, workers: int) -> Run:
    """In so many workers; the front's own CPU comes last."""
    with CutLab.load(path, seed=1, workers=workers) as lab:
        begun = time.monotonic()
        lab.boot(settle=0)
        booted, own = time.monotonic(), time.process_time()
        used = [cpu(each.pid) for each in lab.workers]
        capture = lab.capture("all", limit=2**40)
        lab.advance(seconds)
        capture.close()
        data = capture.read()
        wall = time.monotonic() - booted
        spent = [cpu(each.pid) - before for each, before in zip(lab.workers, used, strict=True)]
        return Run(booted - begun, wall, (*spent, time.process_time() - own), len(data),
                   hashlib.sha256(data).hexdigest(), lab.ask_all("rounds")[0])  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=int, nargs="?", default=200, help="routers")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--delay", default="5ms", help="of the cables between the regions")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="lab seconds")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path = write(Path(name), wanted.size, wanted.workers, wanted.delay)
        apart = cut(path, wanted.seconds, wanted.workers)
        one = whole(path, wanted.seconds)
    table = Table(
        f"{wanted.size} routers, {wanted.seconds:g} s of lab time", "whole", f"{wanted.workers} workers"
    )
    table.add_row("boot, s", f"{one.boot:.1f}", f"{apart.boot:.1f}")
    table.add_row("run, s", f"{one.wall:.1f}", f"{apart.wall:.1f}")
    table.add_row(
        "CPU of each process, s", *(", ".join(f"{each:.1f}" for each in run.cpu) for run in (one, apart))
    )
    table.add_row(
        "boot and run, times faster", "", f"{(one.boot + one.wall) / (apart.boot + apart.wall):.2f}"
    )
    table.add_row("run, times faster", "", f"{one.wall / apart.wall:.2f}")
    table.add_row("by CPU: whole to the busiest process", "", f"{one.cpu[0] / max(apart.cpu):.2f}")
    table.add_row("rounds", "", str(apart.rounds))
    table.add_row("capture, octets", str(one.octets), str(apart.octets))
    table.add_row("the same octets", "", "yes" if one.digest == apart.digest else "NO")
    Console().print(table)
    if one.digest != apart.digest:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
