"""Static routes, `ip default-gateway` and `ip routing`."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, NetmaskValueError
from typing import Any

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError, InvalidArgument, Output
from iosemu.handling.vrf import found_vrf, shown_vrf
from iosemu.ip.stack import IpStack
from iosemu.net.prefixes import masked
from iosemu.subjects.routing.config import RoutesConfig, StaticRoute
from iosemu.subjects.routing.protocols import RoutingProtocols
from iosemu.subjects.routing.watching import ROUTING_DEBUG


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
    object_number: int | None = None,
    vrf: str = "",
    global_: bool = False,
    **_keywords: Any,
) -> Output:
    """`[no] ip route [vrf V] NETWORK MASK [INTERFACE] [NEXT-HOP [global]] [DISTANCE] [name N] …`."""
    routes: RoutesConfig = context.device.config.of(RoutesConfig)
    table = found_vrf(context.device, vrf)
    try:
        prefix = IPv4Network((int(network), IPv4Network(f"0.0.0.0/{mask}").prefixlen))
    except (NetmaskValueError, ValueError):
        raise CommandError("%Inconsistent address and mask") from None
    if int(prefix.netmask) != int(mask):
        raise CommandError("%Inconsistent address and mask")
    if context.off:
        if not routes.remove(prefix, interface, next_hop, vrf):
            raise CommandError("%No matching route to delete")
        return None
    where = context.device.service(IpStack).default if global_ else table
    if next_hop is not None and where.subnets.owner(next_hop) is not None:
        raise CommandError("%Invalid next hop address (it's this router)")
    if permanent and object_number is not None:
        raise CommandError("% permanent and track are mutually exclusive")
    routes.add(
        StaticRoute(
            prefix, next_hop, interface, distance, label, tag_value, permanent, object_number, vrf, global_
        )
    )
    return None


def routing(context: Context) -> Output:
    """`[no] ip routing`."""
    context.device.config.of(RoutesConfig).routing = not context.negated
    return None


def clear_ip_route(
    context: Context,
    every: str = "",
    destination: IPv4Address | None = None,
    netmask: IPv4Address | None = None,
    vrf: str = "",
) -> None:
    """`clear ip route [vrf V] * | A.B.C.D [MASK]`: the protocols forget what they learned and ask again."""
    protocols = context.device.service(RoutingProtocols)
    routes = shown_vrf(context.device, vrf).routes
    if destination is None:
        for protocol in protocols:
            if protocol.vrf == vrf:
                protocol.clear(None)
        return
    wanted = masked(destination, netmask) if netmask is not None else None
    if netmask is not None and wanted is None:
        raise InvalidArgument("netmask")
    found = routes.lookup(destination)
    network = wanted or (found.network if found is not None else None)
    group = routes.group(network) if network is not None else ()
    if not group:
        raise CommandError("%No matching route to delete")
    for process in {route.process for route in group if route.process}:
        speaker = protocols.find(process, vrf)
        if speaker is not None:
            speaker.clear(group[0].network)


def debug(context: Context) -> str:
    """`[no] debug ip routing`."""
    return context.device.debugging.set(ROUTING_DEBUG, not context.silenced)
