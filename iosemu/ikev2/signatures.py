"""AUTH by signatures (RFC 7296, 2.15 and 3.8; RFC 4754 for ECDSA; RFC 7427 for digital signatures)."""

from __future__ import annotations

from typing import Final

from asn1crypto import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from iosemu.ike.proof import Proof
from iosemu.ikev2.numbers import AuthMethod
from iosemu.ikev2.payloads import Authentication
from iosemu.pki.certificate import Key, signature_algorithm, verifies
from iosemu.pki.ecdsa import EcKeyPair
from iosemu.pki.rsa import PublicKey, sign

DIGESTS: Final = {1: "sha1", 2: "sha256", 3: "sha384", 4: "sha512"}
"""Hash algorithms of RFC 7427 by their numbers."""
PREFERRED: Final = (2, 3, 4, 1)
ANNOUNCED: Final = b"".join(each.to_bytes(2, "big") for each in (2, 3, 4, 1))
"""What this side says that it can verify."""
_CURVES: Final[dict[int, tuple[hashes.HashAlgorithm, int]]] = {
    AuthMethod.ECDSA_256: (hashes.SHA256(), 256),
    AuthMethod.ECDSA_384: (hashes.SHA384(), 384),
    AuthMethod.ECDSA_521: (hashes.SHA512(), 521),
}


def announced(data: bytes) -> tuple[int, ...]:
    """The hash algorithms of a notification that are known here."""
    numbers = (int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data) - 1, 2))
    return tuple(each for each in numbers if each in DIGESTS)


def make(proof: Proof, octets: bytes, peer_hashes: tuple[int, ...]) -> Authentication:
    """AUTH of this side, as a digital signature where the peer takes those; ValueError for a key too short."""
    if isinstance(proof.key, EcKeyPair):
        return _make_curve(proof.key, octets, peer_hashes)
    chosen = next((each for each in PREFERRED if each in peer_hashes), None)
    if chosen is None:
        return Authentication(AuthMethod.RSA_SIGNATURE, sign(proof.key, "sha1", octets))
    algorithm = signature_algorithm(DIGESTS[chosen])
    signature = sign(proof.key, DIGESTS[chosen], octets)
    return Authentication(AuthMethod.DIGITAL_SIGNATURE, bytes((len(algorithm),)) + algorithm + signature)


def _make_curve(key: EcKeyPair, octets: bytes, peer_hashes: tuple[int, ...]) -> Authentication:
    """ECDSA with the digest of the curve: a digital signature where the peer takes that one."""
    if any(DIGESTS[each] == key.digest for each in peer_hashes):
        algorithm = signature_algorithm(key.digest, curve=True)
        told = bytes((len(algorithm),)) + algorithm + key.sign(key.digest, octets)
        return Authentication(AuthMethod.DIGITAL_SIGNATURE, told)
    method = next(each for each, (_hash, bits) in _CURVES.items() if bits == key.bits)
    return Authentication(AuthMethod(method), key.sign_plain(octets))


def method_of(given: Authentication, key: Key | None) -> str:
    """How a peer proves itself, in the words of the shows."""
    if given.method == AuthMethod.SHARED_KEY:
        return "PSK"
    if given.method == AuthMethod.DIGITAL_SIGNATURE:
        return "RSA" if isinstance(key, PublicKey) else "ECDSA"
    return "ECDSA" if given.method in _CURVES else "RSA"


def fits(given: Authentication, key: Key, octets: bytes) -> bool:
    """Whether AUTH is of this key."""
    if given.method == AuthMethod.DIGITAL_SIGNATURE:
        return _digital(given.data, key, octets)
    if given.method == AuthMethod.RSA_SIGNATURE:
        # SHA-1 is what RFC 7296 has; some use what else both know
        return isinstance(key, PublicKey) and any(
            key.verifies(digest, given.data, octets) for digest in ("sha1", "sha256", "sha384", "sha512")
        )
    curve = _CURVES.get(given.method)
    if curve is None or not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.key_size != curve[1]:
        return False
    half = len(given.data) // 2
    r, s = int.from_bytes(given.data[:half], "big"), int.from_bytes(given.data[half:], "big")
    try:
        key.verify(encode_dss_signature(r, s), octets, ec.ECDSA(curve[0]))
    except InvalidSignature:
        return False
    return True


def _digital(data: bytes, key: Key, octets: bytes) -> bool:
    if not data or len(data) < 1 + data[0]:
        return False
    try:
        algorithm = str(
            x509.SignedDigestAlgorithm.load(data[1 : 1 + data[0]], strict=True)["algorithm"].native
        )
    except (ValueError, TypeError, KeyError):
        return False
    return verifies(key, algorithm, data[1 + data[0] :], octets)
