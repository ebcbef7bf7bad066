"""The VLAN database: lists, names, refusals, and that it outlives a restart."""

from __future__ import annotations

from switch_lab import Bench, configure, has_block, refused, running_config, show

from iosemu.bridging.vlans import VlanConfig


def test_lists_make_several_vlans() -> None:
    switch = Bench().switch("SW", "vlan 10,20-22\n remote-span\nvlan 30\n name THIRTY\nno vlan 21")
    assert sorted(switch.config.of(VlanConfig).vlans) == [1, 10, 20, 22, 30, 1002, 1003, 1004, 1005]
    assert switch.config.of(VlanConfig).vlans[22].remote_span
    assert any(line.startswith("30   THIRTY") for line in show(switch, "show vlan brief"))
    assert has_block(show(switch, "show vlan"), "Remote SPAN VLANs", "-" * 78, "10,20,22")


def test_a_missing_access_vlan_is_made() -> None:
    switch = Bench().switch("SW", "interface fa0/1\n switchport access vlan 7")
    assert 7 in switch.config.of(VlanConfig).vlans


def test_refusals() -> None:
    switch = Bench().switch("SW", "vlan 10\n name RED")
    assert refused(switch, "no vlan 1") == "%Default VLAN 1 may not be deleted."
    assert "1002" in refused(switch, "no vlan 1002")
    assert "Invalid input" in refused(switch, "vlan 1003")
    assert "Invalid input" in refused(switch, "vlan 4095")
    assert refused(switch, "vlan 11\n name RED") == "%Duplicate VLAN name RED"
    assert "too long" in refused(switch, f"vlan 11\n name {'x' * 33}")


def test_the_database_outlives_a_restart() -> None:
    bench = Bench()
    switch = bench.switch("SW", "vlan 10\n name RED")
    switch.power_off()
    switch.boot()
    assert switch.config.of(VlanConfig).vlans[10].name == "RED"
    assert "vlan 10" not in running_config(switch)
    configure(switch, "vtp mode transparent")
    assert has_block(running_config(switch), "vtp mode transparent", "!", "vlan 10", " name RED")
    switch.flash["vlan.dat"] = b"{not a database"
    switch.power_off()
    switch.boot()
    assert 10 not in switch.config.of(VlanConfig).vlans
    assert any(message.mnemonic == "BAD_VLAN_CONFIGURATION_FILE" for message in switch.syslog.messages)


def test_show_vlan_filters() -> None:
    switch = Bench().switch("SW", "vlan 10\n name RED")
    assert any(line.startswith("10   RED") for line in show(switch, "show vlan id 10"))
    assert any(line.startswith("10   RED") for line in show(switch, "show vlan name RED"))
    assert "VLAN id 11 not found in current VLAN database" in show(switch, "show vlan id 11")
    assert "Number of existing VLANs              : 6" in show(switch, "show vlan summary")
    status = show(switch, "show vtp status")
    assert "VTP Operating Mode                : Server" in status
    assert "Configuration last modified by 0.0.0.0 at 1-1-24 00:00:00" in status
    old = Bench().switch("OLD", "vtp domain LAB", model_name="catalyst-2950-24")
    assert "VTP Domain Name                 : LAB" in show(old, "show vtp status")


def test_equal_databases_have_equal_digests() -> None:
    def digest(config: str) -> list[str]:
        status = show(Bench().switch("SW", config), "show vtp status")
        return status[-2:]

    assert digest("vlan 10") == digest("vlan 10,20\nno vlan 20")
    assert digest("vlan 10") != digest("vlan 11")


def test_one_vlan_is_shown_with_the_trunks_that_carry_it() -> None:
    bench = Bench()
    trunk = "interface fa0/1\n switchport mode trunk"
    switch = bench.switch(
        "SW1", "vlan 10\nvlan 20\n remote-span\ninterface fa0/5\n switchport access vlan 10\n" + trunk
    )
    bench.cable(switch, "Fa0/1", bench.switch("SW2", trunk), "Fa0/1")
    bench.run(40)
    assert any(line.endswith("active    Fa0/1, Fa0/5") for line in show(switch, "show vlan id 10"))
    assert any(line.endswith("active    Fa0/5") for line in show(switch, "show vlan brief"))
    configure(switch, "interface fa0/1\n switchport trunk allowed vlan 20")
    assert any(line.endswith("active    Fa0/5") for line in show(switch, "show vlan id 10"))
    assert show(switch, "show vlan remote-span")[-1] == "20"
