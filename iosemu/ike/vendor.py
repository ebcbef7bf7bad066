"""Vendor IDs: those IOS sends, in its order, and those it knows."""

from __future__ import annotations

from typing import Final

from iosemu.ike.algorithms import digest
from iosemu.ike.types import Hash

RFC_3947: Final = bytes.fromhex("4a131c81070358455c5728f20e95452f")
NAT_T_07: Final = bytes.fromhex("439b59f8ba676c4c7737ae22eab8f582")
NAT_T_03: Final = bytes.fromhex("7d9419a65310ca6f2c179d9215529d56")
NAT_T_02: Final = bytes.fromhex("90cb80913ebb696e086381b5ec427b1f")
UNITY: Final = bytes.fromhex("12f5f28c457168a9702d9fe274cc0100")
DPD: Final = bytes.fromhex("afcad71368a1f1c96b8696fc77570100")
XAUTH: Final = bytes.fromhex("09002689dfd6b712")
FRAGMENTATION: Final = bytes.fromhex("4048b7d56ebce88525e7de7f00d6c2d3")
IOS_MASK: Final = bytes.fromhex("f5c7a71d00010000")
IOS, FRAGMENTATION_NAME = "IOS", "FRAGMENTATION"

NAMES: Final = {
    RFC_3947: "NAT-T RFC 3947",
    NAT_T_07: "NAT-T v7",
    NAT_T_03: "NAT-T v3",
    NAT_T_02: "NAT-T v2",
    UNITY: "Unity",
    DPD: "DPD",
    XAUTH: "XAUTH",
}

NAT_T_OFFER: Final = (RFC_3947, NAT_T_07, NAT_T_03, NAT_T_02)
"""What the initiator's first message carries."""


def _first_half(cookie: bytes) -> bytes:
    return (int.from_bytes(cookie) ^ int.from_bytes(IOS_MASK)).to_bytes(8)


def ios_box(own_cookie: bytes, peer_cookie: bytes) -> bytes:
    """The ID by which IOS devices know each other: the sender's cookie, masked, and eight bytes more.

    How IOS makes those eight is not known; here they are a digest of both cookies.
    """
    return _first_half(own_cookie) + digest(Hash.MD5, own_cookie + peer_cookie)[:8]


def name(vendor_id: bytes, cookie: bytes) -> str | None:
    """What debug calls a vendor ID from the sender of a cookie; None for an unknown one."""
    if vendor_id in NAMES:
        return NAMES[vendor_id]
    if len(vendor_id) == 16 and vendor_id.startswith(_first_half(cookie)):
        return IOS
    return FRAGMENTATION_NAME if vendor_id.startswith(FRAGMENTATION) else None
