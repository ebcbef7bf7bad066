"""PPP: frames, the packets of its control protocols, PAP and CHAP (RFC 1661, 1662, 1332, 1334, 1994).

Numbers are big-endian. All readers raise MalformedPacket.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from iosemu.packets.errors import MalformedPacket
from iosemu.packets.framing import PPP_HEADER

MRU = 1500
"""Octets of the largest packet that every end takes (RFC 1661 section 6.1)."""


class PppProtocol(IntEnum):
    """The Protocol field (RFC 1661 section 2)."""

    IPV4 = 0x0021
    MULTILINK = 0x003D
    CDP = 0x0207
    IPCP = 0x8021
    IPV6CP = 0x8057
    CDPCP = 0x8207
    LCP = 0xC021
    PAP = 0xC023
    LQR = 0xC025
    CHAP = 0xC223


class Code(IntEnum):
    """What a packet of LCP or an NCP is (RFC 1661 section 5)."""

    CONFREQ = 1
    CONFACK = 2
    CONFNAK = 3
    CONFREJ = 4
    TERMREQ = 5
    TERMACK = 6
    CODEREJ = 7
    PROTREJ = 8
    ECHOREQ = 9
    ECHOREP = 10
    DISCREQ = 11


class LcpOption(IntEnum):
    """RFC 1661 section 6, RFC 1990 section 5."""

    MRU = 1
    AUTHENTICATION = 3
    QUALITY = 4
    MAGIC = 5
    MRRU = 17
    ENDPOINT = 19


class IpcpOption(IntEnum):
    """RFC 1332 section 3, RFC 1877."""

    ADDRESS = 3
    PRIMARY_DNS = 129
    SECONDARY_DNS = 131


class AuthCode(IntEnum):
    """CHAP (RFC 1994 section 4) and PAP (RFC 1334 section 2.2), which share three numbers."""

    CHALLENGE = 1
    RESPONSE = 2
    SUCCESS = 3
    FAILURE = 4
    AUTH_REQ = 1
    AUTH_ACK = 2
    AUTH_NAK = 3


@dataclass(frozen=True, slots=True)
class PppFrame:
    """A frame without flags and FCS."""

    protocol: int
    payload: bytes

    @classmethod
    def parse(cls, data: bytes) -> PppFrame:
        """Read a frame in HDLC-like framing (RFC 1662 section 3.1)."""
        if len(data) < 4:
            raise MalformedPacket(f"PPP: {len(data)} octets are too few")
        if data[:2] != PPP_HEADER:
            raise MalformedPacket(f"PPP: address and control {data[:2].hex()}")
        return cls.bare(data[2:])

    @classmethod
    def bare(cls, data: bytes) -> PppFrame:
        """Read a frame without address and control, as PPPoE carries it (RFC 2516 section 7)."""
        if len(data) < 2:
            raise MalformedPacket(f"PPP: {len(data)} octets are too few")
        protocol = int.from_bytes(data[:2])
        if protocol & 0x101 != 1:
            raise MalformedPacket(f"PPP: {protocol:#06x} is no protocol")
        return cls(protocol, data[2:])

    def to_bytes(self) -> bytes:
        """The octets."""
        return PPP_HEADER + self.protocol.to_bytes(2) + self.payload


@dataclass(frozen=True, slots=True)
class ControlPacket:
    """A packet of LCP, an NCP, CHAP or PAP: they have one header."""

    code: int
    identifier: int
    data: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> ControlPacket:
        """Read a packet; what stands behind its length is padding."""
        if len(data) < 4:
            raise MalformedPacket(f"PPP: a packet of {len(data)} octets")
        code, identifier, length = struct.unpack_from(">BBH", data)
        if not 4 <= length <= len(data):
            raise MalformedPacket(f"PPP: length {length} of {len(data)} octets")
        return cls(code, identifier, data[4:length])

    def to_bytes(self) -> bytes:
        """The octets."""
        return struct.pack(">BBH", self.code, self.identifier, self.length) + self.data

    @property
    def length(self) -> int:
        """The Length field."""
        return 4 + len(self.data)


@dataclass(frozen=True, slots=True)
class Option:
    """A Configuration Option (RFC 1661 section 6)."""

    kind: int
    value: bytes = b""

    def to_bytes(self) -> bytes:
        """The octets."""
        return bytes((self.kind, 2 + len(self.value))) + self.value


def parse_options(data: bytes) -> tuple[Option, ...]:
    """The options of a Configure packet."""
    found: list[Option] = []
    at = 0
    while at < len(data):
        length = data[at + 1] if at + 1 < len(data) else 0
        if length < 2 or at + length > len(data):
            raise MalformedPacket("PPP: an option that does not fit")
        found.append(Option(data[at], data[at + 2 : at + length]))
        at += length
    return tuple(found)


def options_bytes(options: Iterable[Option]) -> bytes:
    """The octets of options."""
    return b"".join(each.to_bytes() for each in options)


@dataclass(frozen=True, slots=True)
class ChapValue:
    """The data of a Challenge or a Response (RFC 1994 section 4.1)."""

    value: bytes
    name: str

    @classmethod
    def parse(cls, data: bytes) -> ChapValue:
        """Read it."""
        if not data or not 1 <= data[0] < len(data) + 1 or len(data) < 1 + data[0]:
            raise MalformedPacket("CHAP: no value")
        end = 1 + data[0]
        return cls(data[1:end], data[end:].decode("latin-1"))

    def to_bytes(self) -> bytes:
        """The octets."""
        return bytes((len(self.value),)) + self.value + self.name.encode("latin-1", "replace")


@dataclass(frozen=True, slots=True)
class PapRequest:
    """The data of an Authenticate-Request (RFC 1334 section 2.2.1)."""

    name: str
    password: str

    @classmethod
    def parse(cls, data: bytes) -> PapRequest:
        """Read it."""
        name, rest = _counted(data)
        password, _rest = _counted(rest)
        return cls(name, password)

    def to_bytes(self) -> bytes:
        """The octets."""
        return _text(self.name) + _text(self.password)


def pap_message(data: bytes) -> str:
    """The message of an Authenticate-Ack or -Nak; some peers leave it out with its length."""
    return _counted(data)[0] if data else ""


def _text(text: str) -> bytes:
    octets = text.encode("latin-1", "replace")[:255]
    return bytes((len(octets),)) + octets


def _counted(data: bytes) -> tuple[str, bytes]:
    if not data or len(data) < 1 + data[0]:
        raise MalformedPacket("PAP: a text that does not fit")
    return data[1 : 1 + data[0]].decode("latin-1"), data[1 + data[0] :]


def chap_value(identifier: int, secret: bytes, challenge: bytes) -> bytes:
    """What a challenge is answered with (RFC 1994 section 4.1); EAP's MD5-Challenge and RADIUS have the same."""
    return hashlib.md5(bytes((identifier,)) + secret + challenge, usedforsecurity=False).digest()
