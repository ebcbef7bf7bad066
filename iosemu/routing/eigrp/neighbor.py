"""Interfaces and neighbours as the engine knows them."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from iosemu.routing.eigrp.config import InterfaceConfig
from iosemu.routing.eigrp.tlvs import RouteTlv, Tlv

FIRST_RTO = 2000
LONGEST_RTO = 5000
_HEADER = 20
"""Octets of an IP header."""
"""Milliseconds."""


@dataclass(eq=False)
class Outgoing:
    """A packet that waits for acknowledgements."""

    opcode: int
    sequence: int
    tlvs: tuple[Tlv, ...] = ()
    flags: int = 0
    multicast: bool = False
    flown: bool = False
    """A multicast that was sent: who did not get it gets it alone."""


@dataclass(eq=False)
class Neighbor:
    """A router on the other side."""

    port: Port
    address: IPv4Address
    handle: int
    hold: float
    expires: float
    since: float
    release: tuple[int, int] = (0, 0)
    tlv: tuple[int, int] = (1, 2)
    stub: int | None = None
    started: bool = False
    """Its first update came."""
    greeted: bool = False
    """Ours was acknowledged."""
    queue: deque[Outgoing] = field(default_factory=deque)
    sent_at: float = 0.0
    resend_at: float | None = None
    """None: the head of the queue was not sent."""
    tries: int = 0
    rto: float = FIRST_RTO
    """Milliseconds; grows while it does not answer."""
    srtt: float = 0.0
    """Milliseconds; 0: not measured."""
    last_sequence: int = 0
    due: int = 0
    """The sequence number to acknowledge; 0: none."""
    conditional: int | None = None
    """The multicast that it said we may take."""
    heard: dict[IPv4Network, RouteTlv] = field(default_factory=dict)
    """What it told, before our filters."""
    retransmissions: int = 0
    first_sequence: int = 0
    """That of the update that it began with."""
    stale: set[IPv4Network] = field(default_factory=set)
    """What it told before it began to tell everything anew."""

    @property
    def up(self) -> bool:
        """Whether routes are exchanged."""
        return self.started and self.greeted

    def measured(self, milliseconds: float, least: int) -> None:
        """An acknowledgement came to a packet that was sent once."""
        self.srtt = milliseconds if not self.srtt else 0.8 * self.srtt + 0.2 * milliseconds
        self.rto = min(max(6 * self.srtt, least), LONGEST_RTO)

    def settle_rto(self, least: int) -> None:
        """It answers again: the timeout is what the round trips say."""
        if self.srtt:
            self.rto = min(max(6 * self.srtt, least), LONGEST_RTO)


@dataclass(eq=False)
class Port:
    """An interface that EIGRP runs on, and who is there."""

    config: InterfaceConfig
    next_hello: float
    neighbors: dict[IPv4Address, Neighbor] = field(default_factory=dict)
    flow: deque[Outgoing] = field(default_factory=deque)
    """Multicasts that were not sent yet."""
    outstanding: Outgoing | None = None
    outstanding_until: float = 0.0
    free_at: float = 0.0
    """When packets sent so far have had their share of the link, and the next may leave."""
    counters: Counter[str] = field(default_factory=Counter)
    """For `show ip eigrp interfaces detail`."""

    @property
    def name(self) -> str:
        """Of the interface."""
        return self.config.name

    def departure(self, octets: int, now: float) -> float:
        """When a packet of so many octets may leave; the next has to wait until it had its share of the link."""
        if not self.config.pacing_times[1]:
            return now
        leaves = max(now, self.free_at)
        self.free_at = leaves + self.config.pacing(octets + _HEADER) / 1000
        return leaves

    @property
    def mean_srtt(self) -> float:
        """Milliseconds over all neighbours."""
        measured = [each.srtt for each in self.neighbors.values() if each.srtt]
        return sum(measured) / len(measured) if measured else 0.0

    @property
    def flow_timer(self) -> float:
        """Milliseconds that a multicast has for its acknowledgements before the next one goes."""
        return max(50.0, 4.0 * self.mean_srtt) if self.neighbors else 0.0
