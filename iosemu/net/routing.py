"""The routing table: longest prefix, administrative distance, metric, recursion (RFC 1812 5.2.4).

Routes are offered and withdrawn one by one or many at a time; what that means is worked out once, when somebody
next asks, and only for what depends on it: a route that knows its interface depends on that interface, a
recursive one on the routes that its next hop lies in.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import TypeVar

from iosemu.net.prefixes import PrefixMap
from iosemu.net.route import (
    DISTANCE,
    UNUSABLE,
    Hop,
    Route,
    RouteChange,
    RouteKind,
    RouteSource,
    RoutingChanges,
)

__all__ = [
    "DISTANCE", "Hop", "Route", "RouteChange", "RouteKind", "RouteSource", "RoutingChanges", "RoutingTable",
]  # fmt: skip

_KeyT = TypeVar("_KeyT")

_MAXIMUM_RECURSION = 16
_CACHED_DESTINATIONS = 4096


class _Candidate:
    """A route on offer. `rank` says when it became usable: 0 by its interface, n through a route of rank n - 1."""

    __slots__ = ("entry", "order", "rank", "recursive", "route", "target")

    def __init__(self, route: Route, entry: _Entry, order: int) -> None:
        self.route = route
        self.entry = entry
        self.order = order
        self.rank: int | None = None
        self.recursive = route.is_recursive
        self.target: _Target | None = None


class _Entry:
    """A network: the candidates for it, and which of them are installed."""

    __slots__ = ("address", "candidates", "hops", "installed", "length", "network", "reached")

    def __init__(self, network: IPv4Network) -> None:
        self.network = network
        self.address = int(network.network_address)
        self.length = network.prefixlen
        self.candidates: dict[object, _Candidate] = {}
        self.installed: tuple[_Candidate, ...] = ()
        self.reached: int | None = None
        """The lowest rank among the candidates."""
        self.hops: tuple[Hop, ...] | None = None
        """Worked out when first asked for."""

    def note_reached(self) -> None:
        ranks = [each.rank for each in self.candidates.values() if each.rank is not None]
        self.reached = min(ranks, default=None)

    def best(self, limit: int | None = None) -> tuple[_Candidate, ...]:
        """The usable candidates (of a rank up to `limit`) of the best distance and metric, of one protocol."""
        usable = [
            each
            for each in self.candidates.values()
            if each.rank is not None and (limit is None or each.rank <= limit)
        ]
        if len(usable) < 2:
            return tuple(usable)
        usable.sort(key=lambda each: (each.rank, each.order))
        first = min(usable, key=lambda each: (each.route.distance, each.route.metric)).route
        wanted = (first.distance, first.metric, first.source, first.process)
        return tuple(
            each
            for each in usable
            if (each.route.distance, each.route.metric, each.route.source, each.route.process) == wanted
        )


class _Target:
    """An address that others depend on: the next hop of recursive candidates, or one that is watched."""

    __slots__ = ("address", "candidates", "value", "watchers", "way")

    def __init__(self, address: IPv4Address) -> None:
        self.address = address
        self.value = int(address)
        self.candidates: dict[_Candidate, None] = {}
        self.watchers = 0
        self.way: tuple[tuple[str, IPv4Address | None], ...] = ()
        """How a watched address was reached when it was last looked at."""


class RoutingTable:
    """The candidates, and among them the installed routes: those that can be used, at the best distance.

    `interface_up(name, up)` tells which interfaces can be used; a route that depends on one that is down, or
    whose next hop cannot be reached, is not installed. Addresses have `width` bits: 32, or 128 with routes of
    IPv6.
    """

    def __init__(self, width: int = 32) -> None:
        self.width = width
        self._entries: PrefixMap[_Entry] = PrefixMap(width)
        self._up: set[str] = set()
        self._by_interface: dict[str, dict[_Candidate, None]] = {}
        """The candidates that need nothing but their interface."""
        self._by_source: dict[tuple[RouteSource, int], dict[_Candidate, None]] = {}
        self._targets: dict[int, _Target] = {}
        self._target_order: list[int] = []
        self._ranks: Counter[int] = Counter()
        """How many recursive candidates have a rank."""
        self._dirty: dict[_Entry, None] = {}
        """The networks whose candidates are others, or can be used otherwise, than was last worked out."""
        self._fresh: dict[_Target, None] = {}
        """Watched addresses that were never looked at."""
        self._found: dict[int, _Entry | None] = {}
        """The installed network that a destination lies in."""
        self._before: dict[IPv4Network, tuple[Route, ...]] = {}
        self._moved: dict[IPv4Address, None] = {}
        self._offered = 0
        self._version = 0
        self.work = 0
        """Networks and next hops looked at so far; grows with what changes, not with what is there."""

    # --- what is on offer ----------------------------------------------------------------------------

    def add(self, route: Route) -> None:
        """Offer a route; in the place of one of the same path. What is offered already keeps its time."""
        address, length = int(route.network.network_address), route.network.prefixlen
        entry = self._entries.get(address, length)
        if entry is None:
            entry = _Entry(route.network)
            self._entries.set(address, length, entry)
        path = route.path
        known = entry.candidates.get(path)
        if known is not None:
            if known.route.key == route.key:
                return
            self._drop(known)
        self._offered += 1
        candidate = entry.candidates[path] = _Candidate(route, entry, self._offered)
        self._by_source.setdefault((route.source, route.process), {})[candidate] = None
        if route.interface is not None:
            self._by_interface.setdefault(route.interface, {})[candidate] = None
        elif route.next_hop is not None:
            candidate.target = self._target(route.next_hop)
            candidate.target.candidates[candidate] = None
        self._dirty[entry] = None

    def add_all(self, routes: Iterable[Route]) -> None:
        """Offer several routes."""
        for route in routes:
            self.add(route)

    def withdraw(self, route: Route) -> bool:
        """Take back a route that was offered, whatever its facts are; False when there is none of its path."""
        entry = self._entries.get(int(route.network.network_address), route.network.prefixlen)
        known = entry.candidates.get(route.path) if entry is not None else None
        if known is None:
            return False
        self._drop(known)
        return True

    def remove(
        self,
        network: IPv4Network,
        source: RouteSource | None = None,
        interface: str | None = None,
        next_hop: IPv4Address | None = None,
        process: int | None = None,
    ) -> int:
        """Withdraw the routes to `network` that agree with all that is given; returns how many there were."""
        entry = self._entries.get(int(network.network_address), network.prefixlen)
        if entry is None:
            return 0
        leaving = [
            each
            for each in entry.candidates.values()
            if source in (None, each.route.source)
            and interface in (None, each.route.interface)
            and next_hop in (None, each.route.next_hop)
            and process in (None, each.route.process)
        ]
        for each in leaving:
            self._drop(each)
        return len(leaving)

    def replace(self, source: RouteSource, routes: Iterable[Route], process: int = 0) -> None:
        """Put `routes` in the place of every route from `source` (its instance `process`): the difference counts."""
        wanted = {(route.network, route.path): route for route in routes}
        for each in list(self._by_source.get((source, process), ())):
            if (each.route.network, each.route.path) not in wanted:
                self._drop(each)
        self.add_all(wanted.values())

    def interface_up(self, name: str, up: bool) -> None:
        """Say whether an interface can carry packets."""
        if up != (name in self._up):
            (self._up.add if up else self._up.discard)(name)
            for each in self._by_interface.get(name, ()):
                self._dirty[each.entry] = None

    @property
    def candidates(self) -> tuple[Route, ...]:
        """Every route offered, installed or not, in the order in which they came."""
        every = [each for routes in self._by_source.values() for each in routes]
        return tuple(each.route for each in sorted(every, key=lambda each: each.order))

    def offered(self, network: IPv4Network) -> tuple[Route, ...]:
        """Every route to exactly this network that is on offer."""
        entry = self._entries.get(int(network.network_address), network.prefixlen)
        return tuple(each.route for each in entry.candidates.values()) if entry is not None else ()

    # --- what is installed ---------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """Grows with every change of what is installed or how it is reached, for caches."""
        self._settle()
        return self._version

    def __iter__(self) -> Iterator[Route]:
        """The installed routes, by network, as `show ip route` lists them."""
        self._settle()
        return iter([each.route for entry in self._entries for each in entry.installed])

    def inside(self, network: IPv4Network) -> list[Route]:
        """The installed routes to a network and to all that lie in it, by network."""
        self._settle()
        entries = self._entries.inside(int(network.network_address), network.prefixlen)
        return [each.route for entry in entries for each in entry.installed]

    def lookup(self, destination: IPv4Address) -> Route | None:
        """The installed route that a packet takes (the first of several equal ones)."""
        entry = self._entry(int(destination))
        return entry.installed[0].route if entry is not None else None

    def hop(self, destination: IPv4Address, flow: int = 0) -> Hop | None:
        """Interface and next hop for a packet, recursion done; `flow` chooses among equal routes."""
        hops = self._hops(self._entry(int(destination)))
        return hops[flow % len(hops)] if hops else None

    @property
    def gateway_of_last_resort(self) -> Route | None:
        """The installed default route."""
        return self.lookup_exact(IPv4Network("0.0.0.0/0"))

    def lookup_exact(self, network: IPv4Network) -> Route | None:
        """The installed route to exactly this network."""
        group = self.group(network)
        return group[0] if group else None

    def group(self, network: IPv4Network) -> tuple[Route, ...]:
        """The installed routes to exactly this network: several where they are equally good."""
        self._settle()
        entry = self._entries.get(int(network.network_address), network.prefixlen)
        return tuple(each.route for each in entry.installed) if entry is not None else ()

    # --- what changed --------------------------------------------------------------------------------

    def watch(self, address: IPv4Address) -> None:
        """Tell in `changes` when this address is reached in another way; once for each time it is watched."""
        target = self._target(address)
        target.watchers += 1
        if target.watchers == 1:
            self._fresh[target] = None

    def unwatch(self, address: IPv4Address) -> None:
        """End one watch."""
        target = self._targets.get(int(address))
        if target is not None and target.watchers:
            target.watchers -= 1
            if not target.watchers:
                self._fresh.pop(target, None)
                self._moved.pop(address, None)
            self._release(target)

    def changes(self) -> RoutingChanges:
        """The networks whose installed routes, and the watched addresses whose ways, are others than last time."""
        self._settle()
        if not self._before and not self._moved:
            return RoutingChanges()
        routes: list[RouteChange] = []
        for network, before in self._before.items():
            after = self.group(network)
            if after != before:
                routes.append(RouteChange(network, before, after))
        changes = RoutingChanges(tuple(routes), tuple(self._moved))
        self._before.clear()
        self._moved.clear()
        return changes

    # --- working it out ------------------------------------------------------------------------------

    def _drop(self, candidate: _Candidate) -> None:
        route, entry = candidate.route, candidate.entry
        del entry.candidates[route.path]
        _discard(self._by_source, (route.source, route.process), candidate)
        if route.interface is not None:
            _discard(self._by_interface, route.interface, candidate)
        if candidate.target is not None:
            if candidate.rank is not None:
                self._ranks[candidate.rank] -= 1
            del candidate.target.candidates[candidate]
            self._release(candidate.target)
        self._dirty[entry] = None

    def _target(self, address: IPv4Address) -> _Target:
        target = self._targets.get(int(address))
        if target is None:
            target = self._targets[int(address)] = _Target(address)
            insort(self._target_order, target.value)
        return target

    def _release(self, target: _Target) -> None:
        """Forget an address that nobody depends on any more."""
        if not target.candidates and not target.watchers:
            del self._targets[target.value]
            del self._target_order[bisect_left(self._target_order, target.value)]

    def _settle(self) -> None:
        """Work out what follows from the changes since the last time."""
        if self._dirty:
            dirty, self._dirty = self._dirty, {}
            for entry in dirty:
                self._rank_directly(entry)
            affected, targets = self._dependents(dirty)
            waiting = [each for target in targets for each in target.candidates]
            waiting += [
                each
                for entry in dirty
                for each in entry.candidates.values()
                if each.target is not None and each.target not in targets
            ]
            self._resolve(waiting)
            self._install(affected)
            for target in targets:
                if target.watchers:
                    self._look_again(target)
        if self._fresh:
            fresh, self._fresh = self._fresh, {}
            for target in fresh:
                self._look_again(target)

    def _rank_directly(self, entry: _Entry) -> None:
        for each in entry.candidates.values():
            route = each.route
            if route.interface is not None:
                usable = route.interface in self._up and route.distance < UNUSABLE
                each.rank = 0 if usable else None
        entry.note_reached()

    def _dependents(self, dirty: Iterable[_Entry]) -> tuple[list[_Entry], dict[_Target, None]]:
        """The networks that may look different now, and the addresses that may be reached otherwise.

        An address lies in many networks, but those wider than one that is usable by its interface never count.
        """
        affected = list(dirty)
        seen = set(affected)
        targets: dict[_Target, None] = {}
        for entry in affected:
            first = bisect_left(self._target_order, entry.address)
            end = bisect_left(self._target_order, entry.address + (1 << (self.width - entry.length)), first)
            for value in self._target_order[first:end]:
                target = self._targets[value]
                if target in targets or self._floor(value) > entry.length:
                    continue
                targets[target] = None
                for each in target.candidates:
                    if each.entry not in seen:
                        seen.add(each.entry)
                        affected.append(each.entry)
        return affected, targets

    def _floor(self, value: int) -> int:
        """The length of the longest network, usable without recursion, that an address lies in."""
        self.work += 1
        for entry in self._entries.covering(value):
            if entry.reached == 0:
                return entry.length
        return 0

    def _resolve(self, waiting: list[_Candidate]) -> None:
        """Rank recursive candidates: round by round those that resolve through what was there before the round."""
        for each in waiting:
            if each.rank is not None:
                self._ranks[each.rank] -= 1
                each.rank = None
        for entry in {each.entry for each in waiting}:
            entry.note_reached()
        waiting = [each for each in waiting if each.route.distance < UNUSABLE]
        highest = max((rank for rank, count in self._ranks.items() if count), default=0)
        rank = 0
        while waiting:
            search = _Search(self._entries, limit=rank)
            rank += 1
            gained: list[_Candidate] = []
            rest: list[_Candidate] = []
            for each in waiting:
                assert each.target is not None
                (gained if search.resolves(each.target.value, each.entry) else rest).append(each)
            self.work += search.work
            for each in gained:
                each.rank = rank
                each.entry.reached = rank if each.entry.reached is None else min(each.entry.reached, rank)
            self._ranks[rank] += len(gained)
            if not gained and rank > highest:
                break
            waiting = rest

    def _install(self, affected: list[_Entry]) -> None:
        self.work += len(affected)
        self._version += 1
        for entry in affected:
            entry.hops = None
            before, after = entry.installed, entry.best()
            if before != after:
                self._before.setdefault(entry.network, tuple(each.route for each in before))
                entry.installed = after
                if bool(before) != bool(after):
                    self._found.clear()
            if not entry.candidates:
                self._entries.pop(entry.address, entry.length)

    def _look_again(self, target: _Target) -> None:
        hops = self._hops(self._longest(target.value))
        way = tuple((hop.interface, hop.next_hop) for hop in hops)
        if way != target.way:
            target.way = way
            self._moved[target.address] = None

    def _entry(self, destination: int) -> _Entry | None:
        self._settle()
        try:
            return self._found[destination]
        except KeyError:
            if len(self._found) >= _CACHED_DESTINATIONS:
                self._found.clear()
            found = self._found[destination] = self._longest(destination)
            return found

    def _longest(self, destination: int) -> _Entry | None:
        for entry in self._entries.covering(destination):
            if entry.installed:
                return entry
        return None

    def _hops(self, entry: _Entry | None) -> tuple[Hop, ...]:
        if entry is None:
            return ()
        if entry.hops is None:
            search = _Search(self._entries, limit=None)
            found = (search.follow(each, _MAXIMUM_RECURSION) for each in entry.installed)
            entry.hops = tuple(hop for hop in found if hop is not None)
        return entry.hops


class _Search:
    """Follows routes through the candidates up to a rank (None: all that are usable), each way once."""

    def __init__(self, entries: PrefixMap[_Entry], limit: int | None) -> None:
        self.entries = entries
        self.limit = limit
        self.work = 0
        self._groups: dict[int, tuple[_Candidate, ...]] = {}
        self._hops: dict[tuple[_Candidate, int], Hop | None] = {}

    def resolves(self, value: int, own: _Entry) -> bool:
        """Whether a next hop is reached, other than through the network that it is the next hop of."""
        return any(
            via.entry is not own and self.follow(via, _MAXIMUM_RECURSION) is not None
            for via in self.longest(value)
        )

    def longest(self, value: int) -> tuple[_Candidate, ...]:
        """The best candidates of the longest network that holds an address."""
        group = self._groups.get(value)
        if group is None:
            self.work += 1
            group = ()
            for entry in self.entries.covering(value):
                if entry.reached is not None and (self.limit is None or entry.reached <= self.limit):
                    group = entry.best(self.limit)
                    break
            self._groups[value] = group
        return group

    def follow(self, candidate: _Candidate, depth: int) -> Hop | None:
        """The way out that a candidate gives; None when it leads nowhere, or round in a circle."""
        route = candidate.route
        if route.interface is not None:
            return Hop(route.interface, route.next_hop, route)
        if candidate.target is None or depth == 0:
            return None
        key = (candidate, depth)
        if key in self._hops:
            return self._hops[key]
        found: Hop | None = None
        for via in self.longest(candidate.target.value):
            hop = self.follow(via, depth - 1) if via is not candidate else None
            if hop is not None:
                found = Hop(hop.interface, hop.next_hop or route.next_hop, route)
                break
        self._hops[key] = found
        return found


def _discard(index: dict[_KeyT, dict[_Candidate, None]], key: _KeyT, candidate: _Candidate) -> None:
    del index[key][candidate]
    if not index[key]:
        del index[key]
