"""Cisco's Inter-Switch Link: a whole frame, with its check sequence, behind a header of 26 octets.

Cisco, "Inter-Switch Link and IEEE 802.1Q Frame Format".
"""

from __future__ import annotations

import struct
import zlib

from iosemu.packets.addresses import MacAddress

GROUP = bytes.fromhex("01000c0000")
"""The first five octets of the destination; the sixth has type and priority."""
_SNAP = bytes.fromhex("aaaa0300000c")


def isl_frame(source: MacAddress, inner: bytes, vlan: int = 1, *, bpdu: bool = True) -> bytes:
    """An Ethernet frame (header to payload, at least 60 octets) in ISL; `bpdu` marks it as one for the switch."""
    inner = inner.ljust(60, b"\0")
    body = _SNAP + struct.pack("!HHH", vlan << 1 | bpdu, 0, 0) + inner + struct.pack("<I", zlib.crc32(inner))
    return GROUP + b"\0" + bytes(source) + struct.pack("!H", len(body)) + body
