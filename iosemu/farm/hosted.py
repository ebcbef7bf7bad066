"""One lab of a worker: started when it is wanted, put aside when it is not, kept to its quotas."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import shutil
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iosemu.farm.class_file import Order
from iosemu.farm.memory import measured
from iosemu.farm.quotas import Quotas
from iosemu.farm.store import Mirror
from iosemu.farm.terminal import Terminal
from iosemu.lab import assessment, labfile, suspension
from iosemu.lab.console import ConsoleEndpoint
from iosemu.lab.errors import LabError
from iosemu.lab.lab import SETTLE, Lab
from iosemu.lab.ssh_service import DeviceEndpoint
from iosemu.lab.storage import LabState
from iosemu.server import durable
from iosemu.server.endpoint import Endpoint
from iosemu.server.governor import CpuShare
from iosemu.server.pace import Pace

if TYPE_CHECKING:
    from iosemu.lab.faults import Fault

CONSOLE = "console"
"""The lab itself, where a device may be named."""
SLICE = 0.004
"""Wall seconds that the start of a lab works before the others have their turn."""
WORTH = 0.5
"""Seconds of computing after which a lab may have more memory than when it was last measured: to look takes a tenth."""
REST = 10.0
"""Wall seconds that a lab with nobody there sleeps at least; what became due meanwhile comes at its own lab times."""
PROGRESS = 20.0
"""Wall seconds between two looks at the checks of a lab in which something was typed."""
logger = logging.getLogger("iosemu.farm")


class State(StrEnum):
    """What a lab does."""

    WAITING = "waiting"
    """It is to be started, and others come first."""
    STARTING = "starting"
    RUNNING = "running"
    ASIDE = "aside"
    """Nobody was there; the next connection has it go on."""
    STOPPED = "stopped"
    """A teacher stopped it, or its time is over."""
    FAILED = "failed"


class HostedLab:
    """A lab of one student; `directory` is where what it keeps is."""

    def __init__(
        self, order: Order, directory: Path, quotas: Quotas, pace: Pace, mirror: Mirror | None = None
    ) -> None:
        self.order = order
        self.mirror = mirror
        """Has a store follow the directory, where what labs keep is beyond this machine."""
        self.directory = directory
        self.quotas = quotas
        self.pace = pace
        self.state = State.WAITING
        self.why = ""
        """Why it does not run, for whoever wants to come in."""
        self.lab: Lab | None = None
        self.terminals: dict[int, Terminal] = {}
        self.visitors = 0
        """Connections of other kinds: the page, a device's own SSH."""
        self.pages: Callable[[], int] | None = None
        """How many of the lab's pages are open, while it has one."""
        self.governor = CpuShare(quotas.cpu)
        self.memory = 0
        """Octets, when it was last measured."""
        self.faults = 0
        self.overloads = 0
        self.starts = 0
        self.closing: list[Callable[[], None]] = []
        """What else ends with the lab."""
        self.points = self.total = 0
        self.checks: list[dict[str, Any]] = []
        self.stage = ""
        self.typed = 0
        """Lines that were typed since the worker began."""
        self.progressed_at = time.time()
        """When the points last rose, or the lab was begun; seconds since 1970."""
        self.active_at = time.time()
        """When somebody last typed."""
        self._typed_before = 0
        """By those who are gone."""
        self._looked_at = -1
        self._measured_at = 0.0
        """Seconds that the lab had computed when it was last measured."""
        self._clock: asyncio.Task[None] | None = None
        self._starting: asyncio.Task[None] | None = None
        self._idle_since = time.monotonic()
        self._started = 0.0
        self._ran = 0.0
        self._turn = asyncio.Lock()
        """One start or stop after the other."""
        self._prepared = mirror is None
        if self._prepared:
            self._recall()

    @property
    def name(self) -> str:
        """The student's."""
        return self.order.name

    @property
    def places(self) -> Path:
        """The directory where what its devices save has a place."""
        return self.directory / "labs"

    @property
    def _aside(self) -> Path:
        return self.directory / "aside.json"

    @property
    def _note(self) -> Path:
        return self.directory / "ran.json"

    # --- starting and stopping ------------------------------------------------------------------------

    async def awake(self) -> Lab:
        """The lab, running: started or gone on with if it is not. Raises LabError when it may not, or cannot."""
        if self.lab is not None and self.state is State.RUNNING:
            return self.lab
        await self.prepare()
        if self.state is State.STOPPED:
            raise LabError(self.why or "the lab was stopped; a teacher can start it")
        if self.state is State.FAILED:
            raise LabError(self.why)
        if self._starting is None or self._starting.done():
            self._starting = asyncio.create_task(self._start())
        await asyncio.shield(self._starting)
        if self.lab is None:
            raise LabError(self.why or "the lab was stopped")
        return self.lab

    async def prepare(self) -> None:
        """Have what it keeps at hand. Raises LabError when its store does not give it."""
        async with self._turn:
            if self._prepared:
                return
            assert self.mirror is not None
            try:
                await self.mirror.fetch()
            except LabError as error:
                self.why = str(error)
                raise
            self._prepared, self.why = True, ""
            self._recall()

    async def _start(self) -> None:
        async with self._turn:
            if self.lab is not None:
                return
            self.state = State.STARTING
            began = time.monotonic()
            lab: Lab | None = None
            try:
                lab = await self._booted()
            except asyncio.CancelledError:
                self.state = State.WAITING
                raise
            except Exception as error:
                known = isinstance(error, LabError | OSError | ValueError)
                self.state, self.why = State.FAILED, f"the lab cannot be started: {error}"
                logger.error("lab failed", extra={"lab": self.name, "error": str(error)},
                             exc_info=None if known else error)  # fmt: skip
                return
            stayed = self._note.exists()
            self._run(lab)
            self._aside.unlink(missing_ok=True)
            if stayed:
                self._noted()
            self._changed()
            seconds = round(time.monotonic() - began, 3)
            logger.info("lab runs", extra={"lab": self.name, "seconds": seconds})

    async def _booted(self) -> Lab:
        """A lab that was built and has settled, in small steps: after each (`sleep(0)`) others have their turn."""
        topology = labfile.read(self.order.file, self.order.variables)
        await asyncio.sleep(0)
        state = LabState(topology.lab.name, self.directory, self.quotas.flash, self._changed)
        lab = Lab(topology, seed=self.order.seed, time=self.pace, state=state)
        try:
            await asyncio.sleep(0)
            resumed = await asyncio.to_thread(suspension.read, self._aside)
            for _name in lab.booting(resumed):
                await asyncio.sleep(0)
            scheduler, until = lab.scheduler, lab.scheduler.now + SETTLE
            stop = 0.0

            def spent() -> bool:
                return time.monotonic() >= stop

            more = True
            while more:
                stop = time.monotonic() + SLICE
                more = scheduler.run_slice(until, spent)
                await asyncio.sleep(0)
            scheduler.now = max(scheduler.now, until)
        except BaseException:
            lab.close()
            raise
        for warning in state.warnings:
            logger.warning("state", extra={"lab": self.name, "error": warning})
        return lab

    def _run(self, lab: Lab) -> None:
        lab.faults.heard.append(self._heard)
        lab.clock.overloaded = self._overloaded
        lab.clock.governor = lab.clock.turns.governor = self.governor
        lab.clock.rest = self._rest
        self.lab, self.state, self.why = lab, State.RUNNING, ""
        self.starts += 1
        self._clock = asyncio.create_task(lab.clock.run())
        self._started = self._idle_since = time.monotonic()
        self._looked_at = -1

    def _rest(self) -> float:
        return 0.0 if self.used else REST

    def _heard(self, fault: Fault) -> None:
        self.faults += 1
        logger.error("fault", extra={"lab": self.name, "error": str(fault)})

    def _overloaded(self) -> None:
        self.overloads += 1
        logger.warning("overload", extra={"lab": self.name})

    async def stop(self, state: State, why: str = "", *, keep: bool = True) -> None:
        """Take it down; with `keep` it goes on where it was when it is started again."""
        if self._starting is not None and not self._starting.done():
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        async with self._turn:
            lab, self.lab = self.lab, None
            if lab is not None:
                await self._take_down(lab, keep)
                logger.info("lab ends", extra={"lab": self.name, "state": state.value, "why": why})
            self.state, self.why = state, why
            if self._prepared:  # or what is kept would be taken for nothing
                self._noted()
                await self.kept()

    async def _take_down(self, lab: Lab, keep: bool) -> None:
        for terminal in list(self.terminals.values()):
            terminal.hang_up()
        for close in self.closing:
            close()
        self.closing.clear()
        if self._clock is not None:
            self._clock.cancel()
            await asyncio.gather(self._clock, return_exceptions=True)
        try:
            if keep:
                suspension.write(self._aside, suspension.kept(lab))
            self._ran += time.monotonic() - self._started
        except OSError as error:
            logger.error("state", extra={"lab": self.name, "error": f"{error.filename}: {error.strerror}"})
        for name in lab.devices:
            lab.stop(name)
        lab.close()

    async def restore(self) -> None:
        """Begin anew: what the devices saved is forgotten, and the lab is as its file says. Raises LabError."""
        await self.prepare()
        await self.stop(State.WAITING, keep=False)
        for path in (self.places, self._aside, self._note):
            if path.is_dir():
                await asyncio.to_thread(shutil.rmtree, path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        self._changed()
        self._ran = 0.0
        self.points = 0
        self.checks = []
        self.progressed_at = time.time()
        logger.info("lab restored", extra={"lab": self.name})

    def _recall(self) -> None:
        """What was noted: how long it ran, and whether it is to be left alone."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            noted = json.loads(self._note.read_bytes())
            self._ran, self.why = float(noted["seconds"]), str(noted["why"])
            if noted["state"] in (State.STOPPED, State.ASIDE):
                self.state = State(noted["state"])

    def note(self) -> None:
        """Keep how long it ran and what it does. Raises OSError."""
        durable.make_directories(self.directory)
        data = {"seconds": round(self.ran, 1), "state": self.state.value, "why": self.why}
        durable.write_file(self._note, json.dumps(data).encode())
        self._changed()

    def _changed(self) -> None:
        if self.mirror is not None:
            self.mirror.changed()

    async def kept(self) -> None:
        """Wait until what was saved outlives this machine, where it is to."""
        if self.mirror is not None and not await self.mirror.settled():
            logger.error("state", extra={"lab": self.name, "error": "the store does not answer"})

    def _noted(self) -> None:
        try:
            self.note()
        except OSError as error:
            logger.error("state", extra={"lab": self.name, "error": f"{error.filename}: {error.strerror}"})

    @property
    def ran(self) -> float:
        """Wall seconds that it ran in all."""
        return self._ran + (time.monotonic() - self._started if self.lab is not None else 0.0)

    # --- who is there ---------------------------------------------------------------------------------

    def endpoint(self, device: str) -> tuple[str, Endpoint]:
        """A device by name, whatever its case, or the lab's console. Raises LabError."""
        lab = self.lab
        if lab is None:
            raise LabError("the lab was stopped")
        if device.lower() in ("", CONSOLE):
            return CONSOLE, ConsoleEndpoint(lab, "", {})
        for name in lab.devices:
            if name.lower() == device.lower():
                return name, DeviceEndpoint(lab, name)
        raise LabError(f"there is no device {device!r}; there are: {', '.join(lab.devices)}")

    def admit(self) -> None:
        """Raises LabError when there are as many terminals as there may be."""
        if len(self.terminals) + self.visitors >= self.quotas.sessions:
            raise LabError(
                f"the lab has {self.quotas.sessions} sessions, which is all it may have; close one"
            )

    def enter(self, terminal: Terminal) -> None:
        """A terminal is open."""
        self.terminals[terminal.number] = terminal

    def leave(self, terminal: Terminal) -> None:
        """It is gone."""
        if self.terminals.pop(terminal.number, None) is not None:
            self._typed_before += terminal.lines_typed

    @property
    def used(self) -> bool:
        """Somebody is there."""
        return bool(self.terminals) or self.visitors > 0 or (self.pages is not None and self.pages() > 0)

    # --- now and then ---------------------------------------------------------------------------------

    async def look(self) -> None:
        """Put it aside or stop it when its time has come; called every second or so."""
        if self.lab is None or self.state is not State.RUNNING:
            return
        if self.used:
            self._idle_since = time.monotonic()
        typed = self._typed_before + sum(each.lines_typed for each in self.terminals.values())
        if typed != self.typed:
            self.typed, self.active_at = typed, time.time()
        if self.quotas.wall is not None and self.ran >= self.quotas.wall:
            await self.stop(
                State.STOPPED, "the lab has run for as long as it may; ask a teacher to restore it"
            )
        elif self.memory > self.quotas.memory:
            await self.stop(
                State.STOPPED, f"the lab had {self.memory >> 20} MB of memory, more than it may have"
            )
        elif self.quotas.idle is not None and time.monotonic() - self._idle_since >= self.quotas.idle:
            await self.stop(State.ASIDE)

    async def measure(self) -> None:
        """Look how much memory it has, in steps, if it did enough for that to have changed."""
        if self.lab is None:
            self.memory = 0
            return
        if self.memory and self.governor.used - self._measured_at < WORTH:
            return
        self._measured_at = self.governor.used
        total = 0
        for total in measured(self.lab, [each.shell for each in self.terminals.values()]):  # noqa: B007 - the last one counts
            await asyncio.sleep(0)  # others have their turn
        self.memory = total
        if self.lab is not None:
            self._noted()

    async def examine(self, *, always: bool = False) -> None:
        """Look at the checks, one at a time, if anything may have changed."""
        lab = self.lab
        if lab is None or (self._looked_at == self.typed and not always and not self.used):
            return
        self._looked_at = self.typed
        lab.clock.catch_up()
        found: list[dict[str, Any]] = []
        reached = total = 0
        for mark in assessment.each_mark(lab):
            await asyncio.sleep(0)  # others have their turn
            if self.lab is not lab:
                return
            total += mark.check.points
            reached += mark.check.points if mark.holds else 0
            found.append({
                "number": mark.number, "title": mark.check.title.en, "points": mark.check.points, "holds": mark.holds,
            })  # fmt: skip
        stage = assessment.stage(lab)
        if reached > self.points:
            self.progressed_at = time.time()
        self.checks, self.points = found, reached
        self.total = total
        self.stage = stage.title.en if stage is not None else ""

    def status(self) -> dict[str, Any]:
        """For the teacher, the command line and the metrics."""
        lab = self.lab
        return {
            "name": self.name,
            "title": self.order.title,
            "state": self.state.value,
            "why": self.why,
            "devices": list(lab.devices) if lab is not None else [],
            "terminals": [
                {
                    "number": each.number, "device": each.device, "user": each.client.username,
                    "lines": each.lines_typed, "taken": each.taken,
                }
                for each in self.terminals.values()
            ],
            "visitors": self.visitors,
            "ran": round(self.ran, 1),
            "starts": self.starts,
            "cpu_seconds": round(self.governor.used, 3),
            "held_back": self.governor.held,
            "memory": self.memory,
            "faults": self.faults,
            "overloads": self.overloads,
            "points": self.points,
            "total": self.total,
            "stage": self.stage,
            "checks": self.checks,
            "progressed_at": round(self.progressed_at, 1),
            "active_at": round(self.active_at, 1),
        }  # fmt: skip

    async def discard(self) -> None:
        """The process ends: keep what there is."""
        with contextlib.suppress(LabError):
            left_alone = self.state in (State.STOPPED, State.ASIDE)
            await self.stop(self.state if left_alone else State.WAITING, self.why if left_alone else "")
