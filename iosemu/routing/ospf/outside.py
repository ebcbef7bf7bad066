"""Paths that leave the autonomous system: type 5 and type 7 LSAs (RFC 2328 16.4, RFC 3101 2.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from iosemu.routing.ospf.constants import BACKBONE, LS_INFINITY, LsaType, Option, PathType
from iosemu.routing.ospf.interarea import longest_match
from iosemu.routing.ospf.lsdb import Entry
from iosemu.routing.ospf.spf import Hops, Path, Prefix

if TYPE_CHECKING:
    from iosemu.routing.ospf.area import Area
    from iosemu.routing.ospf.core import Core
    from iosemu.routing.ospf.routing import Routing

_DEFAULT = (0, 0)
Rank = tuple[int, int, int, int, int]


class ExternalPaths:
    """Calculates for `Routing`."""

    def __init__(self, process: Core, routing: Routing) -> None:
        self.process = process
        self.routing = routing

    def _nssas(self) -> Iterator[Area]:
        return (area for area in self.process.areas.values() if area.nssa)

    def prefixes(self) -> set[Prefix]:
        """Every prefix of a type 5 or 7 LSA."""
        found = set(self.process.external_lsdb.prefixes(LsaType.AS_EXTERNAL))
        for area in self._nssas():
            found.update(area.lsdb.prefixes(LsaType.NSSA_EXTERNAL))
        return found

    def forwards(self) -> bool:
        """Whether any LSA has a forwarding address."""
        external = self.process.external_lsdb.tables[LsaType.AS_EXTERNAL].values()
        if any(entry.lsa.external.forwarding_address for entry in external):
            return True
        return any(area.lsdb.tables[LsaType.NSSA_EXTERNAL] for area in self._nssas())

    def calculate_all(self) -> None:
        """All prefixes."""
        for prefix in self.prefixes():
            self.calculate(prefix)

    def _candidates(self, prefix: Prefix) -> Iterator[tuple[Entry, Area | None]]:
        provider = self.process.config.superbackbone
        for entry in self.process.external_lsdb.of_prefix(LsaType.AS_EXTERNAL, prefix):
            if not (provider and entry.lsa.options & Option.DN):
                yield entry, None
        for area in self._nssas():
            for entry in area.lsdb.of_prefix(LsaType.NSSA_EXTERNAL, prefix):
                if not (prefix == _DEFAULT and self._ignores_default(area, entry)):
                    yield entry, area

    def _ignores_default(self, area: Area, entry: Entry) -> bool:
        """A border router does not follow a default of another border router (RFC 3101 2.5, 3)."""
        return self.process.is_abr and (not entry.lsa.propagates or area.config.no_summary)

    def calculate(self, prefix: Prefix) -> None:
        """The best path to one prefix; an internal path is always better."""
        old = self.routing.paths.get(prefix)
        if old is not None and not old.type.external:
            return
        best: tuple[Rank, Path] | None = None
        for entry, area in self._candidates(prefix):
            found = self._path(entry, area)
            if found is None:
                continue
            if best is None or found[0] < best[0]:
                best = found
            elif found[0] == best[0]:
                best = (best[0], best[1]._replace(hops=best[1].hops | found[1].hops))
        if best is not None:
            self.routing.paths[prefix] = best[1]

    def _path(self, entry: Entry, area: Area | None) -> tuple[Rank, Path] | None:
        lsa = entry.lsa
        body = lsa.external
        router = lsa.advertising_router
        process = self.process
        if router == process.router_id or body.metric >= LS_INFINITY or entry.at_max_age(process.now):
            return None
        asbr = self.routing.best_router(router, area.id if area else None)
        if asbr is None:
            return None
        cost, hops, inner, way_area = asbr.cost, asbr.hops, asbr.type, asbr.area
        if body.forwarding_address:
            forward = self._forward(body.forwarding_address, area)
            if forward is None:
                return None
            cost, hops, inner, way_area = forward
        if body.type2:
            kind = PathType.E2 if area is None else PathType.N2
        else:
            kind = PathType.E1 if area is None else PathType.N1
        # Intra-area paths that do not cross the backbone come first where RFC 1583 is not followed (16.4, 6).
        crossing = 0
        if not process.config.rfc1583_compatible:
            crossing = int(inner is not PathType.INTRA or way_area == BACKBONE)
        # A translated-to-be type 7 before a type 5 before other type 7s (RFC 3101 2.5, 6e).
        kind_rank = 1 if area is None else 0 if lsa.propagates and body.forwarding_address else 2
        far = body.metric if body.type2 else 0
        near = cost if body.type2 else cost + body.metric
        rank = (int(body.type2), far, crossing, near, kind_rank)
        return rank, Path(kind, cost, body.metric, area.id if area else None, hops, body.tag, router)

    def _forward(self, target: int, area: Area | None) -> tuple[int, Hops, PathType, int] | None:
        """Cost and hops to a forwarding address: an internal path, for type 7 within its area."""
        match = longest_match(self.routing.paths, target)
        if match is None:
            return None
        path = match[1]
        if area is not None and (path.type is not PathType.INTRA or path.area != area.id):
            return None
        hops = frozenset((name, value or target) for name, value in path.hops)
        return path.cost, hops, path.type, path.area if path.area is not None else BACKBONE
