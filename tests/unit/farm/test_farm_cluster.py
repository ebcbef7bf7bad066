"""A class on a real Ray cluster: workers and nodes die, labs come back, and nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from farming import Typist, alive, class_file, farm, running, status, typing, until

pytest.importorskip("ray", reason="pip install 'iosemu[ray]'")

HELPER = Path(__file__).with_name("ray_cluster.py")
LABS = 20
CPUS = 4  # of each node
SPARES = 4  # with three workers as many as leave on either node a spare for each worker of the other one
NETWORK = 0x40000000
"""CLONE_NEWNET of unshare(2)."""
logger = logging.getLogger(__name__)  # `--log-file=FILE --log-file-level=info` tells how long it took


class Nodes:
    """A cluster of two nodes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.address = self._said("cluster ")

    def _said(self, start: str) -> str:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(start):
                return line.removeprefix(start).strip()
        raise AssertionError("the cluster did not begin")

    def kill(self) -> None:
        """The second node."""
        assert self._process.stdin is not None
        self._process.stdin.write("kill\n")
        self._process.stdin.flush()
        self._said("killed")


@pytest.fixture(scope="module", autouse=True)
def loopback_alone() -> Iterator[None]:
    """Ray listens on every address that there is: here that is the loopback of a network of its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if libc.unshare(NETWORK):
            pytest.skip(f"no network namespaces: {os.strerror(ctypes.get_errno())}")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        yield
    finally:
        libc.setns(before, NETWORK)
        os.close(before)


@pytest.fixture
def nodes(request: pytest.FixtureRequest) -> Iterator[Nodes]:
    cpus = str(getattr(request, "param", CPUS))
    directory = tempfile.mkdtemp(prefix="ray-", dir="/tmp")  # sockets in it have short paths
    process = subprocess.Popen([sys.executable, str(HELPER), directory, cpus], text=True, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        yield Nodes(process)
    finally:
        process.communicate(timeout=60)
        shutil.rmtree(directory, ignore_errors=True)


async def all_running(count: int = LABS, reserve: int = 0) -> dict[str, Any]:
    """Wait until each lab runs, and so many workers are in reserve; how they are then."""
    async with asyncio.timeout(120):
        while True:
            found = await status("school")
            if [each["state"] for each in found["labs"]] == ["running"] * count and found[
                "reserve"
            ] >= reserve:
                return found
            await asyncio.sleep(0.1)


class Class:
    def __init__(self, port: int, tokens: dict[str, str]) -> None:
        self.port, self.tokens = port, tokens

    @contextlib.asynccontextmanager
    async def at(self, student: str) -> AsyncIterator[asyncssh.SSHClientConnection]:
        async with asyncssh.connect("127.0.0.1", self.port, username=f"{student}+R1", password=self.tokens[student],
                                    known_hosts=None, client_keys=None, config=None) as connection:  # fmt: skip
            yield connection

    async def run(self, student: str, command: str) -> str:
        async with self.at(student) as connection:
            return str((await connection.run(command)).stdout)


async def saves(typist: Typist, name: str) -> None:
    await typist.type("configure terminal", "#")
    await typist.type(f"hostname {name}", "#")
    await typist.type("end", f"{name}#")
    assert "[OK]" in await typist.type("write memory", f"{name}#")


@pytest.mark.interop
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("state", ["shared", "local://{}/store"])
async def test_a_class_on_two_nodes(
    nodes: Nodes, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOSEMU_STATE", str(tmp_path / "state"))
    path = class_file(
        tmp_path,
        f"students: {{count: {LABS}, name: s}}\nstate: {state.format(tmp_path)}\n"
        f"cluster: {{address: '{nodes.address}', labs: 7, spares: {SPARES}}}\n",
    )
    issued = (await farm("account", "issue", str(path))).out.splitlines()
    tokens = dict(line.split(",")[::2] for line in issued)
    with running(path) as process:
        found = await all_running(reserve=SPARES)
        assert len(found["workers"]) == 3
        hosts = {each["number"]: each["host"] for each in found["workers"]}
        assert set(hosts.values()) == {"127.0.0.2", "127.0.0.3"}
        labs: dict[int, list[str]] = {}
        for each in found["labs"]:
            labs.setdefault(each["worker"], []).append(each["name"])
        here = [number for number, host in hosts.items() if host == "127.0.0.2"]
        there = [number for number, host in hosts.items() if host == "127.0.0.3"]
        school = Class(found["ports"]["ssh"], tokens)
        killed = (*here[1:], *there[1:])[0]  # and each node has another
        stays, dies, falls = labs[here[0]][0], labs[killed][1], labs[there[0]][2]
        async with school.at(stays) as first, typing(first, "R1#") as kept:
            async with school.at(dies) as second, typing(second, "R1#") as gone:
                await saves(gone, "Saved")
                await gone.type("configure terminal", "#")
                await gone.type("hostname Lost", "Lost(config)#")
                began = time.monotonic()
                os.kill(
                    next(each["pid"] for each in found["workers"] if each["number"] == killed),
                    signal.SIGKILL,
                )
                assert "worker has gone" in await gone.until("moment.")
            assert "hostname Saved" in await school.run(dies, "show running-config")
            logger.info("first answer after a worker's death: %.1f s", time.monotonic() - began)
            after = await all_running()
            logger.info("all labs after a worker's death: %.1f s", time.monotonic() - began)
            assert [each["restarts"] for each in after["workers"] if each["number"] != killed] == [0, 0]

            await all_running(reserve=SPARES)
            async with school.at(falls) as third, typing(third, "R1#") as gone:
                await saves(gone, "Node")
                began = time.monotonic()
                await asyncio.to_thread(nodes.kill)
                assert "worker has gone" in await gone.until("moment.")
            assert "hostname Node" in await school.run(falls, "show running-config")
            logger.info("first answer after a node's death: %.1f s", time.monotonic() - began)
            after = await all_running()
            logger.info("all labs after a node's death: %.1f s", time.monotonic() - began)
            assert {each["host"] for each in after["workers"]} == {"127.0.0.2"}
            assert "% " not in await kept.type("show clock", "R1#")  # he noticed nothing
            # a rolling update keeps what was not saved
            await kept.type("configure terminal", "#")
            await kept.type("hostname Unsaved", "Unsaved(config)#")
            assert (await farm("update")).status == 0
            renewed = {each["number"]: each["pid"] for each in (await all_running())["workers"]}
            assert not set(renewed.values()) & {each["pid"] for each in after["workers"]}
        assert "hostname Unsaved" in await school.run(stays, "show running-config")
        assert '"event": "worker listens"' in (await farm("logs")).out  # what workers log comes here

        # actors outlive their supervisor for a while, and the next one goes on with them
        before = {each["number"]: each["pid"] for each in (await all_running())["workers"]}
        process.kill()
        process.wait()
        with running(path):
            found = await all_running()
            assert {each["number"]: each["pid"] for each in found["workers"]} == before
            school.port = found["ports"]["ssh"]
            assert "hostname Unsaved" in await school.run(stays, "show running-config")
            assert {each["starts"] for each in found["labs"]} == {1}
    await until(lambda: not any(alive(pid) for pid in before.values()))


@pytest.mark.interop
@pytest.mark.parametrize("nodes", [1], indirect=True)  # each CPU has a process that loads everything
def test_transcripts_on_a_cluster(nodes: Nodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    class_file(tmp_path)
    for number in range(3):
        (tmp_path / f"{number}.transcript").write_text(
            "@lab pair.yaml\n@device R1\nR1#show clock\n{{…}}\nR1#\n"
        )
    (tmp_path / "bad.transcript").write_text("@lab pair.yaml\n@device R1\nR1#show privilege\nnothing\nR1#\n")
    line = [
        sys.executable,
        "-m",
        "iosemu.lab.cli",
        "test",
        ".",
        "--farm",
        nodes.address,
        "--junit",
        "report.xml",
    ]
    done = subprocess.run(line, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "3 of 4 passed" in done.stdout
    left = {path.name for path in (tmp_path / "report-evidence" / "4-bad").iterdir()}
    assert {"lab.pcapng", "lab.keys.json", "R1.dialogue.txt"} <= left
