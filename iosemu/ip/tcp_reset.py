"""TCP where nobody listens: a reset (RFC 9293, 3.10.7.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.tcp import TcpFlags, TcpSegment

if TYPE_CHECKING:
    from iosemu.ip.stack import IpStack
    from iosemu.ip.vrf import Vrf


def refuse(stack: IpStack, packet: IPv4Packet, vrf: Vrf) -> None:
    """Answer a segment for a closed port; a reset, a damaged segment and a broadcast get no answer."""
    if not vrf.is_local(packet.destination):
        return
    try:
        segment = TcpSegment.parse(packet.payload, packet.source, packet.destination)
    except MalformedPacket:
        stack.counters.header_errors += 1
        return
    if segment.flags & TcpFlags.RST:
        return
    ports = segment.destination_port, segment.source_port
    if segment.flags & TcpFlags.ACK:
        answer = TcpSegment(*ports, segment.acknowledgment, 0, TcpFlags.RST)
    else:
        length = (
            len(segment.payload) + bool(segment.flags & TcpFlags.SYN) + bool(segment.flags & TcpFlags.FIN)
        )
        following = (segment.sequence + length) & 0xFFFFFFFF
        answer = TcpSegment(*ports, 0, following, TcpFlags.RST | TcpFlags.ACK)
    data = answer.to_bytes(packet.destination, packet.source)
    stack.send(IPv4Packet(packet.destination, packet.source, Protocol.TCP, data, stack.ttl), vrf=vrf)
