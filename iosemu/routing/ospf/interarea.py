"""Inter-area paths: summary-LSAs in, and through transit areas (RFC 2328, 16.2 and 16.3; RFC 3509)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from iosemu.routing.ospf.constants import BACKBONE, LS_INFINITY, LsaType, Option, PathType, RouterFlag
from iosemu.routing.ospf.lsdb import Entry
from iosemu.routing.ospf.numbers import prefix_length
from iosemu.routing.ospf.spf import Path, Prefix, RouterPath

if TYPE_CHECKING:
    from iosemu.routing.ospf.area import Area
    from iosemu.routing.ospf.core import Core
    from iosemu.routing.ospf.routing import Routing

_NULL = frozenset({("Null0", 0)})


class InterArea:
    """Calculates for `Routing`."""

    def __init__(self, process: Core, routing: Routing) -> None:
        self.process = process
        self.routing = routing

    def _areas(self) -> list[Area]:
        """The areas whose summaries count: the backbone's alone on an area border router."""
        if self.process.is_abr:
            backbone = self.process.areas.get(BACKBONE)
            return [backbone] if backbone is not None else []
        return list(self.process.areas.values())

    def _border(self, area: Area, router_id: int) -> RouterPath | None:
        path = area.routes.routers.get(router_id) if area.routes else None
        return path if path is not None and path.flags & RouterFlag.B.value else None

    def _usable(self, entry: Entry) -> bool:
        lsa = entry.lsa
        if self.process.config.superbackbone and lsa.options & Option.DN:
            return False
        own = lsa.advertising_router == self.process.router_id
        return not own and lsa.summary.metric < LS_INFINITY and not entry.at_max_age(self.process.now)

    def calculate_all(self) -> None:
        """All summary-LSAs."""
        for area in self._areas():
            for entry in area.lsdb.tables[LsaType.ASBR_SUMMARY].values():
                self._asbr(area, entry)
            for entry in area.lsdb.tables[LsaType.SUMMARY].values():
                self._network(area, entry)
        self.transit(None)

    def calculate(self, prefix: Prefix) -> None:
        """The summary-LSAs of one prefix."""
        for area in self._areas():
            for entry in area.lsdb.of_prefix(LsaType.SUMMARY, prefix):
                self._network(area, entry)

    def _network(self, area: Area, entry: Entry) -> None:
        prefix = entry.lsa.prefix
        if prefix is None or not self._usable(entry):
            return
        paths = self.routing.paths
        old = paths.get(prefix)
        if old is not None and old.type is PathType.INTRA:
            return
        border = self._border(area, entry.lsa.advertising_router)
        if border is None or self._own_range(prefix):
            return
        cost = border.cost + entry.lsa.summary.metric
        if old is None or cost < old.cost:
            source = entry.lsa.advertising_router
            paths[prefix] = Path(PathType.INTER, cost, 0, area.id, border.hops, 0, source)
        elif cost == old.cost:
            paths[prefix] = old._replace(hops=old.hops | border.hops)

    def _own_range(self, prefix: Prefix) -> bool:
        """Whether the prefix is an active range of ours, whose summaries from elsewhere do not count (16.2, 3)."""
        return self.process.is_abr and prefix in self.process.summaries.active

    def _asbr(self, area: Area, entry: Entry) -> None:
        target = entry.lsa.ls_id
        border = self._border(area, entry.lsa.advertising_router)
        if border is None or not self._usable(entry) or target == self.process.router_id:
            return
        cost = border.cost + entry.lsa.summary.metric
        paths = self.routing.routers.setdefault(target, [])
        if any(path.type is PathType.INTRA and path.flags & RouterFlag.E.value for path in paths):
            return
        same = next((path for path in paths if path.type is PathType.INTER and path.area == area.id), None)
        path = RouterPath(PathType.INTER, cost, area.id, border.hops, RouterFlag.E.value)
        if same is not None:
            if cost > same.cost:
                return
            if cost == same.cost:
                path = path._replace(hops=path.hops | same.hops)
            paths.remove(same)
        paths.append(path)

    def transit(self, prefixes: Iterable[Prefix] | None) -> None:
        """Better ways of backbone paths through transit areas (16.3)."""
        wanted = set(prefixes) if prefixes is not None else None
        for area in self.process.areas.values():
            if not area.transit or area.is_backbone:
                continue
            for entry in area.lsdb.tables[LsaType.SUMMARY].values():
                prefix = entry.lsa.prefix
                if prefix is None or (wanted is not None and prefix not in wanted):
                    continue
                old = self.routing.paths.get(prefix)
                border = self._border(area, entry.lsa.advertising_router)
                if old is None or border is None or old.area != BACKBONE or not self._usable(entry):
                    continue
                cost = border.cost + entry.lsa.summary.metric
                if cost < old.cost:
                    self.routing.paths[prefix] = old._replace(cost=cost, hops=border.hops)
                elif cost == old.cost:
                    self.routing.paths[prefix] = old._replace(hops=old.hops | border.hops)

    def discard(self, prefixes: Iterable[Prefix] | None) -> None:
        """A route to Null0 for every active range, so that what it covers and nobody has does not loop."""
        active = self.process.summaries.find_active()
        wanted = set(prefixes) if prefixes is not None else None
        for prefix, (area, cost) in active.items():
            if wanted is not None and prefix not in wanted:
                continue
            old = self.routing.paths.get(prefix)
            if old is not None and old.type is PathType.INTRA and not old.discard:
                continue
            own = self.process.router_id
            self.routing.paths[prefix] = Path(PathType.INTRA, cost, 0, area, _NULL, 0, own, discard=True)


def longest_match(paths: dict[Prefix, Path], target: int) -> tuple[Prefix, Path] | None:
    """The internal path whose prefix covers an address best, ranges to Null0 left out."""
    for length in range(32, -1, -1):
        mask = 0xFFFFFFFF ^ 0xFFFFFFFF >> length
        path = paths.get((target & mask, mask))
        if path is not None and not path.discard and not path.type.external:
            return (target & mask, mask), path
    return None


def covers(outer: Prefix, inner: Prefix) -> bool:
    """Whether a prefix lies in another."""
    return inner[0] & outer[1] == outer[0] and prefix_length(inner[1]) >= prefix_length(outer[1])
