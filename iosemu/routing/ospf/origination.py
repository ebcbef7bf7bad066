"""The router's own LSAs: when they are built, refreshed and flushed (RFC 2328, 12.4 and 13.4).

Builders say what should be advertised (`want`) or no longer (`unwant`); the wish reaches the database as fast
as the LSA throttle allows, and a wish that equals what is advertised does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from iosemu.routing.ospf.constants import INITIAL_SEQUENCE, LS_REFRESH_TIME, MAX_SEQUENCE
from iosemu.routing.ospf.events import LsaOriginated
from iosemu.routing.ospf.lsa import build_lsa
from iosemu.routing.ospf.lsdb import Entry, Lsdb
from iosemu.routing.ospf.numbers import address

if TYPE_CHECKING:
    from iosemu.routing.ospf.core import Core
    from iosemu.routing.ospf.timers import Timer


class _Wish:
    """What should be advertised under one (type, link state ID); content None to flush."""

    __slots__ = ("content", "hold", "last", "timer")

    def __init__(self) -> None:
        self.content: tuple[int, bytes] | None = None
        self.last: float | None = None
        self.hold = 0.0
        self.timer: Timer | None = None


class Originator:
    """Keeps the wishes by database, type and link state ID."""

    def __init__(self, process: Core) -> None:
        self.process = process
        self._wishes: dict[Lsdb, dict[tuple[int, int], _Wish]] = {}

    def wanted(self, lsdb: Lsdb, kind: int) -> dict[int, tuple[int, bytes]]:
        """Link state ID → (options, body) of what should be advertised of one type."""
        wishes = self._wishes.get(lsdb, {})
        return {key[1]: w.content for key, w in wishes.items() if key[0] == kind and w.content is not None}

    def want(self, lsdb: Lsdb, kind: int, ls_id: int, options: int, body: bytes, force: bool = False) -> None:
        """Advertise; `force` makes a new instance even of equal content."""
        wish = self._wishes.setdefault(lsdb, {}).setdefault((kind, ls_id), _Wish())
        if wish.content == (options, body) and not force:
            return
        wish.content = (options, body)
        self._throttle(lsdb, kind, ls_id, wish)

    def unwant(self, lsdb: Lsdb, kind: int, ls_id: int) -> None:
        """Flush; IOS does not delay that."""
        wish = self._wishes.get(lsdb, {}).get((kind, ls_id))
        if wish is None or wish.content is None:
            return
        wish.content = None
        if wish.timer:
            wish.timer.stop()
        entry = lsdb.get((kind, ls_id, self.process.router_id))
        if entry is not None and not entry.at_max_age(self.process.now):
            self._flush(lsdb, entry)

    def replace(self, lsdb: Lsdb, kind: int, wishes: dict[int, tuple[int, bytes]]) -> None:
        """Make the LSAs of one type in a database exactly these."""
        for ls_id in self.wanted(lsdb, kind).keys() - wishes.keys():
            self.unwant(lsdb, kind, ls_id)
        for ls_id, (options, body) in wishes.items():
            self.want(lsdb, kind, ls_id, options, body)

    def forget(self, lsdbs: Iterable[Lsdb]) -> None:
        """Drop all wishes for databases that are emptied; nothing is flooded."""
        for lsdb in lsdbs:
            for wish in self._wishes.pop(lsdb, {}).values():
                if wish.timer:
                    wish.timer.stop()

    # --- throttle ------------------------------------------------------------------------------------------

    def _throttle(self, lsdb: Lsdb, kind: int, ls_id: int, wish: _Wish) -> None:
        """`timers throttle lsa START HOLD MAX`: the hold time doubles while changes go on."""
        config = self.process.config
        now = self.process.now
        if wish.last is None or now - wish.last >= 2 * config.lsa_maximum:
            when = now + config.lsa_start
            wish.hold = config.lsa_hold
        else:
            when = max(wish.last + wish.hold, now)
        if when <= now:
            self._originate(lsdb, kind, ls_id, wish)
            return
        if wish.timer is None:
            wish.timer = self.process.timers.timer(lambda: self._due(lsdb, kind, ls_id, wish))
        wish.timer.start_if_idle(when)

    def _due(self, lsdb: Lsdb, kind: int, ls_id: int, wish: _Wish) -> None:
        wish.hold = min(2 * wish.hold, self.process.config.lsa_maximum)
        self._originate(lsdb, kind, ls_id, wish)

    def _originate(self, lsdb: Lsdb, kind: int, ls_id: int, wish: _Wish, renew: bool = False) -> None:
        if wish.content is None:
            return
        process = self.process
        options, body = wish.content
        old = lsdb.get((kind, ls_id, process.router_id))
        sequence = INITIAL_SEQUENCE
        if old is not None:
            same = old.own and (old.lsa.options, old.lsa.content[18:]) == (options, body)
            if same and not renew and not old.at_max_age(process.now):
                return
            if old.lsa.sequence == MAX_SEQUENCE:
                # The sequence numbers are used up: flush, and begin anew when the LSA is gone (12.1.6).
                process.flooding.flush(lsdb, old)
                return
            sequence = old.lsa.sequence + 1
        lsa = build_lsa(kind, ls_id, process.router_id, sequence, options, body)
        wish.last = process.now
        entry = Entry(lsa, 0, process.now, own=True)
        process.flooding.install(lsdb, entry)
        process.flooding.flood(lsdb, entry)
        self._emit(lsdb, entry, flushed=False)

    def _flush(self, lsdb: Lsdb, entry: Entry) -> None:
        self.process.flooding.flush(lsdb, entry)
        self._emit(lsdb, entry, flushed=True)

    def _emit(self, lsdb: Lsdb, entry: Entry, flushed: bool) -> None:
        lsa = entry.lsa
        area = lsdb.area.id if lsdb.area else None
        event = LsaOriginated(self.process.now, area, lsa.type, address(lsa.ls_id), lsa.sequence, flushed)
        self.process.emit(event)

    # --- what comes back, refresh --------------------------------------------------------------------------

    def received(self, lsdb: Lsdb, entry: Entry) -> None:
        """A newer instance of an LSA of ours came in: outdo it, or flush it if it is not wanted (13.4)."""
        lsa = entry.lsa
        wish = self._wishes.get(lsdb, {}).get((lsa.type, lsa.ls_id))
        if wish is not None and wish.content is not None and lsa.advertising_router == self.process.router_id:
            self._originate(lsdb, lsa.type, lsa.ls_id, wish, renew=True)
        elif not entry.flushed:
            self._flush(lsdb, entry)

    def removed(self, lsdb: Lsdb, entry: Entry) -> None:
        """An LSA at MaxAge has left its database; one whose numbers were used up starts again."""
        wish = self._wishes.get(lsdb, {}).get((entry.lsa.type, entry.lsa.ls_id))
        if entry.own and wish is not None and wish.content is not None:
            self._originate(lsdb, entry.lsa.type, entry.lsa.ls_id, wish)

    def refresh(self, lsdb: Lsdb, entry: Entry) -> None:
        """A new instance of the same content."""
        wish = self._wishes.get(lsdb, {}).get((entry.lsa.type, entry.lsa.ls_id))
        if wish is not None and lsdb.holds(entry):
            self._originate(lsdb, entry.lsa.type, entry.lsa.ls_id, wish, renew=True)

    def refresh_group(self) -> None:
        """LSA group pacing: refresh together those of the LSAs that are old enough."""
        now = self.process.now
        for lsdb, wishes in self._wishes.items():
            for (kind, ls_id), wish in list(wishes.items()):
                entry = lsdb.get((kind, ls_id, self.process.router_id))
                if entry is None:
                    if wish.content is None:
                        del wishes[(kind, ls_id)]
                elif wish.content is not None and entry.age(now) >= LS_REFRESH_TIME:
                    self._originate(lsdb, kind, ls_id, wish, renew=True)
