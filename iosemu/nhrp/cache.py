"""The cache of an interface: which address inside is found at which address outside (RFC 2332 2.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv4Network

USED = 120.0
"""Seconds without a packet after which an entry is not in use any more."""


class Origin(Enum):
    """Where an entry comes from."""

    STATIC = "static"
    DYNAMIC = "dynamic"
    INCOMPLETE = "incomplete"


@dataclass(slots=True, eq=False)
class Entry:
    """One binding; `created`, `expires` and `last_used` are lab times."""

    network: IPv4Network
    next_hop: IPv4Address
    nbma: IPv4Address | None
    origin: Origin
    created: float
    expires: float | None = None
    """None: never."""
    claimed: IPv4Address | None = None
    """What the other side calls its own address, where NAT makes another of it."""
    registered: bool = False
    unique: bool = False
    router: bool = False
    local: bool = False
    """This side told it to others."""
    resolved: bool = False
    """It was asked for, and came in a reply."""
    rib: bool = False
    nho: bool = False
    """It is a route of its own, or leads packets of another route elsewhere."""
    requester: IPv4Address | None = None
    request_id: int = 0
    last_used: float | None = None
    since: float = 0.0
    """When it became what it is, for `show dmvpn`."""

    @property
    def host(self) -> bool:
        """Whether it is about one address."""
        return self.network.prefixlen == 32

    def used(self, now: float) -> bool:
        """Whether packets took it lately."""
        return self.last_used is not None and now - self.last_used < USED


@dataclass
class Cache:
    """Entries by network; hosts are found at once, networks by length."""

    entries: dict[IPv4Network, Entry] = field(default_factory=dict)
    _hosts: dict[IPv4Address, Entry] = field(default_factory=dict)
    _wider: dict[int, dict[int, Entry]] = field(default_factory=dict)
    """By length of the prefix, and address."""
    told: dict[IPv4Network, Entry] = field(default_factory=dict)
    """Those that this side told to others."""
    learned: dict[IPv4Network, Entry] = field(default_factory=dict)
    """Those that are neither told nor registered here."""
    _at: dict[IPv4Address, dict[IPv4Network, None]] = field(default_factory=dict)
    """By address outside, local entries aside."""

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self.entries.values()))

    def __len__(self) -> int:
        return len(self.entries)

    def get(self, network: IPv4Network) -> Entry | None:
        """The entry for exactly this network."""
        return self.entries.get(network)

    def host(self, address: IPv4Address) -> Entry | None:
        """The entry for exactly this address."""
        return self._hosts.get(address)

    def covering(self, address: IPv4Address) -> Entry | None:
        """The entry of the longest network that holds an address."""
        found = self._hosts.get(address)
        if found is not None or not self._wider:
            return found
        value = int(address)
        for length in sorted(self._wider, reverse=True):
            wider = self._wider[length].get(value >> (32 - length))
            if wider is not None:
                return wider
        return None

    def put(self, entry: Entry) -> None:
        """Take an entry in the place of the one for the same network."""
        old = self.entries.get(entry.network)
        if old is not None:
            self.remove(old)
        self.entries[entry.network] = entry
        if entry.host:
            self._hosts[entry.network.network_address] = entry
        else:
            length, bits = _place(entry.network)
            self._wider.setdefault(length, {})[bits] = entry
        if entry.local:
            self.told[entry.network] = entry
        elif not entry.registered:
            self.learned[entry.network] = entry
        if entry.nbma is not None and not entry.local:
            self._at.setdefault(entry.nbma, {})[entry.network] = None

    def remove(self, entry: Entry) -> None:
        """Forget an entry."""
        if self.entries.get(entry.network) is not entry:
            return
        del self.entries[entry.network]
        self.told.pop(entry.network, None)
        self.learned.pop(entry.network, None)
        if entry.host:
            del self._hosts[entry.network.network_address]
        else:
            length, bits = _place(entry.network)
            del self._wider[length][bits]
            if not self._wider[length]:
                del self._wider[length]
        if entry.nbma is not None and not entry.local:
            networks = self._at[entry.nbma]
            networks.pop(entry.network, None)
            if not networks:
                del self._at[entry.nbma]

    def at(self, nbma: IPv4Address) -> Iterator[Entry]:
        """What is found at an address outside, local entries aside."""
        return (self.entries[each] for each in self._at.get(nbma, ()))

    def leads_to(self, nbma: IPv4Address) -> bool:
        """Whether any entry is about what is found there."""
        return nbma in self._at


def _place(network: IPv4Network) -> tuple[int, int]:
    """The length of a prefix, and the bits of it."""
    return network.prefixlen, int(network.network_address) >> (32 - network.prefixlen)
