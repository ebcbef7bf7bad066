"""Key material of IKEv2 (RFC 7296, 2.13 to 2.18)."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from iosemu.ike.keys import AH_KEY_LENGTHS, esp_key_lengths
from iosemu.ike.types import Phase2Proposal
from iosemu.ikev2.numbers import Encr, Integ, Prf
from iosemu.ikev2.sealing import SALT, Sealer

PRF_HASHES: Final = {
    Prf.MD5: "md5",
    Prf.SHA1: "sha1",
    Prf.SHA256: "sha256",
    Prf.SHA384: "sha384",
    Prf.SHA512: "sha512",
}
PRF_LENGTHS: Final = {Prf.MD5: 16, Prf.SHA1: 20, Prf.SHA256: 32, Prf.SHA384: 48, Prf.SHA512: 64}
"""Octets of output, which is the preferred key length too."""
INTEG_LENGTHS: Final = {
    Integ.NONE: 0,
    Integ.MD5_96: 16,
    Integ.SHA1_96: 20,
    Integ.SHA256_128: 32,
    Integ.SHA384_192: 48,
    Integ.SHA512_256: 64,
}
"""Octets of key."""
KEY_PAD: Final = b"Key Pad for IKEv2"


@dataclass(frozen=True, slots=True)
class IkeSuite:
    """What was agreed for an IKE SA."""

    encr: Encr
    key_bits: int
    """0 for ciphers of fixed length."""
    prf: Prf
    integ: Integ
    """NONE with GCM."""
    group: int

    @property
    def encryption_length(self) -> int:
        """Octets of encryption key, the salt of GCM included."""
        fixed = {Encr.DES: 8, Encr.TRIPLE_DES: 24}
        if self.encr in fixed:
            return fixed[self.encr]
        return self.key_bits // 8 + (SALT if self.encr is Encr.AES_GCM_16 else 0)


def prf(kind: Prf, key: bytes, data: bytes) -> bytes:
    """The pseudorandom function."""
    return hmac.digest(key, data, PRF_HASHES[kind])


def prf_plus(kind: Prf, key: bytes, seed: bytes, length: int) -> bytes:
    """prf+ (RFC 7296, 2.13): `length` octets."""
    material = block = b""
    count = 0
    while len(material) < length:
        count += 1
        block = prf(kind, key, block + seed + bytes((count,)))
        material += block
    return material[:length]


def skeyseed(kind: Prf, nonces: bytes, shared: bytes) -> bytes:
    """SKEYSEED of the first exchange; `nonces` is Ni | Nr."""
    return prf(kind, nonces, shared)


def rekeyed_skeyseed(kind: Prf, old_sk_d: bytes, nonces: bytes, shared: bytes) -> bytes:
    """SKEYSEED of an SA that takes another's place; `kind` is the PRF of the old one (RFC 7296, 2.18)."""
    return prf(kind, old_sk_d, shared + nonces)


@dataclass(frozen=True, slots=True)
class IkeKeys:
    """The seven keys of an IKE SA."""

    suite: IkeSuite
    sk_d: bytes = field(repr=False)
    sk_ai: bytes = field(repr=False)
    sk_ar: bytes = field(repr=False)
    sk_ei: bytes = field(repr=False)
    sk_er: bytes = field(repr=False)
    sk_pi: bytes = field(repr=False)
    sk_pr: bytes = field(repr=False)

    @classmethod
    def derive(cls, suite: IkeSuite, seed: bytes, nonces: bytes, spis: bytes) -> IkeKeys:
        """All keys from SKEYSEED, Ni | Nr and SPIi | SPIr."""
        prf_length, integ = PRF_LENGTHS[suite.prf], INTEG_LENGTHS[suite.integ]
        lengths = (
            prf_length,
            integ,
            integ,
            suite.encryption_length,
            suite.encryption_length,
            prf_length,
            prf_length,
        )
        material = prf_plus(suite.prf, seed, nonces + spis, sum(lengths))
        keys, at = [], 0
        for length in lengths:
            keys.append(material[at : at + length])
            at += length
        return cls(suite, *keys)

    def sealer(self, randbytes: Callable[[int], bytes], *, initiator: bool) -> Sealer:
        """What seals and opens the messages that the initiator, or the responder, sends."""
        suite = self.suite
        encryption, integrity = (self.sk_ei, self.sk_ai) if initiator else (self.sk_er, self.sk_ar)
        return Sealer(suite.encr, encryption, suite.integ, integrity, randbytes)

    def shared_key_auth(
        self, secret: bytes, message: bytes, nonce: bytes, identity: bytes, *, initiator: bool
    ) -> bytes:
        """AUTH with a pre-shared key (RFC 7296, 2.15).

        `message` is the signer's first message, `nonce` the other's, `identity` the body of the signer's ID.
        """
        kind = self.suite.prf
        octets = self.signed_octets(message, nonce, identity, initiator=initiator)
        return prf(kind, prf(kind, secret, KEY_PAD), octets)

    def signed_octets(self, message: bytes, nonce: bytes, identity: bytes, *, initiator: bool) -> bytes:
        """What is authenticated (RFC 7296, 2.15); the arguments are those of `shared_key_auth`."""
        return message + nonce + prf(self.suite.prf, self.sk_pi if initiator else self.sk_pr, identity)

    def child_keys(
        self, proposal: Phase2Proposal, nonces: bytes, shared: bytes
    ) -> tuple[tuple[bytes, bytes], tuple[bytes, bytes]]:
        """KEYMAT of a child SA (RFC 7296, 2.17): encryption and integrity key from the exchange's initiator, and to it.

        `shared` is g^ir of a fresh exchange, else empty.
        """
        if proposal.esp is not None:
            cipher, auth = esp_key_lengths(proposal.esp)
        else:
            assert proposal.ah is not None
            cipher, auth = 0, AH_KEY_LENGTHS[proposal.ah.transform]
        size = cipher + auth
        material = prf_plus(self.suite.prf, self.sk_d, shared + nonces, 2 * size)
        one, two = material[:size], material[size:]
        return (one[:cipher], one[cipher:]), (two[:cipher], two[cipher:])
