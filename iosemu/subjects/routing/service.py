"""Static routes at work: what is configured becomes candidates of the routing table."""

from __future__ import annotations

from ipaddress import IPv4Network

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.box.subject import Forwarding
from iosemu.ip.stack import IpStack
from iosemu.net.routing import Route
from iosemu.subjects.routing.config import RoutesConfig, StaticRoute, Target

ANY = IPv4Network("0.0.0.0/0")


class StaticRoutes(Service):
    """`ip route …`, `ip routing` and `ip default-gateway`."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._offered: dict[Target, Route] = {}
        self._counted = False

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
        come = {
            each: config.routes[each].to_route(now) for each in touched if counts and each in config.routes
        }
        gone = [self._offered.pop(each) for each in touched if each not in come and each in self._offered]
        stack.change_static_routes(self, gone, come.values())
        self._offered.update(come)
        gateway = config.default_gateway if not counts else None
        routes = [StaticRoute(ANY, gateway).to_route(now)] if gateway is not None else []
        stack.set_static_routes("default gateway", routes)
