"""`show ip static route`: the static routes, and whether each is in use."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.handling.vrf import shown_vrf
from iosemu.ip.stack import IpStack
from iosemu.net.prefixes import masked
from iosemu.net.route import RouteSource
from iosemu.subjects.routing.config import RoutesConfig, StaticRoute
from iosemu.subjects.routing.running import route_line
from iosemu.subjects.routing.tracking import tracked

_LEGEND = """\
Codes: M - Manual static, A - AAA download, N - IP NAT, D - DHCP,
       G - GPRS, V - Crypto VPN, C - CASA, P - Channel interface processor,
       B - BootP, S - Service selection gateway
       DN - Default Network, T - Tracking object
       L - TL1, E - OER, I - iEdge
       D1 - Dot1x Vlan Network, K - MWAM Route
       PP - PPP default route, MR - MRIPv6, SS - SSLVPN
       H - IPe Host, ID - IPe Domain Broadcast
       U - User GPRS, TE - MPLS Traffic-eng, LI - LIIN
       IR - ICMP Redirect
Codes in []: A - active, N - non-active, B - BFD-tracked, D - Not Tracked, P - permanent
""".splitlines()


def show_static(
    context: Context,
    destination: IPv4Address | None = None,
    netmask: IPv4Address | None = None,
    vrf: str = "",
) -> Iterator[str]:
    """`show ip static route [vrf V] [A.B.C.D MASK]`."""
    device = context.device
    wanted = None
    if destination is not None and netmask is not None:
        wanted = masked(destination, netmask)
        if wanted is None:
            raise CommandError("% Invalid mask")
    table = shown_vrf(device, vrf)
    in_use = {
        (route.network, route.interface, route.next_hop, route.distance)
        for route in table.routes
        if route.source is RouteSource.STATIC
    }
    yield from _LEGEND
    yield ""
    yield f"Static local RIB for {vrf or 'default'} "
    yield ""
    before = None
    routes = sorted(
        (each for each in device.config.of(RoutesConfig).routes.values() if each.vrf == vrf),
        key=lambda each: (int(each.network.network_address), each.network.prefixlen, each.distance),
    )
    for route in routes:
        if wanted not in (None, route.network):
            continue
        active = (route.network, _leaves_by(device, route), route.next_hop, route.distance) in in_use
        lead = str(route.network) if route.network != before else " " * len(str(route.network))
        before = route.network
        yield f"M  {lead} [{route.distance}/0] via {_way(route)} [{'A' if active else 'N'}]"


def _leaves_by(device: Device, route: StaticRoute) -> str | None:
    if not route.leads_out or route.next_hop is None:
        return route.interface
    hop = device.service(IpStack).hop(route.next_hop)
    return hop.interface if hop is not None else None


def _way(route: StaticRoute) -> str:
    return " ".join(str(part) for part in (route.interface, route.next_hop) if part is not None)


def show_track_table(context: Context) -> Iterator[str]:
    """`show ip route track-table`: the static routes that depend on tracked objects."""
    device = context.device
    for each in device.config.of(RoutesConfig).static:
        if each.track is not None:
            up = "up" if tracked(device, each.track) else "down"
            yield f" {route_line(each)} state is [{up}]"
