"""GRE tunnels, virtual tunnel interfaces and their protection, between R-A and R-B."""

from __future__ import annotations

import pytest
from ip_network import Network
from session import configure, run

from iosemu.net.link import Direction
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame, EtherType
from iosemu.packets.gre import GrePacket
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.crypto.service.engine import CryptoEngine

PLAIN = """
interface Tunnel0
ip address 172.16.0.{me} 255.255.255.252
tunnel source FastEthernet0/0
tunnel destination 10.0.10.{far}
"""
PROTECT = """
exit
crypto isakmp policy 10
encr aes
authentication pre-share
group 2
crypto isakmp key TEST1 address 10.0.10.{far}
crypto ipsec transform-set TSET esp-aes esp-sha-hmac
mode {mode}
crypto ipsec profile PROF
set transform-set TSET
set pfs group2
interface Tunnel0
tunnel protection ipsec profile PROF
"""
VTI = "tunnel mode ipsec ipv4\n"
SIDES = (("a", 10, 20, 1, 2), ("b", 20, 10, 2, 1))


class Wire:
    """The IPv4 packets that cross the WAN."""

    def __init__(self, network: Network) -> None:
        self.packets: list[IPv4Packet] = []
        for end in network.links["wan"].ends:
            end.taps.append(self._tap)

    def _tap(self, direction: Direction, frame: bytes) -> None:
        if direction is Direction.IN:
            return
        try:
            parsed = EthernetFrame.parse(frame)
        except MalformedPacket:
            return
        if parsed.ethertype == EtherType.IPV4:
            self.packets.append(IPv4Packet.parse(parsed.payload))

    def protocols(self) -> set[int]:
        return {packet.protocol for packet in self.packets}


def tunnelled(*, lines: str = "", mode: str = "tunnel", protect: bool = False) -> Network:
    network = Network()
    run(network, network.pc, "ping 192.168.2.1")  # everybody knows everybody's hardware address
    for side, _me, far, here, there in SIDES:
        router = getattr(network, side)
        text = PLAIN.format(me=here, far=far) + lines
        if protect:
            text += PROTECT.format(far=far, mode=mode)
        text += f"\nexit\nno ip route 192.168.{there}.0 255.255.255.0\n"
        text += f"ip route 192.168.{there}.0 255.255.255.0 Tunnel0\n"
        assert configure(network, router, text) == ""
    network.run(15)
    return network


def brief(network: Network, side: str = "a") -> str:
    shown = run(network, getattr(network, side), "show ip interface brief")
    return next(line for line in shown.splitlines() if line.startswith("Tunnel0"))


def test_gre_carries_packets_and_is_seen_on_the_wire() -> None:
    network = tunnelled()
    assert brief(network).split()[-2:] == ["up", "up"]
    wire = Wire(network)
    assert "(5/5)" in run(network, network.a, "ping 172.16.0.2")
    assert "Received = 4" in run(network, network.pc, "ping 192.168.2.1")
    assert wire.protocols() == {Protocol.GRE}
    gre = GrePacket.parse(wire.packets[0].payload)
    assert gre.protocol == EtherType.IPV4
    shown = run(network, network.a, "show interfaces tunnel0")
    for line in (
        "Tunnel0 is up, line protocol is up",
        "  Hardware is Tunnel",
        "  Internet address is 172.16.0.1/30",
        "  MTU 17916 bytes, BW 100 Kbit/sec, DLY 50000 usec, ",
        "  Encapsulation TUNNEL, loopback not set",
        "  Keepalive not set",
        "  Tunnel linestate evaluation up",
        "  Tunnel source 10.0.10.10 (FastEthernet0/0), destination 10.0.10.20",
        "  Tunnel protocol/transport GRE/IP",
        "  Tunnel transport MTU 1476 bytes",
    ):
        assert line in shown.splitlines()
    assert "     9 packets input" in shown


def test_large_packets_are_fragmented_before_the_tunnel() -> None:
    network = tunnelled()
    wire = Wire(network)
    assert "Received = 4" in run(network, network.pc, "ping -l 3000 192.168.2.1")
    assert max(packet.total_length for packet in wire.packets) <= 1500
    assert not any(packet.is_fragment for packet in wire.packets), "the inner packets are the fragments"


def test_keys_must_agree() -> None:
    network = tunnelled(lines="tunnel key 7\n")
    assert "(5/5)" in run(network, network.a, "ping 172.16.0.2")
    configure(network, network.b, "interface Tunnel0\ntunnel key 8")
    assert "(0/5)" in run(network, network.a, "ping 172.16.0.2 timeout 1")


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("no tunnel destination", "no IPv4 tunnel destination address"),
        ("no tunnel source", "tunnel source is not configured"),
        ("tunnel source 10.1.1.1", "source interface down"),
        ("tunnel destination 10.77.0.1", "no output interface"),
    ],
)
def test_the_line_protocol_follows_what_the_tunnel_needs(lines: str, why: str) -> None:
    network = tunnelled()
    configure(network, network.a, f"interface Tunnel0\n{lines}")
    network.run(5)
    assert brief(network).split()[-2:] == ["up", "down"]
    assert f"Tunnel linestate evaluation down - {why}" in run(network, network.a, "show interfaces tunnel0")
    assert any("Interface Tunnel0, changed state to down" in str(each) for each in network.a.syslog.messages)


def test_the_source_interface_takes_the_tunnel_down_and_brings_it_back() -> None:
    network = tunnelled()
    network.links["wan"].plugged = False
    network.run(5)
    assert brief(network).split()[-1] == "down"
    network.links["wan"].plugged = True
    network.run(5)
    assert brief(network).split()[-1] == "up"


def test_a_destination_behind_the_tunnel_itself_is_recursive() -> None:
    network = tunnelled()
    configure(network, network.a, "ip route 10.0.10.20 255.255.255.255 Tunnel0")
    network.run(5)
    assert any("%TUN-5-RECURDOWN: Tunnel0 temporarily" in str(each) for each in network.a.syslog.messages)
    assert brief(network).split()[-1] == "down"
    configure(network, network.a, "no ip route 10.0.10.20 255.255.255.255 Tunnel0")
    network.run(61)
    assert brief(network).split()[-1] == "up"


def test_keepalives_notice_a_far_end_that_does_not_answer() -> None:
    network = tunnelled()
    configure(network, network.a, "interface Tunnel0\nkeepalive 5 2")
    network.run(30)
    assert brief(network).split()[-1] == "up", "the far end answers without knowing"
    configure(
        network,
        network.b,
        "interface FastEthernet0/0\nip access-group 150 in\nexit\n"
        "access-list 150 deny gre any any\naccess-list 150 permit ip any any",
    )
    network.run(30)
    assert brief(network).split()[-1] == "down"
    configure(network, network.b, "interface FastEthernet0/0\nno ip access-group 150 in")
    network.run(30)
    assert brief(network).split()[-1] == "up"


def test_a_virtual_tunnel_interface_comes_up_by_itself() -> None:
    network = tunnelled(lines=VTI, protect=True)
    assert brief(network).split()[-2:] == ["up", "up"]
    shown = run(network, network.a, "show crypto ipsec sa")
    assert "interface: Tunnel0" in shown
    assert "Crypto map tag: Tunnel0-head-0, local addr 10.0.10.10" in shown
    assert "local  ident (addr/mask/prot/port): (0.0.0.0/0.0.0.0/0/0)" in shown
    assert "remote ident (addr/mask/prot/port): (0.0.0.0/0.0.0.0/0/0)" in shown
    wire = Wire(network)
    assert "(5/5)" in run(network, network.a, "ping 172.16.0.2")
    assert "Received = 4" in run(network, network.pc, "ping 192.168.2.1")
    assert "Received = 4" in run(network, network.pc, "ping -l 3000 192.168.2.1")
    assert wire.protocols() == {Protocol.ESP}
    assert 'Tunnel protection via IPSec (profile "PROF")' in run(
        network, network.a, "show interfaces tunnel0"
    )


@pytest.mark.parametrize("mode", ["tunnel", "transport"])
def test_gre_is_protected(mode: str) -> None:
    network = tunnelled(mode=mode, protect=True)
    shown = run(network, network.a, "show crypto ipsec sa")
    assert "local  ident (addr/mask/prot/port): (10.0.10.10/255.255.255.255/47/0)" in shown
    assert f"in use settings ={{{mode.capitalize()}, }}" in shown
    wire = Wire(network)
    assert "(5/5)" in run(network, network.a, "ping 172.16.0.2")
    assert "Received = 4" in run(network, network.pc, "ping 192.168.2.1")
    assert wire.protocols() == {Protocol.ESP}


def test_gre_in_clear_is_refused_by_a_protected_tunnel() -> None:
    network = tunnelled(protect=True)
    configure(network, network.b, "interface Tunnel0\nno tunnel protection ipsec profile PROF")
    assert "(0/5)" in run(network, network.b, "ping 172.16.0.1 timeout 1")
    assert any("RECVD_PKT_NOT_IPSEC" in str(each) for each in network.a.syslog.messages)


def test_gre_in_clear_is_refused_by_a_virtual_tunnel_interface() -> None:
    network = tunnelled(lines=VTI, protect=True)
    text = "interface Tunnel0\nno tunnel protection ipsec profile PROF\ntunnel mode gre ip"
    assert configure(network, network.b, text) == ""
    network.run(5)
    run(network, network.b, "ping 172.16.0.1 repeat 2")
    told = [str(message) for message in network.a.syslog.messages]
    (line,) = [each for each in told if "RECVD_PKT_NOT_IPSEC" in each]
    assert "vrf/dest_addr= /10.0.10.10, src_addr= 10.0.10.20, prot= 47" in line


def test_sas_are_renewed_without_traffic_and_asked_for_again() -> None:
    network = tunnelled(lines=VTI, protect=True)
    for side in (network.a, network.b):
        configure(network, side, "crypto ipsec profile PROF\nset security-association lifetime seconds 120")
    run(network, network.a, "clear crypto sa")
    network.run(40)
    first = {sa.spi for pair in network.a.service(CryptoEngine).sadb for sa in pair.inbound}
    assert first
    for _ in range(5):
        network.run(60)
        assert brief(network).split()[-1] == "up"
    assert first.isdisjoint(sa.spi for pair in network.a.service(CryptoEngine).sadb for sa in pair.inbound)
    assert "(5/5)" in run(network, network.a, "ping 172.16.0.2")


def test_profiles_are_shown_as_typed() -> None:
    network = tunnelled(lines=VTI, protect=True)
    shown = run(network, network.a, "show running-config")
    profile = """crypto ipsec profile PROF
 set transform-set TSET{space}
 set pfs group2
!"""
    tunnel = """interface Tunnel0
 ip address 172.16.0.1 255.255.255.252
 tunnel source FastEthernet0/0
 tunnel mode ipsec ipv4
 tunnel destination 10.0.10.20
 tunnel protection ipsec profile PROF
!"""
    assert profile.format(space=" ") in shown
    assert tunnel in shown
    told = run(network, network.a, "show crypto ipsec profile PROF")
    assert "IPSEC profile PROF\n\tSecurity association lifetime: 4608000 kilobytes/3600 seconds\n" in told
    assert "\tPFS (Y/N): Y\n" in told
    assert "\t\tTSET:  { esp-aes esp-sha-hmac  } , \n" in told
    assert "in use by Tunnel0" in configure(network, network.a, "no crypto ipsec profile PROF")
    configure(network, network.a, "no interface Tunnel0\nno crypto ipsec profile PROF")
    network.run(2)
    assert "interface Tunnel0" not in run(network, network.a, "show running-config")
    assert not len(network.a.service(CryptoEngine).sadb)
    assert "is OFF" in str(network.a.syslog.messages[-1]) or not network.a.service(CryptoEngine).running


def test_commands_of_tunnels_belong_to_tunnels() -> None:
    network = Network()
    said = configure(network, network.a, "interface FastEthernet0/1\ntunnel key 3")
    assert "only valid on tunnel interfaces" in said
    said = configure(network, network.a, "interface Tunnel0\ntunnel protection ipsec profile NONE")
    assert "does not exist" in said


@pytest.mark.parametrize("lines", ["", VTI])
def test_a_protected_tunnel_is_shown_with_its_profile_and_its_way_out(lines: str) -> None:
    network = tunnelled(lines=lines, protect=True)
    run(network, network.a, "ping 172.16.0.2")
    shown = run(network, network.a, "show crypto map")
    before, after = shown.split('Crypto Map IPv4 "Tunnel0-head-0" 65537 ipsec-isakmp')
    assert 'Crypto Map IPv4 "Tunnel0-head-0" 65536 ipsec-isakmp' in before
    assert "\tProfile name: PROF" in before
    assert "PFS (Y/N): Y" in before
    assert "Interfaces using" not in before
    assert "\tMap is a PROFILE INSTANCE." in after
    shown = run(network, network.a, "show crypto ipsec sa")
    assert "interface: Tunnel0" in shown
    assert "path mtu 1500, ip mtu 1500, ip mtu idb FastEthernet0/0" in shown
