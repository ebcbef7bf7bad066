"""EtherChannel: who bundles with whom, what a lost member costs, what does not fit."""

from __future__ import annotations

import pytest
from switch_lab import Bench, Wire, configure, has_block, pings, reaches, refused, running_config, show

from iosemu.packets.ethernet import tag_of
from iosemu.subjects.etherchannel.config import ChannelMember
from iosemu.subjects.etherchannel.service import EtherChannels

PORTS = ("FastEthernet0/1", "FastEthernet0/2")


class Bundled:
    """Two switches with two cables between them, and a PC on each."""

    def __init__(self, left: str, right: str, extra: str = "") -> None:
        self.bench = Bench()
        host = "interface fa0/10\n spanning-tree portfast\n" + extra
        self.left = self.bench.switch(
            "L",
            host
            + f"spanning-tree vlan 1 root primary\ninterface range fa0/1 - 2\n channel-group 1 mode {left}",
        )
        self.right = self.bench.switch(
            "R", host + f"interface range fa0/1 - 2\n channel-group 1 mode {right}"
        )
        self.links = [
            self.bench.cable(self.left, f"Fa0/{number}", self.right, f"Fa0/{number}") for number in (1, 2)
        ]
        self.a, self.b = self.bench.pc("A", "10.0.0.1/24"), self.bench.pc("B", "10.0.0.2/24")
        self.bench.cable(self.left, "Fa0/10", self.a)
        self.bench.cable(self.right, "Fa0/10", self.b)
        self.bench.run(50)

    def letters(self) -> str:
        return "".join(
            switch.service(EtherChannels).status(port) for switch in (self.left, self.right) for port in PORTS
        )


@pytest.mark.parametrize(
    ("left", "right", "letters"),
    [
        ("on", "on", "PPPP"), ("active", "active", "PPPP"), ("active", "passive", "PPPP"),
        ("passive", "passive", "IIII"),
    ],
)  # fmt: skip
def test_outcomes(left: str, right: str, letters: str) -> None:
    lab = Bundled(left, right)
    assert lab.letters() == letters
    assert reaches(lab.bench, lab.a, "10.0.0.2")


def test_a_lost_member_costs_nothing() -> None:
    lab = Bundled("active", "passive")
    assert reaches(lab.bench, lab.a, "10.0.0.2")
    for link in lab.links:
        link.plugged = False
        assert pings(lab.bench, lab.a, "10.0.0.2", 5) == [True] * 5
        link.plugged = True
        lab.bench.run(5)
        assert lab.letters() == "PPPP"
    assert not any("SPANTREE" in each.facility for each in lab.left.syslog.messages)


def test_the_bundle_is_one_port_of_the_tree() -> None:
    lab = Bundled("on", "on")
    table = show(lab.right, "show spanning-tree")
    assert "Po1                 Root FWD 12        128.65   P2p " in table
    assert not any(line.startswith(("Fa0/1 ", "Fa0/2 ")) for line in table)
    assert reaches(lab.bench, lab.a, "10.0.0.2")
    assert any("Po1" in line for line in show(lab.right, "show mac address-table"))
    lab.links[0].plugged = False
    assert "Po1                 Root FWD 19        128.65   P2p " in show(lab.right, "show spanning-tree")


def test_summary() -> None:
    lab = Bundled("active", "active")
    assert has_block(
        show(lab.left, "show etherchannel summary"),
        "Group  Port-channel  Protocol    Ports",
        "------+-------------+-----------+-----------------------------------------------",
        "1      Po1(SU)         LACP      Fa0/1(P)    Fa0/2(P)    ",
    )
    neighbor = show(lab.left, "show lacp neighbor")
    assert any(lab.right.base_mac.dotted in line and line.startswith("Fa0/1") for line in neighbor)


def test_settings_of_the_bundle_reach_its_members() -> None:
    lab = Bundled("active", "active", "vlan 10,20\n")
    for switch in (lab.left, lab.right):
        configure(switch, "interface po1\n switchport mode trunk\n switchport trunk allowed vlan 1,10")
    lab.bench.run(40)
    assert lab.letters() == "PPPP"
    assert has_block(
        running_config(lab.left),
        "interface FastEthernet0/1",
        " switchport trunk allowed vlan 1,10",
        " switchport mode trunk",
        " channel-group 1 mode active",
    )
    wires = [Wire(lab.left, port) for port in ("Fa0/1", "Fa0/2")]
    for switch in (lab.left, lab.right):
        configure(switch, "interface fa0/10\n switchport access vlan 10")
    lab.bench.run(5)
    assert reaches(lab.bench, lab.a, "10.0.0.2")
    tags = {
        tag.vlan
        for wire in wires
        for frame in wire.outgoing
        if frame[16:18] == b"\x08\x00" and (tag := tag_of(frame)) is not None
    }
    assert tags == {10}


def test_a_member_that_differs_is_suspended() -> None:
    lab = Bundled("on", "on")
    configure(lab.left, "interface fa0/2\n switchport mode access\n switchport access vlan 7")
    assert lab.left.service(EtherChannels).status("FastEthernet0/2") == "s"
    assert lab.left.service(EtherChannels).active("Port-channel1") == ["FastEthernet0/1"]


def test_shutting_the_bundle_shuts_its_members() -> None:
    lab = Bundled("active", "active")
    configure(lab.left, "interface po1\n shutdown")
    assert lab.left.config.interfaces["FastEthernet0/1"].shutdown
    assert not reaches(lab.bench, lab.a, "10.0.0.2")
    configure(lab.left, "interface po1\n no shutdown")
    lab.bench.run(40)
    assert reaches(lab.bench, lab.a, "10.0.0.2")


def test_a_silent_partner_is_lost_after_ninety_seconds() -> None:
    lab = Bundled("active", "active")
    configure(lab.right, "interface range fa0/1 - 2\n no channel-group")
    lab.bench.run(30)
    assert "P" in lab.letters()[:2]
    lab.bench.run(61)
    assert lab.letters()[:2] == "II"


def test_load_balancing_spreads_by_address() -> None:
    lab = Bundled("on", "on")
    configure(lab.left, "port-channel load-balance src-dst-ip")
    assert "port-channel load-balance src-dst-ip" in running_config(lab.left)
    assert "        src-dst-ip" in show(lab.left, "show etherchannel load-balance")


def test_refusals() -> None:
    switch = Bench().switch("SW", "interface fa0/1\n channel-group 1 mode on")
    assert "protocol mismatch" in refused(switch, "interface fa0/2\n channel-group 1 mode active")
    configure(switch, "interface range fa0/2 - 8\n channel-group 1 mode on")
    assert "maximum" in refused(switch, "interface fa0/9\n channel-group 1 mode on")


def test_removing_the_bundle_shuts_its_members() -> None:
    switch = Bench().switch("SW", "interface fa0/1\n channel-group 1 mode on\nno interface po1")
    member = switch.config.interfaces["FastEthernet0/1"]
    assert member.shutdown
    assert member.of(ChannelMember).group is None


def test_joining_and_leaving_are_announced() -> None:
    lab = Bundled("active", "active")
    lab.links[0].plugged = False
    lab.bench.run(1)
    texts = [message.text for message in lab.left.syslog.messages if message.facility == "EC"]
    assert texts == [
        "Interface Fa0/1 joined port-channel Po1",
        "Interface Fa0/2 joined port-channel Po1",
        "Interface Fa0/1 left the port-channel Po1",
    ]


def test_span_sees_one_member_or_the_whole_bundle() -> None:
    for source, whole in (("fa0/1 - 2", True), ("po1", True), ("fa0/9", False)):
        lab = Bundled("on", "on")
        configure(
            lab.left,
            f"monitor session 1 source interface {source}\nmonitor session 1 destination interface fa0/24",
        )
        lab.bench.cable(lab.left, "Fa0/24", lab.bench.pc("W", "10.9.0.1/24"))
        lab.bench.run(3)
        wire = Wire(lab.left, "Fa0/24")
        assert reaches(lab.bench, lab.a, "10.0.0.2")
        echoes = [frame[34] for frame in wire.outgoing if frame[12:14] == b"\x08\x00"]
        assert sorted(set(echoes)) == ([0, 8] if whole else [])


def test_default_interface_leaves_the_bundle() -> None:
    lab = Bundled("on", "on")
    configure(lab.left, "default interface fa0/2")
    assert lab.left.service(EtherChannels).active("Port-channel1") == ["FastEthernet0/1"]
    assert " channel-group 1 mode on" not in show(lab.left, "show running-config interface fa0/2")
