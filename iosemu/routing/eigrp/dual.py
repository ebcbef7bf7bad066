"""DUAL: which path is taken, and when the neighbours are asked first (RFC 7868 3.5 to 3.7, 5.4)."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.routing.eigrp.events import Fsm, StuckInActive
from iosemu.routing.eigrp.metric import INFINITY, Vector
from iosemu.routing.eigrp.neighbor import Neighbor
from iosemu.routing.eigrp.packets import Opcode
from iosemu.routing.eigrp.tlvs import RouteTlv
from iosemu.routing.eigrp.topology import Entry, Path

if TYPE_CHECKING:
    from iosemu.routing.eigrp.engine import Eigrp

ACTIVE_FLAG = 4
"""In the opaque flags of a reply to an SIA query: the sender is still active (RFC 7868 6.8)."""
SIA_QUERIES = 3
_LOST = Vector(1, -1)
_ANY = IPv4Address(0)


class Dual:
    """The finite state machine, one run of it a network."""

    def __init__(self, engine: Eigrp) -> None:
        self.engine = engine

    def _say(self, text: str) -> None:
        self.engine.note(Fsm(text))

    # --- what was heard --------------------------------------------------------------------------------

    def settle(self, entry: Entry, now: float, querier: Neighbor | None = None) -> None:
        """The paths are others than before: take the best, or ask."""
        if entry.active:
            self._while_active(entry)
            return
        best = entry.best
        if best is None and not entry.successors:
            self._forget(entry)
            return
        least = best.distance if best is not None else INFINITY
        self._say(
            f"Find FS for dest {entry.network}. FD is {_number(entry.feasible)}, RD is {_number(least)}"
        )
        for each in entry.by_distance():
            source = each.next_hop or _ANY
            self._say(f"\t{source} metric {_number(each.distance)}/{_number(each.reported)}")
        chosen = self._feasible(entry, least)
        if chosen:
            self._say(f"\tfound Dmin is {_number(least)}")
            self._take(entry, chosen, now)
        else:
            self._say(f"\tnot found Dmin is {_number(least)}")
            self._activate(entry, now, querier)

    def _feasible(self, entry: Entry, least: int) -> list[Path]:
        return [
            each
            for each in entry.paths.values()
            if each.reachable and each.distance == least and each.reported < entry.feasible
        ]

    def _take(self, entry: Entry, chosen: list[Path], now: float) -> None:
        entry.feasible = min(entry.feasible, chosen[0].distance)
        entry.successors = chosen
        self.engine.touch(entry)
        signature = tuple((id(each), each.vector, each.next_hop, each.outside) for each in chosen)
        if signature != entry.signature:
            entry.signature = signature
            self._say(f"RT installed {entry.network} via {chosen[0].next_hop or _ANY}")
            self.engine.changed(entry, now)

    def _forget(self, entry: Entry) -> None:
        if not entry.active:
            entry.feasible, entry.successors = INFINITY, []
            if not entry.paths or entry.best is None:
                self.engine.forget(entry)

    def _while_active(self, entry: Entry) -> None:
        """The successor's distance grew meanwhile: the answers are of an older state."""
        self.engine.touch(entry)
        if entry.query_origin in (1, 3) and entry.frozen is not None:
            former = next((each for each in entry.successors if each.neighbor is entry.former), None)
            was = self.engine.composite(entry.frozen)
            if former is not None and former.distance > was:
                entry.query_origin -= 1

    # --- active ----------------------------------------------------------------------------------------

    def _activate(self, entry: Entry, now: float, querier: Neighbor | None) -> None:
        old = entry.successor
        entry.active, entry.query_origin, entry.querier = True, 3 if querier is not None else 1, querier
        entry.former = entry.successors[0].neighbor if entry.successors else None
        entry.active_since = now
        entry.frozen = old.vector if old is not None else self._lost(entry)
        entry.feasible = old.distance if old is not None else INFINITY
        self._say(f"Going from passive to active for {entry.network}")
        self._ask(entry, now)

    def _lost(self, entry: Entry) -> Vector:
        known = next(iter(entry.successors or entry.paths.values()), None)
        return known.vector.lost() if known is not None else _LOST

    def _ask(self, entry: Entry, now: float) -> None:
        wanted = [
            each
            for each in self.engine.neighbors
            if each.up and each.stub is None and each is not entry.querier
        ]
        entry.pending = dict.fromkeys(wanted)
        entry.sia_queries, entry.sia_answered = {}, set()
        limit = self.engine.config.active_time
        entry.sia_at = now + limit / 2 if limit is not None else None
        self.engine.touch(entry)
        if not wanted:
            self._finish(entry, now)
            return
        self._say(f"Send query for {entry.network} to {len(wanted)} neighbors")
        self.engine.query(entry, wanted, now)

    def replied(self, entry: Entry, neighbor: Neighbor, now: float) -> None:
        """A reply came, or the neighbour is gone, which says the same."""
        if not entry.active or neighbor not in entry.pending:
            return
        del entry.pending[neighbor]
        self._say(f"rcvreply: {entry.network} via {neighbor.address}, reply count is {len(entry.pending)}")
        if not entry.pending:
            self._finish(entry, now)

    def _finish(self, entry: Entry, now: float) -> None:
        """The last reply: free to choose, or to ask again where the distance grew meanwhile."""
        best = entry.best
        if entry.query_origin in (0, 2) and best is not None and not self._feasible(entry, best.distance):
            entry.query_origin += 1
            former = entry.successor
            entry.frozen = former.vector if former is not None else self._lost(entry)
            entry.feasible = former.distance if former is not None else INFINITY
            self._ask(entry, now)
            return
        querier, entry.querier = entry.querier, None
        entry.active, entry.sia_at, entry.query_origin, entry.former = False, None, 1, None
        entry.pending, entry.sia_queries = {}, {}
        entry.feasible, entry.signature = INFINITY, ()  # what was told meanwhile is told anew
        self._say(f"Going from active to passive for {entry.network}")
        if best is None:
            entry.successors = []
            self.engine.changed(entry, now)
        else:
            self._take(entry, [each for each in entry.paths.values() if each.distance == best.distance], now)
        if querier is not None and querier.up:
            self.engine.reply(entry, querier, now)
        if best is None:
            self._forget(entry)

    def gone(self, entry: Entry, neighbor: Neighbor, now: float) -> None:
        """A neighbour is down: its paths are, and it will not reply."""
        removed = entry.paths.pop(("learned", neighbor), None)
        if removed is not None:
            removed.vector, removed.distance = removed.vector.lost(), INFINITY
        if entry.querier is neighbor:
            entry.querier = None
        if removed is not None and entry.active and removed in entry.successors:
            entry.successors.remove(removed)
            if entry.query_origin in (1, 3):
                entry.query_origin -= 1
        if entry.active:
            self.engine.touch(entry)
            self.replied(entry, neighbor, now)
        elif removed is not None:
            self.settle(entry, now)

    def queried(self, entry: Entry, neighbor: Neighbor, now: float) -> None:
        """A neighbour asks; its path is brought up to date already."""
        if entry.active:
            if neighbor is entry.former and entry.querier is None:
                entry.querier = neighbor
                entry.query_origin = 2
                return
            self.engine.reply(entry, neighbor, now)
            return
        self.settle(entry, now, neighbor)
        if entry.querier is not neighbor:
            self.engine.reply(entry, neighbor, now)

    # --- stuck in active -------------------------------------------------------------------------------

    def tick(self, entry: Entry, now: float) -> None:
        """Half the active time is over: ask who has not replied, and give up who does not answer that."""
        limit = self.engine.config.active_time
        if not entry.active or entry.sia_at is None or entry.sia_at > now or limit is None:
            return
        stuck = [
            each
            for each in entry.pending
            if (each in entry.sia_queries and each not in entry.sia_answered)
            or entry.sia_queries.get(each, 0) >= SIA_QUERIES
        ]
        entry.sia_answered = set()
        entry.sia_at = now + limit / 2
        for each in list(entry.pending):
            if each not in stuck:
                entry.sia_queries[each] = entry.sia_queries.get(each, 0) + 1
                self.engine.tell(each, Opcode.SIA_QUERY, entry, entry.frozen or self._lost(entry), now)
        if stuck:
            self.engine.note(StuckInActive(entry.network))
        for each in stuck:
            self.engine.neighbor_down(each, "stuck in active", now)

    def sia_queried(self, entry: Entry | None, neighbor: Neighbor, tlv: RouteTlv, now: float) -> None:
        """A neighbour asks whether we still wait for replies ourselves."""
        network = tlv.destinations[0]
        if entry is not None and entry.active:
            vector = entry.frozen or self._lost(entry)
            flagged = Vector(
                vector.bandwidth, vector.delay, vector.mtu, vector.hops, vector.reliability, vector.load,
                vector.tag, vector.flags | ACTIVE_FLAG,
            )  # fmt: skip
            self.engine.tell(neighbor, Opcode.SIA_REPLY, entry, flagged, now)
            return
        known = entry if entry is not None else Entry(network)
        self.engine.reply(known, neighbor, now, Opcode.SIA_REPLY)

    def sia_replied(self, entry: Entry, neighbor: Neighbor, still: bool, now: float) -> None:
        """It is alive; or it has the answer."""
        if still:
            entry.sia_answered.add(neighbor)
        else:
            self.replied(entry, neighbor, now)


def _number(distance: int) -> str:
    return "4294967295" if distance >= INFINITY else str(distance)
