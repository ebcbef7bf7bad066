"""Ethernet, LLC, SNAP and ARP, and the way to what they carry."""

from __future__ import annotations

from collections.abc import Callable

from iosemu.packets.arp import ArpOperation, ArpPacket
from iosemu.packets.dissect import control
from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.dissect.network import dissect_ipv4
from iosemu.packets.dissect.port_access import eapol
from iosemu.packets.dissect.pppoe import pppoe
from iosemu.packets.ethernet import EthernetFrame, EtherType
from iosemu.packets.llc import OUI_CISCO, SAP_SNAP, SAP_STP, Llc, Snap
from iosemu.packets.pppoe import DISCOVERY, SESSION

_NAMES: dict[int, str] = {
    EtherType.IPV4: "IPv4",
    EtherType.ARP: "ARP",
    EtherType.IPV6: "IPv6",
    EtherType.SLOW_PROTOCOLS: "Slow Protocols",
    EtherType.EAPOL: "802.1X Authentication",
    EtherType.LLDP: "LLDP",
    EtherType.LOOP: "Loopback",
    DISCOVERY: "PPPoE Discovery",
    SESSION: "PPPoE Session",
}


def dissect_ethernet(b: DissectionBuilder) -> None:
    """Read a frame from its first octet."""
    frame = EthernetFrame.parse(b.frame)
    b.source, b.destination = str(frame.source), str(frame.destination)
    start = 14 if frame.tag is None else 18
    b.layer("IEEE 802.3" if frame.is_llc else "Ethernet II", 0, start)
    b.field("Destination", frame.destination, 0, 6)
    b.field("Source", frame.source, 6, 6)
    if frame.tag is not None:
        b.layer("IEEE 802.1Q", 12, 18)
        b.field("Priority", frame.tag.priority, 14, 1)
        b.field("Drop Eligible", int(frame.tag.drop_eligible), 14, 1)
        b.field("VLAN Identifier", frame.tag.vlan, 14, 2)
    if frame.is_llc:
        b.field("Length", frame.ethertype, start - 2, 2)
        b.say("LLC", "")
        _llc(b, frame.payload, start)
        return
    b.number("EtherType", start - 2, 2, _NAMES)
    b.say("Ethernet", f"EtherType {frame.ethertype:#06x}")
    reader = _READERS.get(frame.ethertype)
    if reader is not None:
        reader(b, frame.payload, start)


def _llc(b: DissectionBuilder, data: bytes, at: int) -> None:
    llc = Llc.parse(data)
    b.layer("IEEE 802.2 LLC", at, at + 3)
    b.hexadecimal("DSAP", at, 1)
    b.hexadecimal("SSAP", at + 1, 1)
    b.hexadecimal("Control", at + 2, 1)
    if llc.dsap == SAP_STP:
        control.stp(b, llc.payload, at + 3)
    elif llc.dsap == SAP_SNAP:
        snap = Snap.parse(data)
        b.layer("SNAP", at + 3, at + 8)
        b.hexadecimal("Organization Code", at + 3, 3)
        b.hexadecimal("Protocol ID", at + 6, 2)
        reader = control.CISCO.get(snap.protocol) if snap.oui == OUI_CISCO else None
        if reader is not None:
            reader(b, snap.payload, at + 8)


def _arp(b: DissectionBuilder, data: bytes, at: int) -> None:
    packet = ArpPacket.parse(data)
    b.layer("ARP", at, at + 28)
    b.number("Hardware Type", at, 2, {1: "Ethernet"})
    b.number("Protocol Type", at + 2, 2, _NAMES)
    b.number("Hardware Address Length", at + 4, 1)
    b.number("Protocol Address Length", at + 5, 1)
    b.number("Operation", at + 6, 2, {1: "request", 2: "reply"})
    b.field("Sender Hardware Address", packet.sender_mac, at + 8, 6)
    b.field("Sender Protocol Address", packet.sender_ip, at + 14, 4)
    b.field("Target Hardware Address", packet.target_mac, at + 18, 6)
    b.field("Target Protocol Address", packet.target_ip, at + 24, 4)
    if packet.sender_ip == packet.target_ip:
        b.say("ARP", f"Gratuitous ARP for {packet.sender_ip} at {packet.sender_mac}")
    elif packet.operation == ArpOperation.REQUEST:
        b.say("ARP", f"Who has {packet.target_ip}? Tell {packet.sender_ip}")
    else:
        b.say("ARP", f"{packet.sender_ip} is at {packet.sender_mac}")


_READERS: dict[int, Callable[[DissectionBuilder, bytes, int], None]] = {
    EtherType.IPV4: dissect_ipv4,
    EtherType.ARP: _arp,
    EtherType.LLDP: control.lldp,
    EtherType.LOOP: control.loop,
    EtherType.SLOW_PROTOCOLS: control.lacp,
    EtherType.EAPOL: eapol,
    DISCOVERY: pppoe,
    SESSION: pppoe,
}
