"""EIGRP as the packet view shows it (RFC 7868 6)."""

from __future__ import annotations

from iosemu.packets.dissect.model import DissectionBuilder
from iosemu.packets.errors import MalformedPacket

_OPCODES = {1: "Update", 2: "Request", 3: "Query", 4: "Reply", 5: "Hello", 10: "SIA-Query", 11: "SIA-Reply"}
_FLAGS = ((1, "Init"), (2, "Conditional Receive"), (4, "Restart"), (8, "End Of Table"))
_TLVS = {
    0x0001: "Parameters",
    0x0002: "Authentication",
    0x0003: "Sequence",
    0x0004: "Software Version",
    0x0005: "Next Multicast Sequence",
    0x0006: "Peer Stub",
    0x0007: "Peer Termination",
    0x0102: "Internal Route",
    0x0103: "External Route",
    0x0602: "Internal Route (wide)",
    0x0603: "External Route (wide)",
}
_HEADER = 20
_HELLO = 5


def eigrp(b: DissectionBuilder, data: bytes, at: int) -> None:
    """A packet: header, then what it carries. Raises MalformedPacket."""
    if len(data) < _HEADER:
        raise MalformedPacket("EIGRP packet is shorter than its header")
    b.layer("EIGRP", at, at + len(data))
    b.number("Version", at, 1)
    opcode = b.number("Opcode", at + 1, 1, _OPCODES)
    b.hexadecimal("Checksum", at + 2, 2)
    flags = int.from_bytes(data[4:8], "big")
    names = [name for bit, name in _FLAGS if flags & bit]
    b.field("Flags", f"{flags:#010x} {', '.join(names)}".rstrip(), at + 4, 4)
    sequence = b.number("Sequence", at + 8, 4)
    acknowledge = b.number("Acknowledge", at + 12, 4)
    b.number("Virtual Router ID", at + 16, 2)
    system = b.number("Autonomous System", at + 18, 2)
    offset = _HEADER
    while offset < len(data):
        kind, length = (int.from_bytes(data[offset + n : offset + n + 2], "big") for n in (0, 2))
        if length < 4 or offset + length > len(data):
            raise MalformedPacket(f"EIGRP TLV {kind:#06x} has length {length}")
        value = data[offset + 4 : offset + length]
        b.field(_TLVS.get(kind, f"TLV {kind:#06x}"), _value(kind, value), at + offset, length)
        offset += length
    name = "Hello (Ack)" if opcode == _HELLO and acknowledge else _OPCODES.get(opcode, f"Opcode {opcode}")
    mark = f" [{', '.join(names)}]" if names else ""
    b.say("EIGRP", f"{name}{mark} AS {system} Seq {sequence} Ack {acknowledge}")


def _value(kind: int, value: bytes) -> str:
    if kind == 1 and len(value) == 8:
        k = " ".join(f"K{index}={each}" for index, each in enumerate(value[:6], 1))
        return f"{k} Hold Time {int.from_bytes(value[6:], 'big')} s"
    if kind == 4 and len(value) == 4:
        return f"EIGRP {value[0]}.{value[1]}, TLV {value[2]}.{value[3]}"
    starts = {0x0102: 20, 0x0103: 40}
    start = starts.get(kind)
    if start is not None and len(value) > start and value[start] <= 32:
        length = value[start]
        address = value[start + 1 : start + 1 + max(1, (length + 7) // 8)].ljust(4, b"\0")
        return f"{'.'.join(map(str, address[:4]))}/{length}"
    return "0x" + value.hex()
