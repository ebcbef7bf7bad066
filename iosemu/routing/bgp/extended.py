"""Extended communities (RFC 4360, RFC 5668): route targets and sites of origin, as numbers of eight octets."""

from __future__ import annotations

from ipaddress import IPv4Address

ROUTE_TARGET, SITE_OF_ORIGIN = 2, 3
SUBTYPES = {"rt": ROUTE_TARGET, "soo": SITE_OF_ORIGIN}
"""By the words of `set extcommunity`."""
_NAMES = {ROUTE_TARGET: "RT", SITE_OF_ORIGIN: "SoO"}
_TWO_OCTETS, _ADDRESS, _FOUR_OCTETS = 0, 1, 2
"""Types: what stands in front is an AS of two octets, an address, or an AS of four."""


def community(subtype: int, text: str) -> int:
    """From `65000:1`, `1.2.3.4:1`. ValueError where a number is too large, or it has another form."""
    front, colon, back = text.partition(":")
    if not colon or not back.isdigit():
        raise ValueError(text)
    number = int(back)
    if "." in front:
        kind, head, room = _ADDRESS, int(IPv4Address(front)), 16
    elif not front.isdigit() or int(front) > 0xFFFFFFFF:
        raise ValueError(text)
    elif int(front) < 65536:
        kind, head, room = _TWO_OCTETS, int(front), 32
    else:
        kind, head, room = _FOUR_OCTETS, int(front), 16
    if number >> room:
        raise ValueError(text)
    return kind << 56 | subtype << 48 | head << room | number


def community_text(value: int) -> str:
    """`RT:65000:1`, `SoO:1.2.3.4:1`; others by their octets."""
    kind, subtype = value >> 56, value >> 48 & 0xFF
    name = _NAMES.get(subtype)
    if name is None or kind not in (_TWO_OCTETS, _ADDRESS, _FOUR_OCTETS):
        return f"0x{value >> 48:X}:{value >> 32 & 0xFFFF}:{value & 0xFFFFFFFF}"
    if kind == _TWO_OCTETS:
        return f"{name}:{value >> 32 & 0xFFFF}:{value & 0xFFFFFFFF}"
    head = value >> 16 & 0xFFFFFFFF
    return f"{name}:{IPv4Address(head) if kind == _ADDRESS else head}:{value & 0xFFFF}"


def with_subtype(value: int, subtype: int) -> bool:
    """Whether a community is of a subtype."""
    return value >> 48 & 0xFF == subtype and value >> 56 in (_TWO_OCTETS, _ADDRESS, _FOUR_OCTETS)
