"""`show ip cache flow`, `show ip flow …`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.box.interface_types import short_name
from iosemu.handling.context import Context
from iosemu.ip.config import primary_address
from iosemu.ip.stack import IpStack
from iosemu.net.netflow.cache import PROTOCOLS, SIZES, Flow, FlowCache, Total
from iosemu.subjects.netflow.config import NetflowConfig
from iosemu.subjects.netflow.service import Netflow

ENTRY, SUB_ENTRY = 68, 21
"""Octets of an entry of the cache, as shows count them."""
_FIRST_ROW = 15
"""Sizes in the first row of the distribution."""


def show_ip_cache_flow(context: Context) -> Iterator[str]:
    """`show ip cache flow`."""
    yield from _statistics(context)
    yield "SrcIf         SrcIPaddress    DstIf         DstIPaddress    Pr SrcP DstP  Pkts"
    for flow in list(context.device.service(Netflow).cache.flows.values()):
        key = flow.key
        yield (
            f"{short_name(flow.came_in):<14}{key.source!s:<16}{_out(flow):<14}{key.destination!s:<16}"
            f"{key.protocol:02X} {key.source_port:04X} {key.destination_port:04X} {_count(flow.packets):>5} "
        )


def show_ip_cache_verbose_flow(context: Context) -> Iterator[str]:
    """`show ip cache verbose flow`."""
    yield from _statistics(context)
    yield "SrcIf          SrcIPaddress    DstIf          DstIPaddress    Pr TOS Flgs  Pkts"
    yield "Port Msk AS                    Port Msk AS    NextHop              B/Pk  Active"
    stack = context.device.service(IpStack)
    for flow in list(context.device.service(Netflow).cache.flows.values()):
        key = flow.key
        routes = stack.vrf_of(key.interface).routes
        masks = []
        for address in (key.source, key.destination):
            route = routes.lookup(address)
            masks.append(route.network.prefixlen if route is not None else 0)
        yield (
            f"{short_name(flow.came_in):<15}{key.source!s:<16}{_out(flow):<15}{key.destination!s:<16}"
            f"{key.protocol:02X} {key.tos:02X}  {flow.tcp_flags:02X}   {_count(flow.packets):>5} "
        )
        yield (
            f"{key.source_port:04X} {f'/{masks[0]}':<4}{0:<22}{key.destination_port:04X} {f'/{masks[1]}':<4}{0:<6}"
            f"{flow.next_hop!s:<16}{flow.octets // max(flow.packets, 1):>9}{flow.last - flow.first:>8.1f}"
        )


def _out(flow: Flow) -> str:
    """Where it leaves; a star stands behind what was counted there."""
    out = flow.out if flow.out in ("Null", "Local") else short_name(flow.out)
    return f"{out}{'*' if flow.key.egress else ''}"


def _count(number: int) -> str:
    return f"{number // 1000}K" if number >= 100_000 else str(number)


def _statistics(context: Context) -> Iterator[str]:
    device = context.device
    cache, config = device.service(Netflow).cache, device.config.of(NetflowConfig)
    yield f"IP packet size distribution ({cache.packets} total packets):"
    yield from _distribution(cache)
    yield ""
    active = len(cache.flows)
    yield f"IP Flow Switching Cache, {config.entries * ENTRY} bytes"
    yield f"  {active} active, {config.entries - active} inactive, {cache.added} added"
    yield f"  {cache.polls} ager polls, {cache.failures} flow alloc failures"
    yield f"  Active flows timeout in {config.active} minutes"
    yield f"  Inactive flows timeout in {config.inactive} seconds"
    yield f"IP Sub Flow Cache, {config.entries // 4 * SUB_ENTRY} bytes"
    yield f"  0 active, {config.entries // 4} inactive, 0 added, 0 added to flow"
    yield "  0 alloc failures, 0 force free"
    yield "  1 chunk, 1 chunk added"
    yield f"  last clearing of statistics {_ago(device.now, cache.cleared)}"
    yield "Protocol         Total    Flows   Packets Bytes  Packets Active(Sec) Idle(Sec)"
    yield "--------         Flows     /Sec     /Flow  /Pkt     /Sec     /Flow     /Flow"
    since = device.now - max(cache.cleared or 0.0, device.booted_at)
    whole = Total()
    for name, _, _ in PROTOCOLS:
        total = cache.totals.get(name)
        if total is None:
            continue
        yield _row(name, total, since)
        whole = replace(
            whole,
            flows=whole.flows + total.flows,
            packets=whole.packets + total.packets,
            octets=whole.octets + total.octets,
            active=whole.active + total.active,
            idle=whole.idle + total.idle,
        )
    if whole.flows:
        yield _row("Total:", whole, since)
    yield ""


def _row(name: str, total: Total, since: float) -> str:
    flows, packets = max(total.flows, 1), max(total.packets, 1)
    seconds = max(since, 1.0)
    return (
        f"{name:<14}{total.flows:>8}{total.flows / seconds:>9.1f}{total.packets // flows:>10}"
        f"{total.octets // packets:>6}{total.packets / seconds:>9.1f}{total.active / flows:>10.1f}"
        f"{total.idle / flows:>10.1f}"
    )


def _distribution(cache: FlowCache) -> Iterator[str]:
    """The parts of packets up to each length."""
    heads = ["1-32", *map(str, SIZES[1:_FIRST_ROW])]
    yield "   " + " ".join(f"{each:>4}" for each in heads)
    whole = max(cache.packets, 1)
    parts = [_part(each, whole) for each in cache.sizes]
    yield "   " + " ".join(parts[:_FIRST_ROW])
    yield ""
    yield "   " + " ".join(f"{each:>4}" for each in SIZES[_FIRST_ROW:])
    yield "   " + " ".join(parts[_FIRST_ROW : len(SIZES)])


def _part(count: int, whole: int) -> str:
    return "1.00" if count == whole and count else f"{int(count * 1000 / whole) / 1000:.3f}"[1:]


def _ago(now: float, when: float | None) -> str:
    if when is None:
        return "never"
    seconds = int(now - when)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def show_ip_flow_export(context: Context) -> Iterator[str]:
    """`show ip flow export`."""
    device = context.device
    config, exporter = device.config.of(NetflowConfig), device.service(Netflow).exporter
    if not config.destinations:
        yield "Flow export is disabled for main cache"
    else:
        yield f"Flow export v{config.version} is enabled for main cache"
        yield "  Export source and destination details : "
        yield "  VRF ID : Default"
        if config.source:
            lender = device.config.interfaces.get(config.source)
            address = primary_address(lender) if lender is not None else None
            yield f"    Source(1)       {address or IPv4Address(0)} ({config.source})"
        for number, (address, port) in enumerate(config.destinations, 1):
            yield f"    Destination({number})  {address} ({port}) "
    yield f"  Version {config.version} flow records"
    yield f"  {exporter.flows} flows exported in {exporter.datagrams} udp datagrams"
    yield f"  {exporter.failed} flows failed due to lack of export packet"
    yield "  0 export packets were sent up to process level"
    yield "  0 export packets were dropped due to no fib"
    yield "  0 export packets were dropped due to adjacency issues"
    yield "  0 export packets were dropped due to fragmentation failures"
    yield "  0 export packets were dropped due to encapsulation fixup failures"


def show_ip_flow_interface(context: Context) -> Iterator[str]:
    """`show ip flow interface`."""
    for name, ingress, egress in context.device.service(Netflow).watched():
        yield name
        if ingress:
            yield "  ip flow ingress"
        if egress:
            yield "  ip flow egress"


def show_ip_flow_top_talkers(context: Context) -> Iterator[str]:
    """`show ip flow top-talkers`."""
    device = context.device
    talkers, cache = device.config.of(NetflowConfig).top_talkers, device.service(Netflow).cache
    if talkers is None or talkers.top is None or not talkers.sort_by:
        yield "% Top talkers not configured"
        return
    by_octets = talkers.sort_by == "bytes"
    flows = sorted(cache.flows.values(), key=lambda each: -(each.octets if by_octets else each.packets))
    yield ""
    what = "Bytes" if by_octets else " Pkts"
    yield f"SrcIf         SrcIPaddress    DstIf         DstIPaddress    Pr SrcP DstP {what}"
    shown = flows[: talkers.top]
    for flow in shown:
        key = flow.key
        amount = _count(flow.octets) if by_octets else _count(flow.packets)
        yield (
            f"{short_name(flow.came_in):<14}{key.source!s:<16}{_out(flow):<14}{key.destination!s:<16}"
            f"{key.protocol:02X} {key.source_port:04X} {key.destination_port:04X} {amount:>5} "
        )
    yield f"{len(shown)} of {talkers.top} top talkers shown. {len(flows)} flows processed"
