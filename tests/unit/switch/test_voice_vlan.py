"""Voice VLANs: what a telephone is told by CDP, and what is shown of it."""

from __future__ import annotations

import pytest
from switch_lab import Bench, Wire, configure, running_config, show

from iosemu.packets.cdp import APPLIANCE, TRUST, UNTRUSTED_COS, CdpPacket
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.llc import SNAP_CDP, Snap


@pytest.mark.parametrize(("typed", "shown", "told"), [
    ("100", "100 (VLAN0100)", b"\x01\x00\x64"), ("dot1p", "dot1p", b"\x01\x00\x00"),
    ("untagged", "untagged", b"\x01\x0f\xff"), ("none", "none", None),
])  # fmt: skip
def test_a_telephone_is_told(typed: str, shown: str, told: bytes | None) -> None:
    bench = Bench()
    switch = bench.switch("S", f"interface fa0/1\n switchport mode access\n switchport voice vlan {typed}")
    bench.cable(switch, "Fa0/1", bench.pc("P", "10.0.0.1/24"))
    wire = Wire(switch, "Fa0/1")
    bench.run(70)
    packets = [
        CdpPacket.parse(snap.payload)
        for frame in wire.outgoing
        if frame[:6] == bytes.fromhex("01000ccccccc")
        and (snap := Snap.parse(EthernetFrame.parse(frame).payload)).protocol == SNAP_CDP
    ]
    assert packets
    assert dict(packets[-1].other).get(APPLIANCE) == told
    assert f"Voice VLAN: {shown}" in show(switch, "show interfaces fa0/1 switchport")
    assert (f" switchport voice vlan {typed}" in running_config(switch)) == (typed != "none")
    configure(switch, "interface fa0/1\n no switchport voice vlan")
    assert "Voice VLAN: none" in show(switch, "show interfaces fa0/1 switchport")


@pytest.mark.parametrize(("typed", "trust", "cos"), [("trust", 1, 0), ("cos 3", 0, 3), ("", 0, 0)])
def test_a_telephone_is_told_of_the_marks_of_its_computer(typed: str, trust: int, cos: int) -> None:
    bench = Bench()
    extend = f"\n switchport priority extend {typed}" if typed else ""
    switch = bench.switch("S", f"interface fa0/1\n switchport mode access{extend}")
    bench.cable(switch, "Fa0/1", bench.pc("P", "10.0.0.1/24"))
    wire = Wire(switch, "Fa0/1")
    bench.run(70)
    snaps = [
        Snap.parse(EthernetFrame.parse(frame).payload)
        for frame in wire.outgoing
        if frame[:6] == bytes.fromhex("01000ccccccc")
    ]
    told = dict(next(CdpPacket.parse(each.payload) for each in snaps if each.protocol == SNAP_CDP).other)
    assert (told[TRUST], told[UNTRUSTED_COS]) == (bytes((trust,)), bytes((cos,)))
