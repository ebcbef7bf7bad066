"""A lab is flooded: how long do others wait, what does it keep, and does it still end when it is told to?"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.hostile.floods import Flood, Ports
from iosemu.lab import registry

SECONDS = 6
"""Wall seconds of a flood."""
LONGER = {"interfaces": 30}
"""Those of floods that leave a configuration: until all of it is there, as a second flood would only add the rest."""
CANARY = "R-B"
GOAL = 0.25
"""Seconds that the canary may wait for an answer."""
END = 10.0
"""Seconds after which a lab that does not end is killed."""


@dataclass
class Found:
    """What came of one flood."""

    answers: int
    slowest: float
    before: int
    once: int
    twice: int
    """Resident KiB before the flood, after it, and after it came again: what it configured or uploaded stays."""
    ended: float | None
    """Seconds from SIGTERM to the end, in the middle of a second flood; None: it had to be killed."""

    def __str__(self) -> str:
        growth = 100 * (self.twice - self.once) / self.once
        end = "never" if self.ended is None else f"{self.ended:.2f} s"
        good = self.slowest < GOAL and growth < 10 and self.ended is not None and self.ended < 2
        memory = ", ".join(str(kibibytes // 1024) for kibibytes in (self.before, self.once, self.twice))
        mark = "" if good else "  <<<"
        return (f"slowest of {self.answers} answers {self.slowest * 1000:.0f} ms, memory {memory} MiB "
                f"({growth:+.0f} %), SIGTERM {end}{mark}")  # fmt: skip


def _free_ports() -> int:
    """The first of a row of ports that nobody uses."""
    for base in range(21000, 32000, 50):
        with contextlib.suppress(OSError), contextlib.ExitStack() as sockets:
            for port in range(base, base + 20):
                sock = sockets.enter_context(socket.socket())
                sock.bind(("127.0.0.1", port))
            return base
    raise RuntimeError("no ports are left")


@contextlib.contextmanager
def served() -> Iterator[tuple[subprocess.Popen[bytes], Ports]]:
    """A lab in a process of its own, and its ports (the console's under an empty name)."""
    with tempfile.TemporaryDirectory() as state:
        environment = {**os.environ, "IOSEMU_STATE": state}
        program = [
            sys.executable,
            "-m",
            "iosemu.lab.cli",
            "up",
            "ipsec-vpn",
            "--base-port",
            str(_free_ports()),
        ]
        lab = subprocess.Popen(program, env=environment, stdout=subprocess.DEVNULL)
        try:
            os.environ["IOSEMU_STATE"] = state
            deadline = time.monotonic() + 60
            while not (known := registry.running()):
                if lab.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the lab does not start")
                time.sleep(0.1)
            yield lab, {**known[0].devices, "": known[0].console}
        finally:
            if lab.poll() is None:
                lab.kill()
            lab.wait()


def _memory(lab: subprocess.Popen[bytes]) -> int:
    text = Path(f"/proc/{lab.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", text)
    return int(found[1]) if found else 0


async def _under(flood: Flood, ports: Ports, seconds: float) -> None:
    task = asyncio.ensure_future(flood(ports))
    logging.disable(logging.CRITICAL)
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    await asyncio.wait([task], timeout=seconds)
    if task.done() and task.exception() is not None:
        print(f"  the flood itself failed: {task.exception()!r}", file=sys.stderr)
    task.cancel()


def _flooding(name: str, ports: Ports, seconds: float) -> subprocess.Popen[bytes]:
    """The flood in a process of its own, so that it does not hold up the canary itself."""
    code = (f"import asyncio; from benchmarks.hostile import floods, freezes; "
            f"asyncio.run(freezes._under(floods.FLOODS[{name!r}], {ports!r}, {seconds}))")  # fmt: skip
    return subprocess.Popen([sys.executable, "-c", code])


def flooded(name: str, seconds: float | None = None) -> Found:
    """Flood a lab, each time for so many seconds."""
    seconds = LONGER.get(name, SECONDS) if seconds is None else seconds
    with served() as (lab, ports):
        canary = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.hostile.canary", str(ports[CANARY])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert canary.stdin is not None
        assert canary.stdout is not None
        canary.stdout.readline()
        before = _memory(lab)
        _flooding(name, ports, seconds).wait()
        time.sleep(1)
        once = _memory(lab)
        _flooding(name, ports, seconds).wait()
        canary.stdin.close()
        answers, slowest = canary.stdout.read().split()
        canary.wait()
        time.sleep(1)
        twice = _memory(lab)
        again = _flooding(name, ports, seconds)
        time.sleep(seconds / 2)
        lab.send_signal(signal.SIGTERM)
        began = time.monotonic()
        ended: float | None = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            lab.wait(END)
            ended = time.monotonic() - began
        again.kill()
        again.wait()
        return Found(int(answers), float(slowest), before, once, twice, ended)
