"""IP-MIB (RFC 4293, the objects of RFC 2011 that IOS has) and IP-FORWARD-MIB (RFC 2096)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv4Interface

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.net.arp_table import ArpEntry, ArpKind
from iosemu.net.route import Route, RouteSource
from iosemu.net.snmp.mib import Node, Scalar, Table
from iosemu.packets.snmp import Oid, Value, address, counter, gauge, integer, octets, oid
from iosemu.subjects.snmp.mibs.indexes import InterfaceIndexes

IP = (1, 3, 6, 1, 2, 1, 4)
UDP = (1, 3, 6, 1, 2, 1, 7)
_PROTOCOLS = {
    RouteSource.CONNECTED: 2,
    RouteSource.LOCAL: 2,
    RouteSource.STATIC: 3,
    RouteSource.RIP: 8,
    RouteSource.EIGRP: 16,
    RouteSource.OSPF: 13,
    RouteSource.BGP: 14,
}
"""IANAipRouteProtocol."""
_COUNTED = {
    3: "received",
    4: "header_errors",
    6: "forwarded",
    9: "delivered",
    10: "generated",
    12: "no_route",
    15: "reassembled",
    17: "fragmented",
    18: "cannot_fragment",
    19: "fragments_made",
}
_NOBODY = IPv4Address(0)


def _numbers(value: IPv4Address) -> Oid:
    return tuple(value.packed)


def ip_nodes(device: Device, indexes: InterfaceIndexes) -> list[Node]:
    """All objects of the two MIBs, and those of UDP."""
    stack = device.service(IpStack)

    def count(name: str) -> Callable[[], Value]:
        return lambda: counter(int(getattr(stack.counters, name)))

    def addresses() -> Iterator[tuple[Oid, tuple[IPv4Interface, Interface]]]:
        for interface in list(device.interfaces.values()):
            settings = interface.config.held(IpSettings)
            for each in settings.addresses if settings is not None else ():
                yield _numbers(each.ip), (each, interface)

    def neighbours() -> Iterator[tuple[Oid, ArpEntry]]:
        for entry in stack.arp.table:
            yield (indexes.number(entry.interface), *_numbers(entry.address)), entry

    def routes() -> Iterator[tuple[Oid, Route]]:
        for route in stack.routes:
            if route.source is RouteSource.LOCAL:
                continue
            hop = route.next_hop or _NOBODY
            yield (
                (
                    *_numbers(route.network.network_address),
                    *_numbers(route.network.netmask),
                    0,
                    *_numbers(hop),
                ),
                route,
            )

    def best() -> Iterator[tuple[Oid, Route]]:
        """One route a destination, for the older table."""
        for route in stack.routes:
            if route.source is not RouteSource.LOCAL:
                yield _numbers(route.network.network_address), route

    def out_of(route: Route) -> Value:
        name = route.interface
        if name is None and route.next_hop is not None:
            hop = stack.routes.hop(route.next_hop)
            name = hop.interface if hop is not None else None
        return integer(indexes.number(name) if name is not None else 0)

    def age(route: Route) -> Value:
        return integer(int(max(0.0, device.now - route.updated)))

    def kind(route: Route) -> int:
        return 3 if route.source is RouteSource.CONNECTED else 4

    def listening() -> Iterator[tuple[Oid, int]]:
        for port in stack.udp_ports():
            yield (0, 0, 0, 0, port), port

    return [
        Scalar((*IP, 1), lambda: integer(1 if stack.forwarding else 2)),
        Scalar((*IP, 2), lambda: integer(stack.ttl)),
        *(Scalar((*IP, number), count(name)) for number, name in _COUNTED.items()),
        Scalar((*IP, 13), lambda: integer(30)),
        Table(
            (*IP, 20, 1),
            addresses,
            {
                1: lambda each: address(each[0].ip),
                2: lambda each: integer(indexes.number(each[1].name)),
                3: lambda each: address(each[0].netmask),
                4: lambda _each: integer(1),
                5: lambda _each: integer(18024),
            },
        ),
        Table(
            (*IP, 21, 1),
            best,
            {
                1: lambda each: address(each.network.network_address),
                2: out_of,
                3: lambda each: integer(each.metric),
                7: lambda each: address(each.next_hop or _NOBODY),
                8: lambda each: integer(kind(each)),
                9: lambda each: integer(_PROTOCOLS[each.source]),
                10: age,
                11: lambda each: address(each.network.netmask),
                13: lambda _each: oid((0, 0)),
            },
        ),
        Table(
            (*IP, 22, 1),
            neighbours,
            {
                1: lambda each: integer(indexes.number(each.interface)),
                2: lambda each: octets(bytes(each.mac)),
                3: lambda each: address(each.address),
                4: lambda each: integer(3 if each.kind is ArpKind.DYNAMIC else 4),
            },
        ),
        Scalar((*IP, 24, 3), lambda: gauge(sum(1 for _ in routes()))),
        Table(
            (*IP, 24, 4, 1),
            routes,
            {
                1: lambda each: address(each.network.network_address),
                2: lambda each: address(each.network.netmask),
                3: lambda _each: integer(0),
                4: lambda each: address(each.next_hop or _NOBODY),
                5: out_of,
                6: lambda each: integer(kind(each)),
                7: lambda each: integer(_PROTOCOLS[each.source]),
                8: age,
                9: lambda _each: oid((0, 0)),
                10: lambda _each: integer(0),
                11: lambda each: integer(each.metric),
                16: lambda _each: integer(1),
            },
        ),
        Scalar((*UDP, 1), count("udp_received")),
        Scalar((*UDP, 2), count("udp_no_port")),
        Scalar((*UDP, 3), count("udp_errors")),
        Scalar((*UDP, 4), count("udp_sent")),
        Table(
            (*UDP, 5, 1),
            listening,
            {1: lambda _each: address(_NOBODY), 2: lambda each: integer(each)},
        ),
    ]
