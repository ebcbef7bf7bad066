"""What of IP, ICMP and ARP can be debugged, and how IOS words it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.box.debugging import DebugFlag
from iosemu.packets.arp import ArpOperation, ArpPacket
from iosemu.packets.icmp import IcmpMessage, IcmpType, UnreachableCode
from iosemu.packets.ipv4 import IPv4Packet, Protocol

if TYPE_CHECKING:
    from iosemu.box.device import Device
    from iosemu.ip.stack import IpStack

IP_PACKET = DebugFlag("IP packet", "Generic IP")
ICMP_PACKET = DebugFlag("ICMP packet", "Generic IP")
ARP_PACKET = DebugFlag("ARP packet", "ARP")
_TCP_FLAGS = ((0x10, "ACK"), (0x08, "PSH"), (0x04, "RST"), (0x02, "SYN"), (0x01, "FIN"), (0x20, "URG"))
_UNREACHABLE = {
    UnreachableCode.NET: "net unreachable",
    UnreachableCode.HOST: "host unreachable",
    UnreachableCode.PROTOCOL: "protocol unreachable",
    UnreachableCode.PORT: "port unreachable",
    UnreachableCode.FRAGMENTATION_NEEDED: "frag. needed and DF set",
    UnreachableCode.ADMINISTRATIVELY_PROHIBITED: "administratively prohibited unreachable",
}


@dataclass
class PacketDebugging:
    """What `debug ip packet` was told: which packets, and how much of each."""

    detailed: bool = False
    chosen: Callable[[IPv4Packet], bool] | None = None
    """None: all of them."""


def packet(stack: IpStack, seen: IPv4Packet, came_in: str | None, out: str | None, what: str) -> None:
    """`debug ip packet`: one step of a packet's way, if it is on."""
    device, asked = stack.device, stack.packet_debugging
    if not device.debugging.wants(IP_PACKET) or (asked.chosen is not None and not asked.chosen(seen)):
        return
    text = f"IP: s={seen.source} ({came_in or 'local'}), d={seen.destination}"
    text += f" ({out})" if out is not None else ""
    above = _above(seen) if asked.detailed else ""
    device.log("", 7, "", f"{text}, {what}{'' if above.startswith(' ') else above}")
    if above.startswith(" "):
        device.log("", 7, "", above)


def _above(seen: IPv4Packet) -> str:
    """What `detail` says of the protocol above IP: a row of its own, or what is added to the first."""
    data = seen.payload
    if seen.fragment_offset:
        return ", fragment"
    if seen.protocol == Protocol.ICMP and len(data) >= 2:
        return f"    ICMP type={data[0]}, code={data[1]}"
    if seen.protocol == Protocol.UDP and len(data) >= 4:
        source, destination = struct.unpack_from("!HH", data)
        return f"    UDP src={source}, dst={destination}"
    if seen.protocol == Protocol.TCP and len(data) >= 16:
        source, destination, number, acknowledged, flags, window = struct.unpack_from("!HHIIxBH", data)
        names = "".join(f" {name}" for bit, name in _TCP_FLAGS if flags & bit)
        return (
            f"    TCP src={source}, dst={destination}, seq={number}, ack={acknowledged}, win={window}{names}"
        )
    return f", proto={seen.protocol}"


def length(seen: IPv4Packet) -> str:
    """`len 100`."""
    return f"len {seen.total_length}"


def icmp(
    device: Device, source: IPv4Address, destination: IPv4Address, message: IcmpMessage, sent: bool
) -> None:
    """`debug ip icmp`: a message that was made here or is for this box."""
    if not device.debugging.wants(ICMP_PACKET):
        return
    verb = "sent" if sent else "rcvd"
    if message.type in (IcmpType.ECHO, IcmpType.ECHO_REPLY):
        if message.type == IcmpType.ECHO and sent:
            return
        word = "echo" if message.type == IcmpType.ECHO else "echo reply"
        device.log("", 7, "", f"ICMP: {word} {verb}, src {source}, dst {destination}")
        return
    about = _quoted_destination(message)
    if message.type == IcmpType.UNREACHABLE:
        why = next((text for code, text in _UNREACHABLE.items() if code == message.code), "unreachable")
        where = f"sent to {destination}" if sent else f"rcv from {source}"
        device.log("", 7, "", f"ICMP: dst ({about}) {why} {where}")
    elif message.type == IcmpType.TIME_EXCEEDED:
        where = f"sent to {destination} (dest was {about})" if sent else f"rcvd from {source}"
        device.log("", 7, "", f"ICMP: time exceeded (time to live) {where}")
    elif message.type == IcmpType.REDIRECT:
        gateway = message.gateway
        where = f"sent to {destination}" if sent else f"rcvd from {source}"
        device.log("", 7, "", f"ICMP: redirect {where} for dest {about}, use gw {gateway}")


def _quoted_destination(message: IcmpMessage) -> str:
    data = message.payload
    return str(IPv4Address(data[16:20])) if len(data) >= 20 else "0.0.0.0"  # noqa: S104 - an address that is not told


def arp(device: Device, interface: str, seen: ArpPacket, verb: str) -> None:
    """`debug arp`: a packet that was sent or came."""
    if not device.debugging.wants(ARP_PACKET):
        return
    kind = "req" if seen.operation == ArpOperation.REQUEST else "rep"
    if verb == "filtered":
        text = f"IP ARP {kind} filtered src {seen.sender_ip} {seen.sender_mac}, dst {seen.target_ip} {seen.target_mac}"
        device.log("", 7, "", f"{text} wrong cable, interface {interface}")
        return
    head = f"IP ARP: {verb} {kind} src {seen.sender_ip} {seen.sender_mac},"
    if verb == "rcvd":
        device.log("", 7, "", f"{head} dst {seen.target_ip} {interface}")
        return
    device.log("", 7, "", head)
    line = f"                 dst {seen.target_ip} {seen.target_mac} {interface}"
    device.log("", 7, "", line, continues=True)
