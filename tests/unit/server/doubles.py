"""A small shell and endpoint, to try the server without devices."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.net.scheduler import Scheduler
from iosemu.server.endpoint import Client, Unguarded


class EchoShell:
    """Echoes; `wait N` waits N lab seconds; `bye` ends; `big` prints many lines."""

    def __init__(self, scheduler: Scheduler, client: Client) -> None:
        self.scheduler = scheduler
        self.client = client
        self.size = (client.columns, client.rows)
        self.received = b""
        self._out = b""
        self._until: float | None = None
        self._once = False
        self.closed = False
        self.gone = False

    restless = False
    busy = False
    eager = True

    def turn(self, spent: Callable[[], bool]) -> None:
        self.spent = spent

    def go_on(self) -> None:
        raise AssertionError("it never gives way")

    def attend(self, rouse: Callable[[], None]) -> None:
        self.rouse = rouse

    def start(self) -> None:
        self._out += b"R1#"

    def run(self, command: str) -> None:
        self._once = True
        self._line(command.encode())
        self.closed = self._until is None

    def receive(self, data: bytes) -> None:
        self.received += data
        while b"\n" in self.received:
            line, _, self.received = self.received.partition(b"\n")
            self._line(line)

    def _line(self, line: bytes) -> None:
        self._out += line + b"\r\n"
        if line.startswith(b"wait "):
            self._until = self.scheduler.now + float(line[5:])
            return
        if line == b"bye":
            self.closed = True
        if line == b"big":
            self._out += b"".join(b"line %d word#\r\n" % number for number in range(5000))
        if not self._once:
            self._out += b"R1#"

    def end_of_input(self) -> None:
        self.closed = self.closed or self._until is None

    def output(self) -> bytes:
        out, self._out = self._out, b""
        return out

    def tick(self) -> None:
        if self._until is not None and self.scheduler.now >= self._until:
            self._until = None
            self._out += b"done\r\nR1#"
            self.closed = self._once

    def resize(self, columns: int, rows: int) -> None:
        self.size = (columns, rows)

    def disconnect(self) -> None:
        self.gone = True

    @property
    def waiting(self) -> bool:
        return self._until is not None

    @property
    def wake(self) -> float | None:
        return self._until


class EchoEndpoint(Unguarded):
    """Lets `admin`/`admin` in, `lines` at a time."""

    name = "R1"

    def __init__(self, scheduler: Scheduler, lines: int = 5) -> None:
        self.scheduler = scheduler
        self.lines = lines
        self.shells: list[EchoShell] = []

    def authenticate(self, username: str, password: str) -> int | None:
        return 15 if (username, password) == ("admin", "admin") else None

    def full(self) -> bool:
        return sum(not shell.gone for shell in self.shells) >= self.lines

    def open(self, client: Client, hang_up: Callable[[], None]) -> EchoShell:
        shell = EchoShell(self.scheduler, client)
        self.shells.append(shell)
        return shell
