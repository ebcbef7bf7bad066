"""The shows of ports and trees, against what happened."""

from __future__ import annotations

from switch_lab import Bench, has_block, reaches, show
from test_spanning_tree_on_switches import triangle


def test_counters() -> None:
    bench = Bench()
    switch = bench.switch("SW", "interface range fa0/1 - 2\n spanning-tree portfast")
    a = bench.pc("A", "10.0.0.1/24")
    bench.cable(switch, "Fa0/1", a)
    bench.cable(switch, "Fa0/2", bench.pc("B", "10.0.0.2/24"))
    bench.run(3)
    assert reaches(bench, a, "10.0.0.2")
    rows = [
        line.split() for line in show(switch, "show interfaces fa0/1 counters") if line.startswith("Fa0/1")
    ]
    counters = switch.interfaces["FastEthernet0/1"].counters
    assert rows[0] == ["Fa0/1", str(counters.in_octets), "2", "0", "2"]
    assert int(rows[1][1]) == counters.out_octets
    assert len(show(switch, "show interfaces counters errors")) == 2 * (1 + 1 + 26)


def test_trunk_table() -> None:
    bench = Bench()
    trunk = "vlan 10,20\ninterface gi0/1\n switchport mode trunk\n switchport trunk allowed vlan 1-15"
    left, right = bench.switch("L", trunk), bench.switch("R", trunk)
    bench.cable(left, "Gi0/1", right, "Gi0/1")
    bench.run(40)
    assert show(left, "show interfaces trunk") == [
        "",
        "Port        Mode             Encapsulation  Status        Native vlan",
        "Gi0/1       on               802.1q         trunking      1",
        "",
        "Port        Vlans allowed on trunk",
        "Gi0/1       1-15",
        "",
        "Port        Vlans allowed and active in management domain",
        "Gi0/1       1,10",
        "",
        "Port        Vlans in spanning tree forwarding state and not pruned",
        "Gi0/1       1,10",
    ]


def test_mac_table_filters() -> None:
    bench = Bench()
    switch = bench.switch(
        "SW",
        "vlan 10\ninterface range fa0/1 - 2\n spanning-tree portfast\ninterface fa0/2\n"
        " switchport access vlan 10\nmac address-table static 0200.0000.0001 vlan 10 interface fa0/9",
    )
    for number, name in ((1, "A"), (2, "B")):
        pc = bench.pc(name, f"10.0.{number}.1/24")
        bench.cable(switch, f"Fa0/{number}", pc)
        bench.run(2)
        reaches(bench, pc, f"10.0.{number}.9")

    def ports(command: str) -> list[str]:
        rows = show(switch, command)
        return [line.split()[-1] for line in rows if line.endswith(("Fa0/1", "Fa0/2", "Fa0/9"))]

    assert ports("show mac address-table dynamic") == ["Fa0/1", "Fa0/2"]
    assert ports("show mac address-table static") == ["Fa0/9"]
    assert ports("show mac address-table vlan 10") == ["Fa0/2", "Fa0/9"]
    assert ports("show mac address-table interface fa0/1") == ["Fa0/1"]
    assert ports("show mac address-table dynamic vlan 10") == ["Fa0/2"]
    assert ports("show mac address-table address 0200.0000.0001") == ["Fa0/9"]
    assert ports("show mac-address-table dynamic interface fa0/2") == ["Fa0/2"]
    assert has_block(show(switch, "show mac address-table count"), "Dynamic Address Count  : 1")
    assert "Global Aging Time:  300" in show(switch, "show mac address-table aging-time")
    show(switch, "clear mac address-table dynamic interface fa0/1")
    assert ports("show mac address-table dynamic") == ["Fa0/2"]


def test_spanning_tree_shows() -> None:
    bench = Bench()
    switches, _ = triangle(bench)
    bench.run(40)
    last = switches[2]
    assert has_block(
        show(last, "show spanning-tree blockedports"),
        "VLAN0001             Fa0/2",
        "",
        "Number of blocked ports (segments) in the system : 1",
    )
    root = f"VLAN0001          4097 {switches[0].base_mac.dotted}        19     2  20  15  Fa0/1"
    assert root in show(last, "show spanning-tree root")
    assert root in show(last, "show spanning-tree vlan 1 root")
    assert any("12289 (12288,   1)" in line for line in show(last, "show spanning-tree bridge"))
    assert "VLAN0001            Altn BLK 19        128.2    P2p " in show(
        last, "show spanning-tree interface fa0/2"
    )
    assert " Port 2 (FastEthernet0/2) of VLAN0001 is alternate blocking " in show(
        last, "show spanning-tree interface fa0/2 detail"
    )
    assert "VLAN0001                     1         0        0          1          2" in show(
        last, "show spanning-tree summary"
    )
    assert "Spanning tree instance(s) for vlan 9 does not exist." in show(last, "show spanning-tree vlan 9")
    assert "Number of inconsistent ports (segments) in the system : 0" in show(
        last, "show spanning-tree inconsistentports"
    )
