"""The encrypted payload: CBC with an HMAC, or GCM (RFC 7296, 3.14; RFC 5282)."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from iosemu.ike.algorithms import cbc_decrypt, cbc_encrypt, cipher_block
from iosemu.ike.types import Encryption
from iosemu.ikev2.numbers import Encr, Integ

CBC = {Encr.DES: Encryption.DES, Encr.TRIPLE_DES: Encryption.TRIPLE_DES, Encr.AES_CBC: Encryption.AES}
"""The ciphers of the shared algorithms."""
HMACS = {
    Integ.MD5_96: ("md5", 12),
    Integ.SHA1_96: ("sha1", 12),
    Integ.SHA256_128: ("sha256", 16),
    Integ.SHA384_192: ("sha384", 24),
    Integ.SHA512_256: ("sha512", 32),
}
"""Name of the hash and octets that are kept."""
GCM_IV, GCM_ICV, SALT = 8, 16, 4


class IntegrityError(Exception):
    """The checksum does not fit: forged, damaged, or made with another key."""


class Sealer:
    """One direction of an IKE SA: `encr` with its key (salt included for GCM), `integ` with its key."""

    def __init__(
        self,
        encr: Encr,
        encryption_key: bytes,
        integ: Integ,
        integrity_key: bytes,
        randbytes: Callable[[int], bytes],
    ) -> None:
        self._encr = encr
        self._key = encryption_key
        self._integrity_key = integrity_key
        self._randbytes = randbytes
        self._count = 0
        self._aead = AESGCM(encryption_key[:-SALT]) if encr is Encr.AES_GCM_16 else None
        if self._aead is not None:
            self._iv, self._block, self._icv, self._hash = GCM_IV, 1, GCM_ICV, ""
        else:
            self._block = cipher_block(CBC[encr])
            self._iv = self._block
            self._hash, self._icv = HMACS[integ]

    @property
    def overhead(self) -> int:
        """The most octets that sealing adds: IV, padding with its length, checksum."""
        return self._iv + self._block + self._icv

    def size(self, length: int) -> int:
        """Octets of IV, ciphertext and checksum for a plaintext."""
        return self._iv + length + self._padding(length) + 1 + self._icv

    def _padding(self, length: int) -> int:
        return -(length + 1) % self._block

    def seal(self, head: bytes, plaintext: bytes) -> bytes:
        """The whole message: `head` is all up to the IV, with the lengths already in it."""
        padding = self._padding(len(plaintext))
        clear = plaintext + bytes(padding) + bytes((padding,))
        if self._aead is not None:
            # never twice the same under one key (RFC 5282, 3.1): counted, not drawn
            self._count += 1
            iv = self._count.to_bytes(GCM_IV, "big")
            return head + iv + self._aead.encrypt(self._key[-SALT:] + iv, clear, head)
        iv = self._randbytes(self._iv)
        data = head + iv + cbc_encrypt(CBC[self._encr], self._key, iv, clear)
        return data + hmac.digest(self._integrity_key, data, self._hash)[: self._icv]

    def open(self, message: bytes, start: int) -> bytes:
        """The plaintext of a whole message whose IV begins at `start`.

        Raises `IntegrityError` when the checksum does not fit or what is inside has no padding.
        """
        body = message[start:]
        if len(body) < self._iv + 1 + self._icv:
            raise IntegrityError
        iv, sealed = body[: self._iv], body[self._iv : -self._icv]
        if self._aead is not None:
            try:
                clear = self._aead.decrypt(self._key[-SALT:] + iv, body[self._iv :], message[:start])
            except InvalidTag:
                raise IntegrityError from None
        else:
            expected = hmac.digest(self._integrity_key, message[: -self._icv], self._hash)[: self._icv]
            if not hmac.compare_digest(expected, message[-self._icv :]) or len(sealed) % self._block:
                raise IntegrityError
            clear = cbc_decrypt(CBC[self._encr], self._key, iv, sealed)
        end = len(clear) - 1 - clear[-1]
        if end < 0:
            raise IntegrityError
        return clear[:end]
