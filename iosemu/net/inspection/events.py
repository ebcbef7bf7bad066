"""What an inspector tells whoever runs it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.net.inspection.session import Group, Session


@dataclass(frozen=True, slots=True)
class Started:
    """A session began."""

    session: Session


@dataclass(frozen=True, slots=True)
class Ended:
    """A session is over; `pushed`: another took its place while it was half-open."""

    session: Session
    pushed: bool = False


@dataclass(frozen=True, slots=True)
class Aggressive:
    """Half-open sessions are deleted now because there are too many, or not any more."""

    group: Group
    on: bool
    count: int
    """Half-open sessions."""
    limit: int | None
    rate: int
    """Sessions that began in the last minute."""


@dataclass(frozen=True, slots=True)
class HostFull:
    """A host has too many half-open TCP sessions."""

    group: Group
    host: IPv4Address
    limit: int
    minutes: int
    """It gets no new ones for so long; 0: older ones make room."""


@dataclass(frozen=True, slots=True)
class HostFree:
    """A host gets new TCP sessions again."""

    group: Group
    host: IPv4Address


@dataclass(frozen=True, slots=True)
class Full:
    """There are as many sessions as there may be."""

    group: Group
    limit: int


Event = Started | Ended | Aggressive | HostFull | HostFree | Full
