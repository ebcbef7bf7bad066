"""Flows: what one permit line of a crypto access list protects, with its counters and its SAs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network

from iosemu.ike.types import TrafficSelector
from iosemu.ipsec.sadb import SadbPair
from iosemu.ipsec.selectors import Selector
from iosemu.subjects.acl.config import AddressMatch, Entry, PortMatch

FlowKey = tuple[str, str, int, Selector]
"""Interface, crypto map, sequence number and identities of a flow."""


@dataclass(slots=True)
class FlowCounters:
    """What `show crypto ipsec sa [detail]` counts, in packets."""

    encaps: int = 0
    decaps: int = 0
    send_errors: int = 0
    receive_errors: int = 0
    no_sa: int = 0
    invalid_sa: int = 0
    encaps_failed: int = 0
    decaps_failed: int = 0
    invalid_protocol: int = 0
    verify_failed: int = 0
    invalid_identity: int = 0
    invalid_length: int = 0
    replay_failed: int = 0


@dataclass(slots=True, eq=False)
class CryptoFlow:
    """One pair of proxy identities under one crypto map entry on one interface."""

    interface: str
    map_name: str
    sequence: int
    selector: Selector
    counters: FlowCounters = field(default_factory=FlowCounters)
    pairs: list[SadbPair] = field(default_factory=list)
    """Oldest first."""
    peer_index: int = 0
    """Which of the entry's peers is tried."""
    tried: int = 0
    """Peers that failed in a row."""
    dead: bool = False
    """The last peer was found dead: another one has its turn before the default."""

    @property
    def key(self) -> FlowKey:
        """What it is found by."""
        return (self.interface, self.map_name, self.sequence, self.selector)

    def peer(self, peers: Sequence[IPv4Address]) -> IPv4Address | None:
        """The peer that counts now, None when there is none."""
        return peers[self.peer_index % len(peers)] if peers else None

    def current(self, now: float) -> SadbPair | None:
        """The pair that carries outbound packets, None when there is none."""
        for pair in reversed(self.pairs):
            if pair.usable and (pair.fresh(now) or not pair.expired(now)):
                return pair
        return None

    @property
    def local_selector(self) -> TrafficSelector:
        """This side's proxy identity."""
        selector = self.selector
        return TrafficSelector(selector.local, selector.protocol, selector.local_port)

    @property
    def remote_selector(self) -> TrafficSelector:
        """The peer's proxy identity."""
        selector = self.selector
        return TrafficSelector(selector.remote, selector.protocol, selector.remote_port)


def selector_of(local: TrafficSelector, remote: TrafficSelector) -> Selector:
    """The selector of two proxy identities."""
    return Selector(local.network, remote.network, local.protocol or remote.protocol, local.port, remote.port)


def network_of(match: AddressMatch) -> IPv4Network | None:
    """The network of an address and wildcard; None when the wildcard's bits are not contiguous.

    Object groups have no such form either: IPsec does not take them.
    """
    if match.group or match.wildcard & (match.wildcard + 1):
        return None
    return IPv4Network((match.address, 32 - match.wildcard.bit_length()))


def entry_selector(entry: Entry) -> Selector | None:
    """The proxy identities of an access list line, None when it has no such form.

    Only `eq` with one port becomes a port; other port operators protect the whole protocol.
    """
    return _selector(
        entry.source, entry.destination, entry.protocol, entry.source_ports, entry.destination_ports
    )


@lru_cache(maxsize=4096)
def _selector(
    source: AddressMatch,
    destination: AddressMatch,
    protocol: int | None,
    source_ports: PortMatch | None,
    destination_ports: PortMatch | None,
) -> Selector | None:
    local, remote = network_of(source), network_of(destination)
    if local is None or remote is None:
        return None
    return Selector(local, remote, protocol or 0, _port(source_ports), _port(destination_ports))


def _port(ports: PortMatch | None) -> int:
    return ports.ports[0] if ports is not None and ports.operator == "eq" and len(ports.ports) == 1 else 0
