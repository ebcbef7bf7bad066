"""The order of TLVs is that of real Catalysts and routers (captures of a 3560 and a 3725)."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.lab.lab import Lab
from iosemu.packets.cdp import CLUSTER_HELLO, CdpPacket
from iosemu.packets.lldp import LldpPacket
from iosemu.packets.tlv import parse_tlvs
from iosemu.subjects.discovery.service import Discovery

CATALYST = [0x01, 0x05, 0x06, 0x02, 0x03, 0x04, 0x08, 0x09, 0x0A, 0x0B, 0x12, 0x13, 0x16, 0x1A]
HELLO = "00000c011200000000ffffffff010221ff000000000000{mac}ff0000"


def kinds(packet: CdpPacket) -> list[int]:
    return [kind for kind, _ in parse_tlvs(packet.to_bytes()[4:], "CDP")]


def lldp_kinds(packet: LldpPacket) -> list[int]:
    data, found = packet.to_bytes(), []
    while data:
        head = int.from_bytes(data[:2], "big")
        found.append(head >> 9)
        data = data[2 + (head & 0x1FF) :]
    return found


def test_boxes_say_it_in_the_order_of_ios() -> None:
    lab = Lab.load("office", seed=1)
    lab.boot()
    switch, router = lab["SW1"], lab["R1"]
    told = switch.service(Discovery).advertisement(switch.interfaces["FastEthernet0/1"])
    assert kinds(told) == CATALYST
    other = dict(told.other)
    assert other[0x08].hex() == HELLO.format(mac=bytes(switch.base_mac).hex())
    assert (other[0x12], other[0x13], other[0x1A].hex()) == (b"\0", b"\0", "0000000100000000ffffffff")
    asked = router.service(Discovery).advertisement(router.interfaces["GigabitEthernet0/0"])
    assert kinds(asked)[:6] == CATALYST[:6]
    assert not set(kinds(asked)) & {0x08, 0x0A, 0x12, 0x13, 0x1A}
    assert CdpPacket.parse(told.to_bytes()) == told
    lldp = switch.service(Discovery).lldp_advertisement(switch.interfaces["FastEthernet0/1"])
    assert lldp_kinds(lldp)[:7] == [1, 2, 3, 5, 6, 4, 7]


def test_a_box_without_an_address_leaves_it_out() -> None:
    bare = CdpPacket("S", "Fa0/1", vtp_domain="", native_vlan=1, other=((0x08, CLUSTER_HELLO),))
    assert kinds(bare) == [0x01, 0x05, 0x06, 0x03, 0x04, 0x08, 0x09, 0x0A]
    assert kinds(CdpPacket("S", "Fa0/1", (IPv4Address("10.0.0.1"),)))[3] == 0x02
