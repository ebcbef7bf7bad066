"""The post of one worker: it is filled again whenever its worker is gone, or does not answer any more."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any

from iosemu.farm.carriers import READY, Carrier
from iosemu.farm.holding import PULSE, SILENCE
from iosemu.farm.wire import Address, Stream, ask, begin
from iosemu.farm.worker import Job
from iosemu.lab.errors import LabError

ASK = 0.05
"""Wall seconds between two tries to reach a worker that was just begun."""
REFUSED = 4.0
"""Wall seconds that a worker which has hung up has to put its labs aside before it is taken for gone."""
LAST_WORDS = 1.0
"""Wall seconds in which what a dead worker told last is read."""
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
        self._starting = ""
        """The lab that its worker starts, as far as it told."""
        self._heard_out = asyncio.Event()
        self._heard_out.set()
        """Nothing that it told waits to be read."""

    @property
    def up(self) -> bool:
        """Its worker answers."""
        return self._up.is_set()

    @property
    def begun(self) -> bool:
        """It was told to have a worker."""
        return self._work is not None

    @property
    def pid(self) -> int:
        """Its worker's process, 0 for none."""
        return self._carrier.pid if self._carrier is not None and self.up else 0

    @property
    def host(self) -> str:
        """The machine that its worker is on, empty for this one or none."""
        return self._address.host if self.up else ""

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
                await asyncio.sleep(ASK)  # it has just died: until that is known it counts as up
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
            await asyncio.sleep(pause)  # one that dies again and again is not begun without a rest

    async def _one(self) -> str:
        """One worker's life; tells how it ended."""
        carrier = self._make(self.number)
        self._carrier = carrier
        self._starting = ""
        try:
            self._address = await carrier.start(self._job())
        except OSError as error:
            return str(error)
        self.since = time.time()
        gone = asyncio.create_task(carrier.gone())
        watching = asyncio.create_task(self._watch(carrier))
        try:
            await asyncio.wait((gone,))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS):
                    await self._heard_out.wait()
            return gone.result()
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            if not gone.done():
                gone.cancel()
                carrier.kill()

    async def _watch(self, carrier: Carrier) -> None:
        """Hold it, and see that it goes on to answer; who has hung up and refuses, or is silent, is gone."""
        began = time.monotonic()
        heard: float | None = None
        while True:
            try:
                async with asyncio.timeout(SILENCE):
                    stream, _hello = await begin(self._address, {"do": "hold"})
            except (OSError, LabError):
                pass
            else:
                with contextlib.closing(stream):
                    if not await self._hold(carrier, stream):
                        logger.error("worker is silent", extra={"worker": self.number})
                        carrier.kill()
                        return
                heard = time.monotonic()
                self._up.clear()  # whoever asks for it waits until it, or another, answers
            now = time.monotonic()
            silent = now - began > READY if heard is None else now - heard > REFUSED
            if silent and not self._ending:
                logger.error("worker does not answer", extra={"worker": self.number})
                carrier.kill()
                return
            await asyncio.sleep(ASK)  # nobody tells when it begins to listen

    async def _hold(self, carrier: Carrier, stream: Stream) -> bool:
        """Until it hangs up; False when it is silent."""
        pulse = asyncio.create_task(_pulse(stream))
        self._heard_out.clear()
        try:
            if not (self.up or self._renewing or self._ending):
                await self._tell_failed()
                self._up.set()
            while True:
                async with asyncio.timeout(SILENCE):
                    told = await stream.line()
                if told is None:
                    return True
                if "starting" in told:
                    self._starting = str(told["starting"])
                carrier.heard(told)
        except TimeoutError:
            return False
        except (OSError, LabError):
            return True
        finally:
            self._heard_out.set()
            pulse.cancel()
            await asyncio.gather(pulse, return_exceptions=True)

    async def _tell_failed(self) -> None:
        for name, why in self.failed.items():
            await ask(self._address, {"do": "fail", "lab": name, "why": why}, SILENCE)

    def _blame(self) -> None:
        """A worker died: if one lab was being started again and again when that happened, do without that one."""
        name = self._starting
        if not name:
            self._suspects.clear()
            return
        self._suspects = {name: self._suspects.get(name, 0) + 1}
        if self._suspects[name] >= SUSPECT:
            self.failed[name] = "the lab brought its process down each time it was started"
            logger.error("lab left out", extra={"worker": self.number, "lab": name})


async def _pulse(stream: Stream) -> None:
    """Show the worker that its supervisor lives."""
    with contextlib.suppress(OSError):
        while True:
            await stream.say({})
            await asyncio.sleep(PULSE)  # the pulse itself
