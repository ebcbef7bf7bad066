"""`python -m benchmarks.farm [LABS] [SECONDS]`: a class as `iosemu farm` carries it, whose students type.

Each student has a lab of nine devices and types a show command every few seconds, through the gateway, by real SSH.
Told are the start of the class, what an idle one takes of the processor, memory, and how long answers take.
"""

from __future__ import annotations

import asyncio
import compileall
import csv
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asyncssh
from rich.console import Console
from rich.table import Table

import iosemu
from iosemu.farm.registry import running_farms
from iosemu.farm.wire import Address, ask
from iosemu.farm.worker import MEASURE

LABS = 100
SECONDS = 300.0
IDLE = 30.0
PACE = (2.0, 8.0)
"""Wall seconds between two commands of a student, at least and at most."""
LINES = ("show ip interface brief", "show ip route", "show running-config | include interface", "show clock",
         "show crypto isakmp sa")  # fmt: skip
CLASS = """\
name: classroom
lab: ipsec-vpn
students: {{count: {labs}}}
ports: {{ssh: 0}}
quotas: {{idle: null}}
"""


def _farm(*words: str) -> list[str]:
    return [sys.executable, "-m", "iosemu.farm.cli", *words]


def _cpu(pids: list[int]) -> float:
    """Seconds that processes computed."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _memory(pids: list[int]) -> float:
    """Megabytes that processes have for themselves and share."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            total += int(line.split()[1]) if line.startswith("Pss:") else 0
    return total / 1024


async def _student(port: int, name: str, token: str, until: float, waits: list[float]) -> None:
    dice = random.Random(name)
    await asyncio.sleep(dice.uniform(0, PACE[1]))
    async with asyncssh.connect("127.0.0.1", port, username=f"{name}+R-A", password=token, known_hosts=None,
                                client_keys=None, config=None) as connection, \
            connection.create_process(term_type="xterm", term_size=(132, 200)) as shell:  # fmt: skip
        await shell.stdout.readuntil("#")
        while time.monotonic() < until:
            line = dice.choice(LINES)
            began = time.perf_counter()
            shell.stdin.write(line + "\r")
            await shell.stdout.readuntil(line)
            await shell.stdout.readuntil("R-A#")
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(dice.uniform(*PACE))


async def _class(labs: int, seconds: float, tokens: dict[str, str], began: float) -> dict[str, float]:
    note = running_farms()["classroom"]
    control = Address(**note["control"])

    async def status() -> dict[str, object]:
        return await ask(control, {"do": "status"})

    while True:
        told = await status()
        states = [lab["state"] for lab in told["labs"]]  # type: ignore[attr-defined]
        if states.count("running") == labs:
            break
        await asyncio.sleep(0.5)
    started = time.monotonic() - began
    workers = [int(each["pid"]) for each in told["workers"]]  # type: ignore[attr-defined]
    everybody = [*workers, int(note["pid"])]
    await asyncio.sleep(MEASURE + 5)  # all have been looked at and measured once
    before = _cpu(everybody)
    await asyncio.sleep(IDLE)
    idle = (_cpu(everybody) - before) / IDLE
    waits: list[float] = []
    before, until = _cpu(everybody), time.monotonic() + seconds
    students = (
        _student(int(note["ports"]["ssh"]), name, tokens[name], until, waits) for name in list(tokens)[:labs]
    )
    await asyncio.gather(*students)
    busy = (_cpu(everybody) - before) / seconds
    ordered = sorted(waits)
    return {
        "start, s": started,
        "idle class, % of a core": 100 * idle,
        "typing class, % of a core": 100 * busy,
        "memory a lab, MB": _memory(workers) / labs,
        "commands": len(ordered),
        "median, ms": 1000 * statistics.median(ordered),
        "99th percentile, ms": 1000 * ordered[int(0.99 * (len(ordered) - 1))],
        "longest, ms": 1000 * ordered[-1],
    }


def main() -> None:
    labs = int(sys.argv[1]) if len(sys.argv) > 1 else LABS
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IOSEMU_STATE"] = f"{folder}/state"
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # as an installed program runs: with compiled modules
        compileall.compile_dir(str(Path(iosemu.__file__).parent), quiet=2)
        path = Path(folder) / "class.yaml"
        path.write_text(CLASS.format(labs=labs))
        subprocess.run(_farm("account", "issue", str(path), "--output", f"{folder}/tokens.csv"), check=True)
        with Path(folder, "tokens.csv").open() as file:
            tokens = {row["name"]: row["token"] for row in csv.DictReader(file)}
        began = time.monotonic()
        farm = subprocess.Popen(
            _farm("up", str(path)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            assert farm.stdout is not None
            farm.stdout.readline()
            found = asyncio.run(_class(labs, seconds, tokens, began))
        finally:
            farm.send_signal(signal.SIGTERM)
            farm.wait(120)
    table = Table(title=f"{labs} labs of nine devices, {seconds:.0f} s, {os.cpu_count()} cores, load "
                        f"{os.getloadavg()[0]:.1f}")  # fmt: skip
    table.add_column("")
    table.add_column("", justify="right")
    for what, value in found.items():
        table.add_row(what, f"{value:,.1f}")
    Console().print(table)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
