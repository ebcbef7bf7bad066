"""IPv4 and what it carries: ICMP, UDP, TCP, ISAKMP, ESP, AH, GRE."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address

from iosemu.packets import glbp, hsrp
from iosemu.packets.ah import AhPacket
from iosemu.packets.dissect import bgp, dhcp, rip, servers
from iosemu.packets.dissect.eigrp import eigrp
from iosemu.packets.dissect.firsthop import dissect_glbp, dissect_hsrp, dissect_vrrp
from iosemu.packets.dissect.ikev2 import dissect_ikev2
from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.dissect.nhrp import nhrp
from iosemu.packets.dissect.ospf import ospf
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.esp import EspPacket
from iosemu.packets.ethernet import EtherType
from iosemu.packets.gre import GrePacket
from iosemu.packets.icmp import IcmpMessage, IcmpType
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.isakmp import (
    GDOI_PORT,
    KEEPALIVE,
    NAT_TRAVERSAL_PORT,
    NON_ESP_MARKER,
    PORT,
    IsakmpHeader,
)
from iosemu.packets.nhrp import ETHERTYPE as NHRP
from iosemu.packets.tcp import TcpFlags, TcpSegment
from iosemu.packets.udp import UdpDatagram

_MAXIMUM_LAYERS = 32
_IP_IN_IP = 4
_PROTOCOLS: dict[int, str] = {protocol.value: protocol.name for protocol in Protocol}
_ICMP = {
    0: "Echo (ping) reply",
    3: "Destination unreachable",
    4: "Source quench",
    5: "Redirect",
    8: "Echo (ping) request",
    11: "Time exceeded",
    12: "Parameter problem",
    13: "Timestamp request",
    14: "Timestamp reply",
}
_UNREACHABLE = {
    0: "Network unreachable",
    1: "Host unreachable",
    2: "Protocol unreachable",
    3: "Port unreachable",
    4: "Fragmentation needed",
    13: "Communication administratively filtered",
}
_EXCHANGES = {
    2: "Identity Protection (Main Mode)",
    4: "Aggressive",
    5: "Informational",
    6: "Transaction (Config Mode)",
    32: "Quick Mode",
    33: "New Group Mode",
}
_GDOI_EXCHANGES = {**_EXCHANGES, 32: "GROUPKEY-PULL", 33: "GROUPKEY-PUSH", 35: "GROUPKEY-PUSH-ACK"}
_FRAGMENT = 132
"""A part of a message that IKE itself has cut."""
_PAYLOADS = {
    0: "None",
    1: "Security Association",
    4: "Key Exchange",
    5: "Identification",
    6: "Certificate",
    7: "Certificate Request",
    8: "Hash",
    9: "Signature",
    10: "Nonce",
    11: "Notification",
    12: "Delete",
    13: "Vendor ID",
    14: "Attributes",
    15: "SA KEK",
    16: "SA TEK",
    17: "Key Download",
    18: "Sequence Number",
    20: "NAT-D (RFC 3947)",
    21: "NAT-OA (RFC 3947)",
    _FRAGMENT: "Fragment",
}


def dissect_ipv4(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A packet with what it carries; a fragment is not read further."""
    packet = IPv4Packet.parse(data)
    b.source, b.destination = str(packet.source), str(packet.destination)
    body = at + packet.header_length
    b.layer("IPv4", at, body)
    b.field("Version", 4, at, 1)
    b.field("Internet Header Length", f"{packet.header_length} octets", at, 1)
    b.field("DSCP", packet.dscp, at + 1, 1)
    b.field("ECN", packet.ecn, at + 1, 1)
    b.number("Total Length", at + 2, 2)
    b.field("Identification", f"{packet.identification:#06x}", at + 4, 2)
    flags = [name for name, on in (("DF", packet.dont_fragment), ("MF", packet.more_fragments)) if on]
    b.field("Flags", ", ".join(flags) or "none", at + 6, 1)
    b.field("Fragment Offset", packet.fragment_offset, at + 6, 2)
    b.number("Time to Live", at + 8, 1)
    b.number("Protocol", at + 9, 1, _PROTOCOLS)
    b.hexadecimal("Header Checksum", at + 10, 2)
    b.field("Source Address", packet.source, at + 12, 4)
    b.field("Destination Address", packet.destination, at + 16, 4)
    if packet.options:
        b.hexadecimal("Options", at + 20, len(packet.options))
    name = _PROTOCOLS.get(packet.protocol, str(packet.protocol))
    if packet.is_fragment:
        b.say("IPv4", f"Fragment of {name}, offset {packet.fragment_offset}, ID {packet.identification:#06x}")
        return
    b.say("IPv4", f"Protocol {name}")
    reader = _READERS.get(packet.protocol)
    if reader is not None:
        reader(b, packet, body)


def _icmp(b: DissectionBuilder, packet: IPv4Packet, at: int) -> None:
    message = IcmpMessage.parse(packet.payload)
    b.layer("ICMP", at, at + len(packet.payload))
    b.number("Type", at, 1, _ICMP)
    b.number("Code", at + 1, 1, _UNREACHABLE if message.type == IcmpType.UNREACHABLE else None)
    b.hexadecimal("Checksum", at + 2, 2)
    info = _ICMP.get(message.type, f"Type {message.type}")
    if message.type in (IcmpType.ECHO, IcmpType.ECHO_REPLY, IcmpType.TIMESTAMP, IcmpType.TIMESTAMP_REPLY):
        b.number("Identifier", at + 4, 2)
        b.number("Sequence Number", at + 6, 2)
        info += f"  id={message.identifier:#06x}, seq={message.sequence}, ttl={packet.ttl}"
        b.field("Data", f"{len(message.payload)} octets", at + 8, len(message.payload))
    elif message.is_error:
        if message.type == IcmpType.REDIRECT:
            b.field("Gateway Internet Address", message.gateway, at + 4, 4)
        elif message.next_hop_mtu:
            b.field("Next-Hop MTU", message.next_hop_mtu, at + 6, 2)
        b.field("Internet Header + 64 bits", f"{len(message.payload)} octets", at + 8, len(message.payload))
        if message.type == IcmpType.UNREACHABLE:
            info += f" ({_UNREACHABLE.get(message.code, message.code)})"
    b.say("ICMP", info)


def _udp(b: DissectionBuilder, packet: IPv4Packet, at: int) -> None:
    datagram = UdpDatagram.parse(packet.payload, packet.source, packet.destination)
    b.layer("UDP", at, at + 8)
    b.number("Source Port", at, 2)
    b.number("Destination Port", at + 2, 2)
    b.number("Length", at + 4, 2)
    b.hexadecimal("Checksum", at + 6, 2)
    payload = datagram.payload
    b.say("UDP", f"{datagram.source_port} → {datagram.destination_port}  Len={len(payload)}")
    ports = (datagram.source_port, datagram.destination_port)
    if PORT in ports:
        _isakmp(b, payload, at + 8)
    elif GDOI_PORT in ports:
        _isakmp(b, payload, at + 8, _GDOI_EXCHANGES)
    elif NAT_TRAVERSAL_PORT in ports:
        if payload == KEEPALIVE:
            b.say("UDPENCAP", "NAT-keepalive")
        elif payload.startswith(NON_ESP_MARKER):
            _isakmp(b, payload[4:], at + 12)
        else:
            _esp_bytes(b, payload, at + 8)
    elif rip.PORT in ports:
        rip.rip(b, payload, at + 8)
    elif datagram.destination_port == hsrp.PORT:
        dissect_hsrp(b, payload, at + 8)
    elif datagram.destination_port == glbp.PORT:
        dissect_glbp(b, payload, at + 8)
    elif datagram.source_port in dhcp.PORTS and datagram.destination_port in dhcp.PORTS:
        dhcp.dissect_dhcp(b, payload, at + 8)
    elif payload:
        reader = servers.UDP.get(ports[1]) or servers.UDP.get(ports[0])
        if reader is not None:
            reader(b, payload, at + 8)


def _tcp(b: DissectionBuilder, packet: IPv4Packet, at: int) -> None:
    segment = TcpSegment.parse(packet.payload, packet.source, packet.destination)
    header = 20 + len(segment.options)
    b.layer("TCP", at, at + header)
    b.number("Source Port", at, 2)
    b.number("Destination Port", at + 2, 2)
    b.number("Sequence Number", at + 4, 4)
    b.number("Acknowledgment Number", at + 8, 4)
    b.field("Data Offset", f"{header} octets", at + 12, 1)
    flags = ", ".join(flag.name or "" for flag in TcpFlags if flag & segment.flags)
    b.field("Control Bits", flags or "none", at + 13, 1)
    b.number("Window", at + 14, 2)
    b.hexadecimal("Checksum", at + 16, 2)
    b.number("Urgent Pointer", at + 18, 2)
    ports = f"{segment.source_port} → {segment.destination_port}"
    b.say("TCP", f"{ports} [{flags}] Seq={segment.sequence} Len={len(segment.payload)}")
    if not segment.payload:
        return
    if bgp.PORT in (segment.source_port, segment.destination_port):
        bgp.bgp(b, segment.payload, at + header)
        return
    reader = servers.TCP.get(segment.destination_port) or servers.TCP.get(segment.source_port)
    if reader is not None:
        reader(b, segment.payload, at + header)


def _isakmp(b: DissectionBuilder, data: bytes, at: int, exchanges: dict[int, str] = _EXCHANGES) -> None:
    header = IsakmpHeader.parse(data)
    if header.version >> 4 == 2:
        dissect_ikev2(b, header, data, at)
        return
    b.layer("ISAKMP", at, at + len(data))
    b.hexadecimal("Initiator Cookie", at, 8)
    b.hexadecimal("Responder Cookie", at + 8, 8)
    b.number("Next Payload", at + 16, 1, _PAYLOADS)
    b.field("Version", f"{header.version >> 4}.{header.version & 15}", at + 17, 1)
    b.number("Exchange Type", at + 18, 1, exchanges)
    b.field("Flags", f"{header.flags:#04x}{' Encryption' if header.encrypted else ''}", at + 19, 1)
    b.hexadecimal("Message ID", at + 20, 4)
    b.number("Length", at + 24, 4)
    b.say("ISAKMP", exchanges.get(header.exchange, f"Exchange {header.exchange}"))
    clear = b.decryptor.isakmp(data) if b.decryptor is not None else None
    if header.encrypted:
        b.field("Encrypted Payloads", f"{len(header.payload)} octets", at + 28, len(header.payload))
        if clear is not None:
            inner = DissectionBuilder(clear, b.source, b.destination)
            inner.layer("ISAKMP Payloads", 0, len(clear))
            names = _isakmp_payloads(inner, replace(header, payload=clear, flags=0), 0)
            inner.say(", ".join(names), "")
            b.embed(inner)
        return
    if header.version >> 4 != 1:
        return
    _isakmp_payloads(b, header, at + 28)


def _isakmp_payloads(b: DissectionBuilder, header: IsakmpHeader, start: int) -> list[str]:
    names = []
    for kind, body in header.payloads():
        names.append(_PAYLOADS.get(kind, f"Payload {kind}"))
        b.field(names[-1], f"{len(body)} octets", start, len(body) + 4)
        if kind == _FRAGMENT and len(body) >= 4:
            b.number("Fragment ID", start + 4, 2)
            b.number("Fragment Number", start + 6, 1)
            b.field("Fragment Flags", f"{body[3]:#04x}{' Last' if body[3] & 1 else ''}", start + 7, 1)
        start += len(body) + 4
    return names


def _esp(b: DissectionBuilder, packet: IPv4Packet, at: int) -> None:
    _esp_bytes(b, packet.payload, at)


def _esp_bytes(b: DissectionBuilder, data: bytes, at: int) -> None:
    esp = EspPacket.parse(data)
    b.layer("ESP", at, at + len(data))
    b.field("Security Parameters Index", f"0x{esp.spi:08X} ({esp.spi})", at, 4)
    b.field("Sequence Number", esp.sequence, at + 4, 4)
    b.field("Payload Data", f"{len(esp.payload)} octets, encrypted", at + 8, len(esp.payload))
    b.say("IPSec", f"ESP SPI=0x{esp.spi:08x} Seq={esp.sequence}")
    opened = b.decryptor.esp(b.source, b.destination, data) if b.decryptor is not None else None
    if opened is None:
        return
    payload, following = opened
    inner = DissectionBuilder(payload, b.source, b.destination)
    try:
        if following == _IP_IN_IP:
            dissect_ipv4(inner, payload, 0)
        else:
            packet = IPv4Packet(IPv4Address(b.source), IPv4Address(b.destination), following, payload)
            _READERS.get(following, _unknown)(inner, packet, 0)
    except MalformedPacket as error:
        inner.say("Malformed", str(error))
    b.embed(inner)


def _unknown(b: DissectionBuilder, packet: IPv4Packet, at: int) -> None:
    b.layer(_PROTOCOLS.get(packet.protocol, f"Protocol {packet.protocol}"), at, at + len(packet.payload))
    b.say(_PROTOCOLS.get(packet.protocol, str(packet.protocol)), f"{len(packet.payload)} octets")


def _ah(b: DissectionBuilder, packet: IPv4Packet, at: int) -> None:
    ah = AhPacket.parse(packet.payload)
    b.layer("AH", at, at + 12 + len(ah.icv))
    b.number("Next Header", at, 1, _PROTOCOLS)
    b.number("Payload Len", at + 1, 1)
    b.field("Security Parameters Index", f"0x{ah.spi:08X} ({ah.spi})", at + 4, 4)
    b.field("Sequence Number", ah.sequence, at + 8, 4)
    b.hexadecimal("Integrity Check Value", at + 12, len(ah.icv))
    b.say("IPSec", f"AH SPI=0x{ah.spi:08x} Seq={ah.sequence}")


def _gre(b: DissectionBuilder, packet: IPv4Packet, at: int) -> None:
    gre = GrePacket.parse(packet.payload)
    header = len(packet.payload) - len(gre.payload)
    b.layer("GRE", at, at + header)
    b.hexadecimal("Flags and Version", at, 2)
    b.hexadecimal("Protocol Type", at + 2, 2)
    if gre.key is not None:
        b.field("Key", gre.key, at + 4, 4)
    if gre.sequence is not None:
        b.field("Sequence Number", gre.sequence, at + header - 4, 4)
    b.say("GRE", f"Encapsulated {gre.protocol:#06x}")
    if gre.protocol == EtherType.IPV4 and b.depth < _MAXIMUM_LAYERS:
        dissect_ipv4(b, gre.payload, at + header)
    elif gre.protocol == NHRP:
        nhrp(b, gre.payload, at + header)


_READERS: dict[int, Callable[[DissectionBuilder, IPv4Packet, int], None]] = {
    Protocol.ICMP: _icmp,
    Protocol.UDP: _udp,
    Protocol.TCP: _tcp,
    Protocol.ESP: _esp,
    Protocol.AH: _ah,
    Protocol.GRE: _gre,
    Protocol.OSPF: lambda b, packet, at: ospf(b, packet.payload, at),
    Protocol.EIGRP: lambda b, packet, at: eigrp(b, packet.payload, at),
    Protocol.VRRP: lambda b, packet, at: dissect_vrrp(b, packet.payload, at),
}
