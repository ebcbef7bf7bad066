"""Types at the console of a lab in this process."""

from __future__ import annotations

from iosemu.lab.console import ConsoleShell
from iosemu.lab.lab import Lab
from iosemu.server.endpoint import Client


class ConsoleClient:
    """A session on the console."""

    def __init__(self, lab: Lab, *, pty: bool = True) -> None:
        self.lab = lab
        ports = {name: 2201 + number for number, name in enumerate(lab.devices)}
        self.shell = ConsoleShell(lab, ports, Client("admin", 15, "127.0.0.1", 100, 0, pty))
        self.shell.start()
        lab.clock.watch(self.shell)
        self.greeting = self.read()

    def read(self) -> str:
        return self.shell.output().decode().replace("\r\n", "\n")

    def keys(self, text: str) -> str:
        self.shell.receive(text.encode())
        self.lab.run_until(lambda: not self.shell.waiting, 100_000)
        return self.read()

    def type(self, line: str) -> str:
        """What a line prints, without its echo and the next prompt."""
        said = self.keys(line + "\r")
        return said.removeprefix(line + "\n").removesuffix("lab> ").rstrip("\n")
