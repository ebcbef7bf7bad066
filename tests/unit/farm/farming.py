"""A worker and a gateway on the test's own event loop, and a farm of real processes."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import asyncssh

from iosemu.farm.accounts import Account, Accounts, hashed
from iosemu.farm.class_file import read
from iosemu.farm.gateway import Gateway
from iosemu.farm.quotas import Quotas
from iosemu.farm.wire import Address
from iosemu.farm.worker import Job, Worker
from iosemu.lab.cli import main
from iosemu.lab.errors import LabError
from iosemu.server.hostkeys import temporary_keys
from iosemu.server.pace import Pace

PASSWORD = "correct horse"
LAB = """\
name: pair
title: Two routers
nodes:
  "R{{ i }}":
    for: {i: 1..2}
    model: c2811
    startup: |
      hostname {{ name }}
      username admin privilege 15 password 0 admin
      interface Fa0/0
       ip address 10.0.0.{{ name[1] }} 255.255.255.0
       no shutdown
      line vty 0 4
       login local
variables: {school: Babbage}
links:
  - endpoints: ["R1:Fa0/0", "R2:Fa0/0"]
checks:
  - {title: A name of its own, check: "R1::show running-config::^hostname Berlin", points: 10}
  - {title: A loopback, check: "R1::show ip interface brief::Loopback0", points: 5}
"""


def class_file(folder: Path, text: str = "students: [ada, ben]\n", name: str = "school") -> Path:
    (folder / "pair.yaml").write_text(LAB)
    path = folder / "class.yaml"
    path.write_text(f"name: {name}\nlab: pair.yaml\nports: {{ssh: 0}}\n{text}")
    return path


class Hall:
    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    async def worker_of(self, student: str) -> Address:
        if student not in self.worker.labs:
            raise LabError("there is none")
        return self.worker.address

    def has(self, student: str) -> bool:
        return student in self.worker.labs


class Bench:
    """One worker with its gateway."""

    def __init__(self, worker: Worker, gateway: Gateway, accounts: Accounts) -> None:
        self.worker, self.gateway, self.accounts = worker, gateway, accounts
        self.port = 0

    @contextlib.asynccontextmanager
    async def ssh(self, login: str, password: str = PASSWORD) -> AsyncIterator[asyncssh.SSHClientConnection]:
        async with asyncssh.connect(
            "127.0.0.1",
            self.port,
            username=login,
            password=password,
            known_hosts=None,
            client_keys=None,
            config=None,
        ) as connection:
            yield connection

    async def run(self, login: str, command: str) -> str:
        async with self.ssh(login) as connection:
            return str((await connection.run(command)).stdout)


@contextlib.asynccontextmanager
async def bench(
    folder: Path,
    pace: Pace = Pace.REAL,
    students: str = "students: [ada, ben]\n",
    state: str = "",
    **quotas: Any,
) -> AsyncIterator[Bench]:
    found = read(class_file(folder, students))
    directory = folder / "farm"
    directory.mkdir(exist_ok=True)
    address = Address(str(folder / "w"), key="key")
    worker = Worker(
        Job(
            1,
            address,
            directory,
            Quotas.model_validate(quotas),
            pace,
            tuple(found.orders.values()),
            state=state,
        )
    )
    accounts = Accounts(directory / "accounts.json")
    kept = hashed(PASSWORD)
    with accounts.changing() as known:
        for name in found.orders:
            known[name] = Account(name, "student", kept)
        known["tess"] = Account("tess", "teacher", kept)
    made = Bench(worker, Gateway(Hall(worker), accounts, refusal_delay=0.0), accounts)
    await worker.open()
    made.port = await made.gateway.open("127.0.0.1", 0, temporary_keys())
    try:
        yield made
    finally:
        await made.gateway.close()
        await worker.close()


class Typist:
    """A terminal that types a line and reads to the prompt."""

    def __init__(self, process: asyncssh.SSHClientProcess[str]) -> None:
        self.process = process

    async def until(self, text: str) -> str:
        async with asyncio.timeout(60):
            return str(await self.process.stdout.readuntil(text))

    async def type(self, line: str, prompt: str) -> str:
        self.process.stdin.write(line + "\r")
        await self.until(line)
        return await self.until(prompt)


@contextlib.asynccontextmanager
async def typing(connection: asyncssh.SSHClientConnection, prompt: str) -> AsyncIterator[Typist]:
    async with connection.create_process(term_type="xterm") as process:
        typist = Typist(process)
        await typist.until(prompt)
        yield typist


class Said(NamedTuple):
    status: int
    out: str
    err: str


async def farm(*words: str) -> Said:
    """`iosemu farm …`, in a thread of this process: a program that starts takes a second of CPU."""
    return await asyncio.to_thread(_farm, words)


def _farm(words: tuple[str, ...]) -> Said:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(["farm", *words])
        except SystemExit as ended:
            return Said(int(ended.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("programs end")


@contextlib.contextmanager
def running(path: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """`iosemu farm up`, until the context ends."""
    line = [sys.executable, "-m", "iosemu.farm.cli", "up", str(path), *words]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        # Ray tells of nodes that died before
        said = next((each for each in process.stdout if each.startswith("Class ")), "")
        assert said, "it ended at once"
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        process.stdout and process.stdout.close()


async def status(name: str) -> dict[str, Any]:
    return dict(json.loads((await farm("status", "--json", "--class", name)).out))


async def until(holds: Callable[[], bool]) -> None:
    """Let others work until it holds; a test that waits in vain is ended by its own limit."""
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
