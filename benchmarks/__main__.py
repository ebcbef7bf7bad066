"""`python -m benchmarks`: logins, a simple show, start-up and memory, each beside its floor."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

import asyncssh
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
LOGINS, SHOWS, SESSIONS, IDLE = 60, 600, 50, 5


def cpu(pid: int) -> float:
    """CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int | str) -> float:
    """Resident megabytes of a process, `self` for this one."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def measured(pid: int, count: int, action: Callable[[], Awaitable[None]]) -> float:
    """CPU milliseconds of the server for each action."""
    await action()
    before = cpu(pid)
    for _ in range(count):
        await action()
    return (cpu(pid) - before) / count * 1e3


def connect(port: int) -> AbstractAsyncContextManager[asyncssh.SSHClientConnection]:
    """A connection with the password, nothing else tried."""
    return asyncssh.connect(
        "127.0.0.1", port, username="admin", password="admin", known_hosts=None, client_keys=None,
        agent_path=None, config=None, preferred_auth="password",
    )  # fmt: skip


async def idle_sessions(pid: int, ports: list[int]) -> float:
    """Per cent of a core that the server uses while `SESSIONS` shells at prompts do nothing."""
    async with AsyncExitStack() as open_ones:
        for number in range(SESSIONS):
            port = ports[number % len(ports)]
            connection = await open_ones.enter_async_context(connect(port))
            process = await connection.create_process(term_type="vt100")
            shown = await process.stdout.readuntil("#")
            if number < len(ports) and len(ports) > 1:
                process.stdin.write("configure terminal\nline vty 5 15\nend\n")
                while "(config-line)" not in shown:
                    shown = await process.stdout.readuntil("#")
                await process.stdout.readuntil("#")
        await asyncio.sleep(2)
        before = cpu(pid)
        await asyncio.sleep(IDLE)
        return (cpu(pid) - before) / IDLE * 100


async def measure(pid: int, port: int, prompt: bytes) -> tuple[float, float]:
    """CPU milliseconds for a login and for a simple show."""

    async def login() -> None:
        async with connect(port) as connection:
            process = await connection.create_process(term_type="vt100", encoding=None)
            await process.stdout.readuntil(prompt)

    logins = await measured(pid, LOGINS, login)
    async with connect(port) as connection:
        process = await connection.create_process(term_type="vt100", encoding=None)
        await process.stdout.readuntil(prompt)

        async def show() -> None:
            process.stdin.write(b"show ip interface brief\n")
            await process.stdout.readuntil(prompt)

        shows = await measured(pid, SHOWS, show)
    return logins, shows


def start_floor() -> tuple[subprocess.Popen[str], int]:
    """A bare asyncssh server."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "floor.py")], stdout=subprocess.PIPE, text=True, cwd=HERE.parent
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def start_lab(state: str) -> tuple[subprocess.Popen[str], dict[str, int], float]:
    """The lab ipsec-vpn, its ports, and the seconds until it listened."""
    environment = {**os.environ, "IOSEMU_STATE": state, "COLUMNS": "200"}
    begun = time.perf_counter()
    command = [sys.executable, "-m", "iosemu.lab.cli", "up", "ipsec-vpn", "--base-port", "0"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while "Ctrl-C" not in process.stdout.readline():
        if process.poll() is not None:
            sys.exit("the lab did not start")
    took = time.perf_counter() - begun
    (note,) = Path(state, "running").glob("*.json")
    return process, json.loads(note.read_text())["devices"], took


def main() -> None:
    """Measure and print."""
    table = Table(title="iosemu beside a bare asyncssh server")
    for heading in ("what", "floor", "iosemu", "ratio", "budget"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    with tempfile.TemporaryDirectory() as state:
        floor, floor_port = start_floor()
        start_lab_first, _, first = start_lab(state)
        start_lab_first.terminate()
        start_lab_first.wait()
        lab, ports, again = start_lab(state)
        try:
            floor_login, floor_show = asyncio.run(measure(floor.pid, floor_port, b"R-A#"))
            login, show = asyncio.run(measure(lab.pid, ports["R-A"], b"R-A#"))
            before = cpu(lab.pid)
            time.sleep(IDLE)
            idle = (cpu(lab.pid) - before) / IDLE * 100
            floor_idle = asyncio.run(idle_sessions(floor.pid, [floor_port]))
            routers = [ports[name] for name in ("R-A", "R-B", "SW-1", "SW-2", "WAN-SW")]
            lab_idle = asyncio.run(idle_sessions(lab.pid, routers))
            table.add_row(
                "login, CPU", f"{floor_login:.2f} ms", f"{login:.2f} ms", f"{login / floor_login:.2f}", "2"
            )
            table.add_row("simple show, CPU", f"{floor_show:.3f} ms", f"{show:.3f} ms", f"{show / floor_show:.1f}",
                          "0.4 ms")  # fmt: skip
            table.add_row("up until listening, first time", "", f"{first:.2f} s", "", "2 s")
            table.add_row("up until listening, again", "", f"{again:.2f} s", "", "2 s")
            floor_memory, lab_memory = memory(floor.pid), memory(lab.pid)
            table.add_row("memory", f"{floor_memory:.0f} MB", f"{lab_memory:.0f} MB",
                          f"{lab_memory / floor_memory:.1f}", "")  # fmt: skip
            table.add_row("idle lab, CPU", "0 %", f"{idle:.1f} %", "", "1 %")
            table.add_row(
                f"{SESSIONS} idle sessions, CPU", f"{floor_idle:.1f} %", f"{lab_idle:.1f} %", "", "1 %"
            )
        finally:
            for process in (floor, lab):
                process.terminate()
                process.wait()
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
