"""Who holds an address that several interfaces may claim."""

from __future__ import annotations

from ipaddress import IPv4Address


class Claims:
    """Addresses and the interfaces that claim them; of several the last one holds an address."""

    def __init__(self) -> None:
        self.holders: dict[IPv4Address, str] = {}
        self._claims: dict[IPv4Address, list[str]] = {}

    def claim(self, address: IPv4Address, name: str) -> None:
        """Note that an interface claims an address, once more if it does already."""
        self._claims.setdefault(address, []).append(name)
        self.holders[address] = name

    def release(self, address: IPv4Address, name: str) -> None:
        """End one claim of an interface."""
        claims = self._claims[address]
        claims.remove(name)
        if claims:
            self.holders[address] = claims[-1]
        else:
            del self._claims[address], self.holders[address]
