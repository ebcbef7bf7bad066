from ip_network import Network
from session import configure, run

SIDE = """
crypto isakmp policy 10
encr aes 256
authentication pre-share
group 2
crypto isakmp key TEST1 address {peer}
crypto ipsec transform-set TSET esp-aes esp-sha-hmac
access-list 101 permit ip 192.168.{here}.0 0.0.0.255 192.168.{there}.0 0.0.0.255
crypto map CMAP 10 ipsec-isakmp
set peer {peer}
set transform-set TSET
match address 101
interface FastEthernet0/0
crypto map CMAP
"""


def answers(text):
    return ["." if line == "Request timed out." else "!" for line in text.splitlines()[3:7]]


def test_a_cold_ping_loses_the_packet_for_ike_and_the_packet_for_arp_and_a_warm_one_none():
    network = Network("packet-tracer")
    configure(network, network.a, SIDE.format(peer="10.0.10.20", here=1, there=2))
    configure(network, network.b, SIDE.format(peer="10.0.10.10", here=2, there=1))
    network.run(3.0)
    assert answers(run(network, network.pc, "ping 192.168.2.1")) == [".", ".", "!", "!"]
    assert answers(run(network, network.pc, "ping 192.168.2.1")) == ["!", "!", "!", "!"]


def test_large_packets_pass_the_tunnel_in_fragments():
    network = Network("packet-tracer")
    configure(network, network.a, SIDE.format(peer="10.0.10.20", here=1, there=2))
    configure(network, network.b, SIDE.format(peer="10.0.10.10", here=2, there=1))
    network.run(3.0)
    run(network, network.pc, "ping 192.168.2.1")
    assert "Received = 4" in run(network, network.pc, "ping -l 4000 192.168.2.1")
