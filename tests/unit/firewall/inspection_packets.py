"""Packets for tests of inspection."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.packets.icmp import IcmpMessage, quote
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.tcp import TcpSegment
from iosemu.packets.udp import UdpDatagram

INSIDE, OUTSIDE, OTHER = IPv4Address("10.0.0.1"), IPv4Address("198.51.100.1"), IPv4Address("198.51.100.9")
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def tcp(
    source: IPv4Address,
    source_port: int,
    destination: IPv4Address,
    destination_port: int,
    flags: int,
    sequence: int = 0,
    acknowledgment: int = 0,
    data: bytes = b"",
    window: int = 4128,
    options: bytes = b"",
) -> IPv4Packet:
    """A segment in its packet."""
    segment = TcpSegment(
        source_port, destination_port, sequence, acknowledgment, flags, window, options=options, payload=data
    ).to_bytes(source, destination)
    return IPv4Packet(source, destination, Protocol.TCP, segment)


def udp(
    source: IPv4Address, source_port: int, destination: IPv4Address, destination_port: int, data: bytes = b"x"
) -> IPv4Packet:
    """A datagram in its packet."""
    datagram = UdpDatagram(source_port, destination_port, data).to_bytes(source, destination)
    return IPv4Packet(source, destination, Protocol.UDP, datagram)


def icmp(
    source: IPv4Address, destination: IPv4Address, kind: int, identifier: int = 7, code: int = 0
) -> IPv4Packet:
    """An echo, an answer or the like."""
    message = IcmpMessage(kind, code, identifier << 16 | 1, bytes(32))
    return IPv4Packet(source, destination, Protocol.ICMP, message.to_bytes())


def error(source: IPv4Address, kind: int, code: int, about: IPv4Packet) -> IPv4Packet:
    """An ICMP error about a packet."""
    message = IcmpMessage(kind, code, 0, quote(about.to_bytes()))
    return IPv4Packet(source, about.source, Protocol.ICMP, message.to_bytes())
