"""What a routing table knows of each network: its candidates, when they became usable, and where they lead."""

from __future__ import annotations

from ipaddress import IPv4Network

from iosemu.net.prefixes import PrefixMap
from iosemu.net.route import Hop, Route

MAXIMUM_RECURSION = 16


class Candidate:
    """A route on offer. `rank` says when it became usable: 0 by its interface, n through a route of rank n - 1."""

    __slots__ = ("entry", "order", "rank", "route", "target")

    def __init__(self, route: Route, entry: Entry, order: int) -> None:
        self.route = route
        self.entry = entry
        self.order = order
        self.rank: int | None = None
        self.target: Target | None = None


class Entry:
    """A network: the candidates for it, and which of them are installed."""

    __slots__ = ("address", "candidates", "hops", "installed", "length", "network", "reached")

    def __init__(self, network: IPv4Network) -> None:
        self.network = network
        self.address = int(network.network_address)
        self.length = network.prefixlen
        self.candidates: dict[object, Candidate] = {}
        self.installed: tuple[Candidate, ...] = ()
        self.reached: int | None = None
        """The lowest rank among the candidates."""
        self.hops: tuple[Hop, ...] | None = None
        """Worked out when first asked for."""

    def note_reached(self) -> None:
        """Bring `reached` up to date with the candidates."""
        ranks = [each.rank for each in self.candidates.values() if each.rank is not None]
        self.reached = min(ranks, default=None)

    def best(self, limit: int | None = None) -> tuple[Candidate, ...]:
        """The usable candidates (of a rank up to `limit`) of the best distance and metric, of one protocol."""
        usable = [
            each
            for each in self.candidates.values()
            if each.rank is not None and (limit is None or each.rank <= limit)
        ]
        if len(usable) < 2:
            return tuple(usable)
        usable.sort(key=lambda each: (each.rank, each.order))
        first = min(usable, key=lambda each: (each.route.distance, each.route.rank)).route
        wanted = (first.distance, first.rank, first.source, first.process)
        return tuple(
            each
            for each in usable
            if (each.route.distance, each.route.rank, each.route.source, each.route.process) == wanted
        )


class Target:
    """The next hop of recursive candidates."""

    __slots__ = ("candidates", "value")

    def __init__(self, value: int) -> None:
        self.value = value
        self.candidates: dict[Candidate, None] = {}


class Search:
    """Follows routes through the candidates up to a rank (None: all that are usable), each way once."""

    def __init__(self, entries: PrefixMap[Entry], limit: int | None) -> None:
        self.entries = entries
        self.limit = limit
        self.evaluations = 0
        self._groups: dict[int, tuple[Candidate, ...]] = {}
        self._hops: dict[tuple[Candidate, int], Hop | None] = {}

    def resolves(self, value: int, own: Entry) -> bool:
        """Whether a next hop is reached, other than through the network that it is the next hop of."""
        return any(
            via.entry is not own and self.follow(via, MAXIMUM_RECURSION) is not None
            for via in self.longest(value)
        )

    def longest(self, value: int) -> tuple[Candidate, ...]:
        """The best candidates of the longest network that holds an address."""
        group = self._groups.get(value)
        if group is None:
            self.evaluations += 1
            group = ()
            for entry in self.entries.covering(value):
                if entry.reached is not None and (self.limit is None or entry.reached <= self.limit):
                    group = entry.best(self.limit)
                    break
            self._groups[value] = group
        return group

    def follow(self, candidate: Candidate, depth: int) -> Hop | None:
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
