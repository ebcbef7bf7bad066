"""One network in full: `show ip route PREFIX`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from iosemu.box.clock_text import span
from iosemu.box.device import Device
from iosemu.ip.vrf import Vrf
from iosemu.net.routing import Route, RouteSource
from iosemu.subjects.routing.protocols import RouteFacts, RoutingProtocols, fresh
from iosemu.subjects.routing.redistribution import Redistribution

_WORDS = {RouteSource.CONNECTED: "connected", RouteSource.LOCAL: "connected", RouteSource.STATIC: "static"}

_DISTANCE_VECTOR = (RouteSource.RIP, RouteSource.EIGRP)
"""They pass their own routes on, and IOS counts that (outputs/show_ip_route_prefix)."""


def classful(network: IPv4Network) -> IPv4Network:
    """The class A, B or C network that a network lies in; itself when it is larger."""
    first = int(network.network_address) >> 24
    length = 8 if first < 128 else 16 if first < 192 else 24
    if network.prefixlen < length or first >= 224:
        return network
    return network.supernet(new_prefix=length)


def route_entry(device: Device, vrf: Vrf, group: tuple[Route, ...], wanted: IPv4Network) -> Iterator[str]:
    """The installed routes to one network; `wanted` is what was asked for, when there are none."""
    if not group:
        routes = vrf.routes
        known = any(classful(each.network).overlaps(wanted) for each in routes if each.network.prefixlen)
        yield "% Subnet not in table" if known else "% Network not in table"
        return
    group = tuple(fresh(device, group, vrf.name))
    best = group[0]
    protocol = device.service(RoutingProtocols).find(best.process, vrf.name) if best.process else None
    facts = [protocol.facts(each) if protocol is not None else RouteFacts() for each in group]
    if vrf.name:
        yield ""
        yield f"Routing Table: {vrf.name}"
    yield f"Routing entry for {best.network}" + (
        ", supernet" if best.network.prefixlen < classful_length(best.network) else ""
    )
    yield from _known_via(best, facts[0], protocol.title if protocol is not None else best.process)
    yield from _redistributed(device, vrf, best)
    if best.process:
        latest = max(group, key=lambda each: each.updated)
        where = f" on {latest.interface}" if latest.interface else ""
        if latest.next_hop is not None:
            yield f"  Last update from {latest.next_hop}{where}, {span(device.now - latest.updated)} ago"
    yield "  Routing Descriptor Blocks:"
    turn = vrf.routes.next_turn(best.network)
    following = turn.identity if turn is not None else best.identity
    for route, fact in zip(group, facts, strict=True):
        yield from _path(route, fact, device.now, "*" if route.identity == following else " ")


def classful_length(network: IPv4Network) -> int:
    """The length of the classful network that begins there; 0 for a multicast or reserved address."""
    first = int(network.network_address) >> 24
    return 8 if first < 128 else 16 if first < 192 else 24 if first < 224 else 0


def _known_via(route: Route, facts: RouteFacts, title: str) -> Iterator[str]:
    word = _WORDS.get(route.source, title or route.source.name.lower())
    metric = "4294967295 (inaccessible)" if route.possibly_down else route.metric
    line = f'  Known via "{word}", distance {route.distance}, metric {metric}'
    if route.next_hop is None and not route.process:
        line += " (connected, via interface)"
    if route.network.prefixlen == 0 and route.process:
        line += ", candidate default path"
    kind = f"type {facts.type}" if facts.type else ""
    if route.tag:
        yield line
        yield f"  Tag {route.tag}" + (f", {kind}" if kind else "")
    else:
        yield line + (f", {kind}" if kind else "")


def _redistributed(device: Device, vrf: Vrf, route: Route) -> Iterator[str]:
    takers = list(device.service(Redistribution).takers(route, vrf.name))
    own = [route.process] if route.source in _DISTANCE_VECTOR else []
    if not takers and not own:
        return
    yield f"  Redistributing via {', '.join([*own, *(taker for taker, _ in takers)])}"
    for taker, words in takers:
        yield f"  Advertised by {taker}" + (f" {words}" if words else "")


def _path(route: Route, facts: RouteFacts, now: float, mark: str) -> Iterator[str]:
    if route.next_hop is None:
        line = f"directly connected, via {route.interface}"
    else:
        line = str(route.next_hop)
        if facts.advertiser is not None:
            line += f", from {facts.advertiser}"
        if route.process:
            line += f", {span(now - route.updated)} ago"
        if route.interface:
            line += f", via {route.interface}"
    yield f"  {mark} {line}"
    yield f"      Route metric is {route.metric}, traffic share count is {facts.share}"
    yield from (f"      {each}" for each in facts.lines)
    if route.tag and route.process:
        yield f"      Route tag {route.tag}"
