"""`python -m benchmarks.classroom`: a class of 30 pages at one lab: what terminals take, and what an open page costs.

The lab and its page are a process of their own, as `iosemu up --web` is; each learner has a page (its feed of news),
and types at a terminal. Times are those from a key to its echo, CPU that of the lab's process.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from iosemu.lab.lab import Lab
from iosemu.lab.page import page_of
from iosemu.lab.ssh_service import serve
from iosemu.server.hostkeys import temporary_keys
from iosemu.web.listener import serve_page

PAGES = 30
LAB = "ipsec-vpn"
DEVICES = ("R-A", "R-B", "SW-1", "SW-2", "WAN-SW", "PC-A")
KEYS = 40
"""Keys that each learner types."""
BETWEEN = 0.2
"""Wall seconds between two keys of one learner."""
IDLE = 20.0
TARGET_MS, TARGET_CPU = 50.0, 1.0


async def _serve() -> None:
    """The lab with its page; tells the link, and ends with its standard input."""
    lab = Lab.load(LAB, seed=1, time="real")
    lab.boot()
    lab.advance(60)
    async with (
        serve(lab, base_port=0, keys=temporary_keys()) as serving,
        page_of(lab, serving.ports) as page,
        serve_page(page, host="127.0.0.1", port=0) as served,
    ):
        sys.stdout.write(served.link() + "\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


async def _cookie(link: str) -> tuple[str, str]:
    """Host and cookie: what a browser has when it has opened the link."""
    host, _, path = link.removeprefix("http://").partition("/")
    reader, writer = await asyncio.open_connection(*host.split(":"))
    writer.write(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    head = (await reader.read()).decode().partition("\r\n\r\n")[0]
    writer.close()
    line = next(each for each in head.split("\r\n") if each.lower().startswith("set-cookie:"))
    return host, line.partition(":")[2].strip().partition(";")[0]


def _open(host: str, cookie: str, path: str) -> connect:
    return connect(
        f"ws://{host}{path}",
        origin=Origin(f"http://{host}"),
        additional_headers={"Cookie": cookie},
        max_size=None,
    )


@contextlib.asynccontextmanager
async def _page(host: str, cookie: str) -> AsyncIterator[ClientConnection]:
    """A page that reads its news."""
    async with _open(host, cookie, "/feed") as socket:

        async def read() -> None:
            async for _ in socket:
                pass

        task = asyncio.create_task(read())
        try:
            yield socket
        finally:
            task.cancel()


async def _typist(host: str, cookie: str, number: int) -> list[float]:
    """Milliseconds from each key to its echo."""
    times = []
    async with _open(
        host, cookie, f"/terminal/{DEVICES[number % len(DEVICES)]}?columns=80&rows=24"
    ) as socket:
        said = b""
        while not said.rstrip().endswith((b">", b"#")):
            data = await socket.recv()
            said += data if isinstance(data, bytes) else b""
        await asyncio.sleep(number * BETWEEN / PAGES)
        for _ in range(KEYS):
            begun = time.perf_counter()
            await socket.send(b"x")
            await socket.recv()
            times.append(1000 * (time.perf_counter() - begun))
            await asyncio.sleep(BETWEEN)
    return times


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process took."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _share(pid: int) -> float:
    """Per cent of a core that a process takes."""
    before, begun = _cpu(pid), time.monotonic()
    await asyncio.sleep(IDLE)
    return 100 * (_cpu(pid) - before) / (time.monotonic() - begun)


async def _measure() -> dict[str, float]:
    pipe = asyncio.subprocess.PIPE
    lab = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.classroom", "serve", stdin=pipe, stdout=pipe
    )
    assert lab.stdout is not None
    host, cookie = await _cookie((await lab.stdout.readline()).decode().strip())
    found = {}
    try:
        found["idle, no page: CPU %"] = await _share(lab.pid)
        async with _page(host, cookie):
            await asyncio.sleep(2)
            found["idle, one page: CPU %"] = await _share(lab.pid)
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(PAGES):
                await stack.enter_async_context(_page(host, cookie))
            await asyncio.sleep(2)
            found[f"idle, {PAGES} pages: CPU %"] = await _share(lab.pid)
            before, begun = _cpu(lab.pid), time.monotonic()
            times = await asyncio.gather(*(_typist(host, cookie, number) for number in range(PAGES)))
            found[f"{PAGES} typing: CPU %"] = 100 * (_cpu(lab.pid) - before) / (time.monotonic() - begun)
        every = sorted(each for one in times for each in one)
        found["key to echo: median ms"] = statistics.median(every)
        found["key to echo: 95 % ms"] = every[int(len(every) * 0.95)]
        found["key to echo: worst ms"] = every[-1]
    finally:
        assert lab.stdin is not None
        lab.stdin.close()
        await lab.wait()
    return found


def main() -> None:
    """Print the table."""
    if sys.argv[1:] == ["serve"]:
        asyncio.run(_serve())
        return
    found = asyncio.run(_measure())
    table = Table("what", "measured", "target")
    for what, value in found.items():
        target = ""
        if what == "idle, one page: CPU %":
            target = f"{TARGET_CPU:.0f} more than without"
        elif what.startswith("key") and "median" not in what:
            target = f"{TARGET_MS:.0f}"
        table.add_row(what, f"{value:.1f}", target)
    Console().print(table)


if __name__ == "__main__":
    main()
