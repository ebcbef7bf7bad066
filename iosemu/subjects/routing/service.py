"""Static routes at work: what is configured becomes candidates of the routing table."""

from __future__ import annotations

from ipaddress import IPv4Network

from iosemu.box.service import Service
from iosemu.box.subject import Forwarding
from iosemu.ip.stack import IpStack
from iosemu.subjects.routing.config import RoutesConfig, StaticRoute

ANY = IPv4Network("0.0.0.0/0")


class StaticRoutes(Service):
    """`ip route …`, `ip routing` and `ip default-gateway`."""

    def start(self) -> None:
        """A router forwards from the start; a multilayer switch only when told."""
        self.device.config.of(RoutesConfig).routing = (
            self.device.composition.forwarding is not Forwarding.WHEN_TOLD
        )
        self.changed()

    def changed(self) -> None:
        """Take over the configuration: without routing there is only the default gateway."""
        config, stack = self.device.config.of(RoutesConfig), self.device.service(IpStack)
        now = self.device.now
        forwarding = self.device.composition.forwarding
        stack.forwarding = config.routing and forwarding is not Forwarding.NEVER
        if stack.forwarding or forwarding is Forwarding.ALWAYS:
            stack.set_static_routes(self, [route.to_route(now) for route in config.static])
            return
        gateway = config.default_gateway
        stack.set_static_routes(
            self, [StaticRoute(ANY, gateway).to_route(now)] if gateway is not None else []
        )
