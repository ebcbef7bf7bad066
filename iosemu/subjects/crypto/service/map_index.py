"""The entries of one crypto map by their peers and by what they protect: no packet or offer looks at all."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.ipsec.pair_index import PairIndex
from iosemu.subjects.acl.config import AccessList, AclsConfig, Action
from iosemu.subjects.crypto.config.maps import CryptoMap, CryptoMapEntry
from iosemu.subjects.crypto.service.flow import network_of


class MapIndex:
    """Made of the configuration as it is: whoever keeps it makes another when that changes.

    It says which entries may be meant, in their order; whether they are is found by asking each.
    """

    def __init__(self, crypto_map: CryptoMap, acls: AclsConfig) -> None:
        self.crypto_map = crypto_map
        self.dynamic: set[str] = set()
        """The dynamic maps that are named."""
        self._by_peer: dict[IPv4Address, dict[int, CryptoMapEntry]] = {}
        self._for_any_peer: dict[int, CryptoMapEntry] = {}
        self._by_networks: PairIndex[CryptoMapEntry] = PairIndex()
        self._for_any_packet: dict[int, CryptoMapEntry] = {}
        for sequence, entry in crypto_map.entries.items():
            self._take(sequence, entry, acls.get(entry.access_list))

    def _take(self, sequence: int, entry: CryptoMapEntry, access_list: AccessList | None) -> None:
        if entry.dynamic is not None:
            self.dynamic.add(entry.dynamic)
        named = any(not isinstance(peer, IPv4Address) for peer in entry.peers)
        if entry.dynamic is not None or named:
            self._for_any_peer[sequence] = entry
        else:
            for peer in entry.peers:
                if isinstance(peer, IPv4Address):
                    self._by_peer.setdefault(peer, {})[sequence] = entry
        if entry.dynamic is not None or entry.selector is not None:
            self._for_any_packet[sequence] = entry
            return
        for line in access_list.items.values() if access_list is not None else ():
            if line.action is not Action.PERMIT and not line.evaluate:
                continue
            source, destination = network_of(line.source), network_of(line.destination)
            if line.evaluate or source is None or destination is None:
                self._for_any_packet[sequence] = entry
            else:
                self._by_networks.add(sequence, source, destination, entry)

    def towards(self, peer: IPv4Address) -> list[CryptoMapEntry]:
        """The entries that may be about a peer."""
        return _ordered({**self._by_peer.get(peer, {}), **self._for_any_peer})

    def about(self, source: int, destination: int) -> list[CryptoMapEntry]:
        """The entries that may permit a packet."""
        return _ordered({**self._by_networks.find(source, destination), **self._for_any_packet})


def _ordered(entries: dict[int, CryptoMapEntry]) -> list[CryptoMapEntry]:
    return list(entries.values()) if len(entries) < 2 else [entries[each] for each in sorted(entries)]
