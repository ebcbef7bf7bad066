"""EAP, the Extensible Authentication Protocol (RFC 3748), and its method MD5-Challenge (section 5.4)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum

from iosemu.packets.errors import MalformedPacket

HEADER = 4


class EapCode(IntEnum):
    """RFC 3748 section 4."""

    REQUEST = 1
    RESPONSE = 2
    SUCCESS = 3
    FAILURE = 4


class EapType(IntEnum):
    """RFC 3748 section 5, and the methods that clients of wired ports use most."""

    IDENTITY = 1
    NOTIFICATION = 2
    NAK = 3
    MD5_CHALLENGE = 4
    OTP = 5
    GTC = 6
    TLS = 13
    LEAP = 17
    TTLS = 21
    PEAP = 25
    MSCHAPV2 = 26
    FAST = 43


@dataclass(frozen=True, slots=True)
class EapPacket:
    """One packet; Success and Failure have neither type nor data."""

    code: int
    identifier: int
    type: int | None = None
    data: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> EapPacket:
        """A packet; octets behind its length are padding of the link. Raises MalformedPacket."""
        if len(data) < HEADER:
            raise MalformedPacket("EAP: shorter than its header")
        length = int.from_bytes(data[2:4], "big")
        if not HEADER <= length <= len(data):
            raise MalformedPacket(f"EAP: length {length} in {len(data)} octets")
        if data[0] in (EapCode.SUCCESS, EapCode.FAILURE):
            return cls(data[0], data[1])
        if length == HEADER:
            raise MalformedPacket("EAP: a request or response without type")
        return cls(data[0], data[1], data[4], bytes(data[5:length]))

    def to_bytes(self) -> bytes:
        """The packet."""
        body = b"" if self.type is None else bytes((self.type,)) + self.data
        return bytes((self.code, self.identifier)) + (HEADER + len(body)).to_bytes(2, "big") + body


def identity_request(identifier: int) -> EapPacket:
    """Who is there?"""
    return EapPacket(EapCode.REQUEST, identifier, EapType.IDENTITY)


def md5_value(data: bytes) -> bytes:
    """The challenge or response in the data of MD5-Challenge. Raises MalformedPacket."""
    if not data or not 0 < data[0] < len(data):
        raise MalformedPacket("EAP-MD5: no value")
    return data[1 : 1 + data[0]]


def md5_data(value: bytes, name: bytes = b"") -> bytes:
    """The data of MD5-Challenge around a value of up to 255 octets."""
    return bytes((len(value),)) + value + name


def md5_response(identifier: int, password: bytes, challenge: bytes) -> bytes:
    """What proves the password (RFC 1994 section 4.1)."""
    return hashlib.md5(bytes((identifier,)) + password + challenge, usedforsecurity=False).digest()
