"""The forwarding table that follows from routes and neighbours, and the adjacencies that it leans on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.system import SystemConfig
from iosemu.ip.config import IpSettings
from iosemu.ip.routed import Dot1q
from iosemu.ip.serial import SerialLines
from iosemu.ip.stack import IpStack
from iosemu.ip.vrf import Vrf
from iosemu.net.arp_table import ArpKind
from iosemu.net.route import Route, RouteSource
from iosemu.packets.ethernet import EtherType

FIXED = (
    ("0.0.0.0/8", "drop"),
    ("0.0.0.0/32", "receive"),
    ("127.0.0.0/8", "drop"),
    ("224.0.0.0/4", "drop"),
    ("224.0.0.0/24", "receive"),
    ("240.0.0.0/4", "drop"),
    ("255.255.255.255/32", "receive"),
)
"""Prefixes that are in every table."""
NOT_RUNNING = "%IPv4 CEF not running"


@dataclass(slots=True)
class Path:
    """One way of an entry: `drop`, `receive`, `attached`, `no route`, `nexthop` or `recursive`."""

    kind: str
    interface: str = ""
    gateway: IPv4Address | None = None

    @property
    def column(self) -> str:
        """What `show ip cef` has under Next Hop."""
        return str(self.gateway) if self.gateway is not None else self.kind


@dataclass(slots=True)
class Entry:
    """A prefix of the table."""

    network: IPv4Network
    paths: list[Path] = field(default_factory=list)
    route: Route | None = None
    """Where it comes from; None: it is fixed, an edge of a subnet, or a neighbour."""
    cover: IPv4Network | None = None
    """The subnet that an edge or a neighbour lies in."""
    neighbor: bool = False


def running(device: Device) -> bool:
    """Whether the box forwards by such a table."""
    stopped = device.config.of(SystemConfig).kept.get("ip cef") == "no ip cef"
    return device.service(IpStack).forwarding and not stopped


def entries(vrf: Vrf) -> list[Entry]:
    """The table of a routing instance, by prefix."""
    table: dict[tuple[int, int], Entry] = {}

    def entry(network: IPv4Network) -> Entry:
        key = (int(network.network_address), network.prefixlen)
        return table.setdefault(key, Entry(network))

    for prefix, kind in FIXED:
        entry(IPv4Network(prefix)).paths.append(Path(kind))
    routes = list(vrf.routes)
    if not any(route.network.prefixlen == 0 for route in routes):
        entry(IPv4Network("0.0.0.0/0")).paths.append(Path("no route"))
    for route in routes:
        found = entry(route.network)
        found.route = route
        elsewhere = vrf.routes.overridden(route.network)
        if elsewhere is not None:
            found.paths = [Path("nexthop", elsewhere.interface, elsewhere.next_hop)]
            continue
        found.paths.append(_path(vrf, route))
        if route.source is RouteSource.CONNECTED and route.network.prefixlen < 31:
            for edge in (route.network.network_address, route.network.broadcast_address):
                at = entry(IPv4Network(edge))
                at.paths.append(Path("receive", route.interface or ""))
                at.cover = route.network
    for host in vrf.arp.table:
        if host.kind is not ArpKind.INTERFACE and host.interface:
            at = entry(IPv4Network(host.address))
            if at.route is None:
                at.paths = [Path("attached", host.interface)]
                at.neighbor = True
                at.cover = _cover(vrf, host.interface, host.address)
    return [table[key] for key in sorted(table)]


def _path(vrf: Vrf, route: Route) -> Path:
    interface = route.interface or ""
    if route.source is RouteSource.LOCAL:
        return Path("receive", interface)
    if route.next_hop is None:
        return Path("attached", interface)
    via = vrf.routes.hop(route.next_hop)
    out = interface or (via.interface if via is not None else "")
    recursive = route.source in (RouteSource.STATIC, RouteSource.BGP) and not route.interface
    return Path("recursive" if recursive else "nexthop", out, route.next_hop)


def _cover(vrf: Vrf, interface: str, address: IPv4Address) -> IPv4Network | None:
    settings = vrf.interfaces[interface].config.of(IpSettings) if interface in vrf.interfaces else None
    subnets = (each.network for each in settings.addresses) if settings is not None else ()
    return next((each for each in subnets if address in each), None)


@dataclass(frozen=True, slots=True)
class Adjacency:
    """What goes before packets to one neighbour."""

    interface: str
    address: str
    """The neighbour's, or `point2point`."""
    encapsulation: bytes
    """Empty for tunnels, whose outer header is made for each packet."""
    source: str
    """`ARP`, or `P2P-ADJ` of a line to one station."""
    references: int


def adjacencies(device: Device) -> Iterator[Adjacency]:
    """The adjacencies, by interface."""
    stack = device.service(IpStack)
    every = [(vrf.name, each) for vrf in stack.vrfs.values() for each in vrf.routes]
    hops = [(vrf, each.next_hop, each.interface) for vrf, each in every if each.next_hop is not None]
    caches = (each for vrf in stack.vrfs.values() for each in vrf.arp.table)
    neighbors = sorted(
        (each for each in caches if each.kind is not ArpKind.INTERFACE and each.interface),
        key=lambda each: int(each.address),
    )
    for name, interface in device.interfaces.items():
        if name not in stack.interfaces or not interface.protocol_up:
            continue
        if stack.is_ethernet(interface):
            for each in neighbors:
                if each.interface == name:
                    own = stack.vrf_of(name).name
                    uses = sum((own, each.address) == (vrf, hop) for vrf, hop, _out in hops)
                    encap = bytes(each.mac) + bytes(interface.mac) + EtherType.IPV4.to_bytes(2, "big")
                    yield Adjacency(name, str(each.address), _tagged(interface, encap), "ARP", _BASE + uses)
        elif interface.kind not in ("Loopback", "Null"):
            uses = sum(out == name for _vrf, _hop, out in hops)
            encap = b""
            lines = device.find(SerialLines)
            line = lines.protocol_of(name) if lines is not None else None
            if line is not None:
                encap = line.header()
            yield Adjacency(name, "point2point", encap, "P2P-ADJ", _BASE + uses)


_BASE = 7
"""References of an adjacency that no route needs, as IOS counts them."""


def _tagged(interface: Interface, header: bytes) -> bytes:
    vlan = interface.config.of(Dot1q)
    if vlan.vlan is None or vlan.native:
        return header
    return header[:12] + EtherType.DOT1Q.to_bytes(2, "big") + vlan.vlan.to_bytes(2, "big") + header[12:]
