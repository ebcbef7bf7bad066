"""Encodings put together by hand, where the octets themselves are signed (X.690)."""

from __future__ import annotations

from collections.abc import Iterable


def tagged(tag: int, content: bytes) -> bytes:
    """A tag, the length and what is in it."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + content


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE of encodings."""
    return tagged(0x30, b"".join(parts))


def set_of(parts: Iterable[bytes]) -> bytes:
    """A SET OF encodings, in the order that DER wants."""
    return tagged(0x31, b"".join(sorted(parts)))
