"""Policies of a Catalyst's ports: classes, marks, policers and their aggregates, in lab time."""

from __future__ import annotations

import pytest
from marked import Marked, frame, packet
from switch_lab import configure, refused, running_config, show

from iosemu.net.marking import dscp_of
from iosemu.packets.ethernet import without_tag
from iosemu.subjects.mls_qos.service import Marking

CLASSES = """
mls qos
access-list 101 permit udp any host 10.0.0.2
mac access-list extended STATIONS
 permit host 0200.0000.0001 any 0x88B5 0x0
class-map match-all VOICE
 match ip dscp ef
class-map match-any VIDEO
 match ip precedence 4
 match ip dscp cs5
class-map LISTED
 match access-group 101
class-map NAMED
 match access-group name STATIONS
"""
TRUNK = "interface fa0/1\n mls qos trust dscp\n service-policy input P\n"


def policy(*lines: str) -> str:
    """A policy P that is on the trunk Fa0/1, which trusts DSCP."""
    return f"{CLASSES}policy-map P\n" + "".join(f" {line}\n" for line in lines) + TRUNK


def test_what_is_set_goes_before_what_the_port_trusts() -> None:
    marked = Marked(policy("class VOICE", " set dscp af41", "class VIDEO", " set ip precedence 2"))
    assert marked.send("Fa0/1", frame(packet(46), 5)) == (4, 34)
    assert marked.send("Fa0/1", frame(packet(33), 5)) == (2, 16)
    assert marked.send("Fa0/1", frame(packet(40), 5)) == (2, 16)
    assert marked.send("Fa0/1", frame(packet(26), 5)) == (3, 26)


def test_a_class_may_trust_what_its_port_does_not() -> None:
    marked = Marked(policy("class LISTED", " trust cos", "class class-default", " set dscp 8"))
    configure(marked.switch, "interface fa0/1\n no mls qos trust\n")
    assert marked.send("Fa0/1", frame(packet(46), 3)) == (3, 24)
    assert marked.send("Fa0/1", frame(packet(46, to="10.0.0.3"), 3)) == (1, 8)
    configure(marked.switch, "policy-map P\n class LISTED\n  no trust\n  trust\n")
    assert marked.send("Fa0/1", frame(packet(46), 3)) == (5, 46)


def test_a_list_of_stations_is_for_what_is_no_ip() -> None:
    marked = Marked(policy("class NAMED", " set dscp 40"))
    assert marked.send("Fa0/1", frame(bytes(46), 0, 0x88B5)) == (5, 0)
    assert marked.send("Fa0/1", frame(bytes(46), 0, 0x88B6)) == (0, 0)
    assert marked.send("Fa0/1", frame(packet(10), 0)) == (1, 10)


def test_without_mls_qos_a_policy_does_nothing() -> None:
    marked = Marked(policy("class VOICE", " set dscp 0"))
    configure(marked.switch, "no mls qos")
    assert marked.send("Fa0/1", frame(packet(46), 3)) == (3, 46)


def flood(
    marked: Marked, dscps: tuple[int, ...], seconds: float, rate: float, octets: int = 1000
) -> list[bytes]:
    """Frames of so many octets at `rate` bits per second, each DSCP in turn; returns those that left."""
    marked.left()
    sent = [frame(packet(dscp, octets=octets - 34), 0) for dscp in dscps]
    count = round(seconds * rate / (octets * 8))
    for number in range(count):
        marked.put("Fa0/1", sent[number % len(sent)])
        marked.bench.run(octets * 8 / rate)
    marked.bench.run(0.1)
    return [without_tag(each) for each in marked.left()]


@pytest.mark.parametrize("rate", [1_000_000, 3_000_000])
def test_a_policer_obeys_its_rate(rate: int) -> None:
    marked = Marked(policy("class VOICE", f" police {rate} 8000 exceed-action drop"))
    left = flood(marked, (46,), 4, 10_000_000)
    assert sum(map(len, left)) * 8 / 4 == pytest.approx(rate, rel=0.02)
    counted = marked.switch.service(Marking).ports["FastEthernet0/1"].statistics
    assert (counted.in_profile, counted.out_of_profile) == (len(left), 5000 - len(left))


def test_what_exceeds_may_go_on_with_a_lower_mark() -> None:
    marked = Marked(
        "mls qos map policed-dscp 46 to 8\n"
        + policy("class VOICE", " police 2000000 8000 exceed-action policed-dscp-transmit")
    )
    left = flood(marked, (46,), 2, 10_000_000)
    assert len(left) == 2500
    assert {dscp_of(each) for each in left} == {46, 8}
    assert sum(len(each) for each in left if dscp_of(each) == 46) * 8 / 2 == pytest.approx(
        2_000_000, rel=0.02
    )


def test_classes_share_an_aggregate_policer() -> None:
    marked = Marked(
        "mls qos aggregate-policer BOTH 2000000 8000 exceed-action drop\n"
        + policy("class VOICE", " police aggregate BOTH", "class VIDEO", " police aggregate BOTH")
    )
    left = flood(marked, (46, 34), 2, 10_000_000)
    assert sum(map(len, left)) * 8 / 2 == pytest.approx(2_000_000, rel=0.02)
    assert len(flood(marked, (10,), 1, 10_000_000)) == 1250
    assert "in use" in refused(marked.switch, "no mls qos aggregate-policer BOTH")
    assert show(marked.switch, "show mls qos aggregate-policer") == [
        "aggregate-policer BOTH 2000000 8000 exceed-action drop",
        "Used by policy map P",
    ]


def test_another_line_elsewhere_leaves_a_policer_as_it_is() -> None:
    marked = Marked(policy("class VOICE", " police 8000 8000 exceed-action drop"))
    assert len(flood(marked, (46,), 0.1, 1_000_000)) == 8
    configure(marked.switch, "interface fa0/1\n mls qos cos 3\npolicy-map OTHER\n")
    assert flood(marked, (46,), 0.1, 1_000_000) == []
    configure(marked.switch, "policy-map P\n class VOICE\n  police 16000 9000\n")
    assert len(flood(marked, (46,), 0.1, 1_000_000)) == 9


def test_a_domain_of_other_names_has_its_marks_translated() -> None:
    marked = Marked(
        "mls qos\nmls qos map dscp-mutation THEIRS 46 40 to 34\n"
        "interface fa0/1\n mls qos trust dscp\n mls qos dscp-mutation THEIRS\n"
    )
    assert marked.send("Fa0/1", frame(packet(46), 0)) == (4, 34)
    assert marked.send("Fa0/1", frame(packet(26), 0)) == (3, 26)
    assert marked.send("Fa0/3", frame(packet(46))) == (0, 0)
    assert "in use" in refused(marked.switch, "no mls qos map dscp-mutation THEIRS")
    configure(marked.switch, "interface fa0/1\n no mls qos dscp-mutation THEIRS\n")
    assert marked.send("Fa0/1", frame(packet(46), 0)) == (5, 46)


BY_VLAN = (
    CLASSES
    + """
class-map match-all FIRST
 match input-interface fa0/1 fa0/4
policy-map BY-PORT
 class FIRST
  police 1000000 8000 exceed-action drop
policy-map VLAN
 class VOICE
  set dscp af41
  service-policy BY-PORT
 class LISTED
  trust dscp
interface vlan 10
 service-policy input VLAN
interface range fa0/1 , fa0/3
 mls qos vlan-based
"""
)


def test_a_vlan_has_a_policy_on_ports_that_go_by_vlans() -> None:
    marked = Marked(BY_VLAN, "catalyst-3560-24ps")
    assert marked.send("Fa0/1", frame(packet(46), 5)) == (4, 34)
    assert marked.send("Fa0/3", frame(packet(46))) == (4, 34)
    assert marked.send("Fa0/3", frame(packet(26))) == (3, 26)
    assert marked.send("Fa0/3", frame(packet(26, to="10.0.0.3"))) == (0, 0)
    left = flood(marked, (46,), 4, 10_000_000)
    assert sum(map(len, left)) * 8 / 4 == pytest.approx(1_000_000, rel=0.02)
    configure(marked.switch, "interface fa0/3\n no mls qos vlan-based\n")
    assert marked.send("Fa0/3", frame(packet(46))) == (0, 0)
    configure(marked.switch, "no interface vlan 10\n")
    assert marked.send("Fa0/1", frame(packet(46), 5)) == (0, 0)


def test_what_a_vlans_policy_cannot_have() -> None:
    switch = Marked(BY_VLAN, "catalyst-3560-24ps").switch
    assert "parent" in refused(switch, "policy-map VLAN\n class LISTED\n  police 1000000 8000\n")
    assert "VLAN interfaces only" in refused(switch, "interface fa0/5\n service-policy input VLAN\n")
    assert "two levels" in refused(switch, "policy-map DEEP\n class VOICE\n  service-policy VLAN\n")
    configure(switch, "policy-map MORE\n class VOICE\n  police 1000000 8000\n")
    assert "two levels" in refused(switch, "policy-map BY-PORT\n class FIRST\n  service-policy MORE\n")
    assert "not configured" in refused(switch, "policy-map VLAN\n class LISTED\n  service-policy NONE\n")
    assert "being used" in refused(switch, "no policy-map BY-PORT\n")
    assert "  service-policy BY-PORT" in running_config(switch)


def test_what_no_catalyst_takes() -> None:
    switch = Marked(policy("class VOICE", " set dscp 46")).switch
    before = running_config(switch)
    for line in ("bandwidth 100", "priority", "shape average 100000", "fair-queue", "police 7999 8000"):
        assert "% Invalid input" in refused(switch, f"policy-map P\n class VOICE\n  {line}\n")
    assert "output side" in refused(switch, "interface fa0/2\n service-policy output P\n")
    assert "not configured" in refused(switch, "interface fa0/2\n service-policy input NONE\n")
    configure(switch, "policy-map Q\n")
    assert "already attached" in refused(switch, "interface fa0/1\n service-policy input Q\n")
    configure(switch, "no policy-map Q\n")
    assert "same class" in refused(switch, "policy-map P\n class VOICE\n  trust dscp\n")
    assert "does not exist" in refused(switch, "policy-map P\n class VOICE\n  police aggregate NONE\n")
    assert "not supported" in refused(switch, "interface vlan 1\n service-policy input P\n")
    assert "being used" in refused(switch, "no policy-map P")
    assert "being used" in refused(switch, "no class-map VOICE")
    assert running_config(switch)[4:] == before[4:]
