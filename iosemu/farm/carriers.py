"""What carries workers: processes of this machine. Actors of a Ray cluster are the other carriers (`cluster`)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Protocol

from iosemu.farm.nursery import Child, Nursery
from iosemu.farm.wire import Address, Message
from iosemu.farm.worker import Job

READY = 60.0
"""Wall seconds that a worker of this machine has until it answers."""
PATIENCE = 30.0
"""Wall seconds that a worker has to put its labs aside before it is killed."""


class Carrier(Protocol):
    """One worker's process, wherever it is."""

    pid: int

    async def start(self, job: Job) -> Address:
        """Begin; gives where it listens, now or soon. Raises OSError."""
        ...

    async def gone(self) -> str:
        """Wait until it is gone; tells how."""
        ...

    async def end(self) -> None:
        """Have it put its labs aside and end; whoever takes too long is killed."""
        ...

    def kill(self) -> None:
        """Have it end at once."""
        ...

    def heard(self, message: Message) -> None:
        """Its worker told something that is for the carrier: a line of its log."""
        ...


class Carriers(Protocol):
    """Makes the carriers of a class."""

    patience: float
    """Wall seconds until all workers of a class that begins have to answer."""

    @property
    def reserved(self) -> int:
        """Workers in reserve that are ready."""
        ...

    async def open(self) -> None:
        """Be ready to make some. Raises LabError."""
        ...

    def count(self, labs: int) -> int:
        """How many workers so many labs get where nobody said it."""
        ...

    def address(self, number: int, key: str) -> Address:
        """Where that worker is to listen; another one each time."""
        ...

    def carrier(self, number: int) -> Carrier:
        """For one worker."""
        ...

    def reserve(self) -> None:
        """Have one in reserve from now on, if that makes sense."""
        ...

    def outdate(self) -> None:
        """The program has changed: those in reserve are of no use any more."""
        ...

    async def refresh(self) -> None:
        """The next one runs the program as it is installed now, and begins without delay."""
        ...

    async def close(self) -> None:
        """No more are needed."""
        ...


class Processes:
    """Worker processes of this machine, forked by one that has loaded everything (`nursery`).

    A worker that died is replaced at once: its labs do not wait for a program that starts. Logs go to one file.
    """

    patience = READY

    def __init__(self, log: Path) -> None:
        self._log = log
        self._sockets: Path | None = None
        self._nursery: Nursery | None = None
        self._former: list[Nursery] = []
        """Those that ran the program as it was before an update, and have children still."""
        self._beginning = asyncio.Lock()

    async def open(self) -> None:
        """Make a directory for sockets that only this user opens. Raises OSError."""
        self._sockets = Path(tempfile.mkdtemp(prefix="iosemu-farm-"))

    def count(self, labs: int) -> int:
        """One a core."""
        return os.cpu_count() or 1

    def address(self, number: int, key: str) -> Address:
        """Another path each time: what an earlier worker still answers is not taken for the new one's."""
        assert self._sockets is not None
        return Address(str(self._sockets / f"{number}-{secrets.token_hex(4)}"), key=key)

    def carrier(self, number: int) -> ProcessCarrier:
        """For one more worker."""
        return ProcessCarrier(self)

    @property
    def reserved(self) -> int:
        """Any number can be forked at once, as soon as one was."""
        return int(self._nursery is not None and not self._nursery.gone)

    def reserve(self) -> None:
        """The process that forks them is there."""

    async def _begun(self) -> Nursery:
        nursery = Nursery(self._log)
        await nursery.begin()
        return nursery

    def outdate(self) -> None:
        """`refresh` has another each time."""

    async def refresh(self) -> None:
        """Have the next ones run the program as it is on the disk now, and wait until that has loaded all."""
        with contextlib.suppress(OSError):  # told to whoever takes the next one
            fresh = await self._begun()
            await fresh.loaded()
            async with self._beginning:
                former, self._nursery = self._nursery, fresh
            if former is not None:
                former.leave()
            self._former = [each for each in (*self._former, former) if each is not None and not each.gone]

    async def take(self) -> Child:
        """A process that waits for its job on standard input. Raises OSError."""
        async with self._beginning:
            if self._nursery is None or self._nursery.gone:
                self._nursery = await self._begun()
        return await self._nursery.child()

    async def close(self) -> None:
        """No more are needed."""
        for each in (*self._former, self._nursery):
            if each is not None:
                await each.close()
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)


class ProcessCarrier:
    """A child process with its job on standard input, which stays open: its end tells the worker that we are gone."""

    def __init__(self, processes: Processes) -> None:
        self.pid = 0
        self._processes = processes
        self._process: Child | None = None

    async def start(self, job: Job) -> Address:
        """Take a process, and give it its job."""
        self._process = await self._processes.take()
        self.pid = self._process.pid
        with contextlib.suppress(OSError):  # it died already, which `gone` tells
            await self._process.tell(json.dumps(job.data(), default=str).encode() + b"\n")
        return job.address

    async def gone(self) -> str:
        """Wait for it."""
        assert self._process is not None
        status = await self._process.wait()
        return f"signal {-status}" if status < 0 else f"status {status}"

    async def end(self) -> None:
        """SIGTERM, and SIGKILL when it does not help."""
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(PATIENCE):
                await self.gone()
        except TimeoutError:
            self.kill()
            await self.gone()

    def kill(self) -> None:
        """SIGKILL."""
        self._signal(signal.SIGKILL)

    def heard(self, message: Message) -> None:
        """Its log goes to a file by itself."""

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.kill(number)
