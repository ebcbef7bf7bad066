"""The IP routing table: longest prefix, administrative distance, metric, recursion (RFC 1812 5.2.4)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Network

_MAXIMUM_RECURSION = 16


class RouteSource(Enum):
    """Where a route comes from; the value is IOS's code letter in `show ip route`."""

    CONNECTED = "C"
    LOCAL = "L"
    STATIC = "S"
    RIP = "R"
    EIGRP = "D"
    OSPF = "O"
    BGP = "B"


DISTANCE = {
    RouteSource.CONNECTED: 0,
    RouteSource.LOCAL: 0,
    RouteSource.STATIC: 1,
    RouteSource.BGP: 20,
    RouteSource.EIGRP: 90,
    RouteSource.OSPF: 110,
    RouteSource.RIP: 120,
}
"""Administrative distances of IOS; 255 is never used."""
UNUSABLE = 255


@dataclass(frozen=True, slots=True)
class Route:
    """A route: out of `interface`, or to `next_hop`, or both. `tag`, `permanent`, `name`: static routes."""

    network: IPv4Network
    source: RouteSource
    interface: str | None = None
    next_hop: IPv4Address | None = None
    distance: int = 0
    metric: int = 0
    tag: int = 0
    permanent: bool = False
    name: str = ""
    updated: float = 0.0
    """Lab time at which the route was installed."""
    subtype: str = ""
    """What follows the letter in `show ip route`: `IA`, `E2`, `EX` …"""
    process: str = ""
    """The instance that it comes from: `ospf 1`; two of them may offer the same network."""

    @property
    def key(self) -> tuple[object, ...]:
        """Everything but the time: two routes with the same key are one."""
        return (self.network, self.source, self.interface, self.next_hop, self.distance, self.metric, self.tag,
                self.permanent, self.name, self.subtype, self.process)  # fmt: skip

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes two offers the same route: the newer one takes the place of the older."""
        return (self.network, self.source, self.process, self.interface, self.next_hop)


@dataclass(frozen=True, slots=True)
class Hop:
    """Where a packet goes: out of `interface`, to `next_hop` (None: the destination is on that link)."""

    interface: str
    next_hop: IPv4Address | None
    route: Route


Prefix = tuple[int, int]
"""Length and network address as numbers."""
Changed = Callable[[tuple[Route, ...], tuple[Route, ...]], None]
"""Told of a prefix whose installed routes changed: those before, those now."""


def _prefix(network: IPv4Network) -> Prefix:
    return network.prefixlen, int(network.network_address)


@dataclass(slots=True)
class _NextHop:
    """An address that routes lead to, and whether it is reached by another route."""

    routes: dict[tuple[object, ...], Route]
    via: Prefix | None = None
    """The prefix whose routes lead there; None: it cannot be reached."""
    turns: int = 0
    """How often it was looked up again while one change settled."""


class RoutingTable:
    """The candidates, and among them the installed routes: those that can be used, at the best distance.

    `interface_up(name, up)` tells which interfaces can be used; a route that depends on one that is down, or
    whose next hop cannot be reached, is not installed. What a change costs follows from the routes that it
    concerns, not from those that are there: each next hop is looked up once for all its routes, and again only
    when a prefix that holds it changes.
    """

    def __init__(self, width: int = 32) -> None:
        self._width = width
        """Bits of an address."""
        self._candidates: dict[Prefix, dict[tuple[object, ...], Route]] = {}
        self._installed: list[dict[int, tuple[Route, ...]]] = [{} for _ in range(width + 1)]
        self._lengths: list[int] = []
        """Lengths of installed prefixes, longest first."""
        self._up: set[str] = set()
        self._by_interface: dict[str, set[Prefix]] = {}
        """The prefixes with a candidate that leaves by an interface."""
        self._by_source: dict[RouteSource, set[tuple[object, ...]]] = {}
        self._hops_to: dict[int, _NextHop] = {}
        self._next_hops: list[int] = []
        """The keys of `_hops_to` in order, to find those within a prefix."""
        self._dirty_prefixes: dict[Prefix, None] = {}
        self._dirty_hops: dict[int, None] = {}
        self._settling = 0
        self._cache: dict[int, tuple[Hop, ...]] = {}
        self._sorted: list[Route] | None = None
        self.listeners: list[Changed] = []
        self.version = 0
        """Grows with every change of what is installed, for caches."""
        self.evaluations = 0
        """Prefixes and next hops that were worked out since the table was made."""

    # --- offers --------------------------------------------------------------------------------------

    def add(self, route: Route) -> None:
        """Offer a route; the same one twice counts once, with the newer facts."""
        with self.batch():
            self._offer(route)

    def remove(
        self,
        network: IPv4Network,
        source: RouteSource | None = None,
        interface: str | None = None,
        next_hop: IPv4Address | None = None,
    ) -> int:
        """Withdraw the routes to `network` that agree with all that is given; returns how many there were."""
        gone = [
            route
            for route in self._candidates.get(_prefix(network), {}).values()
            if source in (None, route.source)
            and interface in (None, route.interface)
            and next_hop in (None, route.next_hop)
        ]
        with self.batch():
            for route in gone:
                self._withdraw(route)
        return len(gone)

    def withdraw(self, route: Route) -> bool:
        """Take back one offer; False when it is not there."""
        if route.identity not in self._candidates.get(_prefix(route.network), {}):
            return False
        with self.batch():
            self._withdraw(route)
        return True

    def replace(self, source: RouteSource, routes: Iterable[Route]) -> None:
        """Put `routes` in the place of every route from `source`; those that stay are not touched."""
        wanted = {route.identity: route for route in routes}
        with self.batch():
            for identity in self._by_source.get(source, set()) - wanted.keys():
                network = identity[0]
                assert isinstance(network, IPv4Network)
                self._withdraw(self._candidates[_prefix(network)][identity])
            for route in wanted.values():
                known = self._candidates.get(_prefix(route.network), {}).get(route.identity)
                if known is None or known.key != route.key:
                    self._offer(route)

    def interface_up(self, name: str, up: bool) -> None:
        """Say whether an interface can carry packets."""
        if up == (name in self._up):
            return
        (self._up.add if up else self._up.discard)(name)
        with self.batch():
            self._dirty_prefixes.update(dict.fromkeys(self._by_interface.get(name, ())))

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Work out what is installed once, after all changes that are made inside."""
        self._settling += 1
        try:
            yield
        finally:
            if self._settling == 1:
                while self._dirty_prefixes or self._dirty_hops:  # who is told may change more
                    self._settle()
            self._settling -= 1

    def _offer(self, route: Route) -> None:
        prefix = _prefix(route.network)
        group = self._candidates.setdefault(prefix, {})
        known = group.get(route.identity)
        if known is not None:
            self._forget_next_hop(known)
        group[route.identity] = route
        self._by_source.setdefault(route.source, set()).add(route.identity)
        if route.interface is not None:
            self._by_interface.setdefault(route.interface, set()).add(prefix)
        elif route.next_hop is not None:
            number = int(route.next_hop)
            target = self._hops_to.get(number)
            if target is None:
                target = self._hops_to[number] = _NextHop({})
                insort(self._next_hops, number)
                self._dirty_hops[number] = None
            target.routes[route.identity] = route
        self._dirty_prefixes[prefix] = None

    def _withdraw(self, route: Route) -> None:
        prefix = _prefix(route.network)
        group = self._candidates[prefix]
        del group[route.identity]
        self._by_source[route.source].discard(route.identity)
        self._forget_next_hop(route)
        if route.interface is not None and not any(
            other.interface == route.interface for other in group.values()
        ):
            self._by_interface[route.interface].discard(prefix)
        if not group:
            del self._candidates[prefix]
        self._dirty_prefixes[prefix] = None

    def _forget_next_hop(self, route: Route) -> None:
        if route.interface is not None or route.next_hop is None:
            return
        number = int(route.next_hop)
        target = self._hops_to[number]
        target.routes.pop(route.identity, None)
        if not target.routes:
            del self._hops_to[number]
            del self._next_hops[bisect_left(self._next_hops, number)]
            self._dirty_hops.pop(number, None)

    # --- what is installed ---------------------------------------------------------------------------

    def _settle(self) -> None:
        """Install and withdraw until nothing changes any more."""
        before: dict[Prefix, tuple[Route, ...]] = {}
        touched: list[_NextHop] = []
        while self._dirty_prefixes or self._dirty_hops:
            while self._dirty_prefixes:
                prefix, _ = self._dirty_prefixes.popitem()
                self._install(prefix, before)
            while self._dirty_hops:
                number, _ = self._dirty_hops.popitem()
                target = self._hops_to[number]
                touched.append(target)
                target.turns += 1
                # what would lead to itself once it is installed never comes to rest: it leads nowhere
                via = self._reach(number) if target.turns <= _MAXIMUM_RECURSION else None
                self.evaluations += 1
                if via != target.via:
                    target.via = via
                    prefixes = (_prefix(route.network) for route in target.routes.values())
                    self._dirty_prefixes.update(dict.fromkeys(prefixes))
        for target in touched:
            target.turns = 0
        for prefix, old in before.items():
            new = self._installed[prefix[0]].get(prefix[1], ())
            if old != new:
                for listener in self.listeners:
                    listener(old, new)

    def _install(self, prefix: Prefix, before: dict[Prefix, tuple[Route, ...]]) -> None:
        self.evaluations += 1
        best: list[Route] = []
        rank = (UNUSABLE, 0)
        for route in self._candidates.get(prefix, {}).values():
            order = (route.distance, route.metric)
            if order > rank or route.distance >= UNUSABLE or not self._usable(route, prefix):
                continue
            if order < rank:
                rank, best = order, []
            best.append(route)
        length, address = prefix
        table = self._installed[length]
        old, new = table.get(address, ()), tuple(best)
        if old == new:
            return
        before.setdefault(prefix, old)
        if new:
            if not table:
                insort(self._lengths, length, key=lambda each: -each)
            table[address] = new
        else:
            del table[address]
            if not table:
                self._lengths.remove(length)
        self.version += 1
        self._cache.clear()
        self._sorted = None
        first = bisect_left(self._next_hops, address)
        last = bisect_right(self._next_hops, address + (1 << (self._width - length)) - 1)
        self._dirty_hops.update(dict.fromkeys(self._next_hops[first:last]))

    def _usable(self, route: Route, prefix: Prefix) -> bool:
        if route.interface is not None:
            return route.interface in self._up
        if route.next_hop is None:
            return False
        via = self._hops_to[int(route.next_hop)].via
        return via is not None and via != prefix

    def _reach(self, number: int) -> Prefix | None:
        """The prefix that leads to a next hop; None when none does, or only in a circle."""
        found = self._longest(number)
        if not found or not any(self._follow(route, _MAXIMUM_RECURSION) for route in found):
            return None
        return _prefix(found[0].network)

    # --- questions -----------------------------------------------------------------------------------

    @property
    def candidates(self) -> tuple[Route, ...]:
        """Every route offered, installed or not."""
        return tuple(route for group in self._candidates.values() for route in group.values())

    def offers(self, network: IPv4Network) -> tuple[Route, ...]:
        """The candidates for exactly this network."""
        return tuple(self._candidates.get(_prefix(network), {}).values())

    def __len__(self) -> int:
        """How many routes are installed."""
        return len(self._in_order())

    def __iter__(self) -> Iterator[Route]:
        """The installed routes, by network, as `show ip route` lists them."""
        return iter(self._in_order())

    def _in_order(self) -> list[Route]:
        if self._sorted is None:
            groups = (
                (address, length, group)
                for length in self._lengths
                for address, group in self._installed[length].items()
            )
            ordered = sorted(groups, key=lambda each: each[:2])
            self._sorted = [route for _address, _length, group in ordered for route in group]
        return self._sorted

    def lookup(self, destination: IPv4Address) -> Route | None:
        """The installed route that a packet takes (the first of several equal ones)."""
        group = self._longest(int(destination))
        return group[0] if group else None

    def hop(self, destination: IPv4Address, flow: int = 0) -> Hop | None:
        """Interface and next hop for a packet, recursion done; `flow` chooses among equal routes."""
        value = int(destination)
        hops = self._cache.get(value)
        if hops is None:
            if len(self._cache) > 4096:
                self._cache.clear()
            found = (self._follow(route, _MAXIMUM_RECURSION) for route in self._longest(value))
            hops = self._cache[value] = tuple(hop for hop in found if hop is not None)
        return hops[flow % len(hops)] if hops else None

    @property
    def gateway_of_last_resort(self) -> Route | None:
        """The installed default route."""
        return self.lookup_exact(IPv4Network("0.0.0.0/0"))

    def lookup_exact(self, network: IPv4Network) -> Route | None:
        """The installed route to exactly this network."""
        group = self._installed[network.prefixlen].get(int(network.network_address))
        return group[0] if group else None

    def _longest(self, destination: int) -> tuple[Route, ...]:
        for length in self._lengths:
            shift = self._width - length
            group = self._installed[length].get(destination >> shift << shift)
            if group is not None:
                return group
        return ()

    def _follow(self, route: Route, depth: int) -> Hop | None:
        if route.interface is not None:
            return Hop(route.interface, route.next_hop, route)
        if route.next_hop is None or depth == 0:
            return None
        for via in self._longest(int(route.next_hop)):
            if via is route:
                continue
            hop = self._follow(via, depth - 1)
            if hop is not None:
                return Hop(hop.interface, hop.next_hop or route.next_hop, route)
        return None
