"""LLDP-MED: what a telephone is told once it was heard, what is left out, and what shows say of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from switch_lab import Bench, Wire, configure, has_block, running_config, show

from iosemu.box.device import Device
from iosemu.packets import lldp_med
from iosemu.packets.addresses import MacAddress
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.lldp import LLDP_GROUP, LldpPacket
from iosemu.packets.lldp_med import NetworkPolicy, Organizational, Phy, Power, Tlv, med

PHONE = MacAddress.from_string("7038.eeff.50a4")


def phone(ttl: int = 120, *more: Tlv) -> bytes:
    """What a telephone says."""
    able = lldp_med.CAN_CAPABILITIES | lldp_med.CAN_POLICY | lldp_med.CAN_POWER_PD | lldp_med.CAN_INVENTORY
    said = (
        Phy(media=0x6C01, mau=16).tlv(),
        med(lldp_med.CAPABILITIES, able.to_bytes(2) + b"\x03"),
        NetworkPolicy(unknown=True).tlv(),
        Power(1, 0, 0, 63).tlv(),
        med(lldp_med.SERIAL, b"FCH1234"),
        med(lldp_med.MODEL, b"CP-7962G"),
        *more,
    )
    packet = LldpPacket("10.10.191.112", "x", ttl, None, "SEP7038EEFF50A4", None, 0x24, 0x24, other=said)
    tlv = b"\x04\x07\x03" + PHONE
    octets = packet.to_bytes().replace(b"\x04\x02\x05x", tlv)
    octets = octets.replace(b"\x07" + b"10.10.191.112", b"\x05\x01\x0a\x0a\xbf\x70").replace(
        b"\x02\x0e", b"\x02\x06"
    )
    return EthernetFrame(LLDP_GROUP, PHONE, 0x88CC, octets).to_bytes()


def switch_with(config: str) -> tuple[Bench, Device, Wire]:
    bench = Bench()
    text = f"lldp run\nvlan 110\ninterface fa0/1\n switchport mode access\n {config}"
    switch = bench.switch("S", text, "catalyst-3560-24ps")
    bench.cable(switch, "Fa0/1", bench.pc("P", "10.0.0.1/24"))
    return bench, switch, Wire(switch, "Fa0/1")


def told(wire: Wire) -> Organizational:
    """What was sent last."""
    frames = [frame for frame in wire.outgoing if frame[:6] == LLDP_GROUP]
    return Organizational.of(LldpPacket.parse(EthernetFrame.parse(frames[-1]).payload).other)


def test_a_telephone_is_told_at_once_and_only_a_telephone() -> None:
    bench, switch, wire = switch_with("switchport voice vlan 110")
    bench.run(35)
    said = told(wire)
    assert (said.vlan, said.phy, said.capabilities) == (1, Phy(media=0x6C00, mau=16), None)
    wire.clear()
    switch.interfaces["FastEthernet0/1"].frame_received(phone())
    bench.run(0.5)
    said = told(wire)
    assert said.device_class == lldp_med.CONNECTIVITY
    assert said.policies == (NetworkPolicy(vlan=110),)
    assert said.power is not None
    assert dict(said.inventory)[lldp_med.MANUFACTURER] == "Cisco Systems, Inc."
    lines = show(switch, "show lldp neighbors detail")
    assert has_block(lines, "Chassis id: 10.10.191.112", "Port id: 7038.eeff.50a4")
    assert has_block(
        lines, "Auto Negotiation - supported, enabled", "Physical media capabilities:", "    1000baseT(FD)"
    )
    assert has_block(
        lines,
        "    Serial number: FCH1234",
        "    Model: CP-7962G",
        "    Capabilities: NP, PD, IN",
        "    Device type: Endpoint Class III",
        "    Network Policy(Voice): VLAN unknown",
        "    PD device, Power source: Unknown, Power Priority: Unknown, Wattage: 6.3",
        "    Location - not advertised",
    )
    switch.interfaces["FastEthernet0/1"].frame_received(phone(ttl=0))
    wire.clear()
    bench.run(35)
    assert told(wire).capabilities is None


@pytest.mark.parametrize(("typed", "policies"), [
    ("switchport voice vlan dot1p", (NetworkPolicy(vlan=0),)),
    ("switchport voice vlan untagged", (NetworkPolicy(tagged=False),)),
    ("no switchport voice vlan", ()),
    ("switchport voice vlan 110\n no lldp med-tlv-select network-policy", ()),
])  # fmt: skip
def test_the_policy_follows_the_voice_vlan(typed: str, policies: tuple[NetworkPolicy, ...]) -> None:
    bench, switch, wire = switch_with(typed)
    bench.run(1)
    switch.interfaces["FastEthernet0/1"].frame_received(phone())
    bench.run(0.5)
    assert told(wire).policies == policies


def test_what_is_not_selected_is_not_said() -> None:
    bench, switch, wire = switch_with(
        "no lldp med-tlv-select inventory-management\n no lldp med-tlv-select power-management"
    )
    configure(
        switch, "no lldp tlv-select port-vlan\nno lldp tlv-select mac-phy-cfg\nno lldp tlv-select system-name"
    )
    bench.run(1)
    switch.interfaces["FastEthernet0/1"].frame_received(phone())
    bench.run(0.5)
    said = told(wire)
    assert (said.vlan, said.phy, said.power, said.inventory) == (None, None, None, ())
    assert said.capabilities == lldp_med.CAN_CAPABILITIES | lldp_med.CAN_POLICY | lldp_med.CAN_LOCATION
    lines = running_config(switch)
    assert "no lldp tlv-select system-name" in lines
    assert " no lldp med-tlv-select power-management" in lines
    configure(switch, "lldp tlv-select system-name\ninterface fa0/1\n lldp med-tlv-select power-management")
    assert not [line for line in running_config(switch) if "system-name" in line or "power-man" in line]


def test_what_is_cut_off_is_counted_and_heard_no_more() -> None:
    bench, switch, _wire = switch_with("switchport voice vlan 110")
    bench.run(1)
    cut = med(lldp_med.NETWORK_POLICY, b"\x01\x00")
    switch.interfaces["FastEthernet0/1"].frame_received(phone(120, cut))
    assert "  Total frames received in error: 1" in show(switch, "show lldp traffic")
    assert "Total entries displayed: 0" in show(switch, "show lldp neighbors")


@given(
    st.integers(0, 255),
    st.integers(0, 4095),
    st.booleans(),
    st.integers(0, 7),
    st.integers(0, 63),
    st.booleans(),
)
def test_policies_are_read_as_written(
    application: int, vlan: int, tagged: bool, priority: int, dscp: int, unknown: bool
) -> None:
    policy = NetworkPolicy(application, vlan, tagged, priority, dscp, unknown)
    assert Organizational.of((policy.tlv(),)).policies == (policy,)
    with pytest.raises(MalformedPacket):
        Organizational.of(((policy.tlv()[0], policy.tlv()[1][:-1]),))
