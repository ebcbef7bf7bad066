"""`ip prefix-list …`."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network

STEP = 5
"""Sequence numbers are dealt out in fives."""


@dataclass(slots=True)
class PrefixEntry:
    """`seq N permit|deny P/L [ge N] [le N]`."""

    sequence: int
    permit: bool
    network: IPv4Network
    ge: int | None = None
    le: int | None = None
    hits: int = field(default=0, compare=False)
    """Networks that met this entry since it was made or cleared."""

    @property
    def ranged(self) -> bool:
        """It takes networks of several lengths."""
        return self.ge is not None or self.le is not None

    def matches(self, network: IPv4Network) -> bool:
        """Whether a network lies in the prefix and has a length that is meant."""
        own, length = self.network, network.prefixlen
        if self.ge is None and self.le is None:
            return network == own
        low = own.prefixlen if self.ge is None else self.ge
        high = own.max_prefixlen if self.le is None else self.le
        if not low <= length <= high:
            return False
        return (int(network.network_address) ^ int(own.network_address)) & int(own.netmask) == 0

    def words(self) -> str:
        """`permit 10.0.0.0/8 le 24`."""
        text = f"{'permit' if self.permit else 'deny'} {self.network}"
        text += f" ge {self.ge}" if self.ge is not None else ""
        return text + (f" le {self.le}" if self.le is not None else "")

    def same_rule(self, other: PrefixEntry) -> bool:
        """Whether both say the same, at whatever place."""
        return (self.permit, self.network, self.ge, self.le) == (
            other.permit,
            other.network,
            other.ge,
            other.le,
        )


@dataclass
class PrefixList:
    """The entries of one list by sequence number."""

    name: str
    description: str = ""
    entries: dict[int, PrefixEntry] = field(default_factory=dict)

    def ordered(self) -> list[PrefixEntry]:
        """The entries as they are asked."""
        return [entry for _, entry in sorted(self.entries.items())]

    @property
    def next_sequence(self) -> int:
        """What an entry without a number gets."""
        return (max(self.entries, default=0) // STEP + 1) * STEP

    def find(self, network: IPv4Network) -> PrefixEntry | None:
        """The first entry about a network; None: the implicit deny at the end."""
        return next((entry for _, entry in sorted(self.entries.items()) if entry.matches(network)), None)

    def permits(self, network: IPv4Network) -> bool:
        """Whether the list permits a network; the match is counted. One without entries permits all."""
        if not self.entries:
            return True
        entry = self.find(network)
        if entry is None:
            return False
        entry.hits += 1
        return entry.permit


@dataclass
class PrefixLists:
    """All of them by name, and what is said of them together."""

    lists: dict[str, PrefixList] = field(default_factory=dict)
    numbered: bool = True
    """`ip prefix-list sequence-number`: the configuration shows the numbers."""
    changed: str = field(default="", compare=False)
    """The list that was changed last."""

    def get(self, name: str) -> PrefixList | None:
        """A list, None where there is none of that name."""
        return self.lists.get(name)

    def ordered(self) -> list[PrefixList]:
        """The lists by name, as IOS shows them."""
        return [self.lists[name] for name in sorted(self.lists)]
