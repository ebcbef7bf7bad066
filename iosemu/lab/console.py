"""The lab's console: an SSH endpoint beside the devices' that sees and moves the whole lab."""

from __future__ import annotations

import hmac
import json
import shlex
from collections.abc import Callable
from datetime import timedelta

from iosemu.lab.capture import Capture
from iosemu.lab.lab import Lab
from iosemu.lab.labfile import duration
from iosemu.lab.marked import LabError
from iosemu.server.clock import Pace
from iosemu.server.endpoint import Client

PROMPT = "lab> "
HELP = """\
nodes                       The devices: name, model, port, power
links                       The cables and whether they carry
link NODE:PORT (up|down)    Mend or cut a cable
power (on|off) NODE         Switch a device
advance DURATION            Let lab time pass: 20ms, 90s, 5m, 1h, 1d
time [real|fast|manual]     Show lab time, or choose how it passes
capture TARGET              pcapng to standard output; TARGET: all (every frame once),
                            cables (on every cable), NODE or NODE:PORT
keys                        The IKE and ESP keys used so far, as JSON
help                        This list
exit                        Leave
"""


class ConsoleEndpoint:
    """Opens with the password that the running lab's note holds."""

    def __init__(self, lab: Lab, key: str, ports: dict[str, int]) -> None:
        self._lab = lab
        self._key = key
        self._ports = ports

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self._lab.name} console"

    def authenticate(self, username: str, password: str) -> int | None:
        """Any user name with the lab's key, or admin with the password that all labs have."""
        if hmac.compare_digest(password.encode(), self._key.encode()):
            return 15
        return 15 if (username, password) == ("admin", "admin") else None

    def full(self) -> bool:
        """Never."""
        return False

    def open(self, client: Client, hang_up: Callable[[], None]) -> ConsoleShell:
        """A console."""
        return ConsoleShell(self._lab, self._ports, client.pty)


class ConsoleShell:
    """Reads lines and carries them out; a capture goes on until the client leaves."""

    def __init__(self, lab: Lab, ports: dict[str, int], pty: bool) -> None:
        self._lab = lab
        self._ports = ports
        self._pty = pty
        self._out = bytearray()
        self._line = ""
        self._once = False
        self._capture: Capture | None = None
        self._until: float | None = None
        self._after_return = False
        self.closed = False

    @property
    def waiting(self) -> bool:
        """An `advance` is under way."""
        return self._until is not None

    @property
    def wake(self) -> float | None:
        """Never by itself."""
        return None

    def start(self) -> None:
        """Greet."""
        self._print(f"Lab {self._lab.name}. Type help for the commands.")
        self._prompt()

    def run(self, command: str) -> None:
        """One command, then the end."""
        self._once = True
        self._execute(command)
        if self._capture is None and self._until is None:
            self.closed = True

    def receive(self, data: bytes) -> None:
        """Take keys."""
        for key in data.decode("utf-8", "replace"):
            if self._capture is not None or self._until is not None:
                continue
            if key == "\n" and self._after_return:
                self._after_return = False
                continue
            self._after_return = key == "\r"
            if key in "\r\n":
                line, self._line = self._line, ""
                self._echo("\r\n")
                self._execute(line)
                if not self.closed and self._until is None and self._capture is None:
                    self._prompt()
            elif key in "\x7f\b":
                if self._line:
                    self._line = self._line[:-1]
                    self._echo("\b \b")
            elif key == "\x15":
                self._echo("\b \b" * len(self._line))
                self._line = ""
            elif key == "\x03":
                self._line = ""
                self._echo("^C\r\n")
                self._prompt()
            elif key == "\x04" and not self._line:
                self.closed = True
            elif key.isprintable():
                self._line += key
                self._echo(key)

    def output(self) -> bytes:
        """What is to be sent."""
        if self._capture is not None:
            self._out += self._capture.read()
        data = bytes(self._out)
        self._out.clear()
        return data

    def tick(self) -> None:
        """See whether `advance` is there."""
        if self._until is not None and self._lab.scheduler.now >= self._until:
            self._until = None
            self._print(self._time())
            if self._once:
                self.closed = True
            else:
                self._prompt()

    def resize(self, columns: int, rows: int) -> None:
        """Nothing depends on it."""

    def disconnect(self) -> None:
        """End the capture."""
        if self._capture is not None:
            self._capture.close()

    def _echo(self, text: str) -> None:
        if self._pty:
            self._out += text.encode()

    def _print(self, text: str) -> None:
        end = "\r\n" if self._pty else "\n"
        self._out += (text.rstrip("\n").replace("\n", end) + end).encode()

    def _prompt(self) -> None:
        self._out += PROMPT.encode()

    def _execute(self, line: str) -> None:
        try:
            words = shlex.split(line)
            if words:
                self._command(words[0], words[1:])
        except (LabError, ValueError) as error:
            self._print(f"% {error}")

    def _command(self, verb: str, arguments: list[str]) -> None:
        match verb, arguments:
            case "nodes", []:
                self._print(self._nodes())
            case "links", []:
                self._print(self._links())
            case "link", [endpoint, ("up" | "down") as state]:
                self._lab.link(endpoint).plugged = state == "up"
            case "power", [("on" | "off") as state, name]:
                self._power(state, name)
            case "advance", [amount]:
                self._advance(duration(amount))
            case "time", []:
                self._print(self._time())
            case "time", [("real" | "fast" | "manual") as pace]:
                self._lab.clock.pace = Pace(pace)
            case "capture", [target]:
                self._capture = Capture(self._lab, target)
            case "keys", []:
                self._print(json.dumps(self._lab.exported_keys()))
            case "help" | "?", []:
                self._print(HELP)
            case "exit" | "quit", []:
                self.closed = True
            case _:
                self._print(f"% {' '.join([verb, *arguments])!r} is not understood; help lists the commands")

    def _nodes(self) -> str:
        rows = []
        for name, device in self._lab.devices.items():
            power = "on" if device.powered else "off"
            rows.append(f"{name:<16} {device.model.name:<20} {self._ports.get(name, 0):>5} {power}")
        return "\n".join(rows)

    def _links(self) -> str:
        rows = []
        for link in self._lab.links:
            state = "up" if link.carrier else "down" if link.plugged else "cut"
            rows.append(f"{link.ends[0].name:<28} {link.ends[1].name:<28} {state}")
        return "\n".join(rows)

    def _power(self, state: str, name: str) -> None:
        if name not in self._lab.devices:
            raise LabError(f"there is no node {name!r}; there are: {', '.join(self._lab.devices)}")
        powered = self._lab.devices[name].powered
        if state == "on" and not powered:
            self._lab.start(name)
        elif state == "off" and powered:
            self._lab.stop(name)
        self._lab.clock.poke()

    def _advance(self, seconds: float) -> None:
        self._until = self._lab.scheduler.now + seconds
        self._lab.clock.plan(self._until)

    def _time(self) -> str:
        now = timedelta(seconds=round(self._lab.scheduler.now, 3))
        return f"lab time {now}, {self._lab.clock.pace.value}"
