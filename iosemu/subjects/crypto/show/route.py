"""`show crypto route`: the routes that IPsec makes."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.handling.context import Context
from iosemu.ip.stack import IpStack
from iosemu.subjects.crypto.service.engine import CryptoEngine

_LEGEND = (
    "VPN Routing Table: Shows RRI and VTI created routes",
    "Codes: RRI - Reverse-Route, VTI- Virtual Tunnel Interface",
    "        S - Static Map ACLs",
    "",
    "Routes created in table GLOBAL DEFAULT",
)


def show_route(context: Context) -> Iterator[str]:
    """`show crypto route`."""
    yield from _LEGEND
    stack = context.device.service(IpStack)
    for number, (route, count) in enumerate(context.device.service(CryptoEngine).routes.uses().items(), 1):
        network = f"{route.network.network_address}/{route.network.netmask}"
        yield f"{network} [{route.distance}/0] via {route.next_hop} count {max(count, 1)} rtid {number}"
        hop = stack.routes.hop(route.next_hop) if route.next_hop is not None else None
        if hop is not None:
            yield f"{'':32}on {hop.interface} RRI{'' if count else ' S'}"
