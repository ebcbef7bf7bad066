"""Who has which address: what is configured on interfaces, and what is in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from iosemu.net.prefixes import PrefixMap


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


class ConfiguredAddresses:
    """The addresses of the interfaces as configured, in force or not; finds those that share a subnet."""

    def __init__(self) -> None:
        self._addresses: dict[str, tuple[IPv4Interface, ...]] = {}
        self._subnets: PrefixMap[list[str]] = PrefixMap()
        self._holders: dict[IPv4Address, list[str]] = {}

    def __getitem__(self, name: str) -> tuple[IPv4Interface, ...]:
        return self._addresses.get(name, ())

    def note(self, name: str, addresses: Iterable[IPv4Interface]) -> None:
        """Take the addresses of an interface in place of those that it had."""
        new, old = tuple(addresses), self._addresses.get(name, ())
        if new == old:
            return
        for address in old:
            holders, subnet = self._holders[address.ip], address.network
            holders.remove(name)
            if not holders:
                del self._holders[address.ip]
            key = (int(subnet.network_address), subnet.prefixlen)
            names = self._subnets.get(*key)
            assert names is not None
            names.remove(name)
            if not names:
                self._subnets.pop(*key)
        for address in new:
            self._holders.setdefault(address.ip, []).append(name)
            key = (int(address.network.network_address), address.network.prefixlen)
            names = self._subnets.get(*key)
            if names is None:
                self._subnets.set(*key, [name])
            else:
                names.append(name)
        if new:
            self._addresses[name] = new
        else:
            del self._addresses[name]

    def has(self, address: IPv4Address) -> bool:
        """Whether an interface, up or down, is configured with this address."""
        return address in self._holders

    def overlapping(self, network: IPv4Network) -> Iterator[str]:
        """The interfaces with a subnet that shares addresses with `network`; one may come twice."""
        key = (int(network.network_address), network.prefixlen)
        for names in (*self._subnets.covering_prefix(*key), *self._subnets.inside(*key)):
            yield from names
