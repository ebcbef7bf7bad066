"""Redistribution: what the routing table has from one source is given to who asked for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv4Network

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.ip.stack import IpStack
from iosemu.ip.vrf import Vrf
from iosemu.net.routing import Route, RouteSource
from iosemu.net.scheduler import Timer
from iosemu.subjects.routing.protocols import RoutingProtocols

Give = Callable[[Iterable[IPv4Network], Iterable[Route]], None]
"""Told what is gone, and which routes are there anew or are others than before."""

_NAMES = {RouteSource.CONNECTED: "connected", RouteSource.STATIC: "static"}


_Key = tuple[str, str, str]
"""The instance of routing, the taker and the origin."""


@dataclass
class _Order:
    """What one taker takes from one origin."""

    taker: str
    origin: str
    words: str
    give: Give
    vrf: str = ""
    """The table that it is taken from."""
    given: dict[IPv4Network, Route] = field(default_factory=dict)


class Redistribution(Service):
    """Watches the routing table for those who `take` routes.

    A taker gets the routes that are installed from its origin, one a network, and of a protocol the connected
    networks that it covers as well. Filters and metrics are the taker's. What it gets at first and later is put
    together at the end of the moment in lab time.
    """

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._orders: dict[_Key, _Order] = {}
        self._pending: dict[tuple[str, IPv4Network], None] = {}
        self._watched: dict[str, Vrf] = {}
        """The tables whose changes are told here."""
        self._fresh: dict[_Key, None] = {}
        self._timer: Timer | None = None

    def _watch(self, name: str) -> None:
        """Be told of the changes of a table; one of the same name may be another one than before."""
        vrf = self.device.service(IpStack).vrf(name)
        if self._watched.get(name) is not vrf:
            self._watched[name] = vrf
            vrf.routes.listeners.append(partial(self._changed, name))

    def stop(self) -> None:
        """Power goes."""
        if self._timer is not None:
            self._timer.cancel()

    def take(self, taker: str, origin: str, give: Give, words: str = "", vrf: str = "") -> None:
        """Give `taker` (`ospf 1`) the routes of `origin`: `connected`, `static`, `rip`, `ospf 1`, `bgp 65000` …

        `words` are what stands behind `redistribute ORIGIN`, for `Advertised by` in the shows. Taking again what is
        taken already gives everything once more, for a filter or metric that changed. They are those of one instance of
        routing, the default one unless `vrf` names another.
        """
        key = (vrf, taker, origin)
        known = self._orders.get(key)
        given = known.given if known is not None else {}
        self._watch(vrf)
        self._orders[key] = _Order(taker, origin, words, give, vrf, given)
        self._again(key)

    def leave(self, taker: str, origin: str, vrf: str = "") -> None:
        """No longer give `taker` the routes of `origin`; what it has it is told to be gone."""
        order = self._orders.pop((vrf, taker, origin), None)
        self._fresh.pop((vrf, taker, origin), None)
        if order is not None and order.given:
            order.give(list(order.given), ())

    def coverage_changed(self, process: str, vrf: str = "") -> None:
        """A protocol runs on other interfaces than before."""
        for key, order in self._orders.items():
            if order.origin == process and order.vrf == vrf:
                self._again(key)

    def takers(self, route: Route, vrf: str = "") -> Iterator[tuple[str, str]]:
        """Who takes a route of a table, and the words of its `redistribute`."""
        for order in self._orders.values():
            if order.vrf == vrf and self._wants(order, route):
                yield order.taker, order.words

    # --- inside --------------------------------------------------------------------------------------

    def _again(self, key: _Key) -> None:
        self._fresh[key] = None
        self._plan()

    def _changed(self, vrf: str, old: tuple[Route, ...], new: tuple[Route, ...]) -> None:
        if self._orders:
            self._pending[vrf, (new or old)[0].network] = None
            self._plan()

    def _plan(self) -> None:
        if self._timer is None and self.device.powered:
            self._timer = self.device.scheduler.after(0.0, self._flush)

    def _wants(self, order: _Order, route: Route) -> bool:
        if _NAMES.get(route.source, route.process) == order.origin:
            return True
        if route.source is not RouteSource.CONNECTED or route.interface is None:
            return False
        protocol = self.device.service(RoutingProtocols).find(order.origin, order.vrf)
        return protocol is not None and protocol.covers(route.interface)

    def _flush(self) -> None:
        self._timer = None
        pending, self._pending = list(self._pending), {}
        fresh, self._fresh = self._fresh, {}
        stack = self.device.service(IpStack)
        everything: dict[str, list[tuple[Route, ...]]] = {}
        changed: dict[str, list[tuple[IPv4Network, tuple[Route, ...]]]] = {}
        for name, network in pending:
            vrf = stack.find_vrf(name)
            if vrf is not None:
                changed.setdefault(name, []).append((network, vrf.routes.group(network)))
        for key, order in list(self._orders.items()):
            if key in fresh:
                if order.vrf not in everything:
                    vrf = stack.find_vrf(order.vrf)
                    networks = {route.network for route in vrf.routes} if vrf is not None else set()
                    everything[order.vrf] = (
                        [vrf.routes.group(each) for each in networks] if vrf is not None else []
                    )
                wanted = {group[0].network: self._first(order, group) for group in everything[order.vrf]}
                come = {network: route for network, route in wanted.items() if route is not None}
                gone = [network for network in order.given if network not in come]
                order.given = come
                order.give(gone, list(come.values()))
            elif order.vrf in changed:
                self._difference(order, changed[order.vrf])

    def _first(self, order: _Order, group: tuple[Route, ...]) -> Route | None:
        return next((route for route in group if self._wants(order, route)), None)

    def _difference(self, order: _Order, changed: list[tuple[IPv4Network, tuple[Route, ...]]]) -> None:
        gone: list[IPv4Network] = []
        come: list[Route] = []
        for network, group in changed:
            route, known = self._first(order, group), order.given.get(network)
            if route is None:
                if known is not None:
                    del order.given[network]
                    gone.append(network)
            elif known is None or known.key != route.key:
                order.given[network] = route
                come.append(route)
        if gone or come:
            order.give(gone, come)
