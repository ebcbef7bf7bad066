"""VRRP advertisements of version 2 (RFC 3768 section 5)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

from iosemu.packets.addresses import ipv4
from iosemu.packets.checksum import internet_checksum
from iosemu.packets.errors import MalformedPacket

GROUP = IPv4Address("224.0.0.18")
TTL = 255
NO_AUTHENTICATION, TEXT, MD5 = 0, 1, 254
"""Types of authentication: the last one is Cisco's own."""
MD5_LENGTH = 20
"""Octets of Cisco's authentication: a key identifier and a digest."""

_HEADER = struct.Struct("!BBBBBBH")


@dataclass(frozen=True, slots=True)
class VrrpAdvertisement:
    """A master's advertisement; `interval` in seconds."""

    group: int
    """The virtual router identifier, 1 to 255."""
    priority: int
    """255: the owner of the addresses, 0: a master that resigns."""
    interval: int
    addresses: tuple[IPv4Address, ...]
    authentication_type: int = NO_AUTHENTICATION
    authentication: bytes = bytes(8)
    """The eight octets of RFC 2338's authentication data, or a key identifier and a digest."""

    def to_bytes(self) -> bytes:
        """The payload of the IP packet."""
        head = (0x21, self.group, self.priority, len(self.addresses), self.authentication_type, self.interval)
        body = b"".join(address.packed for address in self.addresses) + self.authentication
        checksum = internet_checksum(_HEADER.pack(*head, 0) + body)
        return _HEADER.pack(*head, checksum) + body


def parse(data: bytes) -> VrrpAdvertisement:
    """Read the payload of an IP packet.

    Raises MalformedPacket for other versions, what is cut off, and a wrong checksum.
    """
    if len(data) < _HEADER.size:
        raise MalformedPacket(f"VRRP: {len(data)} octets are too few for a header")
    kind, group, priority, count, authentication_type, interval, _checksum = _HEADER.unpack_from(data)
    if kind != 0x21:
        raise MalformedPacket(f"VRRP: version {kind >> 4}, type {kind & 15}")
    trailer = MD5_LENGTH if authentication_type == MD5 else 8
    end = _HEADER.size + 4 * count + trailer
    if len(data) < end:
        raise MalformedPacket(f"VRRP: {len(data)} octets are too few for {count} addresses")
    if internet_checksum(data[:end]):
        raise MalformedPacket("VRRP: wrong checksum")
    places = range(_HEADER.size, _HEADER.size + 4 * count, 4)
    return VrrpAdvertisement(
        group,
        priority,
        interval,
        tuple(ipv4(data[at : at + 4]) for at in places),
        authentication_type,
        data[end - trailer : end],
    )
