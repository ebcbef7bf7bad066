"""What an engine tells whoever runs it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.nhrp.cache import Entry
from iosemu.packets.nhrp import NhrpPacket


@dataclass(frozen=True)
class Sent:
    """A message left for an address outside; `taken`: it was not dropped at once."""

    packet: NhrpPacket
    nbma: IPv4Address
    size: int
    taken: bool


@dataclass(frozen=True)
class Received:
    """A message came from an address outside."""

    packet: NhrpPacket
    nbma: IPv4Address
    size: int


@dataclass(frozen=True)
class Refused:
    """A message was not taken."""

    nbma: IPv4Address
    reason: str


@dataclass(frozen=True)
class ServerChanged:
    """A next hop server answers, or does so no longer."""

    address: IPv4Address
    nbma: IPv4Address | None
    up: bool


@dataclass(frozen=True)
class RegistrationRefused:
    """A next hop server answered with an error."""

    address: IPv4Address
    code: int


@dataclass(frozen=True)
class Added:
    """An entry came, or another took its place."""

    entry: Entry


@dataclass(frozen=True)
class Removed:
    """An entry is gone."""

    entry: Entry


Event = Sent | Received | Refused | ServerChanged | RegistrationRefused | Added | Removed
