"""NAT between PC-A (inside) and the WAN; R-B has no route to the inside."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest
from ip_network import Network
from session import configure, executor, run

from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.packets.icmp import IcmpMessage, IcmpType
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.tcp import TcpFlags, TcpSegment
from iosemu.packets.udp import UdpDatagram
from iosemu.subjects.nat.running import nat_lines
from iosemu.subjects.routing.config import RoutesConfig

PC, SERVER = IPv4Address("192.168.1.1"), IPv4Address("192.168.2.1")
WAN_A, WAN_B = IPv4Address("10.0.10.10"), IPv4Address("10.0.10.20")
SIDES = """
interface FastEthernet0/1
ip nat inside
interface FastEthernet0/0
ip nat outside
exit
"""
OVERLOAD = (
    SIDES
    + """
access-list 1 permit 192.168.1.0 0.0.0.255
ip nat inside source list 1 interface FastEthernet0/0 overload
"""
)


@pytest.fixture
def network() -> Network:
    made = Network()
    run(made, made.pc, "ping 192.168.2.1")  # everybody knows everybody's hardware address
    made.b.config.of(RoutesConfig).remove(IPv4Network("192.168.1.0/24"))
    made.b.configured("routing")
    return made


class Seen:
    """What a host receives of one protocol."""

    def __init__(self, host, protocol: int) -> None:
        self.packets: list[IPv4Packet] = []
        host.service(IpStack).bind_protocol(protocol, lambda packet, _interface: self.packets.append(packet))


def send_udp(network: Network, source_port: int, port: int = 9, source: IPv4Address = PC) -> None:
    data = UdpDatagram(source_port, port, b"x").to_bytes(source, SERVER)
    network.pc.service(IpStack).send(IPv4Packet(source, SERVER, Protocol.UDP, data, 64))
    network.run(0.1)


def table(network: Network) -> list[str]:
    return [line for line in run(network, network.a, "show ip nat translations").splitlines() if line]


def test_hosts_share_the_address_of_an_interface(network: Network) -> None:
    assert "Received = 0" in run(network, network.pc, "ping 192.168.2.1")
    configure(network, network.a, OVERLOAD)
    assert "Received = 4" in run(network, network.pc, "ping 192.168.2.1")
    header, row = table(network)
    assert header == "Pro Inside global      Inside local       Outside local      Outside global"
    words = row.split()
    assert words[0] == "icmp"
    assert words[1].startswith("10.0.10.10:")
    assert words[2].startswith("192.168.1.1:")
    assert words[3].startswith("192.168.2.1:")
    network.run(61)
    assert table(network) == []


def test_a_port_is_kept_while_it_is_free(network: Network) -> None:
    configure(network, network.a, OVERLOAD)
    seen = Seen(network.server, Protocol.UDP)
    network.pc.service(IpStack).interfaces["FastEthernet0"].config.of(IpSettings).secondary = [
        IPv4Interface("192.168.1.2/24")
    ]
    network.pc.service(IpStack).addresses_changed(network.pc.service(IpStack).interfaces["FastEthernet0"])
    for source, port in ((PC, 4000), (IPv4Address("192.168.1.2"), 4000), (PC, 500), (PC, 7)):
        send_udp(network, port, source=source)
    sources = [UdpDatagram.parse(each.payload, each.source, each.destination) for each in seen.packets]
    assert [each.source_port for each in sources] == [4000, 1024, 500, 7]
    assert {each.source for each in seen.packets} == {WAN_A}


def test_a_port_that_the_router_listens_on_is_left_to_it(network: Network) -> None:
    configure(network, network.a, OVERLOAD)
    network.a.service(IpStack).bind_udp(500, lambda *_: None)
    seen = Seen(network.server, Protocol.UDP)
    send_udp(network, 500)
    (packet,) = seen.packets
    assert UdpDatagram.parse(packet.payload).source_port == 1


def test_answers_and_errors_find_their_way_back(network: Network) -> None:
    configure(network, network.a, OVERLOAD)
    answers: list[tuple[IPv4Packet, IcmpMessage]] = []
    network.pc.service(IpStack).icmp.listeners.append(
        lambda packet, message, _vrf: answers.append((packet, message))
    )
    send_udp(network, 4000, 4242)
    ((packet, message),) = answers
    assert message.type == IcmpType.UNREACHABLE
    assert packet.source == SERVER
    inner = IPv4Packet.parse(message.payload, verify=False)
    assert inner.source == PC, "the quoted packet is the one that was sent"
    assert UdpDatagram.parse(inner.payload + b"\0").source_port == 4000
    answers.clear()
    data = UdpDatagram(4001, 9, b"").to_bytes(PC, SERVER)
    network.pc.service(IpStack).send(IPv4Packet(PC, SERVER, Protocol.UDP, data, 2))
    network.run(1)
    ((packet, message),) = answers
    assert message.type == IcmpType.TIME_EXCEEDED
    assert packet.source == WAN_B
    assert packet.destination == PC
    quoted = IPv4Packet.parse(message.payload, verify=False)
    header = quoted.to_bytes()[:20]
    assert message.payload[12:20] == PC.packed + SERVER.packed
    assert len(header) == 20


def test_large_packets_are_translated_whole(network: Network) -> None:
    configure(network, network.a, OVERLOAD)
    assert "Received = 4" in run(network, network.pc, "ping -l 4000 192.168.2.1")


def test_static_addresses_work_from_both_sides(network: Network) -> None:
    configure(network, network.a, SIDES + "ip nat inside source static 192.168.1.1 10.0.10.99")
    assert table(network)[1:] == ["--- 10.0.10.99         192.168.1.1        ---                ---"]
    run(network, network.b, "ping 10.0.10.99")
    assert "(5/5)" in run(network, network.b, "ping 10.0.10.99")
    assert len(table(network)) > 2
    run(network, network.a, "clear ip nat translation *")
    assert len(table(network)) == 2
    assert "Received = 4" in run(network, network.pc, "ping 192.168.2.1")


def test_static_ports(network: Network) -> None:
    lines = "ip nat inside source static udp 192.168.1.1 53 interface FastEthernet0/0 5353"
    configure(network, network.a, SIDES + lines)
    seen = Seen(network.pc, Protocol.UDP)
    data = UdpDatagram(1111, 5353, b"who").to_bytes(WAN_B, WAN_A)
    network.b.service(IpStack).send(IPv4Packet(WAN_B, WAN_A, Protocol.UDP, data, 64))
    network.run(3)
    network.b.service(IpStack).send(IPv4Packet(WAN_B, WAN_A, Protocol.UDP, data, 64))
    network.run(1)
    packet = seen.packets[-1]
    assert packet.destination == PC
    assert UdpDatagram.parse(packet.payload, packet.source, packet.destination).destination_port == 53
    back: list[int] = []
    network.b.service(IpStack).bind_udp(
        1111, lambda _packet, datagram, _interface: back.append(datagram.source_port)
    )
    network.pc.service(IpStack).send_udp(PC, 53, WAN_B, 1111, b"me")
    network.run(1)
    assert back == [5353]


def test_a_pool_without_overload_runs_out(network: Network) -> None:
    configure(
        network,
        network.a,
        SIDES
        + """
access-list 1 permit any
ip nat pool P 10.0.10.100 10.0.10.100 netmask 255.255.255.0
ip nat inside source list 1 pool P
""",
    )
    run(network, network.pc, "ping 192.168.2.1")  # R-B asks by ARP for the new address first
    assert "Received = 4" in run(network, network.pc, "ping 192.168.2.1")
    assert any(row.startswith("--- 10.0.10.100 ") for row in table(network))
    network.pc.service(IpStack).interfaces["FastEthernet0"].config.of(IpSettings).secondary = [
        IPv4Interface("192.168.1.2/24")
    ]
    network.pc.service(IpStack).addresses_changed(network.pc.service(IpStack).interfaces["FastEthernet0"])
    seen = Seen(network.server, Protocol.UDP)
    send_udp(network, 4000, source=IPv4Address("192.168.1.2"))
    assert not seen.packets
    statistics = run(network, network.a, "show ip nat statistics")
    assert "total addresses 1, allocated 1 (100%), misses 1" in statistics
    assert "refcount 3" in statistics


def test_what_the_list_denies_and_what_the_router_says_itself_is_not_translated(network: Network) -> None:
    configure(
        network,
        network.a,
        SIDES
        + """
access-list 101 deny ip 192.168.1.0 0.0.0.255 192.168.2.0 0.0.0.255
access-list 101 permit ip 192.168.1.0 0.0.0.255 any
ip nat inside source list 101 interface FastEthernet0/0 overload
""",
    )
    seen = Seen(network.server, Protocol.UDP)
    send_udp(network, 4000)
    assert seen.packets[0].source == PC
    assert "(5/5)" in run(network, network.a, "ping 10.0.10.20")
    assert table(network) == []


def test_conversations_of_tcp_end(network: Network) -> None:
    configure(network, network.a, OVERLOAD)
    answers = Seen(network.pc, Protocol.TCP)

    def say(flags: int) -> None:
        data = TcpSegment(5000, 23, 7, 0, flags).to_bytes(PC, SERVER)
        network.pc.service(IpStack).send(IPv4Packet(PC, SERVER, Protocol.TCP, data, 64))
        network.run(0.1)

    say(TcpFlags.SYN)
    (packet,) = answers.packets
    reset = TcpSegment.parse(packet.payload, packet.source, packet.destination)
    assert reset.flags == TcpFlags.RST | TcpFlags.ACK, "a host refuses what nobody listens for"
    assert (reset.source_port, reset.destination_port, reset.acknowledgment) == (23, 5000, 8)
    verbose = run(network, network.a, "show ip nat translations verbose")
    assert "timeout:60000, left 00:00:59" in verbose
    assert "extended, use_count: 0" in verbose
    network.run(61)
    assert table(network) == []


def test_the_configuration_is_shown_as_typed(network: Network) -> None:
    text = """
ip nat translation udp-timeout 100
ip nat translation tcp-timeout never
ip nat pool P 10.0.10.100 10.0.10.110 netmask 255.255.255.0
ip nat pool Q 10.0.10.120 10.0.10.121 prefix-length 24
ip nat inside source list 1 interface FastEthernet0/0 overload
ip nat inside source list 2 pool P overload
ip nat inside source static 192.168.1.5 10.0.10.55
ip nat inside source static tcp 192.168.1.6 80 10.0.10.56 8080 extendable
""".strip()
    assert configure(network, network.a, SIDES + text) == ""
    assert nat_lines(network.a, lambda *_: []) == text.splitlines()
    shown = run(network, network.a, "show running-config")
    assert " ip nat inside\n" in shown
    assert " ip nat outside\n" in shown
    removal = "\n".join(f"no {line}" for line in reversed(text.splitlines()) if "translation" not in line)
    assert configure(network, network.a, removal) == ""
    assert (
        configure(network, network.a, "no ip nat translation udp-timeout\nno ip nat translation tcp-timeout")
        == ""
    )
    assert nat_lines(network.a, lambda *_: []) == []


def test_faults_are_refused_in_words(network: Network) -> None:
    def says(line: str) -> str:
        return configure(network, network.a, line).strip()

    assert says("ip nat inside source list 1 pool NONE") == "%Pool NONE not found"
    assert (
        says("ip nat pool P 10.0.0.9 10.0.0.1 netmask 255.255.255.0")
        == "%End address less than start address"
    )
    assert "mask 255.255.255.252 too small" in says("ip nat pool P 10.0.0.1 10.0.0.9 netmask 255.255.255.252")
    assert "Invalid input" in says("ip nat pool P 10.0.0.1 10.0.0.9 netmask 255.0.255.0")
    configure(network, network.a, OVERLOAD)
    run(network, network.pc, "ping 192.168.2.1")
    shell = "no ip nat inside source list 1 interface FastEthernet0/0 overload"
    configure(network, network.a, shell)
    assert len(nat_lines(network.a, lambda *_: [])) == 1, "it asks before it deletes what is in use"
    run(network, executor(network.a, configure=True), shell, ["yes"])
    assert nat_lines(network.a, lambda *_: []) == []
    assert table(network) == []
    assert says("no ip nat inside source static 1.1.1.1 2.2.2.2") == "%Translation not found"


def test_debugging_says_what_becomes_of_packets(network: Network) -> None:
    configure(network, network.a, OVERLOAD)
    assert run(network, network.a, "debug ip nat") == "IP NAT debugging is on\n"
    send_udp(network, 4000)
    assert any("s=192.168.1.1->10.0.10.10, d=192.168.2.1" in str(each) for each in network.a.syslog.messages)
    assert "IP NAT debugging is on" in run(network, network.a, "show debugging")
    run(network, network.a, "undebug all")
    assert "NAT" not in run(network, network.a, "show debugging")
