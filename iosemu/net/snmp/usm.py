"""The User-based Security Model (RFC 3414), with AES in CFB (RFC 3826)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from functools import lru_cache

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from iosemu.packets.snmp import AUTHENTICATED, DIGEST, PRIVATE, ScopedPdu, SecureMessage

try:
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
except ImportError:  # before it was moved
    from cryptography.hazmat.primitives.ciphers.modes import CFB

WINDOW = 150
"""Seconds by which a message may be off (RFC 3414 section 3.2 step 7)."""
_PASSWORD_OCTETS = 1048576
"""Of the repeated password (RFC 3414 section A.2)."""


class Level(IntEnum):
    """Security levels (RFC 3411 section 3.4.3); the value is the one of msgFlags."""

    NO_AUTH = 0
    AUTH = AUTHENTICATED
    PRIV = AUTHENTICATED | PRIVATE


class Auth(Enum):
    """Authentication protocols; the value is the name of the hash."""

    MD5 = "md5"
    SHA = "sha1"


class Priv(Enum):
    """Privacy protocols; the value is the octets of the key."""

    DES = 16
    AES128 = 17
    AES192 = 24
    AES256 = 32

    @property
    def key_octets(self) -> int:
        """How long the localized key is."""
        return 16 if self is Priv.AES128 else self.value


@lru_cache(maxsize=512)
def localized_key(auth: Auth, password: str, engine: bytes) -> bytes:
    """The key of a password at one engine (RFC 3414 section 2.6)."""
    data = password.encode() or b"\0"
    stretched = (data * (_PASSWORD_OCTETS // len(data) + 1))[:_PASSWORD_OCTETS]
    key = hashlib.new(auth.value, stretched, usedforsecurity=False).digest()
    return hashlib.new(auth.value, key + engine + key, usedforsecurity=False).digest()


@lru_cache(maxsize=512)
def privacy_key(auth: Auth, priv: Priv, password: str, engine: bytes) -> bytes:
    """The key for privacy; longer ones than the hash go on with the key of the key, as IOS has it."""
    key = localized_key(auth, password, engine)
    while len(key) < priv.key_octets:
        key += _from_octets(auth, key, engine)
    return key[: priv.key_octets]


def _from_octets(auth: Auth, octets: bytes, engine: bytes) -> bytes:
    stretched = (octets * (_PASSWORD_OCTETS // len(octets) + 1))[:_PASSWORD_OCTETS]
    key = hashlib.new(auth.value, stretched, usedforsecurity=False).digest()
    return hashlib.new(auth.value, key + engine + key, usedforsecurity=False).digest()


@dataclass(frozen=True)
class UsmUser:
    """A user of one engine, with keys."""

    name: str
    auth: Auth | None = None
    auth_key: bytes = b""
    priv: Priv | None = None
    priv_key: bytes = b""

    @property
    def level(self) -> Level:
        """The best that it can do."""
        if self.auth is None:
            return Level.NO_AUTH
        return Level.AUTH if self.priv is None else Level.PRIV


def digest(user: UsmUser, message: bytes) -> bytes:
    """HMAC-MD5-96 or HMAC-SHA-96 (RFC 3414 sections 6 and 7)."""
    assert user.auth is not None
    return hmac.new(user.auth_key, message, user.auth.value).digest()[:DIGEST]


def authentic(user: UsmUser, message: SecureMessage) -> bool:
    """Whether the digest of a message that came is that of the user."""
    if len(message.digest) != DIGEST:
        return False
    return hmac.compare_digest(digest(user, message.without_digest()), message.digest)


def _cipher(user: UsmUser, message: SecureMessage) -> Cipher[CBC] | Cipher[CFB]:
    if user.priv is Priv.DES:
        vector = bytes(a ^ b for a, b in zip(user.priv_key[8:16], message.salt, strict=True))
        return Cipher(TripleDES(user.priv_key[:8] * 3), CBC(vector))
    vector = message.boots.to_bytes(4, "big") + message.time.to_bytes(4, "big") + message.salt
    return Cipher(AES(user.priv_key[: user.priv.key_octets] if user.priv else b""), CFB(vector))


def decrypt(user: UsmUser, message: SecureMessage) -> ScopedPdu:
    """What an encrypted message holds. Raises ValueError (MalformedPacket, too) where it cannot be read."""
    if not isinstance(message.scoped, bytes):
        return message.scoped
    if len(message.salt) != 8 or (user.priv is Priv.DES and len(message.scoped) % 8):
        raise ValueError("the parameters of privacy are not those of the protocol")
    if not 0 <= message.boots < 2**31 or not 0 <= message.time < 2**31:
        raise ValueError("boots or time are out of range")
    decryptor = _cipher(user, message).decryptor()
    return ScopedPdu.parse(decryptor.update(message.scoped) + decryptor.finalize())


def secured(user: UsmUser, message: SecureMessage, salt: int) -> bytes:
    """A message to be sent, encrypted and signed as its flags say; `salt` is another one each time."""
    if message.flags & PRIVATE and isinstance(message.scoped, ScopedPdu):
        message = replace(message, salt=(salt & (2**64 - 1)).to_bytes(8, "big"))
        clear = message.scoped.to_bytes()  # type: ignore[union-attr]
        if user.priv is Priv.DES:
            clear += bytes(-len(clear) % 8)
        encryptor = _cipher(user, message).encryptor()
        message = replace(message, scoped=encryptor.update(clear) + encryptor.finalize())
    if not message.flags & AUTHENTICATED:
        return message.to_bytes()
    blank = replace(message, digest=bytes(DIGEST)).to_bytes()
    return replace(message, digest=digest(user, blank)).to_bytes()
