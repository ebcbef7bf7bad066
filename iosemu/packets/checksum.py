"""The Internet checksum (RFC 1071)."""

from __future__ import annotations

from ipaddress import IPv4Address


def internet_checksum(data: bytes) -> int:
    """The 16-bit one's complement of the one's complement sum of `data` (RFC 1071).

    A whole header with its checksum in place gives 0.
    """
    # 2**16 is 1 modulo 65535, so the end-around-carry sum of all words is one remainder.
    value = int.from_bytes(data, "big")
    if len(data) & 1:
        value <<= 8
    total = value % 0xFFFF
    if total == 0 and value:
        return 0
    return 0xFFFF - total


def pseudo_header(source: IPv4Address, destination: IPv4Address, protocol: int, length: int) -> bytes:
    """The 12 octets that precede a UDP or TCP segment when its checksum is computed (RFC 768, RFC 9293)."""
    return source.packed + destination.packed + bytes((0, protocol)) + length.to_bytes(2, "big")
