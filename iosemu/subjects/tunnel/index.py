"""Which tunnels have a far end, a source or a way: found without looking at all of them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, TypeVar

from iosemu.box.interface_types import sort_key
from iosemu.subjects.tunnel.config import Tunnel

if TYPE_CHECKING:
    from iosemu.ip.vrf import Vrf

MOST_STEPS = 16
"""Next hops that a way is followed by, equal ones counted."""
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Ends:
    """What a tunnel is found by."""

    source: IPv4Address | str | None
    destination: IPv4Address | None
    multipoint: bool
    protected: bool


class TunnelIndex:
    """The tunnels of a router by what packets, peers and changes name; `put` is called when one is configured."""

    def __init__(self) -> None:
        self._ends: dict[str, Ends] = {}
        self._towards: dict[IPv4Address, dict[str, None]] = {}
        self._from: dict[IPv4Address | str, dict[str, None]] = {}
        self._multipoint: dict[str, None] = {}
        self.protected: dict[str, None] = {}
        """Those that name an IPsec profile."""
        self._ways: dict[str, tuple[IPv4Address, ...]] = {}
        self._along: dict[int, dict[str, None]] = {}
        self._order: list[int] = []
        """The addresses that ways go by."""

    def put(self, name: str, tunnel: Tunnel) -> None:
        """A tunnel is there, or configured otherwise."""
        ends = Ends(tunnel.source, tunnel.destination, tunnel.multipoint, tunnel.protection is not None)
        if self._ends.get(name) == ends:
            return
        self._leave(name)
        self._ends[name] = ends
        if ends.source is not None:
            self._from.setdefault(ends.source, {})[name] = None
        if ends.multipoint:
            self._multipoint[name] = None
        elif ends.destination is not None:
            self._towards.setdefault(ends.destination, {})[name] = None
        if ends.protected:
            self.protected[name] = None

    def remove(self, name: str) -> None:
        """A tunnel is gone."""
        self._leave(name)
        self.follow(name, ())

    def _leave(self, name: str) -> None:
        ends = self._ends.pop(name, None)
        if ends is None:
            return
        if ends.source is not None:
            _discard(self._from, ends.source, name)
        if ends.destination is not None:
            _discard(self._towards, ends.destination, name)
        self._multipoint.pop(name, None)
        self.protected.pop(name, None)

    def towards(self, far_end: IPv4Address) -> list[str]:
        """The tunnels that may lead to a far end: those that name it, and those with many; in their order."""
        found = self._towards.get(far_end, {})
        if not self._multipoint and len(found) < 2:
            return list(found)
        return sorted({**found, **self._multipoint}, key=sort_key)

    def sourced(self, source: IPv4Address | str) -> Iterator[str]:
        """The tunnels whose source is an interface, or an address."""
        return iter(self._from.get(source, ()))

    # --- ways ----------------------------------------------------------------------------------------

    def follow(self, name: str, addresses: Iterable[IPv4Address]) -> None:
        """Note by which addresses the way to a tunnel's far end is found: its own, and those of next hops."""
        wanted = tuple(addresses)
        known = self._ways.get(name, ())
        if wanted == known:
            return
        for address in known:
            if _discard(self._along, int(address), name):
                del self._order[bisect_left(self._order, int(address))]
        for address in wanted:
            if int(address) not in self._along:
                insort(self._order, int(address))
            self._along.setdefault(int(address), {})[name] = None
        if wanted:
            self._ways[name] = wanted
        else:
            self._ways.pop(name, None)

    def along(self, network: IPv4Network) -> Iterator[str]:
        """The tunnels whose way may be another when the routes to a network are."""
        first, last = int(network.network_address), int(network.broadcast_address)
        for position in range(bisect_left(self._order, first), len(self._order)):
            if self._order[position] > last:
                return
            yield from self._along[self._order[position]]


def way(vrf: Vrf, destination: IPv4Address) -> tuple[IPv4Address, ...]:
    """The addresses that are looked up on the way to a destination: itself, and next hops that lie behind others."""
    addresses = [destination]
    for address in addresses:
        found = vrf.routes.lookup(address)
        for route in vrf.routes.group(found.network) if found is not None else ():
            if route.interface is None and route.next_hop is not None and route.next_hop not in addresses:
                addresses.append(route.next_hop)
        if len(addresses) >= MOST_STEPS:
            break
    return tuple(addresses)


def _discard(index: dict[K, dict[str, None]], key: K, name: str) -> bool:
    """Take a name out of an index; True: the key is gone with it."""
    found = index.get(key)
    if found is None or name not in found:
        return False
    del found[name]
    if not found:
        del index[key]
    return not found
