"""TCP connections to services of a server, whose protocols are sans-IO."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Protocol

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.ip.tcp import Tcp
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

MOST = 200
"""Connections to one service at a time."""


class Speaker(Protocol):
    """One connection's side of a protocol."""

    over: bool
    """Hang up, when all has gone."""

    def greeting(self) -> bytes:
        """What is said first; may be empty."""
        ...

    def receive(self, data: bytes) -> bytes:
        """The answer to what came."""
        ...


class Listening:
    """A port, and those who are connected to it."""

    def __init__(self, tcp: Tcp, port: int, make: Callable[[Connection], Speaker]) -> None:
        self.port = port
        self._tcp = tcp
        self._make = make
        self._ends: dict[Connection, _End] = {}
        tcp.listen(port, self._arrived, accepts=lambda _local, _remote, _vrf: len(self._ends) < MOST)

    def stop(self) -> None:
        """Listen no more; who is connected stays."""
        self._tcp.stop_listening(self.port)

    def _arrived(self, event: ConnectionEvent) -> None:
        end = self._ends.get(event.connection)
        if end is None:
            end = self._ends[event.connection] = _End(
                self._tcp, event.connection, self._make(event.connection)
            )
        if end.told(event):
            self._ends.pop(event.connection, None)


class StreamService(Service):
    """Listens at a TCP port while the service is chosen."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._listening: Listening | None = None

    @property
    @abstractmethod
    def port(self) -> int | None:
        """Where; None while the service is not chosen."""

    @abstractmethod
    def _speaker(self, connection: Connection) -> Speaker:
        """Who answers there."""

    def changed(self) -> None:
        """The services were chosen."""
        wanted = self.port
        if self._listening is not None and self._listening.port != wanted:
            self._listening.stop()
            self._listening = None
        if wanted is not None and self._listening is None:
            self._listening = Listening(self.device.service(Tcp), wanted, self._speaker)

    def stop(self) -> None:
        """Power goes: TCP forgets by itself."""
        self._listening = None


class _End:
    def __init__(self, tcp: Tcp, connection: Connection, speaker: Speaker) -> None:
        self._tcp = tcp
        self._connection = connection
        self._speaker = speaker
        self._waiting = bytearray()
        self._peer_gone = False

    def told(self, event: ConnectionEvent) -> bool:
        """What happened; True when the connection is gone."""
        match event:
            case Reset() | Closed() | Refused() | TimedOut() | Unreachable():
                return True
            case PeerClosed():
                self._peer_gone = True
            case Connected():
                self._waiting += self._speaker.greeting()
        now = self._tcp.device.now
        data = self._connection.read(now)
        if data and not self._speaker.over:
            self._waiting += self._speaker.receive(data)
        try:
            if self._waiting:
                del self._waiting[: self._connection.send(bytes(self._waiting), now)]
        except ConnectionClosed:
            self._waiting.clear()
        if not self._waiting and (self._speaker.over or self._peer_gone):
            self._connection.close(now)
        return False
