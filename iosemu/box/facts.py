"""What happened, for those who want the facts and not the text of a message: SNMP makes notifications of them."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network


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


@dataclass(frozen=True, slots=True)
class OspfInterfaceState:
    """An interface, or a virtual link, is in another state of OSPF; the state as ospfIfState counts (RFC 1850)."""

    router_id: IPv4Address
    interface: str
    address: IPv4Address | None
    """None: the interface has no address of its own."""
    state: int
    link: tuple[int, IPv4Address] | None = None
    """Of a virtual link: the area that it crosses, and the router at the other end."""


@dataclass(frozen=True, slots=True)
class OspfNeighborState:
    """A neighbor is in another state of OSPF; the state as ospfNbrState counts (RFC 1850)."""

    router_id: IPv4Address
    interface: str
    address: IPv4Address
    neighbor: IPv4Address
    """Its router ID."""
    state: int
    link: tuple[int, IPv4Address] | None = None
    """Where it is the other end of a virtual link: the area that it crosses, and the router."""


@dataclass(frozen=True, slots=True)
class EigrpNeighborDown:
    """An adjacency of EIGRP ended."""

    system: int
    peer: IPv4Address


@dataclass(frozen=True, slots=True)
class EigrpStuckInActive:
    """No answer came to a query of EIGRP in time."""

    system: int
    network: IPv4Network


@dataclass(frozen=True, slots=True)
class PortViolation:
    """A station that may not was heard on a secure port."""

    port: str
    source: bytes
    """Its six octets."""


Fact = (
    HsrpState
    | BgpState
    | Storm
    | OspfInterfaceState
    | OspfNeighborState
    | EigrpNeighborDown
    | EigrpStuckInActive
    | PortViolation
)
