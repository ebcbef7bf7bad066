"""What a switch works out again, and what it does not."""

from __future__ import annotations

import pytest

from iosemu.bridging.bridge import Bridge
from iosemu.bridging.ports import SwitchPorts
from iosemu.bridging.vlans import VlanConfig
from iosemu.net.stp import SpanningTree
from iosemu.subjects.spanning_tree.service import SpanningTrees
from iosemu.subjects.vlan import store
from tests.unit.switch.switch_lab import Bench, configure

TRUNKS = "interface range fa0/1 - 2\n switchport mode trunk\n"


def test_a_port_is_asked_once_for_many_frames(monkeypatch):
    bench = Bench()
    switch = bench.switch("SW", TRUNKS)
    plane = switch.service(Bridge).plane
    asked: list[str] = []
    real = SwitchPorts.is_trunking
    monkeypatch.setattr(SwitchPorts, "is_trunking", lambda self, name: asked.append(name) or real(self, name))
    plane.ports_changed()
    for _ in range(50):
        assert plane.classify("FastEthernet0/1", bytes(60)) == 1
    assert asked == ["FastEthernet0/1"]
    configure(switch, "interface fa0/1\n switchport trunk native vlan 7\nvlan 7\n")
    assert plane.classify("FastEthernet0/1", bytes(60)) == 7
    configure(switch, "interface fa0/1\n switchport mode access\n switchport access vlan 9\n")
    assert plane.classify("FastEthernet0/1", bytes(60)) == 9


@pytest.mark.parametrize("vlans", [5, 40])
def test_a_vlan_more_concerns_its_own_tree(monkeypatch, vlans):
    switch = Bench().switch("SW", TRUNKS + f"vlan 2-{vlans}\n")
    touched: list[str] = []
    real = SpanningTree.port_down
    monkeypatch.setattr(
        SpanningTree, "port_down", lambda self, name, now: touched.append(name) or real(self, name, now)
    )
    configure(switch, "vlan 100\n")
    trees = switch.service(SpanningTrees).instances
    assert 100 in trees
    assert sorted(touched) == sorted(trees[100].ports)


def test_a_configuration_that_is_loaded_makes_one_file(monkeypatch):
    switch = Bench().switch("SW")
    written: list[int] = []
    real = store.Written.dump
    monkeypatch.setattr(
        store.Written, "dump", lambda self, config: written.append(len(config.vlans)) or real(self, config)
    )
    configure(switch, "\n".join(f"vlan {number}" for number in range(10, 30)))
    config = switch.config.of(VlanConfig)
    assert store.load(switch.flash["vlan.dat"]) == config
    configure(switch, "interface fa0/1\n description nothing of VLANs\n")
    assert written == [len(config.vlans)]
