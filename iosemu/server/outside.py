"""Cables that lead out of the lab: a UDP socket or a TAP device in the place of a port.

A UDP cable carries one raw Ethernet frame (header to payload, without FCS) in each datagram, as QEMU's and
GNS3's UDP links do. A TAP cable ends in a Linux network interface.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import re
import socket
import struct
from abc import ABC, abstractmethod
from dataclasses import dataclass

from iosemu.net.link import Port
from iosemu.server.clock import LabClock

LARGEST = 65535
"""Octets read at once; longer than any frame."""
SHORTEST = 14
"""Octets of an Ethernet header."""
BURST = 64
"""Frames taken in before the lab gets its turn."""

_TUNSETIFF, _IFF_TAP, _IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1
_UDP = re.compile(
    r"udp:(?P<host>[^:?\s]+):(?P<port>\d+)(?:\?listen=(?:(?P<own>[^:?\s]+):)?(?P<own_port>\d+))?"
)
_TAP = re.compile(r"tap:(?P<name>[^\s/:]{1,15})")


class OutsideError(Exception):
    """A cable to the outside cannot be plugged in; the text says why and what to do."""


@dataclass(frozen=True)
class UdpEnd:
    """`udp:HOST:PORT?listen=HOST:PORT`: where frames are sent to and where they are expected."""

    host: str
    port: int
    listen_host: str
    listen_port: int

    def __str__(self) -> str:
        return f"udp:{self.host}:{self.port}?listen={self.listen_host}:{self.listen_port}"


@dataclass(frozen=True)
class TapEnd:
    """`tap:NAME`: a TAP device of this machine, made when there is none of that name."""

    name: str

    def __str__(self) -> str:
        return f"tap:{self.name}"


End = UdpEnd | TapEnd


def is_outside(text: str) -> bool:
    """Whether an endpoint of a lab file means the outside."""
    return text.startswith(("udp:", "tap:"))


def parse(text: str) -> End:
    """The end that a text such as `udp:127.0.0.1:20000?listen=127.0.0.1:20001` or `tap:lab0` means.

    Raises ValueError saying how to write it.
    """
    tap = _TAP.fullmatch(text)
    if tap is not None:
        return TapEnd(tap["name"])
    if text.startswith("tap:"):
        raise ValueError(f"{text!r} is not tap:NAME with a name of at most 15 characters, such as tap:lab0")
    udp = _UDP.fullmatch(text)
    if udp is None or udp["own_port"] is None:
        example = "udp:127.0.0.1:20000?listen=127.0.0.1:20001"
        raise ValueError(f"{text!r} is not udp:HOST:PORT?listen=HOST:PORT, such as {example}")
    ports = int(udp["port"]), int(udp["own_port"])
    if not all(0 < port < 65536 for port in ports):
        raise ValueError(f"{text!r}: a UDP port is a number from 1 to 65535")
    return UdpEnd(udp["host"], ports[0], udp["own"] or "127.0.0.1", ports[1])


class Outside(ABC):
    """The far end of a cable that leaves the lab.

    Its `port` is lit from the start, as the socket of a box that is always on; what is sent before `open`
    and after `close` is lost. `attach` serves it from an event loop; without one call `pump`.
    """

    def __init__(self, end: End) -> None:
        self.end = end
        self.port = Port(str(end))
        self.port.receiver = self._send
        self.port.enabled = True
        self.received = 0
        """Frames that came in."""
        self.sent = 0
        self.dropped = 0
        """Frames that the machine would not take, and datagrams too short to be frames."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._clock: LabClock | None = None

    @property
    @abstractmethod
    def descriptor(self) -> int | None:
        """The file descriptor that turns readable when frames wait; None while closed."""

    @abstractmethod
    def open(self) -> None:
        """Take hold of the socket or device; raises OutsideError when that is not possible."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it; closing twice does no harm."""

    @abstractmethod
    def _write(self, frame: bytes) -> None:
        """Hand a frame to the machine; raises OSError."""

    @abstractmethod
    def _read(self) -> bytes:
        """The next frame; raises BlockingIOError when none waits."""

    def attach(self, loop: asyncio.AbstractEventLoop, clock: LabClock) -> None:
        """Open it and take frames in as they come.

        Raises OutsideError when it cannot be opened.
        """
        self.open()
        assert self.descriptor is not None
        self._loop, self._clock = loop, clock
        loop.add_reader(self.descriptor, self._readable)

    def detach(self) -> None:
        """End what `attach` began."""
        if self._loop is not None and self.descriptor is not None:
            self._loop.remove_reader(self.descriptor)
        self._loop = self._clock = None
        self.close()

    def pump(self) -> int:
        """Put the frames that wait (at most a burst) on the cable; returns how many."""
        taken = 0
        while self.descriptor is not None and taken < BURST:
            try:
                frame = self._read()
            except BlockingIOError:
                break
            except OSError:
                # the peer's socket is not open yet, or the TAP is down: nothing came
                self.dropped += 1
                break
            taken += 1
            if len(frame) < SHORTEST:
                self.dropped += 1
                continue
            self.received += 1
            self.port.send(frame)
        return taken

    def _readable(self) -> None:
        assert self._clock is not None
        self._clock.catch_up()
        self.pump()
        self._clock.poke()

    def _send(self, frame: bytes) -> None:
        if self.descriptor is None:
            return
        try:
            self._write(frame)
        except OSError:
            # nobody listens there, or its buffer is full: an Ethernet drops frames too
            self.dropped += 1
        else:
            self.sent += 1


class UdpOutside(Outside):
    """Frames as UDP datagrams; those that do not come from the peer's address and port are not seen."""

    def __init__(self, end: UdpEnd) -> None:
        super().__init__(end)
        self._where = end
        self._socket: socket.socket | None = None

    @property
    def descriptor(self) -> int | None:
        """The socket's."""
        return self._socket.fileno() if self._socket is not None else None

    def open(self) -> None:
        """Bind and connect the socket."""
        where = self._where
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            made.setblocking(False)
            made.bind((where.listen_host, where.listen_port))
            made.connect((where.host, where.port))
        except OSError as error:
            made.close()
            reason = error.strerror or str(error)
            hint = "; stop what uses the port, or choose another" if error.errno == errno.EADDRINUSE else ""
            raise OutsideError(f"{where}: {reason}{hint}") from error
        self._socket = made

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _write(self, frame: bytes) -> None:
        assert self._socket is not None
        self._socket.send(frame)

    def _read(self) -> bytes:
        assert self._socket is not None
        return self._socket.recv(LARGEST)


class TapOutside(Outside):
    """Frames through a TAP device (Linux, `/dev/net/tun`), which is brought up where that is permitted."""

    def __init__(self, end: TapEnd) -> None:
        super().__init__(end)
        self._name = end.name
        self._file: int | None = None

    @property
    def descriptor(self) -> int | None:
        """That of `/dev/net/tun`."""
        return self._file

    def open(self) -> None:
        """Attach to the device, or make it."""
        hint = (
            f"it needs Linux and the right to make network devices (root, or CAP_NET_ADMIN); root can lend "
            f"one with: ip tuntap add dev {self._name} mode tap user $USER"
        )
        try:
            opened = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        except OSError as error:
            raise OutsideError(f"{self.end}: cannot open /dev/net/tun: {error.strerror}; {hint}") from error
        request = struct.pack("16sH14x", self._name.encode(), _IFF_TAP | _IFF_NO_PI)
        try:
            fcntl.ioctl(opened, _TUNSETIFF, request)
        except OSError as error:
            os.close(opened)
            if error.errno == errno.EBUSY:
                hint = "another process holds it"
            raise OutsideError(f"{self.end}: {error.strerror}; {hint}") from error
        self._file = opened
        with contextlib.suppress(OSError):
            self._bring_up()

    def _bring_up(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            name = self._name.encode()
            answer = fcntl.ioctl(control, _SIOCGIFFLAGS, struct.pack("16sH14x", name, 0))
            (flags,) = struct.unpack_from("H", answer, 16)
            fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", name, flags | _IFF_UP))

    def close(self) -> None:
        """Let go of the device; one that was made here is gone then."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _write(self, frame: bytes) -> None:
        assert self._file is not None
        os.write(self._file, frame)

    def _read(self) -> bytes:
        assert self._file is not None
        return os.read(self._file, LARGEST)


def create(end: End) -> Outside:
    """The outside that an endpoint means, not yet open."""
    return UdpOutside(end) if isinstance(end, UdpEnd) else TapOutside(end)
