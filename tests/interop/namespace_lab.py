"""A lab joined to a network namespace of its own, in which real programs run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from iosemu.lab.lab import SETTLE, Lab
from iosemu.lab.ssh_service import Serving, serve

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
PATIENCE = 60


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PATH": PATH}
    )


def lacking(*programs: str, namespaces: bool = True) -> str:
    """Why tests with these programs cannot run here; empty: they can."""
    for program in programs:
        if shutil.which(program, path=PATH) is None:
            return f"{program} is not installed"
    if not namespaces:
        return ""
    name = f"iot{os.getpid()}"
    tried = run("ip", "netns", "add", name)
    if not tried.returncode:
        tried = run("ip", "netns", "exec", name, "ip", "tuntap", "add", "dev", "try0", "mode", "tap")
        run("ip", "netns", "del", name)
    return f"namespaces or TAP devices are not permitted: {tried.stderr.strip()}" if tried.returncode else ""


class Namespace:
    """A network namespace with one end of a cable in it."""

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self.address = address
        self._running: list[subprocess.Popen[str]] = []

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return run("ip", "netns", "exec", self.name, *command)

    def listens(self, port: int) -> bool:
        """Whether a program there has the UDP port."""
        return f":{port} " in self.run("ss", "-lun").stdout

    async def ask(self, *command: str) -> str:
        """What a program prints, while the lab goes on."""
        done = await asyncio.to_thread(self.run, *command)
        return done.stdout + done.stderr

    def start(self, *command: str, log: Path) -> subprocess.Popen[str]:
        """A program that runs until the lab is over; what it says goes into a file."""
        with log.open("w") as sink:
            process = subprocess.Popen(
                ("ip", "netns", "exec", self.name, *command),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                text=True,
                env={**os.environ, "PATH": PATH},
            )
        self._running.append(process)
        return process

    def end(self) -> None:
        for process in self._running:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


async def until(reached: Callable[[], bool]) -> None:
    """Wait for what comes from outside, of which no event tells."""
    async with asyncio.timeout(PATIENCE):
        while not reached():
            await asyncio.to_thread(run, "sleep", "0.1")


@contextlib.asynccontextmanager
async def beside(
    directory: Path, tag: str, router: str, *, settle: float = SETTLE, extra: str = ""
) -> AsyncIterator[tuple[Lab, Namespace, Serving]]:
    """R1 (Fa0/0 192.168.7.1) on one cable with a namespace (192.168.7.2)."""
    name = f"{tag}{os.getpid()}"
    (directory / "R1.cfg").write_text(
        "hostname R1\nlogging buffered 8192\ninterface FastEthernet0/0\n ip address 192.168.7.1 255.255.255.0\n"
        f" no shutdown\n{router}\nend\n"
    )
    (directory / "lab.yaml").write_text(f"""name: {tag}
{extra}
nodes:
  R1: {{model: c2811, image: "15.1", config: R1.cfg}}
  PC1: {{model: pc}}
links:
  - endpoints: ["R1:Fa0/0", "tap:{name}"]
  - endpoints: ["R1:Fa0/1", "PC1:Fa0"]
""")
    lab = Lab.load(directory / "lab.yaml", time="real")
    lab.boot(settle=settle)
    assert not run("ip", "netns", "add", name).returncode
    namespace = Namespace(name, "192.168.7.2")
    try:
        async with serve(lab, base_port=0) as serving:
            assert not run("ip", "link", "set", name, "netns", name).returncode
            namespace.run("ip", "link", "set", "lo", "up")
            namespace.run("ip", "address", "add", "192.168.7.2/24", "dev", name)
            assert not namespace.run("ip", "link", "set", name, "up").returncode
            yield lab, namespace, serving
    finally:
        namespace.end()
        run("ip", "netns", "del", name)


def typed(lab: Lab, *lines: str) -> str:
    """What R1 says to lines; they are typed with privilege 15."""
    session = lab.session("R1", privilege=15)
    assert session is not None
    for line in lines:
        session.run(line)
    return session.output().decode().replace("\r", "")


async def dialogue(lab: Lab, *lines: str) -> str:
    """What R1 prints when these lines are typed at privilege 15, each when the one before is done."""
    session = lab.session("R1", hidden=True, pty=False)
    assert session is not None
    lab.clock.watch(session)
    try:
        session.start()
        for line in lines:
            lab.clock.catch_up()
            session.receive(line.encode() + b"\r")
            lab.clock.poke()
            await until(lambda: not session.waiting and not session.busy)
        return session.output().decode()
    finally:
        lab.clock.unwatch(session)
        session.disconnect()
