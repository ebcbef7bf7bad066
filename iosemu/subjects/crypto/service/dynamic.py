"""Entries made from dynamic crypto maps while peers that came by themselves have SAs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.ipsec.pair_index import PairIndex
from iosemu.ipsec.selectors import Selector
from iosemu.subjects.acl.evaluation import Flow
from iosemu.subjects.crypto.config.maps import CryptoMapEntry

FIRST_SEQUENCE = 65536
"""Temporary entries come after every one that can be configured."""


class TemporaryEntries:
    """One temporary entry for each pair of proxy identities and peer, per crypto map."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[int, tuple[CryptoMapEntry, CryptoMapEntry, Selector]]] = {}
        self._known: dict[tuple[str, int, IPv4Address, Selector], CryptoMapEntry] = {}
        """By crypto map, identity of the template, peer and proxy identities."""
        self._by_networks: dict[str, PairIndex[tuple[CryptoMapEntry, Selector]]] = {}

    def make(
        self, source: CryptoMapEntry, template: CryptoMapEntry, peer: IPv4Address, selector: Selector
    ) -> CryptoMapEntry:
        """The entry for a peer, made from `template` under the crypto map entry `source`."""
        entries = self._entries.setdefault(source.name, {})
        key = (source.name, id(template), peer, selector)
        known = self._known.get(key)
        if known is not None:
            return known
        sequence = next(reversed(entries), FIRST_SEQUENCE - 1) + 1
        entry = replace(
            template,
            name=source.name,
            sequence=sequence,
            peers=[peer],
            default_peer=None,
            access_list=None,
            dynamic=source.dynamic,
        )
        entries[sequence] = (entry, template, selector)
        self._known[key] = entry
        index = self._by_networks.setdefault(source.name, PairIndex())
        index.add(sequence, selector.local, selector.remote, (entry, selector))
        return entry

    def get(self, name: str, sequence: int) -> CryptoMapEntry | None:
        """The temporary entry of that number."""
        found = self._entries.get(name, {}).get(sequence)
        return found[0] if found is not None else None

    def of(self, name: str, dynamic: str | None = None) -> Iterator[tuple[CryptoMapEntry, Selector]]:
        """The temporary entries of a crypto map, made from one dynamic map if it is named."""
        for entry, _template, selector in list(self._entries.get(name, {}).values()):
            if dynamic in (None, entry.dynamic):
                yield entry, selector

    def about(self, name: str, dynamic: str, flow: Flow) -> Iterator[tuple[CryptoMapEntry, Selector]]:
        """The temporary entries of a crypto map, made from one dynamic map, that may be about a packet."""
        index = self._by_networks.get(name)
        found = index.find(flow.source, flow.destination) if index is not None else {}
        return (found[each] for each in sorted(found) if found[each][0].dynamic == dynamic)

    def template(self, name: str, sequence: int) -> CryptoMapEntry | None:
        """What a temporary entry was made from."""
        found = self._entries.get(name, {}).get(sequence)
        return found[1] if found is not None else None

    def remove(self, name: str, sequence: int) -> None:
        """Forget an entry that has no SAs any more."""
        found = self._entries.get(name, {}).pop(sequence, None)
        if found is None:
            return
        entry, template, selector = found
        peer = entry.peers[0]
        if isinstance(peer, IPv4Address):
            self._known.pop((name, id(template), peer, selector), None)
        self._by_networks[name].remove(sequence, selector.local, selector.remote)
