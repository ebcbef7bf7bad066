"""`show ip cef [PREFIX] [detail]`: the forwarding table."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.handling.vrf import found_vrf
from iosemu.ip.stack import IpStack
from iosemu.ip.vrf import Vrf
from iosemu.net.prefixes import masked
from iosemu.net.route import RouteSource
from iosemu.subjects.cef.config import CefStyle
from iosemu.subjects.cef.table import NOT_RUNNING, Entry, Path, entries, running


def show_ip_cef(context: Context, detail: bool = False, vrf: str = "") -> Iterator[str]:
    """`show ip cef [vrf V] [detail]`."""
    device = context.device
    where = found_vrf(device, vrf)
    if not running(device):
        yield NOT_RUNNING
        return
    table = entries(where)
    if detail:
        yield from _summary(where, len(table))
        for entry in table:
            yield from _in_full(entry, table)
        return
    yield "Prefix               Next Hop             Interface"
    for entry in table:
        for index, path in enumerate(entry.paths):
            lead = str(entry.network) if index == 0 else ""
            yield f"{lead:<20} {path.column:<20} {path.interface}".rstrip()


def show_prefix(
    context: Context,
    destination: IPv4Address,
    netmask: IPv4Address | None = None,
    detail: bool = False,
    vrf: str = "",
) -> Iterator[str]:
    """`show ip cef [vrf V] A.B.C.D [MASK] [detail]`: what is used for an address, or exactly this prefix."""
    where = found_vrf(context.device, vrf)
    if not running(context.device):
        yield NOT_RUNNING
        return
    table = entries(where)
    if netmask is None:
        chosen = [entry for entry in table if destination in entry.network]
        chosen = sorted(chosen, key=lambda entry: entry.network.prefixlen)[-1:]
    else:
        network = masked(destination, netmask)
        if network is None:
            raise CommandError("% Invalid mask")
        chosen = [entry for entry in table if entry.network == network]
    if not chosen:
        yield "%Prefix not found"
    for entry in chosen:
        if detail:
            yield from _in_full(entry, table)
        else:
            yield str(entry.network)
            yield from _paths(entry)


def show_exact_route(
    context: Context, source: IPv4Address, destination: IPv4Address, vrf: str = ""
) -> Iterator[str]:
    """`show ip cef [vrf V] exact-route SOURCE DESTINATION`: the way that packets of a conversation take."""
    device = context.device
    where = found_vrf(device, vrf)
    if not running(device):
        yield NOT_RUNNING
        return
    stack = device.service(IpStack)
    hop = stack.sharing.by_conversation(source, destination, where.routes.ways(destination))
    if where.is_local(destination):
        way = "receive"
    elif hop is None:
        way = "no route"
    elif hop.interface == "Null0":
        way = "drop"
    else:
        gateway = hop.next_hop or destination
        out = stack.interfaces.get(hop.interface)
        if out is not None and not stack.is_ethernet(out):
            way = f"IP adj out of {hop.interface}"
        else:
            way = f"IP adj out of {hop.interface}, addr {gateway}"
        if device.image.style(CefStyle).colon:
            yield f"{source!s:15} -> {destination!s:15}: {hop.interface} (next hop {gateway})"
            return
    yield f"{source} -> {destination} => {way}"


def _summary(vrf: Vrf, count: int) -> Iterator[str]:
    yield "IPv4 CEF is enabled and running"
    yield f"VRF {vrf.name or 'Default'}"
    yield f" {count} prefixes ({count}/0 fwd/non-fwd)"
    yield f" Table id 0x{vrf.number:X}"
    yield f" Database epoch:        0 ({count} entries at this epoch)"
    yield ""


def _in_full(entry: Entry, table: list[Entry]) -> Iterator[str]:
    """An entry with where it comes from."""
    flags = _flags(entry)
    sharing = ", per-destination sharing" if len(entry.paths) > 1 else ""
    yield f"{entry.network}, epoch 0{', flags ' + flags if flags else ''}{sharing}"
    route = entry.route
    if route is not None and route.source is RouteSource.CONNECTED and route.network.prefixlen < 31:
        inside = [each for each in table if each.cover == entry.network]
        if inside:
            edges = sum(not each.neighbor for each in inside)
            yield f"  Covered dependent prefixes: {len(inside)}"
            yield f"    need deagg: {edges}"
            if len(inside) > edges:
                yield f"    notify cover updated: {len(inside) - edges}"
    elif route is not None and route.source is RouteSource.LOCAL:
        yield f"  Interface source: {route.interface} flags: local, source eligible"
    elif entry.neighbor:
        out = entry.paths[0].interface
        yield f"  Adj source: IP adj out of {out}, addr {entry.network.network_address}"
        if entry.cover is not None:
            yield f"   Dependent covered prefix type adjfib, cover {entry.cover}"
    elif entry.cover is not None:
        yield f"  Interface source: {entry.paths[0].interface} flags: none"
        yield f"  Dependent covered prefix type cover need deagg, cover {entry.cover}"
    elif entry.paths[0].kind in ("drop", "receive"):
        yield f"  Special source: {entry.paths[0].kind}"
    yield from _paths(entry)


def _flags(entry: Entry) -> str:
    route, kinds = entry.route, {path.kind for path in entry.paths}
    if route is None:
        if entry.neighbor:
            return "attached"
        if "no route" in kinds:
            return "default route handler"
        return "receive" if "receive" in kinds else ""
    if route.source is RouteSource.LOCAL:
        return "receive, local, source eligible"
    if route.source is RouteSource.CONNECTED:
        if route.network.prefixlen < 31:
            return "attached, connected, cover dependents, need deagg"
        return "attached, connected"
    if "recursive" in kinds or "attached" in kinds:
        default = ", default route" if route.network.prefixlen == 0 else ""
        return f"rib only nolabel, rib defined all labels{default}"
    return ""


def _paths(entry: Entry) -> Iterator[str]:
    for path in entry.paths:
        yield from _path(path)


def _path(path: Path) -> Iterator[str]:
    match path.kind:
        case "nexthop":
            yield f"  nexthop {path.gateway} {path.interface}"
        case "recursive":
            yield f"  recursive via {path.gateway}"
            if path.interface:
                yield f"    attached to {path.interface}"
        case "attached":
            yield f"  attached to {path.interface}"
        case "receive" if path.interface:
            yield f"  receive for {path.interface}"
        case _:
            yield f"  {path.kind}"
