"""`python -m benchmarks.classroom`: a class at work on this machine: labs by the farm, and a client for each.

Each client logs in by the gateway, looks and configures at a human pace (a key every 0.15 s, a few seconds of thought
before each line), and notes how long each key takes to be echoed and each line to be answered. What the labs cost is
CPU time and memory of the farm's processes; waiting is wall time, and means something only on a machine at rest.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
from rich.console import Console
from rich.table import Table

from benchmarks.__main__ import cpu, memory

KEY, THOUGHT = 0.15, (2.0, 8.0)
"""Seconds between keys, and before a line."""
LESSON = (
    "show version", "show ip interface brief", "show running-config", "configure terminal", "hostname R-A",
    "interface FastEthernet0/0", "description to the office", "exit", "crypto isakmp policy 10", "encryption aes",
    "authentication pre-share", "group 2", "end", "show crypto isakmp policy", "show ip route", "show cdp neighbors",
    "ping 10.0.0.1 repeat 2", "write memory",
)  # fmt: skip
DEVICE = "R-A"


@dataclass
class Waits:
    """Seconds of waiting, of all clients."""

    keys: list[float] = field(default_factory=list)
    lines: list[float] = field(default_factory=list)
    logins: list[float] = field(default_factory=list)


def family(pid: int) -> list[int]:
    """A process and all that come of it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, left = [], [pid]
    while left:
        found.append(left.pop())
        left += children.get(found[-1], [])
    return found


def own_memory(pid: int) -> float:
    """Megabytes of a process, each shared page divided among those who share it."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return memory(pid)


def costs(pid: int) -> tuple[float, float]:
    """CPU seconds so far and megabytes now of the farm's processes."""
    those = family(pid)
    return sum(cpu(each) for each in those), sum(own_memory(each) for each in those)


async def student(name: str, token: str, port: int, seconds: float, waits: Waits, rng: random.Random) -> None:
    """One client, from the login to the end."""
    begun = time.monotonic()
    until = begun + seconds
    async with asyncssh.connect(
        "127.0.0.1",
        port,
        username=f"{name}+{DEVICE}",
        password=token,
        known_hosts=None,
        client_keys=[],
        agent_path=None,
    ) as connection:
        process = await connection.create_process(term_type="vt100", encoding=None)
        await process.stdout.readuntil(b"#")
        waits.logins.append(time.monotonic() - begun)
        while True:
            for line in LESSON:
                await asyncio.sleep(rng.uniform(*THOUGHT))
                if time.monotonic() >= until:
                    process.close()
                    return
                for key in line:
                    await asyncio.sleep(rng.uniform(0.5, 1.5) * KEY)
                    pressed = time.monotonic()
                    process.stdin.write(key.encode())
                    await process.stdout.readuntil(key.encode())
                    waits.keys.append(time.monotonic() - pressed)
                pressed = time.monotonic()
                process.stdin.write(b"\r")
                await _prompt(process, line)
                waits.lines.append(time.monotonic() - pressed)


async def _prompt(process: asyncssh.SSHClientProcess[bytes], line: str) -> None:
    """Read to the next prompt; Space at each page."""
    seen = b""
    while True:
        seen += await process.stdout.read(65536)
        if seen.endswith(b"--More-- "):
            process.stdin.write(b" ")
            seen = b""
        elif seen.rstrip().endswith(b"#") and b"\n" in seen:
            return


def free_port() -> int:
    """A TCP port of the loopback that nobody has."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def ready(port: int) -> bool:
    """Whether all workers answer and have their labs."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def up(environment: dict[str, str]) -> int:
    """How many labs are up."""
    done = subprocess.run(
        [sys.executable, "-m", "iosemu.lab.cli", "farm", "status", "--json"], env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    try:
        return sum(each["state"] == "running" for each in json.loads(done.stdout)["labs"])
    except (ValueError, KeyError):
        return 0


async def clients(tokens: dict[str, str], port: int, seconds: float) -> Waits:
    """All of them at once; they log in within ten seconds."""
    waits = Waits()

    async def one(number: int, name: str) -> None:
        rng = random.Random(number)  # the same class each time
        await asyncio.sleep(rng.uniform(0, 10))
        await student(name, tokens[name], port, seconds - 10, waits, rng)

    await asyncio.gather(*(one(*each) for each in enumerate(tokens)))
    return waits


def row(table: Table, what: str, values: list[float]) -> None:
    """Median and 99th percentile in milliseconds."""
    ordered = sorted(values)
    high = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] if ordered else 0.0
    table.add_row(what, f"{len(ordered)}: median {statistics.median(ordered or [0.0]) * 1e3:.1f} ms, "
                  f"99th percentile {high * 1e3:.1f} ms")  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labs", type=int, nargs="?", default=100)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--idle", type=float, default=30, help="seconds of rest that are measured first")
    parser.add_argument("--lab", default="ipsec-vpn-exercise")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ssh, metrics = free_port(), free_port()
        file = folder / "class.yaml"
        file.write_text(f"name: bench\nlab: {wanted.lab}\nstudents: {{count: {wanted.labs}, name: s}}\n"
                        f"ports: {{ssh: {ssh}, metrics: {metrics}}}\n")  # fmt: skip
        environment = {**os.environ, "IOSEMU_STATE": str(folder / "state")}
        program = [sys.executable, "-m", "iosemu.lab.cli", "farm"]
        subprocess.run(
            [*program, "account", "issue", str(file), "--output", str(folder / "tokens.csv")],
            env=environment, check=True, capture_output=True,
        )  # fmt: skip
        with (folder / "tokens.csv").open() as stream:
            tokens = {row["name"]: row["token"] for row in csv.DictReader(stream) if row["name"] != "teacher"}
        begun = time.monotonic()
        with (folder / "log").open("w") as log:
            farm = subprocess.Popen([*program, "up", str(file)], env=environment, stdout=log, stderr=log)
        try:
            while not ready(metrics) or up(environment) < wanted.labs:
                if farm.poll() is not None:
                    raise SystemExit((folder / "log").read_text())
                time.sleep(0.5)
            started = time.monotonic() - begun
            boot, held = costs(farm.pid)
            time.sleep(wanted.idle)
            rested, _ = costs(farm.pid)
            before = time.monotonic()
            waits = asyncio.run(clients(tokens, ssh, wanted.seconds))
            took = time.monotonic() - before
            worked, held_then = costs(farm.pid)
        finally:
            farm.terminate()
            farm.wait(60)
    table = Table(f"{wanted.labs} labs {wanted.lab}, {os.cpu_count()} cores", "")
    table.add_row("started in", f"{started:.1f} s; {boot:.1f} s of CPU")
    table.add_row("memory of all processes", f"{held:.0f} MB, then {held_then:.0f} MB")
    table.add_row("at rest", f"{(rested - boot) / wanted.idle * 100:.2f} % of a core")
    table.add_row("at work", f"{(worked - rested) / took * 100:.1f} % of a core, "
                  f"{(worked - rested) / took / wanted.labs * 100:.3f} % for a client")  # fmt: skip
    row(table, "logins", waits.logins)
    row(table, "keys echoed", waits.keys)
    row(table, "lines answered", waits.lines)
    Console().print(table)


if __name__ == "__main__":
    main()
