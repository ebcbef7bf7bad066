import pytest
from ip_network import Network
from session import configure, grammar, run

from iosemu.box import running_config
from iosemu.ip.config import IpSettings
from iosemu.parser.renderer import Renderer
from iosemu.subjects.acl import running as acl_running
from iosemu.subjects.acl.config import AclsConfig
from iosemu.subjects.routing.config import RoutesConfig

CONFIGURATION = """
access-list 10 permit 10.0.0.0 0.0.0.255
access-list 10 remark the rest
access-list 10 deny any log
access-list 101 permit ip 192.168.1.0 0.0.0.255 192.168.2.0 0.0.0.255
access-list 101 deny tcp any gt 1023 host 10.0.0.1 eq www established log
access-list 101 permit udp any range bootps 100 any neq isakmp
access-list 101 permit icmp any any echo-reply
access-list 101 permit icmp any any 3 9
access-list 101 permit 99 any any fragments
access-list 101 deny tcp any any fin syn
ip access-list extended VPN
 permit esp host 10.0.10.10 host 10.0.10.20
 permit udp any any eq isakmp
ip access-list standard ADMIN
 permit 10.1.1.1
interface Loopback0
 ip address 1.1.1.1 255.255.255.255
interface FastEthernet0/1
 description to the LAN
 ip access-group 101 in
 ip mtu 1400
 no ip proxy-arp
 bandwidth 5000
 no keepalive
interface FastEthernet0/0.10
 encapsulation dot1Q 10
 ip address 172.16.0.1 255.255.255.0
 ip address 172.17.0.1 255.255.0.0 secondary
 shutdown
ip route 0.0.0.0 0.0.0.0 10.0.10.20
ip route 10.5.0.0 255.255.0.0 FastEthernet0/0 10.0.10.20 200 tag 7 name spare permanent
ip route 10.6.0.0 255.255.0.0 Null0
ip default-gateway 10.0.10.20
no ip routing
"""


def rendered(device):
    return [
        line
        for name in (
            "interface",
            "ip access-list",
            "access-list",
            "ip routing",
            "ip default-gateway",
            "ip route",
        )
        for line in running_config.section(device, Renderer(grammar()), name)
    ]


def test_a_rendered_configuration_types_in_to_the_same_state():
    network = Network()
    assert configure(network, network.a, CONFIGURATION) == ""
    again = Network()
    lines = [line for line in rendered(network.a) if line != "!"]
    assert configure(again, again.a, "\n".join(lines)) == ""
    assert again.a.config.of(AclsConfig) == network.a.config.of(AclsConfig)
    assert again.a.config.interfaces == network.a.config.interfaces
    assert again.a.config.of(RoutesConfig) == network.a.config.of(RoutesConfig)
    assert rendered(again.a) == rendered(network.a)


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("ip address 30.0.1.11 255.255.255.252", "Bad mask /30 for address 30.0.1.11\n"),
        ("ip address 10.0.0.1 255.0.255.0", "Bad mask 0xFF00FF00 for address 10.0.0.1\n"),
        ("ip address 192.168.1.4 255.255.255.0", "% 192.168.1.0 overlaps with FastEthernet0/1\n"),
        ("ip route 10.5.0.1 255.255.0.0 10.0.10.20", "%Inconsistent address and mask\n"),
        (
            "ip route 10.5.0.0 255.255.0.0 10.0.10.10",
            "%Invalid next hop address (it's this router)\n",
        ),
    ],
)
def test_refusals(line, printed):
    network = Network()
    assert configure(network, network.a, f"interface FastEthernet0/0\n{line}") == printed
    assert str(network.a.config.interfaces["FastEthernet0/0"].of(IpSettings).address) == "10.0.10.10/24"


def test_an_overlap_on_a_port_that_is_shut_is_stored_and_keeps_it_down():
    network = Network()
    lines = "interface Loopback5\nshutdown\nip address 192.168.1.4 255.255.255.0"
    assert configure(network, network.a, lines) == "% 192.168.1.0 overlaps with FastEthernet0/1\n"
    assert str(network.a.config.interfaces["Loopback5"].of(IpSettings).address) == "192.168.1.4/24"
    assert configure(network, network.a, "interface Loopback5\nno shutdown") == (
        "% 192.168.1.0 overlaps with FastEthernet0/1\nLoopback5: incorrect IP address assignment\n"
    )
    assert network.a.config.interfaces["Loopback5"].shutdown


def test_a_wildcard_in_the_form_of_a_netmask_zeroes_the_host_bits():
    network = Network()
    configure(network, network.a, "access-list 1 permit 192.168.1.0 255.255.255.0")
    assert acl_running.numbered_lines(network.a, Renderer(grammar())) == [
        "access-list 1 permit 0.0.0.0 255.255.255.0"
    ]


@pytest.mark.parametrize(
    ("image", "counted"),
    [("packet-tracer", "(1 match(es))"), ("15.1", "(1 match)"), ("12.4", "(1 match)")],
)
def test_access_lists_count_what_they_meet(image, counted):
    network = Network(image)
    configure(
        network,
        network.a,
        """
        access-list 101 deny icmp any host 192.168.2.9
        access-list 101 permit ip 192.168.1.0 0.0.0.255 192.168.2.0 0.0.0.255
        interface FastEthernet0/1
        ip access-group 101 in
        """,
    )
    assert "Destination host unreachable" in run(network, network.pc, "ping -n 1 192.168.2.9")
    run(network, network.pc, "ping -n 3 192.168.2.1")
    assert run(network, network.a, "show access-lists").splitlines() == [
        "Extended IP access list 101",
        f"    10 deny icmp any host 192.168.2.9 {counted}",
        "    20 permit ip 192.168.1.0 0.0.0.255 192.168.2.0 0.0.0.255 "
        + counted.replace("1 match", "3 match").replace("match)", "matches)"),
    ]
    run(network, network.a, "clear access-list counters")
    assert "match" not in run(network, network.a, "show access-lists")


def test_named_lists_are_edited_by_number():
    network = Network()
    lines = "ip access-list extended A\npermit ip any any\n5 deny tcp any any\nno 10\n7 permit udp any any"
    assert configure(network, network.a, lines) == ""
    assert list(network.a.config.of(AclsConfig).lists["A"].items) == [5, 7]
    assert "Duplicate sequence number" in configure(
        network, network.a, "ip access-list extended A\n5 permit gre any any"
    )
    configure(network, network.a, "ip access-list resequence A 100 5")
    assert list(network.a.config.of(AclsConfig).lists["A"].items) == [100, 105]


def test_ping_of_a_pc_in_the_words_of_packet_tracer():
    network = Network()
    assert run(network, network.pc, "ping 192.168.2.1").splitlines() == [
        "",
        "Pinging 192.168.2.1 with 32 bytes of data:",
        "",
        "Request timed out.",
        *["Reply from 192.168.2.1: bytes=32 time<1ms TTL=126"] * 3,
        "",
        "Ping statistics for 192.168.2.1:",
        "    Packets: Sent = 4, Received = 3, Lost = 1 (25% loss),",
        "Approximate round trip times in milli-seconds:",
        "    Minimum = 0ms, Maximum = 0ms, Average = 0ms",
        "",
    ]


def test_ping_of_a_router_shows_lost_and_refused_echoes():
    network = Network()
    assert run(network, network.a, "ping 192.168.2.1").splitlines()[-2:] == [
        ".!!!!",
        "Success rate is 80 percent (4/5), round-trip min/avg/max = 1/1/1 ms",
    ]
    configure(network, network.a, "ip route 10.77.0.0 255.255.0.0 10.0.10.20")
    text = run(network, network.a, "ping 10.77.1.1")
    assert text.splitlines()[-2:] == ["U.U.U", "Success rate is 0 percent (0/5)"]


def test_the_ping_dialog():
    network = Network()
    text = run(network, network.a, "ping", ["", "10.0.10.20", "3", "", "", "y", "192.168.1.254"])
    assert "Sending 3, 100-byte ICMP Echos to 10.0.10.20, timeout is 2 seconds:\n" in text
    assert "Packet sent with a source address of 192.168.1.254 \n!!!\n" in text


def test_traceroute():
    network = Network()
    run(network, network.a, "ping 192.168.2.1")
    assert run(network, network.a, "traceroute 192.168.2.1").splitlines()[-2:] == [
        "  1 10.0.10.20 0 msec 0 msec 0 msec",
        "  2 192.168.2.1 0 msec 0 msec 0 msec",
    ]
    assert "  2   0 ms      0 ms      0 ms      10.0.10.20" in run(network, network.pc, "tracert 192.168.2.1")


@pytest.mark.parametrize(("image", "local"), [("15.1", True), ("12.4", False), ("packet-tracer", False)])
def test_show_ip_route(image, local):
    network = Network(image)
    lines = run(network, network.a, "show ip route").splitlines()
    assert any(line.startswith("L ") for line in lines) == local
    assert "Gateway of last resort is not set" in lines
    assert lines[-1].split() == ["S", "192.168.2.0/24", "[1/0]", "via", "10.0.10.20"]


def test_show_ip_interface_brief():
    network = Network()
    configure(network, network.a, "interface FastEthernet0/1\nshutdown")
    assert run(network, network.a, "show ip interface brief").splitlines() == [
        "Interface                  IP-Address      OK? Method Status                Protocol",
        "FastEthernet0/0            10.0.10.10      YES NVRAM  up                    up      ",
        "FastEthernet0/1            192.168.1.254   YES NVRAM  administratively down down    ",
    ]


def test_subinterfaces_carry_tagged_frames():
    network = Network()
    for router, host in ((network.a, 1), (network.b, 2)):
        configure(
            network,
            router,
            f"interface FastEthernet0/0.10\nencapsulation dot1Q 10\nip address 172.16.0.{host} 255.255.255.0",
        )
    network.run(2.0)
    assert ".!!!!" in run(network, network.a, "ping 172.16.0.2")


def test_ipconfig_sets_the_address():
    network = Network()
    assert run(network, network.pc, "ipconfig 10.1.1.5 255.255.255.0 10.1.1.1") == ""
    assert "IPv4 Address....................: 10.1.1.5" in run(network, network.pc, "ipconfig")
    assert run(network, network.pc, "ipconfig 10.1.1.5 255.0.255.0") == "Invalid subnet mask.\n"
