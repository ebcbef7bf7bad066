"""What the engine is told: one autonomous system of `router eigrp`, resolved for one box."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Protocol

from iosemu.routing.eigrp.metric import Vector, Weights
from iosemu.routing.eigrp.packets import AuthenticationMode
from iosemu.routing.eigrp.tlvs import Outside
from iosemu.routing.keys import Keys

STUB_CONNECTED, STUB_STATIC, STUB_SUMMARY, STUB_RECEIVE_ONLY, STUB_REDISTRIBUTED, STUB_LEAK = (
    1,
    2,
    4,
    8,
    16,
    32,
)


_SMALLEST, _FRAME = 40, 20
"""Octets of the headers of a packet without contents, and of what is around a whole one."""


@dataclass(frozen=True)
class InterfaceConfig:
    """An interface that EIGRP runs on."""

    name: str
    address: IPv4Interface
    """The primary address: what packets are sent from."""
    secondary: tuple[IPv4Interface, ...] = ()
    """Those whose networks are advertised, too."""
    connected: tuple[IPv4Network, ...] = ()
    """The networks that a `network` line covers."""
    bandwidth: int = 100000
    """kb/s."""
    delay: int = 10**8
    """Picoseconds."""
    mtu: int = 1500
    bandwidth_percent: int = 50
    """How much of the bandwidth packets may take; 50 by itself (`ip bandwidth-percent eigrp`)."""
    hello: float = 5.0
    hold: float = 15.0
    passive: bool = False
    split_horizon: bool = True
    next_hop_self: bool = True
    summaries: tuple[IPv4Network, ...] = ()
    authentication: AuthenticationMode | None = None
    keys: Keys | None = field(default=None, compare=False)
    key_name: str = ""
    """The name of the chain, for the shows and to tell that it is another."""
    unnumbered: bool = False
    """The address is another interface's: neighbours have any, and the network is not attached here."""
    neighbors: frozenset[IPv4Address] = frozenset()
    """`neighbor`: the only ones, and packets to them are unicast."""

    @property
    def link(self) -> Vector:
        """What the link adds to a path."""
        return Vector(self.bandwidth, self.delay, self.mtu)

    def pacing(self, octets: int) -> float:
        """Milliseconds for which a packet, with the headers around it, takes what EIGRP may have of the link."""
        return octets * 800 / (self.bandwidth * self.bandwidth_percent)

    @property
    def pacing_times(self) -> tuple[int, int]:
        """Milliseconds for an acknowledgement, and for the largest packet; 0: too short to be waited for."""
        return int(self.pacing(_SMALLEST)), int(self.pacing(self.mtu + _FRAME))

    @property
    def addresses(self) -> tuple[IPv4Interface, ...]:
        """Primary address first."""
        return (self.address, *self.secondary)


@dataclass(frozen=True)
class ProcessConfig:
    """One autonomous system."""

    system: int
    router_id: IPv4Address
    weights: Weights = field(default_factory=Weights)
    variance: int = 1
    maximum_paths: int = 4
    auto_summary: bool = False
    stub: int | None = None
    """The flags of what a stub advertises."""
    active_time: float | None = 180.0
    """Seconds until a route is stuck in active; None: never."""
    maximum_hops: int = 100
    release: tuple[int, int] = (12, 4)
    tlv: tuple[int, int] = (1, 2)
    """The version of TLVs; from 2.0 on metrics of 64 bits are understood."""
    minimum_rto: int = 200
    """Milliseconds."""


@dataclass(frozen=True, slots=True)
class Given:
    """A route of another protocol."""

    network: IPv4Network
    origin: str
    """As `redistribute` calls it: `connected`, `static`, `ospf 1` …"""
    vector: Vector
    outside: Outside
    next_hop: IPv4Address | None = None


class Policy(Protocol):
    """What filters and offset lists say."""

    def accepts(self, interface: str, gateway: IPv4Address, network: IPv4Network, tag: int) -> bool:
        """`distribute-list … in`."""

    def advertises(self, interface: str, origin: str, network: IPv4Network) -> bool:
        """`distribute-list … out`; `origin` is empty for what EIGRP knows itself."""

    def offset(self, outgoing: bool, interface: str, network: IPv4Network) -> int:
        """`offset-list`: what is added to the composite metric."""

    def leaks(self, interface: str, summary: IPv4Network | None, network: IPv4Network, tag: int) -> bool:
        """`leak-map`: whether what a summary (None: that we are a stub) would hide is told all the same."""


class NoPolicy:
    """Everything is let through."""

    def accepts(self, interface: str, gateway: IPv4Address, network: IPv4Network, tag: int) -> bool:
        """All."""
        return True

    def advertises(self, interface: str, origin: str, network: IPv4Network) -> bool:
        """All."""
        return True

    def offset(self, outgoing: bool, interface: str, network: IPv4Network) -> int:
        """Nothing."""
        return 0

    def leaks(self, interface: str, summary: IPv4Network | None, network: IPv4Network, tag: int) -> bool:
        """None."""
        return False
