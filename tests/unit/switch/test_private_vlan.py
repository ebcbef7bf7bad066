"""Private VLANs: who hears whom, what is learned where, what is kept, and what guards make of them."""

from __future__ import annotations

from switch_lab import Bench, Wire, configure, reaches, refused, show

from iosemu.box.device import Device
from iosemu.bridging.bridge import Bridge
from iosemu.bridging.plane import SwitchingPlane
from iosemu.bridging.private_vlans import PrivateVlans
from iosemu.bridging.switchport import Switchport, SwitchportMode
from iosemu.bridging.vlans import Vlan, VlanConfig

VLANS = (
    "vtp mode transparent\nvlan 100\n private-vlan primary\n private-vlan association 501-503\n"
    "vlan 501\n private-vlan isolated\nvlan 502\n private-vlan community\nvlan 503\n private-vlan community\n"
)


def host(number: int, second: int) -> str:
    """A host's port."""
    return (
        f"interface fa0/{number}\n switchport private-vlan host-association 100 {second}\n"
        " switchport mode private-vlan host\n spanning-tree portfast\n"
    )


PORTS = (
    host(1, 501) + host(2, 501) + host(3, 502) + host(4, 502) + host(5, 503) + "interface fa0/6\n"
    " switchport private-vlan mapping 100 501-502\n switchport mode private-vlan promiscuous\n spanning-tree portfast\n"
)


class Parted:
    """A Catalyst 3560 with hosts 1, 2 (isolated), 3, 4 and 5 (two communities), and 6 that all should hear."""

    def __init__(self, more: str = "") -> None:
        self.bench = Bench()
        self.switch: Device = self.bench.switch("SW", VLANS + PORTS + more, "catalyst-3560-24ps")
        self.pcs = {number: self.bench.pc(f"PC{number}", f"10.0.0.{number}/24") for number in range(1, 7)}
        for number, pc in self.pcs.items():
            self.bench.cable(self.switch, f"Fa0/{number}", pc)
        self.bench.run(3)

    def reaches(self, source: int, destination: int) -> bool:
        """Whether a ping is answered."""
        return reaches(self.bench, self.pcs[source], f"10.0.0.{destination}")

    @property
    def plane(self) -> SwitchingPlane:
        """The plane of the switch."""
        return self.switch.service(Bridge).plane


def test_who_hears_whom() -> None:
    parted = Parted()
    heard = {(a, b) for a in range(1, 7) for b in range(1, 7) if a < b and parted.reaches(a, b)}
    assert heard == {(1, 6), (2, 6), (3, 4), (3, 6), (4, 6)}


def test_isolated_hosts_do_not_hear_each_other_where_addresses_are_known() -> None:
    parted = Parted()
    for number in (1, 2):
        assert parted.reaches(number, 6)
    wire = Wire(parted.pcs[2], "Fa0")
    one, two = (parted.pcs[number].interfaces["FastEthernet0"] for number in (1, 2))
    one.send(b"".join((two.mac, one.mac, b"\x90\x00", bytes(46))))
    parted.bench.run(0.1)
    assert not any(frame[:6] == two.mac for frame in wire.incoming)


def test_addresses_are_shared_by_primary_and_secondary() -> None:
    parted = Parted()
    parted.reaches(3, 6)
    mac = parted.pcs[3].interfaces["FastEthernet0"].mac
    rows = {
        each.vlan: each.replica for each in parted.switch.service(Bridge).mac_entries() if each.address == mac
    }
    assert rows == {100: True, 502: False}
    mac = parted.pcs[6].interfaces["FastEthernet0"].mac
    rows = {
        each.vlan: each.replica for each in parted.switch.service(Bridge).mac_entries() if each.address == mac
    }
    assert rows == {100: False, 501: True, 502: True, 503: True}


def test_a_port_without_a_valid_association_carries_nothing() -> None:
    parted = Parted("vlan 502\n no private-vlan community\n")
    assert not parted.reaches(3, 6)
    assert parted.plane.port("FastEthernet0/3").vlans == frozenset()
    configure(parted.switch, "vlan 502\n private-vlan community\n")
    assert parted.reaches(3, 6)
    configure(parted.switch, "interface fa0/3\n switchport mode access\n")
    assert parted.plane.port("FastEthernet0/3").untagged == 1


def test_a_private_port_is_no_trunk() -> None:
    parted = Parted()
    row = show(parted.switch, "show interfaces fa0/1 trunk")[2]
    assert row.split() == ["Fa0/1", "off", "802.1q", "not-trunking", "1"]


def test_the_database_keeps_types_and_associations() -> None:
    parted = Parted()
    parted.bench.run(1)
    parted.switch.power_off()
    parted.switch.boot()
    parted.bench.run(3)
    vlans = parted.switch.config.of(VlanConfig).vlans
    assert (vlans[100].private, vlans[100].associated) == ("primary", (501, 502, 503))
    assert vlans[501].private == "isolated"


def test_guards_see_the_primary_vlan() -> None:
    parted = Parted("ip arp inspection vlan 100\n")
    assert not parted.reaches(3, 4)
    configure(parted.switch, "no ip arp inspection vlan 100\n")
    assert parted.reaches(3, 4)


def test_a_list_of_associations_is_judged_as_a_whole() -> None:
    parted = Parted("vlan 600\n private-vlan primary\nvlan 504\n private-vlan isolated\n")
    assert "already associated" in refused(parted.switch, "vlan 600\n private-vlan association 502\n")
    assert "only one isolated" in refused(parted.switch, "vlan 100\n private-vlan association add 504\n")
    assert "association" in refused(parted.switch, "vlan 600\n private-vlan association 600\n")
    rows = show(parted.switch, "show vlan private-vlan")
    assert "600               primary" in rows
    assert "        504       isolated" in rows
    assert show(parted.switch, "show vlan id 503")[-2].split() == ["100", "503", "community", "Fa0/5"]


def test_what_is_valid() -> None:
    config = VlanConfig({1: Vlan(1), 2: Vlan(2, private="primary", associated=(3, 4, 5))})
    config.vlans |= {
        3: Vlan(3, private="isolated"),
        4: Vlan(4, private="community", suspended=True),
        5: Vlan(5),
    }
    private = PrivateVlans.of(config)
    assert private.primary_of == {3: 2}
    assert private.isolated == {3}
    port = Switchport(SwitchportMode.PRIVATE_PROMISCUOUS, private_mapping=(2, frozenset({4})))
    assert private.port(port) is None
    assert private.port(Switchport(SwitchportMode.PRIVATE_HOST)) is None
    assert private.port(Switchport(SwitchportMode.PRIVATE_PROMISCUOUS)) is None
