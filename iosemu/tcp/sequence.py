"""Sequence numbers (RFC 9293 3.4).

On the wire they are 32 bits wide and wrap. Inside the engine they are plain integers that never wrap, so the
comparisons of the RFC are Python's own; `unwrap` is where a number comes in and `wrap` where it goes out.
"""

from __future__ import annotations

MODULUS = 1 << 32
_HALF = MODULUS >> 1


def wrap(number: int) -> int:
    """The 32 bits that stand for a number on the wire."""
    return number % MODULUS


def unwrap(bits: int, near: int) -> int:
    """The number closest to `near` that looks like `bits` on the wire."""
    return near + (bits - near + _HALF) % MODULUS - _HALF
