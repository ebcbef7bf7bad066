"""Ciphers, hashes and Diffie-Hellman groups of IKEv1."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from iosemu.ike.modp import MODP
from iosemu.ike.types import Encryption, Hash

_HASHES: Final = {
    Hash.MD5: "md5",
    Hash.SHA: "sha1",
    Hash.SHA256: "sha256",
    Hash.SHA384: "sha384",
    Hash.SHA512: "sha512",
}

ECP: Final[dict[int, ec.EllipticCurve]] = {19: ec.SECP256R1(), 20: ec.SECP384R1(), 21: ec.SECP521R1()}
"""Group number to curve (RFC 5903)."""

GROUPS: Final = frozenset(MODP) | frozenset(ECP)
"""The supported groups."""

EXPONENT_BYTES: Final = 40
"""Length of a private exponent: at least twice the strength of the strongest MODP group here."""


def digest(hash_: Hash, data: bytes) -> bytes:
    """The plain hash."""
    return hashlib.new(_HASHES[hash_], data).digest()


def prf(hash_: Hash, key: bytes, data: bytes) -> bytes:
    """The negotiated hash as HMAC (RFC 2409, 4)."""
    return hmac.digest(key, data, _HASHES[hash_])


def cipher_block(encryption: Encryption) -> int:
    """Block and IV length in bytes."""
    return 16 if encryption is Encryption.AES else 8


def _cipher(encryption: Encryption, key: bytes, iv: bytes) -> Cipher[modes.CBC]:
    if encryption is Encryption.AES:
        return Cipher(algorithms.AES(key), modes.CBC(iv))
    if encryption is Encryption.DES:
        key *= 3
    return Cipher(TripleDES(key), modes.CBC(iv))


def cbc_encrypt(encryption: Encryption, key: bytes, iv: bytes, plaintext: bytes) -> bytes:
    """CBC encryption of whole blocks; `ValueError` otherwise."""
    encryptor = _cipher(encryption, key, iv).encryptor()
    return encryptor.update(plaintext) + encryptor.finalize()


def cbc_decrypt(encryption: Encryption, key: bytes, iv: bytes, ciphertext: bytes) -> bytes:
    """CBC decryption of whole blocks; `ValueError` otherwise."""
    decryptor = _cipher(encryption, key, iv).decryptor()
    return decryptor.update(ciphertext) + decryptor.finalize()


class KeyExchange:
    """One side of a Diffie-Hellman exchange."""

    __slots__ = ("_key", "group", "private", "public")

    def __init__(self, group: int, private: int) -> None:
        self.group = group
        self.private = private
        self._key: ec.EllipticCurvePrivateKey | None = None
        if group in MODP:
            prime, generator = MODP[group]
            self.public = pow(generator, private, prime).to_bytes(prime.bit_length() // 8, "big")
        else:
            self._key = ec.derive_private_key(private, ECP[group])
            numbers = self._key.public_key().public_numbers()
            size = _coordinate(group)
            self.public = numbers.x.to_bytes(size, "big") + numbers.y.to_bytes(size, "big")

    @classmethod
    def generate(cls, group: int, randbytes: Callable[[int], bytes]) -> KeyExchange:
        """A fresh key pair. `KeyError` for an unsupported group."""
        if group in MODP:
            return cls(
                group, int.from_bytes(randbytes(EXPONENT_BYTES), "big") | 1 << (EXPONENT_BYTES * 8 - 1)
            )
        size = ECP[group].key_size
        # One below the order's top bit: always within 1 … n-1.
        private = int.from_bytes(randbytes(_coordinate(group)), "big") % (1 << (size - 1)) or 1
        return cls(group, private)

    @property
    def private_bytes(self) -> bytes:
        """The private value, big endian."""
        return self.private.to_bytes((self.private.bit_length() + 7) // 8 or 1, "big")

    def shared(self, peer_public: bytes) -> bytes:
        """g^xy (for a curve the x coordinate: RFC 5903, 7); `ValueError` for a public value that is none."""
        if self._key is None:
            prime = MODP[self.group][0]
            size = prime.bit_length() // 8
            value = int.from_bytes(peer_public, "big")
            if len(peer_public) != size or not 1 < value < prime - 1:
                raise ValueError("not a public value of the group")
            return pow(value, self.private, prime).to_bytes(size, "big")
        size = _coordinate(self.group)
        if len(peer_public) != 2 * size:
            raise ValueError("not a public value of the group")
        curve = ECP[self.group]
        x, y = int.from_bytes(peer_public[:size], "big"), int.from_bytes(peer_public[size:], "big")
        peer = ec.EllipticCurvePublicNumbers(x, y, curve).public_key()
        return self._key.exchange(ec.ECDH(), peer)


def _coordinate(group: int) -> int:
    return (ECP[group].key_size + 7) // 8
