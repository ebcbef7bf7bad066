"""The routing table: longest prefix, administrative distance, metric, recursion (RFC 1812 5.2.4).

Routes are offered and withdrawn one by one or in batches; what that means is worked out once, at the end of the batch
or when somebody asks, and only for what depends on it: a route that knows its interface depends on that interface, a
recursive one on the routes that its next hop lies in.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address, IPv4Network
from typing import TypeVar

from iosemu.net.candidates import MAXIMUM_RECURSION, Candidate, Entry, Search, Target, share_out
from iosemu.net.prefixes import PrefixMap
from iosemu.net.route import DISTANCE, UNUSABLE, Hop, Route, RouteSource, Shortcut, Slot

__all__ = ["DISTANCE", "UNUSABLE", "Hop", "Route", "RouteSource", "RoutingTable"]

_KeyT = TypeVar("_KeyT")
Changed = Callable[[tuple[Route, ...], tuple[Route, ...]], None]
"""Told of a prefix whose installed routes changed: those before, those now."""

_CACHED_DESTINATIONS = 4096


class RoutingTable:
    """The candidates, and among them the installed routes: those that can be used, at the best distance.

    `interface_up(name, up)` tells which interfaces can be used; a route that depends on one that is down, or
    whose next hop cannot be reached, is not installed. Addresses have `width` bits: 32, or 128 with routes of
    IPv6.
    """

    def __init__(self, width: int = 32) -> None:
        self.width = width
        self._entries: PrefixMap[Entry] = PrefixMap(width)
        self._up: set[str] = set()
        self._by_interface: dict[str, dict[Candidate, None]] = {}
        """The candidates that need nothing but their interface."""
        self._by_source: dict[RouteSource, dict[Candidate, None]] = {}
        self._targets: dict[int, Target] = {}
        self._target_order: list[int] = []
        self._ranks: Counter[int] = Counter()
        """How many recursive candidates have a rank."""
        self._dirty: dict[Entry, None] = {}
        """The networks whose candidates are others, or can be used otherwise, than was last worked out."""
        self._found: dict[int, Entry | None] = {}
        """The installed network that a destination lies in."""
        self._before: dict[tuple[int, int], tuple[Route, ...]] = {}
        """The networks that listeners were not told of yet, with what was installed when they last were."""
        self._overrides: dict[IPv4Network, Shortcut] = {}
        """Networks whose packets go elsewhere than their routes say."""
        self.refused: dict[Entry, None] = {}
        """The networks that had to stay outside for want of room."""
        self.limit: int | None = None
        """How many networks may be installed; more stay outside unless they are connected. `fit_limit` sets it."""
        self.when_refused: Callable[[IPv4Network], object] | None = None
        """Told of a network that has to stay outside."""
        self.networks = 0
        """How many are installed; those of the last changes count when they are worked out."""
        self._depth = 0
        self._offered = 0
        self._version = 0
        self.listeners: list[Changed] = []
        self.evaluations = 0
        """Networks and next hops worked out so far: grows with what changes, not with what is there."""

    # --- what is on offer ----------------------------------------------------------------------------

    def add(self, route: Route) -> None:
        """Offer a route; in the place of one of the same identity. What is offered already keeps its time."""
        if self._depth:
            self._offer(route)
            return
        with self.batch():
            self._offer(route)

    def withdraw(self, route: Route) -> bool:
        """Take back a route that was offered, whatever its facts are; False when there is none of its identity."""
        return self.withdraw_slot(route.network, route.slot)

    def withdraw_slot(self, network: IPv4Network, slot: Slot) -> bool:
        """Take back the offer for a network that has this slot; False when there is none."""
        entry = self._entry_of(network)
        known = entry.candidates.get(slot) if entry is not None else None
        if known is None:
            return False
        if self._depth:
            self._drop(known)
            return True
        with self.batch():
            self._drop(known)
        return True

    def clear(self) -> None:
        """Withdraw every route; listeners are told once."""
        with self.batch():
            for route in self.candidates:
                self.withdraw(route)

    def remove(
        self,
        network: IPv4Network,
        source: RouteSource | None = None,
        interface: str | None = None,
        next_hop: IPv4Address | None = None,
    ) -> int:
        """Withdraw the routes to `network` that agree with all that is given; returns how many there were."""
        leaving = [
            route
            for route in self.offers(network)
            if source in (None, route.source)
            and interface in (None, route.interface)
            and next_hop in (None, route.next_hop)
        ]
        with self.batch():
            for route in leaving:
                self.withdraw(route)
        return len(leaving)

    def replace(self, source: RouteSource, routes: Iterable[Route], process: str = "") -> None:
        """Put `routes` in the place of every route from an instance of a source; those that stay are not touched."""
        wanted = {route.identity: route for route in routes}
        with self.batch():
            for each in list(self._by_source.get(source, ())):
                if each.route.process == process and each.route.identity not in wanted:
                    self._drop(each)
            for route in wanted.values():
                self._offer(route)

    def fit_limit(self, limit: int | None) -> None:
        """Let no more networks in than `limit`; what is installed stays, and there may be room for others now."""
        self.limit = limit
        with self.batch():
            self._dirty.update(self.refused)

    def interface_up(self, name: str, up: bool) -> None:
        """Say whether an interface can carry packets."""
        if up == (name in self._up):
            return
        (self._up.add if up else self._up.discard)(name)
        with self.batch():
            for each in self._by_interface.get(name, ()):
                self._dirty[each.entry] = None

    @contextmanager
    def batch(self) -> Iterator[None]:
        """What is offered and withdrawn inside is worked out once, and listeners are told at the end."""
        self._depth += 1
        try:
            yield
        finally:
            try:
                while self._depth == 1 and (self._dirty or self._before):  # who is told may change more
                    self._settle()
                    self._tell()
            finally:
                self._depth -= 1

    def _tell(self) -> None:
        before, self._before = self._before, {}
        for (address, length), old in before.items():
            self._settle()  # who was told may have changed more
            entry = self._entries.get(address, length)
            new = tuple([each.route for each in entry.installed]) if entry is not None else ()
            if new != old:
                for listener in self.listeners:
                    listener(old, new)

    def _offer(self, route: Route) -> None:
        entry = self._entry_of(route.network)
        if entry is None:
            entry = Entry(route.network)
            self._entries.set(entry.address, entry.length, entry)
        slot = route.slot
        known = entry.candidates.get(slot)
        if known is not None:
            if known.route.key == route.key:
                return
            self._drop(known)
        self._offered += 1
        candidate = entry.candidates[slot] = Candidate(route, entry, self._offered)
        self._by_source.setdefault(route.source, {})[candidate] = None
        if route.interface is not None:
            self._by_interface.setdefault(route.interface, {})[candidate] = None
        elif route.next_hop is not None:
            candidate.target = self._target(int(route.next_hop))
            candidate.target.candidates[candidate] = None
        self._dirty[entry] = None

    @property
    def candidates(self) -> tuple[Route, ...]:
        """Every route offered, installed or not, in the order in which they came."""
        every = [each for routes in self._by_source.values() for each in routes]
        return tuple(each.route for each in sorted(every, key=lambda each: each.order))

    def offers(self, network: IPv4Network) -> tuple[Route, ...]:
        """The candidates for exactly this network."""
        entry = self._entry_of(network)
        return tuple(each.route for each in entry.candidates.values()) if entry is not None else ()

    # --- what is installed ---------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """Grows with every change of what is installed or how it is reached, for caches."""
        self._settle()
        return self._version

    def __len__(self) -> int:
        """How many routes are installed."""
        return sum(1 for _ in self)

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
        entry = self._longest_of(int(destination))
        return entry.installed[0].route if entry is not None else None

    def hop(self, destination: IPv4Address, flow: int = 0) -> Hop | None:
        """Interface and next hop for a packet, recursion done; `flow` chooses among equal routes."""
        hops = self._hops(self._longest_of(int(destination)))
        return hops[flow % len(hops)] if hops else None

    def ways(self, destination: IPv4Address) -> tuple[Hop, ...]:
        """The ways of packets to a destination, each as often as its share among 16 or fewer; empty without a route."""
        entry = self._longest_of(int(destination))
        self._hops(entry)
        return entry.buckets if entry is not None else ()

    def take_turn(self, destination: IPv4Address) -> Hop | None:
        """The next of the ways, where packets take turns."""
        entry = self._longest_of(int(destination))
        self._hops(entry)
        if entry is None or not entry.buckets:
            return None
        hop = entry.buckets[entry.turn % len(entry.buckets)]
        entry.turn += 1
        return hop

    def next_turn(self, network: IPv4Network) -> Route | None:
        """The installed route to exactly this network that the next packet takes where they take turns."""
        entry = self._entry_of(network)
        self._settle()
        self._hops(entry)
        if entry is None or not entry.buckets:
            return None
        return entry.buckets[entry.turn % len(entry.buckets)].route

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
        entry = self._entry_of(network)
        return tuple(each.route for each in entry.installed) if entry is not None else ()

    def override(self, network: IPv4Network, towards: Shortcut | None) -> None:
        """Send the packets that take the routes to a network elsewhere; None: as they say.

        What is installed stays what it is: a shortcut of NHRP changes only where packets go.
        """
        if towards is None:
            self._overrides.pop(network, None)
        else:
            self._overrides[network] = towards
        entry = self._entry_of(network)
        if entry is not None:
            entry.hops = None
        self._version += 1

    def overridden(self, network: IPv4Network) -> Shortcut | None:
        """Where the packets of a network go instead of where its routes lead; None: they are as their routes say."""
        return self._overrides.get(network)

    # --- working it out ------------------------------------------------------------------------------

    def _entry_of(self, network: IPv4Network) -> Entry | None:
        return self._entries.get(int(network.network_address), network.prefixlen)

    def _drop(self, candidate: Candidate) -> None:
        route, entry, target = candidate.route, candidate.entry, candidate.target
        del entry.candidates[route.slot]
        _discard(self._by_source, route.source, candidate)
        if route.interface is not None:
            _discard(self._by_interface, route.interface, candidate)
        if target is not None:
            if candidate.rank is not None:
                self._ranks[candidate.rank] -= 1
            del target.candidates[candidate]
            if not target.candidates:
                del self._targets[target.value]
                del self._target_order[bisect_left(self._target_order, target.value)]
        self._dirty[entry] = None

    def _target(self, value: int) -> Target:
        target = self._targets.get(value)
        if target is None:
            target = self._targets[value] = Target(value)
            insort(self._target_order, value)
        return target

    def _settle(self) -> None:
        """Work out what follows from the changes since the last time."""
        if not self._dirty:
            return
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

    def _rank_directly(self, entry: Entry) -> None:
        for each in entry.candidates.values():
            route = each.route
            if route.interface is not None:
                usable = route.interface in self._up and route.distance < UNUSABLE
                each.rank = 0 if usable else None
        entry.note_reached()

    def _dependents(self, dirty: Iterable[Entry]) -> tuple[list[Entry], dict[Target, None]]:
        """The networks that may look different now, and the next hops that may be reached otherwise.

        A next hop lies in many networks, but those wider than one that is usable by its interface never count.
        """
        affected = list(dirty)
        seen = set(affected)
        targets: dict[Target, None] = {}
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
        self.evaluations += 1
        for entry in self._entries.covering(value):
            if entry.reached == 0:
                return entry.length
        return 0

    def _resolve(self, waiting: list[Candidate]) -> None:
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
            search = Search(self._entries, limit=rank)
            rank += 1
            gained: list[Candidate] = []
            rest: list[Candidate] = []
            for each in waiting:
                assert each.target is not None
                (gained if search.resolves(each.target.value, each.entry) else rest).append(each)
            self.evaluations += search.evaluations
            for each in gained:
                each.rank = rank
                each.entry.reached = rank if each.entry.reached is None else min(each.entry.reached, rank)
            self._ranks[rank] += len(gained)
            if not gained and rank > highest:
                break
            waiting = rest

    def _install(self, affected: list[Entry]) -> None:
        self.evaluations += len(affected)
        self._version += 1
        for entry in affected:
            self._choose(entry)
            if not entry.candidates:
                self._entries.pop(entry.address, entry.length)
        while self.refused and (self.limit is None or self.networks < self.limit):
            self._choose(next(iter(self.refused)))

    def _choose(self, entry: Entry) -> None:
        """Install the best candidates of a network, if there is room."""
        entry.hops = None
        before, after = entry.installed, entry.best()
        if after and not before and self._is_full_for(after[0].route):
            if entry not in self.refused and self.when_refused is not None:
                self.when_refused(entry.network)
            self.refused[entry] = None
            return
        self.refused.pop(entry, None)
        if before == after:
            return
        self._before.setdefault((entry.address, entry.length), tuple([each.route for each in before]))
        entry.installed = after
        if bool(before) != bool(after):
            self.networks += 1 if after else -1
            self._found.clear()

    def _is_full_for(self, route: Route) -> bool:
        own = route.source in (RouteSource.CONNECTED, RouteSource.LOCAL)
        return self.limit is not None and self.networks >= self.limit and not own

    def _longest_of(self, destination: int) -> Entry | None:
        self._settle()
        try:
            return self._found[destination]
        except KeyError:
            if len(self._found) >= _CACHED_DESTINATIONS:
                self._found.clear()
            found = self._found[destination] = self._longest(destination)
            return found

    def _longest(self, destination: int) -> Entry | None:
        for entry in self._entries.covering(destination):
            if entry.installed:
                return entry
        return None

    def _hops(self, entry: Entry | None) -> tuple[Hop, ...]:
        if entry is None:
            return ()
        if entry.hops is None:
            search = Search(self._entries, limit=None)
            ways = [
                (hop, share * each.route.share)
                for each in entry.installed
                for hop, share in search.ways(each, MAXIMUM_RECURSION)
            ]
            elsewhere = self._overrides.get(entry.network)
            if elsewhere is not None and entry.installed and elsewhere.interface in self._up:
                ways = [(Hop(elsewhere.interface, elsewhere.next_hop, entry.installed[0].route), 1)]
            entry.hops = tuple(hop for hop, _ in ways)
            entry.buckets, entry.turn = share_out(ways), 0
        return entry.hops


def _discard(index: dict[_KeyT, dict[Candidate, None]], key: _KeyT, candidate: Candidate) -> None:
    del index[key][candidate]
    if not index[key]:
        del index[key]
