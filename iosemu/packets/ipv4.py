"""IPv4 packets (RFC 791, RFC 2474)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

from iosemu.packets.addresses import ipv4
from iosemu.packets.checksum import internet_checksum
from iosemu.packets.errors import MalformedPacket

MAXIMUM_LENGTH = 65535
_HEADER = struct.Struct("!BBHHHBBH4s4s")


class Protocol(IntEnum):
    """Protocol numbers from the IANA registry that the lab speaks."""

    ICMP = 1
    IGMP = 2
    TCP = 6
    UDP = 17
    GRE = 47
    ESP = 50
    AH = 51
    EIGRP = 88
    OSPF = 89
    VRRP = 112


@dataclass(slots=True, unsafe_hash=True)  # nobody changes one; a frozen one takes four times as long to make
class IPv4Packet:
    """A packet or fragment.

    `fragment_offset` is in octets, a multiple of 8; the length of `options` is a multiple of 4.
    """

    source: IPv4Address
    destination: IPv4Address
    protocol: int
    payload: bytes
    ttl: int = 255
    identification: int = 0
    tos: int = 0
    dont_fragment: bool = False
    more_fragments: bool = False
    fragment_offset: int = 0
    options: bytes = b""

    @property
    def dscp(self) -> int:
        """Differentiated services code point, 0-63."""
        return self.tos >> 2

    @property
    def ecn(self) -> int:
        """Explicit congestion notification, 0-3 (RFC 3168)."""
        return self.tos & 3

    @property
    def is_group(self) -> bool:
        """Whether it is for a multicast group (224.0.0.0/4)."""
        return int(self.destination) >> 28 == 0xE

    @property
    def header_length(self) -> int:
        """Octets of the header, options included."""
        return 20 + len(self.options)

    @property
    def total_length(self) -> int:
        """Octets of the packet."""
        return 20 + len(self.options) + len(self.payload)

    @property
    def is_fragment(self) -> bool:
        """Whether this is one of several fragments."""
        return self.more_fragments or self.fragment_offset > 0

    @classmethod
    def parse(cls, data: bytes, verify: bool = True, start: int = 0) -> IPv4Packet:
        """Read the packet that begins at octet `start`, and drop what follows its total length.

        `verify=False` accepts a wrong header checksum and a packet that was cut off, as the quoted packet in
        an ICMP error is.
        """
        octets = len(data) - start
        if octets < 20:
            raise MalformedPacket(f"IPv4: {octets} octets are too few for a header")
        first, tos, total, identification, fragment, ttl, protocol, _, source, destination = (
            _HEADER.unpack_from(data, start)
        )
        if first >> 4 != 4:
            raise MalformedPacket(f"IPv4: version is {first >> 4}")
        header = (first & 0x0F) << 2
        if header < 20 or header > total:
            raise MalformedPacket(f"IPv4: header length {header} with total length {total}")
        if octets < (total if verify else header):
            raise MalformedPacket(f"IPv4: total length {total} but {octets} octets")
        body = start + header
        if verify and internet_checksum(data[start:body]):
            raise MalformedPacket("IPv4: wrong header checksum")
        return cls(
            ipv4(source),
            ipv4(destination),
            protocol,
            bytes(data[body : start + total]),
            ttl,
            identification,
            tos,
            bool(fragment & 0x4000),
            bool(fragment & 0x2000),
            (fragment & 0x1FFF) << 3,
            bytes(data[start + 20 : body]) if header > 20 else b"",
        )

    def to_bytes(self) -> bytes:
        """The packet with its checksum; ValueError if it is too long or a field does not fit."""
        options = self.options
        total = 20 + len(options) + len(self.payload)
        if total > MAXIMUM_LENGTH or len(options) > 40 or len(options) & 3 or self.fragment_offset & 7:
            raise ValueError(
                f"IPv4: {total} octets, {len(options)} of options, offset {self.fragment_offset} do not fit"
            )
        fragment = self.fragment_offset >> 3
        if self.dont_fragment:
            fragment |= 0x4000
        if self.more_fragments:
            fragment |= 0x2000
        first = 0x45 + (len(options) >> 2)
        source = self.source.packed
        destination = self.destination.packed
        fields = (first, self.tos, total, self.identification, fragment, self.ttl, self.protocol)
        try:
            header = _HEADER.pack(*fields, 0, source, destination) + options
        except struct.error as error:
            raise ValueError(f"IPv4: {error}") from None
        checksum = internet_checksum(header)
        return b"".join((header[:10], checksum.to_bytes(2, "big"), header[12:], self.payload))

    def with_ttl(self, ttl: int) -> IPv4Packet:
        """The same packet with another time to live."""
        return IPv4Packet(
            self.source,
            self.destination,
            self.protocol,
            self.payload,
            ttl,
            self.identification,
            self.tos,
            self.dont_fragment,
            self.more_fragments,
            self.fragment_offset,
            self.options,
        )
