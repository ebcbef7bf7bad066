"""What an engine notes, for debugging and messages, and what it wants sent."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from iosemu.routing.eigrp.packets import Packet


@dataclass(frozen=True, slots=True)
class NeighborUp:
    """A new adjacency."""

    interface: str
    address: IPv4Address


@dataclass(frozen=True, slots=True)
class NeighborDown:
    """An adjacency ended, or could not be made."""

    interface: str
    address: IPv4Address
    reason: str


@dataclass(frozen=True, slots=True)
class Resync:
    """What a neighbour told is looked at anew."""

    interface: str
    address: IPv4Address
    reason: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """A hello came from outside the subnets of an interface."""

    interface: str
    address: IPv4Address
    expected: str
    """The interface's address and length."""


@dataclass(frozen=True, slots=True)
class StuckInActive:
    """No answer came to a query in time."""

    network: IPv4Network


@dataclass(frozen=True, slots=True)
class Sent:
    """A packet goes out; `neighbor` is None where it goes to the group."""

    interface: str
    packet: Packet
    length: int
    neighbor: IPv4Address | None = None
    retry: int = 0
    rto: int = 0
    queued: int = 0


@dataclass(frozen=True, slots=True)
class Received:
    """A packet was believed."""

    interface: str
    source: IPv4Address
    packet: Packet
    length: int
    known: bool
    queued: int = 0


@dataclass(frozen=True, slots=True)
class Ignored:
    """A packet was not believed."""

    interface: str
    source: IPv4Address
    opcode: int
    reason: str


@dataclass(frozen=True, slots=True)
class Fsm:
    """A step of DUAL, in its words."""

    text: str


Event = NeighborUp | NeighborDown | Resync | Blocked | StuckInActive | Sent | Received | Ignored | Fsm


@dataclass(frozen=True, slots=True)
class Datagram:
    """The payload of an IP packet of protocol 88, TTL 2, TOS 0xc0."""

    interface: str
    source: IPv4Address
    destination: IPv4Address
    payload: bytes
    leaves: float = 0.0
    """Lab time before which it is held back, for the sake of other traffic."""
