"""Redistribution into EIGRP: what others give, with the metric and the facts that external routes carry."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.net.routing import Route, RouteSource
from iosemu.routing.eigrp import Eigrp, Given, Outside, Vector, interface_delay
from iosemu.subjects.eigrp.config import EigrpProcess
from iosemu.subjects.routing.policy import route_map
from iosemu.subjects.routing.redistribution import Redistribution

_PROTOCOLS = {
    RouteSource.EIGRP: 2, RouteSource.STATIC: 3, RouteSource.RIP: 4, RouteSource.OSPF: 6, RouteSource.BGP: 9,
    RouteSource.CONNECTED: 11,
}  # fmt: skip
"""RFC 7868 6.8.3: external protocol IDs."""
PROTOCOL_NAMES = {
    1: "IGRP", 2: "EIGRP", 3: "Static", 4: "RIP", 5: "HELLO", 6: "OSPF", 7: "IS-IS", 8: "EGP", 9: "BGP", 10: "IDRP",
    11: "Connected",
}  # fmt: skip
_TEN_MICROSECONDS = 10**7
_DEFAULT = IPv4Network("0.0.0.0/0")


class Importer:
    """Takes routes from `Redistribution` as the `redistribute` lines say."""

    def __init__(
        self,
        device: Device,
        config: EigrpProcess,
        engine: Eigrp,
        vector_in: Callable[[str, IPv4Network], Vector | None],
    ) -> None:
        """`vector_in` gives the vector of a network in another process of EIGRP, by the process's name."""
        self.device = device
        self.config = config
        self.engine = engine
        self._vector_in = vector_in
        self.after: Callable[[], None] = lambda: None
        """Called when the engine was given something."""
        self._taken: dict[str, str] = {}

    def configure(self) -> None:
        """Take what the configuration says."""
        redistribution, name = self.device.service(Redistribution), self.config.process
        wanted = self.config.redistribute
        for origin in [origin for origin in self._taken if origin not in wanted]:
            del self._taken[origin]
            redistribution.leave(name, origin, self.config.vrf)
        for origin, each in wanted.items():
            words = f"{each.words} default {self.config.default_metric}"
            if self._taken.get(origin) != words or each.route_map:
                self._taken[origin] = words
                give = partial(self._given, origin)
                redistribution.take(name, origin, give, each.words.strip(), self.config.vrf)

    def stop(self) -> None:
        """Take nothing any more."""
        for origin in self._taken:
            self.device.service(Redistribution).leave(self.config.process, origin, self.config.vrf)
        self._taken = {}

    def _given(self, origin: str, gone: Iterable[IPv4Network], come: Iterable[Route]) -> None:
        lost, found = [(origin, network) for network in gone], []
        for route in come:
            made = self._seeded(origin, route)
            if made is None:
                lost.append((origin, route.network))
            else:
                found.append(made)
        self.engine.redistribute(lost, found, self.device.now)
        self.after()

    def _seeded(self, origin: str, route: Route) -> Given | None:
        """A route with its vector; None: a filter stops it, or nothing gives it a metric (ROUTING.md 2)."""
        wanted = self.config.redistribute.get(origin)
        if wanted is None or (route.interface == "Null0" and route.process == self.config.process):
            return None
        own = route.interface in self.engine.ports and route.source is RouteSource.CONNECTED
        if (
            own
            and route.interface is not None
            and route.network in self.engine.ports[route.interface].config.connected
        ):
            return None
        settings = route_map(self.device, wanted.route_map, route, self.config.vrf)
        if settings is None:
            return None
        given = wanted.metric or self.config.default_metric
        if settings.metric is not None and len(settings.metric) == 5:
            given = settings.metric
        vector = _vector(given) if given is not None else self._natural(route)
        if vector is None:
            return None
        number = route.process.rpartition(" ")[2]
        system = int(number) if number.isdigit() else 0
        tag = settings.tag if settings.tag is not None else route.tag
        outside = Outside(
            IPv4Address(self.engine.config.router_id), system, tag, min(route.metric, 0xFFFFFFFF),
            _PROTOCOLS.get(route.source, 0), 2 if route.network == _DEFAULT else 0,
        )  # fmt: skip
        return Given(route.network, origin, vector, outside, route.next_hop)

    def _natural(self, route: Route) -> Vector | None:
        """The vector of a route that brings its own: attached, static, of another autonomous system."""
        if route.source is RouteSource.EIGRP:
            return self._vector_in(route.process, route.network)
        if route.source not in (RouteSource.CONNECTED, RouteSource.STATIC):
            return None
        interface = self.device.interfaces.get(route.interface or "")
        if interface is None and route.next_hop is not None:
            return self._through(route) or _vector((100000, 10, 255, 1, 1500))
        if interface is None:
            return None
        wide = self.engine.config.weights.wide
        delay = interface_delay(
            interface.bandwidth, interface.delay, interface.config.delay is not None, wide
        )
        return Vector(interface.bandwidth, delay)

    def _through(self, route: Route) -> Vector | None:
        for port in self.engine.ports.values():
            if route.next_hop is not None and any(
                route.next_hop in each.network for each in port.config.addresses
            ):
                return port.config.link
        return None


def _vector(metric: tuple[int, ...]) -> Vector:
    bandwidth, delay, reliability, load, mtu = metric
    return Vector(max(bandwidth, 1), delay * _TEN_MICROSECONDS, mtu, 0, reliability, load)
