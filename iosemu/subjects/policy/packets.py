"""Policy routing: packets that do not go where the routing table says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.service import Service
from iosemu.ip.path import In, Made, Transit
from iosemu.ip.stack import LIMITED_BROADCAST, IpStack
from iosemu.ip.vrf import Vrf
from iosemu.net.routing import Hop, Route, RouteSource
from iosemu.net.tracing import Line
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.discovery.service import Discovery
from iosemu.subjects.policy.config import DEBUG, PolicyConfig, PolicyPort, RouteMapEntry
from iosemu.subjects.policy.service import Policies
from iosemu.subjects.routing.tracking import ObjectTracker, tracked

CLIENT = "ROUTE-MAP 0"
"""What `show track` calls route-maps."""
ETHERNET_HEADER, TAG, SHORTEST_FRAME = 14, 4, 60
"""Octets of a frame; what is counted is the frame, without its check sequence."""


class PolicyRouting(Service):
    """`ip policy route-map` and `ip local policy route-map`."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._followed: set[int] = set()
        self._routed: set[str] = set()
        """The interfaces that have a route-map."""

    def interface_configured(self, interface: Interface) -> None:
        """`ip policy route-map` may have been typed."""
        port = interface.config.held(PolicyPort)
        self._stand(interface.name, port is not None and port.route_map is not None)

    def interface_added(self, interface: Interface) -> None:
        """It may have come with its configuration."""
        self.interface_configured(interface)

    def interface_removed(self, interface: Interface) -> None:
        """Its route-map is gone with it."""
        self._stand(interface.name, False)

    def _stand(self, name: str, routed: bool) -> None:
        """Be in the packets' way while any interface has a route-map."""
        if routed == (name in self._routed):
            return
        self._routed ^= {name}
        incoming = self.device.service(IpStack).incoming
        incoming.unhook(self._incoming)
        if self._routed:
            incoming.hook(In.POLICY, self._incoming)

    def changed(self) -> None:
        """Perhaps a local route-map, or others: `show track` tells which objects they depend on."""
        made = self.device.service(IpStack).made
        made.unhook(self._made)
        if self.device.config.of(PolicyConfig).local_policy is not None:
            made.hook(Made.POLICY, self._made)
        tracker = self.device.find(ObjectTracker)
        maps = self.device.config.of(PolicyConfig).route_maps.values()
        wanted = {
            each.track for entries in maps for entry in entries.values() for each in entry.verified.values()
        }
        if tracker is None or wanted == self._followed:
            return
        for number in self._followed - wanted:
            tracker.leave(number, CLIENT)
        for number in wanted - self._followed:
            tracker.follow(number, CLIENT, lambda _number, _up: None)  # they are asked for each packet
        self._followed = wanted

    def _incoming(self, transit: Transit) -> bool:
        interface = transit.came_in
        name = interface.config.of(PolicyPort).route_map if interface is not None else None
        if name is None or interface is None or self._stays(transit):
            return True
        self._route(name, transit, interface.name, self._octets(transit.packet, interface))
        return True

    def _made(self, transit: Transit) -> bool:
        name = self.device.config.of(PolicyConfig).local_policy
        if name is not None and not self._stays(transit):
            self._route(name, transit, "local", transit.packet.total_length)
        return True

    def _stays(self, transit: Transit) -> bool:
        """It is for this box, or for many."""
        destination = transit.packet.destination
        return (
            transit.link_broadcast
            or destination.is_multicast
            or destination == LIMITED_BROADCAST
            or transit.vrf.is_local(destination)
        )

    def _route(self, name: str, transit: Transit, came_in: str, octets: int) -> None:
        """Change a packet and choose its way, if an entry says so."""
        packet = transit.packet
        entry = self.device.service(Policies).packet_entry(name, packet)
        context = self.device.scheduler.context
        if entry is None or not entry.permit:
            if context is not None:
                what = "has no entry about it" if entry is None else f"{entry.sequence} denies it"
                context.note(
                    self.device.name, "policy", f"route-map {name} {what}: goes by the routing table"
                )
            why = "(no match)" if entry is None else "(explicit deny)"
            self._say(packet, came_in, f"FIB policy rejected{why} - normal forwarding")
            return
        self._say(packet, came_in, "FIB policy match")
        entry.packets += 1
        entry.octets += octets
        transit.packet = _marked(packet, entry)
        hop = next(self._ways(entry, packet.destination, transit.vrf), None)
        if context is not None:
            over = (
                "gives no way that can be used: by the routing table"
                if hop is None
                else f"sends it to {hop.next_hop or packet.destination} out of {hop.interface}"
            )
            header = Line(f"route-map {name} permit {entry.sequence}")
            line = Line(f"route-map {name} permit {entry.sequence}", ("set ",))
            context.note(
                self.device.name, "policy", f"route-map {name} {entry.sequence} {over}", header, line
            )
        if hop is None:
            if _leads(entry):
                self._say(packet, came_in, "FIB policy rejected - normal forwarding")
            return
        transit.hop = hop
        gateway = f"g={hop.next_hop or packet.destination}, "
        self._say(packet, came_in, "FIB policy routed", gateway)

    def _say(self, packet: IPv4Packet, came_in: str, what: str, gateway: str = "") -> None:
        if self.device.debugging.wants(DEBUG):
            head = f"IP: s={packet.source} ({came_in}), d={packet.destination}, {gateway}"
            self.device.log("", 7, "", f"{head}len {packet.total_length}, {what}")

    def _octets(self, packet: IPv4Packet, interface: Interface) -> int:
        """The length of the frame that a packet came in."""
        if not self.device.service(IpStack).is_ethernet(interface):
            return packet.total_length
        tag = TAG if "." in interface.name else 0
        return max(packet.total_length + ETHERNET_HEADER + tag, SHORTEST_FRAME)

    # --- ways ----------------------------------------------------------------------------------------

    def _ways(self, entry: RouteMapEntry, destination: IPv4Address, vrf: Vrf) -> Iterator[Hop]:
        """The ways that an entry gives and that can be used, best first."""
        for _, each in sorted(entry.verified.items()):
            if tracked(self.device, each.track):
                yield from self._over(vrf, each.address)
        for address in entry.next_hops:
            ways = self._over(vrf, address)
            yield from (each for each in ways if not entry.verify_availability or self._is_heard(each))
        if entry.next_hop_recursive is not None:
            yield from self._over(vrf, entry.next_hop_recursive, recursive=True)
        for name in entry.out_interfaces:
            yield from self._out_of(name, destination)
        route = vrf.routes.lookup(destination)
        if route is None or route.network.prefixlen == 0:
            for address in entry.default_next_hops:
                yield from self._over(vrf, address)
            for name in entry.default_interfaces:
                yield from self._out_of(name, destination)

    def _is_heard(self, hop: Hop) -> bool:
        """Whether CDP hears a next hop: what `verify-availability` without a tracked object goes by."""
        discovery, port = self.device.find(Discovery), hop.interface.partition(".")[0]
        return discovery is not None and any(
            each.local_port == port and hop.next_hop in each.packet.addresses
            for each in discovery.cdp.neighbors(self.device.now)
        )

    def _over(self, vrf: Vrf, address: IPv4Address, recursive: bool = False) -> Iterator[Hop]:
        """The way to a next hop: a neighbor on a connected network, or (recursive) anywhere."""
        hop = vrf.routes.hop(address)
        if hop is None:
            return
        if hop.route.source is RouteSource.CONNECTED:
            yield Hop(hop.interface, address, hop.route)
        elif recursive:
            yield hop

    def _out_of(self, name: str, destination: IPv4Address) -> Iterator[Hop]:
        found = self.device.interfaces.get(name)
        if found is not None and found.protocol_up:
            network = IPv4Network((int(destination), 32))
            yield Hop(name, None, Route(network, RouteSource.STATIC, name))


def _leads(entry: RouteMapEntry) -> bool:
    """An entry says where packets go."""
    return bool(
        entry.verified
        or entry.next_hops
        or entry.next_hop_recursive
        or entry.out_interfaces
        or entry.default_next_hops
        or entry.default_interfaces
    )


def _marked(packet: IPv4Packet, entry: RouteMapEntry) -> IPv4Packet:
    """The packet with what `set ip precedence`, `tos` and `df` make of it (RFC 791, 1349)."""
    tos = packet.tos
    if entry.precedence is not None:
        tos = tos & 0x1F | entry.precedence << 5
    if entry.tos is not None:
        tos = tos & 0xE1 | entry.tos << 1
    df = packet.dont_fragment if entry.df is None else bool(entry.df)
    if (tos, df) == (packet.tos, packet.dont_fragment):
        return packet
    return replace(packet, tos=tos, dont_fragment=df)
