"""The labs about switches: nothing is done at first, and what the hints say gives all points."""

import pytest
from examined import score

from iosemu.lab.lab import Lab
from iosemu.shell.loader import load

EDGE = "interface FastEthernet0/1\nspanning-tree portfast\nspanning-tree bpduguard enable\n"
BUNDLE = "interface range FastEthernet0/11 - 12\nchannel-group 1 mode active\n"
REGION = (
    "spanning-tree mode mst\nspanning-tree mst configuration\nname CAMPUS\nrevision 1\n"
    "no instance 1\ninstance 1 vlan 10\ninstance 2 vlan 20\n"
)
SOLUTIONS = {
    "vlan-trunk": {
        "SW1": (
            "vlan 20\nvlan 99\ninterface FastEthernet0/1\nswitchport mode access\nswitchport access vlan 10\n"
            "interface FastEthernet0/2\nswitchport mode access\nswitchport access vlan 20\n"
            "interface GigabitEthernet0/1\nswitchport trunk native vlan 99\n"
            "interface FastEthernet0/24\nswitchport mode trunk"
        ),
        "R1": "\n".join(
            f"interface FastEthernet0/0.{vlan}\nencapsulation dot1Q {vlan}\n"
            f"ip address 192.168.{vlan}.1 255.255.255.0"
            for vlan in (10, 20)
        ),
    },
    "stp": {
        "SW1": (
            "spanning-tree mode rapid-pvst\nspanning-tree vlan 10 root primary\n"
            f"spanning-tree vlan 20 root secondary\n{EDGE}"
        ),
        "SW2": (
            "spanning-tree mode rapid-pvst\nspanning-tree vlan 20 root primary\n"
            f"spanning-tree vlan 10 root secondary\n{EDGE}"
        ),
        "SW3": (
            "spanning-tree mode rapid-pvst\nno spanning-tree vlan 10,20 priority\n"
            "interface GigabitEthernet0/2\nno spanning-tree bpduguard enable\nshutdown\nno shutdown"
        ),
    },
    "etherchannel": {
        "SW2": (
            "interface FastEthernet0/12\nno speed\nno duplex\n"
            f"{BUNDLE}interface Port-channel1\nswitchport mode trunk"
        ),
        "SW1": (
            f"port-channel load-balance src-dst-ip\n{BUNDLE}interface Port-channel1\nswitchport mode trunk\n"
            "interface range GigabitEthernet0/1 - 2\nchannel-group 2 mode active"
        ),
    },
    "port-security": {
        "SW1": (
            "errdisable recovery cause psecure-violation\nerrdisable recovery interval 30\n"
            "interface FastEthernet0/24\nno switchport port-security mac-address 0002.fdb2.43a9\n"
            "shutdown\nno shutdown\ninterface FastEthernet0/1\nswitchport port-security\n"
            "switchport port-security mac-address sticky\ninterface FastEthernet0/2\nswitchport mode access\n"
            "switchport port-security maximum 2\nswitchport port-security violation restrict\n"
            "switchport port-security aging time 10\nswitchport port-security aging type inactivity\n"
            "switchport port-security\ninterface range FastEthernet0/3 - 23\nshutdown"
        ),
    },
    "lan-guards": {
        "SW1": (
            "ip dhcp snooping\nip dhcp snooping vlan 10\nno ip dhcp snooping information option\n"
            "arp access-list PRINTER\npermit ip host 192.168.10.50 mac any\n"
            "ip arp inspection vlan 10\nip arp inspection filter PRINTER vlan 10\n"
            "errdisable recovery cause arp-inspection\nerrdisable recovery cause dhcp-rate-limit\n"
            "errdisable recovery interval 60\n"
            "interface GigabitEthernet0/1\nip dhcp snooping trust\nip arp inspection trust\n"
            "interface FastEthernet0/4\nip dhcp snooping limit rate 10\n"
            "interface range FastEthernet0/1 - 2\nip verify source"
        ),
    },
    "mst": {
        "SW1": f"{REGION}spanning-tree mst 0-1 root primary\nspanning-tree mst 2 root secondary",
        "SW2": f"{REGION}spanning-tree mst 2 root primary\nspanning-tree mst 1 root secondary",
        "SW3": (
            f"{REGION}no spanning-tree mst 0-1 priority\n"
            "interface GigabitEthernet0/2\nswitchport trunk allowed vlan add 20"
        ),
    },
    "dot1x": {
        "SW1": (
            "no radius-server host 192.168.10.100 auth-port 1812 acct-port 1813\n"
            "radius-server host 192.168.10.100 auth-port 1812 acct-port 1813 key LabRadius\n"
            "aaa authentication dot1x default group radius\naaa authorization network default group radius\n"
            "dot1x system-auth-control\n"
            "interface FastEthernet0/1\nauthentication periodic\nauthentication timer reauthenticate 600\n"
            "interface FastEthernet0/2\nauthentication event no-response action authorize vlan 30\n"
            "interface FastEthernet0/3\nauthentication event fail retry 0 action authorize vlan 40\n"
            "interface range FastEthernet0/1 - 3\ndot1x pae authenticator\nauthentication port-control auto"
        ),
    },
}
PINGS = {
    "mst": {"PC4": "ping 192.168.20.12"},
    "lan-guards": dict.fromkeys(("PC1", "PC2"), "ipconfig /release\nipconfig /renew"),
    "port-security": {"PC1": "ping 192.168.1.1"},
    "vlan-trunk": {"PC1": "ping 192.168.20.14"},
    "etherchannel": {"PC2": "ping 192.168.10.1"},
}


@pytest.mark.parametrize("name", SOLUTIONS)
def test_what_the_hints_say_gives_all_points(name: str) -> None:
    lab = Lab.load(name, seed=1)
    lab.boot()
    lab.advance(60)
    assert score(lab)[0] == 0
    for device, text in SOLUTIONS[name].items():
        assert load(lab[device], lab.grammar, text) == []
    lab.advance(120)
    for device, commands in PINGS.get(name, {}).items():
        session = lab.session(device, hidden=True)
        assert session is not None
        for command in commands.splitlines():
            session.run(command)
            lab.advance(10)
    done, report = score(lab)
    assert done == 100, report
