"""What a stack reports. Each event carries lab time in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from iosemu.tcp.wire import Endpoint, Md5Fault

if TYPE_CHECKING:
    from iosemu.tcp.connection import Connection


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at `time`."""

    time: float


@dataclass(frozen=True, slots=True)
class ConnectionEvent(Event):
    """Something that happened to a connection."""

    connection: Connection


class Connected(ConnectionEvent):
    """The handshake is over; `connection.passive` tells whether the peer began it."""


class DataReceived(ConnectionEvent):
    """There is something to read. Not reported again until `read` was called."""


class Writable(ConnectionEvent):
    """`send` had refused octets and takes some again."""


class Drained(ConnectionEvent):
    """All that was sent has arrived (only where `TcpConfig.tells_drained`)."""


class PeerClosed(ConnectionEvent):
    """The peer will send no more; what it sent can still be read, and it still takes data."""


class Closed(ConnectionEvent):
    """Both sides have closed; after an active close this comes when TIME-WAIT begins."""


class Reset(ConnectionEvent):
    """The peer reset the connection."""


class Refused(ConnectionEvent):
    """The peer reset the SYN: nobody listens there."""


class TimedOut(ConnectionEvent):
    """No answer: to the SYN, to data, or to keepalives."""


class Unreachable(ConnectionEvent):
    """The network says that the peer cannot be reached; the open is given up."""


@dataclass(frozen=True, slots=True)
class BadAuthentication(Event):
    """A segment was dropped for its MD5 signature; `%TCP-6-BADAUTH`."""

    fault: Md5Fault
    source: Endpoint
    destination: Endpoint
