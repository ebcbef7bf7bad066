"""Entries made from dynamic crypto maps while peers that came by themselves have SAs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.ipsec.selectors import Selector
from iosemu.subjects.crypto.config.maps import CryptoMapEntry

FIRST_SEQUENCE = 65536
"""Temporary entries come after every one that can be configured."""


class TemporaryEntries:
    """One temporary entry for each pair of proxy identities and peer, per crypto map."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[int, tuple[CryptoMapEntry, CryptoMapEntry, Selector]]] = {}

    def make(
        self, source: CryptoMapEntry, template: CryptoMapEntry, peer: IPv4Address, selector: Selector
    ) -> CryptoMapEntry:
        """The entry for a peer, made from `template` under the crypto map entry `source`."""
        entries = self._entries.setdefault(source.name, {})
        for entry, origin, known in entries.values():
            if origin is template and known == selector and entry.peers == [peer]:
                return entry
        sequence = max(entries, default=FIRST_SEQUENCE - 1) + 1
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

    def template(self, name: str, sequence: int) -> CryptoMapEntry | None:
        """What a temporary entry was made from."""
        found = self._entries.get(name, {}).get(sequence)
        return found[1] if found is not None else None

    def remove(self, name: str, sequence: int) -> None:
        """Forget an entry that has no SAs any more."""
        self._entries.get(name, {}).pop(sequence, None)
