"""What a switch's running configuration says, typed into another switch, gives the same state."""

from __future__ import annotations

import pytest
from switch_lab import Bench, configure, running_config

from iosemu.box.system import SystemConfig
from iosemu.bridging.vlans import VlanConfig

CONFIGS = [
    "",
    "spanning-tree mode rapid-pvst\nspanning-tree loopguard default\n"
    "spanning-tree portfast default\nspanning-tree portfast bpduguard default\n"
    "spanning-tree vlan 1,5-7 priority 8192\nspanning-tree vlan 1 hello-time 3\nspanning-tree vlan 5 max-age 30\n"
    "spanning-tree vlan 6 forward-time 20\nno spanning-tree vlan 9",
    "interface fa0/1\n description to PC A\n switchport mode access\n switchport access vlan 10\n"
    " switchport voice vlan 11\n switchport protected\n spanning-tree portfast\n"
    " spanning-tree bpduguard disable\n spanning-tree cost 7\n spanning-tree vlan 10 cost 8\n"
    " spanning-tree port-priority 64\n spanning-tree guard root\n"
    " spanning-tree bpdufilter enable\n spanning-tree link-type shared\n"
    " spanning-tree vlan 10 port-priority 32\n shutdown\n speed 100\n duplex full",
    "interface range gi0/1 - 2\n switchport mode trunk\n switchport trunk native vlan 99\n"
    " switchport trunk allowed vlan 1,10-20,99\n switchport nonegotiate\n spanning-tree portfast trunk",
    "vtp mode transparent\nvtp domain LAB\nvlan 10,20\nvlan 10\n name RED\n mtu 1496\nvlan 20\n remote-span\n"
    "vlan 30\n state suspend\n shutdown",
    "mac address-table aging-time 0\nmac address-table static 0200.0000.0001 vlan 1 interface fa0/9",
    "interface vlan 5\n ip address 10.0.5.1 255.255.255.0\n no shutdown\nip default-gateway 10.0.5.254",
    "vlan 99\n remote-span\nmonitor session 1 source interface fa0/1 - 3 , fa0/7 rx\n"
    "monitor session 1 source interface fa0/9\nmonitor session 1 filter vlan 1-3\n"
    "monitor session 1 destination interface fa0/24 encapsulation replicate ingress dot1q vlan 5\n"
    "monitor session 2 source vlan 4-6 tx\nmonitor session 2 destination remote vlan 99",
]


@pytest.mark.parametrize("text", CONFIGS)
def test_parse_of_render_is_the_state(text: str) -> None:
    first = Bench().switch("SW", text)
    lines = running_config(first)
    second = Bench().switch("SW")
    second.flash.clear()
    second.flash.update(first.flash)
    second.power_off()
    second.boot()
    configure(second, "\n".join(lines))
    assert running_config(second) == lines
    for box in (first, second):
        box.config.of(VlanConfig).revision = 0
        box.config.drop(SystemConfig)
    assert second.config == first.config


def test_a_line_takes_the_place_of_another_one_however_both_were_spaced() -> None:
    switch = Bench().switch("SW", "line con 0\n rotary A1  x\n rotary B2\n")
    assert [line for line in running_config(switch) if "rotary" in line] == [" rotary B2"]
