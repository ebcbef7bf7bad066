"""What an engine notes, for debugging and messages."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from iosemu.routing.rip.packets import Message


@dataclass(frozen=True, slots=True)
class Sending:
    """An update, request or triggered update goes out."""

    interface: str
    source: IPv4Address
    destination: IPv4Address
    message: Message
    triggered: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """A message was believed."""

    interface: str
    source: IPv4Address
    message: Message


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message, or an entry of it, was not believed."""

    interface: str
    source: IPv4Address
    version: int
    reason: str
    """`invalid authentication`, `illegal version`, `bad source` …"""


@dataclass(frozen=True, slots=True)
class Lost:
    """A route can no longer be reached."""

    network: IPv4Network


@dataclass(frozen=True, slots=True)
class Stored:
    """The database took a path; `new`: to a network that it did not know."""

    network: IPv4Network
    metric: int
    gateway: IPv4Address
    interface: str
    new: bool


@dataclass(frozen=True, slots=True)
class Collected:
    """A network that nobody told of for too long is no longer in the database."""

    network: IPv4Network


Event = Sending | Received | Ignored | Lost | Stored | Collected


@dataclass(frozen=True, slots=True)
class Datagram:
    """A message to send from UDP port 520, TTL 2, TOS 0xc0."""

    interface: str
    source: IPv4Address
    destination: IPv4Address
    port: int
    payload: bytes
