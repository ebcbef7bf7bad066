"""Frame Relay: frames (Q.922 annex A, RFC 2427), LMI in its three dialects, and Inverse ARP (RFC 2390).

Numbers are big-endian. All readers raise MalformedPacket.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from ipaddress import IPv4Address

from iosemu.packets.errors import MalformedPacket

HEADER = 2
IETF_IPV4 = b"\x03\xcc"
"""Control and NLPID of IPv4 (RFC 2427 section 4.1)."""
DLCIS = range(16, 1008)
"""What a circuit may have."""
ARP = 0x0806
NOBODY = IPv4Address(0)
_ARP = struct.Struct(">HHBBH2s4s2s4s")
_HARDWARE = 15
_IPV4 = 0x0800


@dataclass(frozen=True, slots=True)
class FrameRelayFrame:
    """A frame with two octets of address, without flags and FCS."""

    dlci: int
    payload: bytes
    fecn: bool = False
    becn: bool = False
    discard_eligible: bool = False

    @classmethod
    def parse(cls, data: bytes) -> FrameRelayFrame:
        """Read a frame."""
        if len(data) < 4:
            raise MalformedPacket(f"Frame Relay: {len(data)} octets are too few")
        if data[0] & 1 or not data[1] & 1:
            raise MalformedPacket(f"Frame Relay: address {data[:2].hex()}")
        dlci = (data[0] >> 2) << 4 | data[1] >> 4
        return cls(dlci, data[2:], bool(data[1] & 8), bool(data[1] & 4), bool(data[1] & 2))

    def to_bytes(self) -> bytes:
        """The octets."""
        low = self.fecn << 3 | self.becn << 2 | self.discard_eligible << 1 | 1
        return bytes(((self.dlci >> 4) << 2, (self.dlci & 15) << 4 | low)) + self.payload


def address_bits(dlci: int) -> int:
    """The two octets of an address without flags, as shows print them: 0x1860 for 102."""
    return (dlci >> 4) << 10 | (dlci & 15) << 4


def cisco(ethertype: int, packet: bytes) -> bytes:
    """A payload in Cisco's encapsulation."""
    return ethertype.to_bytes(2) + packet


def ietf(ethertype: int, packet: bytes) -> bytes:
    """A payload as RFC 2427 has it: an NLPID for IPv4, SNAP for all else."""
    if ethertype == _IPV4:
        return IETF_IPV4 + packet
    return b"\x03\x00\x80\x00\x00\x00" + ethertype.to_bytes(2) + packet


def unwrap(payload: bytes) -> tuple[int, bytes]:
    """EtherType and packet, in either encapsulation."""
    if payload[:2] == IETF_IPV4:
        return _IPV4, payload[2:]
    if payload[:6] == b"\x03\x00\x80\x00\x00\x00" and len(payload) >= 8:
        return int.from_bytes(payload[6:8]), payload[8:]
    if len(payload) < 2 or payload[0] == 3:
        raise MalformedPacket(f"Frame Relay: {payload[:4].hex()} names no protocol")
    return int.from_bytes(payload[:2]), payload[2:]


class InverseArpOperation(IntEnum):
    """RFC 2390 section 4."""

    REQUEST = 8
    REPLY = 9


@dataclass(frozen=True, slots=True)
class InverseArp:
    """Who is at the other end of a circuit."""

    operation: int
    sender: IPv4Address
    target: IPv4Address = NOBODY

    @classmethod
    def parse(cls, data: bytes) -> InverseArp:
        """Read a packet."""
        if len(data) < _ARP.size:
            raise MalformedPacket(f"Inverse ARP: {len(data)} octets are too few")
        kind, protocol, size, length, operation, _sha, sender, _tha, target = _ARP.unpack_from(data)
        if (kind, protocol, size, length) != (_HARDWARE, _IPV4, 2, 4):
            raise MalformedPacket("Inverse ARP: not of IPv4 and Frame Relay")
        return cls(operation, IPv4Address(sender), IPv4Address(target))

    def to_bytes(self, dlci: int) -> bytes:
        """The octets; the hardware address is that of the circuit, as this end knows it."""
        own = (address_bits(dlci) | 1).to_bytes(2)
        return _ARP.pack(
            _HARDWARE, _IPV4, 2, 4, self.operation, own, self.sender.packed, b"\0\0", self.target.packed
        )


class LmiType(Enum):
    """The dialects, as `show frame-relay lmi` calls them."""

    CISCO = "CISCO"
    ANSI = "ANSI"
    Q933A = "CCITT"

    @property
    def dlci(self) -> int:
        """The circuit that it is spoken on."""
        return 1023 if self is LmiType.CISCO else 0


class LmiMessageType(IntEnum):
    """Q.931 message types."""

    STATUS_ENQUIRY = 0x75
    STATUS = 0x7D


FULL, INTEGRITY = 0, 1
"""Report types: the status of all circuits, or that the line is alive."""


@dataclass(frozen=True, slots=True)
class PvcReport:
    """A circuit in a full status."""

    dlci: int
    active: bool
    new: bool = False


@dataclass(frozen=True, slots=True)
class LmiMessage:
    """An enquiry or a status: `sequence` is the sender's, `seen` the last one that came."""

    kind: LmiType
    message: int
    report: int
    sequence: int
    seen: int
    circuits: Sequence[PvcReport] = ()

    def to_frame(self) -> FrameRelayFrame:
        """The frame that carries it."""
        elements = {LmiType.CISCO: (1, 3, 7), LmiType.ANSI: (1, 3, 7), LmiType.Q933A: (0x51, 0x53, 0x57)}[
            self.kind
        ]
        head = b"\x03" + (b"\x09" if self.kind is LmiType.CISCO else b"\x08") + b"\x00"
        body = bytes((self.message,)) + b"\x95" * (self.kind is LmiType.ANSI)
        body += bytes((elements[0], 1, self.report, elements[1], 2, self.sequence, self.seen))
        for each in self.circuits:
            flags = each.new << 3 | each.active << 1
            if self.kind is LmiType.CISCO:
                body += bytes((elements[2], 6)) + each.dlci.to_bytes(2) + bytes((flags, 0, 0, 0))
            else:
                body += bytes((elements[2], 3, each.dlci >> 4, 0x80 | (each.dlci & 15) << 3, 0x80 | flags))
        return FrameRelayFrame(self.kind.dlci, head + body)

    @classmethod
    def parse(cls, frame: FrameRelayFrame) -> LmiMessage:
        """Read the message of a frame."""
        data = frame.payload
        if len(data) < 4 or data[0] != 3 or data[1] not in (8, 9) or data[2] != 0:
            raise MalformedPacket("LMI: neither of its headers")
        message, at = data[3], 4
        kind = LmiType.CISCO if data[1] == 9 else LmiType.Q933A
        if kind is LmiType.Q933A and data[4:5] == b"\x95":
            kind, at = LmiType.ANSI, 5
        report, sequence, seen = INTEGRITY, 0, 0
        circuits: list[PvcReport] = []
        while at < len(data):
            length = data[at + 1] if at + 1 < len(data) else 0
            value = data[at + 2 : at + 2 + length]
            if at + 2 > len(data) or len(value) != length:
                raise MalformedPacket("LMI: an element that does not fit")
            match data[at] & 0x0F, length:
                case 1, 1:
                    report = value[0]
                case 3, 2:
                    sequence, seen = value
                case 7, 6:
                    circuits.append(
                        PvcReport(int.from_bytes(value[:2]), bool(value[2] & 2), bool(value[2] & 8))
                    )
                case 7, 3:
                    dlci = (value[0] & 0x3F) << 4 | value[1] >> 3 & 15
                    circuits.append(PvcReport(dlci, bool(value[2] & 2), bool(value[2] & 8)))
            at += 2 + length
        return cls(kind, message, report, sequence, seen, tuple(circuits))
