"""Shared address objects for the numbers that the engine counts with."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network


@lru_cache(maxsize=65536)
def address(value: int) -> IPv4Address:
    """The IPv4 address of a 32-bit number."""
    return IPv4Address(value)


def optional(value: int) -> IPv4Address | None:
    """The same, with None for 0."""
    return address(value) if value else None


@lru_cache(maxsize=65536)
def network(value: int, mask: int) -> IPv4Network:
    """The prefix of a network number and a contiguous mask; ValueError if the mask has holes."""
    return IPv4Network((value, prefix_length(mask)))


@lru_cache(maxsize=1024)
def prefix_length(mask: int) -> int:
    """Bits of a mask; ValueError if it has holes."""
    length = mask.bit_count()
    if mask != 0xFFFFFFFF ^ 0xFFFFFFFF >> length:
        raise ValueError(f"not a network mask: {mask:#010x}")
    return length
