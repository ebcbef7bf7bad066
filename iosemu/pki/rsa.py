"""RSA by PKCS #1 v1.5 (RFC 8017, 7.2 and 8.2), with the digests that routers still use.

The libraries refuse MD5 and SHA-1, and the signature of IKEv1, which names no digest; so the padding is made here.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

DIGEST_INFO: Final = {
    "md5": bytes.fromhex("3020300c06082a864886f70d020505000410"),
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}
"""What stands before a digest in a signature, by its name in hashlib (RFC 8017, 9.2 note 1)."""
OVERHEAD: Final = 11
"""Octets that the padding takes at least."""


class KeyPair(Protocol):
    """The numbers of a key pair."""

    @property
    def modulus(self) -> int:
        """n."""
        ...

    @property
    def private(self) -> int:
        """d."""
        ...

    @property
    def prime(self) -> int:
        """One factor of n, which makes signing faster; 0 where it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key."""

    modulus: int
    exponent: int

    @property
    def bits(self) -> int:
        """Size of the modulus."""
        return self.modulus.bit_length()

    @property
    def length(self) -> int:
        """Octets of the modulus."""
        return (self.modulus.bit_length() + 7) // 8

    def opened(self, signature: bytes) -> bytes:
        """What was signed, without its padding; ValueError where that is none."""
        if len(signature) != self.length:
            raise ValueError("signature of a wrong length")
        block = pow(int.from_bytes(signature, "big"), self.exponent, self.modulus).to_bytes(
            self.length, "big"
        )
        end = block.find(b"\0", 2)
        if block[:2] != b"\0\1" or end < OVERHEAD - 1 or block[2:end].strip(b"\xff"):
            raise ValueError("no padding of a signature")
        return block[end + 1 :]

    def verifies(self, digest: str, signature: bytes, message: bytes) -> bool:
        """Whether a signature with a digest, by its name in hashlib, is of this key and message."""
        try:
            found = self.opened(signature)
        except ValueError:
            return False
        return hmac.compare_digest(found, DIGEST_INFO[digest] + hashlib.new(digest, message).digest())

    def encrypt(self, data: bytes, randbytes: Callable[[int], bytes]) -> bytes:
        """Encrypt a short message; ValueError where it is too long."""
        room = self.length - 3 - len(data)
        if room < OVERHEAD - 3:
            raise ValueError("message too long for the key")
        padding = b""
        while len(padding) < room:
            padding += randbytes(room).replace(b"\0", b"")
        block = b"\0\2" + padding[:room] + b"\0" + data
        return pow(int.from_bytes(block, "big"), self.exponent, self.modulus).to_bytes(self.length, "big")


def _power(key: KeyPair, value: int) -> int:
    """value^d, by the factors where they are known (RFC 8017, 5.1.2)."""
    if not key.prime:
        return pow(value, key.private, key.modulus)
    p, q = key.prime, key.modulus // key.prime
    one, two = pow(value, key.private % (p - 1), p), pow(value, key.private % (q - 1), q)
    return two + (one - two) * pow(q, -1, p) % p * q


def sign_bare(key: KeyPair, data: bytes) -> bytes:
    """Sign octets as they are, as IKEv1 does with its hash (RFC 2409, 5.1); ValueError where they are too many."""
    length = (key.modulus.bit_length() + 7) // 8
    room = length - 3 - len(data)
    if room < OVERHEAD - 3:
        raise ValueError("message too long for the key")
    block = b"\0\1" + b"\xff" * room + b"\0" + data
    return _power(key, int.from_bytes(block, "big")).to_bytes(length, "big")


def sign(key: KeyPair, digest: str, message: bytes) -> bytes:
    """Sign a message with a digest, by its name in hashlib; ValueError where the key is too short for it."""
    return sign_bare(key, DIGEST_INFO[digest] + hashlib.new(digest, message).digest())


def decrypt(key: KeyPair, data: bytes) -> bytes:
    """Open what `PublicKey.encrypt` closed; ValueError where it is nothing such."""
    length = (key.modulus.bit_length() + 7) // 8
    if len(data) != length or int.from_bytes(data, "big") >= key.modulus:
        raise ValueError("ciphertext of a wrong length")
    block = _power(key, int.from_bytes(data, "big")).to_bytes(length, "big")
    end = block.find(b"\0", 2)
    if block[:2] != b"\0\2" or end < OVERHEAD - 1:
        raise ValueError("no padding of a message")
    return block[end + 1 :]
