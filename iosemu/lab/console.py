"""The lab's console: an SSH endpoint beside those of the devices, which shows and controls the whole lab."""

from __future__ import annotations

import hmac
import json
import random
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import timedelta

from iosemu.box.device import Device
from iosemu.box.interface_types import short_name
from iosemu.box.model import Image, Model
from iosemu.box.subject import Kind
from iosemu.handling.effects import CommandError
from iosemu.lab import course_report
from iosemu.lab.capture import Capture, TextWatch
from iosemu.lab.convergence import Stopwatch
from iosemu.lab.drawing import Drawing
from iosemu.lab.errors import LabError
from iosemu.lab.image import exported
from iosemu.lab.impairments import describe_faults, read_faults
from iosemu.lab.lab import BOOT_TIME, Lab
from iosemu.lab.startup_config import save
from iosemu.lab.tracing import Tracer
from iosemu.lab.units import duration
from iosemu.net.link import Link
from iosemu.net.signal import Signal
from iosemu.parser.results import Help
from iosemu.parser.situation import Situation
from iosemu.server.endpoint import Client, Unguarded
from iosemu.server.pace import Pace
from iosemu.shell.session import Session
from iosemu.subjects.console import SUBJECT as CONSOLE
from iosemu.subjects.terminal import SUBJECT as TERMINAL

_MODEL = Model(name="console", kind="console", title="Lab console", ports=())
_IMAGE = Image("console")
KIND = Kind("console", (CONSOLE, TERMINAL), mode="console", control_c=True)


class LabConsole(Device):
    """The lab as the commands of `iosemu.subjects.console.commands` see it, for one session."""

    def __init__(self, lab: Lab, ports: Mapping[str, int], terminal: bool) -> None:
        super().__init__(lab.name, _MODEL, _IMAGE, lab.scheduler, random.SystemRandom(), lab.origin, KIND)
        self.powered = True
        self.stream: Capture | None = None
        """Frames that go to the client as pcapng."""
        self.watch: TextWatch | None = None
        self.arrived = Signal()
        """The capture that goes on has something new."""
        self._lab = lab
        self._ports = ports
        self._terminal = terminal

    @property
    def hostname(self) -> str:
        """The lab's name."""
        return self._lab.name

    @property
    def watching(self) -> bool:
        """The session waits for frames, which is no reason to let time jump."""
        return self.stream is not None or self.watch is not None

    def candidates(self, kind: str) -> Sequence[tuple[str, str]]:
        """What `?` and Tab know: devices, ports with a cable, targets of a capture."""
        match kind:
            case "node" | "node-or-address":
                return self._known_nodes()
            case "endpoint":
                return self._known_ends()
            case "target":
                return targets_known(self._known_nodes(), self._known_ends())
            case _:
                return ()

    def _known_nodes(self) -> list[tuple[str, str]]:
        return [(name, device.model.title) for name, device in self._lab.devices.items()]

    def _known_ends(self) -> list[tuple[str, str]]:
        return [
            each for each in ends_known(self._lab.links) if each[0].partition(":")[0] in self._lab.devices
        ]

    def nodes(self) -> list[str]:
        """The devices as a table."""
        rows = [f"{'Node':<16} {'Model':<20} {'Port':>5}  {'Power':<5}  Ports up"]
        for name, device in self._lab.devices.items():
            power = "on" if device.powered else "off"
            up = ", ".join(short_name(port) for port, socket in device.ports.items() if socket.carrier)
            number = self._ports.get(name, 0)
            faults = self._lab.faults.of(name)
            mark = (
                f"  [{faults} internal error{'s' if faults > 1 else ''}, see the lab's log]" if faults else ""
            )
            rows.append(f"{name:<16} {device.model.name:<20} {number:>5}  {power:<5}  {up}{mark}".rstrip())
        return rows

    def links(self) -> list[str]:
        """The cables as a table."""
        rows = [f"{'From':<22} {'To':<22} {'State':<6} Faults"]
        for link in self._lab.links:
            state = "up" if link.carrier else "down" if link.plugged else "cut"
            a, b = (_short(end.name) for end in link.ends)
            rows.append(f"{a:<22} {b:<22} {state:<6} {describe_faults(link)}".rstrip())
        return rows

    def link(self, endpoint: str, action: str) -> None:
        """`up`, `down` or `clear` a cable, or `mute` an end of it."""
        link = self._find_link(endpoint)
        if action == "clear":
            link.clear()
        elif action == "mute":
            link.mute(":".join(self._lab.topology.endpoint(self._endpoint(endpoint))))
        else:
            link.plugged = action == "up"
        self._lab.clock.poke()

    def impair(self, endpoint: str, faults: Mapping[str, str]) -> list[str]:
        """Set faults of a cable; returns what it does now."""
        link = self._find_link(endpoint)
        try:
            if faults:
                link.impair(**read_faults(faults))
        except ValueError as error:
            raise CommandError(f"% {error}") from error
        state = "up" if link.carrier else "down" if link.plugged else "cut"
        a, b = (_short(end.name) for end in link.ends)
        counts = link.counters
        return [
            f"{a} to {b} is {state}: {describe_faults(link) or 'perfect'}",
            f"  {counts.lost} lost, {counts.duplicated} duplicated, {counts.reordered} reordered, "
            f"{counts.corrupted} corrupted, {counts.oversized} oversized, {counts.overrun} overrun",
        ]

    def _endpoint(self, endpoint: str) -> str:
        """With the node's name as the lab has it."""
        node, _, port = endpoint.partition(":")
        return next(
            (f"{each}:{port}" for each in self._lab.devices if each.lower() == node.lower()), endpoint
        )

    def _find_link(self, endpoint: str) -> Link:
        try:
            return self._lab.link(self._endpoint(endpoint))
        except LabError as error:
            raise CommandError(f"% {error}") from error

    def _find_node(self, wanted: str) -> str:
        for name in self._lab.devices:
            if name.lower() == wanted.lower():
                return name
        raise CommandError(f"% there is no node {wanted!r}; there are: {', '.join(self._lab.devices)}")

    def power(self, state: str, node: str) -> None:
        """Switch a device `on`, `off` or through a `cycle`."""
        name = self._find_node(node)
        powered = self._lab.devices[name].powered
        if state != "on" and powered:
            self._lab.stop(name)
        if state == "on" and not powered:
            self._lab.start(name)
        elif state == "cycle":
            self.scheduler.after(BOOT_TIME, lambda: self._restart(name))
        self._lab.clock.poke()

    def _restart(self, name: str) -> None:
        if not self._lab.devices[name].powered:
            self._lab.start(name)

    def advance(self, amount: str) -> float:
        """Let lab time go; returns the lab time at which it stops."""
        until = self.now + duration(amount)
        self._lab.clock.plan(until)
        return until

    def halt(self) -> None:
        """Stop lab time now."""
        self._lab.clock.cancel_plans()

    def time(self, pace: str) -> str:
        """Choose how time passes, unless `pace` is empty; returns how it does."""
        try:
            if pace:
                self._lab.clock.pace = Pace(pace)
        except ValueError as error:
            raise CommandError(f"% {error}") from error
        now = timedelta(seconds=round(self.now, 3))
        clock = self._lab.clock
        overloads = f" [overloaded {clock.overloads} times]" if clock.overloads else ""
        return f"lab time {now}, {clock.pace.value}{overloads}"

    def capture(self, target: str, expression: str, text: bool) -> TextWatch | None:
        """Begin to capture: as text on a terminal, else as pcapng."""
        node, colon, port = target.partition(":")
        for name in self._lab.devices:
            if name.lower() == node.lower():
                target = f"{name}{colon}{port}"
        try:
            if self._terminal or text:
                self.watch = TextWatch(self._lab, target, expression)
                self.watch.arrived.connect(self.arrived.emit)
            else:
                self.stream = Capture(self._lab, target, expression)
                self.stream.arrived.connect(self.arrived.emit)
        except LabError as error:
            raise CommandError(f"% {error}") from error
        return self.watch

    def converge(self, source: str, destination: str, endpoint: str, within: str) -> Stopwatch:
        """Ping, cut a cable, and watch until pings are answered again."""
        node, colon, port = endpoint.partition(":")
        try:
            return Stopwatch(
                self._lab, self._find_node(source), destination,
                f"{self._find_node(node)}{colon}{port}", duration(within),
            )  # fmt: skip
        except LabError as error:
            raise CommandError(f"% {error}") from error

    def trace(self, source: str, destination: str, protocol: str, port: int | None) -> Tracer:
        """Send one packet and follow it and its answer."""
        try:
            tracer = Tracer(self._lab, self._find_node(source), destination, protocol, port)
        except LabError as error:
            raise CommandError(f"% {error}") from error
        self._lab.clock.poke()
        return tracer

    def keys(self) -> str:
        """IKE and ESP keys as JSON."""
        return json.dumps(self._lab.exported_keys())

    def save(self) -> list[str]:
        """Save every configuration; returns what was saved."""
        return save(self._lab)

    def export(self) -> Iterator[str]:
        """Every running configuration, cables, and devices without power, as lines of JSON."""
        return exported(self._lab)

    def topology(self, form: str) -> list[str]:
        """The lab drawn as `text`, `mermaid` or `svg`."""
        drawing = Drawing(self._lab)
        return {"text": drawing.text, "mermaid": drawing.mermaid, "svg": drawing.svg}[form]()

    def check(self, name: str, data: bool = False) -> list[str]:
        """Whether the lab's tasks are done, for people or (`data`) as JSON."""
        if self._lab.examiner is None:
            raise CommandError(f"% lab {self._lab.name} has no checks")
        try:
            if data:
                return [course_report.of_lab(self._lab).model_dump_json()]
            return list(self._lab.examiner(self._lab, name))
        except LabError as error:
            raise CommandError(f"% {error}") from error

    def snapshot(self, label: str) -> Generator[None, None, list[str]]:
        """Keep the lab as it is now."""
        try:
            moment = yield from self._lab.moments.take(label)
        except LabError as error:
            raise CommandError(f"% {error}") from error
        return [f"moment {moment.number}: {moment.label}, {moment.when:.3f} s"]

    def snapshots(self) -> list[str]:
        """The moments that are kept."""
        several = len(self._lab.moments.branches()) > 1
        return [
            f"{each.number:>4}  {each.when:>12.3f} s  {f'[{each.branch}] ' if several else ''}{each.label}"
            for each in self._lab.moments
        ]

    def branch(self, name: str) -> Generator[None, None, list[str]]:
        """Go on with another branch; without a name tell of all."""
        moments = self._lab.moments
        if not name:
            return [
                f"{'*' if each == moments.branch else ' '} {each}"
                + (f"  moment {head.number}, {head.when:.3f} s" if head is not None else "")
                for each, head in moments.branches()
            ]
        try:
            moment = yield from moments.turn_to(name)
        except LabError as error:
            raise CommandError(f"% {error}") from error
        return [f"on branch {name}, {moment.when:.3f} s"]

    def restore(self, number: int) -> list[str]:
        """Put the lab back to a moment."""
        try:
            moment = self._lab.moments.restore(number)
        except LabError as error:
            raise CommandError(f"% {error}") from error
        return [f"back at {moment.label}, {moment.when:.3f} s"]

    def compare(self, first: str, second: str) -> Generator[None, None, list[str]]:
        """What differs between a moment or branch and another one, or now."""
        moments = self._lab.moments
        try:
            numbers = moments.number_of(first), moments.number_of(second) if second else None
            found = yield from moments.compare(*numbers)
        except LabError as error:
            raise CommandError(f"% {error}") from error
        return [line for each in found for line in each.lines()] or ["nothing differs"]

    def web(self, token: bool) -> list[str]:
        """A fresh link to the lab's page, or the address of its API and a token for a program."""
        if self._lab.page_link is None or self._lab.api_token is None:
            raise CommandError("% the lab has no page; start it with iosemu up --web")
        return list(self._lab.api_token()) if token else [self._lab.page_link()]

    def commands(self) -> list[str]:
        """The commands with a word about each."""
        found = self._lab.grammar.modes["console"].help("", Situation(kind=self.kind))
        return [*found.lines(80), "", "Each answers ?, as in: link ?"] if isinstance(found, Help) else []


def ends_known(links: Sequence[Link]) -> list[tuple[str, str]]:
    """The ends of cables, and where each leads."""
    return [(_short(end.name), f"to {_short(link.other(end).name)}") for link in links for end in link.ends]


def targets_known(nodes: Sequence[tuple[str, str]], ends: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What can be captured."""
    everything = [("all", "Every frame once, where it begins"), ("cables", "Every frame on every cable")]
    return [*everything, *nodes, *ends]


def _short(port: str) -> str:
    name, colon, socket = port.partition(":")
    return f"{name}:{short_name(socket)}" if colon else port


class ConsoleEndpoint(Unguarded):
    """Opens with the password that the running lab's note holds."""

    reserved = True
    one_command = False

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
        return ConsoleShell(self._lab, self._ports, client)


class ConsoleShell:
    """A session on the console; frames that are captured without a terminal go out as they are."""

    def __init__(
        self, lab: Lab, ports: Mapping[str, int], client: Client, console: LabConsole | None = None
    ) -> None:
        self.console = console or LabConsole(lab, ports, client.pty)
        self._pty = client.pty
        self._session = Session(
            self.console,
            lab.grammar,
            username=client.username,
            privilege=15,
            origin=client.address,
            columns=client.columns,
            rows=client.rows,
            pty=client.pty,
        )
        self._greeting = ""

    def attend(self, rouse: Callable[[], None]) -> None:
        """Whom to tell when there is something to do."""
        self._session.attend(rouse)

    def turn(self, spent: Callable[[], bool]) -> None:
        """A turn begins."""
        self._session.turn(spent)

    @property
    def busy(self) -> bool:
        """A command gave way."""
        return self._session.busy

    def go_on(self) -> None:
        """Continue with it."""
        self._session.go_on()

    @property
    def eager(self) -> bool:
        """It takes more keys."""
        return self._session.eager

    @property
    def waiting(self) -> bool:
        """An `advance` is under way."""
        return self._session.waiting and not self.console.watching

    @property
    def restless(self) -> bool:
        """A command waits for what nobody announces."""
        return self.waiting and self._session.restless

    @property
    def wake(self) -> float | None:
        """Lab time at which its session wants a tick, if any."""
        return self._session.wake

    @property
    def closed(self) -> bool:
        """It ended."""
        return self._session.closed

    @property
    def status(self) -> int:
        """1 when the command was refused."""
        return int(self._session.shell.failed)

    def start(self) -> None:
        """Greet."""
        self._greeting = f"Lab {self.console.name}. Type help or ? for the commands.\r\n"
        self._session.start()

    def run(self, command: str) -> None:
        """One command, then the end."""
        self._session.run(command)

    def receive(self, data: bytes) -> None:
        """Take keys."""
        self._session.receive(data)
        if not self._session.waiting:
            self.console.watch = None

    def end_of_input(self) -> None:
        """No more keys: frames that are captured or watched still go out."""
        self._session.end_of_input()

    def output(self) -> bytes:
        """What is to be sent."""
        text = self._session.output()
        if not self._pty:
            text = text.replace(b"\r\n", b"\n")
        text, self._greeting = self._greeting.encode() + text, ""
        stream = self.console.stream
        return text if stream is None else text + stream.read()

    def tick(self) -> None:
        """Lab time moved."""
        self._session.tick()

    def resize(self, columns: int, rows: int) -> None:
        """The client's window changed."""
        self._session.resize(columns, rows)

    def disconnect(self) -> None:
        """End the capture."""
        self._session.disconnect()
        if self.console.stream is not None:
            self.console.stream.close()
