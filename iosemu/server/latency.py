"""A slow way between clients and the management ports: every byte takes so long, in either direction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import cast


def delayed(
    factory: Callable[[], asyncio.BaseProtocol], seconds: float
) -> Callable[[], asyncio.BaseProtocol]:
    """A factory of protocols whose bytes take `seconds` of wall time each way; with 0 it is the same one."""
    if seconds <= 0:
        return factory
    return lambda: SlowProtocol(cast(asyncio.Protocol, factory()), seconds)


class SlowProtocol(asyncio.Protocol):
    """Between a transport and a protocol: both see each other's bytes and their end later, in their order."""

    def __init__(self, inner: asyncio.Protocol, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds
        self._lost = False

    def _later(self, call: Callable[[], object]) -> None:
        # timers of the same delay fire in the order in which they were set
        asyncio.get_running_loop().call_later(self._seconds, call)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The inner protocol may speak at once; its bytes take their time."""
        self._inner.connection_made(SlowTransport(cast(asyncio.Transport, transport), self._seconds))

    def data_received(self, data: bytes) -> None:
        """Hand it on later."""
        self._later(partial(self._arrived, data))

    def _arrived(self, data: bytes) -> None:
        if not self._lost:
            self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Hand it on later; the transport stays open until then."""
        self._later(self._ended)
        return True

    def _ended(self) -> None:
        if not self._lost:
            self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """At once: there is nothing to wait for any more."""
        self._lost = True
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """The client reads slowly."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """It has caught up."""
        self._inner.resume_writing()


class SlowTransport(asyncio.Transport):
    """A transport that sends later; whoever aborts does not wait."""

    def __init__(self, outer: asyncio.Transport, seconds: float) -> None:
        super().__init__()
        self._outer = outer
        self._seconds = seconds
        self._closing = False

    def _later(self, call: Callable[[], object]) -> None:
        asyncio.get_running_loop().call_later(self._seconds, call)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send later."""
        if not self._closing:
            self._later(partial(self._send, bytes(data)))

    def _send(self, data: bytes) -> None:
        if not self._outer.is_closing():
            self._outer.write(data)

    def close(self) -> None:
        """Close when what was written is sent."""
        if not self._closing:
            self._closing = True
            self._later(self._outer.close)

    def abort(self) -> None:
        """Close at once."""
        self._closing = True
        self._outer.abort()

    def is_closing(self) -> bool:
        """It is closed, or will be."""
        return self._closing or self._outer.is_closing()

    def can_write_eof(self) -> bool:
        """As the transport below."""
        return self._outer.can_write_eof()

    def write_eof(self) -> None:
        """After what was written."""
        self._later(self._outer.write_eof)

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Of the transport below."""
        return self._outer.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Of the transport below."""
        self._outer.pause_reading()

    def resume_reading(self) -> None:
        """Of the transport below."""
        self._outer.resume_reading()

    def is_reading(self) -> bool:
        """Of the transport below."""
        return self._outer.is_reading()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Of the transport below."""
        self._outer.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        """Octets that the transport below has not sent."""
        return self._outer.get_write_buffer_size()
