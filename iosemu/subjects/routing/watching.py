"""`debug ip routing`: what comes into the routing tables, and what leaves them."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.debugging import DebugFlag
from iosemu.box.interface_types import short_name
from iosemu.box.service import Service
from iosemu.ip.stack import IpStack
from iosemu.ip.vrf import Vrf
from iosemu.net.routing import Route, RouteSource
from iosemu.subjects.routing.route_entry import classful

ROUTING_DEBUG = DebugFlag("IP routing", "IP routing")
DEBUG = 7
MODERN = (15, 0)
"""From this release on what is offered is told before what is added."""


class RouteWatch(Service):
    """Tells of changes while somebody wants to know."""

    def start(self) -> None:
        """Hear of every table."""
        self.device.service(IpStack).route_listeners.append(self._changed)

    def _changed(self, vrf: Vrf, old: tuple[Route, ...], new: tuple[Route, ...]) -> None:
        if not self.device.debugging.wants(ROUTING_DEBUG):
            return
        major, _, rest = self.device.image.version.partition(".")
        modern = (int(major), int(rest.partition(".")[0].partition("(")[0] or 0)) >= MODERN
        if not modern and (old or new)[0].source is RouteSource.LOCAL:
            return
        head = f"RT({vrf.name})" if vrf.name else "RT"
        for line in _lines(old, new, modern):
            self.device.log("", DEBUG, "", f"{head}: {line}")


def _protocol(route: Route) -> str:
    if route.source is RouteSource.LOCAL:
        return "connected"
    return route.process.partition(" ")[0] or route.source.name.lower()


def _metric(route: Route) -> str:
    return f"{_protocol(route)} metric [{route.distance}/{route.metric}]"


def _via(route: Route) -> str:
    return str(route.next_hop) if route.next_hop is not None else "0.0.0.0"  # noqa: S104 - as IOS says it


def _lines(old: tuple[Route, ...], new: tuple[Route, ...], modern: bool) -> Iterator[str]:
    network = (old or new)[0].network
    before, after = {each.identity for each in old}, {each.identity for each in new}
    gone = [each for each in old if each.identity not in after]
    come = [each for each in new if each.identity not in before]
    if old and new and new[0].distance < old[0].distance:
        yield f"closer admin distance for {network.network_address}, flushing {len(old)} routes"
        gone = []
    for route in new:
        known = next((each for each in old if each.identity == route.identity), None)
        if known is not None and known.metric != route.metric:
            was = f"[{known.distance}/{known.metric}]"
            yield (
                f"{_protocol(route)}'s {network} (via {_via(route)}) metric changed from distance/metric "
                f"{was} to [{route.distance}/{route.metric}]"
            )
    for route in gone:
        yield f"del {network if not modern else network.network_address} via {_via(route)}, {_metric(route)}"
    if gone and not new:
        kind = "network" if network == classful(network) else "subnet"
        yield f"delete {kind} route to {network}"
    for route in come:
        if modern:
            way = f"    via {_via(route)} {short_name(route.interface or '')}".rstrip()
            yield f"updating {_protocol(route)} {network} (0x0):\n{way}\n"
        yield f"add {network} via {_via(route)}, {_metric(route)}"
        if route.source is RouteSource.CONNECTED and route.interface is not None:
            yield f"interface {route.interface} added to routing table"
    if not modern and (gone or come):
        yield f"NET-RED {network}"
    if network.prefixlen:
        return
    if new:
        yield f"default path is now 0.0.0.0 via {_via(new[0])}"
        yield "new default network 0.0.0.0"
    else:
        yield "default path has been cleared"
