"""Static routes at work: what is configured becomes candidates of the routing table."""

from __future__ import annotations

from ipaddress import IPv4Network

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.ip.stack import IpStack
from iosemu.subjects.routing.config import RoutesConfig, StaticRoute

ANY = IPv4Network("0.0.0.0/0")


class StaticRoutes(Service):
    """`ip route …`, `ip routing` and `ip default-gateway`."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._routing: bool | None = None
        """The static routes are in force; None: nothing was taken over yet."""

    def start(self) -> None:
        """A router forwards from the start; a multilayer switch only when told."""
        self.device.config.of(RoutesConfig).routing = self.device.kind != "l3switch"
        self.changed()

    def changed(self) -> None:
        """Take over the configuration: without routing there is only the default gateway."""
        config, stack = self.device.config.of(RoutesConfig), self.device.service(IpStack)
        now = self.device.now
        stack.forwarding = config.routing and self.device.kind != "switch"
        routing = stack.forwarding or self.device.kind == "router"
        touched = config.take_touched()
        if routing and self._routing:
            groups = {network: config.by_network.get(network, ()) for network in touched}
            stack.update_static_routes(
                self, {network: [each.to_route(now) for each in group] for network, group in groups.items()}
            )
        elif routing:
            stack.set_static_routes(self, [route.to_route(now) for route in config.static])
        else:
            gateway = config.default_gateway
            stack.set_static_routes(
                self, [StaticRoute(ANY, gateway).to_route(now)] if gateway is not None else []
            )
        self._routing = routing
