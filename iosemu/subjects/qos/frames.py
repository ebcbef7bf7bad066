"""A frame that leaves as class-maps see it, and with what policy-maps put into it."""

from __future__ import annotations

from zlib import crc32

from iosemu.ip.path import Transit
from iosemu.packets.checksum import internet_checksum
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EtherType
from iosemu.packets.framing import Framing, carried
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.mqc.sighting import Sighting
from iosemu.subjects.qos.config import QosPort

NAT_TRAVERSAL = 4500
_TAG = b"\x81\x00"


def seen_in(frame: bytes, framing: Framing, transit: Transit | None) -> tuple[Sighting, int]:
    """A frame as class-maps see it, and the octets that are counted: those of its header and its packet, no padding."""
    ethertype, start = carried(frame, framing)
    packet = None
    octets = len(frame)
    if ethertype == EtherType.IPV4:
        try:
            packet = IPv4Packet.parse(frame[start:], verify=False)
        except MalformedPacket:
            packet = None
        else:
            octets = start + packet.total_length
    cos = frame[14] >> 5 if framing is Framing.ETHERNET and frame[12:14] == _TAG else None
    seen = Sighting(packet, octets=octets - start, cos=cos, ethertype=ethertype)
    if packet is not None and transit is not None:
        _tell_origin(seen, packet, transit)
    return seen, octets


def seen_packet(packet: IPv4Packet, transit: Transit | None) -> Sighting:
    """A packet that leaves by a tunnel as class-maps see it."""
    seen = Sighting(packet, octets=packet.total_length)
    if transit is not None:
        _tell_origin(seen, packet, transit)
    return seen


def _tell_origin(seen: Sighting, packet: IPv4Packet, transit: Transit) -> None:
    """Where it came from, and what is in it where it is classified by that."""
    seen.transit = transit
    at: Transit | None = transit
    while at is not None:
        if at.came_in is not None:
            seen.came_in = at.came_in.name
        seen.qos_group = at.qos_group or seen.qos_group
        inner, at = at, at.carries
    if packet.protocol in (Protocol.GRE, Protocol.ESP, 4) or _is_udp_esp(seen):
        tunnel = inner.out
        port = tunnel.config.held(QosPort) if tunnel is not None else None
        if inner.pre_classify or (port is not None and port.pre_classify):
            seen.packet = inner.packet


def _is_udp_esp(seen: Sighting) -> bool:
    return (
        seen.ports is not None
        and seen.packet is not None
        and (seen.packet.protocol == Protocol.UDP and NAT_TRAVERSAL in seen.ports)
    )


def flow_of(packet: IPv4Packet) -> int:
    """The same number for all packets of one flow: addresses, protocol, ports."""
    ports = packet.payload[:4] if not packet.fragment_offset else b""
    if packet.protocol not in (Protocol.TCP, Protocol.UDP):
        ports = b""
    return crc32(packet.source.packed + packet.destination.packed + bytes((packet.protocol,)) + ports)


def marked(frame: bytes, framing: Framing, tos: int | None, cos: int | None) -> bytes:
    """The frame with another octet in its IP header, and another priority in its tag where it has one."""
    ethertype, start = carried(frame, framing)
    changed = bytearray(frame)
    if cos is not None and framing is Framing.ETHERNET and frame[12:14] == _TAG:
        changed[14] = changed[14] & 0x1F | cos << 5
    if tos is not None and ethertype == EtherType.IPV4:
        length = (frame[start] & 0xF) * 4
        changed[start + 1] = tos
        changed[start + 10 : start + 12] = b"\0\0"
        checksum = internet_checksum(bytes(changed[start : start + length]))
        changed[start + 10 : start + 12] = checksum.to_bytes(2, "big")
    return bytes(changed)
