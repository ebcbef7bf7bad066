"""Type 5 and type 7 LSAs of our own, and the translation between them (RFC 2328 12.4.4, RFC 3101)."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from iosemu.routing.ospf.config import ExternalRoute, SummaryAddress
from iosemu.routing.ospf.constants import (
    InterfaceState,
    LsaType,
    MetricType,
    NetworkType,
    Option,
    RouterFlag,
)
from iosemu.routing.ospf.events import ConflictingLsaId
from iosemu.routing.ospf.interarea import covers
from iosemu.routing.ospf.lsa import ExternalLsa
from iosemu.routing.ospf.numbers import network
from iosemu.routing.ospf.spf import Prefix
from iosemu.routing.ospf.summaries import assign_ids

if TYPE_CHECKING:
    from iosemu.routing.ospf.area import Area
    from iosemu.routing.ospf.core import Core

_DEFAULT = (0, 0)
_CLASSES = ((0x80000000, 8), (0xC0000000, 16), (0xE0000000, 24))


def is_classful(prefix: IPv4Network) -> bool:
    """Whether the mask is the one of the address's class, which is all that goes in without `subnets`."""
    number = int(prefix.network_address)
    return (
        prefix.prefixlen == 0 or next((bits for end, bits in _CLASSES if number < end), 0) == prefix.prefixlen
    )


def _key(prefix: IPv4Network) -> Prefix:
    return (int(prefix.network_address), int(prefix.netmask))


class Externals:
    """Holds what is redistributed and says what is advertised of it."""

    def __init__(self, process: Core) -> None:
        self.process = process
        self.routes: dict[Prefix, ExternalRoute] = {}
        self.default_available = False
        self.wanted = True
        self._conflicts: set[Prefix] = set()

    def put(self, route: ExternalRoute) -> None:
        """Redistribute a route."""
        self.routes[(int(route.prefix.network_address), int(route.prefix.netmask))] = route
        self.wanted = True

    def withdraw(self, prefix: IPv4Network) -> None:
        """Stop redistributing; nothing happens if it was not."""
        self.routes.pop((int(prefix.network_address), int(prefix.netmask)), None)
        self.wanted = True

    def changed(self) -> None:
        """Have everything worked out anew."""
        self.wanted = True

    def advertise_if_wanted(self) -> None:
        """Do so after a change that no calculation followed."""
        if self.wanted:
            self.advertise()

    @property
    def originates_default(self) -> bool:
        """Whether `default-information originate` is in force."""
        information = self.process.config.default_information
        return information is not None and (information.always or self.default_available)

    def advertise(self) -> None:
        """Bring the type 5 and type 7 LSAs up to date."""
        nssas = [area for area in self.process.areas.values() if area.nssa]
        if not self.wanted and not nssas:
            return
        self.wanted = False
        routes = self._redistributed()
        for area in nssas:
            self._advertise(area, self._type7(area, routes))
        wishes: dict[Prefix, tuple[int, ExternalLsa]] = {}
        if any(area.normal and area.interfaces for area in self.process.areas.values()):
            options = Option.E.value | Option.DC.value
            for area in nssas:
                if self.process.is_abr and self.translates(area):
                    wishes.update((p, (options, lsa)) for p, lsa in self._aggregated(area).items())
            wishes.update((p, (options, self._lsa(route))) for p, route in routes.items())
        self._advertise(None, wishes)

    def _aggregate(self, prefix: Prefix) -> SummaryAddress | None:
        """The `summary-address` that a prefix lies in."""
        every = self.process.config.summary_addresses
        return next((each for each in every if covers(_key(each.prefix), prefix)), None)

    def _redistributed(self) -> dict[Prefix, ExternalRoute]:
        """What is redistributed, with `summary-address` applied, and the default route."""
        routes: dict[Prefix, ExternalRoute] = {}
        for prefix, route in self.routes.items():
            if prefix == _DEFAULT or not (route.subnets or is_classful(route.prefix)):
                continue
            around = self._aggregate(prefix)
            if around is None:
                routes[prefix] = route
            elif around.advertise:
                old = routes.get(_key(around.prefix))
                if old is None or (route.metric_type, route.metric) < (old.metric_type, old.metric):
                    summary = ExternalRoute(around.prefix, route.metric, route.metric_type, around.tag)
                    routes[_key(around.prefix)] = summary
        information = self.process.config.default_information
        if information is not None and self.originates_default:
            tag = self.process.config.process_id
            routes[_DEFAULT] = ExternalRoute(
                network(*_DEFAULT), information.metric, information.metric_type, tag
            )
        return routes

    def _forwarding(self, route: ExternalRoute, area: Area | None) -> int:
        """The next hop, if it is on a network with broadcast that runs OSPF and is not passive."""
        if route.next_hop is None:
            return 0
        target = int(route.next_hop)
        for interface in self.process.interfaces.values():
            if (
                interface.kind.elects
                and not interface.config.passive
                and interface.state not in (InterfaceState.DOWN, InterfaceState.LOOPBACK)
                and target & interface.mask == interface.network
                and (interface.area is area if area is not None else interface.area.normal)
            ):
                return target
        return 0

    def _lsa(self, route: ExternalRoute, area: Area | None = None) -> ExternalLsa:
        metric = route.metric
        if self.process.max_metric is not None and self.process.max_metric.external_metric is not None:
            metric = self.process.max_metric.external_metric
        type2 = route.metric_type is MetricType.E2
        mask = int(route.prefix.netmask)
        return ExternalLsa(mask, type2, metric, self._forwarding(route, area), route.tag)

    # --- type 7 --------------------------------------------------------------------------------------------

    def _type7(
        self, area: Area, routes: dict[Prefix, ExternalRoute]
    ) -> dict[Prefix, tuple[int, ExternalLsa]]:
        wishes: dict[Prefix, tuple[int, ExternalLsa]] = {}
        border = self.process.is_abr
        if not (area.config.no_redistribution and border):
            for prefix, route in routes.items():
                if prefix != _DEFAULT:
                    wishes[prefix] = self._propagated(area, self._lsa(route, area))
        default = area.config.nssa_default
        if default is not None and (border or self.default_available):
            lsa = ExternalLsa(0, default.metric_type is MetricType.E2, default.metric)
            # A border router's default never leaves the area (RFC 3101, 2.4).
            wishes[_DEFAULT] = (Option.DC.value, lsa) if border else self._propagated(area, lsa)
        return wishes

    def _propagated(self, area: Area, lsa: ExternalLsa) -> tuple[int, ExternalLsa]:
        """With the P bit and the forwarding address that it needs, unless we are a border router ourselves."""
        if self.process.is_abr:
            return Option.DC.value, lsa
        address = lsa.forwarding_address or self._own_address(area)
        if not address:
            return Option.DC.value, lsa
        return Option.NP.value | Option.DC.value, lsa._replace(forwarding_address=address)

    @staticmethod
    def _own_address(area: Area) -> int:
        """An address of ours in the area, a loopback's if there is one (RFC 3101, 2.3)."""
        up = area.up_interfaces()
        loopbacks = [i.address for i in up if i.kind is NetworkType.LOOPBACK]
        return max(loopbacks) if loopbacks else next((i.address for i in up), 0)

    # --- translation ---------------------------------------------------------------------------------------

    def translates(self, area: Area) -> bool:
        """Whether we translate: always, or as the reachable border router with the highest ID (RFC 3101, 3.1)."""
        if area.config.translate_always:
            return True
        if area.routes is None:
            return False
        borders = {
            router: path for router, path in area.routes.routers.items() if path.flags & RouterFlag.B.value
        }
        if any(path.flags & RouterFlag.NT.value for path in borders.values()):
            return False
        return all(router < self.process.router_id for router in borders)

    def _aggregated(self, area: Area) -> dict[Prefix, ExternalLsa]:
        """What is translated, with `summary-address` applied."""
        found: dict[Prefix, ExternalLsa] = {}
        for prefix, lsa in self._translated(area).items():
            around = self._aggregate(prefix)
            if around is None:
                found[prefix] = lsa
            elif around.advertise:
                key = _key(around.prefix)
                old = found.get(key)
                if old is None or (lsa.type2, lsa.metric) < (old.type2, old.metric):
                    found[key] = ExternalLsa(key[1], lsa.type2, lsa.metric, 0, around.tag)
        return found

    def _translated(self, area: Area) -> dict[Prefix, ExternalLsa]:
        found: dict[Prefix, ExternalLsa] = {}
        process = self.process
        for entry in area.lsdb.tables[LsaType.NSSA_EXTERNAL].values():
            lsa = entry.lsa
            body = lsa.external
            if (
                not lsa.propagates
                or not body.forwarding_address
                or lsa.advertising_router == process.router_id
                or entry.at_max_age(process.now)
                or lsa.prefix is None
                or process.routing.best_router(lsa.advertising_router, area.id) is None
            ):
                continue
            old = found.get(lsa.prefix)
            if old is None or (body.type2, body.metric) < (old.type2, old.metric):
                address = 0 if area.config.suppress_forwarding_address else body.forwarding_address
                found[lsa.prefix] = body._replace(forwarding_address=address, tail=b"")
        return found

    def _advertise(self, area: Area | None, wishes: dict[Prefix, tuple[int, ExternalLsa]]) -> None:
        lsdb = area.lsdb if area is not None else self.process.external_lsdb
        kind = LsaType.NSSA_EXTERNAL if area is not None else LsaType.AS_EXTERNAL
        ids, conflicts = assign_ids(wishes)
        if area is None:
            for prefix in conflicts:
                if prefix not in self._conflicts:
                    self.process.emit(ConflictingLsaId(self.process.now, None, network(*prefix)))
            self._conflicts = set(conflicts)
        contents = {ids[p]: (options, lsa.to_bytes()) for p, (options, lsa) in wishes.items() if p in ids}
        self.process.originator.replace(lsdb, kind, contents)
