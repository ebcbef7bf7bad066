"""What system messages are about, for those who want the facts and not the text: SNMP makes notifications of them."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address


@dataclass(frozen=True, slots=True)
class HsrpState:
    """A group of an interface is in another state, as `show standby` calls it."""

    interface: str
    group: int
    state: str


@dataclass(frozen=True, slots=True)
class BgpState:
    """A session with a neighbor came up, or is gone."""

    peer: IPv4Address
    established: bool


@dataclass(frozen=True, slots=True)
class Storm:
    """More came in on a port than it takes, and that is to be told."""

    port: str


Fact = HsrpState | BgpState | Storm
