"""IPv4 as a router, a switch's VLAN interface or a host runs it (RFC 791, RFC 1122, RFC 1812)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache, partial
from ipaddress import IPv4Address, IPv4Network
from typing import ClassVar

from iosemu.box import interface_tracing
from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.box.interface_types import Medium
from iosemu.ip import debug, tcp_reset, tracing
from iosemu.ip.config import IpSettings, ip_mtu
from iosemu.ip.icmp import IcmpHandler
from iosemu.ip.interfaces import IpInterfaces
from iosemu.ip.path import In, Path, Transit
from iosemu.ip.reassembly import Reassembly
from iosemu.ip.sharing import LoadSharing
from iosemu.ip.vrf import Vrf
from iosemu.net.fragment import FragmentationNeededError, fragment
from iosemu.net.routing import Hop, Route, RouteSource
from iosemu.packets.addresses import BROADCAST, MacAddress
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EtherType, around_ipv4
from iosemu.packets.icmp import UnreachableCode
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram

LIMITED_BROADCAST = IPv4Address("255.255.255.255")

_CARRIERS = frozenset((4, Protocol.GRE, Protocol.ESP, Protocol.AH))
"""Protocols whose packets have others in them (4: RFC 2003)."""
_ETHERNET = Medium.ETHERNET  # a name of the module is found sooner, and each packet asks for it
_DHCP_CLIENT = (68).to_bytes(2, "big")

UdpHandler = Callable[[IPv4Packet, UdpDatagram, str], None]
"""Takes a packet, the datagram in it and the name of the interface it came in on."""
ProtocolHandler = Callable[[IPv4Packet, str], None]
"""Takes a packet for this box and the name of the interface it came in on."""
LinkOutput = Callable[[IPv4Packet, Interface, IPv4Address], bool]
"""Sends a packet out of an interface on which no ARP is needed, to a next hop; False: dropped."""


class IpStack(IpInterfaces):
    """IPv4 over the interfaces it was given by `attach`.

    In: the stages of `path.In`, then local delivery, or TTL and route. Out: the stages of `path.Out`, then
    encryption, fragmentation and the link.
    """

    __slots__ = (
        "_default_protocols", "_groups", "_identification", "_links", "_protocols", "_reassembly",
        "_udp", "acquiring", "icmp", "incoming", "local", "made", "outgoing", "packet_debugging",
        "sharing", "under_way",
    )  # fmt: skip

    ttl: ClassVar[int] = 255
    """TTL of packets made here."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.icmp = IcmpHandler(self)
        self.incoming = Path()
        self.made = Path()
        self.local = Path()
        self.outgoing = Path()
        self.sharing = LoadSharing(self)
        self._udp: dict[tuple[str | None, int], UdpHandler] = {}
        """By the name of the instance, None: all that there are and will be."""
        self.acquiring: set[str] = set()
        """Interfaces whose address a DHCP client looks after: what is for it comes to any address."""
        self._protocols: dict[int, ProtocolHandler] = {}
        self._default_protocols: set[int] = set()
        """IP protocols that are spoken in the default instance alone."""
        self.packet_debugging = debug.PacketDebugging()
        self._links: dict[str, LinkOutput] = {"Loopback": lambda _packet, _interface, _next_hop: True}
        self._groups: dict[int, dict[str, int]] = {}
        """By the number of the group: an IPv4Address makes its hash anew from a text each time."""
        self._reassembly: dict[str, Reassembly] = {}
        """By the name of the instance."""
        self.under_way: Transit | None = None
        """The packet that is being sent; what makes frames of it may ask where it came from."""
        self._identification = device.rng.randrange(0, 0x10000)

    def bind_udp(self, port: int, handler: UdpHandler | None, *, vrf: str | None = "") -> None:
        """Give datagrams to a local port to `handler`; None unbinds.

        `vrf` is the instance that they come in by, None: any that there is or will be.
        """
        if handler is None:
            self._udp.pop((vrf, port), None)
        else:
            self._udp[vrf, port] = handler

    def listens(self, port: int, vrf: str | None = None) -> bool:
        """Whether a UDP port of this box has a handler, in an instance or (None) in any."""
        if vrf is None:
            return any(each == port for _, each in self._udp)
        return (vrf, port) in self._udp or (None, port) in self._udp

    def udp_ports(self) -> list[int]:
        """The UDP ports that have a handler, in order."""
        return sorted({port for _, port in self._udp})

    def bind_protocol(self, number: int, handler: ProtocolHandler | None, *, every_vrf: bool = False) -> None:
        """Give packets of an IP protocol addressed to this box to `handler`; None unbinds.

        `every_vrf`: not only those that came in by interfaces of the default instance.
        """
        self._default_protocols.discard(number)
        if handler is None:
            self._protocols.pop(number, None)
        else:
            self._protocols[number] = handler
            if not every_vrf:
                self._default_protocols.add(number)

    def bind_link(self, kind: str, send: LinkOutput) -> None:
        """Let `send` carry the packets that leave by interfaces of a type that has no Ethernet."""
        self._links[kind] = send

    def link_of(self, kind: str) -> LinkOutput | None:
        """Who carries the packets that leave by interfaces of a type."""
        return self._links.get(kind)

    def join(self, group: IPv4Address, interface: str) -> None:
        """Take packets to a multicast group that come in on an interface, until as many `leave`."""
        members = self._groups.setdefault(int(group), {})
        members[interface] = members.get(interface, 0) + 1

    def leave(self, group: IPv4Address, interface: str) -> None:
        """Undo one `join`."""
        members = self._groups.get(int(group), {})
        count = members.get(interface, 0) - 1
        if count > 0:
            members[interface] = count
        elif members.pop(interface, None) is not None and not members:
            del self._groups[int(group)]

    def start(self) -> None:
        """Take the frames that carry IPv4 and ARP."""
        self.device.bind_ethertype(EtherType.IPV4, self._receive_ip)
        self.device.bind_ethertype(EtherType.ARP, self._receive_arp)

    def stop(self) -> None:
        """Forget all timers; the box is switched off and this stack will not be used again."""
        for vrf in self.vrfs.values():
            vrf.arp.stop()
        for each in self._reassembly.values():
            each.stop()

    # --- in ------------------------------------------------------------------------------------------

    def _receive_ip(self, interface: Interface, frame: bytes) -> None:
        name, has_address = interface.name, interface.config.of(IpSettings).has_address
        acquiring = name in self.acquiring
        context = self.device.scheduler.context
        if name not in self.interfaces or not (has_address or acquiring):
            if context is not None:
                tracing.no_address(interface, context)
            return
        try:
            packet = IPv4Packet.parse(frame, start=14)
        except MalformedPacket:
            self.counters.header_errors += 1
            if context is not None:
                tracing.malformed(interface, context)
            return
        counters, vrf = self.counters, self._homes.get(name, self.default)
        counters.received += 1
        if acquiring and packet.protocol == Protocol.UDP and packet.payload[2:4] == _DHCP_CLIENT:
            self._deliver(packet, interface, vrf)
            return
        if not has_address:
            return
        group = bool(frame[0] & 1)
        if group:
            broadcast = frame[:6] == BROADCAST
            counters.broadcasts_received += broadcast
            counters.multicasts_received += not broadcast
        if (
            context is None
            and not (self.incoming.any or self.local.any)
            and self._is_for_us(packet, interface, vrf)
        ):
            self._deliver(packet, interface, vrf)
            return
        if context is not None:
            tracing.for_group(self, context, interface, frame[:6])
        self._input(
            Transit(packet, interface, vrf, came_from=frame[6:12], came_to=frame[:6], link_broadcast=group)
        )

    def _receive_arp(self, interface: Interface, frame: bytes) -> None:
        if interface.config.of(IpSettings).has_address and interface.name in self.interfaces:
            self.vrf_of(interface.name).arp.receive(interface, frame[14:])

    def tunnelled(self, packet: IPv4Packet, interface: Interface, far_end: IPv4Address | None = None) -> None:
        """Take a packet that came out of a tunnel or from a line without Ethernet.

        `far_end`: that of a tunnel that has several.
        """
        if interface.config.of(IpSettings).has_address:
            self.counters.received += 1
            self._input(Transit(packet, interface, self.vrf_of(interface.name), far_end=far_end))

    def decapsulated(self, packet: IPv4Packet, interface: str, inside: Vrf | None = None) -> None:
        """Take a packet that came out of protected ones, which came in on `interface`.

        It is routed `inside` an instance; None: that of the interface.
        """
        vrf = inside or self.vrf_of(interface)
        self._input(Transit(packet, self.interfaces[interface], vrf), In.TRANSLATION)

    def _input(self, transit: Transit, start: int = 0) -> None:
        interface = transit.came_in
        assert interface is not None
        context = self.device.scheduler.context
        if context is None:
            passes = self.incoming.run(transit, start)
        else:
            tracing.arrived(self, context, transit)
            passes = tracing.run(self, context, self.incoming, transit, start)
        if not passes:
            return
        packet = transit.packet
        if self._is_for_us(packet, interface, transit.vrf):
            if not self.local.any or self._passes_local(transit):
                self._deliver(transit.packet, interface, transit.vrf)
        elif self.forwarding and not transit.link_broadcast and not packet.is_group:
            self._forward(transit, interface)
        elif context is not None:
            tracing.not_ours(self, context, transit)

    def _passes_local(self, transit: Transit) -> bool:
        context = self.device.scheduler.context
        return self.local.run(transit) if context is None else tracing.run(self, context, self.local, transit)

    def _is_for_us(self, packet: IPv4Packet, interface: Interface, vrf: Vrf) -> bool:
        destination = packet.destination
        number = int(destination)
        if number >> 28 == 0xE:
            return interface.name in self._groups.get(number, ())
        if destination in vrf.local or destination == LIMITED_BROADCAST:
            return True
        # a broadcast for another subnet is forwarded (or not) as a directed broadcast
        return vrf.broadcasts.get(destination) == interface.name

    def _deliver(self, packet: IPv4Packet, interface: Interface, vrf: Vrf) -> None:
        """Take a packet for this box; `vrf` is the instance that the interface is in."""
        if packet.is_fragment:
            whole = self._reassembly_in(vrf).add(packet)
            if whole is None:
                if self.device.scheduler.context is not None:
                    tracing.waits_for_fragments(self, self.device.scheduler.context)
                return
            self.counters.reassembled += 1
            packet = whole
        self.counters.delivered += 1
        if self.device.debugging.any:
            debug.packet(self, packet, interface.name, interface.name, f"{debug.length(packet)}, rcvd 3")
        context = self.device.scheduler.context
        if context is not None:
            tracing.delivered(self, context, packet)
            before = len(context.trace.notes)
            self._dispatch(packet, interface, vrf)
            tracing.untaken(self, context, packet, before)
            return
        self._dispatch(packet, interface, vrf)

    def _dispatch(self, packet: IPv4Packet, interface: Interface, vrf: Vrf) -> None:
        handler = self._protocols.get(packet.protocol)
        if vrf is not self.default and packet.protocol in self._default_protocols:
            handler = None
        if handler is not None:
            handler(packet, interface.name)
        elif packet.protocol == Protocol.ICMP:
            self.icmp.receive(packet, interface)
        elif packet.protocol == Protocol.UDP:
            self._deliver_udp(packet, interface, vrf)
        elif packet.protocol == Protocol.TCP:
            tcp_reset.refuse(self, packet, vrf)
        elif vrf.is_local(packet.destination):
            self.icmp.unreachable(UnreachableCode.PROTOCOL, packet, interface)

    def _deliver_udp(self, packet: IPv4Packet, interface: Interface, vrf: Vrf) -> None:
        try:
            datagram = UdpDatagram.parse(packet.payload, packet.source, packet.destination)
        except MalformedPacket:
            self.counters.udp_errors += 1
            return
        self.counters.udp_received += 1
        port = datagram.destination_port
        handler = self._udp.get((vrf.name, port)) or self._udp.get((None, port))
        if handler is not None:
            handler(packet, datagram, interface.name)
            return
        self.counters.udp_no_port += 1
        if vrf.is_local(packet.destination):
            self.icmp.unreachable(UnreachableCode.PORT, packet, interface)

    def _reassembly_in(self, vrf: Vrf) -> Reassembly:
        found = self._reassembly.get(vrf.name)
        if found is None:
            given_up = partial(self.icmp.reassembly_time_exceeded, vrf)
            found = self._reassembly[vrf.name] = Reassembly(self.device, given_up)
        return found

    def remove_vrf(self, name: str) -> None:
        """Forget an instance, its UDP ports, and the fragments that came for it."""
        super().remove_vrf(name)
        if name:
            for key in [each for each in self._udp if each[0] == name]:
                del self._udp[key]
        waiting = self._reassembly.pop(name, None) if name else None
        if waiting is not None:
            waiting.stop()

    # --- through -------------------------------------------------------------------------------------

    def _forward(self, transit: Transit, interface: Interface) -> None:
        packet, vrf = transit.packet, transit.vrf
        context = self.device.scheduler.context
        if packet.ttl <= 1:
            self.counters.ttl_expired += 1
            if context is not None:
                tracing.expired(self, context)
            self.icmp.time_exceeded(packet, interface)
            return
        hop = transit.hop
        if hop is None:
            ways = vrf.routes.ways(packet.destination)
            hop = ways[0] if len(ways) == 1 else self.sharing.passed_on(vrf.routes, packet, ways)
        out = self.interfaces.get(hop.interface) if hop is not None else None
        if hop is None or out is None or out.kind == "Null":
            self.counters.no_route += 1
            if self.device.debugging.any:
                debug.packet(self, packet, interface.name, None, f"{debug.length(packet)}, unroutable")
            silent = out is not None and not out.config.of(IpSettings).unreachables
            silent = silent or not interface.config.of(IpSettings).unreachables
            if context is not None:
                tracing.no_route(self, context, packet.destination, hop, silent)
            if not silent:
                self.icmp.unreachable(UnreachableCode.HOST, packet, interface)
            return
        if context is not None and transit.hop is None:
            tracing.routed(self, context, packet.destination, hop, vrf)
        if (
            packet.destination in self.vrf_of(out.name).broadcasts
            and not out.config.of(IpSettings).directed_broadcast
        ):
            if context is not None:
                tracing.directed_broadcast(self, context, out)
            return
        if out is interface and interface.config.of(IpSettings).redirects:
            told = self.virtual.redirect(interface, hop.next_hop or packet.destination, transit.came_to)
            if told is not None:
                self.icmp.redirect_if_same_net(packet, interface, *told)
        self.counters.forwarded += 1
        if self.device.debugging.any:
            gateway = hop.next_hop or packet.destination
            what = f"g={gateway}, {debug.length(packet)}, forward"
            debug.packet(self, packet, interface.name, out.name, what)
        transit.packet, transit.hop, transit.out = packet.with_ttl(packet.ttl - 1), hop, out
        processor = self.device.processor
        processor.passing_on = True
        try:
            if self._output(transit):
                processor.switched()
        finally:
            processor.passing_on = False

    # --- out -----------------------------------------------------------------------------------------

    def send(
        self,
        packet: IPv4Packet,
        *,
        interface: str | None = None,
        bypass: bool = False,
        vrf: Vrf | None = None,
    ) -> bool:
        """Send a packet made here; False: dropped at once (no route, no carrier, ARP unresolved …).

        A packet without identification gets the next one. It is routed in `vrf`, the default one unless it is given;
        `interface` forces the way out (for broadcasts), and then its instance counts.
        `bypass` is for packets that the crypto engine made: they leave without the stages of `path.Out`.
        """
        context = self.device.scheduler.context
        if context is not None and context.made is not packet:
            return tracing.send(self, context, packet, interface, bypass, vrf)
        if not packet.identification and not packet.is_fragment:
            packet = replace(packet, identification=self.next_identification())
        self.counters.generated += 1
        where = vrf or (self._homes.get(interface, self.default) if interface is not None else self.default)
        if not packet.is_group and packet.destination in where.local:
            own = self.interfaces.get(where.local[packet.destination])
            if own is None or not own.nonbroadcast:
                self.device.scheduler.after(0.0, lambda: self._loop_back(packet, where))
                return True
            interface = own.name  # such a network brings it back, where it has a way to its own address
        if interface is not None:
            out = self.interfaces.get(interface)
            hop: Hop | None = _attached(interface, int(packet.destination))
        else:
            made = Transit(packet, None, where)
            if not bypass and not self.made.run(made):
                return False
            packet, hop = made.packet, made.hop
            if hop is None:
                ways = where.routes.ways(packet.destination)
                wrapped = bypass or self.device.processor.passing_on
                hop = (
                    ways[0]
                    if len(ways) == 1
                    else self.sharing.made_here(where.routes, packet, ways, wrapped=wrapped)
                )
            out = self.interfaces.get(hop.interface) if hop is not None else None
            if context is not None and hop is not None and made.hop is None:
                tracing.routed(self, context, packet.destination, hop, where)
        if hop is None or out is None:
            self.counters.no_route += 1
            if context is not None:
                tracing.no_route(self, context, packet.destination, None)
            if self.device.debugging.any:
                debug.packet(self, packet, None, None, f"{debug.length(packet)}, unroutable")
            return False
        if self.device.debugging.any:
            debug.packet(self, packet, None, out.name, f"{debug.length(packet)}, sending")
        if (
            context is None
            and not (self.outgoing.any or self.local.any)
            and packet.total_length <= ip_mtu(out.config)
        ):
            return self._to_link(packet, hop, out)
        return self._output(Transit(packet, None, where, out, hop), bypass=bypass)

    def send_udp(
        self,
        source: IPv4Address | None,
        source_port: int,
        destination: IPv4Address,
        destination_port: int,
        data: bytes,
        *,
        tos: int = 0,
        bypass: bool = False,
        vrf: Vrf | None = None,
    ) -> bool:
        """Send a datagram from one of our addresses (None: that of the interface it leaves by)."""
        if source is None:
            source = (vrf or self.default).source_for(destination)
            if source is None:
                return False
        datagram = UdpDatagram(source_port, destination_port, data).to_bytes(source, destination)
        packet = IPv4Packet(source, destination, Protocol.UDP, datagram, self.ttl, tos=tos)
        self.counters.udp_sent += 1
        return self.send(packet, bypass=bypass, vrf=vrf)

    def next_identification(self) -> int:
        """A number for the next packet's identification field, never 0."""
        self._identification = self._identification % 0xFFFF + 1
        return self._identification

    def _loop_back(self, packet: IPv4Packet, vrf: Vrf) -> None:
        interface = vrf.interface_of(packet.destination)
        if interface is not None:
            self._deliver(packet, interface, vrf)

    def _output(self, transit: Transit, *, bypass: bool = False) -> bool:
        before, self.under_way = self.under_way, transit
        if before is not None and (bypass or transit.packet.protocol in _CARRIERS):
            transit.carries = before
        try:
            return self._pass_out(transit, bypass)
        finally:
            self.under_way = before

    def _pass_out(self, transit: Transit, bypass: bool) -> bool:
        context = self.device.scheduler.context
        if context is not None:
            if not bypass and not tracing.run(self, context, self.outgoing, transit):
                return False
        elif not bypass and not self.outgoing.run(transit):
            return False
        if bypass and self.local.any and not self._passes_local(transit):
            return False
        if transit.protect is not None:
            out_of = self.vrf_of(transit.out.name) if transit.out is not None else transit.vrf
            outside = transit.outside or out_of
            protected = transit.protect()
            if context is not None:
                return tracing.send_protected(self, context, protected, outside)
            sent = [self.send(each, bypass=True, vrf=outside) for each in protected]
            return bool(sent) and all(sent)
        packet, hop, out, came_in = transit.packet, transit.hop, transit.out, transit.came_in
        assert hop is not None
        assert out is not None
        mtu = ip_mtu(out.config)
        if packet.total_length <= mtu:
            return self._to_link(packet, hop, out)
        try:
            pieces = fragment(packet, mtu)
        except FragmentationNeededError:
            self.counters.cannot_fragment += 1
            if context is not None:
                tracing.too_large(self, context, packet, out, mtu)
            self.device.processor.passing_on = False
            if came_in is not None:
                self.icmp.unreachable(UnreachableCode.FRAGMENTATION_NEEDED, packet, came_in, mtu)
            return False
        self.counters.fragmented += 1
        self.counters.fragments_made += len(pieces)
        if context is not None:
            tracing.fragmented(self, context, mtu, len(pieces))
        sent = [self._to_link(piece, hop, out) for piece in pieces]
        return all(sent)

    def _to_link(self, packet: IPv4Packet, hop: Hop, out: Interface) -> bool:
        context = self.device.scheduler.context
        if not out.protocol_up:
            if context is not None:
                interface_tracing.down(out, context)
            return False
        if out.type.medium is not _ETHERNET:
            send = self._links.get(out.kind)
            if context is not None:
                return tracing.send_by_link(self, context, packet, out, send, hop.next_hop)
            return send is not None and send(packet, out, hop.next_hop or packet.destination)
        data = packet.to_bytes()
        if data[16] >> 4 == 0xE:  # the packet `is_group`
            self.counters.multicasts_sent += 1
            self.transmit(out, _group_station(data[16:20]), data)
            return True
        destination = packet.destination
        vrf = self.vrf_of(out.name)
        if destination == LIMITED_BROADCAST or vrf.broadcasts.get(destination) == out.name:
            self.counters.broadcasts_sent += 1
            self.transmit(out, BROADCAST, data)
            return True
        mac = vrf.arp.resolve(out, hop.next_hop or destination, data)
        if mac is None:
            self.counters.unresolved += 1
            if self.device.debugging.any:
                debug.packet(self, packet, None, out.name, f"{debug.length(packet)}, encapsulation failed")
            return False
        self.transmit(out, mac, data)
        return True

    def transmit(self, interface: Interface, mac: MacAddress, packet: bytes) -> None:
        """Put a finished packet into a frame."""
        interface.send(around_ipv4(mac, interface.mac, packet))

    def unresolved(self, packets: Iterable[bytes]) -> None:
        """Packets waited in vain for their next hop."""
        for _packet in packets:
            self.counters.unresolved += 1


def multicast_mac(group: IPv4Address) -> MacAddress:
    """The Ethernet address of an IPv4 group (RFC 1112 section 6.4)."""
    return _group_station(group.packed)


@lru_cache(maxsize=1024)
def _group_station(group: bytes) -> MacAddress:
    return MacAddress(bytes((0x01, 0x00, 0x5E, group[1] & 0x7F, *group[2:])))


@lru_cache(maxsize=4096)
def _attached(interface: str, destination: int) -> Hop:
    """The way to what is sent out of an interface without asking the routing table."""
    network = IPv4Network((destination, 32))  # an address would be read from its text
    return Hop(interface, None, Route(network, RouteSource.LOCAL, interface))
