"""Growth of a running lab: idle sessions beside a busy one, and devices that listen."""

from __future__ import annotations

import asyncio
import cProfile
import tempfile
import time
from pathlib import Path

import asyncssh

from benchmarks.growth import Figures, Row, resident
from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve
from iosemu.server.hostkeys import temporary_keys
from iosemu.shell.session import Session

PINGS = 400
MODEL = "c2811"


def ping_beside_idle_sessions(idle: int) -> Figures:
    """A ping from PC-A to SV-B through the tunnel while others are at their prompts.

    The function calls say the same on a busy machine, where CPU time varies by a fifth and more.
    """
    lab = Lab.load("ipsec-vpn", seed=1)
    lab.boot()
    for number in range(idle):
        _open(lab, ("R-A", "R-B", "PC-A")[number % 3]).start()

    def ping(count: int) -> None:
        session = _open(lab, "PC-A")
        session.run(f"ping -n {count} 192.168.2.1")
        lab.run_until(lambda: not session.waiting, 100_000)
        lab.clock.unwatch(session)
        assert f"Sent = {count}" in session.output().decode()

    ping(4)
    times = []
    for _ in range(3):
        begun = time.process_time()
        ping(PINGS)
        times.append(time.process_time() - begun)
    profile = cProfile.Profile()
    profile.runcall(ping, PINGS)
    calls = sum(entry.callcount for entry in profile.getstats())
    return {"CPU ms for a ping": min(times) / PINGS * 1e3, "function calls for a ping": calls / PINGS}


def _open(lab: Lab, device: str) -> Session:
    session = lab.session(device, rows=0, hidden=True)
    assert session is not None
    lab.clock.watch(session)
    return session


def listening(count: int) -> Figures:
    """A lab of routers without cables, read, booted and served on a port each."""
    nodes = "\n".join(f"  R{number}: {{model: {MODEL}}}" for number in range(count))
    keys = temporary_keys()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "lab.yaml")
        warm = Lab.load("ipsec-vpn", seed=1)  # the grammar and the models are read once a process
        path.write_text(f"name: many\nnodes:\n{nodes}\n")
        held, begun = resident(), time.process_time()
        lab = Lab.load(path, seed=1, time="real")
        read = time.process_time()
        lab.boot(settle=1)
        booted, boxes = time.process_time(), resident()

        async def listen() -> tuple[float, float]:
            async with serve(lab, base_port=0, keys=keys) as serving:
                assert len(serving.ports) == count
                return time.process_time() - booted, resident() - boxes

        took, megabytes = asyncio.run(listen())
    del warm
    return {
        "read the lab file, CPU s": read - begun,
        "boot, CPU s": booted - read,
        "listen, CPU s": took,
        "memory of the devices, MB": boxes - held,
        "memory of listening, MB": megabytes,
        "memory of the process, MB": resident(),
    }


def bare_listening(count: int) -> Figures:
    """The floor: as many ports of asyncssh alone."""
    keys = [asyncssh.generate_private_key("ssh-ed25519")]

    async def listen() -> Figures:
        held, begun = resident(), time.process_time()
        servers = [
            await asyncssh.create_server(
                asyncssh.SSHServer, "127.0.0.1", 0, server_host_keys=keys, encoding=None
            )
            for _ in range(count)
        ]
        figures = {"listen, CPU s": time.process_time() - begun, "memory of listening, MB": resident() - held}
        for server in servers:
            server.close()
        return figures

    return asyncio.run(listen())


ROWS = [
    Row("ping beside idle sessions", ping_beside_idle_sessions, 250, zero=True,
        budgets={"CPU ms for a ping": 1.1, "function calls for a ping": 1.1}),
    Row("routers that listen", listening, 250, budgets={"read the lab file, CPU s": 4.4, "boot, CPU s": 4.4,
        "listen, CPU s": 4.4, "memory of the devices, MB": 4.4}),
    Row("ports of a bare asyncssh server", bare_listening, 250),
]  # fmt: skip
