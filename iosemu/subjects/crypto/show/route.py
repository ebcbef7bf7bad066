"""`show crypto route`: the routes that IPsec makes."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.ip.stack import IpStack
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.routing.config import StaticRoute

_LEGEND = (
    "VPN Routing Table: Shows RRI and VTI created routes",
    "Codes: RRI - Reverse-Route, VTI- Virtual Tunnel Interface",
    "        S - Static Map ACLs",
    "",
)


def show_route(context: Context) -> Iterator[str]:
    """`show crypto route`."""
    yield from _LEGEND
    stack = context.device.service(IpStack)
    uses = context.device.service(CryptoEngine).routes.uses()
    for table in dict.fromkeys(("", *(route.vrf for route in uses))):
        yield f"Routes created in table {table or 'GLOBAL DEFAULT'}"
        for number, (route, count) in enumerate(uses.items(), 1):
            if route.vrf != table:
                continue
            network = f"{route.network.network_address}/{route.network.netmask}"
            yield f"{network} [{route.distance}/0] via {route.next_hop} count {max(count, 1)} rtid {number}"
            leaves = route.interface or _interface_to(stack, route)
            if leaves is not None:
                yield f"{'':32}on {leaves} RRI{'' if count else ' S'}"


def _interface_to(stack: IpStack, route: StaticRoute) -> str | None:
    vrf = stack.find_vrf(route.vrf)
    hop = vrf.hop(route.next_hop) if vrf is not None and route.next_hop is not None else None
    return hop.interface if hop is not None else None
