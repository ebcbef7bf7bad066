"""The firewall of a router between its neighbours: zones, NAT, IPsec, fragments, what a trace says."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest

from iosemu.ip.stack import IpStack
from iosemu.lab.lab import Lab
from iosemu.lab.snapshot import Snapshot
from iosemu.lab.tracing import Traced, Tracer
from iosemu.net.inspection.session import Session
from iosemu.net.tracing import End
from iosemu.shell.loader import load
from iosemu.subjects.firewall.service.cbac import Inspection
from iosemu.subjects.firewall.service.zones import ZoneFirewall

ZONES = """class-map type inspect match-any LAN
 match protocol tftp
 match protocol ftp
 match protocol icmp
 match protocol tcp
 match protocol udp
policy-map type inspect OUT
 class type inspect LAN
  inspect
 class class-default
  drop
zone security inside
zone security outside
zone-pair security IN-OUT source inside destination outside
 service-policy type inspect OUT
interface GigabitEthernet0/0
 zone-member security inside
interface GigabitEthernet0/1
 zone-member security outside"""
SERVERS = """zone security dmz
interface GigabitEthernet0/2
 zone-member security dmz
zone-pair security OUT-DMZ source outside destination dmz
 service-policy type inspect OUT"""
NAT = """access-list 1 permit 192.168.10.0 0.0.0.255
ip nat inside source list 1 interface GigabitEthernet0/1 overload
ip nat inside source static 172.16.1.10 203.0.113.10
interface GigabitEthernet0/0
 ip nat inside
interface GigabitEthernet0/2
 ip nat inside
interface GigabitEthernet0/1
 ip nat outside"""
CBAC = """ip inspect name EDGE tftp
ip inspect name EDGE ftp
ip inspect name EDGE icmp
ip inspect name EDGE tcp
ip access-list extended NOTHING
 deny ip any any
interface GigabitEthernet0/1
 ip access-group NOTHING in
 ip inspect EDGE out"""


@pytest.fixture(scope="module")
def booted() -> tuple[Lab, Snapshot]:
    lab = Lab.load("tests/transcripts/firewall/lab.yaml", seed=1)
    lab.boot()
    lab.advance(30)
    for source in ("PC1", "SRV"):
        ping(lab, source, "198.51.100.1")
    return lab, lab.snapshot()


@pytest.fixture
def lab(booted: tuple[Lab, Snapshot]) -> Iterator[Lab]:
    lab, snapshot = booted
    lab.restore(snapshot)
    yield lab
    lab.advance(4000)
    assert list(lab["FW"].service(ZoneFirewall).keeper.inspector) == []
    assert list(lab["FW"].service(Inspection).keeper.inspector) == []


def typed(lab: Lab, device: str, text: str) -> None:
    assert load(lab[device], lab.grammar, text) == []


def run(lab: Lab, device: str, *lines: str, seconds: float = 60) -> str:
    """What a session prints when these lines are typed, one after the other's answer."""
    session = lab.session(device, rows=0)
    assert session is not None
    session.start()
    lab.clock.watch(session)
    for line in lines:
        session.receive(f"{line}\r".encode())
        lab.run_until(lambda: not session.waiting, seconds)
    lab.advance(1)
    lab.clock.unwatch(session)
    said = session.output().decode()
    session.disconnect()
    return said


def ping(lab: Lab, device: str, address: str, options: str = "") -> bool:
    host = device in ("PC1", "SRV")
    text = run(lab, device, f"ping -n 2 {options} {address}" if host else f"ping {address} {options}")
    return "Reply from" in text or "!" in text


def sessions(lab: Lab) -> list[Session]:
    return list(lab["FW"].service(ZoneFirewall).keeper.inspector)


def trace(lab: Lab, source: str, destination: str, protocol: str = "icmp", port: int | None = None) -> Traced:
    tracer = Tracer(lab, source, destination, protocol, port)
    lab.run_until(lambda: tracer.finished, 10)
    assert tracer.result is not None
    return tracer.result


def test_only_one_way(lab: Lab) -> None:
    typed(lab, "FW", ZONES)
    assert ping(lab, "PC1", "198.51.100.1")
    assert not ping(lab, "ISP", "192.168.10.10")
    assert not ping(lab, "PC1", "172.16.1.10"), "it is in no zone"
    assert ping(lab, "ISP", "203.0.113.1"), "the zone self lets everything in until a pair says otherwise"
    assert ping(lab, "ISP", "192.168.10.1")


def test_two_interfaces_of_one_zone_and_two_of_none(lab: Lab) -> None:
    typed(lab, "FW", ZONES)
    typed(lab, "FW", "interface GigabitEthernet0/2\nzone-member security inside")
    assert ping(lab, "PC1", "172.16.1.10")
    assert ping(lab, "SRV", "192.168.10.10")
    for name in ("0/0", "0/1", "0/2"):
        typed(lab, "FW", f"interface GigabitEthernet{name}\nno zone-member security")
    assert ping(lab, "ISP", "192.168.10.10")


def test_a_zone_pair_within_a_zone_decides(lab: Lab) -> None:
    typed(lab, "FW", ZONES)
    typed(lab, "FW", "interface GigabitEthernet0/2\nzone-member security inside")
    typed(
        lab, "FW", "policy-map type inspect NONE\nzone-pair security IN-IN source inside destination inside"
    )
    typed(lab, "FW", "zone-pair security IN-IN\nservice-policy type inspect NONE")
    assert not ping(lab, "PC1", "172.16.1.10")


def test_what_a_trace_says(lab: Lab) -> None:
    typed(lab, "FW", ZONES)
    result = trace(lab, "PC1", "198.51.100.1")
    assert result.answered
    texts = [(step.text, step.lines) for step in result.steps if step.stage == "firewall"]
    assert texts == [
        (
            "zone pair IN-OUT, class LAN inspects it: a session begins, whose answers may come back",
            (
                "zone-pair security IN-OUT source inside destination outside",
                " service-policy type inspect OUT",
                "policy-map type inspect OUT",
                " class type inspect LAN",
            ),
        ),
        (
            "belongs to the icmp session of 192.168.10.10 with 198.51.100.1",
            (
                "zone-pair security IN-OUT source inside destination outside",
                " service-policy type inspect OUT",
            ),
        ),
    ]
    for source, destination, text in (
        ("ISP", "192.168.10.10", "there is no zone pair from zone outside to zone inside"),
        (
            "PC1",
            "172.16.1.10",
            "GigabitEthernet0/0 is in zone inside, GigabitEthernet0/2 in none: nothing passes between them",
        ),
    ):
        (step,) = [step for step in trace(lab, source, destination).steps if step.end is End.DROPPED]
        assert step.text == text
    typed(lab, "FW", "policy-map type inspect OUT\nclass type inspect LAN\nno inspect\npass")
    assert "lets it pass, without a session" in str(trace(lab, "PC1", "198.51.100.1"))
    typed(lab, "FW", "policy-map type inspect OUT\nclass type inspect LAN\nno pass\ndrop")
    assert "class LAN drops it" in str(trace(lab, "PC1", "198.51.100.1"))


def test_sessions_end_with_the_policy_that_let_them_begin(lab: Lab) -> None:
    for change in (
        "policy-map type inspect OUT\nclass type inspect LAN\nno inspect\ninspect\npass",
        "zone-pair security IN-OUT\nno service-policy type inspect OUT",
        "no zone-pair security IN-OUT",
    ):
        typed(lab, "FW", ZONES)
        assert ping(lab, "PC1", "198.51.100.1")
        assert [each.name for each in sessions(lab)] == ["icmp"]
        typed(lab, "FW", change)
        assert sessions(lab) == []


def test_large_pings_pass_in_fragments(lab: Lab) -> None:
    typed(lab, "FW", ZONES)
    assert ping(lab, "PC1", "198.51.100.1", "-l 4000")
    assert [each.octets for each in sessions(lab)] == [[8000, 8000]]


def test_nat_does_not_disturb_it(lab: Lab) -> None:
    for text in (ZONES, SERVERS, NAT):
        typed(lab, "FW", text)
    typed(lab, "ISP", "ip route 203.0.113.8 255.255.255.248 203.0.113.1")
    assert ping(lab, "PC1", "198.51.100.1")
    assert [str(each.ends.source) for each in sessions(lab)] == ["192.168.10.10"]
    assert ping(lab, "ISP", "203.0.113.10")
    assert [str(each.ends.destination) for each in sessions(lab)][-1] == "172.16.1.10"


def test_tftp_is_answered_from_another_port(lab: Lab) -> None:
    typed(lab, "FW", ZONES)
    typed(lab, "FW", SERVERS)
    asked = ("copy running-config tftp:", "172.16.1.10", "isp.cfg")
    assert "bytes copied" in run(lab, "ISP", *asked)
    assert {each.name for each in sessions(lab)} <= {"tftp", "tftp-data"}
    typed(lab, "FW", "class-map type inspect match-any LAN\nno match protocol tftp")
    lab.advance(60)
    assert "bytes copied" not in run(lab, "ISP", *asked), "UDP alone knows nothing of the other port"


def test_ftp_data_passes_as_part_of_its_session(lab: Lab) -> None:
    typed(lab, "FW", ZONES)
    typed(lab, "FW", SERVERS)
    typed(lab, "FW", "class-map type inspect match-any LAN\nno match protocol tcp")
    asked = ("copy running-config ftp://172.16.1.10/isp.cfg", "", "")
    assert "bytes copied" in run(lab, "ISP", *asked)


def test_inspection_lets_answers_through_a_list(lab: Lab) -> None:
    typed(lab, "FW", CBAC)
    assert ping(lab, "PC1", "198.51.100.1")
    assert not ping(lab, "ISP", "192.168.10.10")
    assert not ping(lab, "FW", "198.51.100.1"), "not router-traffic"
    typed(lab, "FW", "ip inspect name EDGE icmp router-traffic")
    assert ping(lab, "FW", "198.51.100.1")
    text = str(trace(lab, "PC1", "198.51.100.1"))
    assert "inspection: rule EDGE inspects it" in text
    assert (
        "access list: not asked: the packet is of the icmp session of 192.168.10.10 with 198.51.100.1" in text
    )
    assert ping(lab, "PC1", "198.51.100.1", "-l 4000"), "later fragments follow the first"


def test_inspection_finds_sessions_behind_nat(lab: Lab) -> None:
    typed(lab, "FW", NAT)
    typed(lab, "FW", CBAC)
    assert ping(lab, "PC1", "198.51.100.1")
    assert "unreachable" in run(lab, "PC1", "ping -n 1 198.51.100.77").lower()
    assert "Open" in run(lab, "PC1", "telnet 198.51.100.1")


def test_a_rule_on_the_way_in(lab: Lab) -> None:
    typed(lab, "FW", CBAC)
    typed(lab, "FW", "interface GigabitEthernet0/1\nno ip inspect EDGE out")
    assert not ping(lab, "PC1", "198.51.100.1")
    typed(lab, "FW", "interface GigabitEthernet0/0\nip inspect EDGE in")
    assert ping(lab, "PC1", "198.51.100.1")
    assert not ping(lab, "SRV", "198.51.100.1")


def test_the_box_itself_may_be_closed_but_for_what_it_asks(lab: Lab) -> None:
    typed(lab, "FW", ZONES)
    typed(
        lab, "FW", "policy-map type inspect NONE\nzone-pair security OUT-SELF source outside destination self"
    )
    typed(lab, "FW", "zone-pair security OUT-SELF\nservice-policy type inspect NONE")
    assert not ping(lab, "ISP", "203.0.113.1")
    assert not ping(lab, "FW", "198.51.100.1"), "its answers would need a session"
    typed(lab, "FW", "zone-pair security SELF-OUT source self destination outside")
    typed(lab, "FW", "zone-pair security SELF-OUT\nservice-policy type inspect OUT")
    assert ping(lab, "FW", "198.51.100.1")
    assert not ping(lab, "ISP", "203.0.113.1")


PHASES = """crypto isakmp policy 10
 authentication pre-share
crypto isakmp key secret address {peer}
crypto ipsec transform-set TS esp-aes esp-sha-hmac"""
VPN = """ip access-list extended VPN
 permit udp any any eq isakmp
 permit esp any any
class-map type inspect match-any VPN
 match access-group name VPN
policy-map type inspect SELF
 class type inspect VPN
  pass"""
SELF = """zone-pair security OUT-SELF source outside destination self
 service-policy type inspect SELF
zone-pair security SELF-OUT source self destination outside
 service-policy type inspect SELF"""


def test_ipsec_of_the_box_itself_has_to_be_let_in_and_out(lab: Lab) -> None:
    crypto_map = """{phases}
crypto map CM 10 ipsec-isakmp
 set peer {peer}
 set transform-set TS
 match address 150
access-list 150 permit ip {here} {there}
interface GigabitEthernet{port}
 crypto map CM"""
    near, far = "192.168.10.0 0.0.0.255", "198.51.100.0 0.0.0.255"
    for device, peer, here, there, port in (
        ("FW", "203.0.113.2", near, far, "0/1"),
        ("ISP", "203.0.113.1", far, near, "0/0"),
    ):
        phases = PHASES.format(peer=peer)
        typed(lab, device, crypto_map.format(phases=phases, peer=peer, here=here, there=there, port=port))
    typed(lab, "FW", ZONES)
    typed(lab, "FW", VPN.replace(" permit esp any any\n", "").replace("isakmp", "ntp"))
    typed(lab, "FW", SELF)
    assert not ping(lab, "PC1", "198.51.100.1")
    assert "QM_IDLE" not in run(lab, "FW", "show crypto isakmp sa")
    typed(lab, "FW", VPN)
    run(lab, "PC1", "ping -n 2 198.51.100.1")
    assert ping(lab, "PC1", "198.51.100.1")
    assert "QM_IDLE" in run(lab, "FW", "show crypto isakmp sa")
    assert not ping(lab, "ISP", "192.168.10.10", "source 198.51.100.1"), (
        "decrypted, it still came from outside"
    )
    typed(lab, "FW", "ip access-list extended VPN\nno permit esp any any")
    typed(lab, "FW", "zone-pair security SELF-OUT\nno service-policy type inspect SELF")
    assert not ping(lab, "PC1", "198.51.100.1"), "ESP from outside ends here"


def test_a_protected_tunnel_may_have_a_zone_of_its_own(lab: Lab) -> None:
    tunnel = """{phases}
crypto ipsec profile VTI
 set transform-set TS
interface Tunnel0
 ip address 10.0.0.{end} 255.255.255.252
 tunnel source GigabitEthernet{port}
 tunnel destination {peer}
 tunnel mode ipsec ipv4
 tunnel protection ipsec profile VTI
interface Loopback7
 ip address 10.7.{end}.1 255.255.255.0
ip route 10.7.{other}.0 255.255.255.0 Tunnel0"""
    for device, peer, end, port in (("FW", "203.0.113.2", 1, "0/1"), ("ISP", "203.0.113.1", 2, "0/0")):
        phases = PHASES.format(peer=peer)
        typed(lab, device, tunnel.format(phases=phases, peer=peer, end=end, other=3 - end, port=port))
    typed(
        lab,
        "ISP",
        "no ip route 192.168.10.0 255.255.255.0 203.0.113.1\nip route 192.168.10.0 255.255.255.0 Tunnel0",
    )
    lab.advance(30)
    typed(lab, "FW", ZONES)
    assert not ping(lab, "PC1", "10.7.2.1"), "the tunnel is in no zone"
    typed(
        lab,
        "FW",
        "zone security vpn\ninterface Tunnel0\nzone-member security vpn\n"
        "zone-pair security IN-VPN source inside destination vpn\nservice-policy type inspect OUT",
    )
    assert ping(lab, "PC1", "10.7.2.1")
    assert not ping(lab, "ISP", "192.168.10.10")


def test_messages_of_limits(lab: Lab) -> None:
    typed(lab, "FW", ZONES)
    typed(
        lab,
        "FW",
        "parameter-map type inspect FEW\nmax-incomplete high 2\nmax-incomplete low 1\n"
        "policy-map type inspect OUT\nclass type inspect LAN\ninspect FEW",
    )
    for last in range(10, 14):
        lab["PC1"].service(IpStack).send_udp(None, 5000 + last, IPv4Address("198.51.100.1"), 9, b"x")
        lab.advance(0.1)
    lab.advance(60)
    told = [str(each) for each in lab["FW"].syslog.messages if each.facility == "FW"]
    assert told == [
        "%FW-4-ALERT_ON: (target:class)-(IN-OUT:LAN):getting aggressive, count (3/2) current 1-min rate: 3",
        "%FW-4-ALERT_OFF: (target:class)-(IN-OUT:LAN):calming down, count (0/1) current 1-min rate: 4",
    ]
