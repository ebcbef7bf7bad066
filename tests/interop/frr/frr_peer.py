"""FRRouting in a network namespace of its own, with a TAP device for its cable."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

DAEMONS = Path("/usr/lib/frr")
TAP = f"iof{os.getpid()}"
PATIENCE = 20.0


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def missing(*daemons: str) -> str:
    """Why there can be no such peer here; empty when there can."""
    for program in ("vtysh", "ip", "ping"):
        if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
            return f"{program} is not installed (frr, iproute2, iputils-ping)"
    for daemon in ("zebra", *daemons):
        if not (DAEMONS / daemon).exists():
            return f"{daemon} is not installed (frr)"
    if os.geteuid() != 0:
        return "network namespaces need root"
    name = f"iosemu-try-{os.getpid()}"
    tried = _run("ip", "netns", "add", name)
    if tried.returncode:
        return f"network namespaces are not permitted: {tried.stderr.strip()}"
    tap = _run("ip", "netns", "exec", name, "ip", "tuntap", "add", "dev", "try0", "mode", "tap")
    pair = _run(
        "ip", "netns", "exec", name, "ip", "link", "add", "try1", "type", "veth", "peer", "name", "try2"
    )
    _run("ip", "netns", "del", name)
    failed = tap if tap.returncode else pair
    return f"TAP or veth devices are not permitted: {failed.stderr.strip()}" if failed.returncode else ""


class Frr:
    """`start` it with some daemons, `plug` a TAP device in; `stop` removes every trace."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.chmod(0o777)  # the daemons run as a user of their own
        self.name = f"iosemu-frr-{os.getpid()}"
        self._running: list[subprocess.Popen[str]] = []

    def start(self, lan: str, *daemons: str) -> None:
        """Make the namespace with an address behind the gateway, and run the daemons in it."""
        self.ip("netns", "add", self.name)
        self.inside("ip", "link", "set", "lo", "up")
        self.inside("ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1")
        for end in ("lan0", "lan1"):
            self.inside("ip", "link", "set", end, "up")
        self.inside("ip", "address", "add", lan, "dev", "lan0")
        self.inside("sysctl", "-qw", "net.ipv4.ip_forward=1", check=False)
        for daemon in ("zebra", "staticd", *daemons):
            self._daemon(daemon)

    def _daemon(self, daemon: str) -> None:
        configuration = self.directory / f"{daemon}.conf"
        configuration.write_text("hostname frr\n")
        command = [
            "ip", "netns", "exec", self.name, str(DAEMONS / daemon), "-f", str(configuration),
            "-i", str(self.directory / f"{daemon}.pid"), "-z", str(self.directory / "zserv.api"),
            "--vty_socket", str(self.directory), "-A", "127.0.0.1", "-P", "0",
            "--log", f"file:{self.directory / daemon}.log",
        ]  # fmt: skip
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self._running.append(process)
        deadline = time.monotonic() + PATIENCE
        while not (self.directory / f"{daemon}.vty").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                said = process.stderr.read() if process.stderr and process.poll() is not None else ""
                raise RuntimeError(f"{daemon} does not start: {said}{self.log(daemon)}")
            time.sleep(0.02)  # a process outside: there is no event to wait for

    def stop(self) -> None:
        """End the daemons and remove the namespace."""
        for process in reversed(self._running):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stderr is not None:
                process.stderr.close()
        self.ip("netns", "del", self.name)

    def plug(self, tap: str, address: str) -> None:
        """Take a TAP device into the namespace."""
        self.ip("link", "set", tap, "netns", self.name)
        self.inside("ip", "address", "add", address, "dev", tap)
        self.inside("ip", "link", "set", tap, "up")

    def configure(self, text: str) -> None:
        """Type lines of configuration."""
        commands = ["configure terminal", *(line.strip() for line in text.splitlines() if line.strip())]
        self.vtysh(*commands)

    def vtysh(self, *commands: str) -> str:
        """Run commands; RuntimeError with what it said when one is refused."""
        arguments = [word for command in commands for word in ("-c", command)]
        done = _run(
            "ip", "netns", "exec", self.name, "vtysh", "--vty_socket", str(self.directory), *arguments
        )
        if done.returncode:
            raise RuntimeError(f"{commands}: {done.stdout}{done.stderr}")
        return done.stdout

    def json(self, command: str) -> Any:
        """What a show says, as JSON."""
        return json.loads(self.vtysh(f"{command} json") or "{}")

    def inside(self, *command: str, check: bool = True) -> str:
        """Run a command in the namespace."""
        return self.ip("netns", "exec", self.name, *command, check=check)

    def ip(self, *arguments: str, check: bool = True) -> str:
        """Run ip; RuntimeError with what it said when it fails."""
        done = _run("ip", *arguments)
        if check and done.returncode:
            raise RuntimeError(f"ip {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def log(self, daemon: str) -> str:
        """What a daemon wrote lately."""
        file = self.directory / f"{daemon}.log"
        return file.read_text()[-4000:] if file.exists() else ""
