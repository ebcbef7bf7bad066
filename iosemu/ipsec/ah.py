"""The IP Authentication Header (RFC 4302) over IPv4."""

from __future__ import annotations

import hmac
import struct

from iosemu.ipsec.sadb import SecurityAssociation
from iosemu.ipsec.transforms import AhProtection, IntegrityError

_FIXED = struct.Struct(">BBHII")
_MUTABLE_OPTIONS_KEPT = frozenset({0, 1, 130, 133, 134, 148, 149})
"""IPv4 options that are immutable and enter the ICV (RFC 4302, appendix A); the others count as zeros."""


def immutable(header: bytes) -> bytes:
    """An IPv4 header with its mutable fields zeroed: TOS, flags and offset, TTL, checksum, options."""
    fields = bytearray(header)
    fields[1] = 0
    fields[6:9] = bytes(3)
    fields[10:12] = bytes(2)
    at = 20
    while at < len(fields):
        kind = fields[at]
        if kind == 0:
            break
        length = 1 if kind == 1 else fields[at + 1] if at + 1 < len(fields) else 0
        if length < 1:
            break
        if kind not in _MUTABLE_OPTIONS_KEPT:
            fields[at : at + length] = bytes(len(fields[at : at + length]))
        at += length
    return bytes(fields)


def encapsulate(sa: SecurityAssociation, header: bytes, payload: bytes, next_header: int) -> bytes:
    """The AH and what follows it, for an IPv4 packet that will carry `header`.

    `header` is the finished IPv4 header: protocol 51, and a total length that counts the AH. Raises
    SequenceExhaustedError; counts the packet.
    """
    protection = sa.protection
    assert isinstance(protection, AhProtection)
    fixed = _FIXED.pack(next_header, protection.size // 4 - 2, 0, sa.spi, sa.next_sequence())
    icv = protection.tag(immutable(header) + fixed + bytes(protection.icv_size) + payload)
    sa.packets += 1
    sa.octets += len(payload)
    return fixed + icv + payload


def spi_of(packet: bytes) -> int:
    """The SPI of what follows the IP header; raises ValueError when it is too short."""
    if len(packet) < _FIXED.size:
        raise ValueError("AH too short")
    return int.from_bytes(packet[4:8])


def decapsulate(sa: SecurityAssociation, header: bytes, packet: bytes) -> tuple[bytes, int]:
    """Check what followed `header`: (payload, next header).

    Raises ValueError (malformed), ReplayError or IntegrityError; every outcome is counted on the SA.
    """
    protection = sa.protection
    assert isinstance(protection, AhProtection)
    if len(packet) < protection.size or (packet[1] + 2) * 4 != protection.size:
        sa.malformed += 1
        raise ValueError("AH length does not fit its transform")
    next_header, _length, _reserved, _spi, sequence = _FIXED.unpack_from(packet)
    if not sa.window.check(sequence):
        sa.replay_failures += 1
        raise ReplayError(sequence)
    icv, payload = packet[_FIXED.size : protection.size], packet[protection.size :]
    covered = immutable(header) + packet[: _FIXED.size] + bytes(protection.icv_size) + payload
    if not hmac.compare_digest(protection.tag(covered), icv):
        sa.verify_failures += 1
        raise IntegrityError
    sa.window.record(sequence)
    sa.packets += 1
    sa.octets += len(payload)
    return payload, next_header


class ReplayError(Exception):
    """A sequence number that was seen before or is older than the window; its number is the argument."""
