"""Redistribution into OSPF: what others give becomes external routes of the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network

from iosemu.box.device import Device
from iosemu.net.routing import Route, RouteSource
from iosemu.routing.ospf import ExternalRoute, MetricType, Process
from iosemu.subjects.ospf.config.process import OspfProcess, Redistribute
from iosemu.subjects.ospf.service.filters import redistributes
from iosemu.subjects.routing.policy import route_map
from iosemu.subjects.routing.redistribution import Redistribution

DEFAULT = IPv4Network("0.0.0.0/0")
_MATCH = {
    "": "internal",
    "IA": "internal",
    "E1": "external 1",
    "E2": "external 2",
    "N1": "nssa-external 1",
    "N2": "nssa-external 2",
}


class Importer:
    """Takes routes from `Redistribution` as the `redistribute` lines say."""

    def __init__(
        self, device: Device, config: OspfProcess, engine: Process, covers: Callable[[str], bool]
    ) -> None:
        self.device = device
        self.config = config
        self.engine = engine
        self.covers = covers
        self.after: Callable[[], None] = lambda: None
        """Called when the engine was given something."""
        self._name = f"ospf {config.number}"
        self._taken: set[str] = set()
        self._offers: dict[IPv4Network, dict[str, ExternalRoute]] = {}
        """What each origin gives for a network: several may."""

    def configure(self) -> None:
        """Take what the configuration says."""
        redistribution = self.device.service(Redistribution)
        for origin in self._taken - set(self.config.redistribute):
            redistribution.leave(self._name, origin, self.config.vrf)
        for origin, wanted in self.config.redistribute.items():
            redistribution.take(
                self._name, origin, self._giver(origin), wanted.words().strip(), self.config.vrf
            )
        self._taken = set(self.config.redistribute)

    def coverage_changed(self) -> None:
        """The process runs on other interfaces: their networks are no longer, or now, external."""
        if "connected" in self._taken:
            self.configure()

    def stop(self) -> None:
        """Take nothing any more."""
        for origin in self._taken:
            self.device.service(Redistribution).leave(self._name, origin, self.config.vrf)
        self._taken = set()

    def default_permitted(self, route: Route) -> bool:
        """Whether the route-map of `default-information originate` lets a default count."""
        wanted = self.config.default_information
        return wanted is None or route_map(self.device, wanted.route_map, route, self.config.vrf) is not None

    def _giver(self, origin: str) -> Callable[[Iterable[IPv4Network], Iterable[Route]], None]:
        return lambda gone, come: self._given(origin, gone, come)

    def _given(self, origin: str, gone: Iterable[IPv4Network], come: Iterable[Route]) -> None:
        changed: dict[IPv4Network, None] = {}
        for network in gone:
            self._offers.get(network, {}).pop(origin, None)
            changed[network] = None
        for route in come:
            made = self._external(origin, route)
            if made is None:
                self._offers.get(route.network, {}).pop(origin, None)
            else:
                self._offers.setdefault(route.network, {})[origin] = made
            changed[route.network] = None
        now = self.device.now
        offered = {network: next(iter(self._offers.get(network, {}).values()), None) for network in changed}
        self.engine.withdraw([network for network, made in offered.items() if made is None], now)
        self.engine.redistribute([made for made in offered.values() if made is not None], now)
        for network in changed:
            if not self._offers.get(network, True):
                del self._offers[network]
        self.after()

    def _external(self, origin: str, route: Route) -> ExternalRoute | None:
        settings = self.config.redistribute.get(origin)
        if settings is None or route.network == DEFAULT:
            return None
        if route.source is RouteSource.CONNECTED and route.interface and self.covers(route.interface):
            return None
        if (
            settings.match
            and route.source is RouteSource.OSPF
            and _MATCH[route.subtype] not in settings.match
        ):
            return None
        if not redistributes(self.device, self.config.filters_out.values(), route, origin):
            return None
        changes = route_map(self.device, settings.route_map, route, self.config.vrf)
        if changes is None:
            return None
        metric = changes.metric[0] if changes.metric is not None else self._metric(settings, route)
        kind = settings.metric_type or 2
        if changes.metric_type in ("type-1", "type-2"):
            kind = int(changes.metric_type[-1])
        tag = changes.tag if changes.tag is not None else settings.tag
        return ExternalRoute(
            route.network,
            metric,
            MetricType(kind),
            tag if tag is not None else route.tag,
            settings.subnets,
            route.next_hop,
        )

    def _metric(self, settings: Redistribute, route: Route) -> int:
        if settings.metric is not None:
            return settings.metric
        if self.config.default_metric is not None and route.source is not RouteSource.CONNECTED:
            return self.config.default_metric
        if route.source is RouteSource.OSPF:
            return route.metric
        return 1 if route.source is RouteSource.BGP else 20
