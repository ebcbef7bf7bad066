"""SAs of crypto map entries of type ipsec-manual: made of typed keys, without IKE (RFC 4301, 4.5.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.ike.types import ChildKeys, ChildSa, Endpoint, Phase2Proposal, ProtocolId
from iosemu.ipsec.sadb import SadbPair
from iosemu.subjects.crypto.config.maps import CryptoMap, CryptoMapEntry
from iosemu.subjects.crypto.config.session_keys import KeyLengthError, SessionKeys
from iosemu.subjects.crypto.service.flow import CryptoFlow
from iosemu.subjects.crypto.service.keys import IP_PROTOCOLS, pair_of

if TYPE_CHECKING:
    from iosemu.subjects.crypto.service.engine import CryptoEngine

NO_REPLAY_WINDOW = 0
"""Counters of boxes that begin anew would not fit a window (RFC 4303, 3.4.3)."""


@dataclass(frozen=True)
class Standing:
    """What a pair is made of; as long as that is the same the pair stands."""

    flow: CryptoFlow
    local: IPv4Address
    peer: IPv4Address
    proposal: Phase2Proposal
    inbound: tuple[ChildKeys, ...]
    outbound: tuple[ChildKeys, ...]

    def pair(self, now: float) -> SadbPair:
        """Its SAs: no lifetimes, and no replay window."""
        child = ChildSa(
            Endpoint(self.local),
            Endpoint(self.peer),
            self.flow.local_selector,
            self.flow.remote_selector,
            self.proposal,
            self.inbound,
            self.outbound,
            lifetime_seconds=0,
            lifetime_kilobytes=0,
            pfs_group=None,
            initiator=True,
            conn_id=0,
        )
        pair = pair_of(child, now, NO_REPLAY_WINDOW)
        pair.ike_version = 0
        for sa in pair.outbound:
            sa.wraps = True
        return pair


class ManualSas:
    """Those of one crypto engine: they stand as soon as an applied entry is whole, until it is not."""

    def __init__(self, engine: CryptoEngine) -> None:
        self.engine = engine
        self._standing: dict[Standing, SadbPair] = {}

    def fit(self) -> None:
        """Make what the configuration asks for, and take away what it does not."""
        sadb = self.engine.sadb
        wanted = dict.fromkeys(self._wanted())
        for each, pair in list(self._standing.items()):
            if each not in wanted or not sadb.holds(pair):
                del self._standing[each]
                if sadb.holds(pair):
                    self.engine.remove_pair(pair)
        for each in wanted:
            taken = any(sadb.inbound(IP_PROTOCOLS[keys.protocol], keys.spi) for keys in each.inbound)
            if each not in self._standing and not taken:
                self._standing[each] = pair = each.pair(self.engine.now)
                self.engine.install(pair, each.flow)

    def _wanted(self) -> Iterator[Standing]:
        for interface, crypto_map in self.engine.policy.applied_maps():
            for entry in crypto_map.entries.values():
                if entry.manual is not None and entry.complete:
                    found = self._of(interface, crypto_map, entry)
                    if found is not None:
                        yield found

    def _of(self, interface: str, crypto_map: CryptoMap, entry: CryptoMapEntry) -> Standing | None:
        assert entry.manual is not None
        policy = self.engine.policy
        local = policy.local_address(interface, crypto_map)
        peer = next(iter(policy.peers(entry)), None)
        line = next(policy.permits(entry), None)
        if local is None or peer is None or line is None or not self.engine.fronts.is_ours(local):
            return None
        proposal = next(policy.proposals(entry, line[1], local, peer), None)
        keys = entry.manual
        if proposal is None or not keys.inbound.whole(proposal) or not keys.outbound.whole(proposal):
            return None
        try:
            inbound = _child_keys(keys.inbound, proposal, peer, local)
            outbound = _child_keys(keys.outbound, proposal, local, peer)
        except KeyLengthError:  # the transform set was edited after the keys
            return None
        flow = self.engine.flow(policy.home(interface, crypto_map), entry, line[1])
        return Standing(flow, local, peer, proposal, inbound, outbound)


def _child_keys(
    keys: SessionKeys, proposal: Phase2Proposal, source: IPv4Address, destination: IPv4Address
) -> tuple[ChildKeys, ...]:
    made = []
    if proposal.esp is not None and keys.esp is not None:
        made.append(
            ChildKeys(ProtocolId.ESP, keys.esp.spi, source, destination, *keys.esp.esp_keys(proposal))
        )
    if proposal.ah is not None and keys.ah is not None:
        key = keys.ah.ah_key(proposal)
        made.append(ChildKeys(ProtocolId.AH, keys.ah.spi, source, destination, b"", key))
    return tuple(made)
