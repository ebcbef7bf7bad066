from ipaddress import IPv4Address

from ip_network import Network

from iosemu.ip.config import IpSettings
from iosemu.ip.stack import IpStack
from iosemu.packets.icmp import IcmpType, echo
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.pc.service import NetworkCards


def ping(network, host, destination, size=32, ttl=None, dont_fragment=False, wait=2.0):
    """Send one echo and return the (packet, message) that came back, if any."""
    answers = []
    listener = lambda packet, message, _vrf: answers.append((packet, message))  # noqa: E731
    host.service(IpStack).icmp.listeners.append(listener)
    source = host.service(IpStack).source_for(IPv4Address(destination))
    host.service(IpStack).icmp.send(
        source, IPv4Address(destination), echo(1, 1, bytes(size)), ttl=ttl, dont_fragment=dont_fragment
    )
    network.run(wait)
    host.service(IpStack).icmp.listeners.remove(listener)
    return answers[0] if answers else None


def test_a_cold_ping_loses_the_packet_that_meets_unresolved_arp_at_the_far_router():
    network = Network()
    lost = [ping(network, network.pc, "192.168.2.1") for _ in range(3)]
    assert [answer is None for answer in lost] == [True, False, False]
    packet, message = lost[1]
    assert (message.type, packet.ttl) == (IcmpType.ECHO_REPLY, 126)


def test_the_next_hop_of_a_static_route_is_resolved_before_traffic():
    network = Network()
    assert network.a.service(IpStack).arp.table.lookup(IPv4Address("10.0.10.20")) is not None
    assert network.b.service(IpStack).arp.table.lookup(IPv4Address("10.0.10.10")) is not None


def test_a_host_keeps_the_packet_while_arp_resolves():
    network = Network()
    assert network.pc.service(IpStack).arp.table.lookup(IPv4Address("192.168.1.254")) is None
    assert ping(network, network.pc, "192.168.1.254") is not None


def test_ttl_runs_out_at_the_first_router():
    network = Network()
    packet, message = ping(network, network.pc, "192.168.2.1", ttl=1)
    assert message.type == IcmpType.TIME_EXCEEDED
    assert packet.source == IPv4Address("192.168.1.254")
    assert packet.ttl == 255


def test_no_route_is_host_unreachable_and_limited_to_two_a_second():
    network = Network()
    assert ping(network, network.pc, "172.16.0.1").__getitem__(1).code == 1
    before = network.a.service(IpStack).icmp.sent[IcmpType.UNREACHABLE]
    for _ in range(10):
        network.pc.service(IpStack).icmp.send(
            IPv4Address("192.168.1.1"), IPv4Address("172.16.0.1"), echo(1, 1, b""), ttl=5
        )
    network.run(0.1)
    assert network.a.service(IpStack).icmp.sent[IcmpType.UNREACHABLE] == before + 1


def test_large_packets_are_fragmented_and_put_together():
    network = Network()
    ping(network, network.pc, "192.168.2.1")
    _packet, message = ping(network, network.pc, "192.168.2.1", size=4000)
    assert len(message.payload) == 4000
    assert network.server.service(IpStack).counters.reassembled == 1


def test_dont_fragment_meets_a_small_mtu():
    network = Network()
    network.a.config.interfaces["FastEthernet0/0"].of(IpSettings).mtu = 1000
    _packet, message = ping(network, network.pc, "192.168.2.1", size=1200, dont_fragment=True)
    assert (message.type, message.code, message.next_hop_mtu) == (3, 4, 1000)


def test_a_cut_link_takes_the_routes_away_and_brings_them_back():
    network = Network()
    network.links["wan"].plugged = False
    network.run(3.0)
    assert network.a.service(IpStack).hop(IPv4Address("192.168.2.1")) is None
    texts = [str(message) for message in network.a.syslog.messages]
    assert texts[-2:] == [
        "%LINK-3-UPDOWN: Interface FastEthernet0/0, changed state to down",
        "%LINEPROTO-5-UPDOWN: Line protocol on Interface FastEthernet0/0, changed state to down",
    ]
    network.links["wan"].plugged = True
    network.run(3.0)
    ping(network, network.pc, "192.168.2.1")
    assert ping(network, network.pc, "192.168.2.1") is not None


def test_shutdown_is_announced_two_seconds_later_and_the_protocol_a_second_after():
    network = Network()
    start = network.scheduler.now
    network.a.config.interfaces["FastEthernet0/0"].shutdown = True
    network.a.interface_configured("FastEthernet0/0")
    network.run(4.0)
    messages = [(message.when - start, str(message)) for message in network.a.syslog.since(0)][-2:]
    assert messages == [
        (2.0, "%LINK-5-CHANGED: Interface FastEthernet0/0, changed state to administratively down"),
        (3.0, "%LINEPROTO-5-UPDOWN: Line protocol on Interface FastEthernet0/0, changed state to down"),
    ]


def test_a_port_nobody_listens_on_is_unreachable():
    network = Network()
    seen = []
    network.pc.service(IpStack).icmp.listeners.append(lambda packet, message, _vrf: seen.append(message.code))
    network.pc.service(IpStack).send_udp(None, 4000, IPv4Address("192.168.1.254"), 33434, b"probe")
    network.run(1.0)
    assert seen == [3]


def test_udp_reaches_its_handler():
    network = Network()
    seen = []
    network.a.service(IpStack).bind_udp(
        500, lambda packet, datagram, interface: seen.append((interface, datagram.payload))
    )
    network.pc.service(IpStack).send_udp(None, 500, IPv4Address("192.168.1.254"), 500, b"hello")
    network.run(1.0)
    assert seen == [("FastEthernet0/1", b"hello")]


def test_a_router_answers_arp_for_what_it_routes():
    network = Network()
    network.pc.service(NetworkCards).set_address(None)
    from ipaddress import IPv4Interface

    network.pc.service(NetworkCards).set_address(IPv4Interface("192.168.1.1/16"))
    ping(network, network.pc, "192.168.2.1")
    assert ping(network, network.pc, "192.168.2.1") is not None
    mac = network.pc.service(IpStack).arp.table.lookup(IPv4Address("192.168.2.1")).mac
    assert mac == network.a.interfaces["FastEthernet0/1"].mac


def test_power_off_and_boot_forget_everything_but_hardware_addresses():
    network = Network()
    mac = network.a.interfaces["FastEthernet0/0"].mac
    network.a.power_off()
    network.run(5.0)
    assert not network.b.interfaces["FastEthernet0/0"].line_up
    network.a.boot()
    network.run(5.0)
    assert network.a.interfaces["FastEthernet0/0"].mac == mac
    assert network.a.config.interfaces["FastEthernet0/0"].shutdown
    assert not list(network.a.service(IpStack).arp.table)


def test_an_unknown_protocol_is_unreachable():
    network = Network()
    seen = []
    network.pc.service(IpStack).icmp.listeners.append(lambda packet, message, _vrf: seen.append(message.code))
    source, destination = IPv4Address("192.168.1.1"), IPv4Address("192.168.1.254")
    network.pc.service(IpStack).send(IPv4Packet(source, destination, Protocol.GRE, b"x" * 20))
    network.run(1.0)
    assert seen == [2]
