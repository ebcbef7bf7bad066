"""ARP for IPv4 over Ethernet (RFC 826)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

from iosemu.packets.addresses import ZERO, MacAddress, ipv4
from iosemu.packets.errors import MalformedPacket

_HEADER = b"\x00\x01\x08\x00\x06\x04"
_EXCHANGES = frozenset(_HEADER + bytes((0, operation)) for operation in (1, 2))
LENGTH = 28


class ArpOperation(IntEnum):
    """The operation field."""

    REQUEST = 1
    REPLY = 2


@dataclass(frozen=True, slots=True)
class ArpPacket:
    """An ARP packet; `operation` is an `ArpOperation` or another number."""

    operation: int
    sender_mac: MacAddress
    sender_ip: IPv4Address
    target_mac: MacAddress
    target_ip: IPv4Address

    @classmethod
    def request(cls, sender_mac: MacAddress, sender_ip: IPv4Address, target_ip: IPv4Address) -> ArpPacket:
        """Ask who has `target_ip`."""
        return cls(ArpOperation.REQUEST, sender_mac, sender_ip, ZERO, target_ip)

    def reply(self, mac: MacAddress) -> ArpPacket:
        """The answer to this request by the owner of `mac`."""
        return ArpPacket(ArpOperation.REPLY, mac, self.target_ip, self.sender_mac, self.sender_ip)

    @classmethod
    def parse(cls, data: bytes) -> ArpPacket:
        """Read an ARP packet; what follows its 28 octets is padding."""
        if len(data) < LENGTH:
            raise MalformedPacket(f"ARP: {len(data)} octets are too few")
        if data[:6] != _HEADER:
            raise MalformedPacket(f"ARP: not IPv4 over Ethernet: {data[:6].hex()}")
        return cls(
            data[6] << 8 | data[7],
            MacAddress(data[8:14]),
            ipv4(bytes(data[14:18])),
            MacAddress(data[18:24]),
            ipv4(bytes(data[24:28])),
        )

    def to_bytes(self) -> bytes:
        """The 28 octets."""
        return b"".join(
            (
                _HEADER,
                self.operation.to_bytes(2, "big"),
                self.sender_mac,
                self.sender_ip.packed,
                self.target_mac,
                self.target_ip.packed,
            )
        )


def is_exchange(data: bytes) -> bool:
    """Whether octets are a request or a reply (both are read in the same way, whichever is asked for)."""
    return len(data) >= LENGTH and data[:8] in _EXCHANGES
