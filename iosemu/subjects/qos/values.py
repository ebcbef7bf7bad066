"""The words of code points and precedences (RFC 2474, RFC 2597, RFC 3246)."""

from __future__ import annotations

EF = 46
DEFAULT_NAME = "default"
DSCP_WORDS = {
    0: DEFAULT_NAME,
    EF: "ef",
    **{8 * number: f"cs{number}" for number in range(1, 8)},
    **{8 * group + 2 * drop: f"af{group}{drop}" for group in range(1, 5) for drop in range(1, 4)},
}
"""By value; others have none."""


def dscp_word(value: int) -> str:
    """The word of a code point, or its number."""
    return DSCP_WORDS.get(value, str(value))


def with_dscp(tos: int, value: int) -> int:
    """The octet of the IP header with another code point; congestion notification stays (RFC 3168)."""
    return value << 2 | tos & 3


def with_precedence(tos: int, value: int) -> int:
    """The same with another precedence: the three bits beside it stay."""
    return tos & 0x1F | value << 5
