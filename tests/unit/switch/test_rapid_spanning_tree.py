"""Rapid PVST between boxes: proposals, agreements, neighbors of the old kind, guards."""

from __future__ import annotations

import pytest
from switch_lab import Bench, Wire, configure, show
from test_spanning_tree_on_switches import lost_when_cut, states, triangle

from iosemu.bridging.bridge import Bridge
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.stp import Bpdu, BpduFlags, BpduType, parse_frame

RAPID = "spanning-tree mode rapid-pvst\n"


def test_a_triangle_converges_at_once() -> None:
    bench = Bench()
    switches, _ = triangle(bench, RAPID)
    bench.run(2)
    assert states(switches) == [
        "SW0 0/2 Desg FWD", "SW0 0/3 Desg FWD", "SW1 0/1 Root FWD", "SW1 0/3 Desg FWD",
        "SW2 0/1 Root FWD", "SW2 0/2 Altn BLK",
    ]  # fmt: skip
    assert "  Spanning tree enabled protocol rstp" in show(switches[0], "show spanning-tree")


def test_a_cut_link_costs_at_most_a_ping() -> None:
    assert lost_when_cut(RAPID) <= 1


def test_an_indirect_failure_does_not_wait_for_max_age() -> None:
    bench = Bench()
    switches, links = triangle(bench, RAPID)
    bench.run(10)
    links[0, 1].plugged = False
    bench.run(0.1)
    assert "SW1 0/3 Root FWD" in states(switches)
    assert "SW2 0/2 Desg FWD" in states(switches)
    links[0, 1].plugged = True
    bench.run(4)
    assert "SW2 0/2 Altn BLK" in states(switches)
    assert "SW1 0/1 Root FWD" in states(switches)


def test_a_silent_neighbor_is_missed_after_three_hellos() -> None:
    bench = Bench()
    switches, _ = triangle(bench, RAPID)
    bench.run(10)
    configure(switches[0], "interface fa0/3\n spanning-tree bpdufilter enable")
    bench.run(5)
    assert "SW2 0/1 Root FWD" in states(switches)
    bench.run(4)
    assert "SW2 0/2 Root FWD" in states(switches)


def test_proposal_and_agreement_are_on_the_wire() -> None:
    bench = Bench()
    root = bench.switch("A", RAPID + "spanning-tree vlan 1 root primary")
    other = bench.switch("B", RAPID)
    bench.cable(root, "Fa0/1", other, "Fa0/1")
    wire = Wire(root, "Fa0/1")
    bench.run(3)

    def flags(frames: list[bytes]) -> list[int]:
        bpdus = [parse_frame(EthernetFrame.parse(each))[0] for each in frames if each[:3] == b"\x01\x80\xc2"]
        assert all(isinstance(each, Bpdu) and each.type is BpduType.RST for each in bpdus)
        return [each.flags for each in bpdus if isinstance(each, Bpdu)]

    assert any(each & BpduFlags.PROPOSAL for each in flags(wire.outgoing))
    assert any(each & BpduFlags.AGREEMENT for each in flags(wire.incoming))


@pytest.mark.parametrize("rapid_is_root", [True, False])
def test_old_neighbors_get_old_bpdus_and_old_timers(rapid_is_root: bool) -> None:
    bench = Bench()
    first, second = ("4096", "8192") if rapid_is_root else ("8192", "4096")
    rapid = bench.switch("R", RAPID + f"spanning-tree vlan 1 priority {first}")
    old = bench.switch("O", f"spanning-tree vlan 1 priority {second}")
    bench.cable(rapid, "Fa0/1", old, "Fa0/1")
    bench.run(10)
    assert any("P2p Peer(STP)" in line for line in show(rapid, "show spanning-tree"))
    bench.run(35)
    assert states([rapid, old]) == (
        ["R 0/1 Desg FWD", "O 0/1 Root FWD"] if rapid_is_root else ["R 0/1 Root FWD", "O 0/1 Desg FWD"]
    )


def test_edge_ports_forward_at_once_and_others_wait_without_a_bridge() -> None:
    bench = Bench()
    switch = bench.switch("SW", RAPID + "interface fa0/1\n spanning-tree portfast")
    bench.cable(switch, "Fa0/1", bench.pc("A", "10.0.0.1/24"))
    bench.cable(switch, "Fa0/2", bench.pc("B", "10.0.0.2/24"))
    bench.run(2)
    assert any("Fa0/1" in line and "P2p Edge" in line for line in show(switch, "show spanning-tree"))
    assert not switch.service(Bridge).is_forwarding("FastEthernet0/2", 1)
    bench.run(31)
    assert switch.service(Bridge).is_forwarding("FastEthernet0/2", 1)


@pytest.mark.parametrize("mode", ["", RAPID])
def test_root_guard_blocks_a_better_root_until_it_is_silent(mode: str) -> None:
    bench = Bench()
    guarded = bench.switch("G", mode + "interface fa0/1\n spanning-tree guard root")
    other = bench.switch("O", mode + "spanning-tree vlan 1 priority 4096")
    bench.cable(guarded, "Fa0/1", other, "Fa0/1")
    bench.run(10)
    assert any("Desg BKN*19" in line and "*ROOT_Inc" in line for line in show(guarded, "show spanning-tree"))
    assert not guarded.service(Bridge).is_forwarding("FastEthernet0/1", 1)
    configure(other, "no spanning-tree vlan 1 priority")
    configure(guarded, "spanning-tree vlan 1 priority 4096")
    bench.run(60)
    assert guarded.service(Bridge).is_forwarding("FastEthernet0/1", 1)
    assert {"ROOTGUARD_BLOCK", "ROOTGUARD_UNBLOCK"} <= {each.mnemonic for each in guarded.syslog.messages}


@pytest.mark.parametrize("mode", ["", RAPID])
def test_loop_guard_keeps_a_blocked_port_blocked(mode: str) -> None:
    bench = Bench()
    switches, _ = triangle(bench, mode)
    configure(switches[2], "interface fa0/2\n spanning-tree guard loop")
    bench.run(40)
    configure(switches[1], "interface fa0/3\n spanning-tree bpdufilter enable")
    bench.run(60)
    assert any("BKN*19" in line and "*LOOP_Inc" in line for line in show(switches[2], "show spanning-tree"))
    configure(switches[1], "interface fa0/3\n no spanning-tree bpdufilter")
    bench.run(5)
    assert "SW2 0/2 Altn BLK" in states(switches)


def test_the_global_filter_lets_some_bpdus_of_an_edge_port_go_and_ends_with_one_that_comes() -> None:
    bench = Bench()
    config = RAPID + "spanning-tree portfast default\nspanning-tree portfast bpdufilter default"
    switch = bench.switch("SW", config)
    wire = Wire(switch, "Fa0/1")
    bench.cable(switch, "Fa0/1", bench.pc("A", "10.0.0.1/24"))
    bench.run(60)
    sent = [each for each in wire.outgoing if each[:5] == b"\x01\x80\xc2\0\0" and each[5] == 0]
    assert len(sent) == 11
    assert any("BPDU: sent 11, received 0" in line for line in show(switch, "show spanning-tree detail"))
    other = bench.switch("O", RAPID)
    bench.cable(switch, "Fa0/2", other, "Fa0/2")
    bench.run(60)
    assert [each for each in states([switch]) if "0/2" in each and "FWD" in each]
    assert not any("Fa0/2" in line and "Edge" in line for line in show(switch, "show spanning-tree"))
    assert show(other, "show spanning-tree bridge")


def test_guards_tell_that_they_were_set_up() -> None:
    switch = Bench().switch("SW")
    configure(switch, "interface fa0/1\n spanning-tree guard root")
    configure(switch, "interface fa0/1\n spanning-tree guard loop")
    configure(switch, "interface fa0/1\n no spanning-tree guard")
    told = [each.mnemonic for each in switch.syslog.messages if each.facility == "SPANTREE"]
    assert told == [
        "ROOTGUARD_CONFIG_CHANGE", "ROOTGUARD_CONFIG_CHANGE", "LOOPGUARD_CONFIG_CHANGE", "LOOPGUARD_CONFIG_CHANGE",
    ]  # fmt: skip


def test_detected_protocols_are_forgotten_when_told() -> None:
    bench = Bench()
    rapid = bench.switch("R", RAPID + "spanning-tree vlan 1 priority 4096")
    other = bench.switch("O")
    bench.cable(rapid, "Fa0/1", other, "Fa0/1")
    bench.run(10)
    assert any("Peer(STP)" in line for line in show(rapid, "show spanning-tree"))
    configure(other, RAPID)
    bench.run(5)
    assert show(rapid, "clear spanning-tree detected-protocols") == []
    bench.run(5)
    assert not any("Peer(STP)" in line for line in show(rapid, "show spanning-tree"))
    assert not any("Peer(STP)" in line for line in show(other, "show spanning-tree"))
