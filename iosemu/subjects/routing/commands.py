"""Static routes, `ip default-gateway`, `ip routing` and `show ip route`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, NetmaskValueError
from typing import Any, ClassVar

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, Output
from iosemu.ip.stack import IpStack
from iosemu.net.routing import Route, RouteSource
from iosemu.subjects.routing.config import RoutesConfig, StaticRoute

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


@dataclass(frozen=True)
class RouteStyle:
    """How `show ip route` prints."""

    stem: ClassVar[str] = "route"
    local_routes: bool = True
    """`L` routes for the router's own addresses."""
    long_header: bool = True
    """The legend names NHRP, LISP and overrides, and columns are one wider."""


def ip_route(
    context: Context,
    network: IPv4Address,
    mask: IPv4Address,
    interface: str | None = None,
    next_hop: IPv4Address | None = None,
    distance: int = 1,
    label: str = "",
    tag_value: int | None = None,
    permanent: bool = False,
    **_keywords: Any,
) -> Output:
    """`[no] ip route NETWORK MASK [INTERFACE] [NEXT-HOP] [DISTANCE] [name N] [tag T] [permanent]`."""
    routes: RoutesConfig = context.device.config.of(RoutesConfig)
    try:
        prefix = IPv4Network((int(network), IPv4Network(f"0.0.0.0/{mask}").prefixlen))
    except (NetmaskValueError, ValueError):
        raise CommandError("%Inconsistent address and mask") from None
    if int(prefix.netmask) != int(mask):
        raise CommandError("%Inconsistent address and mask")
    if context.off:
        if not routes.remove(prefix, interface, next_hop):
            raise CommandError("%No matching route to delete")
        return None
    if next_hop is not None and context.device.service(IpStack).subnets.owner(next_hop) is not None:
        raise CommandError("%Invalid next hop address (it's this router)")
    routes.add(StaticRoute(prefix, next_hop, interface, distance, label, tag_value, permanent))
    return None


def default_gateway(context: Context, address: IPv4Address | None = None) -> Output:
    """`ip default-gateway A`."""
    context.device.config.of(RoutesConfig).default_gateway = None if context.off else address
    return None


def routing(context: Context) -> Output:
    """`[no] ip routing`."""
    context.device.config.of(RoutesConfig).routing = not context.negated
    return None


def show_ip_route(
    context: Context,
    destination: IPv4Address | None = None,
    connected: bool = False,
    static: bool = False,
    summary: bool = False,
) -> Iterator[str]:
    """`show ip route [connected | static | A.B.C.D | summary]`."""
    stack = context.device.service(IpStack)
    style = context.device.image.style(RouteStyle)
    if not stack.forwarding:
        yield from _host_mode(context)
        return
    routes = [each for each in stack.routes if style.local_routes or each.source is not RouteSource.LOCAL]
    if destination is not None:
        yield from _one(context, destination)
        return
    if summary:
        yield from _summary(routes)
        return
    if connected or static:
        wanted = {RouteSource.CONNECTED, RouteSource.LOCAL} if connected else {RouteSource.STATIC}
        routes = [each for each in routes if each.source in wanted]
    if not connected or style.long_header:
        yield from _legend(context, style)
    yield from _table(routes, style)


def _legend(context: Context, style: RouteStyle) -> Iterator[str]:
    yield from LONG_CODES if style.long_header else SHORT_CODES
    yield ""
    default = context.device.service(IpStack).routes.gateway_of_last_resort
    if default is None:
        yield "Gateway of last resort is not set"
    else:
        yield f"Gateway of last resort is {default.next_hop or default.network.network_address} to network 0.0.0.0"
    yield ""


def show_ip_route_exact(
    context: Context, destination: IPv4Address, netmask: IPv4Address, longer_prefixes: bool = False
) -> Iterator[str]:
    """`show ip route A.B.C.D MASK [longer-prefixes]`: that network alone, or all that lie in it."""
    stack = context.device.service(IpStack)
    try:
        network = IPv4Network((int(destination), IPv4Network(f"0.0.0.0/{netmask}").prefixlen), strict=False)
    except ValueError:
        raise CommandError("% Invalid mask") from None
    if not longer_prefixes:
        yield from _entry(stack.routes.lookup_exact(network), network, stack)
        return
    style = context.device.image.style(RouteStyle)
    yield from _legend(context, style)
    inside = stack.routes.inside(network)
    yield from _table(
        [each for each in inside if style.local_routes or each.source is not RouteSource.LOCAL], style
    )


def _host_mode(context: Context) -> Iterator[str]:
    gateway = context.device.config.of(RoutesConfig).default_gateway
    yield f"Default gateway is {gateway}" if gateway is not None else "Default gateway is not set"
    yield ""
    yield "Host               Gateway           Last Use    Total Uses  Interface"
    yield "ICMP redirect cache is empty"


def _classful(network: IPv4Network) -> IPv4Network:
    """The class A, B or C network that a network lies in; itself when it is larger."""
    first = int(network.network_address) >> 24
    length = 8 if first < 128 else 16 if first < 192 else 24
    if network.prefixlen < length or first >= 224:
        return network
    return network.supernet(new_prefix=length)


def _table(routes: list[Route], style: RouteStyle) -> Iterator[str]:
    groups: dict[IPv4Network, list[Route]] = {}
    for route in routes:
        groups.setdefault(_classful(route.network), []).append(route)
    wide = style.long_header
    for major, members in groups.items():
        networks = sorted({each.network for each in members})
        if networks == [major]:
            yield from _entries(members, wide, subnetted=False, variable=False)
            continue
        lengths = {each.prefixlen for each in networks}
        pad = " " * (6 if wide else 5)
        variable = len(lengths) > 1
        if variable:
            yield f"{pad}{major} is variably subnetted, {len(networks)} subnets, {len(lengths)} masks"
        else:
            length = next(iter(lengths))
            yield f"{pad}{major.network_address}/{length} is subnetted, {len(networks)} subnets"
        yield from _entries(members, wide, subnetted=True, variable=variable)


def _entries(members: list[Route], wide: bool, subnetted: bool, variable: bool) -> Iterator[str]:
    seen: IPv4Network | None = None
    for route in members:
        star = "*" if route.network.prefixlen == 0 else ""
        code = route.source.value + star
        # IOS leaves the length out under a heading that says it
        show_length = variable or not subnetted
        address = str(route.network) if show_length else str(route.network.network_address)
        indent = (9 if subnetted else 6) if wide else (8 if subnetted else 5)
        lead = f"{code:<{indent}}{address}"
        if route.network == seen:
            lead = " " * len(lead)
        seen = route.network
        yield lead + _target(route)


def _target(route: Route) -> str:
    if route.next_hop is None:
        return f" is directly connected, {route.interface}"
    via = f" [{route.distance}/{route.metric}] via {route.next_hop}"
    return f"{via}, {route.interface}" if route.interface else via


def _one(context: Context, destination: IPv4Address) -> Iterator[str]:
    stack = context.device.service(IpStack)
    found: Route | None = stack.routes.lookup(destination)
    if found is not None and found.network.prefixlen == 0 and int(destination):
        found = None
    yield from _entry(found, IPv4Network((int(destination), 32)), stack)


def _entry(found: Route | None, wanted: IPv4Network, stack: IpStack) -> Iterator[str]:
    if found is None:
        known = any(
            _classful(each.network).overlaps(wanted) for each in stack.routes if each.network.prefixlen
        )
        yield "% Subnet not in table" if known else "% Network not in table"
        return
    kind = {RouteSource.CONNECTED: "connected", RouteSource.STATIC: "static", RouteSource.LOCAL: "connected"}
    yield f"Routing entry for {found.network}" + (", supernet" if found.network.prefixlen == 0 else "")
    note = " (connected, via interface)" if found.next_hop is None else ""
    word = kind.get(found.source, found.source.name.lower())
    yield f'  Known via "{word}", distance {found.distance}, metric {found.metric}{note}'
    yield "  Routing Descriptor Blocks:"
    where = found.next_hop if found.next_hop is not None else f"directly connected, via {found.interface}"
    via = f", via {found.interface}" if found.next_hop is not None and found.interface else ""
    yield f"  * {where}{via}"
    yield f"      Route metric is {found.metric}, traffic share count is 1"


def _summary(routes: list[Route]) -> Iterator[str]:
    yield "IP routing table name is default (0x0)"
    yield "IP routing table maximum-paths is 32"
    yield "Route Source    Networks    Subnets     Replicates  Overhead    Memory (bytes)"
    total = [0, 0]
    for label, sources in (("connected", {"C", "L"}), ("static", {"S"})):
        chosen = [each for each in routes if each.source.value in sources]
        networks = sum(_classful(each.network) == each.network for each in chosen)
        subnets = len(chosen) - networks
        total = [total[0] + networks, total[1] + subnets]
        yield f"{label:<16}{networks:<12}{subnets:<12}{0:<12}{len(chosen) * 60:<12}{len(chosen) * 172}"
    count = sum(total)
    yield f"{'Total':<16}{total[0]:<12}{total[1]:<12}{0:<12}{count * 60:<12}{count * 172}"
