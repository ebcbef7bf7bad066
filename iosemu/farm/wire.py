"""How the processes of a farm talk: a line of JSON asks, a line answers, and a terminal goes on in frames.

Sockets are those of the file system where only this user comes in, or TCP beyond a machine; with TCP each request
carries the farm's key. Nothing here knows what is asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from iosemu.lab.errors import LabError

Message = dict[str, Any]
LINE = 8 << 20
"""Octets of a line at most."""
FRAME = 65_536
"""Octets of a frame at most."""
UNSENT = 65_536
"""Octets that wait for the other side before whoever prints has to wait."""
_HEAD = struct.Struct("!BI")


class Kind(IntEnum):
    """What a frame of a terminal is."""

    DATA = 0
    RESIZE = 1
    """Columns and rows, JSON."""
    END = 2
    """No more will be typed; from the lab: the shell has ended, with its status (JSON)."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a process of the farm listens: a path, or host and port."""

    path: str = ""
    host: str = ""
    port: int = 0
    key: str = ""

    def data(self) -> Message:
        """For another process."""
        return {"path": self.path, "host": self.host, "port": self.port, "key": self.key}


class Stream:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        writer.transport.set_write_buffer_limits(UNSENT)

    async def line(self) -> Message | None:
        """The next line; None at the end, or for what is no message."""
        try:
            text = await self.reader.readline()
            message = json.loads(text) if text else None
        except (ValueError, OSError, RecursionError):
            return None
        return message if isinstance(message, dict) else None

    async def say(self, message: Mapping[str, Any]) -> None:
        """Send a line; raises OSError."""
        self.writer.write(json.dumps(message, default=str).encode() + b"\n")
        await self.writer.drain()

    async def frame(self) -> tuple[int, bytes] | None:
        """The next frame; None when the other side is gone, or sends what is none."""
        try:
            kind, size = _HEAD.unpack(await self.reader.readexactly(_HEAD.size))
            if size > FRAME:
                return None
            return kind, await self.reader.readexactly(size)
        except (asyncio.IncompleteReadError, OSError):
            return None

    def put(self, kind: Kind, data: bytes = b"") -> None:
        """Have a frame sent, or several for what is long."""
        for at in range(0, len(data) or 1, FRAME):
            piece = data[at : at + FRAME]
            self.writer.write(_HEAD.pack(kind, len(piece)) + piece)

    async def drained(self) -> None:
        """The other side has taken enough of it; raises OSError when it is gone."""
        await self.writer.drain()

    def close(self) -> None:
        """Hang up; closing twice does no harm."""
        with contextlib.suppress(OSError, RuntimeError):
            self.writer.close()


async def connect(address: Address) -> Stream:
    """Raises OSError when nobody listens."""
    if address.path:
        return Stream(*await asyncio.open_unix_connection(address.path, limit=LINE))
    return Stream(*await asyncio.open_connection(address.host, address.port, limit=LINE))


async def begin(address: Address, request: Mapping[str, Any]) -> tuple[Stream, Message]:
    """Ask, and keep the connection for what follows. Raises OSError, and LabError when it is refused."""
    stream = await connect(address)
    try:
        await stream.say({**request, "key": address.key})
        answer = await stream.line()
    except BaseException:
        stream.close()
        raise
    if answer is None:
        stream.close()
        raise ConnectionResetError("the farm's process ended before it answered")
    if "error" in answer:
        stream.close()
        raise LabError(str(answer["error"]))
    return stream, answer


async def ask(address: Address, request: Mapping[str, Any], seconds: float | None = None) -> Message:
    """Ask and be answered within so many wall seconds. Raises OSError (TimeoutError, too) and LabError."""
    async with asyncio.timeout(seconds):
        stream, answer = await begin(address, request)
    stream.close()
    return answer


async def lines(stream: Stream) -> AsyncIterator[Message]:
    """What the other side tells until it ends."""
    while (message := await stream.line()) is not None:
        yield message


Serve = Callable[[Message, Stream], Awaitable[Mapping[str, Any] | None]]
"""Answers a request, or takes the stream over and answers None. Raises LabError to refuse."""


class Listener:
    """Answers requests at an address."""

    def __init__(self, serve: Serve, failed: Callable[[Message, Exception], None]) -> None:
        self._serve = serve
        self._failed = failed
        self._key = ""
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.address = Address()

    async def open(self, address: Address) -> Address:
        """Listen there, and give the address with its port. Raises OSError."""
        self._key = address.key
        if address.path:
            self._server = await asyncio.start_unix_server(self._connected, address.path, limit=LINE)
            self.address = address
        else:
            self._server = await asyncio.start_server(self._connected, address.host, address.port, limit=LINE)
            port = int(self._server.sockets[0].getsockname()[1])
            self.address = Address("", address.host, port, address.key)
        return self.address

    def rekey(self, key: str) -> None:
        """Take requests with another key, and no others, from now on."""
        self._key = key
        self.address = replace(self.address, key=key)

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._talk(Stream(reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _talk(self, stream: Stream) -> None:
        try:
            request = await stream.line()
            if request is None or not hmac.compare_digest(str(request.get("key", "")), self._key):
                return
            try:
                answer = await self._serve(request, stream)
            except LabError as error:
                answer = {"error": str(error)}
            except (KeyError, TypeError, ValueError) as error:
                self._failed(request, error)
                answer = {"error": f"the request {request.get('do')!r} is not understood"}
            if answer is not None:
                await stream.say(answer)
        except OSError:
            pass  # the other side is gone
        except Exception as error:  # noqa: BLE001 - one request must not end the process of many labs
            self._failed({}, error)
        finally:
            stream.close()
