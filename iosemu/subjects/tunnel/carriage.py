"""What tunnels carry: packets into GRE (RFC 2784, 2890) and out of it, and those of virtual tunnel interfaces."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.box.device import Device
from iosemu.box.interface import Interface
from iosemu.ip.stack import IpStack
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EtherType
from iosemu.packets.gre import GrePacket
from iosemu.packets.icmp import UnreachableCode
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.nhrp import ETHERTYPE as NHRP
from iosemu.subjects.tunnel.config import Tunnel

if TYPE_CHECKING:
    from iosemu.subjects.tunnel.service import Tunnels

LIMITED_BROADCAST = IPv4Address("255.255.255.255")
INTERNETWORK_CONTROL = 0xC0
"""TOS byte of what routers say among themselves (RFC 4594, 3.2)."""


class Carriage:
    """The way of packets into the tunnels of a router and out of them."""

    def __init__(self, device: Device, tunnels: Tunnels) -> None:
        self._device = device
        self._tunnels = tunnels
        self._under_way: set[str] = set()
        """The tunnels whose packets are being sent: what is routed into one of them again is dropped."""

    def send(self, packet: IPv4Packet, out: Interface, next_hop: IPv4Address) -> bool:
        """Send a packet that was routed out of a GRE tunnel; False: dropped."""
        tunnel = self._tunnels.get(out.name)
        if tunnel is None or not tunnel.gre:
            return False
        gre = GrePacket(EtherType.IPV4, packet.to_bytes())
        if not tunnel.multipoint:
            return self.encapsulate(out, tunnel, gre, packet, tunnel.destination)
        if self._for_all(packet, out):
            sent = [
                self.encapsulate(out, tunnel, gre, packet, each)
                for each in self._tunnels.far_ends.groups(out.name)
            ]
            return any(sent)
        far_end = self._tunnels.far_ends.resolve(out.name, next_hop, packet)
        return self.encapsulate(out, tunnel, gre, packet, far_end)

    def _for_all(self, packet: IPv4Packet, out: Interface) -> bool:
        """Whether a packet is meant for every far end."""
        to = packet.destination
        broadcasts = self._device.service(IpStack).vrf_of(out.name).broadcasts
        return to.is_multicast or to == LIMITED_BROADCAST or broadcasts.get(to) == out.name

    def send_nhrp(self, name: str, message: bytes, far_end: IPv4Address) -> bool:
        """Send a message of NHRP to a far end; False: dropped."""
        tunnel, out = self._tunnels.get(name), self._device.interfaces.get(name)
        if tunnel is None or out is None or not tunnel.gre or not out.protocol_up:
            return False
        gre = GrePacket(NHRP, message)
        return self.encapsulate(out, tunnel, gre, None, far_end, tos=INTERNETWORK_CONTROL)

    def encapsulate(
        self,
        out: Interface,
        tunnel: Tunnel,
        gre: GrePacket,
        packet: IPv4Packet | None,
        far_end: IPv4Address | None,
        tos: int = 0,
    ) -> bool:
        """Send what is in GRE to a far end; `packet` is what is inside, if it is one. False: dropped."""
        source = self._tunnels.source_of(out.name)
        if source is None or far_end is None or out.name in self._under_way:
            return False
        payload = replace(gre, key=tunnel.key, checksum=tunnel.checksum).to_bytes()
        out.counters.count_out(self._device.now, bytes(20) + payload, "IP")
        outer = IPv4Packet(
            source,
            far_end,
            Protocol.GRE,
            payload,
            tunnel.ttl,
            tos=packet.tos if packet is not None else tos,
            dont_fragment=tunnel.path_mtu_discovery and packet is not None and packet.dont_fragment,
        )
        outside = self._tunnels.outside(tunnel)
        if outside is None:
            return False
        self._under_way.add(out.name)
        try:
            return self._device.service(IpStack).send(outer, vrf=outside)
        finally:
            self._under_way.discard(out.name)

    def receive(self, packet: IPv4Packet, interface: str) -> None:
        """Take a GRE packet addressed to this router."""
        ends = (packet.destination, packet.source)
        vrf = self._device.service(IpStack).vrf_of(interface).name
        mine = {
            name: tunnel
            for name in self._tunnels.index.towards(ends[1])
            if (tunnel := self._tunnels.get(name)) is not None
            and tunnel.vrf == vrf
            and tunnel.gre
            and self._tunnels.source_of(name) == ends[0]
            and (tunnel.multipoint or tunnel.destination == ends[1])
        }
        if any(not tunnel.multipoint for tunnel in mine.values()) and any(
            tunnel.multipoint for tunnel in mine.values()
        ):
            # who is named alone comes before the many, where both have the key
            mine = dict(sorted(mine.items(), key=lambda each: each[1].multipoint))
        if not mine:
            came_in = self._device.interfaces[interface]
            self._device.service(IpStack).icmp.unreachable(UnreachableCode.PROTOCOL, packet, came_in)
            return
        try:
            gre = GrePacket.parse(packet.payload)
        except MalformedPacket:
            self._device.service(IpStack).counters.header_errors += 1
            return
        for name, tunnel in mine.items():
            if gre.key != tunnel.key:
                continue
            if gre.protocol == 0:
                self._tunnels.lines.keepalive_answered(name)
            elif gre.protocol == EtherType.IPV4:
                far_end = packet.source if tunnel.multipoint else None
                self._deliver(name, gre.payload, bytes(20) + packet.payload, far_end)
            elif gre.protocol == NHRP and self._device.interfaces[name].line_up:
                self._device.interfaces[name].counters.count_in(
                    self._device.now, bytes(20) + packet.payload, "Other"
                )
                self._tunnels.far_ends.received(name, gre.payload, packet)
            if tunnel.multipoint or gre.protocol == NHRP:
                break

    def opened(self, name: str, packet: IPv4Packet) -> None:
        """Take a packet that came over the SAs of a virtual tunnel interface."""
        data = packet.to_bytes()
        self._deliver(name, data, bytes(20) + data)

    def sealed(self, name: str, packet: IPv4Packet) -> None:
        """Count a packet that left by a virtual tunnel interface."""
        self._device.interfaces[name].counters.count_out(
            self._device.now, bytes(20 + packet.total_length), "IP"
        )

    def _deliver(self, name: str, data: bytes, counted: bytes, far_end: IPv4Address | None = None) -> None:
        interface = self._device.interfaces[name]
        if not interface.line_up:
            return
        interface.counters.count_in(self._device.now, counted, "IP")
        try:
            packet = IPv4Packet.parse(data)
        except MalformedPacket:
            interface.counters.in_errors += 1
            return
        self._device.service(IpStack).tunnelled(packet, interface, far_end)
