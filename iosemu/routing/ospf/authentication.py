"""Signing and checking packets (RFC 2328 D), with IOS's way of changing keys.

Each key has an ID; the youngest is the one configured last. While a neighbor still signs with an older key
each packet is sent once for every key.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import Enum
from hashlib import md5

from iosemu.packets.checksum import internet_checksum
from iosemu.routing.ospf.constants import VERSION, AuthenticationType
from iosemu.routing.ospf.packets import (
    CRYPTOGRAPHIC,
    CRYPTOGRAPHIC_TLV,
    EXTENDED_OPTIONS_TLV,
    HEADER,
    HEADER_LENGTH,
    LR_BIT,
    UNSIGNED,
    Header,
    build_lls,
)

DIGEST_LENGTH = 16
_EXTENDED = (EXTENDED_OPTIONS_TLV, LR_BIT.to_bytes(4, "big"))
_PLAIN_LLS = build_lls([_EXTENDED])


@dataclass(frozen=True, slots=True)
class Key:
    """A key of cryptographic authentication: ID 1-255 and at most 16 octets."""

    id: int
    secret: bytes


@dataclass(frozen=True, slots=True)
class Authentication:
    """What an interface uses: `password` with SIMPLE (at most 8 octets), `keys` oldest first with CRYPTOGRAPHIC."""

    type: AuthenticationType = AuthenticationType.NULL
    password: bytes = b""
    keys: tuple[Key, ...] = ()

    @property
    def youngest(self) -> Key:
        """The key to sign with; without any, IOS uses key 0 and no secret."""
        return self.keys[-1] if self.keys else Key(0, b"")


NO_AUTHENTICATION = Authentication()
_SIMPLE, _SIGNED = AuthenticationType.SIMPLE, AuthenticationType.CRYPTOGRAPHIC


class AuthenticationFault(Enum):
    """Why a packet was refused."""

    TYPE = "Mismatched Authentication type"
    KEY = "Mismatched Authentication key"
    KEY_ID = "Invalid cryptographic authentication Key ID"
    SEQUENCE = "Cryptographic sequence number is too old"
    LENGTH = "Digest is cut off"


def _digest(data: bytes, key: Key) -> bytes:
    return md5(data + key.secret[:16].ljust(16, b"\0"), usedforsecurity=False).digest()


def sign(
    kind: int,
    router_id: int,
    area_id: int,
    body: bytes,
    auth: Authentication,
    key: Key,
    sequence: int,
    lls: bool,
) -> bytes:
    """A whole packet. `key` and `sequence` count with cryptographic authentication only; `lls` adds the block."""
    length = HEADER_LENGTH + len(body)
    if auth.type is _SIGNED:
        field = CRYPTOGRAPHIC.pack(0, key.id, DIGEST_LENGTH, sequence)
        packet = Header(kind, length, router_id, area_id, 0, auth.type, field).to_bytes() + body
        packet += _digest(packet, key)
        if lls:
            # The digest in the block covers the block up to itself (RFC 5613, 2.5).
            block = build_lls(
                [_EXTENDED, (CRYPTOGRAPHIC_TLV, sequence.to_bytes(4, "big") + bytes(16))], False
            )
            packet += block[:-16] + _digest(block[:-16], key)
        return packet
    fixed = VERSION, kind, length, router_id, area_id
    checksum = internet_checksum(HEADER.pack(*fixed, 0, auth.type, UNSIGNED) + body)
    field = auth.password[:8].ljust(8, b"\0") if auth.type is _SIMPLE else UNSIGNED
    packet = HEADER.pack(*fixed, checksum, auth.type, field) + body
    return packet + _PLAIN_LLS if lls else packet


def check(header: Header, data: bytes, auth: Authentication) -> AuthenticationFault | None:
    """Compare a packet with what the interface uses; the sequence number is the neighbor's business."""
    if header.authentication_type != auth.type:
        return AuthenticationFault.TYPE
    if auth.type is _SIMPLE:
        right = hmac.compare_digest(header.authentication, auth.password[:8].ljust(8, b"\0"))
        return None if right else AuthenticationFault.KEY
    if auth.type is _SIGNED:
        keys = auth.keys or (auth.youngest,)
        # Of two keys with one ID the later was typed last.
        key = next((key for key in reversed(keys) if key.id == header.key_id), None)
        if key is None:
            return AuthenticationFault.KEY_ID
        digest = data[header.length : header.length + DIGEST_LENGTH]
        if header.digest_length != DIGEST_LENGTH or len(digest) != DIGEST_LENGTH:
            return AuthenticationFault.LENGTH
        if not hmac.compare_digest(digest, _digest(data[: header.length], key)):
            return AuthenticationFault.KEY
    return None
