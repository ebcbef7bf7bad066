"""The generic header that stands before every ISAKMP payload (RFC 2408, 3.2)."""

from __future__ import annotations

import struct

from iosemu.ike.header import MalformedMessage, NotifyType


def malformed(reason: str, notify: NotifyType = NotifyType.PAYLOAD_MALFORMED) -> MalformedMessage:
    """The error for a message that is not as it should be, with the notify that the peer gets."""
    return MalformedMessage(notify, reason)


def split_generic(data: bytes, offset: int, name: str) -> tuple[int, bytes, int]:
    """Read a generic header at `offset`: the next payload's type, the body, the offset after it."""
    if len(data) - offset < 4:
        raise malformed(f"no room for the {name} payload", NotifyType.UNEQUAL_PAYLOAD_LENGTHS)
    following, reserved, length = struct.unpack_from("!BBH", data, offset)
    if reserved:
        raise malformed(f"reserved not zero on {name} payload!")
    if not 4 <= length <= len(data) - offset:
        raise malformed(f"length of {name} payload", NotifyType.UNEQUAL_PAYLOAD_LENGTHS)
    return following, data[offset + 4 : offset + length], offset + length


def generic(following: int, body: bytes) -> bytes:
    """Put a generic header before a body."""
    return struct.pack("!BBH", following, 0, len(body) + 4) + body
