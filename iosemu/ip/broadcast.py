"""Datagrams to whoever hears them."""

from __future__ import annotations

from iosemu.ip.config import IpSettings
from iosemu.ip.stack import LIMITED_BROADCAST, IpStack
from iosemu.ip.vrf import Vrf
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram


def broadcast_udp(stack: IpStack, vrf: Vrf, source_port: int, port: int, data: bytes) -> None:
    """Send a datagram to 255.255.255.255 by each Ethernet interface of a routing instance that has an address."""
    for interface in list(vrf.interfaces.values()):
        settings = interface.config.held(IpSettings)
        if settings is None or settings.address is None or not interface.protocol_up:
            continue
        if not stack.is_ethernet(interface):
            continue
        own = settings.address.ip
        payload = UdpDatagram(source_port, port, data).to_bytes(own, LIMITED_BROADCAST)
        packet = IPv4Packet(own, LIMITED_BROADCAST, Protocol.UDP, payload, stack.ttl)
        stack.send(packet, interface=interface.name)
