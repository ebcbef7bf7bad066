from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from iosemu.net.packet_filter import FilterError, PacketFilter, Seen
from iosemu.packets.addresses import MacAddress
from iosemu.packets.arp import ArpPacket
from iosemu.packets.dissect import dissect
from iosemu.packets.ethernet import EthernetFrame, EtherType, VlanTag
from iosemu.packets.icmp import echo
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.udp import UdpDatagram

ONE, TWO = MacAddress.from_string("0001.0000.0001"), MacAddress.from_string("0001.0000.0002")
A, B = IPv4Address("10.0.0.1"), IPv4Address("192.168.1.2")


def seen(frame: EthernetFrame) -> Seen:
    data = frame.to_bytes()
    return Seen(dissect(data), "R-A:FastEthernet0/0", 7, len(data))


def ip(protocol: int, payload: bytes, tag: VlanTag | None = None) -> Seen:
    packet = IPv4Packet(A, B, protocol, payload, ttl=128)
    return seen(EthernetFrame(TWO, ONE, EtherType.IPV4, packet.to_bytes(), tag))


ECHO = ip(Protocol.ICMP, echo(0x77, 3, b"hello").to_bytes(), VlanTag(10))
DNS = ip(Protocol.UDP, UdpDatagram(4000, 53, b"x").to_bytes(A, B))
ARP = seen(EthernetFrame(TWO, ONE, EtherType.ARP, ArpPacket.request(ONE, A, B).to_bytes()))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("", "IUA"),
        ("icmp", "I"),
        ("ip", "IU"),
        ("not ip", "A"),
        ("icmp or arp", "IA"),
        ("! (icmp || arp)", "U"),
        ("ip && udp", "U"),
        ("host 10.0.0.1", "IUA"),
        ("src 10.0.0.1 and ip", "IU"),
        ("dst host 10.0.0.1", ""),
        ("host 0001.0000.0001", "IUA"),
        ("src 00:01:00:00:00:02", ""),
        ("net 192.168.0.0/16", "IUA"),
        ("net 172.16.0.0/12", ""),
        ("port 53", "U"),
        ("vlan", "I"),
        ("vlan 10", "I"),
        ("vlan 11", ""),
        ("on fast", "IUA"),
        ("on Fa0/1", ""),
        ('"hello"', ""),
        ('"echo (ping)"', "I"),
        ("ip.ttl == 128", "IU"),
        ("ip.ttl < 128", ""),
        ("ip.time_to_live >= 128", "IU"),
        ("ip.addr != 10.0.0.1", "A"),
        ("icmp.sequence_number == 3", "I"),
        ("icmp.seq==3", "I"),
        ("icmp.identifier == 0x77", "I"),
        ("arp.operation == 1", "A"),
        ("udp.port > 3999", "U"),
        ("frame.number == 7", "IUA"),
        ("frame.len > 1000", ""),
        ("eth.src == 0001.0000.0001", "IUA"),
        ("ip.protocol contains icmp", "I"),
    ],
)
def test_chooses(expression: str, expected: str) -> None:
    test = PacketFilter(expression)
    assert "".join(name for name, frame in (("I", ECHO), ("U", DNS), ("A", ARP)) if test(frame)) == expected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("icpm", "'icpm' is no protocol; known are"),
        ("icmp and", "the expression ends where a protocol"),
        ("(icmp", "the expression ends where a ) is"),
        ("icmp arp", "'arp' is not expected here"),
        ("host here", "'here' is no IPv4 or MAC address"),
        ("net 10.0.0.0/40", "is no network"),
        ("port dns", "'dns' is no number"),
        ("ttl == 3", "'ttl' is no field"),
        ("ip.ttl < many", "'many' is no number"),
        ('icmp "', "cannot read"),
        ("host", "the expression ends where the value of host"),
        ("(" * 2000, "more than 50 parentheses"),
        ("not (" * 2000 + "icmp" + ")" * 2000, "more than 50 parentheses"),
        ("not " * 2000, "the expression ends where a protocol"),
        ("\0", "is no protocol"),
    ],
)
def test_refuses_in_words(expression: str, message: str) -> None:
    with pytest.raises(FilterError) as refusal:
        PacketFilter(expression)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("not " * 2000 + "icmp", True),
        ("not " * 2001 + "icmp", False),
        ("icmp and " * 2000 + "icmp", True),
        ("arp or " * 2000 + "icmp", True),
        ("not (" * 50 + "icmp" + ")" * 50, True),
        ("(icmp) and " * 200 + "arp", False),
    ],
)
def test_a_long_expression_is_no_deep_one(expression: str, expected: bool) -> None:
    assert PacketFilter(expression)(ECHO) is expected
