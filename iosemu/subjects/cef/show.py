"""`show ip cef`: the forwarding table that follows from routes and neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.ip.stack import IpStack
from iosemu.net.routing import RouteSource

_FIXED = (
    ("0.0.0.0/8", "drop"),
    ("0.0.0.0/32", "receive"),
    ("127.0.0.0/8", "drop"),
    ("224.0.0.0/4", "drop"),
    ("224.0.0.0/24", "receive"),
    ("240.0.0.0/4", "drop"),
    ("255.255.255.255/32", "receive"),
)
"""Prefixes that are in every table."""


def show_ip_cef(context: Context) -> Iterator[str]:
    """`show ip cef`."""
    device = context.device
    if (
        not device.service(IpStack).forwarding
        or device.config.of(SystemConfig).kept.get("ip cef") == "no ip cef"
    ):
        yield "%IPv4 CEF not running"
        return
    yield "Prefix               Next Hop             Interface"
    for (address, length), hops in sorted(_entries(device).items()):
        prefix = f"{IPv4Address(address)}/{length}"
        for index, (hop, interface) in enumerate(hops):
            lead = prefix if index == 0 else ""
            yield f"{lead:<20} {hop:<20} {interface}".rstrip()


def _entries(device: Device) -> dict[tuple[int, int], list[tuple[str, str]]]:
    table: dict[tuple[int, int], list[tuple[str, str]]] = {}

    def add(network: IPv4Network, hop: str, interface: str = "") -> None:
        table.setdefault((int(network.network_address), network.prefixlen), []).append((hop, interface))

    for prefix, hop in _FIXED:
        add(IPv4Network(prefix), hop)
    routes = list(device.service(IpStack).routes)
    if not any(route.network.prefixlen == 0 for route in routes):
        add(IPv4Network("0.0.0.0/0"), "no route")
    for route in routes:
        interface = route.interface or ""
        if route.source is RouteSource.LOCAL:
            add(route.network, "receive", interface)
        elif route.next_hop is not None:
            via = device.service(IpStack).routes.hop(route.next_hop)
            add(route.network, str(route.next_hop), interface or (via.interface if via is not None else ""))
        else:
            add(route.network, "attached", interface)
            if route.source is RouteSource.CONNECTED and route.network.prefixlen < 31:
                for edge in (route.network.network_address, route.network.broadcast_address):
                    add(IPv4Network(edge), "receive", interface)
    for entry in device.service(IpStack).arp.table:
        if entry.age(device.now) is not None and entry.interface:
            add(IPv4Network(entry.address), "attached", entry.interface)
    return table
