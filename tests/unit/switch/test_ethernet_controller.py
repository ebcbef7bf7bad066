"""What the Ethernet controller of a switch port counts."""

from __future__ import annotations

from switch_lab import Bench, show

from iosemu.packets.addresses import MacAddress
from iosemu.packets.ethernet import EthernetFrame
from iosemu.subjects.ethernet_controller.service import EthernetControllers
from iosemu.subjects.pc.service import NetworkCards

PORT = "FastEthernet0/1"


def test_frames_are_counted_by_size_and_destination() -> None:
    bench = Bench()
    switch = bench.switch(
        "SW1", "no spanning-tree vlan 1\nno cdp run\ninterface FastEthernet0/1\n no keepalive"
    )
    pc = bench.pc("PC1", "10.0.0.1/24")
    bench.cable(switch, "Fa0/1", pc)
    bench.run(3)
    switch.interfaces[PORT].clear_counters()
    controller = switch.service(EthernetControllers).controllers[PORT]
    assert controller.receive.octets == 0
    card = pc.service(NetworkCards).card
    group = MacAddress.from_string("0100.5e00.0001")
    for destination, size in ((MacAddress(b"\xff" * 6), 46), (group, 100), (MacAddress(b"\x02" * 6), 1500)):
        card.send(EthernetFrame(destination, card.mac, 0x0800, bytes(size)).to_bytes())
    bench.run(1)
    told = controller.receive
    assert (told.unicast_frames, told.multicast_frames, told.broadcast_frames) == (1, 1, 1)
    assert (told.unicast_octets, told.multicast_octets, told.broadcast_octets) == (1518, 118, 64)
    assert told.sizes == [1, 1, 0, 0, 0, 1, 0]
    lines = show(switch, "show controllers ethernet-controller fa0/1")
    assert any(line.endswith("1 1024 to 1518 byte frames") for line in lines)
    assert any(line.endswith("1700 Bytes") for line in lines)
