"""A terminal of a lab in a worker: bytes between a stream and the shell that SSH has, too, and those who look on."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from itertools import count

from iosemu.farm.wire import FRAME, Kind, Stream
from iosemu.server.clock import LabClock
from iosemu.server.endpoint import Client, Endpoint, Shell
from iosemu.server.governor import Governor
from iosemu.server.waiters import ShellWaiter

LARGEST = 4096
"""Columns and rows of a terminal; a larger one is taken for one of this size."""
REMEMBERED = 16_384
"""Octets of the past that who begins to look on is shown."""
BEHIND = 262_144
"""Octets that an onlooker may be behind before some are left out: the student does not wait for him."""
_numbers = count(1)


@dataclass(eq=False)
class Onlooker:
    """Somebody who sees what a student sees."""

    rouse: Callable[[], None]
    unseen: deque[bytes] = field(default_factory=deque)
    size: int = 0
    typing: bool = False
    """He has taken over: what the student types is not taken."""
    ended: bool = False

    def see(self, data: bytes) -> None:
        """The student was shown this."""
        self.unseen.append(data)
        self.size += len(data)
        while self.size > BEHIND and len(self.unseen) > 1:
            self.size -= len(self.unseen.popleft())
        self.rouse()

    def take(self) -> bytes:
        """What he has not seen yet."""
        data = b"".join(self.unseen)
        self.unseen.clear()
        self.size = 0
        return data

    def end(self) -> None:
        """The terminal is gone."""
        self.ended = True
        self.rouse()


class Terminal(ShellWaiter[Shell]):
    """One terminal of a student."""

    def __init__(
        self,
        device: str,
        clock: LabClock,
        client: Client,
        stream: Stream,
        governor: Governor,
        kept: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`kept` is waited for before anything is shown: what was saved is where it outlives us."""
        self.number = next(_numbers)
        self.device = device
        self.client = client
        self.lines_typed = 0
        self._clock = clock
        self._stream = stream
        self._governor = governor
        self._kept = kept
        self._shell = None
        self._stirred = asyncio.Event()
        """The shell did something: there may be room for keys …"""
        self._wake = asyncio.Event()
        """… and output."""
        self._hung_up = False
        self._past: deque[bytes] = deque()
        self._past_size = 0
        self._onlookers: list[Onlooker] = []

    # what the clock asks

    def tick(self) -> None:
        """Have the shell look; what it prints is sent when this turn is over."""
        if self._shell is not None:
            self._begin_turn(self._shell)
            self._shell.tick()
            self._look()

    @property
    def shell(self) -> Shell | None:
        """Who answers; None when it is closed."""
        return self._shell

    # the student

    def open(self, endpoint: Endpoint, command: str | None) -> bool:
        """Begin a session, or one command; False when no line is left."""
        self._clock.catch_up()
        shell = endpoint.open(self.client, self.hang_up)
        if shell is None:
            return False
        self._shell = shell
        self._clock.watch(self)
        self._begin_turn(shell)
        if command is None:
            shell.start()
        else:
            shell.run(command)
        self._after_input()
        return True

    async def serve(self) -> None:
        """Until the shell ends, or the student is gone."""
        pumping = asyncio.create_task(self._pump())
        hearing = asyncio.create_task(self._hear())
        try:
            await asyncio.wait((pumping, hearing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (pumping, hearing):
                task.cancel()
            ended = await asyncio.gather(pumping, hearing, return_exceptions=True)
            self.close()
        for error in ended:
            if isinstance(error, Exception):
                raise error  # what goes wrong with a terminal must not look as if the student had gone

    def hang_up(self) -> None:
        """The device cuts the user off."""
        self._hung_up = True
        self._wake.set()

    def close(self) -> None:
        """Free the line; closing twice does no harm."""
        self._gone = True
        self._clock.unwatch(self)
        shell, self._shell = self._shell, None
        if shell is not None:
            shell.disconnect()
            self._clock.turns.finish(shell)
            self._clock.poke()
        for onlooker in self._onlookers:
            onlooker.end()
        self._onlookers.clear()

    # the teacher

    @property
    def taken(self) -> bool:
        """A teacher types in the student's place."""
        return any(each.typing for each in self._onlookers)

    def show(self, onlooker: Onlooker) -> None:
        """He looks on from here, and sees a little of what was."""
        onlooker.see(b"".join(self._past))
        self._onlookers.append(onlooker)

    def leave(self, onlooker: Onlooker) -> None:
        """He looks no more."""
        if onlooker in self._onlookers:
            self._onlookers.remove(onlooker)

    async def type(self, data: bytes) -> None:
        """Take what a teacher types, as soon as the shell does."""
        await self._room()
        self._typed(data)

    # the work

    async def _hear(self) -> None:
        while (frame := await self._stream.frame()) is not None:
            kind, data = frame
            if kind == Kind.RESIZE:
                self._resize(data)
                continue
            await self._room()
            if kind == Kind.DATA and not self.taken:
                self._typed(data)
            elif kind == Kind.END and self._shell is not None:
                self._begin_turn(self._shell)
                self._shell.end_of_input()
                self._after_input()

    async def _room(self) -> None:
        """Until the shell takes keys, and the lab may compute."""
        while self._shell is not None and not self._shell.eager:
            self._stirred.clear()
            await self._stirred.wait()
        if pause := self._governor.pause():
            await asyncio.sleep(pause)

    def _typed(self, data: bytes) -> None:
        if self._shell is None:
            return
        self.lines_typed += data.count(b"\r") or data.count(b"\n")
        self._governor.timed(lambda: self._receive(data))

    def _receive(self, data: bytes) -> None:
        if self._shell is not None:
            self._clock.catch_up()
            self._begin_turn(self._shell)
            self._shell.receive(data)
            self._after_input()

    def _resize(self, data: bytes) -> None:
        try:
            columns, rows = (int(each) for each in json.loads(data))
        except (ValueError, TypeError):
            return
        if columns > 0 and rows > 0 and self._shell is not None:
            self.client = replace(self.client, columns=min(columns, LARGEST), rows=min(rows, LARGEST))
            self._shell.resize(self.client.columns, self.client.rows)
            self._after_input()

    async def _pump(self) -> None:
        """Send what the shell prints as fast as the other side takes it."""
        while (shell := self._shell) is not None:
            while data := shell.output():
                if self._kept is not None:
                    await self._kept()
                for at in range(0, len(data), FRAME):
                    self._stream.put(Kind.DATA, data[at : at + FRAME])
                self._remember(data)
                try:
                    await self._stream.drained()
                except OSError:
                    return
            if shell.closed or self._hung_up:
                status = getattr(shell, "status", 0)
                self._stream.put(Kind.END, json.dumps(status if isinstance(status, int) else 0).encode())
                with contextlib.suppress(OSError):
                    await self._stream.drained()
                return
            self._want_turn(shell)
            await self._wake.wait()
            self._wake.clear()

    def _remember(self, data: bytes) -> None:
        self._past.append(data)
        self._past_size += len(data)
        while self._past_size > REMEMBERED and len(self._past) > 1:
            self._past_size -= len(self._past.popleft())
        for onlooker in self._onlookers:
            onlooker.see(data)

    def _after_input(self) -> None:
        self._look()
        self._clock.served(self)

    def _look(self) -> None:
        self._stirred.set()
        self._wake.set()
