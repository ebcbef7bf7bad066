"""Summary-LSAs of an area border router (RFC 2328, 12.4.3 and appendix E)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from iosemu.routing.ospf.constants import LS_INFINITY, AreaKind, LsaType, PathType, RouterFlag
from iosemu.routing.ospf.events import ConflictingLsaId
from iosemu.routing.ospf.interarea import covers
from iosemu.routing.ospf.lsa import SummaryLsa
from iosemu.routing.ospf.numbers import network
from iosemu.routing.ospf.spf import Hops, Prefix

if TYPE_CHECKING:
    from iosemu.routing.ospf.area import Area
    from iosemu.routing.ospf.config import AreaRange
    from iosemu.routing.ospf.core import Core

_DEFAULT = (0, 0)


def assign_ids(prefixes: Iterable[Prefix]) -> tuple[dict[Prefix, int], list[Prefix]]:
    """Link state IDs for prefixes, and the prefixes for which none was free (RFC 2328, appendix E).

    Of prefixes with one network number the shortest gets it; the others set their host bits.
    """
    taken: set[int] = set()
    ids: dict[Prefix, int] = {}
    conflicts: list[Prefix] = []
    for prefix in sorted(prefixes, key=lambda p: (p[1], p[0])):
        number = prefix[0]
        if number in taken:
            number |= 0xFFFFFFFF ^ prefix[1]
        if number in taken:
            conflicts.append(prefix)
            continue
        taken.add(number)
        ids[prefix] = number
    return ids, conflicts


class Summaries:
    """Says in each area how the others are reached."""

    def __init__(self, process: Core) -> None:
        self.process = process
        # Active ranges: prefix → (area, cost).
        self.active: dict[Prefix, tuple[int, int]] = {}
        self._conflicts: set[tuple[int, Prefix]] = set()

    def _ranges(self, area: Area) -> list[tuple[Prefix, AreaRange]]:
        return [((int(r.prefix.network_address), int(r.prefix.netmask)), r) for r in area.config.ranges]

    def find_active(self) -> dict[Prefix, tuple[int, int]]:
        """The ranges to advertise: those with at least one intra-area path. Kept in `active`."""
        self.active = {}
        if not self.process.is_abr:
            return self.active
        combine = min if self.process.config.rfc1583_compatible else max
        for area in self.process.areas.values():
            if area.routes is None:
                continue
            for prefix, configured in self._ranges(area):
                if not configured.advertise:
                    continue
                costs = [path.cost for inner, path in area.routes.prefixes.items() if covers(prefix, inner)]
                if costs:
                    cost = configured.cost if configured.cost is not None else combine(costs)
                    self.active[prefix] = (area.id, cost)
        return self.active

    def advertise(self) -> None:
        """Bring the summary-LSAs of every area up to date."""
        for area in self.process.areas.values():
            networks, routers = self._wishes(area) if self.process.is_abr else ({}, {})
            ids, conflicts = assign_ids(networks)
            for prefix in conflicts:
                if (area.id, prefix) not in self._conflicts:
                    self.process.emit(ConflictingLsaId(self.process.now, area.id, network(*prefix)))
            self._conflicts = {c for c in self._conflicts if c[0] != area.id} | {
                (area.id, p) for p in conflicts
            }
            options = area.lsa_options
            originator = self.process.originator
            originator.replace(
                area.lsdb,
                LsaType.SUMMARY,
                {
                    ids[p]: (options, SummaryLsa(p[1], cost).to_bytes())
                    for p, cost in networks.items()
                    if p in ids
                },
            )
            originator.replace(
                area.lsdb,
                LsaType.ASBR_SUMMARY,
                {router: (options, SummaryLsa(0, cost).to_bytes()) for router, cost in routers.items()},
            )

    def _wishes(self, area: Area) -> tuple[dict[Prefix, int], dict[int, int]]:
        """Cost by prefix, and cost by AS boundary router, to tell an area of."""
        config = area.config
        networks: dict[Prefix, int] = {}
        if config.kind is AreaKind.STUB or (area.nssa and config.no_summary):
            networks[_DEFAULT] = config.default_cost
        if not area.interfaces or (config.no_summary and not area.normal):
            return networks if area.interfaces else {}, {}
        inside = {interface.name for interface in area.interfaces}
        ranges = {
            other.id: [prefix for prefix, _ in self._ranges(other)]
            for other in self.process.areas.values()
            # The backbone is not condensed into transit areas (12.4.3).
            if not (other.is_backbone and area.transit)
        }
        override = self.process.max_metric.summary_metric if self.process.max_metric else None
        for prefix, path in self.process.routing.paths.items():
            if path.type.external or path.discard or path.area == area.id or path.area is None:
                continue
            if path.type is PathType.INTER and area.is_backbone:
                continue
            if self._stays(path.hops, inside) or path.cost >= LS_INFINITY:
                continue
            if path.type is PathType.INTRA and any(covers(r, prefix) for r in ranges.get(path.area, ())):
                continue
            if self.process.tells(path.area, area.id, network(*prefix)):
                networks[prefix] = path.cost if override is None else override
        for prefix, (source, cost) in self.active.items():
            if (
                source != area.id
                and source in ranges
                and self.process.tells(source, area.id, network(*prefix))
            ):
                networks[prefix] = cost if override is None else override
        return networks, self._routers(area, inside) if area.normal else {}

    def _routers(self, area: Area, inside: set[str]) -> dict[int, int]:
        costs: dict[int, int] = {}
        routing = self.process.routing
        for router_id in routing.routers:
            path = routing.best_router(router_id)
            if path is None or not path.flags & RouterFlag.E.value or path.area == area.id:
                continue
            if path.type is PathType.INTER and area.is_backbone:
                continue
            source = self.process.areas.get(path.area)
            # An AS boundary router of a stub area or NSSA has no type 5 LSAs that others could need.
            if source is None or not source.normal or self._stays(path.hops, inside):
                continue
            costs[router_id] = path.cost
        return costs

    @staticmethod
    def _stays(hops: Hops, inside: set[str]) -> bool:
        """Whether the next hops are in the area itself, which then knows better."""
        return bool(hops) and all(name in inside for name, _ in hops)
