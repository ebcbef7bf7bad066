"""A TCP connection of the lab's network as a transport of asyncio."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from iosemu.ip.tcp import Tcp
from iosemu.net.signal import Signal
from iosemu.server.lab_loop import LabLoop
from iosemu.tcp import (
    Closed,
    Connected,
    Connection,
    ConnectionClosed,
    ConnectionEvent,
    PeerClosed,
    Refused,
    Reset,
    TimedOut,
    Unreachable,
)

HIGH = 65536
"""Octets that wait before the protocol is asked to pause."""


class LabTransport(asyncio.Transport):
    """Octets between a protocol and a connection; `told` hears what happens to the connection."""

    def __init__(self, loop: LabLoop, tcp: Tcp, connection: Connection) -> None:
        super().__init__()
        self.signal = Signal()
        """What was written has gone, or arrived."""
        self._loop = loop
        self._tcp = tcp
        self._connection = connection
        self._protocol: asyncio.Protocol | None = None
        self._waiting = bytearray()
        self._reading = True
        self._closing = False
        self._paused = False
        self._ended = False
        """The other end sends no more."""
        self._lost = False
        loop.closing.add(self._cut)

    def _cut(self) -> None:
        """Send and hear nothing more."""
        self._lost = True
        self._waiting.clear()

    def begin(self, protocol: asyncio.BaseProtocol) -> None:
        """Join a protocol to it."""
        self.set_protocol(protocol)
        assert self._protocol is not None
        self._loop.call_soon(self._protocol.connection_made, self)
        self._loop.call_soon(self._read)

    def told(self, event: ConnectionEvent) -> None:
        """What happened to the connection."""
        match event:
            case Reset() | TimedOut() | Refused():
                self._lose(ConnectionResetError())
            case Closed():
                self._lose(None)
            case Unreachable() | Connected():
                pass
            case _:
                self._ended = self._ended or isinstance(event, PeerClosed)
                self._push()
                self._loop.call_soon(self._read)
        self.signal.emit()

    def _read(self) -> None:
        if not self._reading or self._lost or self._protocol is None:
            return
        data = self._connection.read(self._tcp.device.now)
        self._tcp.run()
        if data:
            self._protocol.data_received(data)
        elif self._ended and not self._connection.readable and not self._protocol.eof_received():
            self.close()

    @property
    def settled(self) -> bool:
        """Nothing is on its way to the other end."""
        return self._lost or (not self._waiting and not self._connection.view().unacknowledged)

    # --- for the protocol ------------------------------------------------------------------------------

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Who is told."""
        self._protocol = cast(asyncio.Protocol, protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who is told."""
        assert self._protocol is not None
        return self._protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """The two ends."""
        ends = {"peername": self._connection.remote, "sockname": self._connection.local}
        return (str(ends[name].address), ends[name].port) if name in ends else default

    def is_closing(self) -> bool:
        """Nothing more is sent."""
        return self._closing or self._lost

    def is_reading(self) -> bool:
        """What comes is handed on."""
        return self._reading

    def pause_reading(self) -> None:
        """Leave in the network what comes."""
        self._reading = False

    def resume_reading(self) -> None:
        """Hand on what comes."""
        if not self._reading:
            self._reading = True
            self._loop.call_soon(self._read)

    def get_write_buffer_size(self) -> int:
        """Octets that the connection did not take yet."""
        return len(self._waiting)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """They are what they are."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send."""
        if self.is_closing():
            return
        self._waiting += data
        self._push()

    def can_write_eof(self) -> bool:
        """Closing sends what was written, too."""
        return False

    def close(self) -> None:
        """Send what was written, then close."""
        self._closing = True
        self._push()

    def abort(self) -> None:
        """Cut the connection."""
        if not self._lost:
            self._tcp.abort(self._connection)
            self._lose(None)

    def _push(self) -> None:
        if self._lost:
            return
        now = self._tcp.device.now
        try:
            if self._waiting:
                del self._waiting[: self._connection.send(bytes(self._waiting), now)]
        except ConnectionClosed:
            self._waiting.clear()
        if self._closing and not self._waiting:
            self._connection.close(now)
            self._loop.call_soon(self._lose, None)
        self._tcp.run()
        high = len(self._waiting) > HIGH
        if high != self._paused and self._protocol is not None:
            self._paused = high
            self._loop.call_soon(self._protocol.pause_writing if high else self._protocol.resume_writing)

    def _lose(self, error: Exception | None) -> None:
        if self._lost:
            return
        self._cut()
        self._loop.closing.discard(self._cut)
        if self._protocol is not None:
            self._loop.call_soon(self._protocol.connection_lost, error)
        self.signal.emit()
