"""What a client of the front door has: a terminal, one command, or a way to a device's own SSH server.

What a client does not take is not read from its lab, and the other way round.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Protocol

import asyncssh

from iosemu.farm.wire import Address, Kind, Message, Stream, begin
from iosemu.lab.errors import LabError
from iosemu.server.limits import Environment

LARGEST = 4096
"""Columns and rows of a terminal."""
AHEAD = 65_536
"""Octets that a client may type ahead of its lab before it is not read any more."""
PAUSES = (0.25, 0.5, 1.0)
"""Wall seconds between tries to reach a worker."""
logger = logging.getLogger("iosemu.farm")


@dataclass(frozen=True, slots=True)
class Login:
    """Who wants what: `[TEACHER/]STUDENT[+DEVICE]`."""

    user: str
    student: str
    device: str

    @classmethod
    def parse(cls, text: str) -> Login:
        """Any text is one; whether there are such a user and such a student is asked elsewhere."""
        user, slash, rest = text.partition("/")
        student, _, device = (rest if slash else user).partition("+")
        return cls(user.partition("+")[0], student, device)


@dataclass
class Counters:
    """What came through the door."""

    connections: int = 0
    """That are open."""
    accepted: int = 0
    refused: int = 0
    """Wrong passwords, and those who may not."""
    terminals: int = 0
    """That are open."""
    opened: int = 0
    inward: int = 0
    outward: int = 0
    """Octets of terminals."""


class Hall(Protocol):
    """What the gateway knows of the farm."""

    async def worker_of(self, student: str) -> Address:
        """Where a student's lab is, as soon as its worker answers. Raises LabError."""
        ...

    def has(self, student: str) -> bool:
        """Whether there is such a student."""
        ...


class House(Protocol):
    """What channels need of the gateway."""

    hall: Hall
    counters: Counters
    tasks: set[asyncio.Task[None]]
    """What goes on for clients."""


async def reach(hall: Hall, student: str, request: Message) -> Stream:
    """Begin something at a student's worker; of one that has just died it takes a moment until that is known.

    Raises LabError and OSError.
    """
    for pause in PAUSES:
        try:
            return (await begin(await hall.worker_of(student), request))[0]
        except OSError:
            await asyncio.sleep(pause)  # nobody tells when the next worker has taken over
    return (await begin(await hall.worker_of(student), request))[0]


class _Relay:
    """Octets between a channel and a stream to a worker, neither of them faster than the other reads."""

    def __init__(self, gateway: House) -> None:
        self.gone = False
        self._gateway = gateway
        self._channel: Any = None
        self._stream: Stream | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._inbox: asyncio.Queue[tuple[Kind, bytes]] = asyncio.Queue()
        self._ahead = 0
        self._deaf = False
        self._work: asyncio.Task[None] | None = None

    def _begin(self, work: Awaitable[None]) -> None:
        async def run() -> None:
            try:
                await work
            except (OSError, asyncssh.Error):
                pass  # one of the two is gone
            except Exception:
                logger.exception("the way between a client and a lab failed")
            finally:
                if self._stream is not None:
                    self._stream.close()
                if not self.gone:
                    self._channel.close()

        self._work = asyncio.create_task(run())
        self._gateway.tasks.add(self._work)
        self._work.add_done_callback(self._gateway.tasks.discard)

    def put(self, kind: Kind, data: bytes) -> None:
        """The client sent this; it is not read while much of it waits."""
        self._inbox.put_nowait((kind, data))
        self._ahead += len(data)
        self._gateway.counters.inward += len(data)
        if self._ahead > AHEAD and not self._deaf:
            self._deaf = True
            self._channel.pause_reading()

    async def _taken(self) -> tuple[Kind, bytes]:
        kind, data = await self._inbox.get()
        self._ahead -= len(data)
        if self._deaf and self._ahead <= AHEAD // 2:
            self._deaf = False
            self._channel.resume_reading()
        return kind, data

    async def _give(self, data: bytes) -> None:
        """Send to the client, at its pace."""
        await self._writable.wait()
        if not self.gone:
            self._gateway.counters.outward += len(data)
            self._channel.write(data)

    def pause_writing(self) -> None:
        """The client reads slowly."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """It has caught up."""
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self.gone = True
        self._writable.set()
        if self._work is not None:
            self._work.cancel()


async def first_of(*works: Awaitable[None]) -> None:
    """Until one of them has ended; the others are cancelled, and what the first raised is raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


class Session(_Relay, asyncssh.SSHServerSession[bytes]):
    """A terminal, or one command."""

    def __init__(self, gateway: House, login: Login, address: str) -> None:
        super().__init__(gateway)
        self._login = login
        self._request: dict[str, Any] = {
            "do": "terminal", "lab": login.student, "device": login.device, "user": login.user, "address": address,
            "pty": False,
        }  # fmt: skip

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """The channel is open."""
        self._channel = chan
        chan._env = Environment()

    def pty_requested(self, term_type: str, term_size: tuple[int, int, int, int], term_modes: object) -> bool:
        """A size of 0 means: use the default."""
        size = [min(term_size[0] or 80, LARGEST), min(term_size[1] or 24, LARGEST)]
        self._request.update(pty=True, term=term_type, size=size)
        return True

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        """The client's window changed."""
        if width and height:
            self.put(Kind.RESIZE, json.dumps([min(width, LARGEST), min(height, LARGEST)]).encode())

    def shell_requested(self) -> bool:
        """An interactive shell."""
        return True

    def exec_requested(self, command: str | bytes) -> bool:
        """One command, then the end."""
        text = command.decode("utf-8", "replace") if isinstance(command, bytes) else command
        if text.startswith("scp "):
            return False  # files are copied to and from the device's own server, by the jump host
        self._request["command"] = text
        return True

    def session_started(self) -> None:
        """The lab is asked for a shell; it may have to be woken first."""
        self._begin(self._run())

    def data_received(self, data: bytes, datatype: object) -> None:
        """The client typed."""
        self.put(Kind.DATA, data)

    def eof_received(self) -> bool:
        """It will type no more."""
        self.put(Kind.END, b"")
        return True

    def break_received(self, msec: int) -> bool:
        """A break does no harm."""
        return True

    def signal_received(self, signal: str) -> None:
        """Signals do no harm."""

    async def _run(self) -> None:
        counters = self._gateway.counters
        try:
            self._stream = await reach(self._gateway.hall, self._login.student, self._request)
        except (LabError, OSError) as error:
            text = (
                error
                if isinstance(error, LabError)
                else "the lab's worker has gone; log in again in a moment"
            )
            await self._give(f"% {text}\r\n".encode())
            self._channel.exit(1)
            return
        counters.terminals += 1
        counters.opened += 1
        try:
            await first_of(self._inward(self._stream), self._outward(self._stream))
        finally:
            counters.terminals -= 1

    async def _inward(self, stream: Stream) -> None:
        while True:
            stream.put(*await self._taken())
            await stream.drained()

    async def _outward(self, stream: Stream) -> None:
        while (frame := await stream.frame()) is not None:
            kind, data = frame
            if kind == Kind.DATA:
                await self._give(data)
            elif kind == Kind.END:
                self._channel.exit(int(data or b"0"))
                return
        await self._give(b"\r\n% The lab's worker has gone; log in again in a moment.\r\n")
        self._channel.exit(1)


class Tunnel(_Relay, asyncssh.SSHTCPSession[bytes]):
    """A way to a device's own SSH server."""

    def __init__(self, gateway: House, login: Login, device: str) -> None:
        super().__init__(gateway)
        self._login = login
        self._device = device

    def connection_made(self, chan: asyncssh.SSHTCPChannel[bytes]) -> None:
        """The channel is open."""
        self._channel = chan

    def session_started(self) -> None:
        """Connect."""
        self._begin(self._run())

    def data_received(self, data: bytes, datatype: object) -> None:
        """From the client."""
        self.put(Kind.DATA, data)

    def eof_received(self) -> bool:
        """It will send no more."""
        self.put(Kind.END, b"")
        return True

    async def _run(self) -> None:
        try:
            request = {"do": "ssh", "lab": self._login.student, "device": self._device}
            self._stream = await reach(self._gateway.hall, self._login.student, request)
        except LabError:
            return  # there is no such device: the connection is closed
        await first_of(self._inward(self._stream), self._outward(self._stream))

    async def _inward(self, stream: Stream) -> None:
        while True:
            kind, data = await self._taken()
            if kind == Kind.END:
                with contextlib.suppress(OSError, RuntimeError):
                    stream.writer.write_eof()
                continue
            stream.writer.write(data)
            await stream.drained()

    async def _outward(self, stream: Stream) -> None:
        while data := await stream.reader.read(AHEAD):
            await self._give(data)
