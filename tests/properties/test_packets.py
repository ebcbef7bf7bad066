"""Every codec gives back what it was given, and refuses other octets with MalformedPacket only."""

from __future__ import annotations

import contextlib
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iosemu.packets import stp, tcp, udp
from iosemu.packets.addresses import MacAddress
from iosemu.packets.ah import AhPacket
from iosemu.packets.arp import ArpPacket
from iosemu.packets.cdp import CdpPacket
from iosemu.packets.dissect import dissect
from iosemu.packets.dtp import DtpPacket
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.esp import EspPacket
from iosemu.packets.ethernet import EthernetFrame, VlanTag, with_tag, without_tag
from iosemu.packets.gre import GrePacket
from iosemu.packets.icmp import IcmpMessage
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.packets.isakmp import IsakmpHeader
from iosemu.packets.lacp import LacpPacket, LacpParticipant
from iosemu.packets.llc import Llc, Snap
from iosemu.packets.lldp import LldpPacket
from iosemu.packets.loop import LoopPacket

macs = st.binary(min_size=6, max_size=6).map(MacAddress)
ips = st.integers(0, 2**32 - 1).map(IPv4Address)
u3, u4, u8, u16, u32 = (st.integers(0, 2**bits - 1) for bits in (3, 4, 8, 16, 32))
octets = st.binary(max_size=80)
words = st.binary(max_size=10).map(lambda data: data * 4)
texts = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=40)
tags = st.none() | st.builds(VlanTag, st.integers(0, 4095), u3, st.booleans())
seconds = u16.map(lambda value: value / 256)
bridges = st.builds(stp.BridgeId, u16, macs)
participants = st.builds(LacpParticipant, u16, macs, u16, u16, u16, u8)
tlv16 = st.lists(st.tuples(st.integers(100, 65535), octets), max_size=3).map(tuple)
tlv7 = st.lists(st.tuples(st.integers(9, 127), octets), max_size=3).map(tuple)

CODECS = {
    ArpPacket: st.builds(ArpPacket, u16, macs, ips, macs, ips),
    IcmpMessage: st.builds(IcmpMessage, u8, u8, u32, octets),
    IPv4Packet: st.builds(
        IPv4Packet,
        ips,
        ips,
        u8,
        octets,
        u8,
        u16,
        u8,
        st.booleans(),
        st.booleans(),
        st.integers(0, 8191).map(lambda units: units * 8),
        words,
    ),
    Llc: st.builds(Llc, u8, u8, octets, u8),
    Snap: st.builds(Snap, st.integers(0, 2**24 - 1), u16, octets),
    stp.Bpdu: st.builds(
        stp.Bpdu,
        bridges,
        u32,
        bridges,
        u16,
        seconds,
        seconds,
        seconds,
        seconds,
        u8,
        st.sampled_from([stp.BpduType.CONFIG, stp.BpduType.RST]),
    ),
    DtpPacket: st.builds(DtpPacket, macs, u3, st.booleans(), u3, u3, texts, u8),
    CdpPacket: st.builds(
        CdpPacket,
        texts,
        texts,
        st.lists(ips, max_size=3).map(tuple),
        u32,
        texts,
        texts,
        st.none() | texts,
        st.none() | u16,
        st.none() | st.booleans(),
        st.lists(ips, max_size=2).map(tuple),
        u8,
        u8,
        tlv16.map(lambda rows: tuple(sorted(rows, key=lambda row: row[0]))),  # as they are sent
    ),
    LldpPacket: st.builds(
        LldpPacket,
        macs,
        texts.filter(bool),
        u16,
        st.none() | texts,
        st.none() | texts,
        st.none() | texts,
        u16,
        u16,
        ips,
        u32,
        tlv7,
    ),
    LoopPacket: st.builds(LoopPacket, u16, u16, u16),
    LacpPacket: st.builds(LacpPacket, participants, participants, u16),
    GrePacket: st.builds(GrePacket, u16, octets, st.none() | u32, st.none() | u32, st.booleans()),
    EspPacket: st.builds(EspPacket, u32, u32, octets),
    AhPacket: st.builds(AhPacket, u8, u32, u32, words, octets),
    IsakmpHeader: st.builds(
        IsakmpHeader,
        st.binary(min_size=8, max_size=8),
        st.binary(min_size=8, max_size=8),
        u8,
        u8,
        u8,
        u8,
        u32,
        octets,
    ),
}


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.__name__)
@given(data=st.data())
def test_comes_back_as_it_went(codec, data):
    value = data.draw(CODECS[codec])
    assert codec.parse(value.to_bytes()) == value


@pytest.mark.parametrize(
    "parse",
    [codec.parse for codec in CODECS]
    + [EthernetFrame.parse, udp.UdpDatagram.parse, tcp.TcpSegment.parse, VlanTag.parse],
)
@given(data=octets)
def test_other_octets_are_malformed(parse, data):
    with contextlib.suppress(MalformedPacket):
        parse(data)


@given(macs, macs, st.integers(0x600, 0xFFFF).filter(lambda t: t != 0x8100), st.binary(min_size=46), tags)
def test_ethernet(destination, source, ethertype, payload, tag):
    frame = EthernetFrame(destination, source, ethertype, payload, tag)
    assert EthernetFrame.parse(frame.to_bytes()) == frame


@given(macs, macs, octets, tags)
def test_802_3_loses_its_padding(destination, source, payload, tag):
    frame = EthernetFrame.llc(destination, source, payload, tag)
    data = frame.to_bytes()
    assert len(data) >= 60
    assert EthernetFrame.parse(data) == frame


@given(st.binary(min_size=60, max_size=80), st.integers(0, 4095), u3)
def test_tagging_is_undone(frame, vlan, priority):
    assert without_tag(with_tag(frame, VlanTag(vlan, priority))) == frame


@given(u16, u16, octets, ips, ips)
def test_udp(source_port, destination_port, payload, source, destination):
    datagram = udp.UdpDatagram(source_port, destination_port, payload)
    assert udp.UdpDatagram.parse(datagram.to_bytes(source, destination), source, destination) == datagram


@given(u16, u16, u32, u32, u8, u16, u16, words, octets, ips, ips)
def test_tcp(sport, dport, seq, ack, flags, window, urgent, options, payload, source, destination):
    segment = tcp.TcpSegment(sport, dport, seq, ack, flags, window, urgent, options, payload)
    assert tcp.TcpSegment.parse(segment.to_bytes(source, destination), source, destination) == segment


@given(st.binary(max_size=200))
def test_dissect_never_raises(frame):
    dissection = dissect(frame)
    for layer in dissection.layers:
        assert all(field.start <= field.end for field in layer.fields)


@given(macs)
def test_mac_forms(mac):
    for text in (str(mac), mac.colons, mac.dashes, mac.hex().upper()):
        assert MacAddress.from_string(text) == mac
