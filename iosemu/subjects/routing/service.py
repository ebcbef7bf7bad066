"""Static routes at work: what is configured becomes candidates of the routing table."""

from __future__ import annotations

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
        config, stack, now = (
            self.device.config.of(RoutesConfig),
            self.device.service(IpStack),
            self.device.now,
        )
        forwarding = self.device.composition.forwarding
        stack.forwarding = config.routing and forwarding is not Forwarding.NEVER
        counts = stack.forwarding
        touched, config.touched = config.touched, set()
        if counts != self._counted:
            self._counted = counts
            touched = {*config.routes, *self._offered}
        self._follow(config)
        come = {
            each: config.routes[each].to_route(now)
            for each in touched
            if counts and each in config.routes and self._holds(config.routes[each])
        }
        gone = [self._offered.pop(each) for each in touched if each not in come and each in self._offered]
        stack.change_static_routes(self, gone, come.values())
        self._offered.update(come)
        gateway = config.default_gateway if not counts else None
        routes = [StaticRoute(ANY, gateway).to_route(now)] if gateway is not None else []
        stack.set_static_routes("default gateway", routes)

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
