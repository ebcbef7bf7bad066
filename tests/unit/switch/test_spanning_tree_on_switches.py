"""Spanning tree between boxes: convergence, lost pings, portfast, guards."""

from __future__ import annotations

import pytest
from switch_lab import Bench, configure, pings, reaches, refused, show

from iosemu.box.device import Device
from iosemu.bridging.bridge import Bridge
from iosemu.net.link import Link
from iosemu.subjects.spanning_tree.service import SpanningTrees


def triangle(bench: Bench, config: str = "") -> tuple[list[Device], dict[tuple[int, int], Link]]:
    """Three switches in a ring; SW0 is the root."""
    switches = [
        bench.switch(f"SW{number}", config + f"\nspanning-tree vlan 1 priority {4096 * (number + 1)}")
        for number in range(3)
    ]
    links = {
        (a, b): bench.cable(switches[a], f"Fa0/{b + 1}", switches[b], f"Fa0/{a + 1}")
        for a, b in ((0, 1), (1, 2), (0, 2))
    }
    return switches, links


def states(switches: list[Device]) -> list[str]:
    return [
        f"{switch.name} {port.name[-3:]} {port.role.strip()} {port.state}"
        for switch in switches
        for row in switch.service(SpanningTrees).rows()
        for port in row.ports
        if port.name in ("FastEthernet0/1", "FastEthernet0/2", "FastEthernet0/3")
    ]


def test_a_triangle_blocks_one_port() -> None:
    bench = Bench()
    switches, _ = triangle(bench)
    bench.run(35)
    assert states(switches) == [
        "SW0 0/2 Desg FWD", "SW0 0/3 Desg FWD", "SW1 0/1 Root FWD", "SW1 0/3 Desg FWD",
        "SW2 0/1 Root FWD", "SW2 0/2 Altn BLK",
    ]  # fmt: skip


def lost_when_cut(config: str) -> int:
    """Pings lost, one a second, when the link from the root to SW2 is cut."""
    bench = Bench()
    switches, links = triangle(bench, config)
    a, b = bench.pc("A", "10.0.0.1/24"), bench.pc("B", "10.0.0.2/24")
    configure(switches[0], "interface fa0/10\n spanning-tree portfast")
    configure(switches[2], "interface fa0/10\n spanning-tree portfast")
    bench.cable(switches[0], "Fa0/10", a)
    bench.cable(switches[2], "Fa0/10", b)
    bench.run(40)
    assert reaches(bench, a, "10.0.0.2")
    link = links[0, 2]
    link.plugged = False
    answers = pings(bench, a, "10.0.0.2", 60)
    assert answers[-10:] == [True] * 10
    first = answers.index(True)
    assert all(answers[first:])
    return first


def test_a_cut_link_costs_twice_the_forward_delay() -> None:
    assert 28 <= lost_when_cut("") <= 33


def test_an_indirect_failure_waits_for_max_age() -> None:
    bench = Bench()
    switches, links = triangle(bench)
    bench.run(40)
    links[0, 1].plugged = False
    bench.run(15)
    assert "SW2 0/2 Altn BLK" in states(switches)
    bench.run(36)
    assert "SW2 0/2 Desg FWD" in states(switches)
    assert "SW1 0/3 Root FWD" in states(switches)


def test_portfast_forwards_at_once_and_others_wait() -> None:
    bench = Bench()
    switch = bench.switch("SW", "interface fa0/1\n spanning-tree portfast")
    a, b = bench.pc("A", "10.0.0.1/24"), bench.pc("B", "10.0.0.2/24")
    bench.cable(switch, "Fa0/1", a)
    bench.cable(switch, "Fa0/2", b)
    bench.run(2)
    assert switch.service(Bridge).is_forwarding("FastEthernet0/1", 1)
    assert not switch.service(Bridge).is_forwarding("FastEthernet0/2", 1)
    bench.run(30)
    assert switch.service(Bridge).is_forwarding("FastEthernet0/2", 1)


def test_bpduguard_err_disables_and_shutdown_recovers() -> None:
    bench = Bench()
    guarded = bench.switch("G", "interface fa0/1\n spanning-tree portfast\n spanning-tree bpduguard enable")
    other = bench.switch("O")
    link = bench.cable(guarded, "Fa0/1", other, "Fa0/1")
    bench.run(5)
    assert any("err-disabled" in line for line in show(guarded, "show interfaces fa0/1 status"))
    assert any("bpduguard" in line for line in show(guarded, "show interfaces status err-disabled"))
    assert {"BLOCK_BPDUGUARD", "ERR_DISABLE"} <= {each.mnemonic for each in guarded.syslog.messages}
    link.plugged = False
    configure(guarded, "interface fa0/1\n shutdown\n no shutdown")
    bench.run(5)
    assert any("notconnect" in line for line in show(guarded, "show interfaces fa0/1 status"))


def test_priority_must_be_a_multiple_of_4096() -> None:
    switch = Bench().switch("SW")
    assert "increments of 4096" in refused(switch, "spanning-tree vlan 1 priority 100")


def test_root_primary_wins_the_election() -> None:
    bench = Bench()
    switches, _ = triangle(bench)
    bench.run(40)
    configure(switches[2], "spanning-tree vlan 1 root primary")
    bench.run(40)
    assert "             This bridge is the root" in show(switches[2], "show spanning-tree vlan 1")


def test_trees_of_vlans_differ() -> None:
    bench = Bench()
    trunks = "vlan 10\ninterface range fa0/1 - 3\n switchport mode trunk\n switchport nonegotiate"
    switches, _ = triangle(bench, trunks)
    configure(switches[2], "spanning-tree vlan 10 priority 0")
    bench.run(40)
    rows = {row.vlan: row for row in switches[2].service(SpanningTrees).rows()}
    assert rows[10].is_root
    assert not rows[1].is_root
    assert {port.state for port in rows[10].ports} == {"FWD"}
    assert {port.state for port in rows[1].ports} == {"FWD", "BLK"}


def test_notifications_are_heard_and_acknowledged_in_their_own_vlan() -> None:
    bench = Bench()
    trunks = "vlan 10\ninterface range fa0/1 - 3\n switchport mode trunk\n switchport nonegotiate"
    switches, _ = triangle(bench, trunks)
    configure(switches[0], "spanning-tree vlan 10 priority 0")
    configure(switches[2], "interface fa0/10\n switchport access vlan 10")
    bench.run(100)
    before = {
        number: tree.topology_changes for number, tree in switches[0].service(SpanningTrees).instances.items()
    }
    bench.cable(switches[2], "Fa0/10", bench.pc("A", "10.0.0.1/24"))
    bench.run(100)
    after = {
        number: tree.topology_changes for number, tree in switches[0].service(SpanningTrees).instances.items()
    }
    assert after == {1: before[1], 10: before[10] + 1}
    assert not switches[0].service(SpanningTrees).instances[10].topology_change


def test_a_loop_without_spanning_tree_storms_but_lets_the_lab_go_on() -> None:
    bench = Bench()
    switches, links = triangle(bench, "no spanning-tree vlan 1")
    a = bench.pc("A", "10.0.0.1/24")
    bench.cable(switches[0], "Fa0/10", a)
    bench.run(3)
    assert not pings(bench, a, "10.0.0.2")[0]
    bench.run(1)
    assert any(switch.service(Bridge).plane.storm_drops for switch in switches)
    links[0, 1].plugged = False
    bench.run(2)
    before = [switch.service(Bridge).plane.storm_drops for switch in switches]
    bench.run(3)
    assert [switch.service(Bridge).plane.storm_drops for switch in switches] == before


@pytest.mark.parametrize("mode", ["pvst", "rapid-pvst"])
def test_a_ring_wider_than_max_age_allows_does_not_stop_the_lab(mode: str) -> None:
    bench = Bench()
    switches = [bench.switch(f"SW{number}", f"spanning-tree mode {mode}") for number in range(60)]
    for number, switch in enumerate(switches):
        bench.cable(switch, "Gi0/1", switches[(number + 1) % len(switches)], "Gi0/2")
    bench.run(30)
    assert bench.scheduler.now == 30
