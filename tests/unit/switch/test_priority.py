"""The priority in the tags of frames that a switch passes on."""

from __future__ import annotations

from switch_lab import Bench, Wire

from iosemu.packets.addresses import MacAddress
from iosemu.packets.ethernet import EthernetFrame, VlanTag, tag_of

TRUNKS = """vlan 10
no spanning-tree vlan 1,10
interface range FastEthernet0/1 - 2
 switchport mode trunk
"""


def test_a_tagged_frame_leaves_with_its_priority_and_the_next_one_without() -> None:
    bench = Bench()
    first, second, third = (bench.switch(name, TRUNKS) for name in ("SW1", "SW2", "SW3"))
    bench.cable(first, "Fa0/1", second, "Fa0/1")
    bench.cable(second, "Fa0/2", third, "Fa0/1")
    bench.run(3)
    wire = Wire(second, "Fa0/2")
    for priority in (5, 0):
        source, everybody = MacAddress(b"\x02" * 6), MacAddress(b"\xff" * 6)
        frame = EthernetFrame(everybody, source, 0x0800, bytes(46), VlanTag(10, priority))
        first.interfaces["FastEthernet0/1"].send(frame.to_bytes())
        bench.run(0.1)
    tags = [tag_of(frame) for frame in wire.outgoing if frame[6:12] == b"\x02" * 6]
    assert [(tag.vlan, tag.priority) for tag in tags if tag is not None] == [(10, 5), (10, 0)]
