"""`python -m benchmarks.wander [STEPS] [--seed N] [--lab LAB]`: type lines at random all over a lab, with traffic.

Every line is one that the grammar takes where the session stands, or nearly so. What is looked for is an internal
error, and a configuration that is not the same after it was saved and the box started again. The same seed makes the
same walk.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.typed_lines import line
from iosemu.box import running_config
from iosemu.box.device import Device
from iosemu.ip.config import IpSettings
from iosemu.ip.probe import Probe
from iosemu.ip.stack import IpStack
from iosemu.lab.lab import Lab
from iosemu.parser.renderer import Renderer
from iosemu.shell.errors import INTERNAL
from iosemu.shell.executor import Executor
from iosemu.shell.session import Session

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "transcripts"
LABS = ("ipsec-vpn", *(str(FOLDER / name / "lab.yaml") for name in ("switch", "campus", "edge")))
STAY = 40
"""Lines typed before what was configured is looked at."""
PATIENCE = 20
"""How often a command that waits is given some lab time before it is broken off."""
ESCAPE = b"\x1e"
IGNORE_NVRAM = 0x40
"""The bit of the configuration register."""
NEVER = frozenset({"banner"})
"""First words that ask for text until a sign comes."""
ANSWERS = (b"\r", b"y\r", b"n\r", b"A1\r", b"7\r")


@dataclass(slots=True)
class Finding:
    """What went wrong, and what was typed before."""

    seed: int
    device: str
    text: str
    typed: list[str]

    def __str__(self) -> str:
        lines = "\n".join(f"    {each}" for each in self.typed)
        return f"seed {self.seed}, {self.device}:\n  {self.text}\n  after\n{lines}"


class _Errors(logging.Handler):
    """Keeps what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))


@dataclass(slots=True)
class _Place:
    """A device and the session that types on it."""

    device: Device
    session: Session | None = None
    typed: deque[str] = field(default_factory=lambda: deque(maxlen=STAY + 10))


class Walk:
    """A walk through a lab; `steps` yields what it finds."""

    def __init__(self, seed: int, lab: str = LABS[0]) -> None:
        self.seed = seed
        self.lab = Lab.load(lab, seed=seed)
        self.lab.boot()
        self._start = self.lab.snapshot()
        self._random = random.Random(seed)
        self._places = [_Place(device) for device in self.lab.devices.values()]
        self._weights = [8 if place.device.composition.config_mode else 1 for place in self._places]
        self._errors = _Errors()

    def _line(self, executor: Executor, start: str = "") -> str:
        chance = self._random
        return line(executor, chance.choice, lambda: chance.random() < 0.5, start, NEVER)

    def _open(self, place: _Place) -> Session | None:
        session = place.session
        if session is None or session.closed:
            session = place.session = self.lab.session(place.device.name, hidden=True)
            if session is not None:
                session.start()
                self.lab.clock.watch(session)
        return session

    def _type(self, place: _Place, keys: bytes) -> str:
        """Type, and have time pass until the prompt is back or patience ends."""
        session = self._open(place)
        if session is None:
            return ""
        session.receive(keys)
        for _ in range(PATIENCE):
            if session.closed or not session.waiting:
                break
            self.lab.advance(self._random.choice((0.01, 0.5, 3.0)))
        if session.waiting:
            session.receive(ESCAPE)
            self.lab.advance(0.1)
        for _ in range(PATIENCE):  # questions, and the pager
            if session.closed or session._steps is None:
                break
            session.receive(self._random.choice(ANSWERS))
            self.lab.advance(0.5)
            if session.waiting:
                session.receive(ESCAPE)
                self.lab.advance(0.1)
        return session.output().decode("utf-8", "replace")

    def _step(self, place: _Place) -> Iterator[str]:
        session = self._open(place)
        if session is None:
            self.lab.advance(60.0)
            return
        chance, executor = self._random, session.shell
        kind = chance.random()
        configures = bool(place.device.composition.config_mode)
        if configures and not executor.modes.configuring and kind < 0.6:
            typed = "configure terminal"
        elif executor.modes.configuring:
            start = "no " if kind < 0.2 else "default " if kind < 0.25 else "do " if kind < 0.3 else ""
            typed = self._line(executor, start)
        else:
            typed = self._line(executor)
        if kind > 0.97:
            typed = typed[: chance.randrange(len(typed) + 1)] + chance.choice(
                ("?", "\t", " | include A1", " x")
            )
        mode = executor.mode
        place.typed.append(f"{mode}: {typed}")
        output = self._type(place, typed.encode() + b"\r")
        if INTERNAL in output or "Traceback" in output:
            yield f"internal error, or its trace, in the answer to {typed!r}"

    def _traffic(self) -> None:
        """Two boxes exchange an echo."""
        stacks = [each for place in self._places if (each := place.device.find(IpStack)) is not None]
        one, other = self._random.sample(stacks, 2)
        own = [each.config.of(IpSettings).address for each in other.device.interfaces.values()]
        goal = next((each.ip for each in own if each is not None), None)
        if goal is not None and one.device.powered:
            with Probe(one, goal, one.source_for(goal)) as probe:
                probe.echo(1, self._random.randrange(0x10000), bytes(self._random.randrange(2000)))
                self.lab.advance(self._random.choice((0.01, 1.0, 30.0)))

    def _saved(self, place: _Place) -> Iterator[str]:
        """Save, start again and compare."""
        device, name = place.device, place.device.name
        if not device.composition.config_mode or not device.powered:
            return
        device.register &= ~IGNORE_NVRAM  # `config-register` may have asked to start without what is saved
        before = running_config.body(device, Renderer(self.lab.grammar))
        executor = Executor(device, self.lab.grammar, privilege=15)
        for _ in executor.steps("write memory"):
            pass
        self.lab.stop(name)
        refused = self.lab.start(name)
        for error in refused:
            yield f"refused at boot, line {error.number}: {error.line!r} {' '.join(error.messages)}"
        after = running_config.body(device, Renderer(self.lab.grammar))
        if not refused and before != after:
            gone = [each for each in before if each not in after and not each.startswith("! ")]
            new = [each for each in after if each not in before and not each.startswith("! ")]
            if (gone or new) and new != [
                "interface Vlan1",
                " no ip address",
            ]:  # a switch makes it whatever is saved
                yield f"another configuration after a boot: gone {gone}, new {new}"

    def steps(self, count: int) -> Iterator[Finding]:
        """Type `count` lines."""
        logger = logging.getLogger("iosemu")
        logger.addHandler(self._errors)
        try:
            for number in range(1, count + 1):
                (place,) = self._random.choices(self._places, self._weights)
                found = list(self._step(place))
                if self._random.random() < 0.1:
                    self._traffic()
                if number % (STAY * len(self._places)) == 0:
                    for each in self._places:
                        yield from self._found(each, found)
                        found = list(self._saved(each))
                        yield from self._found(each, found)
                        found = []
                    self._again()
                yield from self._found(place, found)
        finally:
            logger.removeHandler(self._errors)

    def _found(self, place: _Place, texts: list[str]) -> Iterator[Finding]:
        texts = texts + [str(fault) for fault in self.lab.faults] + self._errors.texts
        self.lab.faults.clear()
        self._errors.texts.clear()
        for text in texts:
            yield Finding(self.seed, place.device.name, text, list(place.typed))

    def _again(self) -> None:
        """Begin from the lab as it was."""
        for place in self._places:
            if place.session is not None:
                self.lab.clock.unwatch(place.session)
                place.session.disconnect()
                place.session = None
            place.typed.clear()
        self.lab.restore(self._start)
        self.lab.faults.clear()


def main(arguments: list[str] | None = None) -> int:
    """Walk; the exit status is 1 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wander", description=__doc__)
    parser.add_argument("steps", nargs="?", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--lab", action="append", help="a lab, or several in turn")
    options = parser.parse_args(arguments)
    logging.getLogger("iosemu").propagate = False
    found = 0
    labs = options.lab or LABS
    for number, lab in enumerate(labs):
        for finding in Walk(options.seed + number, lab).steps(options.steps // len(labs)):
            found += 1
            print(finding, flush=True)
    print(f"seed {options.seed}: {options.steps} lines, {found} findings")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
