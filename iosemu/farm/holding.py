"""How a supervisor holds a worker: a connection that stays, on which both show that they are alive.

The worker tells which lab it starts, so that one that brings it down is known, and, beyond a machine, what it logs. A
worker whose supervisor has gone waits for another for a while; one that hears nothing any more ends itself before the
supervisor, which may live on the other side of a cut network, gives its labs to somebody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque

from iosemu.farm.wire import Message, Stream

PULSE = 2.0
"""Wall seconds between two signs of life."""
SILENCE = 20.0
"""Wall seconds without one after which a supervisor replaces its worker."""
LEASE = 12.0
"""Wall seconds without one after which a worker ends: its labs are aside before another has them."""
STAY = 60.0
"""Wall seconds that a worker waits for another supervisor when its own has hung up."""
BEHIND = 2000
"""Lines of the log that wait for a supervisor; the oldest give way."""


class Holding:
    """The worker's side."""

    def __init__(self) -> None:
        self.held = asyncio.Event()
        """Somebody has held us."""
        self._starting = ""
        self._lines: deque[str] = deque(maxlen=BEHIND)
        self._news = asyncio.Event()
        self._stream: Stream | None = None
        self._heard = self._left = time.monotonic()

    def starting(self, lab: str) -> None:
        """This lab is being started, or none."""
        self._starting = lab
        self._news.set()

    def log(self, line: str) -> None:
        """Tell a line of the log as soon as somebody listens."""
        self._lines.append(line)
        self._news.set()

    async def serve(self, stream: Stream, hello: Message) -> None:
        """Be held until the other side is gone; who holds us last counts."""
        former, self._stream = self._stream, stream
        if former is not None:
            former.close()
        self._heard = time.monotonic()
        hearing = asyncio.create_task(self._hear(stream))
        try:
            await stream.say(hello)
            self.held.set()
            await self._tell(stream, hearing)
        except OSError:
            pass
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
            if self._stream is stream:
                self._stream = None
                self._left = time.monotonic()

    async def _hear(self, stream: Stream) -> None:
        while await stream.line() is not None:
            self._heard = time.monotonic()

    async def _tell(self, stream: Stream, hearing: asyncio.Task[None]) -> None:
        told: str | None = None
        while not hearing.done():
            self._news.clear()
            if told != self._starting:
                told = self._starting
                await stream.say({"starting": told})
            while self._lines:
                await stream.say({"log": self._lines[0]})
                self._lines.popleft()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PULSE):
                    await self._news.wait()
                    continue
            await stream.say({})

    async def lost(self, stay: float = STAY, lease: float = LEASE) -> str:
        """Wait until there is no supervisor any more; tells why. Raises nothing."""
        while True:
            await asyncio.sleep(PULSE / 2)  # silence is no event
            now = time.monotonic()
            if self._stream is not None and now - self._heard > lease:
                return "the supervisor is silent"
            if self._stream is None and now - self._left > stay:
                return "the supervisor has gone"


class Forward(logging.Handler):
    """Tells the supervisor what is logged."""

    def __init__(self, holding: Holding) -> None:
        super().__init__()
        self._holding = holding
        self._loop = asyncio.get_running_loop()

    def emit(self, record: logging.LogRecord) -> None:
        """From any thread."""
        line = self.format(record)
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._holding.log, line)
