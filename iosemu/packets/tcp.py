"""TCP segments (RFC 9293); the codec only."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntFlag
from ipaddress import IPv4Address

from iosemu.packets.checksum import internet_checksum, pseudo_header
from iosemu.packets.errors import MalformedPacket

_HEADER = struct.Struct("!HHIIHHHH")
_PROTOCOL = 6


class TcpFlags(IntFlag):
    """Control bits."""

    FIN = 0x001
    SYN = 0x002
    RST = 0x004
    PSH = 0x008
    ACK = 0x010
    URG = 0x020
    ECE = 0x040
    CWR = 0x080


@dataclass(frozen=True, slots=True)
class TcpSegment:
    """A segment; `flags` holds the control bits, `options` is padded to 4 octets."""

    source_port: int
    destination_port: int
    sequence: int = 0
    acknowledgment: int = 0
    flags: int = 0
    window: int = 0
    urgent_pointer: int = 0
    options: bytes = b""
    payload: bytes = b""

    @classmethod
    def parse(
        cls, data: bytes, source: IPv4Address | None = None, destination: IPv4Address | None = None
    ) -> TcpSegment:
        """Read a segment; with the addresses given, its checksum must be right."""
        if len(data) < 20:
            raise MalformedPacket(f"TCP: {len(data)} octets are too few for a header")
        source_port, destination_port, sequence, acknowledgment, bits, window, _, urgent = (
            _HEADER.unpack_from(data)
        )
        header = bits >> 12 << 2
        if header < 20 or header > len(data):
            raise MalformedPacket(f"TCP: data offset {header} but {len(data)} octets")
        if source is not None and destination is not None:
            covered = pseudo_header(source, destination, _PROTOCOL, len(data)) + data
            if internet_checksum(covered):
                raise MalformedPacket("TCP: wrong checksum")
        options = bytes(data[20:header])
        payload = bytes(data[header:])
        return cls(
            source_port,
            destination_port,
            sequence,
            acknowledgment,
            bits & 0xFF,
            window,
            urgent,
            options,
            payload,
        )

    def to_bytes(self, source: IPv4Address, destination: IPv4Address) -> bytes:
        """The segment with its checksum; ValueError if the options do not fit."""
        if len(self.options) & 3 or len(self.options) > 40:
            raise ValueError(f"TCP: {len(self.options)} octets of options do not fit")
        segment = b"".join(
            (
                _HEADER.pack(
                    self.source_port,
                    self.destination_port,
                    self.sequence,
                    self.acknowledgment,
                    5 + (len(self.options) >> 2) << 12 | self.flags,
                    self.window,
                    0,
                    self.urgent_pointer,
                ),
                self.options,
                self.payload,
            )
        )
        checksum = internet_checksum(pseudo_header(source, destination, _PROTOCOL, len(segment)) + segment)
        return segment[:16] + checksum.to_bytes(2, "big") + segment[18:]
