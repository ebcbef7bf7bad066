"""ECDSA key pairs (FIPS 186-4, 6), with signatures that follow from key and message alone (RFC 6979)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

CURVES: Final[dict[int, ec.EllipticCurve]] = {256: ec.SECP256R1(), 384: ec.SECP384R1()}
"""By the size that is typed."""
ORDERS: Final = {
    256: 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    384: 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
}
"""Of the base points (FIPS 186-4, D.1.2)."""
DIGESTS: Final = {256: "sha256", 384: "sha384"}
"""The digest that goes with a curve (RFC 4754, 3), by its name in hashlib."""
_HASHES: Final[dict[str, type[hashes.HashAlgorithm]]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


@dataclass(frozen=True)
class EcKeyPair:
    """A key pair."""

    bits: int
    """256 or 384."""
    number: int = field(repr=False)
    """The private key."""

    @property
    def digest(self) -> str:
        """The digest that goes with the curve."""
        return DIGESTS[self.bits]

    def der(self) -> bytes:
        """The public key as SubjectPublicKeyInfo (RFC 5480)."""
        return (
            self.private_key()
            .public_key()
            .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        )

    def sign(self, digest: str, message: bytes) -> bytes:
        """A signature, r and s in DER; ValueError for a digest that goes with no curve."""
        if digest not in _HASHES:
            raise ValueError(f"{digest} is too short for the key")
        return self.private_key().sign(message, ec.ECDSA(_HASHES[digest](), deterministic_signing=True))

    def sign_plain(self, message: bytes) -> bytes:
        """A signature with the digest of the curve, r and s one after the other (RFC 4754, 7)."""
        length = (self.bits + 7) // 8
        r, s = decode_dss_signature(self.sign(self.digest, message))
        return r.to_bytes(length, "big") + s.to_bytes(length, "big")

    def private_key(self) -> ec.EllipticCurvePrivateKey:
        """The pair as the library has it."""
        return ec.derive_private_key(self.number, CURVES[self.bits])
