"""Static routes in the running configuration."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.box.render import Render
from iosemu.box.subject import Forwarding
from iosemu.subjects.routing.config import RoutesConfig, StaticRoute


def route_line(route: StaticRoute) -> str:
    """The configuration line of a static route."""
    words = [f"ip route vrf {route.vrf}" if route.vrf else "ip route"]
    words += [str(route.network.network_address), str(route.network.netmask)]
    words += [route.interface] if route.interface else []
    words += [str(route.next_hop)] if route.next_hop is not None else []
    words += ["global"] if route.leads_out else []
    words += [str(route.distance)] if route.distance != 1 else []
    words += ["tag", str(route.tag)] if route.tag is not None else []
    words += ["name", route.name] if route.name else []
    words += ["permanent"] if route.permanent else []
    words += ["track", str(route.track)] if route.track is not None else []
    return " ".join(words)


def routing_lines(device: Device, _render: Render) -> list[str]:
    """`ip routing`, where it is not what the box does by itself."""
    routing = device.config.of(RoutesConfig).routing
    if device.composition.forwarding is Forwarding.WHEN_TOLD:
        return ["ip routing"] if routing else []
    return [] if routing else ["no ip routing"]


def route_lines(device: Device, _render: Render) -> list[str]:
    """The static routes."""
    return [route_line(route) for route in device.config.of(RoutesConfig).static]
