"""RIP as the packet view shows it (RFC 2453 3.6, 4)."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.errors import MalformedPacket

PORT = 520
_COMMANDS = {1: "Request", 2: "Response"}
_AUTHENTICATION = {1: "Keyed message digest, data", 2: "Simple password", 3: "Keyed message digest"}
_ENTRY = 20
_IP, _AUTHENTIC = 2, 0xFFFF


def rip(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A message: header, then its entries. Raises MalformedPacket."""
    if len(data) < 4 or (len(data) - 4) % _ENTRY:
        raise MalformedPacket(f"RIP message of {len(data)} octets")
    b.layer("RIP", at, at + len(data))
    command = b.number("Command", at, 1, _COMMANDS)
    version = b.number("Version", at + 1, 1)
    routes = 0
    for offset in range(4, len(data), _ENTRY):
        entry = data[offset : offset + _ENTRY]
        family, tag = (int.from_bytes(entry[n : n + 2], "big") for n in (0, 2))
        if family == _AUTHENTIC:
            b.field("Authentication", _AUTHENTICATION.get(tag, f"Type {tag}"), at + offset, _ENTRY)
            continue
        routes += family == _IP
        b.field("IP Address" if family == _IP else "Whole table", _route(entry, tag), at + offset, _ENTRY)
    name = _COMMANDS.get(command, f"Command {command}")
    b.say(f"RIPv{version}", f"{name}  {routes} route{'' if routes == 1 else 's'}")


def _route(entry: bytes, tag: int) -> str:
    address, mask, gateway = (IPv4Address(entry[n : n + 4]) for n in (4, 8, 12))
    text = f"{address}" + (f"/{int(mask).bit_count()}" if int(mask) or not int(address) else "")
    text += f", Metric {int.from_bytes(entry[16:20], 'big')}"
    text += f", Next Hop {gateway}" if int(gateway) else ""
    return text + (f", Route Tag {tag}" if tag else "")
