"""A worker: a process that carries many labs on one event loop, and does what the supervisor asks."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import os
import random
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from iosemu.farm import journal
from iosemu.farm.class_file import Order
from iosemu.farm.holding import Holding
from iosemu.farm.hosted import CONSOLE, PROGRESS, HostedLab, State
from iosemu.farm.pages import LabPages
from iosemu.farm.quotas import Quotas
from iosemu.farm.store import Mirror, Store, is_url, path_of
from iosemu.farm.terminal import Onlooker, Terminal
from iosemu.farm.wire import FRAME, Address, Kind, Listener, Message, Stream
from iosemu.lab import course_report, resources
from iosemu.lab.errors import LabError
from iosemu.server import durable
from iosemu.server.connection import Connection, connection_options
from iosemu.server.endpoint import Client
from iosemu.server.garbage import GarbageCollection
from iosemu.server.hostkeys import host_keys
from iosemu.server.limits import Admission, raise_descriptor_limit
from iosemu.server.pace import Pace
from iosemu.server.ssh import acceptor
from iosemu.server.turns import Turns

LOOK = 1.0
"""Wall seconds between two looks whether a lab has had its time."""
MEASURE = 60.0
"""Wall seconds between two looks at the memory of the labs."""
LISTED = 100
"""Descriptors that a lab and those who use it may need."""
logger = logging.getLogger("iosemu.farm")


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is to do."""

    number: int
    address: Address
    directory: Path
    """Of the farm; each lab has a place of its own in it."""
    quotas: Quotas
    pace: Pace
    orders: tuple[Order, ...]
    listen: str = "127.0.0.1"
    """Where the pages of labs are served."""
    state: str = ""
    """Where what labs keep is, if not in the directory: another directory, or the URL of a store."""

    def data(self) -> Message:
        """For another process."""
        return {
            "number": self.number, "address": self.address.data(), "directory": str(self.directory),
            "quotas": self.quotas.model_dump(), "pace": self.pace.value, "listen": self.listen,
            "state": self.state,
            "orders": [order.data() for order in self.orders],
        }  # fmt: skip

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """The other way round."""
        return cls(
            data["number"], Address(**data["address"]), Path(data["directory"]),
            Quotas.model_validate(data["quotas"]), Pace(data["pace"]),
            tuple(Order.of(each) for each in data["orders"]), data["listen"], data["state"],
        )  # fmt: skip


class _AllTurns(Turns):
    """The turns of all labs of a process, as the garbage collection asks for them."""

    def __init__(self, labs: Mapping[str, HostedLab]) -> None:
        super().__init__()
        self._labs = labs

    @property
    def idle(self) -> float:
        """Seconds since the last turn of any of them."""
        return min(
            (each.lab.clock.turns.idle for each in self._labs.values() if each.lab is not None), default=60.0
        )


class Worker:
    """Carries its labs from `open` to `close`; needs an event loop."""

    def __init__(self, job: Job, *, alone: bool = True) -> None:
        """Unless it is `alone` it starts labs when somebody holds it, and not before.

        Raises LabError when what labs keep cannot be reached.
        """
        self.job = job
        self.holding = Holding()
        if alone:
            self.holding.held.set()
        self._store = Store(job.state) if is_url(job.state) else None
        self.labs: dict[str, HostedLab] = {}
        self.address = job.address
        self._listener = Listener(self.serve, self._failed)
        self._garbage = GarbageCollection(_AllTurns(self.labs))
        self._tasks: list[asyncio.Task[None]] = []
        self._admission = Admission(random.SystemRandom().random)
        self._connections: set[Connection] = set()
        self._ending = asyncio.Event()
        self._pages = LabPages(job.listen)
        for order in job.orders:
            self._take(order)

    def _take(self, order: Order) -> None:
        root = path_of(self.job.state) if self.job.state and self._store is None else self.job.directory
        # what is a copy of a store's has another place: it may be thrown away
        directory = root / ("labs" if self._store is None else "copies") / order.name
        mirror = Mirror(self._store, f"labs/{order.name}", directory) if self._store is not None else None
        self.labs[order.name] = HostedLab(order, directory, self.job.quotas, self.job.pace, mirror)

    async def open(self) -> Address:
        """Listen, and start the labs one after the other. Raises OSError."""
        raise_descriptor_limit(LISTED * (len(self.labs) + 1))
        resources.grammar()
        gc.collect()
        self._garbage.__enter__()
        making = asyncio.to_thread(
            durable.make_directories, *(each.places for each in self.labs.values() if each.mirror is None)
        )
        self._tasks.append(asyncio.create_task(self._prepared(making)))
        self.address = await self._listener.open(self.job.address)
        for work in (self._start_all, self._look, self._examine, self._measure):
            self._tasks.append(asyncio.create_task(self._always(work)))
        logger.info("worker listens", extra={"count": len(self.labs)})
        return self.address

    async def close(self) -> None:
        """Put all labs aside."""
        await self._listener.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in list(self._connections):
            connection.abort()
        for lab in self.labs.values():
            await lab.discard()
        await self._pages.close()
        self._garbage.__exit__()
        logger.info("worker ends")

    def rekey(self, key: str) -> None:
        """Answer to another supervisor from now on."""
        self._listener.rekey(key)
        self.address = self._listener.address

    async def ended(self) -> None:
        """Somebody asked for the end."""
        await self._ending.wait()

    # --- work of its own ------------------------------------------------------------------------------

    async def _prepared(self, making: Awaitable[None]) -> None:
        """The disk takes its time for each directory; meanwhile the first labs start."""
        with contextlib.suppress(OSError):  # told by the lab whose place it is
            await making

    async def _always(self, work: Any) -> None:
        try:
            await work()
        except Exception:
            logger.exception("the worker's own work failed")
            self._ending.set()

    async def _start_all(self) -> None:
        await self.holding.held.wait()
        while True:
            waiting = [lab for lab in self.labs.values() if lab.state is State.WAITING]
            for lab in waiting:
                await self._started(lab)
            await asyncio.sleep(LOOK if all(lab.state is State.WAITING for lab in waiting) else 0)

    async def _started(self, lab: HostedLab) -> None:
        self.holding.starting(lab.name)
        await asyncio.sleep(0)  # it is told before anything can go wrong
        with contextlib.suppress(LabError):  # told to whoever asks for it
            await lab.prepare()
            if lab.state is State.WAITING:
                await lab.awake()
        self.holding.starting("")

    async def _each(self, work: Callable[[HostedLab], Awaitable[None]]) -> None:
        """Do something with every lab; what goes wrong with one is logged, and is nothing to the others."""
        for lab in list(self.labs.values()):
            try:
                await work(lab)
            except LabError as error:
                logger.warning("not looked at", extra={"lab": lab.name, "error": str(error)})
            except Exception:
                logger.exception("not looked at", extra={"lab": lab.name})

    async def _look(self) -> None:
        starts = up = 0
        while True:
            await asyncio.sleep(LOOK)
            await self._each(HostedLab.look)
            before, starts = starts, sum(each.starts for each in self.labs.values())
            were, up = up, sum(each.lab is not None for each in self.labs.values())
            if (ended := were + starts - before - up) > 0:
                self._garbage.release(ended)
            if starts > before:
                self._garbage.settle()

    async def _examine(self) -> None:
        while True:
            await self._each(HostedLab.examine)
            await asyncio.sleep(PROGRESS)

    async def _measure(self) -> None:
        while True:
            await asyncio.sleep(MEASURE)
            await self._each(HostedLab.measure)

    def _failed(self, request: Message, error: Exception) -> None:
        known = isinstance(error, KeyError | TypeError | ValueError)
        logger.error("request failed: %s", request.get("do"), extra={"error": repr(error)},
                     exc_info=None if known else error)  # fmt: skip

    # --- what is asked --------------------------------------------------------------------------------

    async def serve(self, request: Message, stream: Stream) -> Message | None:
        """Answer a request of the supervisor or the gateway. Raises LabError."""
        match request["do"]:
            case "hold":
                await self.holding.serve(stream, {"pid": os.getpid(), "labs": len(self.labs)})
                return None
            case "status":
                return {"pid": os.getpid(), "labs": [each.status() for each in self.labs.values()]}
            case "look":
                await self._each(lambda each: each.examine(always=True))
                return {}
            case "take":
                return self._taken([Order.of(each) for each in request["orders"]])
            case "end":
                self._ending.set()
                return {}
        lab = self.labs.get(str(request["lab"]))
        if lab is None:
            raise LabError(f"there is no lab {request['lab']!r}")
        match request["do"]:
            case "start":
                if lab.lab is None:
                    lab.state, lab.why = State.WAITING, ""
                await lab.awake()
            case "stop":
                await lab.stop(State.STOPPED, str(request.get("why", "")))
            case "fail":
                await lab.stop(State.FAILED, str(request["why"]))
            case "restart":
                await lab.stop(State.WAITING)
                await lab.awake()
            case "restore":
                await lab.restore()
                await lab.awake()
            case "report":
                return await self._report(lab)
            case "page":
                return {"link": await self._pages.link(lab, await lab.awake())}
            case "terminal":
                await self._terminal(lab, request, stream)
                return None
            case "watch":
                await self._watch(lab, request, stream)
                return None
            case "ssh":
                await self._ssh(lab, request, stream)
                return None
            case unknown:
                raise LabError(f"a worker cannot {unknown}")
        return lab.status()

    def _taken(self, orders: list[Order]) -> Message:
        """Carry these labs, too; those that it has already stay as they are."""
        for order in orders:
            if order.name not in self.labs:
                self._take(order)
        return {}

    async def _report(self, hosted: HostedLab) -> Message:
        """The checks as they are now; of a lab that is not running, as they were when it was last looked at."""
        await hosted.examine(always=True)
        made = course_report.of_lab(hosted.lab).model_dump() if hosted.lab is not None else None
        return {"status": hosted.status(), "report": made}

    async def _terminal(self, hosted: HostedLab, request: Message, stream: Stream) -> None:
        """A student's terminal on a device; with `command` one command alone."""
        hosted.admit()
        lab = await hosted.awake()
        hosted.admit()
        device, endpoint = hosted.endpoint(str(request["device"]))
        if device != CONSOLE and not lab.devices[device].powered:
            raise LabError(f"{device} is off; power it on at the console")
        size = request.get("size", [80, 24])
        client = Client(
            str(request["user"]), 15, str(request.get("address", "")), int(size[0]), int(size[1]),
            pty=bool(request.get("pty", True)), term=str(request.get("term", "")),
        )  # fmt: skip
        kept = hosted.kept if hosted.mirror is not None else None
        terminal = Terminal(device, lab.clock, client, stream, hosted.governor, kept)
        command = request.get("command")
        if not terminal.open(endpoint, None if command is None else str(command)):
            terminal.close()
            raise LabError(f"{device} has no free line")
        hosted.enter(terminal)
        try:
            await stream.say({"terminal": terminal.number, "device": device})
            await terminal.serve()
        finally:
            terminal.close()
            hosted.leave(terminal)

    async def _watch(self, hosted: HostedLab, request: Message, stream: Stream) -> None:
        """A teacher looks at a student's terminal, and may type in his place."""
        terminal = hosted.terminals.get(int(request["terminal"]))
        if terminal is None:
            raise LabError(f"{hosted.name} has no terminal {request['terminal']}")
        news = asyncio.Event()
        onlooker = Onlooker(news.set, typing=bool(request.get("typing")))
        await stream.say({"device": terminal.device, "size": [terminal.client.columns, terminal.client.rows]})
        terminal.show(onlooker)
        logger.info("onlooker", extra={"lab": hosted.name, "user": str(request.get("user", "")),
                                       "device": terminal.device})  # fmt: skip

        async def tell() -> None:
            while not onlooker.ended:
                await news.wait()
                news.clear()
                data = onlooker.take()
                for at in range(0, len(data), FRAME):
                    stream.put(Kind.DATA, data[at : at + FRAME])
                    await stream.drained()
            stream.put(Kind.END, b"0")
            await stream.drained()

        async def hear() -> None:
            while (frame := await stream.frame()) is not None:
                if onlooker.typing and frame[0] == Kind.DATA:
                    await terminal.type(frame[1])

        tasks = [asyncio.create_task(tell()), asyncio.create_task(hear())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            terminal.leave(onlooker)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _ssh(self, hosted: HostedLab, request: Message, stream: Stream) -> None:
        """The device's own SSH server, for who comes by the gateway as a jump host."""
        hosted.admit()
        lab = await hosted.awake()
        device, endpoint = hosted.endpoint(str(request["device"]))
        if device == CONSOLE:
            raise LabError("name a device")
        options = connection_options(host_keys(self.job.directory / "hostkeys"))
        await stream.say({"device": device})
        accept = acceptor(endpoint, lab.clock, options, self._connections, self._admission)
        connection, transport = accept(), stream.writer.transport
        hosted.visitors += 1
        hosted.closing.append(connection.abort)
        try:
            transport.set_protocol(connection)
            connection.connection_made(transport)
            await connection.wait_closed()
        finally:
            hosted.visitors -= 1
            with contextlib.suppress(ValueError):
                hosted.closing.remove(connection.abort)


async def work_by_job(stdin: int) -> None:
    """Do the job that stands in the first line of a descriptor, until that ends or a signal comes."""
    loop = asyncio.get_running_loop()
    with open(stdin, "rb", closefd=False) as source:
        line = await asyncio.to_thread(source.readline)
    if not line:
        return  # it was not needed
    job = Job.of(json.loads(line))
    journal.begin(worker=job.number)
    worker = Worker(job, alone=False)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGINT, lambda: None)  # Ctrl-C is the supervisor's to deal with
    # the supervisor holds the other end: when it is gone, however it went, there is nobody to work for
    loop.add_reader(stdin, stop.set)
    await worker.open()
    ending = asyncio.create_task(worker.ended())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((ending, stopping), return_when=asyncio.FIRST_COMPLETED)
    loop.remove_reader(stdin)
    ending.cancel()
    stopping.cancel()
    await worker.close()
