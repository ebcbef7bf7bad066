"""What workers tell each other: by how far nothing can come from them, and what does come."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from iosemu.lab.cut.cable import Item, decode

_HEADER = struct.Struct("<Bdddd")
PATIENCE = 1000
"""Milliseconds after which a worker that waits for another looks whether the lab still is."""


class PeerGone(Exception):  # noqa: N818 - the lab ended; that is no fault of this worker's
    """The process that the user started has ended, or another worker."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a worker is: a null message, as Chandy, Misra and Bryant call it. All times are lab seconds."""

    due: float
    """When it has something to do, of what it knew before it read this round's messages."""
    horizon: float
    """When what it has planned can first be seen by another worker."""
    sent: float
    """When the first of what it sends with this arrives."""
    now: float
    pause: bool
    """It wants all to stop at the latest time that one of them has reached: somebody waits."""

    def encode(self) -> bytes:
        """As it is sent."""
        return _HEADER.pack(self.pause, self.due, self.horizon, self.sent, self.now)

    @classmethod
    def decode(cls, data: bytes) -> Standing:
        """From the beginning of a message."""
        pause, due, horizon, sent, now = _HEADER.unpack_from(data)
        return cls(due, horizon, sent, now, bool(pause))


class Peers:
    """A pair of sockets for each other worker; what is posted goes out with the next message.

    `alive` says whether the lab still is, for whoever waits in vain.
    """

    def __init__(
        self,
        addresses: Mapping[int, tuple[str, bool]],
        take: Callable[[Item], None],
        alive: Callable[[], bool],
    ) -> None:
        import zmq

        self._zmq = zmq
        self._take = take
        self._alive = alive
        self._context = zmq.Context()
        self._sockets: dict[int, Any] = {}
        self._out: dict[int, list[bytes]] = {number: [] for number in addresses}
        self._first = float("inf")
        for number, (address, binds) in addresses.items():
            socket = self._context.socket(zmq.PAIR)
            socket.setsockopt(zmq.LINGER, 0)
            socket.setsockopt(zmq.SNDHWM, 0)
            socket.setsockopt(zmq.RCVHWM, 0)
            socket.setsockopt(zmq.RCVTIMEO, PATIENCE)
            if binds:
                socket.bind(address)
            else:
                socket.connect(address)
            self._sockets[number] = socket

    @property
    def numbers(self) -> Iterable[int]:
        """The other workers."""
        return self._sockets

    @property
    def posted(self) -> float:
        """When the first of what is to be sent arrives; infinity for nothing."""
        return self._first

    def post(self, peer: int, item: Item) -> None:
        """Send it with the next message."""
        self._out[peer].append(item.encode())
        self._first = min(self._first, item.key[0])

    def exchange(self, standing: Standing) -> list[Standing]:
        """Tell all how far this worker is, and hear it of all (this one too); what they sent is taken in."""
        head = standing.encode()
        for number, socket in self._sockets.items():
            socket.send(head + b"".join(self._out[number]))
            self._out[number].clear()
        self._first = float("inf")
        found = [standing]
        for number in self._sockets:
            data = self._receive(number)
            found.append(Standing.decode(data))
            for item in decode(data, _HEADER.size):
                self._take(item)
        return found

    def flush(self) -> dict[int, int]:
        """Send what was posted, alone; returns how many messages went to whom."""
        sent = {}
        for number, socket in self._sockets.items():
            if self._out[number]:
                socket.send(b"".join(self._out[number]))
                self._out[number].clear()
                sent[number] = 1
        self._first = float("inf")
        return sent

    def drain(self, peer: int, messages: int) -> None:
        """Take in so many messages that a peer flushed."""
        for _ in range(messages):
            for item in decode(self._receive(peer)):
                self._take(item)

    def send(self, peer: int, data: bytes) -> None:
        """Send octets that are no items."""
        self._sockets[peer].send(data)

    def receive(self, peer: int) -> bytes:
        """The next message, whatever it is."""
        return self._receive(peer)

    def _receive(self, number: int) -> bytes:
        socket = self._sockets[number]
        while True:
            try:
                return bytes(socket.recv())
            except self._zmq.Again:
                if not self._alive():
                    raise PeerGone from None

    def close(self) -> None:
        """Close the sockets."""
        for socket in self._sockets.values():
            socket.close()
        self._context.term()
