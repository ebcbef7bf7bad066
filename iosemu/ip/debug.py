"""What of IP, ICMP and ARP can be debugged, and how IOS words it."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.box.debugging import DebugFlag
from iosemu.packets.arp import ArpOperation, ArpPacket
from iosemu.packets.icmp import IcmpMessage, IcmpType, UnreachableCode
from iosemu.packets.ipv4 import IPv4Packet

if TYPE_CHECKING:
    from iosemu.box.device import Device

IP_PACKET = DebugFlag("IP packet", "Generic IP")
ICMP_PACKET = DebugFlag("ICMP packet", "Generic IP")
ARP_PACKET = DebugFlag("ARP packet", "ARP")
_UNREACHABLE = {
    UnreachableCode.NET: "net unreachable",
    UnreachableCode.HOST: "host unreachable",
    UnreachableCode.PROTOCOL: "protocol unreachable",
    UnreachableCode.PORT: "port unreachable",
    UnreachableCode.FRAGMENTATION_NEEDED: "frag. needed and DF set",
    UnreachableCode.ADMINISTRATIVELY_PROHIBITED: "administratively prohibited unreachable",
}


def packet(device: Device, seen: IPv4Packet, came_in: str | None, out: str | None, what: str) -> None:
    """`debug ip packet`: one step of a packet's way, if it is on."""
    if device.debugging.wants(IP_PACKET):
        text = f"IP: s={seen.source} ({came_in or 'local'}), d={seen.destination}"
        text += f" ({out})" if out is not None else ""
        device.log("", 7, "", f"{text}, {what}")


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
