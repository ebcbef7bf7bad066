"""What carries workers: processes of this machine. Actors of a Ray cluster are the other carriers (`cluster`)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Protocol

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
    """Worker processes of this machine, and one in reserve that has loaded everything and waits for a job.

    A worker that died is replaced by it at once: its labs do not wait for a program that starts. Logs go to one file.
    """

    patience = READY

    def __init__(self, log: Path) -> None:
        self._log = log
        self._sockets = Path()
        self._spare: asyncio.subprocess.Process | None = None
        self._closed = False
        self._filling: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Make a directory for sockets that only this user opens. Raises OSError."""
        self._sockets = Path(tempfile.mkdtemp(prefix="iosemu-farm-"))

    def count(self, labs: int) -> int:
        """One a core."""
        return os.cpu_count() or 1

    def address(self, number: int, key: str) -> Address:
        """Another path each time: what an earlier worker still answers is not taken for the new one's."""
        return Address(str(self._sockets / f"{number}-{secrets.token_hex(4)}"), key=key)

    def carrier(self, number: int) -> ProcessCarrier:
        """For one more worker."""
        return ProcessCarrier(self)

    @property
    def reserved(self) -> int:
        """Whether there is one."""
        return int(self._spare is not None)

    def reserve(self) -> None:
        """Have one in reserve from now on."""
        if self._filling is None or self._filling.done():
            self._filling = asyncio.create_task(self._fill())

    async def _fill(self) -> None:
        if self._spare is None and not self._closed:
            with contextlib.suppress(OSError):  # workers are then begun without
                self._spare = await self._spawn()

    def outdate(self) -> None:
        """`refresh` has another each time."""

    async def refresh(self) -> None:
        """Have one of the program as it is on the disk now, and wait until it has loaded all."""
        await self._drop()
        await self._fill()
        if self._spare is not None and self._spare.stdout is not None:
            await self._spare.stdout.readline()

    async def take(self) -> asyncio.subprocess.Process:
        """A process that waits for its job on standard input. Raises OSError."""
        spare, self._spare = self._spare, None
        if spare is None:
            return await self._spawn()
        self.reserve()
        return spare if spare.returncode is None else await self._spawn()

    async def _spawn(self) -> asyncio.subprocess.Process:
        descriptor = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-m", "iosemu.farm.worker",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=descriptor,
            )  # fmt: skip
        finally:
            os.close(descriptor)

    async def close(self) -> None:
        """End the one in reserve."""
        self._closed = True
        await self._drop()
        shutil.rmtree(self._sockets, ignore_errors=True)

    async def _drop(self) -> None:
        if self._filling is not None:
            await asyncio.gather(self._filling, return_exceptions=True)
        spare, self._spare = self._spare, None
        if spare is not None and spare.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                spare.kill()
            await spare.wait()


class ProcessCarrier:
    """A child process with its job on standard input, which stays open: its end tells the worker that we are gone."""

    def __init__(self, processes: Processes) -> None:
        self.pid = 0
        self._processes = processes
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, job: Job) -> Address:
        """Take a process, and give it its job."""
        self._process = await self._processes.take()
        self.pid = self._process.pid
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # it died already, which `gone` tells
            self._process.stdin.write(json.dumps(job.data(), default=str).encode() + b"\n")
            await self._process.stdin.drain()
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
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)
