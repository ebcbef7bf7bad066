"""`crypto keyring NAME`: pre-shared keys under a name, for ISAKMP profiles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network


@dataclass(frozen=True, slots=True)
class PresharedKey:
    """A key for an address with a mask (`0.0.0.0 0.0.0.0` is any peer), or for a host name."""

    secret: str
    network: IPv4Network | None = None
    hostname: str = ""
    encoding: int | None = None
    """0 or 6 where it was typed; the secret is kept as typed."""
    no_xauth: bool = False

    @property
    def peer(self) -> IPv4Network | str:
        """What it is for; one key each."""
        return self.network if self.network is not None else self.hostname


@dataclass
class Keyring:
    """The keys of one name; `default` holds those of `crypto isakmp key`."""

    name: str
    description: str = ""
    local_address: IPv4Address | str | None = None
    """An address or an interface: only peers that speak to it find these keys."""
    vrf: str = ""
    """The routing instance of the peers (`vrf NAME`); empty: the default one."""
    keys: list[PresharedKey] = field(default_factory=list)

    def add(self, key: PresharedKey) -> bool:
        """Keep a key; False when its peer has one already."""
        if any(each.peer == key.peer for each in self.keys):
            return False
        self.keys.append(key)
        return True

    def remove(self, peer: IPv4Network | str) -> bool:
        """Forget the key of a peer; False when there is none."""
        kept = [key for key in self.keys if key.peer != peer]
        removed = len(kept) != len(self.keys)
        self.keys = kept
        return removed


def best_key(
    keys: Iterable[PresharedKey], peer: IPv4Address, names: dict[str, IPv4Address] | None = None
) -> PresharedKey | None:
    """The key for a peer: one for a host name that stands for its address, else the most specific address.

    Of equals the first counts.
    """
    best: PresharedKey | None = None
    longest = -1
    for key in keys:
        if key.hostname:
            if (names or {}).get(key.hostname.lower()) == peer:
                return key
        elif key.network is not None and peer in key.network and key.network.prefixlen > longest:
            best, longest = key, key.network.prefixlen
    return best
