"""Packets whose ends were changed in flight are as if they had been made with those ends."""

from __future__ import annotations

from ipaddress import IPv4Address

from hypothesis import given
from hypothesis import strategies as st

from iosemu.net.rewrite import Ends, ends_of, quoted, rewrite, rewrite_quoted
from iosemu.packets import icmp
from iosemu.packets.icmp import IcmpMessage, IcmpType
from iosemu.packets.ipv4 import IPv4Packet, Protocol
from iosemu.packets.tcp import TcpSegment
from iosemu.packets.udp import UdpDatagram

addresses = st.integers(1, 0xFFFFFFFE).map(IPv4Address)
ports = st.integers(0, 65535)
payloads = st.binary(max_size=64)


@st.composite
def ends(draw: st.DrawFn, protocol: int) -> Ends:
    source_port = draw(ports)
    destination_port = source_port if protocol == Protocol.ICMP else draw(ports)
    return Ends(protocol, draw(addresses), source_port, draw(addresses), destination_port)


def packet(ends: Ends, payload: bytes) -> IPv4Packet:
    match ends.protocol:
        case Protocol.TCP:
            segment = TcpSegment(ends.source_port, ends.destination_port, 7, 8, 0x18, payload=payload)
            data = segment.to_bytes(ends.source, ends.destination)
        case Protocol.UDP:
            datagram = UdpDatagram(ends.source_port, ends.destination_port, payload)
            data = datagram.to_bytes(ends.source, ends.destination)
        case _:
            data = IcmpMessage(IcmpType.ECHO, 0, ends.source_port << 16 | 9, payload).to_bytes()
    return IPv4Packet(ends.source, ends.destination, ends.protocol, data, 64, 5)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Ends, Ends]:
    protocol = draw(st.sampled_from((Protocol.TCP, Protocol.UDP, Protocol.ICMP)))
    return draw(ends(protocol)), draw(ends(protocol))


@given(changes(), payloads)
def test_rewriting_is_making_anew(change: tuple[Ends, Ends], payload: bytes) -> None:
    before, after = change
    changed = rewrite(packet(before, payload), after)
    assert ends_of(changed) == after
    parsed = IPv4Packet.parse(changed.to_bytes())
    if after.protocol == Protocol.TCP:
        TcpSegment.parse(parsed.payload, after.source, after.destination)
    elif after.protocol == Protocol.UDP:
        UdpDatagram.parse(parsed.payload, after.source, after.destination)
    else:
        IcmpMessage.parse(parsed.payload)
    assert ends_of(rewrite(changed, before)) == before


@given(changes(), payloads, addresses, addresses)
def test_errors_quote_the_packet_as_it_was_sent(
    change: tuple[Ends, Ends], payload: bytes, router: IPv4Address, host: IPv4Address
) -> None:
    before, after = change
    wire = packet(before, payload).to_bytes()
    error = IPv4Packet(router, before.source, Protocol.ICMP, icmp.time_exceeded(wire).to_bytes(), 64, 5)
    inner = quoted(error)
    assert inner is not None
    changed = rewrite_quoted(error, router, host, inner, after)
    told = quoted(changed)
    assert told is not None
    assert ends_of(told) == after
    message = IcmpMessage.parse(changed.payload)
    IPv4Packet.parse(message.payload[:20] + bytes(2000))  # the header checksum is right
    if after.protocol == Protocol.UDP:
        assert message.payload[20:28] == packet(after, payload).to_bytes()[20:28]


@given(st.binary(max_size=80), st.sampled_from((1, 6, 17, 47, 50)), addresses, addresses)
def test_no_packet_breaks_it(
    data: bytes, protocol: int, source: IPv4Address, destination: IPv4Address
) -> None:
    made = IPv4Packet(source, destination, protocol, data)
    found = ends_of(made)
    if found is not None:
        assert rewrite(made, found).total_length == made.total_length
    quoted(made)
