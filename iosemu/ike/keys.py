"""Key material and hashes of IKEv1 (RFC 2409, 5 and appendix B)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from iosemu.ike.algorithms import cbc_decrypt, cbc_encrypt, cipher_block, digest, prf
from iosemu.ike.types import AhTransform, AuthAlgorithm, Encryption, EspSuite, EspTransform, Hash


@dataclass(frozen=True)
class Phase1Keys:
    """SKEYID and what follows from it, of one ISAKMP SA."""

    hash: Hash
    encryption: Encryption
    key_bits: int
    skeyid: bytes = field(repr=False)
    shared: bytes = field(repr=False)
    """g^xy."""
    cookies: bytes
    """CKY-I | CKY-R."""
    publics: bytes = field(repr=False)
    """g^xi | g^xr."""

    @cached_property
    def skeyid_d(self) -> bytes:
        """SKEYID_d, from which KEYMAT is made."""
        return prf(self.hash, self.skeyid, self.shared + self.cookies + b"\0")

    @cached_property
    def skeyid_a(self) -> bytes:
        """SKEYID_a, which authenticates phase 2."""
        return prf(self.hash, self.skeyid, self.skeyid_d + self.shared + self.cookies + b"\1")

    @cached_property
    def skeyid_e(self) -> bytes:
        """SKEYID_e, from which the cipher key is made."""
        return prf(self.hash, self.skeyid, self.skeyid_a + self.shared + self.cookies + b"\2")

    @cached_property
    def ka(self) -> bytes:
        """The cipher key Ka (RFC 2409, appendix B; RFC 3602 for AES)."""
        length = {Encryption.DES: 8, Encryption.TRIPLE_DES: 24}.get(self.encryption, self.key_bits // 8)
        if len(self.skeyid_e) >= length:
            return self.skeyid_e[:length]
        material, block = b"", b"\0"
        while len(material) < length:
            block = prf(self.hash, self.skeyid_e, block)
            material += block
        return material[:length]

    @cached_property
    def first_iv(self) -> bytes:
        """The IV of the first encrypted phase 1 message: hash(g^xi | g^xr), truncated."""
        return digest(self.hash, self.publics)[: cipher_block(self.encryption)]

    def message_iv(self, last_phase1_block: bytes, message_id: int) -> bytes:
        """The first IV of a phase 2 exchange: hash(last phase 1 block | M-ID), truncated."""
        material = last_phase1_block + message_id.to_bytes(4, "big")
        return digest(self.hash, material)[: cipher_block(self.encryption)]

    def encrypt(self, iv: bytes, plaintext: bytes) -> bytes:
        """Encrypt; `ValueError` unless whole blocks."""
        return cbc_encrypt(self.encryption, self.ka, iv, plaintext)

    def decrypt(self, iv: bytes, ciphertext: bytes) -> bytes:
        """Decrypt; padding stays. `ValueError` unless whole blocks."""
        return cbc_decrypt(self.encryption, self.ka, iv, ciphertext)

    def hash_i(self, offer: bytes, identity: bytes) -> bytes:
        """HASH_I over SAi_b and IDii_b."""
        return prf(self.hash, self.skeyid, self.publics + self.cookies + offer + identity)

    def hash_r(self, offer: bytes, identity: bytes) -> bytes:
        """HASH_R over SAi_b and IDir_b."""
        half = len(self.publics) // 2
        publics = self.publics[half:] + self.publics[:half]
        cookies = self.cookies[8:] + self.cookies[:8]
        return prf(self.hash, self.skeyid, publics + cookies + offer + identity)

    def hash_1(self, message_id: int, rest: bytes) -> bytes:
        """HASH(1) of quick mode and the hash of informational exchanges: over all after the hash payload."""
        return prf(self.hash, self.skeyid_a, message_id.to_bytes(4, "big") + rest)

    def hash_2(self, message_id: int, initiator_nonce: bytes, rest: bytes) -> bytes:
        """HASH(2)."""
        return prf(self.hash, self.skeyid_a, message_id.to_bytes(4, "big") + initiator_nonce + rest)

    def hash_3(self, message_id: int, initiator_nonce: bytes, responder_nonce: bytes) -> bytes:
        """HASH(3)."""
        material = b"\0" + message_id.to_bytes(4, "big") + initiator_nonce + responder_nonce
        return prf(self.hash, self.skeyid_a, material)

    def keymat(self, shared: bytes, protocol: int, spi: bytes, nonces: bytes, length: int) -> bytes:
        """KEYMAT for one SA; `shared` is g(qm)^xy with PFS, else empty; `nonces` is Ni_b | Nr_b."""
        seed = shared + bytes([protocol]) + spi + nonces
        material = block = prf(self.hash, self.skeyid_d, seed)
        while len(material) < length:
            block = prf(self.hash, self.skeyid_d, block + seed)
            material += block
        return material[:length]


def skeyid_preshared(hash_: Hash, psk: bytes, initiator_nonce: bytes, responder_nonce: bytes) -> bytes:
    """SKEYID with a pre-shared key (RFC 2409, 5)."""
    return prf(hash_, psk, initiator_nonce + responder_nonce)


def skeyid_signature(hash_: Hash, initiator_nonce: bytes, responder_nonce: bytes, shared: bytes) -> bytes:
    """SKEYID with signatures (RFC 2409, 5)."""
    return prf(hash_, initiator_nonce + responder_nonce, shared)


AUTH_KEY_LENGTHS = {
    AuthAlgorithm.NONE: 0,
    AuthAlgorithm.HMAC_MD5: 16,
    AuthAlgorithm.HMAC_SHA: 20,
    AuthAlgorithm.HMAC_SHA256: 32,
    AuthAlgorithm.HMAC_SHA384: 48,
    AuthAlgorithm.HMAC_SHA512: 64,
}

AH_KEY_LENGTHS = {
    AhTransform.MD5: 16,
    AhTransform.SHA: 20,
    AhTransform.SHA256: 32,
    AhTransform.SHA384: 48,
    AhTransform.SHA512: 64,
}


def esp_key_lengths(suite: EspSuite) -> tuple[int, int]:
    """Bytes of cipher key (with the salt of GCM and GMAC: RFC 4106, 8.1; RFC 4543) and authentication key."""
    cipher = {
        EspTransform.DES: 8,
        EspTransform.TRIPLE_DES: 24,
        EspTransform.NULL: 0,
        EspTransform.AES_CBC: suite.key_bits // 8,
        EspTransform.AES_GCM_16: suite.key_bits // 8 + 4,
        EspTransform.AES_GMAC: suite.key_bits // 8 + 4,
    }[suite.cipher]
    return cipher, AUTH_KEY_LENGTHS[suite.auth]
