"""A multilayer switch: VLAN interfaces and ports that route."""

from __future__ import annotations

from switch_lab import Bench, configure, has_block, reaches, refused, running_config, show

MODEL = "catalyst-3560-24ps"
VLANS = """
vlan 10,20
interface range fa0/1 - 4
 switchport mode access
 spanning-tree portfast
interface fa0/1
 switchport access vlan 10
interface fa0/2
 switchport access vlan 20
interface vlan 10
 ip address 10.0.10.1 255.255.255.0
 no shutdown
interface vlan 20
 ip address 10.0.20.1 255.255.255.0
 no shutdown
"""


def test_it_routes_between_vlans_once_told() -> None:
    bench = Bench()
    switch = bench.switch("SW", VLANS, model_name=MODEL)
    a, b = bench.pc("A", "10.0.10.2/24", "10.0.10.1"), bench.pc("B", "10.0.20.2/24", "10.0.20.1")
    bench.cable(switch, "Fa0/1", a)
    bench.cable(switch, "Fa0/2", b)
    bench.run(5)
    assert reaches(bench, a, "10.0.10.1")
    assert not reaches(bench, a, "10.0.20.2")
    configure(switch, "ip routing")
    assert reaches(bench, a, "10.0.20.2")
    assert "ip routing" in running_config(switch)
    assert any("10.0.20.0/24 is directly connected, Vlan20" in line for line in show(switch, "show ip route"))
    configure(switch, "no ip routing")
    assert not reaches(bench, a, "10.0.20.2")


def test_a_routed_port_leaves_the_vlans() -> None:
    bench = Bench()
    switch = bench.switch(
        "SW",
        VLANS + "ip routing\nip route 10.9.0.0 255.255.0.0 192.168.0.2\n"
        "interface fa0/24\n no switchport\n ip address 192.168.0.1 255.255.255.252",
        model_name=MODEL,
    )
    router = bench.router(
        "R",
        "interface fa0/0\n ip address 192.168.0.2 255.255.255.252\ninterface loopback 0\n"
        " ip address 10.9.9.9 255.255.255.255\nip route 10.0.0.0 255.0.0.0 192.168.0.1",
    )
    a = bench.pc("A", "10.0.10.2/24", "10.0.10.1")
    bench.cable(switch, "Fa0/1", a)
    bench.cable(switch, "Fa0/24", router, "Fa0/0")
    bench.run(5)
    assert reaches(bench, a, "10.9.9.9")
    assert has_block(
        running_config(switch),
        "interface FastEthernet0/24",
        " no switchport",
        " ip address 192.168.0.1 255.255.255.252",
    )
    assert any("routed" in line for line in show(switch, "show interfaces fa0/24 status"))
    assert not any("Fa0/24" in line for line in show(switch, "show vlan brief"))
    assert not any("Fa0/24" in line for line in show(switch, "show spanning-tree"))
    assert any("R " in line and "Fas 0/24" in line for line in show(switch, "show cdp neighbors"))
    assert "not a switching port" in refused(switch, "interface fa0/24\n switchport mode access")
    configure(switch, "interface fa0/24\n switchport")
    assert any("Fa0/24" in line for line in show(switch, "show vlan brief"))
    assert not reaches(bench, a, "10.9.9.9")


def test_trunks_need_an_encapsulation() -> None:
    switch = Bench().switch("SW", model_name=MODEL)
    assert "trunk encapsulation is" in refused(switch, "interface gi0/1\n switchport mode trunk")
    configure(switch, "interface gi0/1\n switchport trunk encapsulation dot1q\n switchport mode trunk")
    assert has_block(
        running_config(switch), " switchport trunk encapsulation dot1q", " switchport mode trunk"
    )


def test_a_layer_2_switch_cannot_route_on_a_port() -> None:
    assert "Invalid input" in refused(Bench().switch("SW"), "interface fa0/1\n no switchport")


def test_the_running_configuration_can_be_typed() -> None:
    first = Bench().switch(
        "SW",
        VLANS + "ip routing\nip route 0.0.0.0 0.0.0.0 192.168.0.2\ninterface fa0/24\n no switchport\n"
        " ip address 192.168.0.1 255.255.255.252\ninterface range gi0/1 - 2\n"
        " switchport trunk encapsulation dot1q\n switchport mode trunk\n channel-group 2 mode active",
        model_name=MODEL,
    )
    lines = running_config(first)
    second = Bench().switch("SW", "vlan 10,20\n" + "\n".join(lines), model_name=MODEL)
    assert running_config(second) == lines


def test_a_switch_that_routes_has_loopbacks() -> None:
    bench = Bench()
    loopback = "interface loopback 0\n ip address 10.9.9.9 255.255.255.255\nip routing\n"
    switch = bench.switch("SW", VLANS + loopback, model_name=MODEL)
    a = bench.pc("A", "10.0.10.2/24", "10.0.10.1")
    bench.cable(switch, "Fa0/1", a)
    bench.run(5)
    assert reaches(bench, a, "10.9.9.9")
    assert has_block(running_config(switch), "interface Loopback0", " ip address 10.9.9.9 255.255.255.255")
    configure(switch, "no interface loopback 0")
    assert not reaches(bench, a, "10.9.9.9")


def test_a_layer_2_switch_has_no_loopbacks() -> None:
    assert "Invalid input" in refused(Bench().switch("SW"), "interface loopback 0")
