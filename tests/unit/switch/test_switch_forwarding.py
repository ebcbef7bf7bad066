"""Which frames leave which ports: VLANs, tags, learning, ageing."""

from __future__ import annotations

import pytest
from switch_lab import Bench, Wire, configure, pings, reaches, refused, running_config, show

from iosemu.packets.addresses import BROADCAST, MacAddress
from iosemu.packets.ethernet import EthernetFrame, VlanTag, tag_of

ACCESS = """
vlan 10,20
interface range fa0/1 - 4
 switchport mode access
 spanning-tree portfast
interface range fa0/1 - 2
 switchport access vlan 10
interface range fa0/3 - 4
 switchport access vlan 20
"""
TRUNK = """
interface gi0/1
 switchport mode trunk
 switchport nonegotiate
"""


def frame(destination: MacAddress, source: str, tag: VlanTag | None = None) -> bytes:
    return EthernetFrame(destination, MacAddress.from_string(source), 0x88B5, bytes(46), tag).to_bytes()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_vlans_are_apart(bench: Bench) -> None:
    switch = bench.switch("SW", ACCESS)
    a, b, c = bench.pc("A", "10.0.0.1/24"), bench.pc("B", "10.0.0.2/24"), bench.pc("C", "10.0.0.3/24")
    for port, pc in (("Fa0/1", a), ("Fa0/2", b), ("Fa0/3", c)):
        bench.cable(switch, port, pc)
    bench.run(3)
    assert reaches(bench, a, "10.0.0.2")
    assert not reaches(bench, a, "10.0.0.3")
    configure(switch, "interface fa0/3\n switchport access vlan 10")
    assert reaches(bench, a, "10.0.0.3")


def test_trunks_tag_all_but_the_native_vlan(bench: Bench) -> None:
    left, right = bench.switch("L", ACCESS + TRUNK), bench.switch("R", ACCESS + TRUNK)
    bench.cable(left, "Gi0/1", right, "Gi0/1")
    a, b, c = bench.pc("A", "10.0.0.1/24"), bench.pc("B", "10.0.0.2/24"), bench.pc("C", "10.0.0.3/24")
    bench.cable(left, "Fa0/1", a)
    bench.cable(right, "Fa0/1", b)
    bench.cable(right, "Fa0/3", c)
    bench.run(40)
    wire = Wire(left, "Gi0/1")
    assert reaches(bench, a, "10.0.0.2")
    assert not reaches(bench, a, "10.0.0.3")
    tags = {
        tag_of(each) for each in wire.outgoing if each[12:14] == b"\x81\x00" and each[16:18] == b"\x08\x00"
    }
    assert {tag.vlan for tag in tags if tag is not None} == {10}
    for switch in (left, right):
        configure(switch, "interface gi0/1\n switchport trunk native vlan 10")
    bench.run(40)
    wire.clear()
    assert reaches(bench, a, "10.0.0.2")
    assert any(each[12:14] == b"\x08\x00" for each in wire.outgoing)
    assert not any(each[12:14] == b"\x81\x00" and each[16:18] == b"\x08\x00" for each in wire.outgoing)


def test_a_trunk_carries_only_what_is_allowed(bench: Bench) -> None:
    left, right = bench.switch("L", ACCESS + TRUNK), bench.switch("R", ACCESS + TRUNK)
    bench.cable(left, "Gi0/1", right, "Gi0/1")
    a, b = bench.pc("A", "10.0.0.1/24"), bench.pc("B", "10.0.0.2/24")
    bench.cable(left, "Fa0/1", a)
    bench.cable(right, "Fa0/1", b)
    bench.run(40)
    assert reaches(bench, a, "10.0.0.2")
    configure(left, "interface gi0/1\n switchport trunk allowed vlan remove 10")
    assert not reaches(bench, a, "10.0.0.2")
    assert "Gi0/1       1-9,11-4094" in show(left, "show interfaces trunk")
    configure(left, "interface gi0/1\n switchport trunk allowed vlan add 10")
    bench.run(35)
    assert reaches(bench, a, "10.0.0.2")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("5", "5"), ("1,3-5", "1,3-5"), ("except 2-4000", "1,4001-4094"), ("none", "none"),
        ("1-4,4,6-7", "1-4,6,7"),
    ],
)  # fmt: skip
def test_allowed_lists(bench: Bench, typed: str, shown: str) -> None:
    switch = bench.switch("SW", f"interface gi0/1\n switchport trunk allowed vlan {typed}")
    assert f" switchport trunk allowed vlan {shown}" in running_config(switch)


def test_bad_lists_are_refused(bench: Bench) -> None:
    switch = bench.switch("SW")
    for typed in ("5-3", "0", "4095", "1,,2", "x"):
        assert "Invalid input" in refused(switch, f"interface gi0/1\n switchport trunk allowed vlan {typed}")


def test_addresses_are_learned_move_and_age(bench: Bench) -> None:
    switch = bench.switch("SW", ACCESS + "mac address-table aging-time 60")
    ports = [bench.pc(name, "10.0.0.1/24") for name in "ABC"]
    for number, pc in enumerate(ports, 1):
        bench.cable(switch, f"Fa0/{number}", pc)
    bench.run(3)
    station = "0200.0000.0001"
    where = "show mac address-table address " + station
    port = ports[0].ports["FastEthernet0"]
    port.send(frame(BROADCAST, station))
    bench.run(0.1)
    assert "  10    0200.0000.0001    DYNAMIC     Fa0/1" in show(switch, where)
    ports[1].ports["FastEthernet0"].send(frame(BROADCAST, station))
    bench.run(0.1)
    assert "  10    0200.0000.0001    DYNAMIC     Fa0/2" in show(switch, where)
    bench.run(59)
    assert "Total Mac Addresses for this criterion: 1" in show(switch, where)
    bench.run(1)
    assert "Total Mac Addresses for this criterion: 0" in show(switch, where)


def test_known_addresses_are_not_flooded(bench: Bench) -> None:
    switch = bench.switch("SW", "interface range fa0/1 - 3\n spanning-tree portfast")
    a, b, c = bench.pc("A", "10.0.0.1/24"), bench.pc("B", "10.0.0.2/24"), bench.pc("C", "10.0.0.3/24")
    for port, pc in (("Fa0/1", a), ("Fa0/2", b), ("Fa0/3", c)):
        bench.cable(switch, port, pc)
    bench.run(3)
    assert reaches(bench, a, "10.0.0.2")
    wire = Wire(switch, "Fa0/3")
    assert pings(bench, a, "10.0.0.2", 3) == [True] * 3
    assert not any(each[12:14] == b"\x08\x00" for each in wire.outgoing)
    a.ports["FastEthernet0"].send(frame(MacAddress.from_string("0200.0000.0099"), "0200.0000.0001"))
    bench.run(0.1)
    assert any(each[12:14] == b"\x88\xb5" for each in wire.outgoing)


def test_static_addresses_stay(bench: Bench) -> None:
    switch = bench.switch(
        "SW",
        "mac address-table static 0200.0000.0001 vlan 1 interface fa0/3\n"
        "interface range fa0/1 - 3\n spanning-tree portfast",
    )
    a, c = bench.pc("A", "10.0.0.1/24"), bench.pc("C", "10.0.0.3/24")
    bench.cable(switch, "Fa0/1", a)
    bench.cable(switch, "Fa0/3", c)
    bench.run(3)
    a.ports["FastEthernet0"].send(frame(BROADCAST, "0200.0000.0001"))
    bench.run(1000)
    assert "   1    0200.0000.0001    STATIC      Fa0/3" in show(switch, "show mac address-table static")
    configure(switch, "no mac address-table static 0200.0000.0001 vlan 1")
    assert not any("0200.0000.0001" in line for line in show(switch, "show mac address-table"))


def test_protected_ports_do_not_talk(bench: Bench) -> None:
    switch = bench.switch(
        "SW",
        "interface range fa0/1 - 3\n spanning-tree portfast\ninterface range fa0/1 - 2\n switchport protected",
    )
    a, b, c = bench.pc("A", "10.0.0.1/24"), bench.pc("B", "10.0.0.2/24"), bench.pc("C", "10.0.0.3/24")
    for port, pc in (("Fa0/1", a), ("Fa0/2", b), ("Fa0/3", c)):
        bench.cable(switch, port, pc)
    bench.run(3)
    assert not reaches(bench, a, "10.0.0.2")
    assert reaches(bench, a, "10.0.0.3")


def test_an_svi_answers(bench: Bench) -> None:
    switch = bench.switch(
        "SW",
        ACCESS + "interface vlan 10\n ip address 10.0.0.254 255.255.255.0\n no shutdown",
    )
    a, c = bench.pc("A", "10.0.0.1/24"), bench.pc("C", "10.0.0.3/24")
    bench.cable(switch, "Fa0/1", a)
    bench.cable(switch, "Fa0/3", c)
    bench.run(3)
    assert reaches(bench, a, "10.0.0.254")
    assert reaches(bench, switch, "10.0.0.1")
    assert not reaches(bench, c, "10.0.0.254")
    configure(switch, "interface fa0/1\n shutdown")
    bench.run(5)
    assert not switch.interfaces["Vlan10"].protocol_up


def test_a_suspended_vlan_carries_nothing(bench: Bench) -> None:
    switch = bench.switch("SW", ACCESS)
    a, b = bench.pc("A", "10.0.0.1/24"), bench.pc("B", "10.0.0.2/24")
    bench.cable(switch, "Fa0/1", a)
    bench.cable(switch, "Fa0/2", b)
    bench.run(3)
    assert reaches(bench, a, "10.0.0.2")
    configure(switch, "vlan 10\n state suspend")
    assert not reaches(bench, a, "10.0.0.2")
    configure(switch, "vlan 10\n state active")
    bench.run(2)
    assert reaches(bench, a, "10.0.0.2")
