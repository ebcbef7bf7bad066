"""The console of a lab that is cut: what `iosemu.lab.console` shows and moves, asked of the workers."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn, cast

from iosemu.box.interface_types import short_name
from iosemu.handling.effects import CommandError
from iosemu.lab import assessment, course_report
from iosemu.lab.capture import TextWatch
from iosemu.lab.console import ConsoleEndpoint, ConsoleShell, LabConsole, ends_known
from iosemu.lab.cut.driver import Driver
from iosemu.lab.errors import LabError
from iosemu.lab.image import LabImage, Wire
from iosemu.lab.units import duration
from iosemu.server.endpoint import Client
from iosemu.server.pace import Pace

if TYPE_CHECKING:
    from iosemu.lab.convergence import Stopwatch
    from iosemu.lab.cut.front import CutLab
    from iosemu.lab.tracing import Tracer

_COUNTERS = ("lost", "duplicated", "reordered", "corrupted", "oversized", "overrun")


class CutAnswers(assessment.Answers):
    """Outputs of commands, each typed once where the device is computed."""

    def __init__(self, lab: CutLab) -> None:
        super().__init__(cast(Any, lab))
        self._cut = lab

    def __missing__(self, key: tuple[str, str]) -> str:
        self.update(self._cut.ask_for(key[0], "answers", [key]))
        return self[key]


class CutConsole(LabConsole):
    """The lab as the commands of `iosemu.subjects.console.commands` see it, for one session."""

    def __init__(self, lab: CutLab, driver: Driver, ports: Mapping[str, int], terminal: bool) -> None:
        super().__init__(cast(Any, lab), ports, terminal)
        self._cut = lab
        self._driver = driver

    def _known_nodes(self) -> list[tuple[str, str]]:
        topology = self._cut.topology
        return [(name, topology.model(name).title) for name in topology.lab.nodes]

    def _known_ends(self) -> list[tuple[str, str]]:
        return ends_known(self._cut.links)

    def _asked(self, ask: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return ask(*arguments)
        except LabError as error:
            raise CommandError(f"% {error}") from error

    def _refuse(self, what: str) -> NoReturn:
        raise CommandError(
            f"% {what} is not offered in a lab that is cut for several workers; start it without --workers"
        )

    # --- devices -------------------------------------------------------------------------------------

    def nodes(self) -> list[str]:
        """The devices as a table, with the worker that computes each."""
        rows = [f"{'Node':<16} {'Model':<20} {'Port':>5}  {'Power':<5}  {'Worker':<9}  Ports up"]
        found: dict[str, tuple[bool, list[str], int]] = {}
        for some in self._asked(self._cut.ask_all, "nodes"):
            found.update(some)
        for name, worker in self._cut.partition.of.items():
            powered, up, faults = found[name]
            text = ", ".join(short_name(port) for port in up)
            mark = f"  [{faults} internal error{'s' if faults > 1 else ''}]" if faults else ""
            model = self._cut.topology.model(name).name
            rows.append(
                f"{name:<16} {model:<20} {self._ports.get(name, 0):>5}  {'on' if powered else 'off':<5}  "
                f"worker-{worker + 1:<2}  {text}{mark}".rstrip()
            )
        return rows

    def power(self, state: str, node: str) -> None:
        """Switch a device `on`, `off` or through a `cycle`."""
        self._asked(self._cut.power, self._node(node), state)
        self._driver.wake()

    def _node(self, wanted: str) -> str:
        for name in self._cut.partition.of:
            if name.lower() == wanted.lower():
                return name
        raise CommandError(f"% there is no node {wanted!r}; there are: {', '.join(self._cut.partition.of)}")

    def _endpoint(self, text: str) -> str:
        node, colon, port = text.partition(":")
        return f"{self._node(node)}{colon}{port}" if colon else text

    # --- cables --------------------------------------------------------------------------------------

    def _cables(self) -> dict[tuple[str, str], tuple[str, str, tuple[int, ...]]]:
        """Each cable by its ends: state, faults, counters; what is cut has two halves."""
        found: dict[frozenset[str], list[tuple[bool, bool, str, tuple[int, ...]]]] = {}
        for some in self._asked(self._cut.ask_all, "links"):
            for ends, state in some.items():
                found.setdefault(frozenset(ends), []).append(state)
        cables = {}
        for link in self._cut.links:
            ends = link.ends[0].name, link.ends[1].name
            halves = found[frozenset(ends)]
            state = "up" if all(each[1] for each in halves) else "down" if halves[0][0] else "cut"
            counts = tuple(sum(numbers) for numbers in zip(*(each[3] for each in halves), strict=True))
            cables[ends] = state, halves[0][2], counts
        return cables

    def links(self) -> list[str]:
        """The cables as a table."""
        rows = [f"{'From':<22} {'To':<22} {'State':<6} Faults"]
        for (a, b), (state, faults, _counts) in self._cables().items():
            rows.append(f"{_short(a):<22} {_short(b):<22} {state:<6} {faults}".rstrip())
        return rows

    def link(self, endpoint: str, action: str) -> None:
        """`up`, `down` or `clear` a cable, or `mute` an end of it, at both ends at one lab time."""
        end = ":".join(self._cut.topology.endpoint(self._endpoint(endpoint)))
        self._asked(self._cut.cable, self._endpoint(endpoint), "link", action, end)
        self._driver.wake()

    def impair(self, endpoint: str, faults: Mapping[str, str]) -> list[str]:
        """Set faults of a cable; returns what it does now."""
        if faults:
            self._asked(self._cut.cable, self._endpoint(endpoint), "impair", dict(faults))
        ends = self._asked(self._cut.ends_of, self._endpoint(endpoint))
        a, b = (f"{name}:{port}" for name, port in ends)
        state, now, counts = self._cables()[a, b]
        return [
            f"{_short(a)} to {_short(b)} is {state}: {now or 'perfect'}",
            "  " + ", ".join(f"{count} {name}" for count, name in zip(counts, _COUNTERS, strict=True)),
        ]

    # --- time ----------------------------------------------------------------------------------------

    def advance(self, amount: str) -> float:
        """Let lab time go; returns the lab time at which it stops."""
        until = self.now + duration(amount)
        self._driver.plan(until)
        return until

    def halt(self) -> None:
        """Stop lab time now."""
        self._driver.plan(self.now)

    def time(self, pace: str) -> str:
        """Choose how time passes, unless `pace` is empty; returns how it does."""
        if pace:
            self._driver.pace = Pace(pace)
        lag = f" [behind the wall clock {self._driver.overloads} times]" if self._driver.overloads else ""
        return f"lab time {timedelta(seconds=round(self.now, 3))}, {self._driver.pace.value}{lag}"

    # --- what is seen --------------------------------------------------------------------------------

    def capture(self, target: str, expression: str, text: bool) -> TextWatch | None:
        """Begin to capture: as text on a terminal, else as pcapng."""
        if target not in ("all", "cables"):
            node, colon, port = target.partition(":")
            target = f"{self._node(node)}{colon}{port}"
        if self._terminal or text:
            self.watch = self._asked(self._cut.watch, target, expression)
            self.watch.arrived.connect(self.arrived.emit)
        else:
            self.stream = self._asked(self._cut.capture, target, expression)
            self.stream.arrived.connect(self.arrived.emit)
        return self.watch

    def keys(self) -> str:
        """IKE and ESP keys as JSON."""
        found: dict[str, list[dict[str, Any]]] = {}
        for some in self._asked(self._cut.ask_all, "keys"):
            for kind, entries in some.items():
                known = found.setdefault(kind, [])
                known += [each for each in entries if each not in known]
        return json.dumps(found)

    def check(self, name: str, data: bool = False) -> list[str]:
        """Whether the lab's tasks are done, for people or (`data`) as JSON."""
        if not self._cut.topology.lab.checks:
            raise CommandError(f"% lab {self._cut.name} has no checks")
        answers = CutAnswers(self._cut)
        if data:
            report = self._asked(course_report.of_lab, cast(Any, self._cut), answers)
            return [str(report.model_dump_json())]
        return list(self._asked(lambda: [*assessment.report(cast(Any, self._cut), name, answers)]))

    def save(self) -> list[str]:
        """Save every configuration; returns what was saved."""
        return [line for some in self._asked(self._cut.ask_all, "save") for line in some]

    def export(self) -> Iterator[str]:
        """Every running configuration, cables, and devices without power, as JSON."""
        texts: dict[str, str] = {}
        wires: dict[frozenset[str], Wire] = {}
        off: list[str] = []
        for more in self._asked(self._cut.ask_all, "export"):
            texts.update(more[0])
            wires.update(more[1])
            off += more[2]
        image = LabImage(
            {name: texts[name] for name in self._cut.partition.of},
            [wires[frozenset(end.name for end in link.ends)] for link in self._cut.links],
            [name for name in self._cut.partition.of if name in off],
        )
        yield json.dumps(asdict(image))

    # --- moments -------------------------------------------------------------------------------------

    def snapshot(self, label: str) -> Generator[None, None, list[str]]:
        """Keep the lab as it is now, in all workers at one lab time."""
        yield
        number = self._asked(self._cut.snapshot, label)
        moment = self._cut.moments[number]
        return [f"moment {number}: {moment.label}, {moment.when:.3f} s"]

    def snapshots(self) -> list[str]:
        """The moments that are kept."""
        return [
            f"{number:>4}  {each.when:>12.3f} s  {each.label}" for number, each in self._cut.moments.items()
        ]

    def restore(self, number: int) -> list[str]:
        """Put the lab back to a moment."""
        self._asked(self._cut.restore, number)
        self._driver.jumped()
        moment = self._cut.moments[number]
        return [f"back at {moment.label}, {moment.when:.3f} s"]

    # --- what only a whole lab has -------------------------------------------------------------------

    def compare(self, first: str, second: str) -> Generator[None, None, list[str]]:
        """Refused."""
        self._refuse("compare")
        yield

    def branch(self, name: str) -> Generator[None, None, list[str]]:
        """Refused."""
        self._refuse("branch")
        yield

    def converge(self, source: str, destination: str, endpoint: str, within: str) -> Stopwatch:
        """Refused."""
        self._refuse("converge")

    def trace(self, source: str, destination: str, protocol: str, port: int | None) -> Tracer:
        """Refused."""
        self._refuse("trace")

    def topology(self, form: str) -> list[str]:
        """Refused."""
        self._refuse("topology")

    def web(self, token: bool) -> list[str]:
        """Refused."""
        self._refuse("the page")


def _short(port: str) -> str:
    name, _, socket = port.partition(":")
    return f"{name}:{short_name(socket)}"


class CutEndpoint(ConsoleEndpoint):
    """Opens with the password that the running lab's note holds."""

    def __init__(self, lab: CutLab, driver: Driver, key: str, ports: dict[str, int]) -> None:
        super().__init__(cast(Any, lab), key, ports)
        self._cut, self._driver = lab, driver

    def open(self, client: Client, hang_up: Callable[[], None]) -> ConsoleShell:
        """A console."""
        console = CutConsole(self._cut, self._driver, self._ports, client.pty)
        return ConsoleShell(cast(Any, self._cut), self._ports, client, console)
