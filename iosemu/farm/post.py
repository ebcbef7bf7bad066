"""The post of one worker: it is filled again whenever its worker is gone, or does not answer any more."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any

from iosemu.farm.carriers import Carrier
from iosemu.farm.wire import Address, ask
from iosemu.farm.worker import Job
from iosemu.lab.errors import LabError

ASK = 0.05
"""Wall seconds between two tries to reach a worker that was just begun."""
READY = 60.0
"""Wall seconds that it has until it answers."""
PULSE = 2.0
"""Wall seconds between two looks whether it still answers."""
SILENCE = 20.0
"""Wall seconds without an answer after which it is replaced."""
SUSPECT = 3
"""Workers that may die while they start the same lab before the others go on without it."""
CALM = 30.0
"""Wall seconds that a worker has to live for its death to be taken as the first."""
LONGEST = 30.0
logger = logging.getLogger("iosemu.farm")


class Post:
    """Keeps one worker going; `job` gives what it is to do now."""

    def __init__(self, number: int, job: Callable[[], Job], make: Callable[[int], Carrier]) -> None:
        self.number = number
        self.restarts = 0
        self.since = 0.0
        """Seconds since 1970 when its worker began."""
        self.failed: dict[str, str] = {}
        """Labs that brought workers down, and what is said of them."""
        self._job = job
        self._make = make
        self._carrier: Carrier | None = None
        self._address = job().address
        self._up = asyncio.Event()
        self._ending = False
        self._renewing = False
        self._work: asyncio.Task[None] | None = None
        self._suspects: dict[str, int] = {}

    @property
    def up(self) -> bool:
        """Its worker answers."""
        return self._up.is_set()

    @property
    def pid(self) -> int:
        """Its worker's process, 0 for none."""
        return self._carrier.pid if self._carrier is not None and self.up else 0

    def begin(self) -> None:
        """Fill it from now on."""
        self._work = asyncio.create_task(self._keep())

    async def ready(self, seconds: float = READY) -> Address:
        """Where its worker listens, as soon as there is one. Raises LabError when that takes too long."""
        try:
            async with asyncio.timeout(seconds):
                await self._up.wait()
        except TimeoutError:
            raise LabError("the lab's worker is being restarted; try again in a moment") from None
        return self._address

    async def ask(self, request: dict[str, Any], seconds: float | None = None) -> dict[str, Any]:
        """Ask its worker; asks the next one when that dies meanwhile. Raises LabError."""
        for _ in range(2):
            address = await self.ready()
            try:
                return await ask(address, request, seconds)
            except OSError:
                await asyncio.sleep(ASK)
        raise LabError("the lab's worker does not answer")

    async def renew(self) -> None:
        """End its worker and have another, with what the job is now; the labs go on where they were."""
        carrier = self._carrier
        self._up.clear()
        self._renewing = True
        self.failed.clear()
        self._suspects.clear()
        if carrier is not None:
            await carrier.end()
        await self.ready()

    async def end(self) -> None:
        """Leave it empty."""
        self._ending = True
        if self._carrier is not None:
            await self._carrier.end()
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
        self._up.clear()

    async def _keep(self) -> None:
        pause = 0.0
        while not self._ending:
            began = time.monotonic()
            how = await self._one()
            self._up.clear()
            if self._ending:
                return
            if self._renewing:
                self._renewing = False
                pause = 0.0
                continue
            self.restarts += 1
            lived = time.monotonic() - began
            self._blame()
            pause = 0.0 if lived >= CALM else min(max(0.25, pause * 2), LONGEST) if pause else 0.001
            logger.error("worker died", extra={"worker": self.number, "why": how, "seconds": round(lived, 1)})
            await asyncio.sleep(pause)

    async def _one(self) -> str:
        """One worker's life; tells how it ended."""
        job = self._job()
        self._address = job.address
        carrier = self._make(self.number)
        try:
            await carrier.start(job)
        except OSError as error:
            return str(error)
        self._carrier = carrier
        self.since = time.time()
        gone = asyncio.create_task(carrier.gone())
        watching = asyncio.create_task(self._watch(carrier))
        try:
            await asyncio.wait((gone,))
            return gone.result()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            if not gone.done():
                gone.cancel()
                carrier.kill()

    async def _watch(self, carrier: Carrier) -> None:
        """See that it begins to answer, and goes on to."""
        heard = time.monotonic()
        while True:
            patience = SILENCE if self.up else READY
            with contextlib.suppress(OSError, LabError):
                await ask(self._address, {"do": "ping"}, SILENCE)
                heard = time.monotonic()
                if not (self.up or self._renewing or self._ending):
                    await self._tell_failed()
                    self._up.set()
            if time.monotonic() - heard > patience:
                logger.error("worker is silent", extra={"worker": self.number})
                carrier.kill()
                return
            await asyncio.sleep(PULSE if self.up else ASK)

    async def _tell_failed(self) -> None:
        for name, why in self.failed.items():
            await ask(self._address, {"do": "fail", "lab": name, "why": why}, SILENCE)

    def _blame(self) -> None:
        """A worker died: if one lab was being started again and again when that happened, do without that one."""
        note = self._job().directory / "workers" / f"{self.number}.starting"
        try:
            name = note.read_text()
        except OSError:
            self._suspects.clear()
            return
        with contextlib.suppress(OSError):
            note.unlink()
        self._suspects = {name: self._suspects.get(name, 0) + 1}
        if self._suspects[name] >= SUSPECT:
            self.failed[name] = "the lab brought its process down each time it was started"
            logger.error("lab left out", extra={"worker": self.number, "lab": name})
