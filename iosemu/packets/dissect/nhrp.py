"""NHRP as the packet view shows it (RFC 2332 section 5)."""

from __future__ import annotations

from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.nhrp import ClientEntry, ExtensionType, Kind, NhrpPacket

_KINDS = {
    1: "Resolution Request",
    2: "Resolution Reply",
    3: "Registration Request",
    4: "Registration Reply",
    5: "Purge Request",
    6: "Purge Reply",
    7: "Error Indication",
    8: "Traffic Indication",
}
_EXTENSIONS = {
    3: "Responder Address",
    4: "Forward Transit NHS Record",
    5: "Reverse Transit NHS Record",
    7: "Authentication",
    8: "Vendor Private",
    9: "NAT Address",
}
_MANDATORY = 40
"""Octets up to the client information entries."""


def nhrp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A message with its client information and its extensions. Raises MalformedPacket."""
    packet = NhrpPacket.parse(data)
    size = int.from_bytes(data[10:12], "big")
    b.layer("NHRP", at, at + size)
    b.hexadecimal("Address Family Number", at, 2)
    b.hexadecimal("Protocol Type", at + 2, 2)
    b.number("Hop Count", at + 9, 1)
    b.number("Packet Size", at + 10, 2)
    b.hexadecimal("Checksum", at + 12, 2)
    b.number("Extensions Offset", at + 14, 2)
    b.number("Version", at + 16, 1)
    b.number("Packet Type", at + 17, 1, _KINDS)
    indication = packet.kind in (Kind.ERROR_INDICATION, Kind.TRAFFIC_INDICATION)
    if indication:
        b.number("Error Code", at + 24, 2)
        b.number("Error Offset", at + 26, 2)
    else:
        b.hexadecimal("Flags", at + 22, 2)
        b.hexadecimal("Request ID", at + 24, 4)
    b.field("Source NBMA Address", packet.source_nbma, at + 28, 4)
    b.field("Source Protocol Address", packet.source, at + 32, 4)
    b.field("Destination Protocol Address", packet.destination, at + 36, 4)
    place = at + _MANDATORY
    if packet.contents:
        b.field("Packet in Question", f"{len(packet.contents)} octets", place, len(packet.contents))
    for each in packet.entries:
        length = len(each.to_bytes())
        b.field("Client Information", _client(each), place, length)
        place += length
    place = at + int.from_bytes(data[14:16], "big")
    for extension in packet.extensions:
        text = f"{len(extension.value)} octets"
        if extension.type == ExtensionType.AUTHENTICATION:
            text = packet.authentication or text
        elif extension.type in (3, 4, 5, 9):
            try:
                text = "; ".join(_client(each) for each in extension.entries) or "empty"
            except MalformedPacket:
                text += ", malformed"
        name = _EXTENSIONS.get(extension.type, f"Extension {extension.type}")
        b.field(f"{name} Extension", text, place, 4 + len(extension.value))
        place += 4 + len(extension.value)
    name = _KINDS.get(packet.kind, f"Type {packet.kind}")
    tail = "" if indication else f", ID={packet.request_id}"
    b.say("NHRP", f"{name}  {packet.source} → {packet.destination}{tail}")


def _client(entry: ClientEntry) -> str:
    where = f"{entry.protocol} at {entry.nbma}, " if entry.protocol or entry.nbma else ""
    return f"{where}Code {entry.code}, Prefix Length {entry.prefix_length}, Holding Time {entry.holding} s"
