"""Access lists on ports, MAC access lists and VLAN maps: which frames pass."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from switch_lab import Bench, Wire, configure, has_block, running_config, show

from iosemu.box.device import Device
from iosemu.packets.addresses import BROADCAST, MacAddress
from iosemu.packets.ethernet import EthernetFrame, EtherType, VlanTag, with_tag
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.subjects.acl.config import MacEntry, StationMatch

HOST, OTHER = MacAddress.from_string("0011.2233.4455"), MacAddress.from_string("0011.2244.0001")
BASE = "interface range fa0/1 - 3\n switchport mode access\n spanning-tree portfast\n"
ANY = StationMatch.from_parts()


def packet(source: str = "10.0.0.50", station: MacAddress = HOST) -> bytes:
    """A broadcast that carries IPv4."""
    data = IPv4Packet(IPv4Address(source), IPv4Address("10.0.0.9"), Protocol.UDP, bytes(12)).to_bytes()
    return EthernetFrame(BROADCAST, station, EtherType.IPV4, data).to_bytes()


def carrying(ethertype: int, station: MacAddress = HOST, payload: bytes = b"") -> bytes:
    """A broadcast that carries something else."""
    return EthernetFrame(BROADCAST, station, ethertype, payload).to_bytes()


class Filtered:
    """A Catalyst 3560 with three ports."""

    def __init__(self, more: str) -> None:
        self.bench = Bench()
        self.switch: Device = self.bench.switch("SW", BASE + more, "catalyst-3560-24ps")
        for number in (1, 2, 3):
            far = self.bench.pc(f"PC{number}", f"10.0.0.{number}/24")
            self.bench.cable(self.switch, f"Fa0/{number}", far)
        self.bench.run(3)
        self.wire = Wire(self.switch, "Fa0/3")

    def passes(self, frame: bytes, port: int = 1) -> bool:
        """Whether a frame that comes in is flooded."""
        before = len(self.wire.outgoing)
        self.switch.interfaces[f"FastEthernet0/{port}"].frame_received(frame)
        self.bench.run(0.01)
        return len(self.wire.outgoing) > before


def test_an_ip_list_judges_ip_alone() -> None:
    one = Filtered(
        "access-list 5 deny host 10.0.0.66\naccess-list 5 permit any\ninterface fa0/1\n ip access-group 5 in\n"
    )
    assert one.passes(packet())
    assert not one.passes(packet("10.0.0.66"))
    assert one.passes(packet("10.0.0.66"), port=2)
    assert one.passes(carrying(EtherType.ARP))
    assert not one.passes(packet()[:20]), "what cannot be read is denied"
    configure(one.switch, "no access-list 5\n")
    assert one.passes(packet("10.0.0.66")), "a list that does not exist lets everything pass"


def test_a_mac_list_judges_all_else() -> None:
    one = Filtered(
        "mac access-list extended M\n deny host 0011.2233.4455 any 0x9000 0xF\n permit any any\n"
        "interface fa0/1\n mac access-group M in\n"
    )
    assert one.passes(packet())
    assert not one.passes(carrying(0x9003))
    assert one.passes(carrying(0x9010))
    assert one.passes(carrying(0x9003, OTHER))
    configure(one.switch, "interface fa0/1\n no mac access-group M in\n")
    assert one.passes(carrying(0x9003))


def test_a_list_ends_in_a_denial() -> None:
    one = Filtered(
        "mac access-list extended M\n permit any any aarp\ninterface fa0/1\n mac access-group M in\n"
    )
    assert one.passes(carrying(0x80F3))
    assert not one.passes(carrying(EtherType.ARP))
    configure(one.switch, "mac access-list extended M\n no permit any any aarp\n")
    assert one.passes(carrying(EtherType.ARP)), "an empty list lets everything pass"


def test_what_routes_is_judged_by_the_router() -> None:
    one = Filtered("access-list 5 deny any\ninterface fa0/1\n ip access-group 5 in\n")
    assert not one.passes(packet())
    configure(one.switch, "interface fa0/1\n no switchport\n")
    configure(one.switch, "interface fa0/1\n switchport\n no ip access-group 5 in\n")
    one.bench.run(40)
    assert one.passes(packet())


@pytest.mark.parametrize(
    ("entry", "frame", "cos", "met"),
    [
        (MacEntry("permit", ANY, ANY), carrying(0x0BAD), 0, True),
        (MacEntry("permit", ANY, ANY, "vines-ip"), carrying(0x0BAD), 0, True),
        (MacEntry("permit", ANY, ANY, "vines-echo"), carrying(0x0BAD), 0, False),
        (MacEntry("permit", ANY, ANY, cos=4), carrying(0x0BAD), 4, True),
        (MacEntry("permit", ANY, ANY, cos=4), carrying(0x0BAD), 0, False),
        (
            MacEntry.from_parts("permit", ANY, ANY, lsap="0x4242", lsap_mask="0"),
            carrying(3, payload=b"BB\3"),
            0,
            True,
        ),
        (MacEntry.from_parts("permit", ANY, ANY, lsap="0x4242", lsap_mask="0"), carrying(0x4242), 0, False),
        (
            MacEntry.from_parts("permit", ANY, ANY, ethertype="0", mask="0xFFFF"),
            carrying(3, payload=b"BB\3"),
            0,
            False,
        ),
        (MacEntry("permit", StationMatch.from_parts(str(OTHER)), ANY), carrying(0x0BAD), 0, False),
        (
            MacEntry("permit", StationMatch.from_parts(str(OTHER), "0000.00ff.ffff"), ANY),
            carrying(1),
            0,
            True,
        ),
    ],
)
def test_entries_of_mac_lists(entry: MacEntry, frame: bytes, cos: int, met: bool) -> None:
    assert entry.matches(frame, cos) is met
    assert MacEntry.from_parts(**entry.parts()) == entry


def test_a_map_judges_each_type_by_its_own_lists() -> None:
    one = Filtered(
        "access-list 5 permit host 10.0.0.66\n"
        "vlan access-map V 10\n match ip address 5\n action drop\n"
        "vlan filter V vlan-list 1\n"
    )
    assert not one.passes(packet("10.0.0.66"))
    assert not one.passes(packet()), "the map has a list of its type, which says nothing"
    assert one.passes(carrying(EtherType.ARP)), "it has none of this one"
    configure(one.switch, "vlan access-map V 20\n action forward\n")
    assert one.passes(packet())
    configure(one.switch, "vlan access-map V 15\n match mac address M\n action drop\n")
    configure(one.switch, "mac access-list extended M\n permit host 0011.2233.4455 any\n")
    assert not one.passes(carrying(EtherType.ARP))
    assert one.passes(carrying(EtherType.ARP, OTHER))
    configure(one.switch, "no vlan filter V vlan-list 1\n")
    assert one.passes(packet("10.0.0.66"))


def test_maps_are_configuration() -> None:
    one = Filtered(
        "vlan access-map V\n match ip address 5 6\nvlan access-map V\n action drop\nvlan filter V vlan-list all\n"
    )
    lines = running_config(one.switch)
    assert has_block(lines, "vlan access-map V 10", " match ip address 5 6", " action forward")
    assert has_block(lines, "vlan access-map V 20", " action drop")
    assert "vlan filter V vlan-list 1-4094" in lines
    configure(one.switch, "no vlan access-map V 20\nno vlan access-map V\n")
    assert show(one.switch, "show vlan access-map") == []
    assert one.passes(packet()), "a map that does not exist filters nothing"


def test_priority_is_that_of_the_tag() -> None:
    one = Filtered(
        "mac access-list extended M\n deny any any cos 3\n permit any any\ninterface fa0/1\n mac access-group M in\n"
    )
    assert not one.passes(with_tag(carrying(0x9000), VlanTag(1, 3)))
    assert one.passes(with_tag(carrying(0x9000), VlanTag(1, 2)))
