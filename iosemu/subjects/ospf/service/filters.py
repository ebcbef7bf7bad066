"""`distribute-list`: which routes go into the table, and which are redistributed; `area A filter-list`."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.net.routing import Route, RouteSource
from iosemu.routing.ospf import Route as OspfRoute
from iosemu.subjects.acl.config import AclsConfig, Action
from iosemu.subjects.acl.evaluation import Flow, check
from iosemu.subjects.ospf.config.process import Filter, OspfProcess
from iosemu.subjects.routing.policy import prefix_list, route_map


def accepts(device: Device, config: OspfProcess, route: OspfRoute) -> bool:
    """Whether `distribute-list … in` lets a route into the table."""
    if not config.filters_in:
        return True
    interfaces = {hop.interface for hop in route.next_hops}
    filters = [each for each in config.filters_in.values() if each.where in ("", *interfaces)]
    return all(_permits(device, each, _as_route(route), route.source) for each in filters)


def between_areas(device: Device, config: OspfProcess, source: int, area: int, prefix: IPv4Network) -> bool:
    """Whether an area is told of a prefix of another: the list `out` of the one, and `in` of the other."""
    whence, whither = config.areas.get(source), config.areas.get(area)
    names = (
        whence.filter_out if whence is not None else None,
        whither.filter_in if whither is not None else None,
    )
    return all(prefix_list(device, name, prefix) for name in names if name is not None)


def redistributes(device: Device, filters: Iterable[Filter], route: Route, origin: str) -> bool:
    """Whether `distribute-list … out` lets a route of another protocol be advertised."""
    wanted = [each for each in filters if each.where in ("", origin)]
    return all(_permits(device, each, route, None) for each in wanted)


def _as_route(route: OspfRoute) -> Route:
    hop = route.next_hops[0] if route.next_hops else None
    return Route(
        route.prefix, RouteSource.OSPF, hop.interface if hop else None, hop.address if hop else None, 110,
        route.cost, route.tag, subtype=route.type.name if route.type.external else "",
    )  # fmt: skip


def _permits(device: Device, each: Filter, route: Route, advertiser: IPv4Address | None) -> bool:
    if each.kind == "prefix":
        return prefix_list(device, each.name, route.network)
    if each.kind == "route-map":
        return route_map(device, each.name, route) is not None
    return permitted_by_list(device, each.name, route.network, advertiser)


def permitted_by_list(
    device: Device, name: str, network: IPv4Network, advertiser: IPv4Address | None
) -> bool:
    """Whether an access list permits a network; one that does not exist permits all.

    A standard list looks at the network's address. An extended one looks at the advertising router as its source
    and at the network as its destination.
    """
    found = device.config.of(AclsConfig).get(name)
    if found is None or not found.items:
        return True
    address = int(network.network_address)
    source = int(advertiser) if found.extended and advertiser is not None else address
    entry = check(found, Flow(0, source, address))
    return entry is not None and entry.action is Action.PERMIT
