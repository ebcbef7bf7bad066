"""Type-length-value lists with 16-bit type and a 16-bit length that counts its own header (CDP, DTP)."""

from __future__ import annotations

from collections.abc import Iterable

from iosemu.packets.errors import MalformedPacket


def parse_tlvs(data: bytes, protocol: str) -> list[tuple[int, bytes]]:
    """Split a list into types and values; MalformedPacket names `protocol`."""
    tlvs = []
    at = 0
    while at < len(data):
        if len(data) - at < 4:
            raise MalformedPacket(f"{protocol}: TLV is cut off at octet {at}")
        length = data[at + 2] << 8 | data[at + 3]
        if length < 4 or at + length > len(data):
            raise MalformedPacket(f"{protocol}: TLV length {length} at octet {at}")
        tlvs.append((data[at] << 8 | data[at + 1], bytes(data[at + 4 : at + length])))
        at += length
    return tlvs


def tlvs_to_bytes(tlvs: Iterable[tuple[int, bytes]]) -> bytes:
    """The list as sent."""
    return b"".join(
        kind.to_bytes(2, "big") + (len(value) + 4).to_bytes(2, "big") + value for kind, value in tlvs
    )
