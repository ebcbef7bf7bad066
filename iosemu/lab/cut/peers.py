"""What workers tell each other: by how far nothing can come from them, and what does come."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from iosemu.lab.cut.cable import Item, decode

_HEADER = struct.Struct("<Bdddd")
_LENGTH = struct.Struct("<I")
PATIENCE = 1.0
"""Wall seconds after which a worker that waits for another looks whether the lab still is."""
KNOCK = 0.005
"""Wall seconds between two tries to meet another worker that has just begun."""
SPINS = 200
"""Looks whether something has come before a worker sleeps until it does: to be woken takes longer than most waits."""
READ = 1 << 20
BUFFER = 1 << 20
"""Octets that may be on their way to another worker."""


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


class _Line:
    """A connection with another worker: messages, in their order, none of them lost."""

    def __init__(self, end: socket.socket, alive: Callable[[], bool]) -> None:
        end.setblocking(False)
        for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            end.setsockopt(socket.SOL_SOCKET, buffer, BUFFER)
        self._end = end
        self._alive = alive
        self._came = bytearray()

    def send(self, data: bytes) -> None:
        """Send a message; raises PeerGone. Reads meanwhile if it must wait: the other side may be sending, too."""
        left = memoryview(_LENGTH.pack(len(data)) + data)
        while left:
            try:
                left = left[self._end.send(left) :]
            except BlockingIOError:
                self._wait(writing=True)
            except OSError as error:
                raise PeerGone from error

    def receive(self) -> bytes:
        """The next message; raises PeerGone."""
        came, spins = self._came, SPINS
        while len(came) < _LENGTH.size or len(came) < (size := _LENGTH.size + _LENGTH.unpack_from(came)[0]):
            if not self._read():
                spins -= 1
                if spins < 0:
                    self._wait()
        data = bytes(came[_LENGTH.size : size])
        del came[:size]
        return data

    def _read(self) -> bool:
        try:
            data = self._end.recv(READ)
        except BlockingIOError:
            return False
        except OSError as error:
            raise PeerGone from error
        if not data:
            raise PeerGone
        self._came += data
        return True

    def _wait(self, writing: bool = False) -> None:
        poll = select.poll()
        poll.register(self._end, select.POLLIN | (select.POLLOUT if writing else 0))
        ready = poll.poll(PATIENCE * 1000)
        if not ready and not self._alive():
            raise PeerGone
        if writing and any(events & select.POLLIN for _end, events in ready):
            self._read()

    def close(self) -> None:
        """Hang up."""
        self._end.close()


class Peers:
    """A connection with each other worker; what is posted goes out with the next message.

    `addresses` are paths of the file system, and whether this worker is called there or calls. `alive` says whether the
    lab still is, for whoever waits in vain.
    """

    def __init__(
        self,
        addresses: Mapping[int, tuple[str, bool]],
        take: Callable[[Item], None],
        alive: Callable[[], bool],
    ) -> None:
        self._take = take
        self._alive = alive
        self._addresses = addresses
        self._lines: dict[int, _Line] = {}
        self._doors: dict[int, socket.socket] = {}
        self._out: dict[int, list[bytes]] = {number: [] for number in addresses}
        self._first = float("inf")
        for number, (path, called) in addresses.items():
            if called:
                door = self._doors[number] = socket.socket(socket.AF_UNIX)
                door.settimeout(PATIENCE)
                door.bind(path)
                door.listen(1)

    def _line(self, number: int) -> _Line:
        """The connection with a worker, made when it is first needed. Raises PeerGone."""
        found = self._lines.get(number)
        if found is None:
            found = self._lines[number] = _Line(self._met(number), self._alive)
        return found

    def _met(self, number: int) -> socket.socket:
        path, called = self._addresses[number]
        while True:
            if called:
                with contextlib.suppress(TimeoutError):
                    return self._doors[number].accept()[0]
            else:
                end = socket.socket(socket.AF_UNIX)
                with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
                    end.connect(path)
                    return end
                end.close()
                time.sleep(KNOCK)
            if not self._alive():
                raise PeerGone

    @property
    def numbers(self) -> Iterable[int]:
        """The other workers."""
        return self._addresses

    @property
    def posted(self) -> float:
        """When the first of what is to be sent arrives; infinity for nothing."""
        return self._first

    def post(self, peer: int, item: Item) -> None:
        """Send it with the next message."""
        self._out[peer].append(item.encode())
        self._first = min(self._first, item.key[0])

    def tell(self, standing: Standing) -> None:
        """Tell all how far this worker is, and send what was posted."""
        head = standing.encode()
        for number, posted in self._out.items():
            self._line(number).send(head + b"".join(posted))
            posted.clear()
        self._first = float("inf")

    def hear(self) -> list[Standing]:
        """The next that each other worker told; what it sent with it is taken in."""
        found = []
        for number in self._out:
            data = self._line(number).receive()
            found.append(Standing.decode(data))
            for item in decode(data, _HEADER.size):
                self._take(item)
        return found

    def flush(self) -> dict[int, int]:
        """Send what was posted, alone; returns how many messages went to whom."""
        sent = {}
        for number, posted in self._out.items():
            if posted:
                self._line(number).send(b"".join(posted))
                posted.clear()
                sent[number] = 1
        self._first = float("inf")
        return sent

    def drain(self, peer: int, messages: int) -> None:
        """Take in so many messages that a peer flushed."""
        for _ in range(messages):
            for item in decode(self._line(peer).receive()):
                self._take(item)

    def send(self, peer: int, data: bytes) -> None:
        """Send octets that are no items."""
        self._line(peer).send(data)

    def receive(self, peer: int) -> bytes:
        """The next message, whatever it is."""
        return self._line(peer).receive()

    def close(self) -> None:
        """Hang up."""
        for line in self._lines.values():
            line.close()
        for door in self._doors.values():
            door.close()
