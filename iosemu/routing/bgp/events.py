"""What a speaker asks of TCP and reports. Times are lab seconds."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address


@dataclass(frozen=True, slots=True)
class Connect:
    """Open a connection to port 179 of a peer."""

    peer: IPv4Address


@dataclass(frozen=True, slots=True)
class Send:
    """Send octets over a connection."""

    connection: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """Close a connection when all is sent."""

    connection: int


Action = Connect | Send | Close


@dataclass(frozen=True, slots=True)
class PeerUp:
    """A session is Established."""

    peer: IPv4Address


@dataclass(frozen=True, slots=True)
class PeerDown:
    """A session that was Established, or was reset by the user, is no more."""

    peer: IPv4Address
    reason: str


@dataclass(frozen=True, slots=True)
class Notified:
    """A NOTIFICATION was sent or came in; `passive`: over a connection that the peer opened."""

    peer: IPv4Address
    sent: bool
    code: int
    subcode: int
    data: bytes
    passive: bool


@dataclass(frozen=True, slots=True)
class PrefixLimit:
    """A peer sent more than its share of prefixes; `exceeded`, or 75 % of them."""

    peer: IPv4Address
    count: int
    limit: int
    exceeded: bool


Event = PeerUp | PeerDown | Notified | PrefixLimit
