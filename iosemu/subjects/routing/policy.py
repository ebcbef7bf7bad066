"""What route-maps and lists say of a route: asked for here, answered by whoever has such lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.box.service import Service
from iosemu.net.routing import Route
from iosemu.routing.bgp import Attributes
from iosemu.routing.bgp.dampening import DampingParameters


@dataclass(frozen=True, slots=True)
class RouteSettings:
    """What the `set` lines of a route-map change; None: left as it is.

    `metric` has one number, or EIGRP's five (bandwidth kb/s, delay 10 us, reliability, load, MTU).
    """

    metric: tuple[int, ...] | None = None
    metric_type: str | None = None
    """`type-1`, `type-2`, `internal`, `external`."""
    tag: int | None = None
    next_hop: IPv4Address | None = None
    interfaces: tuple[str, ...] = ()
    """`set interface`."""


@dataclass(frozen=True, slots=True)
class BgpPath:
    """A path of BGP as its filters see it."""

    network: IPv4Network
    attributes: Attributes
    peer: IPv4Address
    """Who told it, or is to be told."""
    local: IPv4Address
    """Our end of the session."""
    kind: str
    """`internal`, `external` or `local`: where it is from."""
    incoming: bool = True
    local_as: int = 0
    dotted: bool = False
    """How its AS path reads to regular expressions: large numbers as `1.10`."""


class RoutePolicies(Service):
    """`route-map`, `ip prefix-list` and the lists of BGP, as the routing protocols ask them.

    A subject that has such lists derives its service from this class; `device.find(RoutePolicies)` then gives
    it, and its users name the subject in `follows`. A route-map that is not defined lets nothing through, a
    list that is not defined everything, as on IOS.
    """

    def route_map(self, name: str, route: Route, vrf: str = "") -> RouteSettings | None:
        """What a route-map makes of a route of an instance; None: it is denied."""
        return None

    def bgp(self, name: str, path: BgpPath) -> tuple[Attributes, int | None] | None:
        """The attributes that a route-map gives a path, and perhaps a weight; None: it is denied."""
        return None

    def damping(self, name: str, path: BgpPath) -> DampingParameters | None:
        """How a route-map has a path damped, None: not."""
        return None

    def prefix_list(self, name: str, network: IPv4Network) -> bool:
        """Whether a prefix list permits a network."""
        return True

    def access_list(self, name: str, network: IPv4Network) -> bool:
        """Whether an access list permits a network; an extended one sees its mask as the destination."""
        return True

    def as_path_list(self, number: int, path: str) -> bool:
        """Whether `ip as-path access-list` permits an AS path."""
        return True

    def community_list(self, name: str, communities: Iterable[int], exact: bool = False) -> bool:
        """Whether `ip community-list` permits a path with these communities."""
        return True


def route_map(device: Device, name: str | None, route: Route, vrf: str = "") -> RouteSettings | None:
    """What a route-map that may not be named makes of a route of an instance; None: it is denied."""
    if name is None:
        return RouteSettings()
    policies = device.find(RoutePolicies)
    return policies.route_map(name, route, vrf) if policies is not None else None


def prefix_list(device: Device, name: str, network: IPv4Network) -> bool:
    """Whether a prefix list permits a network."""
    policies = device.find(RoutePolicies)
    return policies is None or policies.prefix_list(name, network)
