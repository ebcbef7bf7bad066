"""The IP Encapsulating Security Payload (RFC 4303) and its UDP encapsulation (RFC 3948).

In tunnel mode the payload is a whole IP packet (next header 4), in transport mode what followed the IP
header; the outer header is made by whoever sends the packet.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from iosemu.ipsec.ah import ReplayError
from iosemu.ipsec.transforms import IntegrityError, Protection

if TYPE_CHECKING:
    from iosemu.ipsec.sadb import SecurityAssociation

_HEADER = struct.Struct(">II")
_PADDING = bytes(range(1, 256))
IP_IN_IP = 4
"""Next header of an IPv4 packet in tunnel mode."""
"""Next header of a dummy packet (RFC 4303, 2.6)."""
NON_ESP_MARKER = bytes(4)
NAT_KEEPALIVE = b"\xff"

DUMMY = 59
"""The next header of a packet with nothing in it (RFC 4303, 2.6)."""
__all__ = ["IntegrityError", "ReplayError", "decapsulate", "encapsulate", "is_esp", "overhead", "spi_of"]


def encapsulate(sa: SecurityAssociation, payload: bytes, next_header: int, iv: bytes) -> bytes:
    """The ESP packet for `payload`, padded with 1, 2, 3 … and counted on the SA.

    `iv` is random for CBC and unique for GCM, `sa.protection.iv_size` bytes. Raises
    SequenceExhaustedError.
    """
    protection = sa.protection
    assert isinstance(protection, Protection)
    padding = -(len(payload) + 2) % protection.alignment
    plaintext = payload + _PADDING[:padding] + bytes((padding, next_header))
    header = _HEADER.pack(sa.spi, sa.next_sequence())
    packet = protection.seal(header, iv, plaintext)
    sa.packets += 1
    sa.octets += len(payload)
    return packet


def spi_of(packet: bytes) -> int:
    """The SPI of an ESP packet; raises ValueError when it is too short to have one."""
    if len(packet) < _HEADER.size:
        raise ValueError("ESP packet too short")
    return int.from_bytes(packet[:4])


def decapsulate(sa: SecurityAssociation, packet: bytes) -> tuple[bytes, int]:
    """Check and open an ESP packet: (payload, next header).

    Order of RFC 4303, 3.4: replay check, integrity, window update, decryption, trailer. Raises ValueError
    (malformed), ReplayError or IntegrityError; every outcome is counted on the SA.
    """
    protection = sa.protection
    assert isinstance(protection, Protection)
    if len(packet) < _HEADER.size + protection.iv_size + 2 + protection.icv_size:
        sa.malformed += 1
        raise ValueError("ESP packet too short")
    sequence = int.from_bytes(packet[4:8])
    try:
        if protection.authenticated and not sa.window.check(sequence):
            sa.replay_failures += 1
            raise ReplayError(sequence)
        protection.check(packet)
        plaintext = protection.open(packet)
        if protection.authenticated:
            sa.window.record(sequence)
    except IntegrityError:
        sa.verify_failures += 1
        raise
    except ValueError:
        sa.malformed += 1
        raise
    padding, next_header = plaintext[-2], plaintext[-1]
    end = len(plaintext) - 2 - padding
    if end < 0 or plaintext[end:-2] != _PADDING[:padding]:
        sa.malformed += 1
        raise ValueError("ESP padding is not 1, 2, 3 …")
    sa.packets += 1
    sa.octets += end
    return plaintext[:end], next_header


def overhead(protection: Protection, length: int) -> int:
    """How many bytes ESP adds to a payload of `length` bytes, without any IP or UDP header."""
    padding = -(length + 2) % protection.alignment
    return _HEADER.size + protection.iv_size + padding + 2 + protection.icv_size


def largest_payload(protection: Protection, room: int) -> int:
    """The longest payload whose ESP packet fits into `room` bytes."""
    inside = room - _HEADER.size - protection.iv_size - protection.icv_size
    return max(0, inside - inside % protection.alignment - 2)


def is_esp(data: bytes) -> bool:
    """Whether a UDP payload on port 4500 is ESP: no non-ESP marker and no keepalive (RFC 3948, 2)."""
    return len(data) > 4 and data[:4] != NON_ESP_MARKER
