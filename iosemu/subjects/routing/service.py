"""Static routes at work: what is configured becomes candidates of the routing table."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.box.subject import Forwarding
from iosemu.ip.stack import IpStack
from iosemu.net.routing import Route
from iosemu.subjects.routing.config import RoutesConfig, StaticRoute, Target
from iosemu.subjects.routing.tracking import ObjectTracker, tracked

ANY = IPv4Network("0.0.0.0/0")
CLIENT = "STATIC-IP-ROUTING 0"
"""What `show track` calls static routes."""


class StaticRoutes(Service):
    """`ip route …`, `ip routing` and `ip default-gateway`."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._offered: dict[Target, Route] = {}
        self._leading_out: set[Target] = set()
        """The routes of VRFs whose next hops are in the default table."""
        self._counted = False
        self._followed: set[int] = set()

    def start(self) -> None:
        """A router forwards from the start; a multilayer switch only when told."""
        self.device.config.of(RoutesConfig).routing = (
            self.device.composition.forwarding is not Forwarding.WHEN_TOLD
        )
        self.changed()

    def changed(self) -> None:
        """Take over what was typed: without routing there is only the default gateway."""
        config, stack = self.device.config.of(RoutesConfig), self.device.service(IpStack)
        forwarding = self.device.composition.forwarding
        stack.forwarding = config.routing and forwarding is not Forwarding.NEVER
        counts = stack.forwarding
        touched, config.touched = config.touched, set()
        if counts != self._counted:
            self._counted = counts
            touched = {*config.routes, *self._offered}
        self._follow(config)
        self._take_over(touched if counts else set(), touched)
        gateway = config.default_gateway if not counts else None
        routes = [StaticRoute(ANY, gateway).to_route(self.device.now)] if gateway is not None else []
        stack.set_static_routes("default gateway", routes)

    def routes_changed(self) -> None:
        """The way to a next hop in the default table may be another one."""
        if self._leading_out:
            self._take_over(self._leading_out, self._leading_out)

    def _take_over(self, wanted: Iterable[Target], touched: Iterable[Target]) -> None:
        """Offer the routes of `wanted` that there are, and withdraw what else was offered of `touched`."""
        config, stack = self.device.config.of(RoutesConfig), self.device.service(IpStack)
        come: dict[str, dict[Target, Route]] = {}
        gone: dict[str, list[Route]] = {}
        for each in set(wanted):
            route = self._candidate(config.routes.get(each))
            if route is not None:
                come.setdefault(each[0], {})[each] = route
        for each in set(touched):
            offered, route = self._offered.get(each), come.get(each[0], {}).get(each)
            if offered is not None and (route is None or route.identity != offered.identity):
                gone.setdefault(each[0], []).append(self._offered.pop(each))
        for name in {*come, *gone}:
            vrf = stack.find_vrf(name)
            if vrf is not None:
                vrf.change_static_routes(self, gone.get(name, ()), come.get(name, {}).values())
            self._offered.update(come.get(name, {}))
        self._leading_out = {
            each
            for each in self._leading_out.union(touched)
            if each in config.routes and config.routes[each].leads_out
        }

    def _candidate(self, route: StaticRoute | None) -> Route | None:
        """What a route offers to its table now; None: nothing."""
        if route is None or not self._holds(route):
            return None
        if not route.leads_out or route.next_hop is None:
            return route.to_route(self.device.now)
        hop = self.device.service(IpStack).hop(route.next_hop)
        return route.to_route(self.device.now, hop.interface) if hop is not None else None

    def _holds(self, route: StaticRoute) -> bool:
        """Whether the object that a route depends on is up; one that there is not is not."""
        return route.track is None or tracked(self.device, route.track) is True

    def _follow(self, config: RoutesConfig) -> None:
        """Be told of the objects that routes depend on."""
        tracker = self.device.find(ObjectTracker)
        wanted = {each.track for each in config.routes.values() if each.track is not None}
        if tracker is None or wanted == self._followed:
            return
        for number in self._followed - wanted:
            tracker.leave(number, CLIENT)
        for number in wanted - self._followed:
            tracker.follow(number, CLIENT, self._told)
        self._followed = wanted

    def _told(self, number: int, _up: bool) -> None:
        """A tracked object changed: routes that depend on it come or go."""
        config = self.device.config.of(RoutesConfig)
        config.touched |= {target for target, each in config.routes.items() if each.track == number}
        self.changed()
