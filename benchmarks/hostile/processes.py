"""A real lab is ended by a signal the moment it acknowledged over SSH: is everything on the disk?"""

from __future__ import annotations

import asyncio
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from benchmarks.__main__ import connect, start_lab
from iosemu.lab.storage import DirectoryStorage

OFTEN = 14
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGHUP)
PATIENCE = 60.0
Ports = dict[str, int]


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """A connection that is cut off at the end; TimeoutError when it takes too long."""
    async with asyncio.timeout(PATIENCE), connect(port) as connection:
        try:
            yield connection
        finally:
            connection.abort()


async def typed(port: int, *lines: str) -> None:
    """Type lines one by one, each at the prompt that the one before left."""
    async with connected(port) as connection:
        process = await connection.create_process(term_type="vt100")
        await process.stdout.readuntil("#")
        for line, mark in (each.split(" => ") for each in lines):
            process.stdin.write(f"{line}\r")
            await process.stdout.readuntil(mark)


async def save(ports: Ports, mark: str) -> None:
    """`write memory`."""
    await typed(
        ports["R-A"],
        "configure terminal => (config)#",
        f"ip host {mark} 192.0.2.1 => (config)#",
        "end => A#",
        "write memory => [OK]",
    )


async def copy(ports: Ports, mark: str) -> None:
    """`copy`, which asks."""
    await typed(ports["R-A"], f"copy running-config flash:copied-{mark} => ]?", " => bytes copied")


async def redirect(ports: Ports, mark: str) -> None:
    """`| redirect`, acknowledged by the prompt."""
    await typed(ports["R-A"], f"show version | redirect flash:redirected-{mark} => A#")


async def vlan(ports: Ports, mark: str) -> None:
    """A VLAN, which a switch keeps without being told to save."""
    await typed(
        ports["SW-1"],
        "configure terminal => (config)#",
        "vlan 77 => (config-vlan)#",
        f"name {mark} => (config-vlan)#",
        "exit => (config)#",
    )


async def sftp(ports: Ports, mark: str) -> None:
    """A file by SFTP, acknowledged when it is closed."""
    async with connected(ports["R-A"]) as connection:
        client = await connection.start_sftp_client()
        async with client.open(f"flash:/put-{mark}", "wb") as file:
            await file.write(mark.encode() * 100)


async def scp(ports: Ports, mark: str) -> None:
    """A file by SCP."""
    async with connected(ports["R-A"]) as connection:
        with tempfile.TemporaryDirectory() as name:
            source = Path(name, f"scp-{mark}")
            source.write_bytes(mark.encode())
            await asyncssh.scp(str(source), (connection, f"flash:scp-{mark}"))


@dataclass(frozen=True, slots=True)
class Act:
    """What is acknowledged, and where its mark must be found."""

    do: Callable[[Ports, str], Awaitable[None]]
    device: str
    kind: str
    name: str


ACTS = (
    Act(save, "R-A", "nvram", "startup-config"),
    Act(copy, "R-A", "flash", "copied-{}"),
    Act(redirect, "R-A", "flash", "redirected-{}"),
    Act(vlan, "SW-1", "flash", "vlan.dat"),
    Act(sftp, "R-A", "flash", "put-{}"),
    Act(scp, "R-A", "flash", "scp-{}"),
)


def kept(state: Path, act: Act, mark: str) -> bool:
    """Whether a new process would find what was acknowledged."""
    files = dict(DirectoryStorage(state / "labs" / "ipsec-vpn" / act.device / act.kind).read())
    name = act.name.format(mark)
    data = files.get(name)
    return data is not None and len(data) > 0 and (name.endswith(mark) or mark.encode() in data)


def ended(number: int) -> tuple[list[str], float]:
    """Do everything, end the lab right after the last; what was lost, and the seconds until the process was gone."""
    acts = ACTS[number % len(ACTS) :] + ACTS[: number % len(ACTS)]
    mark = f"M{number}K"
    with tempfile.TemporaryDirectory() as state:
        process, ports, _took = start_lab(state)

        async def everything() -> None:
            await typed(ports["R-A"], "configure terminal => (config)#", "ip scp server enable => (config)#")
            for act in acts:
                await act.do(ports, mark)
            process.send_signal(SIGNALS[number % len(SIGNALS)])

        try:
            asyncio.run(everything())
            begun = time.perf_counter()
            process.wait(PATIENCE)
            took = time.perf_counter() - begun
        except subprocess.TimeoutExpired:
            took = PATIENCE
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        return [act.do.__name__ for act in acts if not kept(Path(state), act, mark)], took


def processes(count: int | None = None) -> str:
    """End real labs in all ways; tells what was lost and the longest time that one took to end."""
    often = OFTEN if count is None else count
    lost, slowest = [], 0.0
    for number in range(often):
        names, took = ended(number)
        lost += names
        slowest = max(slowest, took)
    what = f" ({', '.join(sorted(set(lost)))})" if lost else ""
    return f"{len(lost)} of {often * len(ACTS)} acknowledged things lost{what}; ended within {slowest:.2f} s"
