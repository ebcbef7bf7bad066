"""MST between boxes: regions, instances, the boundary to rapid and old bridges, PVST+ simulation."""

from __future__ import annotations

from itertools import pairwise

import pytest
from switch_lab import Bench, Wire, configure, refused, running_config, show

from iosemu.box.device import Device
from iosemu.bridging.bridge import Bridge
from iosemu.net.link import Link
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.stp import Bpdu, parse_frame
from iosemu.subjects.spanning_tree.service import SpanningTrees

TRUNKS = "interface range fa0/1 - 3\n switchport mode trunk\n"
VLANS = "vlan 10,20,30\n"
REGION = """\
spanning-tree mode mst
spanning-tree mst configuration
 name Brewery
 instance 1 vlan 10
 instance 2 vlan 20
"""


def ports(switch: Device, number: int) -> list[str]:
    """`0/1 Root FWD P2p` of one tree."""
    row = switch.service(SpanningTrees).row(number)
    assert row is not None
    return [
        " ".join(filter(None, (port.name[-3:], port.role, port.state, port.edge, port.inconsistent)))
        for port in row.ports
    ]


def triangle(bench: Bench, *configs: str) -> tuple[list[Device], dict[tuple[int, int], Link]]:
    """SW0, SW1 and SW2, each joined to SWn by its port Fa0/(n+1)."""
    switches = [bench.switch(f"SW{n}", VLANS + TRUNKS + config) for n, config in enumerate(configs)]
    links = {
        (a, b): bench.cable(switches[a], f"Fa0/{b + 1}", switches[b], f"Fa0/{a + 1}")
        for a, b in ((0, 1), (0, 2), (1, 2))
    }
    return switches, links


def load_sharing(bench: Bench) -> tuple[list[Device], dict[tuple[int, int], Link]]:
    """SW0 is root of the common tree and of instance 1, SW1 of instance 2."""
    return triangle(
        bench,
        REGION + "spanning-tree mst 0-1 priority 4096",
        REGION + "spanning-tree mst 2 root primary",
        REGION,
    )


def test_each_instance_has_its_tree_at_once() -> None:
    bench = Bench()
    switches, _ = load_sharing(bench)
    bench.run(2)
    assert ports(switches[2], 0) == ["0/1 Root FWD", "0/2 Altn BLK"]
    assert ports(switches[2], 1) == ["0/1 Root FWD", "0/2 Altn BLK"]
    assert ports(switches[2], 2) == ["0/1 Altn BLK", "0/2 Root FWD"]
    bridge = switches[2].service(Bridge)
    assert [bridge.is_forwarding("FastEthernet0/2", vlan) for vlan in (1, 10, 20, 30)] == [
        False,
        False,
        True,
        False,
    ]


def test_one_bpdu_says_all_instances() -> None:
    bench = Bench()
    switches, _ = load_sharing(bench)
    bench.run(4)
    wire = Wire(switches[0], "Fa0/3")
    bench.run(10)
    frames = [each for each in wire.outgoing if each[:5] == b"\x01\x80\xc2\0\0" and each[5] == 0]
    assert len(frames) == 5
    bpdu, _vlan = parse_frame(EthernetFrame.parse(frames[-1]))
    assert isinstance(bpdu, Bpdu)
    assert bpdu.region is not None
    assert bpdu.region.identifier.digest.hex() == "9357ebb7a8d74dd5fef4f2bab50531aa"  # as in a capture
    assert [(each.instance, each.hops) for each in bpdu.region.records] == [(1, 20), (2, 19)]
    assert not [each for each in wire.outgoing if each[:6] == bytes.fromhex("01000ccccccd")]


def test_hops_and_costs_count_within_the_region() -> None:
    bench = Bench()
    switches, _ = load_sharing(bench)
    bench.run(3)
    lines = show(switches[2], "show spanning-tree mst 0")
    assert any("path cost     0 " in line for line in lines)
    assert any("internal cost 200000    rem hops 19" in line for line in lines)
    lines = show(switches[2], "show spanning-tree mst 2")
    assert any("port    Fa0/2           cost          200000    rem hops 19" in line for line in lines)


def test_what_comes_too_far_is_not_believed() -> None:
    bench = Bench()
    chain = [
        bench.switch(f"C{n}", VLANS + TRUNKS + REGION + f"spanning-tree mst 0 priority {n * 4096}\n"
                     "spanning-tree mst max-hops 2")
        for n in range(4)
    ]  # fmt: skip
    for left, right in pairwise(chain):
        bench.cable(left, "Fa0/1", right, "Fa0/2")
    bench.run(3)
    roots = [each.service(SpanningTrees).instances[0].root.priority for each in chain]
    assert roots == [0, 0, 8192, 8192]


def test_a_cut_link_costs_nothing_in_any_instance() -> None:
    bench = Bench()
    switches, links = load_sharing(bench)
    bench.run(5)
    links[0, 2].plugged = False
    bench.run(0.1)
    assert [ports(switches[2], number) for number in (0, 1, 2)] == [["0/2 Root FWD"]] * 3
    links[0, 2].plugged = True
    bench.run(4)
    assert ports(switches[2], 1) == ["0/1 Root FWD", "0/2 Altn BLK"]


def test_a_silent_neighbor_is_missed_after_three_hellos() -> None:
    bench = Bench()
    switches, _ = load_sharing(bench)
    bench.run(5)
    configure(switches[0], "interface fa0/3\n spanning-tree bpdufilter enable")
    bench.run(9)
    assert ports(switches[2], 0)[1] == "0/2 Root FWD"
    assert ports(switches[2], 1)[1] == "0/2 Root FWD"


@pytest.mark.parametrize("other", [
    REGION.replace("Brewery", "Winery"), REGION + " revision 1", REGION.replace("vlan 20", "vlan 30"),
])  # fmt: skip
def test_one_difference_makes_another_region(other: str) -> None:
    bench = Bench()
    first = bench.switch("A", VLANS + TRUNKS + REGION + "spanning-tree mst 0 priority 4096")
    second = bench.switch("B", VLANS + TRUNKS + other)
    bench.cable(first, "Fa0/1", second, "Fa0/1")
    bench.run(3)
    assert ports(second, 0) == ["0/1 Root FWD Bound(RSTP)"]
    assert ports(second, 1) == ["0/1 Mstr FWD Bound(RSTP)"]
    assert ports(first, 1) == ["0/1 Desg FWD Bound(RSTP)"]
    lines = show(second, "show spanning-tree mst 0")
    assert "Regional Root this switch" in lines
    assert any("path cost     200000" in line for line in lines)
    assert "Root          this switch for MST1" in show(second, "show spanning-tree mst 1")


def test_a_rapid_bridge_is_beyond_the_boundary() -> None:
    bench = Bench()
    inside = bench.switch("M", REGION)
    outside = bench.switch("R", "spanning-tree mode rapid-pvst\nspanning-tree vlan 1 priority 4096")
    bench.cable(inside, "Fa0/1", outside, "Fa0/1")
    bench.run(3)
    assert ports(inside, 0) == ["0/1 Root FWD Bound(RSTP)"]
    configure(inside, "spanning-tree mst 0 priority 0")
    bench.run(3)
    assert ports(inside, 0) == ["0/1 Desg FWD Bound(RSTP)"]
    assert ports(outside, 1) == ["0/1 Root FWD"]


def test_an_old_bridge_gets_old_bpdus() -> None:
    bench = Bench()
    inside = bench.switch("M", REGION + "spanning-tree mst 0 priority 0")
    outside = bench.switch("O")
    bench.cable(inside, "Fa0/1", outside, "Fa0/1")
    bench.run(40)
    assert ports(inside, 0) == ["0/1 Desg FWD Bound(STP)"]
    assert ports(outside, 1) == ["0/1 Root FWD"]


@pytest.mark.parametrize("mode", ["pvst", "rapid-pvst"])
def test_the_vlans_of_a_pvst_neighbor_are_told_the_common_tree(mode: str) -> None:
    bench = Bench()
    region = [
        bench.switch(f"M{n}", VLANS + TRUNKS + REGION + f"spanning-tree mst 0 priority {n * 4096}")
        for n in (0, 1)
    ]
    outside = bench.switch("P", VLANS + TRUNKS + f"spanning-tree mode {mode}")
    bench.cable(region[0], "Fa0/1", region[1], "Fa0/1")
    bench.cable(region[0], "Fa0/2", outside, "Fa0/1")
    bench.cable(region[1], "Fa0/2", outside, "Fa0/2")
    bench.run(60)
    for vlan in (1, 10, 20, 30):
        row = outside.service(SpanningTrees).row(vlan)
        assert row is not None
        assert (row.root.priority, row.root_port) == (0, "FastEthernet0/1")
        assert not outside.service(Bridge).is_forwarding("FastEthernet0/2", vlan)
    assert ports(region[0], 0)[1] == "0/2 Desg FWD Bound(PVST)"
    assert ports(region[1], 1)[1] == "0/2 Desg FWD Bound(PVST)"


def test_a_vlan_whose_root_is_beyond_the_boundary_alone_is_inconsistent() -> None:
    bench = Bench()
    inside = bench.switch("M", VLANS + TRUNKS + REGION + "spanning-tree mst 0 priority 8192")
    outside = bench.switch(
        "P", VLANS + TRUNKS + "spanning-tree mode rapid-pvst\nspanning-tree vlan 10 priority 4096"
    )
    bench.cable(inside, "Fa0/1", outside, "Fa0/1")
    bench.run(50)
    assert ports(inside, 0) == ["0/1 Desg BKN Bound(PVST) *PVST_Inc"]
    assert ports(inside, 1) == ["0/1 Desg BKN Bound(PVST) *PVST_Inc"]
    fails = [each for each in inside.syslog.messages if each.mnemonic == "PVSTSIM_FAIL"]
    assert len(fails) == 1
    root = outside.switch_mac.dotted
    assert fails[0].text.endswith(f"superior PVST BPDU received on VLAN 10, claiming root 4106:{root}")
    configure(outside, "no spanning-tree vlan 10 priority")
    bench.run(60)
    assert ports(inside, 0) == ["0/1 Desg FWD Bound(PVST)"]
    assert [each.mnemonic for each in inside.syslog.messages if "PVSTSIM" in each.mnemonic] == [
        "PVSTSIM_FAIL", "PVSTSIM_OK",
    ]  # fmt: skip


def test_where_the_root_of_vlan_1_is_beyond_the_others_must_not_claim_less() -> None:
    bench = Bench()
    inside = bench.switch("M", VLANS + TRUNKS + REGION + "spanning-tree mst 0 priority 8192")
    outside = bench.switch(
        "P", VLANS + TRUNKS + "spanning-tree mode rapid-pvst\nspanning-tree vlan 1 priority 4096"
    )
    bench.cable(inside, "Fa0/1", outside, "Fa0/1")
    bench.run(50)
    assert ports(inside, 0) == ["0/1 Desg BKN Bound(PVST) *PVST_Inc"]
    configure(outside, "spanning-tree vlan 10,20,30 priority 0")
    bench.run(60)
    assert ports(inside, 0) == ["0/1 Root FWD Bound(PVST)"]
    assert ports(inside, 1) == ["0/1 Mstr FWD Bound(PVST)"]


def test_a_port_values_count_in_one_instance() -> None:
    bench = Bench()
    first = bench.switch("A", VLANS + TRUNKS + REGION + "spanning-tree mst 0-2 priority 4096")
    second = bench.switch("B", VLANS + TRUNKS + REGION + "interface fa0/1\n spanning-tree mst 1 cost 200001")
    bench.cable(first, "Fa0/1", second, "Fa0/1")
    bench.cable(first, "Fa0/2", second, "Fa0/2")
    bench.run(3)
    assert ports(second, 0)[0] == ports(second, 2)[0] == "0/1 Root FWD"
    assert ports(second, 1) == ["0/1 Altn BLK", "0/2 Root FWD"]
    configure(first, "interface fa0/2\n spanning-tree mst 2 port-priority 64")
    bench.run(3)
    assert ports(second, 2) == ["0/1 Altn BLK", "0/2 Root FWD"]


def test_root_guard_works_in_an_instance() -> None:
    bench = Bench()
    guarded = bench.switch("G", VLANS + TRUNKS + REGION + "interface fa0/1\n spanning-tree guard root")
    other = bench.switch(
        "O", VLANS + TRUNKS + REGION + "spanning-tree mst 0 priority 61440\nspanning-tree mst 1 priority 0"
    )
    bench.cable(guarded, "Fa0/1", other, "Fa0/1")
    bench.run(10)
    assert ports(guarded, 0) == ["0/1 Desg FWD"]
    assert ports(guarded, 1) == ["0/1 Desg BKN *ROOT_Inc"]
    assert any("blocking port FastEthernet0/1 on MST1." in each.text for each in guarded.syslog.messages)


def test_bpdu_guard_works() -> None:
    bench = Bench()
    guarded = bench.switch("G", REGION + "interface fa0/1\n spanning-tree bpduguard enable")
    other = bench.switch("O", REGION)
    bench.cable(guarded, "Fa0/1", other, "Fa0/1")
    bench.run(3)
    assert guarded.interfaces["FastEthernet0/1"].err_disabled


def test_a_change_flushes_the_vlans_of_its_instance() -> None:
    bench = Bench()
    switches, links = load_sharing(bench)
    bench.run(5)
    before = {n: tree.topology_changes for n, tree in switches[2].service(SpanningTrees).instances.items()}
    links[0, 1].plugged = False
    bench.run(1)
    after = {n: tree.topology_changes for n, tree in switches[2].service(SpanningTrees).instances.items()}
    assert all(after[n] > before[n] for n in (0, 1, 2))


def test_the_region_is_pending_until_the_mode_is_left() -> None:
    switch = Bench().switch("S", "spanning-tree mode mst")
    configure(switch, "spanning-tree mst configuration\n name A\n instance 1 vlan 10\n abort")
    assert not any("mst configuration" in line for line in running_config(switch))
    configure(
        switch, "spanning-tree mst configuration\n name A\n revision 3\n instance 1 vlan 10, 20-21\nvlan 77"
    )
    lines = running_config(switch)
    at = lines.index("spanning-tree mst configuration")
    assert lines[at + 1 : at + 4] == [" name A", " revision 3", " instance 1 vlan 10, 20-21"]
    configure(switch, "spanning-tree mst configuration\n instance 2 vlan 20\n no revision")
    assert " instance 2 vlan 20" in running_config(switch)
    assert " instance 1 vlan 10, 21" in running_config(switch)
    configure(switch, "no spanning-tree mst configuration")
    assert not any("mst configuration" in line for line in running_config(switch))


def test_refusals() -> None:
    switch = Bench().switch("S", "spanning-tree mode mst")
    assert "increments of 4096" in refused(switch, "spanning-tree mst 1 priority 5")
    assert "Invalid input" in refused(switch, "spanning-tree mst configuration\n name " + 33 * "x")
    assert "increments of 16" in refused(switch, "interface fa0/1\n spanning-tree mst 1 port-priority 5")
