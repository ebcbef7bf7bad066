"""UplinkFast and BackboneFast between boxes: what they spare, what they send, what they count."""

from __future__ import annotations

from switch_lab import Bench, Wire, configure, pings, running_config, show
from test_spanning_tree_on_switches import lost_when_cut, states, triangle

from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.stp import RootLinkQuery, parse_query

UPLINK = "spanning-tree uplinkfast\n"
BACKBONE = "spanning-tree backbonefast\n"


def test_a_blocked_uplink_forwards_at_once() -> None:
    bench = Bench()
    switches, links = triangle(bench, "")
    configure(switches[2], UPLINK)
    bench.run(60)
    assert states(switches)[-2:] == ["SW2 0/1 Root FWD", "SW2 0/2 Altn BLK"]
    assert not any(
        "Priority    49153" in line for line in show(switches[2], "show spanning-tree")
    )  # it has its own
    assert "  Uplinkfast enabled" in show(switches[2], "show spanning-tree")
    assert any(
        "Fa0/1               Root FWD 3019" in line for line in show(switches[2], "show spanning-tree")
    )
    links[0, 2].plugged = False
    bench.run(0.1)
    assert states(switches)[-1] == "SW2 0/2 Root FWD"
    moved = [each for each in switches[2].syslog.messages if each.mnemonic == "PORT_FWD_UPLINK"]
    assert [each.text for each in moved] == ["VLAN0001 FastEthernet0/2 moved to Forwarding (UplinkFast)."]
    links[0, 2].plugged = True
    bench.run(30)
    assert states(switches)[-2:] == [
        "SW2 0/1 Altn BLK",
        "SW2 0/2 Root FWD",
    ]  # its neighbor listens and learns first
    bench.run(8)
    assert states(switches)[-2:] == ["SW2 0/1 Root FWD", "SW2 0/2 Altn BLK"]
    assert "Number of transitions via uplinkFast (all VLANs)            : 2" in show(
        switches[2], "show spanning-tree uplinkfast"
    )


def test_a_cut_uplink_costs_a_ping() -> None:
    assert lost_when_cut(UPLINK) <= 2


def test_stations_are_told_of_the_new_way() -> None:
    bench = Bench()
    switches, links = triangle(bench, "")
    configure(switches[2], UPLINK)
    host = bench.pc("A", "10.0.0.1/24")
    bench.cable(switches[2], "Fa0/9", host)
    bench.run(60)
    other = bench.pc("B", "10.0.0.2/24")
    bench.cable(switches[0], "Fa0/9", other)
    bench.run(40)
    assert pings(bench, other, "10.0.0.1", 3)[-1]
    wire = Wire(switches[2], "Fa0/2")
    links[0, 2].plugged = False
    bench.run(1)
    told = [each for each in wire.outgoing if each[:6] == bytes.fromhex("01000ccdcdcd")]
    assert len(told) >= 1
    lines = show(switches[2], "show spanning-tree uplinkfast")
    assert f"Number of proxy multicast addresses transmitted (all VLANs) : {len(told)}" in lines
    assert "VLAN0001             Fa0/2(fwd)" in lines


def test_an_indirect_failure_does_not_wait_for_max_age() -> None:
    bench = Bench()
    switches, links = triangle(bench, BACKBONE)
    bench.run(60)
    wire = Wire(switches[2], "Fa0/1")
    links[0, 1].plugged = False
    bench.run(3)
    assert "SW2 0/2 Desg LIS" in states(switches)
    bench.run(30)
    assert "SW2 0/2 Desg FWD" in states(switches)
    assert "SW1 0/3 Root FWD" in states(switches)

    def queries(frames: list[bytes]) -> list[RootLinkQuery]:
        parsed = (parse_query(EthernetFrame.parse(each)) for each in frames if each[:3] == b"\x01\x00\x0c")
        return [each for each in parsed if each is not None]

    assert [each.reply for each in queries(wire.outgoing)] == [False]
    assert [each.reply for each in queries(wire.incoming)] == [True]
    lines = show(switches[2], "show spanning-tree backbonefast")
    assert "Number of transition via backboneFast (all VLANs)           : 1" in lines
    assert "Number of RLQ response PDUs received (all VLANs)            : 1" in lines


def test_without_it_the_same_failure_waits() -> None:
    bench = Bench()
    switches, links = triangle(bench, "")
    bench.run(60)
    links[0, 1].plugged = False
    bench.run(15)
    assert "SW2 0/2 Altn BLK" in states(switches)


def test_who_has_lost_the_root_too_answers_so() -> None:
    bench = Bench()
    switches, links = triangle(bench, BACKBONE)
    bench.run(60)
    root = switches[0]
    assert any("This bridge is the root" in line for line in show(root, "show spanning-tree"))
    links[0, 1].plugged = links[0, 2].plugged = False
    bench.run(5)
    assert any("This bridge is the root" in line for line in show(switches[1], "show spanning-tree"))


def test_what_is_configured_is_shown() -> None:
    switch = Bench().switch("S", UPLINK + BACKBONE + "no spanning-tree etherchannel guard misconfig")
    configure(switch, "spanning-tree uplinkfast max-update-rate 400")
    lines = running_config(switch)
    assert {"spanning-tree uplinkfast", "spanning-tree uplinkfast max-update-rate 400"} <= set(lines)
    assert {"spanning-tree backbonefast", "no spanning-tree etherchannel guard misconfig"} <= set(lines)
    summary = show(switch, "show spanning-tree summary")
    assert "UplinkFast                   is enabled" in summary
    bench = Bench()
    alone = bench.switch("A", UPLINK)
    bench.cable(alone, "Fa0/1", bench.pc("P", "10.0.0.1/24"))
    bench.run(1)
    assert any("Priority    49153" in line for line in show(alone, "show spanning-tree"))
    assert any("Desg LIS 3019" in line for line in show(alone, "show spanning-tree"))
    configure(switch, "spanning-tree mode rapid-pvst")
    summary = show(switch, "show spanning-tree summary")
    assert "BackboneFast                 is enabled but inactive in rapid-pvst mode" in summary
    assert show(switch, "show spanning-tree uplinkfast") == [
        "UplinkFast is enabled but inactive in rapid-pvst mode"
    ]
    configure(switch, "no spanning-tree uplinkfast max-update-rate")
    assert "spanning-tree uplinkfast" in running_config(switch)
    configure(switch, "no spanning-tree uplinkfast")
    assert show(switch, "show spanning-tree uplinkfast") == ["UplinkFast is disabled"]
