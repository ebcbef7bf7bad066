"""Addresses and ports of packets changed in flight, checksums adjusted (RFC 3022, RFC 1624)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from iosemu.packets.errors import MalformedPacket
from iosemu.packets.icmp import IcmpMessage, IcmpType
from iosemu.packets.ipv4 import IPv4Packet, Protocol

_QUERIES = frozenset((IcmpType.ECHO, IcmpType.ECHO_REPLY, IcmpType.TIMESTAMP, IcmpType.TIMESTAMP_REPLY))
_CHECKSUM_AT = {Protocol.TCP: 16, Protocol.UDP: 6, Protocol.ICMP: 2}


@dataclass(frozen=True, slots=True)
class Ends:
    """Both ends of a conversation as one packet shows them.

    The identifier of an ICMP query stands for both ports; other protocols have port 0.
    """

    protocol: int
    source: IPv4Address
    source_port: int
    destination: IPv4Address
    destination_port: int


def ends_of(packet: IPv4Packet) -> Ends | None:
    """The ends of a packet; None for an ICMP error and for what is too short to have any."""
    data = packet.payload
    source_port = destination_port = 0
    if packet.protocol in (Protocol.TCP, Protocol.UDP):
        if len(data) < 4:
            return None
        source_port, destination_port = struct.unpack_from("!HH", data)
    elif packet.protocol == Protocol.ICMP:
        if len(data) < 8 or data[0] not in _QUERIES:
            return None
        source_port = destination_port = data[4] << 8 | data[5]
    return Ends(packet.protocol, packet.source, source_port, packet.destination, destination_port)


def quoted(packet: IPv4Packet) -> IPv4Packet | None:
    """The beginning of the packet that an ICMP error is about; None for anything but such an error."""
    if packet.protocol != Protocol.ICMP:
        return None
    try:
        message = IcmpMessage.parse(packet.payload)
        return IPv4Packet.parse(message.payload, verify=False) if message.is_error else None
    except MalformedPacket:
        return None


def rewrite(packet: IPv4Packet, ends: Ends) -> IPv4Packet:
    """The packet with other ends; a wrong checksum stays wrong."""
    payload = _payload(packet, ends)
    return replace(packet, source=ends.source, destination=ends.destination, payload=payload)


def rewrite_quoted(
    packet: IPv4Packet, source: IPv4Address, destination: IPv4Address, inner: IPv4Packet, ends: Ends
) -> IPv4Packet:
    """An ICMP error with other addresses, about a packet with other ends; `inner` is its `quoted` packet."""
    message = IcmpMessage.parse(packet.payload)
    header = inner.header_length
    quote = bytearray(message.payload)
    old, new = bytes(quote[12:20]), ends.source.packed + ends.destination.packed
    quote[12:20] = new
    _adjust(quote, 10, old, new)
    quote[header:] = _payload(inner, ends)
    changed = replace(message, payload=bytes(quote))
    return replace(packet, source=source, destination=destination, payload=changed.to_bytes())


def _payload(packet: IPv4Packet, ends: Ends) -> bytes:
    """What follows the IP header; a quoted packet may be cut off before its checksum."""
    at = _CHECKSUM_AT.get(Protocol(packet.protocol)) if packet.protocol in _CHECKSUM_AT else None
    if at is None or packet.fragment_offset or len(packet.payload) < 6:
        return packet.payload
    data = bytearray(packet.payload)
    if packet.protocol == Protocol.ICMP:
        old, new = bytes(data[4:6]), ends.source_port.to_bytes(2, "big")
        data[4:6] = new
    else:
        ports = struct.pack("!HH", ends.source_port, ends.destination_port)
        old = packet.source.packed + packet.destination.packed + bytes(data[:4])
        new = ends.source.packed + ends.destination.packed + ports
        data[:4] = ports
    none = packet.protocol == Protocol.UDP and data[at : at + 2] == b"\0\0"
    if not none:
        _adjust(data, at, old, new)
        if packet.protocol == Protocol.UDP and data[at : at + 2] == b"\0\0":
            data[at : at + 2] = b"\xff\xff"
    return bytes(data)


def _adjust(data: bytearray, at: int, old: bytes, new: bytes) -> None:
    """Change the checksum at `at` as the change from `old` to `new` asks (RFC 1624, 3)."""
    if at + 2 > len(data):
        return
    total = ~int.from_bytes(data[at : at + 2]) & 0xFFFF
    for (before,), (after,) in zip(struct.iter_unpack("!H", old), struct.iter_unpack("!H", new), strict=True):
        total += (~before & 0xFFFF) + after
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    data[at : at + 2] = (~total & 0xFFFF).to_bytes(2, "big")
