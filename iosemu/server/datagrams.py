"""A UDP port of this machine that answers each datagram at once: how a management station asks a device's agent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from iosemu.server.clock import LabClock

Answer = Callable[[bytes, str], bytes | None]
"""What a datagram from an address is answered with; None: nothing."""


class DatagramListener(asyncio.DatagramProtocol):
    """One port. The loop hands it one datagram a turn, so that a flood leaves others theirs."""

    def __init__(self, answer: Answer, clock: LabClock) -> None:
        self._answer = answer
        self._clock = clock
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = cast(asyncio.DatagramTransport, transport)  # of no such class in all loops

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Answer it, at the lab time that is now."""
        self._clock.catch_up()
        answer = self._answer(data, str(addr[0]))
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)
        self._clock.poke()

    def error_received(self, exc: Exception) -> None:
        """Who asked is gone."""

    @property
    def port(self) -> int:
        """The port that it listens on."""
        assert self._transport is not None
        number: int = self._transport.get_extra_info("sockname")[1]
        return number

    def close(self) -> None:
        """Listen no more."""
        if self._transport is not None:
            self._transport.close()


async def listen_datagrams(answer: Answer, clock: LabClock, port: int, host: str) -> DatagramListener:
    """Listen on a UDP port; 0: any free one. Raises OSError when it is taken, OverflowError when there is none such."""
    if not 0 <= port < 65536:
        raise OverflowError(f"port {port} is out of range")
    _transport, listener = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: DatagramListener(answer, clock), local_addr=(host, port)
    )
    return listener
