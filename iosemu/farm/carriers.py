"""What carries a worker: a process of this machine. Ray's actors are the other one (`cluster`)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from pathlib import Path
from typing import Protocol

from iosemu.farm.nursery import Child, Nursery
from iosemu.farm.worker import Job

PATIENCE = 30.0
"""Wall seconds that a worker has to put its labs aside before it is killed."""


class Carrier(Protocol):
    """One worker's process, wherever it is."""

    pid: int

    async def start(self, job: Job) -> None:
        """Begin; it listens at the job's address soon after. Raises OSError."""
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


class Processes:
    """Worker processes of this machine, forked by one that has loaded everything (`nursery`).

    A worker that died is replaced at once: its labs do not wait for a program that starts. Logs go to one file.
    """

    def __init__(self, log: Path) -> None:
        self._log = log
        self._nursery: Nursery | None = None
        self._former: list[Nursery] = []
        """Those that ran the program as it was before an update, and have children still."""
        self._beginning = asyncio.Lock()

    def carrier(self, number: int) -> ProcessCarrier:
        """For one more worker."""
        return ProcessCarrier(self)

    async def _begun(self) -> Nursery:
        nursery = Nursery(self._log)
        await nursery.begin()
        return nursery

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


class ProcessCarrier:
    """A child process with its job on standard input, which stays open: its end tells the worker that we are gone."""

    def __init__(self, processes: Processes) -> None:
        self.pid = 0
        self._processes = processes
        self._process: Child | None = None

    async def start(self, job: Job) -> None:
        """Take a process, and give it its job."""
        self._process = await self._processes.take()
        self.pid = self._process.pid
        with contextlib.suppress(OSError):  # it died already, which `gone` tells
            await self._process.tell(json.dumps(job.data(), default=str).encode() + b"\n")

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

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.kill(number)
