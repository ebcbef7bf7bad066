"""What a routing table knows of each network: its candidates, when they became usable, and where they lead."""

from __future__ import annotations

import math
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network

from iosemu.net.prefixes import PrefixMap
from iosemu.net.route import Hop, Route, Slot

MAXIMUM_RECURSION = 16
MOST_BUCKETS = 16
Way = tuple[Hop, int]
"""A way out, and its share of the traffic."""


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

    __slots__ = (
        "address",
        "buckets",
        "candidates",
        "hops",
        "installed",
        "length",
        "network",
        "reached",
        "turn",
    )

    def __init__(self, network: IPv4Network) -> None:
        self.network = network
        self.address = int(network.network_address)
        self.length = network.prefixlen
        self.candidates: dict[Slot, Candidate] = {}
        self.installed: tuple[Candidate, ...] = ()
        self.reached: int | None = None
        """The lowest rank among the candidates."""
        self.hops: tuple[Hop, ...] | None = None
        """Worked out when first asked for."""
        self.buckets: tuple[Hop, ...] = ()
        """The same for traffic that is shared: each as often as its share, worked out with `hops`."""
        self.turn = 0
        """Which of them the next packet takes where packets take turns."""

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
        self._ways: dict[tuple[Candidate, int], tuple[Way, ...]] = {}

    def resolves(self, value: int, own: Entry) -> bool:
        """Whether a next hop is reached, other than through the network that it is the next hop of."""
        return any(via.entry is not own and self.ways(via, MAXIMUM_RECURSION) for via in self.longest(value))

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

    def ways(self, candidate: Candidate, depth: int) -> tuple[Way, ...]:
        """The ways out that a candidate gives: several where its next hop is reached by several equal routes.

        Empty when it leads nowhere, or round in a circle.
        """
        route = candidate.route
        if route.interface is not None:
            return ((Hop(route.interface, route.next_hop, route), 1),)
        if candidate.target is None or depth == 0:
            return ()
        key = (candidate, depth)
        known = self._ways.get(key)
        if known is not None:
            return known
        found: dict[tuple[str, IPv4Address | None], Way] = {}
        for via in self.longest(candidate.target.value):
            for hop, share in self.ways(via, depth - 1) if via is not candidate else ():
                made = Hop(hop.interface, hop.next_hop or route.next_hop, route)
                found.setdefault((made.interface, made.next_hop), (made, share * via.route.share))
        ways = self._ways[key] = tuple(found.values())
        return ways


def share_out(ways: Sequence[Way]) -> tuple[Hop, ...]:
    """At most 16 buckets among ways in proportion to their shares, as evenly mixed as can be (as CEF has them)."""
    used = [(hop, share) for hop, share in ways if share > 0][:MOST_BUCKETS]
    if len(used) < 2:
        return tuple(hop for hop, _ in used)
    divisor = math.gcd(*(share for _, share in used))
    shares = [share // divisor for _, share in used]
    total = sum(shares)
    if total <= MOST_BUCKETS:
        counts = [share * (MOST_BUCKETS // total) for share in shares]
    else:
        counts = [max(1, round(MOST_BUCKETS * share / total)) for share in shares]
    size, credit, buckets = sum(counts), [0] * len(counts), []
    for _ in range(size):
        credit = [have + count for have, count in zip(credit, counts, strict=True)]
        chosen = credit.index(max(credit))
        credit[chosen] -= size
        buckets.append(used[chosen][0])
    return tuple(buckets)
