"""`trace`: every kind of decision, each made by the mechanism itself, with the line of configuration behind it."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from console_client import ConsoleClient

from iosemu.lab import labfile
from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab
from iosemu.lab.snapshot import Snapshot
from iosemu.lab.tracing import Step, Traced, Tracer
from iosemu.net.tracing import End, Kind
from iosemu.packets.ethernet import EthernetFrame, EtherType
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.shell.loader import load

LAB = """
name: traced
nodes:
  PC1: {model: pc, config: PC1.cfg}
  PC3: {model: pc, config: PC3.cfg}
  SW1: {model: catalyst-2960-24tt, config: SW1.cfg}
  SW2: {model: catalyst-2960-24tt, config: SW2.cfg}
  R1: {model: c2811, config: R1.cfg}
  R2: {model: c2811, config: R2.cfg}
  PC2: {model: pc, config: PC2.cfg}
links:
  - endpoints: ["PC1:Fa0", "SW1:Fa0/1"]
  - endpoints: ["PC3:Fa0", "SW2:Fa0/3"]
  - endpoints: ["SW1:Gi0/1", "SW2:Gi0/1"]
  - endpoints: ["SW1:Gi0/2", "SW2:Gi0/2"]
  - endpoints: ["SW2:Fa0/1", "R1:Fa0/0"]
  - endpoints: ["R1:Fa0/1", "R2:Fa0/1"]
  - endpoints: ["R2:Fa0/0", "PC2:Fa0"]
"""
TRUNKS = "interface range Gi0/1 - 2\nswitchport mode trunk\nexit\nvlan 20\nexit\n"
CONFIGS = {
    "PC1": "ipconfig 192.168.1.10 255.255.255.0 192.168.1.254",
    "PC3": "ipconfig 192.168.1.30 255.255.255.0 192.168.1.254",
    "PC2": "ipconfig 192.168.2.10 255.255.255.0 192.168.2.254",
    "SW1": f"hostname SW1\n{TRUNKS}spanning-tree vlan 1 priority 4096",
    "SW2": f"hostname SW2\n{TRUNKS}",
    "R1": """hostname R1
interface Fa0/0
ip address 192.168.1.254 255.255.255.0
no shutdown
interface Fa0/1
ip address 10.0.0.1 255.255.255.252
no shutdown
ip route 192.168.2.0 255.255.255.0 10.0.0.2""",
    "R2": """hostname R2
interface Fa0/1
ip address 10.0.0.2 255.255.255.252
no shutdown
interface Fa0/0
ip address 192.168.2.254 255.255.255.0
no shutdown
ip route 192.168.1.0 255.255.255.0 10.0.0.1""",
}
CRYPTO = """crypto isakmp policy 10
authentication pre-share
crypto isakmp key secret address {peer}
crypto ipsec transform-set TS esp-aes esp-sha-hmac
crypto map CM 10 ipsec-isakmp
set peer {peer}
set transform-set TS
match address 150
access-list 150 permit ip {here} 0.0.0.255 {there} 0.0.0.255
interface Fa0/1
crypto map CM"""


@pytest.fixture(scope="module")
def booted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lab, Snapshot]:
    folder: Path = tmp_path_factory.mktemp("traced")
    (folder / "lab.yaml").write_text(LAB)
    for name, text in CONFIGS.items():
        (folder / f"{name}.cfg").write_text(f"{text}\n")
    lab = Lab(labfile.read(folder / "lab.yaml"), seed=1)
    lab.boot()
    lab.advance(60)
    for source, destination in (("PC1", "PC2"), ("PC3", "PC1"), ("PC2", "PC3")):
        traced(lab, source, destination)
        assert traced(lab, source, destination).answered
    return lab, lab.snapshot()


@pytest.fixture
def lab(booted: tuple[Lab, Snapshot]) -> Iterator[Lab]:
    lab, snapshot = booted
    lab.restore(snapshot)
    yield lab
    assert lab.scheduler.context is None


def traced(
    lab: Lab, source: str, destination: str, protocol: str = "icmp", port: int | None = None
) -> Traced:
    tracer = Tracer(lab, source, destination, protocol, port)
    lab.run_until(lambda: tracer.finished, 10)
    assert tracer.result is not None
    assert lab.scheduler.context is None
    return tracer.result


def typed(lab: Lab, device: str, text: str) -> None:
    assert load(lab[device], lab.grammar, text) == []


def found(result: Traced, device: str, stage: str, kind: Kind = Kind.PACKET) -> list[Step]:
    return [step for step in result.steps if (step.device, step.stage, step.kind) == (device, stage, kind)]


def drop(result: Traced, kind: Kind = Kind.PACKET) -> Step:
    """The one place where it was dropped."""
    (step,) = [step for step in result.steps if step.end is End.DROPPED and step.kind is kind]
    return step


def test_a_packet_and_its_answer_are_followed_through_every_device(lab: Lab) -> None:
    result = traced(lab, "PC1", "192.168.2.10")
    assert result.answered
    way = [step.device for step in result.steps if step.stage == "cable" and step.kind is Kind.PACKET]
    assert way == ["PC1", "SW1", "SW2", "R1", "R2"]
    back = [step.device for step in result.steps if step.stage == "cable" and step.kind is Kind.ANSWER]
    assert back == ["PC2", "R2", "R1", "SW2", "SW1"]
    (route,) = found(result, "R1", "route")
    assert route.text == "192.168.2.10 by 192.168.2.0/24 (static) via 10.0.0.2 out of FastEthernet0/1"
    assert route.lines == ("ip route 192.168.2.0 255.255.255.0 10.0.0.2",)
    (last,) = found(result, "R2", "route")
    assert last.lines == ("interface FastEthernet0/0", " ip address 192.168.2.254 255.255.255.0")
    assert found(result, "R2", "ARP")[0].text.startswith("192.168.2.10 is ")
    assert [step.after for step in result.steps] == sorted(step.after for step in result.steps)
    assert result.verdict.startswith("Answered after ")


def test_what_is_not_known_yet_is_asked_for(lab: Lab) -> None:
    typed(lab, "PC1", "arp -d")
    result = traced(lab, "PC1", "PC3")
    assert result.answered
    assert any(step.device == "PC3" and "answers for 192.168.1.30" in step.text for step in result.steps)
    assert not any(step.device == "R1" for step in result.steps)  # a copy came there, for nothing


def test_nobody_answers_arp(lab: Lab) -> None:
    result = traced(lab, "PC1", "192.168.1.77")
    assert drop(result).text == "nobody answers for 192.168.1.77 on FastEthernet0: the packet is dropped"
    assert any(step.text == "FastEthernet0/0 is not 192.168.1.77" for step in result.steps)
    through = traced(lab, "PC1", "192.168.2.77")
    assert (drop(through).device, drop(through).stage) == ("R2", "ARP")
    assert "Nobody answered." in through.verdict


def test_no_route_is_told_to_the_sender(lab: Lab) -> None:
    typed(lab, "R1", "no ip route 192.168.2.0 255.255.255.0 10.0.0.2")
    result = traced(lab, "PC1", "PC2")
    assert (drop(result).device, drop(result).text) == ("R1", "there is no route to 192.168.2.10")
    assert "PC1 was told" in result.verdict
    typed(lab, "R1", "interface Fa0/0\nno ip unreachables")
    silent = traced(lab, "PC1", "PC2")
    assert "no ip unreachables" in drop(silent).text
    assert "was told" not in silent.verdict
    typed(lab, "R1", "ip route 192.168.2.0 255.255.255.0 Null0")
    assert drop(traced(lab, "PC1", "PC2")).lines == ("ip route 192.168.2.0 255.255.255.0 Null0",)


def test_the_answer_has_no_way_back(lab: Lab) -> None:
    typed(lab, "R2", "no ip route 192.168.1.0 255.255.255.0 10.0.0.1")
    result = traced(lab, "PC1", "PC2")
    assert drop(result, Kind.ANSWER).device == "R2"
    assert result.verdict.startswith(
        "It arrived at PC2; R2 dropped the answer: there is no route to 192.168.1.10"
    )


@pytest.mark.parametrize(
    ("text", "line", "header"),
    [
        ("access-list 101 permit tcp any any\naccess-list 101 deny icmp any host 192.168.2.10\n"
         "access-list 101 permit ip any any\ninterface Fa0/1\nip access-group 101 in",
         "access-list 101 deny   icmp any host 192.168.2.10", ()),
        ("ip access-list extended GATE\nremark who may\npermit tcp any any\ndeny icmp any any\n"
         "interface Fa0/0\nip access-group GATE out", " deny   icmp any any", ("ip access-list extended GATE",)),
        ("access-list 1 deny 192.168.1.0 0.0.0.255\ninterface Fa0/1\nip access-group 1 in",
         "access-list 1 deny   192.168.1.0 0.0.0.255", ()),
    ],
)  # fmt: skip
def test_an_access_list_names_its_line(lab: Lab, text: str, line: str, header: tuple[str, ...]) -> None:
    typed(lab, "R2", text)
    result = traced(lab, "PC1", "PC2")
    assert (drop(result).device, drop(result).stage) == ("R2", "access list")
    assert drop(result).lines == (*header, line)
    assert any("administratively prohibited" in step.text for step in result.steps if step.kind is Kind.ERROR)


def test_the_end_of_an_access_list_denies(lab: Lab) -> None:
    typed(lab, "R2", "access-list 101 permit tcp any any eq 80\ninterface Fa0/1\nip access-group 101 in")
    assert "denied at its end" in drop(traced(lab, "PC1", "PC2")).text
    assert "denied at its end" in drop(traced(lab, "PC1", "PC2", "tcp", 81)).text
    passed = traced(lab, "PC1", "PC2", "tcp", 80)
    assert found(passed, "R2", "access list")[0].lines == ("access-list 101 permit tcp any any eq www",)
    assert passed.verdict.startswith("Refused by a reset")


def test_nat_names_its_rule_and_the_answer_finds_back(lab: Lab) -> None:
    typed(
        lab,
        "R1",
        "access-list 7 permit 192.168.1.10\nip nat inside source list 7 interface Fa0/1 overload\n"
        "interface Fa0/0\nip nat inside\ninterface Fa0/1\nip nat outside",
    )
    typed(lab, "R2", "no ip route 192.168.1.0 255.255.255.0 10.0.0.1")
    result = traced(lab, "PC1", "PC2")
    assert result.answered
    (out,) = found(result, "R1", "NAT")
    assert "becomes ICMP echo request 10.0.0.1 > 192.168.2.10" in out.text
    assert out.lines == ("ip nat inside source list 7 interface FastEthernet0/1 overload",)
    (back,) = found(result, "R1", "NAT", Kind.ANSWER)
    assert "becomes ICMP echo reply 192.168.2.10 > 192.168.1.10" in back.text
    assert back.lines == out.lines
    assert "no rule is about 192.168.1.30" in found(traced(lab, "PC3", "PC2"), "R1", "NAT")[0].text


def test_a_crypto_map_without_an_sa_drops_and_asks_for_one(lab: Lab) -> None:
    for name, peer, here, there in (
        ("R1", "10.0.0.2", "192.168.1.0", "192.168.2.0"),
        ("R2", "10.0.0.1", "192.168.2.0", "192.168.1.0"),
    ):
        typed(lab, name, CRYPTO.format(peer=peer, here=here, there=there))
    result = traced(lab, "PC1", "PC2")
    assert drop(result).text.startswith("no SA for 192.168.1.0/24 > 192.168.2.0/24: IKE with 10.0.0.2")
    map_step = found(result, "R1", "IPsec")[0]
    assert map_step.lines[0] == "crypto map CM 10 ipsec-isakmp"
    assert map_step.lines[1].startswith("access-list 150 permit ip 192.168.1.0")
    assert any("UDP 10.0.0.1:500 > 10.0.0.2:500" in step.text for step in found(result, "R1", "besides"))
    lab.advance(5)
    protected = traced(lab, "PC1", "PC2")
    assert protected.answered
    assert any(step.text.startswith("protected by ESP 0x") for step in found(protected, "R1", "IPsec"))
    assert any(step.text.startswith("opened by ESP 0x") for step in found(protected, "R2", "IPsec"))
    assert any(step.text.startswith("ESP 10.0.0.1 > 10.0.0.2") for step in found(protected, "R1", "sends"))
    typed(lab, "R1", "interface Fa0/1\nno crypto map CM")
    clear = traced(lab, "PC1", "PC2")
    assert (drop(clear).device, drop(clear).stage) == ("R2", "IPsec")
    assert "came in clear on FastEthernet0/1" in drop(clear).text


def test_a_gre_tunnel_is_one_way(lab: Lab) -> None:
    for name, address, far, there in (("R1", "1", "10.0.0.2", "2"), ("R2", "2", "10.0.0.1", "1")):
        typed(
            lab,
            name,
            f"no ip route 192.168.{there}.0 255.255.255.0 {far}\n"
            f"interface Tunnel0\nip address 172.16.0.{address} 255.255.255.0\ntunnel source Fa0/1\n"
            f"tunnel destination {far}\nip route 192.168.{there}.0 255.255.255.0 Tunnel0",
        )
    lab.advance(5)
    result = traced(lab, "PC1", "PC2")
    assert result.answered
    assert any(step.text.startswith("GRE 10.0.0.1 > 10.0.0.2") for step in found(result, "R1", "sends"))
    assert any(step.text.startswith("on Tunnel0: ICMP echo request") for step in found(result, "R2", "in"))
    typed(lab, "R2", "interface Tunnel0\ntunnel key 5")
    assert "no tunnel here" in drop(traced(lab, "PC1", "PC2")).text


def test_another_access_vlan_hides_the_neighbour(lab: Lab) -> None:
    typed(lab, "SW2", "interface Fa0/3\nswitchport access vlan 20")
    typed(lab, "PC1", "arp -d")
    result = traced(lab, "PC1", "PC3")
    assert drop(result).text.startswith("nobody answers for 192.168.1.30")
    (flooded,) = found(result, "SW2", "switch", Kind.ARP)
    assert "not out of" in flooded.text
    assert "FastEthernet0/3 (access VLAN 20)" in flooded.text
    assert flooded.lines[-2:] == ("interface FastEthernet0/3", " switchport access vlan 20")


def test_a_vlan_that_the_trunk_does_not_carry(lab: Lab) -> None:
    typed(lab, "SW1", "interface Fa0/1\nswitchport access vlan 20")
    typed(lab, "SW2", "interface Fa0/3\nswitchport access vlan 20\ninterface range Gi0/1 - 2\n"
          "switchport trunk allowed vlan 1")  # fmt: skip
    typed(lab, "PC1", "arp -d")
    lab.advance(40)
    result = traced(lab, "PC1", "PC3")
    taken = [step for step in result.steps if step.device == "SW2" and step.stage == "VLAN"]
    assert any("VLAN 20 is not allowed on the trunk" in step.text for step in taken)
    assert any(" switchport trunk allowed vlan 1" in step.lines for step in taken)


def test_spanning_tree_holds_ports_back(lab: Lab) -> None:
    typed(lab, "PC1", "arp -d")
    result = traced(lab, "PC3", "192.168.1.99")
    (flooded,) = found(result, "SW2", "switch", Kind.ARP)
    assert "GigabitEthernet0/2 (spanning tree does not forward)" in flooded.text
    from_above = traced(lab, "PC1", "192.168.1.98")
    blocked = [step for step in from_above.steps if step.stage == "spanning tree"]
    assert [(step.device, step.text) for step in blocked] == [
        ("SW2", "GigabitEthernet0/2 does not forward in VLAN 1")
    ]


def test_port_security_refuses_a_source(lab: Lab) -> None:
    typed(lab, "SW1", "interface Fa0/1\nswitchport mode access\nswitchport port-security\n"
          "switchport port-security mac-address 0000.1111.2222\n"
          "switchport port-security violation protect")  # fmt: skip
    lab.advance(5)
    result = traced(lab, "PC1", "PC2")
    assert (drop(result).device, drop(result).stage) == ("SW1", "port security")
    assert drop(result).lines[0] == "interface FastEthernet0/1"


def test_policy_routing_and_a_loop_of_it_uses_up_the_ttl(lab: Lab) -> None:
    typed(lab, "R1", "access-list 9 permit 192.168.1.0 0.0.0.255\nroute-map WAY permit 10\nmatch ip address 9\n"
          "set ip next-hop 10.0.0.2\ninterface Fa0/0\nip policy route-map WAY")  # fmt: skip
    result = traced(lab, "PC1", "PC2")
    (policy,) = found(result, "R1", "policy")
    assert policy.text == "route-map WAY 10 sends it to 10.0.0.2 out of FastEthernet0/1"
    assert policy.lines == ("route-map WAY permit 10", " set ip next-hop 10.0.0.2")
    assert found(result, "R1", "route") == []
    typed(lab, "R1", "ip route 172.20.0.0 255.255.0.0 10.0.0.2")
    typed(lab, "R2", "ip route 172.20.0.0 255.255.0.0 10.0.0.1")
    looping = traced(lab, "R1", "172.20.1.1")
    assert (drop(looping).stage, drop(looping).text) == ("TTL", "the TTL is used up here")


def test_cables_and_interfaces(lab: Lab) -> None:
    lab.link("R1:Fa0/1").impair(loss=1.0)
    assert "the cable lost it" in drop(traced(lab, "PC1", "PC2")).text
    lab.link("R1:Fa0/1").clear()
    lab.link("R1:Fa0/1").impair(mtu=60)
    assert "no more than 60 octets" in drop(traced(lab, "PC1", "PC2")).text
    lab.link("R1:Fa0/1").clear()
    typed(lab, "R2", "interface Fa0/0\nshutdown")
    lab.advance(5)
    closed = traced(lab, "PC1", "PC2")
    assert (drop(closed).device, drop(closed).stage) == ("R2", "route")
    typed(lab, "R1", "interface Fa0/1\nip mtu 90")
    assert found(traced(lab, "PC1", "10.0.0.2"), "R1", "MTU")[0].text == "sent in 2 fragments: the MTU is 90"


def test_udp_and_the_box_itself(lab: Lab) -> None:
    result = traced(lab, "PC1", "R2", "udp", 9999)
    assert "It arrived at R2, which refused it: ICMP port unreachable" in result.verdict
    assert traced(lab, "R1", "192.168.1.254").verdict == "R1 has that address itself."


def test_what_cannot_be_traced_is_refused(lab: Lab) -> None:
    for arguments, text in (
        (("R9", "PC2"), "there is no node 'R9'"),
        (("SW1", "PC2"), None),
        (("PC1", "SW1"), "SW1 has no IP address"),
        (("PC1", "somewhere"), "neither an IPv4 address"),
        (("PC1", "PC2", "udp"), "udp PORT or tcp PORT"),
        (("PC1", "PC2", "sctp", 5), "udp PORT or tcp PORT"),
    ):
        if text is None:
            assert "no route to 192.168.2.10" in traced(lab, *arguments).verdict
            continue
        with pytest.raises(LabError, match=text):
            Tracer(lab, *arguments)
    lab.stop("PC1")
    with pytest.raises(LabError, match="cannot send"):
        Tracer(lab, "PC1", "PC2")


def test_a_trace_that_is_stopped_leaves_nothing_behind(lab: Lab) -> None:
    tracer = Tracer(lab, "PC1", "192.168.1.77")
    tracer.stop()
    assert tracer.finished
    lab.advance(10)
    assert tracer.result is not None
    assert all(step.after == 0 for step in tracer.result.steps)


def test_two_at_once_do_not_mix(lab: Lab) -> None:
    first, second = Tracer(lab, "PC1", "PC2"), Tracer(lab, "PC2", "PC3")
    lab.run_until(lambda: first.finished and second.finished, 10)
    for each, far in ((first, "192.168.1.30"), (second, "192.168.1.10")):
        assert each.result is not None
        assert each.result.answered
        assert far not in str(each.result)


def test_the_console_traces(lab: Lab) -> None:
    console = ConsoleClient(lab)
    said = console.type("trace pc1 192.168.2.10")
    assert said.startswith("PC1 to 192.168.2.10, ICMP echo")
    assert "| ip route 192.168.2.0 255.255.255.0 10.0.0.2" in said
    assert "Answered after" in said
    assert "TCP port 22" in console.type("trace PC1 R2 tcp 22")
    assert console.type("trace PC9 R2").startswith("% there is no node 'PC9'; there are: PC1, PC3")
    assert "Incomplete command" in console.type("trace PC1 R2 tcp")


def test_a_packet_in_an_instance_of_routing(lab: Lab) -> None:
    typed(lab, "R1", "ip vrf RED\nrd 1:1\ninterface Fa0/0\nip vrf forwarding RED\n"
          "ip address 192.168.1.254 255.255.255.0\ninterface Fa0/1\nip vrf forwarding RED\n"
          "ip address 10.0.0.1 255.255.255.252\nip route vrf RED 192.168.2.0 255.255.255.0 10.0.0.2")  # fmt: skip
    lab.advance(5)
    traced(lab, "PC1", "PC2")
    result = traced(lab, "PC1", "PC2")
    assert result.answered
    (route,) = found(result, "R1", "route")
    assert "(static in VRF RED)" in route.text
    assert route.lines == ("ip route vrf RED 192.168.2.0 255.255.255.0 10.0.0.2",)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("standby 3 ip", "active router of HSRP group 3 on FastEthernet0/0, 0000.0c07.ac03"),
        ("vrrp 3 ip", "master of VRRP group 3 on FastEthernet0/0, 0000.5e00.0103"),
        ("glbp 3 ip", "active forwarder of GLBP group 3 on FastEthernet0/0, 0007.b400.0301"),
    ],
)
def test_who_forwards_for_a_virtual_router_says_so(lab: Lab, line: str, text: str) -> None:
    typed(lab, "R1", f"interface Fa0/0\n{line} 192.168.1.1")
    typed(lab, "PC1", "ipconfig 192.168.1.10 255.255.255.0 192.168.1.1")
    lab.advance(40)
    traced(lab, "PC1", "PC2")
    result = traced(lab, "PC1", "PC2")
    assert result.answered
    (hop,) = found(result, "R1", "first hop")
    assert hop.text == text
    assert hop.lines == ("interface FastEthernet0/0", f" {line} 192.168.1.1")
    typed(lab, "PC1", "ipconfig 192.168.1.10 255.255.255.0 192.168.1.254")  # the router itself
    traced(lab, "PC1", "PC2")
    direct = traced(lab, "PC1", "PC2")
    assert direct.answered
    assert found(direct, "R1", "first hop") == []


def test_what_a_catalyst_marks_and_polices_names_its_policy(lab: Lab) -> None:
    typed(
        lab,
        "SW1",
        "mls qos\naccess-list 101 permit icmp any any\nclass-map C\nmatch access-group 101\n"
        "policy-map P\nclass C\nset dscp 46\npolice 8000 8000\ninterface Fa0/1\nservice-policy input P\n",
    )
    result = traced(lab, "PC1", "PC2")
    assert result.answered
    (step,) = found(result, "SW1", "mls qos")
    assert "DSCP 0 becomes 46" in step.text
    assert step.lines[0] == "policy-map P"
    card, router = next(iter(lab["PC1"].interfaces.values())), lab["R1"].interfaces["FastEthernet0/0"]
    echo = IPv4Packet(IPv4Address("192.168.1.10"), IPv4Address("192.168.2.10"), 1, bytes(26))
    for _ in range(150):
        card.send(EthernetFrame(router.mac, card.mac, EtherType.IPV4, echo.to_bytes()).to_bytes())
    lab.advance(0.01)
    step = drop(traced(lab, "PC1", "PC2"))
    assert (step.device, step.stage, step.lines) == ("SW1", "policy-map", ("policy-map P",))
    assert "class C polices it" in step.text
