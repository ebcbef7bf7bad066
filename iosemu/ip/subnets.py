"""The subnets of a box's interfaces, as they are configured: which of them share addresses."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from iosemu.ip.claims import Claims


class Subnets:
    """Addresses by interface; a question costs what it finds, however many there are."""

    def __init__(self) -> None:
        self._addresses: dict[str, tuple[IPv4Interface, ...]] = {}
        self._owners = Claims()
        self._networks: dict[tuple[int, int], dict[str, int]] = {}
        """Interfaces, with how many addresses each has there, by length and network address."""
        self._lengths: dict[int, int] = {}
        self._order: list[tuple[int, int]] = []
        """Network address and length, sorted."""

    def put(self, interface: str, addresses: Iterable[IPv4Interface]) -> None:
        """These are the addresses of an interface now."""
        for address in self._addresses.pop(interface, ()):
            self._remove(interface, address)
        held = tuple(addresses)
        if held:
            self._addresses[interface] = held
        for address in held:
            self._owners.claim(address.ip, interface)
            key = (address.network.prefixlen, int(address.network.network_address))
            users = self._networks.get(key)
            if users is None:
                users = self._networks[key] = {}
                self._lengths[key[0]] = self._lengths.get(key[0], 0) + 1
                insort(self._order, key[::-1])
            users[interface] = users.get(interface, 0) + 1

    def _remove(self, interface: str, address: IPv4Interface) -> None:
        self._owners.release(address.ip, interface)
        key = (address.network.prefixlen, int(address.network.network_address))
        users = self._networks[key]
        users[interface] -= 1
        if not users[interface]:
            del users[interface]
        if not users:
            del self._networks[key]
            del self._order[bisect_left(self._order, key[::-1])]
            self._lengths[key[0]] -= 1
            if not self._lengths[key[0]]:
                del self._lengths[key[0]]

    def owner(self, address: IPv4Address) -> str | None:
        """The interface that has this address."""
        return self._owners.holders.get(address)

    def sharing(self, network: IPv4Network) -> Iterator[str]:
        """The interfaces with a subnet that holds addresses of `network`, wider ones first."""
        first, length = int(network.network_address), network.prefixlen
        for wider in sorted(each for each in self._lengths if each < length):
            shift = network.max_prefixlen - wider
            yield from self._networks.get((wider, first >> shift << shift), ())
        start = bisect_left(self._order, (first, length))
        end = bisect_right(self._order, (int(network.broadcast_address), network.max_prefixlen))
        for address, each in self._order[start:end]:
            yield from self._networks[each, address]
