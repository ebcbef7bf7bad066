"""`show ip route` and `show ip protocols`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import ClassVar

from iosemu.box.clock_text import span
from iosemu.handling.context import Context
from iosemu.handling.effects import PAUSE, CommandError, Steps
from iosemu.handling.vrf import shown_vrf
from iosemu.ip.stack import IpStack
from iosemu.ip.vrf import Vrf
from iosemu.net.prefixes import masked
from iosemu.net.routing import Route, RouteSource
from iosemu.subjects.routing.config import RoutesConfig
from iosemu.subjects.routing.policy import RoutePolicies
from iosemu.subjects.routing.protocols import RoutingProtocols, fresh
from iosemu.subjects.routing.route_entry import classful, route_entry

CODES = (
    "       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area ",
    "       N1 - OSPF NSSA external type 1, N2 - OSPF NSSA external type 2",
    "       E1 - OSPF external type 1, E2 - OSPF external type 2",
    "       i - IS-IS, su - IS-IS summary, L1 - IS-IS level-1, L2 - IS-IS level-2",
    "       ia - IS-IS inter area, * - candidate default, U - per-user static route",
)
SHORT_CODES = (
    "Codes: C - connected, S - static, R - RIP, M - mobile, B - BGP",
    *CODES,
    "       o - ODR, P - periodic downloaded static route",
)
LONG_CODES = (
    "Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP",
    *CODES,
    "       o - ODR, P - periodic downloaded static route, H - NHRP, l - LISP",
    "       + - replicated route, % - next hop override",
)

AT_ONCE = 200
"""Routes that are put in order before others have their turn."""


@dataclass(frozen=True)
class RouteStyle:
    """How `show ip route` and `show ip protocols` print."""

    stem: ClassVar[str] = "route"
    local_routes: bool = True
    """`L` routes for the router's own addresses."""
    long_header: bool = True
    """The legend names NHRP, LISP and overrides, and columns are one wider."""
    nsf_line: bool = True
    """`show ip protocols` begins with a line about non-stop forwarding."""

    def shows(self, route: Route) -> bool:
        """Whether the table has a line for a route."""
        if route.source is RouteSource.LOCAL:
            return self.local_routes
        return self.long_header or route.source is not RouteSource.NHRP


def show_ip_route(
    context: Context,
    destination: IPv4Address | None = None,
    connected: bool = False,
    static: bool = False,
    summary: bool = False,
    protocol: str | None = None,
    number: int | None = None,
    vrf: str = "",
    access_list: str = "",
    tag: int | None = None,
    local: bool = False,
    supernets_only: bool = False,
    next_hop_override: bool = False,
) -> Steps:
    """`show ip route [vrf V] [connected | static | PROTOCOL [N] | A.B.C.D | summary | list L | tag N | …]`."""
    stack = context.device.service(IpStack)
    style = context.device.image.style(RouteStyle)
    table = shown_vrf(context.device, vrf)
    if not stack.forwarding:
        yield from _host_mode(context)
        return
    if destination is not None:
        yield from _one(context, table, destination)
        return
    routes = [each for each in table.routes if style.shows(each)]
    if summary:
        yield from _summary(context, table, routes)
        return
    if connected or static:
        wanted = {RouteSource.CONNECTED, RouteSource.LOCAL} if connected else {RouteSource.STATIC}
        routes = [each for each in routes if each.source in wanted]
    elif local:
        routes = [each for each in routes if each.source is RouteSource.LOCAL]
    elif access_list:
        routes = [each for each in routes if _listed(context, access_list, each.network)]
    elif tag is not None:
        routes = [each for each in routes if each.tag == tag]
    elif supernets_only:
        routes = [each for each in routes if _is_supernet(each.network)]
    elif next_hop_override:
        routes = [each for each in routes if table.routes.overridden(each.network) is not None]
    elif protocol is not None:
        source = RouteSource[protocol.upper()]
        routes = [
            each
            for each in routes
            if each.source is source and number in (None, _process_number(each.process))
        ]
    if vrf:
        yield from ("", f"Routing Table: {vrf}")
    if style.long_header or not (connected or protocol):
        yield from _legend(table, style)
    yield from _table(context, routes, style, table)


def _listed(context: Context, name: str, network: IPv4Network) -> bool:
    policies = context.device.find(RoutePolicies)
    return policies is None or policies.access_list(name, network)


def _is_supernet(network: IPv4Network) -> bool:
    """Whether a network is larger than the class that its address is of."""
    first = int(network.network_address) >> 24
    return 0 < network.prefixlen < (8 if first < 128 else 16 if first < 192 else 24)


def show_all(context: Context) -> Steps:
    """`show ip route vrf *`: the default table, and then those of the VRFs."""
    for name in sorted(context.device.service(IpStack).vrfs):
        yield from show_ip_route(context, vrf=name)


def _process_number(process: str) -> int | None:
    """The number of `ospf 1`."""
    word = process.rpartition(" ")[2]
    return int(word) if word.isdigit() else None


def _legend(table: Vrf, style: RouteStyle) -> Iterator[str]:
    yield from LONG_CODES if style.long_header else SHORT_CODES
    yield ""
    default = table.routes.gateway_of_last_resort
    if default is None:
        yield "Gateway of last resort is not set"
    else:
        yield f"Gateway of last resort is {default.next_hop or default.network.network_address} to network 0.0.0.0"
    yield ""


def show_ip_route_exact(
    context: Context,
    destination: IPv4Address,
    netmask: IPv4Address,
    longer_prefixes: bool = False,
    vrf: str = "",
) -> Steps:
    """`show ip route [vrf V] A.B.C.D MASK [longer-prefixes]`: that network alone, or all that lie in it."""
    table = shown_vrf(context.device, vrf)
    network = masked(destination, netmask)
    if network is None:
        raise CommandError("% Invalid mask")
    if not longer_prefixes:
        yield from route_entry(context.device, table, table.routes.group(network), network)
        return
    style = context.device.image.style(RouteStyle)
    if vrf:
        yield from ("", f"Routing Table: {vrf}")
    yield from _legend(table, style)
    inside = table.routes.inside(network)
    shown = [each for each in inside if style.shows(each)]
    yield from _table(context, shown, style, table)


def _host_mode(context: Context) -> Iterator[str]:
    gateway = context.device.config.of(RoutesConfig).default_gateway
    yield f"Default gateway is {gateway}" if gateway is not None else "Default gateway is not set"
    yield ""
    yield "Host               Gateway           Last Use    Total Uses  Interface"
    yield "ICMP redirect cache is empty"


def _table(context: Context, routes: list[Route], style: RouteStyle, table: Vrf) -> Steps:
    groups: dict[IPv4Network, list[Route]] = {}
    for number, route in enumerate(fresh(context.device, routes, table.name)):
        groups.setdefault(classful(route.network), []).append(route)
        if not number % AT_ONCE:
            yield PAUSE
    wide = style.long_header
    now = context.device.now
    for major, members in list(groups.items()):
        networks = {each.network for each in members}
        if networks == {major}:
            yield from _entries(members, now, wide, table, subnetted=False, variable=False)
            continue
        lengths = {each.prefixlen for each in networks}
        pad = " " * (6 if wide else 5)
        variable = len(lengths) > 1
        if variable:
            yield f"{pad}{major} is variably subnetted, {len(networks)} subnets, {len(lengths)} masks"
        else:
            length = next(iter(lengths))
            yield f"{pad}{major.network_address}/{length} is subnetted, {len(networks)} subnets"
        yield from _entries(members, now, wide, table, subnetted=True, variable=variable)


def _entries(
    members: list[Route], now: float, wide: bool, table: Vrf, *, subnetted: bool, variable: bool
) -> Iterator[str]:
    seen: IPv4Network | None = None
    for number, route in enumerate(members):
        star = "*" if route.network.prefixlen == 0 else " "
        code = f"{route.source.value}{star}{route.subtype}".rstrip()
        # IOS leaves the length out under a heading that says it
        show_length = variable or not subnetted
        address = str(route.network) if show_length else str(route.network.network_address)
        indent = (9 if subnetted else 6) if wide else (8 if subnetted else 5)
        elsewhere = table.routes.overridden(route.network) if wide else None
        code = f"{code:<4}%" if elsewhere is not None else code
        lead = f"{code:<{indent}}{address}"
        last = route is members[-1] or members[number + 1].network != route.network
        blank = " " * len(lead)
        if route.network == seen:
            lead = blank
        seen = route.network
        yield from (lead + _target(table, now, route)).split("\n")
        if elsewhere is not None and last:
            age, via = span(now - elsewhere.updated), f"{elsewhere.next_hop}"
            yield f"{blank} [NHO][{route.distance}/255] via {via}, {age}, {elsewhere.interface}"


def _target(table: Vrf, now: float, route: Route) -> str:
    learned = bool(route.process)
    imported = _other_vrf(table, route)
    age = f", {span(now - route.updated)}" if learned else ""
    if route.source is RouteSource.BGP and route.interface == "Null0":
        return f" [{route.distance}/{route.metric}]{age}, Null0"
    if learned and route.interface == "Null0":
        return f" is a summary{age}, Null0"
    if route.possibly_down:
        return f" is possibly down,\n          routing via {route.next_hop}, {route.interface}"
    if route.next_hop is None:
        return f" is directly connected{imported}{age}, {route.interface}"
    via = f" [{route.distance}/{route.metric}] via {route.next_hop}{imported}{age}"
    return f"{via}, {route.interface}" if route.interface else via


def _other_vrf(table: Vrf, route: Route) -> str:
    """` (V)` behind the way of a route that BGP imported from the VRF V."""
    if route.source is not RouteSource.BGP or route.interface in (None, "Null0"):
        return ""
    home = table.stack.vrf_of(route.interface).name
    return f" ({home or 'default'})" if home != table.name else ""


def _one(context: Context, table: Vrf, destination: IPv4Address) -> Iterator[str]:
    routes = table.routes
    found = routes.lookup(destination)
    if found is not None and found.network.prefixlen == 0 and int(destination):
        found = None
    group = routes.group(found.network) if found is not None else ()
    yield from route_entry(context.device, table, group, IPv4Network((int(destination), 32)))


ROUTE_OVERHEAD, ROUTE_MEMORY = 60, 172
"""Octets of a route in `show ip route summary`."""


def _row(label: str, chosen: list[Route]) -> tuple[str, int, int]:
    """A row, and how many networks and subnets it counts."""
    prefixes = {each.network for each in chosen}
    networks = sum(classful(each) == each for each in prefixes)
    subnets = len(prefixes) - networks
    overhead, memory = len(chosen) * ROUTE_OVERHEAD, len(chosen) * ROUTE_MEMORY
    return f"{label:<16}{networks:<12}{subnets:<12}{0:<12}{overhead:<12}{memory}", networks, subnets


def _summary(context: Context, table: Vrf, routes: list[Route]) -> Iterator[str]:
    yield f"IP routing table name is {table.name or 'default'} (0x{table.number:X})"
    yield "IP routing table maximum-paths is 32"
    yield "Route Source    Networks    Subnets     Replicates  Overhead    Memory (bytes)"
    chosen: list[tuple[str, list[Route], Iterable[str]]] = []
    for label, sources in (("connected", {"C", "L"}), ("static", {"S"})):
        chosen.append((label, [each for each in routes if each.source.value in sources], ()))
    protocols = context.device.service(RoutingProtocols)
    for protocol in [each for each in protocols if each.vrf == table.name]:
        own = [each for each in routes if each.process == protocol.process]
        chosen.append((protocol.title, own, protocol.counts(own)))
    networks = subnets = count = 0
    for label, own, details in chosen:
        line, more_networks, more_subnets = _row(label, own)
        yield line
        yield from (f"  {detail}" for detail in details)
        networks, subnets, count = networks + more_networks, subnets + more_subnets, count + len(own)
    overhead, memory = count * ROUTE_OVERHEAD, count * ROUTE_MEMORY
    yield f"{'Total':<16}{networks:<12}{subnets:<12}{0:<12}{overhead:<12}{memory}"


def show_ip_protocols(context: Context, vrf: str = "") -> Iterator[str]:
    """`show ip protocols [vrf V]`: a block for each protocol, in the order in which they were configured."""
    shown_vrf(context.device, vrf)
    if context.device.image.style(RouteStyle).nsf_line:
        yield "*** IP Routing is NSF aware ***"
        yield ""
    for protocol in context.device.service(RoutingProtocols):
        if protocol.vrf != vrf:
            continue
        yield f'Routing Protocol is "{protocol.title}"'
        yield from protocol.summary()
        yield ""


def show_protocols_summary(context: Context, vrf: str = "") -> Iterator[str]:
    """`show ip protocols [vrf V] summary`: what runs, by the numbers that IOS gives to kinds of protocols."""
    shown_vrf(context.device, vrf)
    yield "Index Process Name"
    yield "0     connected"
    yield "1     static"
    running = [each for each in context.device.service(RoutingProtocols) if each.vrf == vrf]
    for number, protocol in enumerate(running, 2):
        yield f"{number:<6}{protocol.title}"
