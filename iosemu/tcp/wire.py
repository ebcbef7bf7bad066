"""Segments as bytes, by address family, and the MD5 signature (RFC 2385)."""

from __future__ import annotations

import hmac
from dataclasses import replace
from enum import Enum
from hashlib import md5
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import NamedTuple

from iosemu.packets.checksum import internet_checksum
from iosemu.packets.tcp import TcpSegment
from iosemu.tcp.options import MD5_DIGEST_LENGTH, TcpOptions

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_PROTOCOL = 6
_NOWHERE = IPv4Address(0)
_CHECKSUM = slice(16, 18)
_NO_DIGEST = bytes(MD5_DIGEST_LENGTH)


class Endpoint(NamedTuple):
    """One end of a connection: an address of either family and a port."""

    address: Address
    port: int


def pseudo_header(source: Address, destination: Address, length: int) -> bytes:
    """What precedes a segment of `length` octets under the checksum (RFC 9293 3.1; RFC 8200 8.1)."""
    if source.version == 4:
        tail = bytes((0, _PROTOCOL)) + length.to_bytes(2, "big")
    else:
        tail = length.to_bytes(4, "big") + bytes((0, 0, 0, _PROTOCOL))
    return source.packed + destination.packed + tail


def checksum_is_right(data: bytes, source: Address, destination: Address) -> bool:
    """Whether a segment's checksum fits its bytes and the addresses of its packet."""
    return internet_checksum(pseudo_header(source, destination, len(data)) + data) == 0


def segment_to_bytes(segment: TcpSegment, source: Address, destination: Address) -> bytes:
    """The segment with its checksum. The addresses must be of one family: ValueError."""
    if isinstance(source, IPv4Address) and isinstance(destination, IPv4Address):
        return segment.to_bytes(source, destination)
    if source.version != destination.version:
        raise ValueError(f"TCP: {source} and {destination} are of two families")
    data = bytearray(segment.to_bytes(_NOWHERE, _NOWHERE))
    data[_CHECKSUM] = bytes(2)
    checksum = internet_checksum(pseudo_header(source, destination, len(data)) + data)
    data[_CHECKSUM] = checksum.to_bytes(2, "big")
    return bytes(data)


class Md5Fault(Enum):
    """Why a segment was refused; the value begins IOS's `%TCP-6-BADAUTH` line."""

    MISSING = "No MD5 digest"
    WRONG = "Invalid MD5 digest"
    UNEXPECTED = "Unexpected MD5 digest"


def md5_digest(data: bytes, source: Address, destination: Address, key: bytes) -> bytes:
    """The signature of a whole segment (RFC 2385 2.0).

    It covers the pseudo-header, the fixed header with the checksum taken as zero, the data and the key; not the
    options, but the length in the pseudo-header counts them.
    """
    offset = data[12] >> 4 << 2
    return md5(
        b"".join(
            (
                pseudo_header(source, destination, len(data)),
                data[:16],
                b"\0\0",
                data[18:20],
                data[offset:],
                key,
            )
        ),
        usedforsecurity=False,
    ).digest()


def sign(
    segment: TcpSegment, options: TcpOptions, source: Address, destination: Address, key: bytes
) -> bytes:
    """The segment as bytes, with `options` and the signature."""
    options = replace(options, md5_digest=_NO_DIGEST)
    draft = segment_to_bytes(replace(segment, options=options.to_bytes()), source, destination)
    options = replace(options, md5_digest=md5_digest(draft, source, destination, key))
    return segment_to_bytes(replace(segment, options=options.to_bytes()), source, destination)


def check_md5(
    data: bytes, options: TcpOptions, source: Address, destination: Address, key: bytes | None
) -> Md5Fault | None:
    """Compare a segment's signature with the key for its sender, None if there is none."""
    if key is None:
        return Md5Fault.UNEXPECTED if options.md5_digest is not None else None
    if options.md5_digest is None:
        return Md5Fault.MISSING
    right = hmac.compare_digest(options.md5_digest, md5_digest(data, source, destination, key))
    return None if right else Md5Fault.WRONG
