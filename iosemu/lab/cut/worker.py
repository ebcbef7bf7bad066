"""A worker: computes a part of a lab, serves its devices, and does what the process at the front asks."""

from __future__ import annotations

import asyncio
import gc
import math
import os
import struct
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from iosemu.lab.assessment import answer
from iosemu.lab.capture import FrameSource
from iosemu.lab.cut.part import PartLab, PartState
from iosemu.lab.cut.partition import Partition
from iosemu.lab.cut.peers import PeerGone, Peers
from iosemu.lab.cut.rounds import SLICE, Rounds
from iosemu.lab.errors import LabError
from iosemu.lab.image import Wire, texts_of, wires_of
from iosemu.lab.impairments import describe_faults, read_faults
from iosemu.lab.lab import BOOT_TIME
from iosemu.lab.labfile import Topology
from iosemu.lab.snapshot import Snapshot
from iosemu.lab.startup_config import save
from iosemu.net.capture import CapturedFrame
from iosemu.net.scheduler import Key
from iosemu.packets.framing import Framing
from iosemu.shell.session import Session

_NUMBER = struct.Struct("<d")


@dataclass(frozen=True)
class Orders:
    """What a worker is to compute."""

    topology: Topology
    partition: Partition
    number: int
    addresses: dict[int, tuple[str, bool]]
    """Where the other workers are met, and whether this one listens there."""
    seed: int | str | None
    origin: datetime
    state_root: Path | None
    """Where devices save; None: nowhere."""


@dataclass(frozen=True, slots=True)
class Report:
    """How a worker is."""

    now: float
    """Lab seconds."""
    next: Key
    """The place of what comes next."""
    waiting: bool
    """A session waits for lab time to pass."""


Frame = tuple[Key, CapturedFrame]


class Tape:
    """Frames that pass, with the places of the events that sent them."""

    def __init__(self, lab: PartLab, target: str) -> None:
        self._lab = lab
        self._frames: list[Frame] = []
        self._source = FrameSource(lab, target, "", self._take)
        lab.captures.add(self)

    def _take(self, captured: CapturedFrame) -> None:
        running = self._lab.scheduler.running
        if running is not None and running[0] == captured.time:
            key = running[:4]
        else:  # somebody typed
            key = (captured.time, math.inf, self._lab.scheduler.lane, 0)
        self._frames.append((key, captured))

    def read(self) -> list[Frame]:
        """Those since the last call."""
        frames, self._frames = self._frames, []
        return frames

    def close(self) -> None:
        """Stop."""
        self._lab.captures.discard(self)
        self._source.close()


class Worker:
    """Answers the front; each request is a name and arguments, each answer a result or why there is none."""

    def __init__(self, connection: Connection, orders: Orders) -> None:
        self._connection = connection
        self._front = os.getppid()
        self.peers = Peers(orders.addresses, lambda item: self.lab.take(item), self._alive)
        state = None
        if orders.state_root is not None:
            state = PartState(orders.topology.lab.name, orders.state_root)
        self.lab = PartLab(
            orders.topology,
            orders.partition,
            orders.number,
            self.peers.post,
            seed=orders.seed,
            origin=orders.origin,
            state=state,
        )
        self.lab.clock.told = self._told
        self.rounds: Rounds | None = None
        self._tapes: dict[int, Tape] = {}
        self._snapshots: dict[int, Snapshot] = {}
        self._sessions: dict[int, Session] = {}
        self._numbers = count(1)
        self._reported: tuple[Key, bool] | None = None
        self._asked = False
        self.stopped = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None

    # --- the front -----------------------------------------------------------------------------------

    def _alive(self) -> bool:
        """The front is still there: whoever ends leaves its children to another."""
        return os.getppid() == self._front

    def report(self) -> Report:
        """How it is."""
        clock = self.lab.clock
        report = Report(self.lab.scheduler.now, clock.next_key(), clock.busy)
        self._reported = report.next, report.waiting
        return report

    def _told(self) -> None:
        """Tell the front of what somebody typed has changed."""
        clock = self.lab.clock
        if not self._asked and self._reported != (clock.next_key(), clock.busy):
            self._connection.send(("notice", self.report()))

    def readable(self) -> None:
        """The front has asked, or has gone."""
        try:
            name, *arguments = self._connection.recv()
        except (EOFError, OSError):
            self.stopped.set()
            return
        if name == "serve":
            self._serving = asyncio.get_running_loop().create_task(self._serve(*arguments))
            return
        self._asked = True
        try:
            self._connection.send(("answer", self._do(name, arguments), self.report()))
        except (PeerGone, BrokenPipeError):
            self.stopped.set()
        except Exception:  # noqa: BLE001 - the front tells it, and ends the lab
            self._connection.send(("failed", traceback.format_exc()))
            self.stopped.set()
        finally:
            self._asked = False
        self.lab.clock.poke()

    def _do(self, name: str, arguments: list[Any]) -> Any:
        action: Callable[..., Any] = getattr(self, f"do_{name}")
        try:
            return action(*arguments)
        except (LabError, ValueError) as error:
            return LabError(str(error))

    # --- time ----------------------------------------------------------------------------------------

    def do_boot(self) -> dict[str, list[tuple[int, str]]]:
        """Switch on; what of the startup configurations is not understood, by device."""
        lab, peers = self.lab, self.peers
        enabled = gc.isenabled()
        gc.disable()
        lab.switch_on(peers)
        if enabled:
            gc.enable()
        ahead = lab.ahead()
        for peer in peers.numbers:
            peers.send(peer, _NUMBER.pack(ahead[-1]))
        least = min([ahead[-1], *(_NUMBER.unpack(peers.receive(peer))[0] for peer in peers.numbers)])
        self.rounds = Rounds(lab.clock, peers, ahead, least)
        return {name: [(each.number, each.line) for each in errors] for name, errors in lab.errors.items()}

    def do_run(self, until: float, seconds: float = SLICE) -> float:
        """Run with all other workers; returns how far they came in so many wall seconds."""
        assert self.rounds is not None
        reached = self.rounds.run(until, seconds)
        if reached >= until:
            self.lab.clock.settle()
        return reached

    def do_below(self, bound: Key, session: int | None) -> tuple[bool, dict[int, int]]:
        """Run alone below `bound`, until that session, or nobody here, waits any longer.

        Tells whether that was so, and how many messages were sent to whom.
        """
        assert self.rounds is not None
        clock, sessions = self.lab.clock, self._sessions
        if session is None and clock.busy:
            ended = self.rounds.run_below(bound, lambda: not clock.busy)
        elif session in sessions:
            ended = self.rounds.run_below(bound, lambda: not sessions[session].waiting)
        else:
            ended = self.rounds.run_below(bound, lambda: False)
        return ended, self.peers.flush()

    def do_drain(self, peer: int, messages: int) -> None:
        """Take in what another worker sent."""
        self.peers.drain(peer, messages)

    def do_stand(self, now: float) -> None:
        """All that is due by now is done."""
        self.lab.clock.stand_at(now)
        self.lab.clock.settle()

    def do_report(self) -> None:
        """Only the report that comes with every answer."""

    def do_rounds(self) -> int:
        """How often the workers told each other how far they are."""
        return self.rounds.rounds if self.rounds is not None else 0

    # --- devices -------------------------------------------------------------------------------------

    def do_open(self, device: str, width: int) -> int:
        """A session without a page length on a line of its own; returns its number."""
        session = self.lab.session(device, hidden=True, pty=False, rows=0, columns=width)
        assert session is not None
        number = next(self._numbers)
        self._sessions[number] = session
        self.lab.clock.watch(session)
        session.start()
        return number

    def do_type(self, number: int, line: str) -> bool:
        """Type a line into a session; tells whether it waits for lab time."""
        session = self._sessions[number]
        session.receive(line.encode() + b"\r")
        self.lab.clock.settle()
        return session.waiting

    def do_output(self, number: int) -> tuple[str, bool]:
        """What a session printed since the last call, and whether it waits."""
        session = self._sessions[number]
        return session.output().decode("utf-8", "replace"), session.waiting

    def do_leave(self, number: int) -> None:
        """Hang up."""
        session = self._sessions.pop(number, None)
        if session is not None:
            self.lab.clock.unwatch(session)
            session.disconnect()

    def do_answers(self, wanted: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """What devices here print for commands that answer at once."""
        return {(device, line): answer(self.lab, device, line) for device, line in wanted}

    def do_power(self, name: str, state: str) -> None:
        """Switch a device `on`, `off` or through a `cycle`."""
        lab, device = self.lab, self.lab.devices[name]
        if state != "on" and device.powered:
            lab.stop(name)
        if state == "on" and not device.powered:
            lab.start(name)
        elif state == "cycle":
            lab.scheduler.lane = device.lane
            lab.scheduler.after(BOOT_TIME, lambda: None if device.powered else [*lab.start(name)].clear())

    def do_nodes(self) -> dict[str, tuple[bool, list[str], int]]:
        """Each device: whether it has power, its ports with a carrier, and how many internal errors it had."""
        return {
            name: (
                device.powered,
                [port for port, socket in device.ports.items() if socket.carrier],
                self.lab.faults.of(name),
            )
            for name, device in self.lab.devices.items()
        }

    def do_save(self) -> list[str]:
        """Save every configuration."""
        return save(self.lab)

    def do_keys(self) -> dict[str, list[dict[str, Any]]]:
        """IKE and ESP keys."""
        return self.lab.exported_keys()

    # --- cables --------------------------------------------------------------------------------------

    def do_links(self) -> dict[tuple[str, str], tuple[bool, bool, str, tuple[int, ...]]]:
        """Each cable by its ends: plugged, carrier at the ends that are here, faults, counters."""
        found: dict[tuple[str, str], tuple[bool, bool, str, tuple[int, ...]]] = {}
        for link in self.lab.links:
            near = [end for end in link.ends if end.name.partition(":")[0] in self.lab.devices]
            counts = link.counters
            found[link.ends[0].name, link.ends[1].name] = (
                link.plugged,
                all(end.carrier for end in near),
                describe_faults(link),
                (
                    counts.lost,
                    counts.duplicated,
                    counts.reordered,
                    counts.corrupted,
                    counts.oversized,
                    counts.overrun,
                ),
            )
        return found

    def do_export(self) -> tuple[dict[str, str], dict[frozenset[str], Wire], list[str]]:
        """What is configured here, the cables by their ends, and the devices without power."""
        lab = self.lab
        ends = (frozenset(end.name for end in link.ends) for link in lab.links)
        off = [name for name, device in lab.devices.items() if not device.powered]
        return dict(texts_of(lab)), dict(zip(ends, wires_of(lab), strict=True)), off

    def do_link(self, endpoint: str, action: str, end: str = "") -> None:
        """`up`, `down` or `clear` a cable, or `mute` an end of it."""
        link = self.lab.link(endpoint)
        if action == "clear":
            link.clear()
        elif action == "mute":
            link.mute(end)
        else:
            link.plugged = action == "up"

    def do_impair(self, endpoint: str, faults: dict[str, str]) -> None:
        """Set faults of a cable."""
        self.lab.link(endpoint).impair(**read_faults(faults))

    # --- captures and snapshots ----------------------------------------------------------------------

    def do_capture(self, target: str) -> tuple[int, dict[str, Framing]]:
        """Begin to record; returns the number of the record, and what the frames of serial ports are."""
        number = next(self._numbers)
        self._tapes[number] = Tape(self.lab, target)
        ports = [port for device in self.lab.devices.values() for port in device.ports.values()]
        return number, {port.name: port.framing for port in ports if port.framing is not Framing.ETHERNET}

    def do_captured(self, number: int) -> list[Frame]:
        """What was recorded since the last call."""
        return self._tapes[number].read()

    def do_uncapture(self, number: int) -> None:
        """Record no more."""
        self._tapes.pop(number).close()

    def do_snapshot(self, number: int) -> None:
        """Keep this part as it is."""
        self._snapshots[number] = self.lab.snapshot()

    def do_restore(self, number: int) -> None:
        """Put this part back."""
        for tape in self._tapes.values():
            tape.close()
        self._tapes.clear()
        self._sessions.clear()
        self.lab.restore(self._snapshots[number])

    def do_forget(self, number: int) -> None:
        """Keep a snapshot no more."""
        self._snapshots.pop(number, None)

    # --- SSH -----------------------------------------------------------------------------------------

    async def _serve(self, options: dict[str, Any]) -> None:
        """Answer SSH for the devices here until the worker is told to stop."""
        from iosemu.lab.ssh_service import serve
        from iosemu.server.garbage import GarbageCollection

        try:
            with GarbageCollection(self.lab.clock.turns):
                async with serve(self.lab, with_console=False, **options) as serving:
                    found = (serving.ports, serving.telnet, serving.consoles, serving.snmp, serving.warnings)
                    self._connection.send(("answer", found, self.report()))
                    await self.stopped.wait()
        except LabError as error:
            self._connection.send(("answer", error, self.report()))

    async def work(self) -> None:
        """Do what is asked until the front ends it."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._connection.fileno(), self.readable)
        self._connection.send(("answer", None, self.report()))
        await self.stopped.wait()
        loop.remove_reader(self._connection.fileno())
        if self._serving is not None:
            await self._serving
        self.lab.close()
        self.peers.close()
