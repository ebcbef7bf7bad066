"""Ports of the farm's own machine that lead to pages which workers of other machines serve."""

from __future__ import annotations

import asyncio
import contextlib
import errno

PIECE = 65_536
"""Octets that are carried at a time."""


class Relays:
    """Each page is reached at the port that it has at its worker: it answers to no other."""

    def __init__(self) -> None:
        self._servers: dict[tuple[str, int], asyncio.Server] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def lead(self, listen: str, host: str, port: int) -> None:
        """Have the port of this machine lead to that of the host. Raises OSError."""
        if (host, port) in self._servers:
            return

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await _relay(reader, writer, host, port)

        for other in [each for each in self._servers if each[1] == port]:
            self._servers.pop(other).close()  # that worker is gone, or it would have the port
        try:
            self._servers[host, port] = await asyncio.start_server(connected, listen, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            # the worker is on this machine, and listens at every address of it

    async def close(self) -> None:
        """Lead nowhere any more."""
        for server in self._servers.values():
            server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int) -> None:
    with contextlib.closing(writer):
        far_reader, far_writer = await asyncio.open_connection(host, port)
        with contextlib.closing(far_writer):
            await asyncio.gather(_carry(reader, far_writer), _carry(far_reader, writer))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(PIECE):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
