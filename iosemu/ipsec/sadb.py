"""The security association database: SAs with their counters and lifetimes, found by SPI or by selector."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.ipsec.replay import ReplayWindow
from iosemu.ipsec.selectors import Selector
from iosemu.ipsec.transforms import AhProtection, Protection

ESP = 50
AH = 51
"""IP protocol numbers (RFC 4303, RFC 4302)."""

SOFT_SECONDS = 30.0
SOFT_BYTES = 256 * 1024
"""How long before expiry, and how many bytes before exhaustion, IOS renews an SA that carries traffic."""

LAST_SEQUENCE = 0xFFFFFFFF


class SequenceExhaustedError(Exception):
    """The 32-bit sequence number of an outbound SA is used up (RFC 4303, 3.3.3)."""


@dataclass(slots=True)
class SecurityAssociation:
    """One direction of ESP or AH between two gateways, with everything the datapath needs."""

    protocol: int
    """50 or 51."""
    spi: int
    source: IPv4Address
    destination: IPv4Address
    protection: Protection | AhProtection
    tunnel: bool = True
    udp_ports: tuple[int, int] | None = None
    """(source, destination) of the UDP encapsulation (RFC 3948), or None."""
    window: ReplayWindow = field(default_factory=ReplayWindow)
    """Inbound only."""
    sequence: int = 0
    """Of the last packet sent; outbound only."""
    wraps: bool = False
    """The receiver does not look for replays: the sequence number may begin anew (RFC 4303, 3.3.3)."""
    packets: int = 0
    octets: int = 0
    """Payload bytes protected, which the volume lifetime counts."""
    verify_failures: int = 0
    replay_failures: int = 0
    malformed: int = 0
    conn_id: int = 0
    flow_id: int = 0

    def next_sequence(self) -> int:
        """The sequence number of the next packet; raises SequenceExhaustedError where it must not wrap."""
        if self.sequence >= LAST_SEQUENCE and self.wraps:
            self.sequence = 0
        if self.sequence >= LAST_SEQUENCE:
            raise SequenceExhaustedError(f"SPI 0x{self.spi:08X}")
        self.sequence += 1
        return self.sequence


@dataclass(slots=True, eq=False)
class SadbPair:
    """What one quick mode made: inbound and outbound SAs of one flow (two each where AH joins ESP).

    Outbound SAs are listed in the order they are applied: ESP, then AH.
    """

    selector: Selector
    local: IPv4Address
    peer: IPv4Address
    inbound: tuple[SecurityAssociation, ...]
    outbound: tuple[SecurityAssociation, ...]
    created: float
    """Lab seconds."""
    lifetime_seconds: int
    lifetime_kilobytes: int
    """0: no volume limit."""
    volume: int = 0
    """Bytes the volume lifetime starts from; `lifetime_kilobytes` KB unless the box jitters it."""
    pfs_group: int | None = None
    initiator: bool = True
    owner: object = None
    """What the pair was made for (the flow of a crypto map)."""
    rekeying: bool = False
    """A successor is being negotiated."""
    superseded: bool = False
    """A successor carries the outbound traffic; this pair only receives until it expires."""
    usable: bool = True
    """Outbound; a responder waits for the last message of quick mode."""
    last_used: float = 0.0
    orphaned: bool = False
    """No ISAKMP SA with the peer was left at some time: nobody would say that the peer has dropped its side."""
    probe_at: float | None = None
    """Lab time at which a peer is asked whether it lives though there is no ISAKMP SA to ask over."""
    unanswered_since: float | None = None
    """Lab time of the first packet sent after the last that was received, while orphaned."""
    ike_version: int = 1
    """1 or 2: who negotiated it, and so how its end is told; 0: nobody, its keys were typed."""
    peer_port: int = 500
    """UDP port of the peer's IKE: 500, or what NAT traversal made of 4500."""
    preserves: bool = False
    """Packets keep their addresses outside: the SA is a group's (RFC 6407, 5.5.1.1.2)."""
    serial: int = 0
    """Counts the pairs of a router."""
    clock: Callable[[], float] | None = None
    """Seconds of the group's clock, where that tells what comes again."""

    @property
    def manual(self) -> bool:
        """Whether it stands without IKE: it never ends by itself."""
        return not self.ike_version

    @property
    def used(self) -> bool:
        """Whether it ever carried a packet."""
        return any(sa.packets for sa in (*self.inbound, *self.outbound))

    @property
    def expires(self) -> float:
        """Lab time of the hard expiry."""
        return self.created + self.lifetime_seconds

    def remaining_seconds(self, now: float) -> int:
        """Whole seconds of life left."""
        return max(0, int(self.expires - now))

    def remaining_kilobytes(self, sa: SecurityAssociation) -> int:
        """Kilobytes that one of its SAs may still carry."""
        return max(0, (self.volume - sa.octets) // 1024)

    def fresh(self, now: float) -> bool:
        """Whether neither soft nor hard lifetime is near: the common case, decided quickly."""
        if not self.ike_version:
            return True
        if now >= self.created + self.lifetime_seconds - SOFT_SECONDS:
            return False
        return not self.volume or self._most() < self.volume - SOFT_BYTES

    def worn(self, now: float) -> bool:
        """Whether it is time to renew it (the soft lifetime, in time or volume, is over)."""
        if self.manual:
            return False
        if now >= self.expires - min(SOFT_SECONDS, self.lifetime_seconds / 2):
            return True
        return self.volume > 0 and self._most() >= self.volume - SOFT_BYTES

    def expired(self, now: float) -> bool:
        """Whether it may carry nothing more."""
        if self.manual:
            return False
        return now >= self.expires or (self.volume > 0 and self._most() >= self.volume)

    def _most(self) -> int:
        most = 0
        for sas in (self.inbound, self.outbound):
            for sa in sas:
                if sa.octets > most:
                    most = sa.octets
        return most


@dataclass
class Past:
    """What the pairs that are gone did, all together."""

    tunnels: int = 0
    """Pairs that no other one had taken the place of."""
    inbound_packets: int = 0
    inbound_octets: int = 0
    inbound_verify_failures: int = 0
    inbound_replay_failures: int = 0
    outbound_packets: int = 0
    outbound_octets: int = 0

    def add(self, pair: SadbPair) -> None:
        """A pair is gone."""
        self.tunnels += not pair.superseded
        for sa in pair.inbound:
            self.inbound_packets += sa.packets
            self.inbound_octets += sa.octets
            self.inbound_verify_failures += sa.verify_failures
            self.inbound_replay_failures += sa.replay_failures
        for sa in pair.outbound:
            self.outbound_packets += sa.packets
            self.outbound_octets += sa.octets


class Sadb:
    """All pairs of one router. SPIs of inbound SAs are this router's own and unique."""

    def __init__(self) -> None:
        self.past = Past()
        self._pairs: dict[int, SadbPair] = {}
        self._inbound: dict[tuple[int, int], tuple[SadbPair, SecurityAssociation]] = {}
        self._outbound: dict[tuple[IPv4Address, int, int], SadbPair] = {}
        self._by_peer: dict[IPv4Address, dict[int, SadbPair]] = {}
        self._by_local: dict[IPv4Address, dict[int, SadbPair]] = {}
        self._serial = 0
        self._flow_ids: set[int] = set()
        self._lowest_free = 1
        """All flow ids below are taken."""

    def __iter__(self) -> Iterator[SadbPair]:
        return iter(list(self._pairs.values()))

    def __len__(self) -> int:
        return len(self._pairs)

    def add(self, pair: SadbPair) -> None:
        """Install a pair; raises ValueError when an inbound SPI is taken."""
        for sa in pair.inbound:
            if (sa.protocol, sa.spi) in self._inbound:
                raise ValueError(f"SPI 0x{sa.spi:08X} is in use")
        for sa in pair.inbound:
            self._inbound[sa.protocol, sa.spi] = (pair, sa)
        for sa in pair.outbound:
            self._outbound.setdefault((pair.peer, sa.protocol, sa.spi), pair)
        self._by_peer.setdefault(pair.peer, {})[id(pair)] = pair
        self._by_local.setdefault(pair.local, {})[id(pair)] = pair
        self._pairs[id(pair)] = pair
        self._flow_ids.update(sa.flow_id for sa in pair.inbound)
        self._serial += 1
        pair.serial = self._serial

    def holds(self, pair: SadbPair) -> bool:
        """Whether a pair is installed."""
        return id(pair) in self._pairs

    def remove(self, pair: SadbPair) -> None:
        """Take a pair out; one that is gone already does no harm."""
        if self._pairs.pop(id(pair), None) is None:
            return
        self.past.add(pair)
        for sa in pair.inbound:
            self._inbound.pop((sa.protocol, sa.spi), None)
        for sa in pair.outbound:
            if self._outbound.get((pair.peer, sa.protocol, sa.spi)) is pair:
                del self._outbound[pair.peer, sa.protocol, sa.spi]
        freed = {sa.flow_id for sa in pair.inbound}
        self._flow_ids -= freed
        self._lowest_free = min([self._lowest_free, *(each for each in freed if each > 0)])
        for index, address in ((self._by_peer, pair.peer), (self._by_local, pair.local)):
            del index[address][id(pair)]
            if not index[address]:
                del index[address]

    def free_flow_id(self) -> int:
        """The lowest flow id, from 1, that no inbound SA has."""
        while self._lowest_free in self._flow_ids:
            self._lowest_free += 1
        return self._lowest_free

    def locals(self) -> list[IPv4Address]:
        """The addresses of this side that pairs have."""
        return list(self._by_local)

    def at(self, local: IPv4Address) -> list[SadbPair]:
        """The pairs that have an address of this side, oldest first."""
        return list(self._by_local.get(local, {}).values())

    def with_peer(self, peer: IPv4Address) -> list[SadbPair]:
        """The pairs with a peer, oldest first."""
        return list(self._by_peer.get(peer, {}).values())

    def inbound(self, protocol: int, spi: int) -> tuple[SadbPair, SecurityAssociation] | None:
        """The SA that a received packet names."""
        return self._inbound.get((protocol, spi))

    def by_outbound_spi(self, peer: IPv4Address, protocol: int, spi: int) -> SadbPair | None:
        """The pair whose outbound SA the peer calls `spi` (what a delete names)."""
        return self._outbound.get((peer, protocol, spi))
