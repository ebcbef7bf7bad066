"""NTP packets (RFC 5905 section 7.3), with the digest of symmetric keys. Times are 64-bit timestamps: seconds·2^32."""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import IntEnum

from iosemu.packets.errors import MalformedPacket

NTP_PORT = 123
VERSION = 4
EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
"""Where era 0 begins."""
NOT_SYNCHRONIZED = 3
"""The leap indicator of a clock that is not set."""
NO_STRATUM = 16
_HEADER = struct.Struct("!BBbbIIIQQQQ")
_DIGEST = 16
UNIT = 1 << 32


class Mode(IntEnum):
    """RFC 5905 figure 10."""

    RESERVED = 0
    ACTIVE = 1
    PASSIVE = 2
    CLIENT = 3
    SERVER = 4
    BROADCAST = 5
    CONTROL = 6
    PRIVATE = 7


def timestamp(moment: datetime, seconds: float = 0.0) -> int:
    """The timestamp `seconds` after a moment; the fraction is as fine as a float of these seconds allows."""
    passed = moment - EPOCH
    whole = passed.days * 86400 + passed.seconds
    return (whole * UNIT + passed.microseconds * UNIT // 1_000_000 + int(seconds * UNIT)) & 0xFFFFFFFFFFFFFFFF


def difference(a: int, b: int) -> float:
    """`a` minus `b` in seconds; of two eras the nearer is meant (RFC 5905 section 6)."""
    value = (a - b) & 0xFFFFFFFFFFFFFFFF
    return (value - (1 << 64) if value >> 63 else value) / UNIT


@dataclass(frozen=True)
class NtpPacket:
    """One packet. `root_delay` and `root_dispersion` in seconds; `poll` and `precision` are powers of two."""

    mode: Mode
    leap: int = 0
    version: int = VERSION
    stratum: int = NO_STRATUM
    poll: int = 6
    precision: int = -24
    root_delay: float = 0.0
    root_dispersion: float = 0.0
    reference_id: bytes = bytes(4)
    reference: int = 0
    origin: int = 0
    receive: int = 0
    transmit: int = 0
    key: int | None = None
    """The number of the key; None: no digest. With `digest` empty: a crypto-NAK."""
    digest: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> NtpPacket:
        """Read a UDP payload. Raises MalformedPacket."""
        if len(data) < _HEADER.size:
            raise MalformedPacket(f"NTP: {len(data)} octets are too few")
        (
            first, stratum, poll, precision, delay, dispersion, identifier, reference, origin, receive, transmit
        ) = _HEADER.unpack_from(data)  # fmt: skip
        rest = data[_HEADER.size :]
        if len(rest) not in (0, 4, 4 + _DIGEST, 8 + _DIGEST):
            raise MalformedPacket(f"NTP: {len(rest)} octets after the header")
        return cls(
            Mode(first & 7),
            first >> 6,
            first >> 3 & 7,
            stratum or NO_STRATUM,
            poll,
            precision,
            delay / 65536,
            dispersion / 65536,
            identifier.to_bytes(4, "big"),
            reference,
            origin,
            receive,
            transmit,
            int.from_bytes(rest[:4], "big") if rest else None,
            rest[4:],
        )

    def header(self) -> bytes:
        """The 48 octets that a digest covers."""
        return _HEADER.pack(
            self.leap << 6 | self.version << 3 | self.mode,
            0 if self.stratum >= NO_STRATUM else self.stratum,
            self.poll,
            self.precision,
            min(int(self.root_delay * 65536), 0xFFFFFFFF),
            min(int(self.root_dispersion * 65536), 0xFFFFFFFF),
            int.from_bytes(self.reference_id, "big"),
            self.reference,
            self.origin,
            self.receive,
            self.transmit,
        )

    def to_bytes(self) -> bytes:
        """The UDP payload."""
        if self.key is None:
            return self.header()
        return self.header() + self.key.to_bytes(4, "big") + self.digest

    def signed(self, key: int, secret: bytes) -> NtpPacket:
        """With an MD5 digest (RFC 5905 section 7.3)."""
        return replace(self, key=key, digest=_md5(secret, self.header()))

    def signed_by(self, secret: bytes) -> bool:
        """Whether the digest is that of the key."""
        return hmac.compare_digest(self.digest, _md5(secret, self.header()))


def _md5(secret: bytes, header: bytes) -> bytes:
    return hashlib.md5(secret + header, usedforsecurity=False).digest()
