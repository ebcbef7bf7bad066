"""LSAs with DoNotAge that nobody can take back any more (RFC 1793, 2.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.routing.ospf.constants import DO_NOT_AGE, MAX_AGE
from iosemu.routing.ospf.lsa import ROUTER_VERTEX
from iosemu.routing.ospf.lsdb import Entry, Lsdb

if TYPE_CHECKING:
    from iosemu.routing.ospf.core import Core


class StaleLsas:
    """Flushes LSAs that came over a demand circuit once their router has been unreachable for MaxAge."""

    def __init__(self, process: Core) -> None:
        self.process = process
        self._since: dict[Entry, float] = {}

    def _reachable(self, lsdb: Lsdb, router_id: int) -> bool:
        if lsdb.area is not None:
            tree = lsdb.area.tree
            return tree is not None and router_id | ROUTER_VERTEX in tree.distance
        return self.process.routing.best_router(router_id) is not None

    def purge(self) -> None:
        """Look at every database; the process does so at the pace of LSA groups."""
        process = self.process
        still: dict[Entry, float] = {}
        for lsdb in [process.external_lsdb, *(area.lsdb for area in process.areas.values())]:
            for entry in [each for each in lsdb if each.age_then & DO_NOT_AGE]:
                router_id = entry.lsa.advertising_router
                if router_id == process.router_id:
                    continue
                if self._reachable(lsdb, router_id):
                    continue
                since = self._since.get(entry, process.now)
                if process.now - since >= MAX_AGE:
                    process.flooding.flush(lsdb, entry)
                else:
                    still[entry] = since
        self._since = still
