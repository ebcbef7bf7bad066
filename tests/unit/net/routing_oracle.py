"""A routing table that works everything out again after each change: the model that the real one is held to."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from iosemu.net.routing import Hop, Route, RouteSource

_MAXIMUM_RECURSION = 16


def _mask(length: int) -> int:
    return (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF


class RoutesFromScratch:
    """The candidates, and among them the installed routes: those that can be used, at the best distance.

    `interface_up(name, up)` tells which interfaces can be used; a route that depends on one that is down, or
    whose next hop cannot be reached, is not installed.
    """

    def __init__(self) -> None:
        self._candidates: list[Route] = []
        self._up: set[str] = set()
        self._by_length: list[tuple[int, int, dict[int, tuple[Route, ...]]]] | None = None
        self._hops: dict[int, tuple[Hop, ...]] = {}
        self.version = 0
        """Grows with every change, for caches."""

    def add(self, route: Route) -> None:
        """Offer a route; the same one twice counts once, with the newer facts."""
        self._candidates = [known for known in self._candidates if not _same(known, route)]
        self._candidates.append(route)
        self._changed()

    def remove(
        self,
        network: IPv4Network,
        source: RouteSource | None = None,
        interface: str | None = None,
        next_hop: IPv4Address | None = None,
    ) -> int:
        """Withdraw the routes to `network` that agree with all that is given; returns how many there were."""
        keep = [
            route
            for route in self._candidates
            if not (
                route.network == network
                and source in (None, route.source)
                and interface in (None, route.interface)
                and next_hop in (None, route.next_hop)
            )
        ]
        removed = len(self._candidates) - len(keep)
        if removed:
            self._candidates = keep
            self._changed()
        return removed

    def replace(self, source: RouteSource, routes: list[Route]) -> None:
        """Put `routes` in the place of every route from `source`."""
        self._candidates = [route for route in self._candidates if route.source is not source] + routes
        self._changed()

    def interface_up(self, name: str, up: bool) -> None:
        """Say whether an interface can carry packets."""
        if up != (name in self._up):
            (self._up.add if up else self._up.discard)(name)
            self._changed()

    @property
    def candidates(self) -> tuple[Route, ...]:
        """Every route offered, installed or not."""
        return tuple(self._candidates)

    def __iter__(self) -> Iterator[Route]:
        """The installed routes, by network, as `show ip route` lists them."""
        routes = [route for _, _, table in self._table() for group in table.values() for route in group]
        return iter(
            sorted(routes, key=lambda route: (route.network.network_address, route.network.prefixlen))
        )

    def lookup(self, destination: IPv4Address) -> Route | None:
        """The installed route that a packet takes (the first of several equal ones)."""
        group = self._longest(int(destination))
        return group[0] if group else None

    def hop(self, destination: IPv4Address, flow: int = 0) -> Hop | None:
        """Interface and next hop for a packet, recursion done; `flow` chooses among equal routes."""
        value = int(destination)
        hops = self._hops.get(value)
        if hops is None:
            if len(self._hops) > 4096:
                self._hops.clear()
            group = self._longest(value)
            hops = self._hops[value] = tuple(
                hop for route in group for hop in self._follow(route, _MAXIMUM_RECURSION, {})
            )
        return hops[flow % len(hops)] if hops else None

    @property
    def gateway_of_last_resort(self) -> Route | None:
        """The installed default route."""
        return self.lookup_exact(IPv4Network("0.0.0.0/0"))

    def lookup_exact(self, network: IPv4Network) -> Route | None:
        """The installed route to exactly this network."""
        for length, _, table in self._table():
            if length == network.prefixlen:
                group = table.get(int(network.network_address))
                return group[0] if group else None
        return None

    def _changed(self) -> None:
        self.version += 1
        self._by_length = None
        self._hops.clear()

    def _table(self) -> list[tuple[int, int, dict[int, tuple[Route, ...]]]]:
        if self._by_length is None:
            self._install()
        assert self._by_length is not None
        return self._by_length

    def _install(self) -> None:
        """Install what needs no recursion, then what resolves through it, until nothing more is gained."""
        usable = [route for route in self._candidates if self._direct(route)]
        waiting = [
            route for route in self._candidates if route.interface is None and route.next_hop is not None
        ]
        self._by_length = _group(usable)
        while waiting:
            gained = [route for route in waiting if self._resolves(route)]
            if not gained:
                break
            usable += gained
            waiting = [route for route in waiting if route not in gained]
            self._by_length = _group(usable)

    def _direct(self, route: Route) -> bool:
        return route.interface is not None and route.interface in self._up and route.distance < 255

    def _resolves(self, route: Route) -> bool:
        if route.next_hop is None or route.distance >= 255:
            return False
        # A next hop found only through the route itself, or a wider one of its kind, would lead nowhere.
        return any(
            via.network != route.network and self._follow(via, _MAXIMUM_RECURSION, {})
            for via in self._longest(int(route.next_hop))
        )

    def _longest(self, destination: int) -> tuple[Route, ...]:
        for _, mask, table in self._table():
            group = table.get(destination & mask)
            if group is not None:
                return group
        return ()

    def _follow(self, route: Route, depth: int, known: dict[tuple[int, int], list[Hop]]) -> list[Hop]:
        if route.interface is not None:
            return [Hop(route.interface, route.next_hop, route)]
        if route.next_hop is None or depth == 0:
            return []
        key = (id(route), depth)
        if key not in known:
            known[key] = [
                Hop(hop.interface, hop.next_hop or route.next_hop, route)
                for via in self._longest(int(route.next_hop))
                if via != route
                for hop in self._follow(via, depth - 1, known)
            ]
            known[key] = list(dict.fromkeys(known[key]))
        return known[key]


def _same(a: Route, b: Route) -> bool:
    return (a.network, a.source, a.interface, a.next_hop) == (b.network, b.source, b.interface, b.next_hop)


def _group(routes: list[Route]) -> list[tuple[int, int, dict[int, tuple[Route, ...]]]]:
    """Per prefix the routes of the best distance and metric, longest prefixes first."""
    best: dict[IPv4Network, list[Route]] = {}
    for route in routes:
        group = best.setdefault(route.network, [])
        if group and (route.distance, route.metric) > (group[0].distance, group[0].metric):
            continue
        if group and (route.distance, route.metric) < (group[0].distance, group[0].metric):
            group.clear()
        group.append(route)
    lengths: dict[int, dict[int, tuple[Route, ...]]] = {}
    for network, group in best.items():
        lengths.setdefault(network.prefixlen, {})[int(network.network_address)] = tuple(group)
    return [(length, _mask(length), lengths[length]) for length in sorted(lengths, reverse=True)]
