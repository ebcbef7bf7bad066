"""What turns plaintext into ESP payloads and checks them: ciphers, authenticators and their keys.

ESP ciphers: DES-CBC (RFC 2405), 3DES-CBC (RFC 2451), AES-CBC (RFC 3602), NULL (RFC 2410), AES-GCM with a
16-byte ICV (RFC 4106), AES-GMAC (RFC 4543). Authenticators for ESP and AH: HMAC-MD5-96 (RFC 2403),
HMAC-SHA-1-96 (RFC 2404), HMAC-SHA-256-128, -384-192 and -512-256 (RFC 4868).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class IntegrityError(Exception):
    """The integrity check value does not match: forged, damaged, or made with another key."""


@dataclass(frozen=True, slots=True)
class CipherFacts:
    """Sizes in bytes of an ESP cipher; `keys` are the key lengths it takes (salt included)."""

    keys: tuple[int, ...]
    iv: int
    block: int
    icv: int = 0
    """Of the cipher itself, for combined modes."""
    encrypts: bool = True


class EspCipher(Enum):
    """The ciphers of ESP, with their sizes."""

    NULL = CipherFacts((0,), 0, 1, encrypts=False)
    DES = CipherFacts((8,), 8, 8)
    TRIPLE_DES = CipherFacts((24,), 8, 8)
    AES_CBC = CipherFacts((16, 24, 32), 16, 16)
    AES_GCM_16 = CipherFacts((20, 28, 36), 8, 1, icv=16)
    AES_GMAC = CipherFacts((20, 28, 36), 8, 1, icv=16, encrypts=False)


@dataclass(frozen=True, slots=True)
class Integrity:
    """A keyed hash: its name for hashlib, its key length and its truncated length, in bytes."""

    digest: str
    key: int
    icv: int


class Authenticator(Enum):
    """The authenticators of ESP and AH."""

    HMAC_MD5_96 = Integrity("md5", 16, 12)
    HMAC_SHA1_96 = Integrity("sha1", 20, 12)
    HMAC_SHA256_128 = Integrity("sha256", 32, 16)
    HMAC_SHA384_192 = Integrity("sha384", 48, 24)
    HMAC_SHA512_256 = Integrity("sha512", 64, 32)

    def tag(self, key: bytes) -> Callable[[bytes], bytes]:
        """A function that gives the truncated ICV of data under `key`."""
        digest, length = self.value.digest, self.value.icv
        one_shot = hmac.digest

        def compute(data: bytes) -> bytes:
            return one_shot(key, data, digest)[:length]

        return compute


class Protection:
    """An ESP transform with its keys: seals and opens the part after the ESP header.

    Raises ValueError when a key has the wrong length or neither cipher nor authenticator protects anything.
    """

    def __init__(
        self,
        cipher: EspCipher,
        encryption_key: bytes = b"",
        authenticator: Authenticator | None = None,
        authentication_key: bytes = b"",
    ) -> None:
        facts = cipher.value
        if len(encryption_key) not in facts.keys:
            raise ValueError(f"{cipher.name} takes a key of {facts.keys} bytes, not {len(encryption_key)}")
        if authenticator is not None and len(authentication_key) != authenticator.value.key:
            raise ValueError(
                f"{authenticator.name} takes a key of {authenticator.value.key} bytes, "
                f"not {len(authentication_key)}"
            )
        if cipher is EspCipher.NULL and authenticator is None:
            raise ValueError("ESP with neither encryption nor authentication (RFC 4303, 1)")
        self.cipher = cipher
        self.authenticator = authenticator
        self.encryption_key = encryption_key
        self.authentication_key = authentication_key
        self.iv_size = facts.iv
        self.alignment = max(4, facts.block)
        """Padding makes the trailer end on a multiple of this (RFC 4303, 2.4)."""
        self.icv_size = facts.icv + (authenticator.value.icv if authenticator else 0)
        self.authenticated = self.icv_size > 0
        self._separate_icv = self.icv_size - facts.icv
        self._tag = authenticator.tag(authentication_key) if authenticator else None
        self._block: BlockCipherAlgorithm | None = None
        self._aead: AESGCM | None = None
        self._salt = b""
        self._block_size = facts.block
        match cipher:
            case EspCipher.DES:
                self._block = TripleDES(encryption_key * 3)
            case EspCipher.TRIPLE_DES:
                self._block = TripleDES(encryption_key)
            case EspCipher.AES_CBC:
                self._block = algorithms.AES(encryption_key)
            case EspCipher.AES_GCM_16 | EspCipher.AES_GMAC:
                self._aead = AESGCM(encryption_key[:-4])
                self._salt = encryption_key[-4:]
            case EspCipher.NULL:
                pass

    def seal(self, header: bytes, iv: bytes, plaintext: bytes) -> bytes:
        """The whole ESP packet: `header` (SPI, sequence number), IV, ciphertext, ICV.

        `plaintext` is payload, padding and trailer. Raises ValueError for an IV of the wrong size.
        """
        if len(iv) != self.iv_size:
            raise ValueError(f"{self.cipher.name} takes an IV of {self.iv_size} bytes, not {len(iv)}")
        if self._block is not None:
            encryptor = Cipher(self._block, modes.CBC(iv)).encryptor()
            packet = header + iv + encryptor.update(plaintext)
        elif self._aead is None:
            packet = header + plaintext
        elif self.cipher is EspCipher.AES_GCM_16:
            packet = header + iv + self._aead.encrypt(self._salt + iv, plaintext, header)
        else:
            packet = header + iv + plaintext
            packet += self._aead.encrypt(self._salt + iv, b"", packet)
        return packet + self._tag(packet) if self._tag is not None else packet

    def check(self, packet: bytes) -> None:
        """Verify the separate authenticator of a whole ESP packet; raises IntegrityError."""
        if self._tag is not None:
            size = self._separate_icv
            if not hmac.compare_digest(self._tag(packet[:-size]), packet[-size:]):
                raise IntegrityError

    def open(self, packet: bytes) -> bytes:
        """Payload, padding and trailer of a packet that passed `check`.

        Raises IntegrityError when a combined mode refuses it, ValueError when the length is impossible.
        """
        end = len(packet) - self._separate_icv
        iv, body = packet[8 : 8 + self.iv_size], packet[8 + self.iv_size : end]
        if len(iv) < self.iv_size or len(body) < 2 + self.icv_size - self._separate_icv:
            raise ValueError("ESP packet too short")
        if self._block is not None:
            if len(body) % self._block_size:
                raise ValueError("ESP ciphertext is no multiple of the cipher's block")
            return Cipher(self._block, modes.CBC(iv)).decryptor().update(body)
        if self._aead is None:
            return body
        try:
            if self.cipher is EspCipher.AES_GCM_16:
                return self._aead.decrypt(self._salt + iv, body, packet[:8])
            self._aead.decrypt(self._salt + iv, body[-16:], packet[: end - 16])
        except InvalidTag:
            raise IntegrityError from None
        return body[:-16]


AH_FIXED = 12
"""Octets of an Authentication Header before its ICV (RFC 4302, 2)."""


class AhProtection:
    """An AH transform with its key; raises ValueError for a key of the wrong length."""

    authenticated = True
    iv_size = 0

    def __init__(self, authenticator: Authenticator, key: bytes) -> None:
        if len(key) != authenticator.value.key:
            raise ValueError(f"{authenticator.name} takes a key of {authenticator.value.key} bytes")
        self.authenticator = authenticator
        self.authentication_key = key
        self.icv_size = authenticator.value.icv
        self.tag = authenticator.tag(key)

    @property
    def size(self) -> int:
        """Bytes the header adds to a packet."""
        return AH_FIXED + self.icv_size
