"""UDP (RFC 768)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.packets.checksum import internet_checksum, pseudo_header
from iosemu.packets.errors import MalformedPacket

_HEADER = struct.Struct("!HHHH")
_PROTOCOL = 17


@dataclass(frozen=True, slots=True)
class UdpDatagram:
    """A datagram; its checksum covers the addresses of the IPv4 packet around it."""

    source_port: int
    destination_port: int
    payload: bytes

    @classmethod
    def parse(
        cls, data: bytes, source: IPv4Address | None = None, destination: IPv4Address | None = None
    ) -> UdpDatagram:
        """Read a datagram; with the addresses given, a checksum that is there must be right."""
        if len(data) < 8:
            raise MalformedPacket(f"UDP: {len(data)} octets are too few for a header")
        source_port, destination_port, length, checksum = _HEADER.unpack_from(data)
        if length < 8 or length > len(data):
            raise MalformedPacket(f"UDP: length field {length} but {len(data)} octets")
        if checksum and source is not None and destination is not None:
            covered = pseudo_header(source, destination, _PROTOCOL, length) + data[:length]
            if internet_checksum(covered):
                raise MalformedPacket("UDP: wrong checksum")
        return cls(source_port, destination_port, bytes(data[8:length]))

    def to_bytes(self, source: IPv4Address | None = None, destination: IPv4Address | None = None) -> bytes:
        """The datagram; its checksum is 0 (none) unless both addresses are given."""
        length = 8 + len(self.payload)
        if length > 0xFFFF:
            raise ValueError(f"UDP: {length} octets do not fit a length field")
        header = _HEADER.pack(self.source_port, self.destination_port, length, 0)
        if source is None or destination is None:
            return header + self.payload
        covered = pseudo_header(source, destination, _PROTOCOL, length) + header + self.payload
        checksum = internet_checksum(covered) or 0xFFFF
        return header[:6] + checksum.to_bytes(2, "big") + self.payload
