"""TCP options (RFC 9293 3.1 and 3.2, RFC 7323, RFC 2385) and the clamp of `ip tcp adjust-mss`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from iosemu.packets.errors import MalformedPacket

MAX_WINDOW_SHIFT = 14
MD5_DIGEST_LENGTH = 16


class OptionKind(IntEnum):
    """Numbers of the options that are understood; all others are skipped by their length (MUST-6)."""

    END = 0
    NO_OPERATION = 1
    MAXIMUM_SEGMENT_SIZE = 2
    WINDOW_SCALE = 3
    MD5_SIGNATURE = 19


@dataclass(frozen=True, slots=True)
class TcpOptions:
    """The options of one segment; None where an option is absent. `window_shift` is 0-14, a digest 16 octets."""

    mss: int | None = None
    window_shift: int | None = None
    md5_digest: bytes | None = None

    @classmethod
    def parse(cls, data: bytes) -> TcpOptions:
        """Read the option field; MalformedPacket where a length is impossible (MUST-7)."""
        if not data:
            return _NONE
        mss: int | None = None
        shift: int | None = None
        digest: bytes | None = None
        at = 0
        while at < len(data):
            kind = data[at]
            if kind == OptionKind.END:
                break
            if kind == OptionKind.NO_OPERATION:
                at += 1
                continue
            length = data[at + 1] if at + 1 < len(data) else 0
            if length < 2 or at + length > len(data):
                raise MalformedPacket(f"TCP: option {kind} at octet {at} has length {length}")
            value = data[at + 2 : at + length]
            # An option of the wrong length for its kind is skipped like one that is not known.
            if kind == OptionKind.MAXIMUM_SEGMENT_SIZE and length == 4:
                mss = int.from_bytes(value, "big")
            elif kind == OptionKind.WINDOW_SCALE and length == 3:
                shift = min(value[0], MAX_WINDOW_SHIFT)
            elif kind == OptionKind.MD5_SIGNATURE and length == 2 + MD5_DIGEST_LENGTH:
                digest = bytes(value)
            at += length
        return cls(mss, shift, digest)

    def to_bytes(self) -> bytes:
        """The option field, padded with zeros to a multiple of 4 octets."""
        parts = []
        if self.mss is not None:
            parts.append(bytes((OptionKind.MAXIMUM_SEGMENT_SIZE, 4)) + self.mss.to_bytes(2, "big"))
        if self.window_shift is not None:
            parts.append(bytes((OptionKind.NO_OPERATION, OptionKind.WINDOW_SCALE, 3, self.window_shift)))
        if self.md5_digest is not None:
            parts.append(bytes((OptionKind.MD5_SIGNATURE, 2 + MD5_DIGEST_LENGTH)) + self.md5_digest)
        data = b"".join(parts)
        return data + bytes(-len(data) % 4)


_NONE = TcpOptions()


def clamp_mss(segment: bytes, limit: int) -> bytes:
    """`ip tcp adjust-mss`: a SYN's MSS option lowered to `limit`; any other segment as it is.

    The checksum is updated in place (RFC 1624), so the addresses around the segment do not matter. An MSS that
    is smaller already stays, and none is added. Where the bytes are no segment, they come back unchanged: a
    router forwards what it cannot read.
    """
    if len(segment) < 20 or not segment[13] & 0x02:
        return segment
    end = segment[12] >> 4 << 2
    if end > len(segment):
        return segment
    at = 20
    while at < end and segment[at] != OptionKind.END:
        if segment[at] == OptionKind.NO_OPERATION:
            at += 1
            continue
        length = segment[at + 1] if at + 1 < end else 0
        if length < 2 or at + length > end:
            return segment
        if segment[at] == OptionKind.MAXIMUM_SEGMENT_SIZE and length == 4:
            return _with_mss(segment, at + 2, limit)
        at += length
    return segment


def _with_mss(segment: bytes, at: int, limit: int) -> bytes:
    old = int.from_bytes(segment[at : at + 2], "big")
    if old <= limit:
        return segment
    before = int.from_bytes(segment[16:18], "big")
    # RFC 1624, equation 3. A field at an odd place counts with its octets swapped.
    was, becomes = (old, limit) if at % 2 == 0 else (_swapped(old), _swapped(limit))
    total = (before ^ 0xFFFF) + (was ^ 0xFFFF) + becomes
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    out = bytearray(segment)
    out[at : at + 2] = limit.to_bytes(2, "big")
    out[16:18] = (total ^ 0xFFFF).to_bytes(2, "big")
    return bytes(out)


def _swapped(word: int) -> int:
    return (word & 0xFF) << 8 | word >> 8
