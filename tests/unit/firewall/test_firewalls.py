"""The firewall of a router between its neighbours: zones, NAT, IPsec, fragments, what a trace says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
