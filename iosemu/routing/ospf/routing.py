"""When routes are calculated and how they change: the schedule of SPF, partial runs, the table (RFC 2328, 16)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from iosemu.routing.ospf.constants import BACKBONE, LsaType, PathType
from iosemu.routing.ospf.events import NextHop, Route, RouteChange, SpfRun
from iosemu.routing.ospf.incremental import follow, follow_routes
from iosemu.routing.ospf.interarea import InterArea
from iosemu.routing.ospf.lsa import ROUTER_VERTEX, Lsa
from iosemu.routing.ospf.lsdb import Lsdb
from iosemu.routing.ospf.numbers import address, network, optional
from iosemu.routing.ospf.outside import ExternalPaths
from iosemu.routing.ospf.spf import Hops, Path, Prefix, RouterPath, Tree, area_routes, shortest_paths

if TYPE_CHECKING:
    from iosemu.routing.ospf.area import Area
    from iosemu.routing.ospf.core import Core
    from iosemu.routing.ospf.timers import Timer

_REASONS: dict[int, str] = {
    LsaType.ROUTER: "R",
    LsaType.NETWORK: "N",
    LsaType.SUMMARY: "SN",
    LsaType.ASBR_SUMMARY: "SA",
    LsaType.AS_EXTERNAL: "X",
    LsaType.NSSA_EXTERNAL: "X7",
}


_ROUTER, _NETWORK = LsaType.ROUTER.value, LsaType.NETWORK.value


@lru_cache(maxsize=65536)
def _next_hops(hops: Hops, limit: int) -> tuple[NextHop, ...]:
    """The first so many next hops in order; many prefixes share them."""
    return tuple(NextHop(name, optional(value)) for name, value in sorted(hops)[:limit])


class Routing:
    """The local RIB of the process."""

    __slots__ = (
        "_all", "_areas", "_externals", "_hold", "_inter", "_last_run", "_outside", "_reasons",
        "_summaries", "_wanted_since", "installed", "log", "paths", "process", "routers", "runs",
        "timer",
    )  # fmt: skip

    timer: Timer

    def __init__(self, process: Core) -> None:
        self.process = process
        self.paths: dict[Prefix, Path] = {}
        # Paths to area border and AS boundary routers, of every area; inter-area ones under the area they cross.
        self.routers: dict[int, list[RouterPath]] = {}
        self.installed: dict[Prefix, Route] = {}
        self.runs = 0
        self.log: list[SpfRun] = []
        self._areas: set[Area] = set()
        self._summaries: set[Prefix] = set()
        self._externals: set[Prefix] = set()
        self._all = False
        self._reasons: set[str] = set()
        self._wanted_since: float | None = None
        self._last_run: float | None = None
        self._hold = 0.0
        self._inter = InterArea(process, self)
        self._outside = ExternalPaths(process, self)

    # --- what there is to do -------------------------------------------------------------------------------

    def lsa_changed(self, lsdb: Lsdb, new: Lsa, old: Lsa | None) -> None:
        """An LSA came, went, or has new content (13.2)."""
        kind = new.type
        if kind in (_ROUTER, _NETWORK):
            area = lsdb.area
            assert area is not None
            if area.changes is not None:
                area.changes.add(new.ls_id | ROUTER_VERTEX if kind == _ROUTER else new.ls_id)
            self._schedule(area, _REASONS[kind])
            return
        prefixes = {lsa.prefix for lsa in (new, old) if lsa is not None and lsa.prefix is not None}
        if kind == LsaType.SUMMARY:
            self._summaries |= prefixes
        elif kind == LsaType.ASBR_SUMMARY:
            self._externals |= self._outside.prefixes()
            self._all = True
        elif kind in (LsaType.AS_EXTERNAL, LsaType.NSSA_EXTERNAL):
            self._externals |= prefixes
        else:
            return
        self._reasons.add(_REASONS[kind])

    def topology_changed(self, area: Area, reason: str) -> None:
        """The tree of an area must be built anew: schedule SPF."""
        area.changes = None
        self._schedule(area, reason)

    def _schedule(self, area: Area, reason: str) -> None:
        """Have SPF run for an area when it may (`timers throttle spf`)."""
        self._areas.add(area)
        self._reasons.add(reason)
        if self._wanted_since is not None:
            return
        config = self.process.config
        self._wanted_since = now = self.process.now
        if self._last_run is None or now - self._last_run >= 2 * config.spf_maximum:
            self._hold = config.spf_hold
            when = now + config.spf_start
        else:
            when = max(now + config.spf_start, self._last_run + self._hold)
            self._hold = min(2 * self._hold, config.spf_maximum)
        self.timer.start(when)

    def recalculate(self) -> None:
        """Have all but the trees calculated at the next opportunity: a policy has changed."""
        self._all = True
        self._reasons.add("config")

    @property
    def next_run(self) -> float | None:
        """When SPF is due."""
        return self.timer.when

    @property
    def hold(self) -> float:
        """The hold time in force, in seconds."""
        return self._hold or self.process.config.spf_hold

    @property
    def last_run(self) -> float | None:
        """When SPF ran last."""
        return self._last_run

    @property
    def waiting(self) -> bool:
        """Whether there is something for `run_partial`."""
        return self._all or bool(self._summaries) or bool(self._externals)

    # --- runs ----------------------------------------------------------------------------------------------

    def run(self) -> None:
        """SPF for the areas whose trees changed, then all other routes."""
        process = self.process
        waited = process.now - self._wanted_since if self._wanted_since is not None else 0.0
        # Virtual links take their next hops from the tree of the transit area, so the backbone comes last.
        areas = {area for area in self._areas if process.areas.get(area.id) is area}
        backbone = process.areas.get(BACKBONE)
        if backbone is not None and any(area.virtual_links for area in areas):
            areas.add(backbone)
        ordered = sorted(areas, key=lambda area: (area.is_backbone, area.id))
        # What the run itself changes asks for the next one.
        self._areas.clear()
        self._wanted_since = None
        self._last_run = process.now
        vertices = 0
        for area in ordered:
            tree = self._shortest_paths(area)
            area.spf_runs += 1
            area.last_spf = process.now
            vertices += len(tree.distance)
            process.virtual_links.follow(area)
        self.runs += 1
        self._calculate(tuple(area.id for area in ordered), waited, vertices)

    def _shortest_paths(self, area: Area) -> Tree:
        """The tree of an area and its routes: brought up to date where it is known what changed, else built anew."""
        tree, routes, changes = area.tree, area.routes, area.changes
        area.changes = set()
        if tree is not None and routes is not None and changes is not None:
            affected = follow(area, tree, changes)
            if affected is not None and follow_routes(area, tree, routes, affected):
                return tree
        tree = area.tree = shortest_paths(area, self.process.router_id)
        area.routes = area_routes(area, tree)
        return tree

    def run_partial(self) -> None:
        """Routes whose summary or external LSAs changed, unless a full run is coming anyway."""
        if not self.waiting or self._wanted_since is not None:
            return
        if self._all:
            self._calculate((), 0.0, 0)
            return
        prefixes = self._summaries | self._externals
        if self._summaries and self._outside.forwards():
            # The way to a forwarding address may have changed.
            prefixes |= self._outside.prefixes()
        reasons = self._take_reasons()
        changed = 0
        before = {prefix: self.paths.pop(prefix, None) for prefix in prefixes}
        for prefix in prefixes:
            self._intra(prefix)
            self._inter.calculate(prefix)
        self._inter.transit(prefixes)
        for prefix in prefixes:
            self._outside.calculate(prefix)
        self._inter.discard(prefixes)
        for prefix, old in before.items():
            changed += self._publish(prefix, old)
        self._log((), reasons, 0.0, 0, len(prefixes), changed)
        self.process.advertise_routes()

    def _take_reasons(self) -> frozenset[str]:
        reasons = frozenset(self._reasons)
        self._reasons.clear()
        self._summaries.clear()
        self._externals.clear()
        self._all = False
        return reasons

    def _intra(self, prefix: Prefix) -> None:
        for area in self.process.areas.values():
            path = area.routes.prefixes.get(prefix) if area.routes else None
            if path is not None:
                self._offer_intra(prefix, path)

    def _offer_intra(self, prefix: Prefix, path: Path) -> None:
        old = self.paths.get(prefix)
        if old is None or path.cost < old.cost:
            self.paths[prefix] = path
        elif path.cost == old.cost and path.hops != old.hops:
            self.paths[prefix] = old._replace(hops=old.hops | path.hops)

    def _calculate(self, areas: tuple[int, ...], waited: float, vertices: int) -> None:
        reasons = self._take_reasons()
        before = self.paths
        self.paths = {}
        self.routers = {}
        for area in self.process.areas.values():
            if area.routes is None:
                continue
            if not self.paths:
                self.paths = dict(area.routes.prefixes)
            else:
                for prefix, path in area.routes.prefixes.items():
                    self._offer_intra(prefix, path)
            for router_id, way in area.routes.routers.items():
                self.routers.setdefault(router_id, []).append(way)
        self.process.refresh_roles()
        self._inter.calculate_all()
        self._outside.calculate_all()
        self._inter.discard(None)
        changed = 0
        for prefix, old in before.items():
            new = self.paths.get(prefix)
            if new is not old and new != old:
                changed += self._publish(prefix, old)
        for prefix in self.paths.keys() - before.keys():
            changed += self._publish(prefix, None)
        self._log(areas, reasons, waited, vertices, len(self.paths), changed)
        self.process.advertise_routes()

    def _log(
        self,
        areas: tuple[int, ...],
        reasons: frozenset[str],
        waited: float,
        vertices: int,
        prefixes: int,
        changes: int,
    ) -> None:
        event = SpfRun(self.process.now, self.runs, areas, reasons, waited, vertices, prefixes, changes)
        self.log.append(event)
        # `show ip ospf statistics` remembers the last ten.
        del self.log[:-10]
        self.process.emit(event)

    # --- the table -----------------------------------------------------------------------------------------

    def _publish(self, prefix: Prefix, old: Path | None) -> int:
        """Tell of a change of one prefix; 1 if there is one."""
        new = self.paths.get(prefix)
        if new == old:
            return 0
        route = self.route(prefix, new) if new is not None and new.hops else None
        if route is not None and not self.process.accepts(route):
            route = None
        before = self.installed.pop(prefix, None)
        if route is not None:
            self.installed[prefix] = route
        if before == route:
            return 0
        self.process.emit(RouteChange(self.process.now, before, route))
        return 1

    def filter_again(self) -> None:
        """The distribute-list has changed: look at every route again."""
        for prefix, path in self.paths.items():
            route = self.route(prefix, path) if path.hops else None
            if route is not None and not self.process.accepts(route):
                route = None
            before = self.installed.pop(prefix, None)
            if route is not None:
                self.installed[prefix] = route
            if before != route:
                self.process.emit(RouteChange(self.process.now, before, route))

    def route(self, prefix: Prefix, path: Path) -> Route:
        """A path as others see it: next hops in order, no more than `maximum-paths`."""
        kind = path.type
        return Route(
            network(*prefix),
            kind,
            path.metric if kind >= PathType.E2 else path.cost + path.metric,
            path.area,
            _next_hops(path.hops, self.process.config.max_paths),
            path.cost,
            path.tag,
            address(path.source),
            path.discard,
        )

    def best_router(self, router_id: int, area: int | None = None) -> RouterPath | None:
        """The path to an ASBR to use (16.4.1): in one area, or in any."""
        paths = self.routers.get(router_id)
        if not paths:
            return None
        if area is not None:
            return next((path for path in paths if path.area == area and path.type is PathType.INTRA), None)
        if self.process.config.rfc1583_compatible:
            return min(paths, key=lambda path: (path.type, path.cost, -path.area))
        return min(
            paths,
            key=lambda path: (
                path.type is not PathType.INTRA or path.area == BACKBONE,
                path.cost,
                -path.area,
            ),
        )
