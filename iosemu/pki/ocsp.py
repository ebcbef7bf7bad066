"""Asking a responder whether a certificate is revoked (RFC 6960)."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import load_der_x509_certificate, ocsp

from iosemu.pki.certificate import Certificate, load_certificate, verifies

OCSP_SIGNING = "ocsp_signing"
"""Extended key usage of a responder that an authority has charged (RFC 6960, 4.2.2.2)."""


@dataclass(frozen=True, slots=True)
class Status:
    """What a responder says of a certificate."""

    revoked: bool
    until: datetime | None
    """When something newer will be known, UTC; None: it has not said."""


def question(certificate: Certificate, issuer: Certificate) -> bytes:
    """A request about one certificate, without a nonce (RFC 6960, 4.1)."""
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        load_der_x509_certificate(certificate.der),
        load_der_x509_certificate(issuer.der),
        hashes.SHA1(),  # noqa: S303 - what every responder takes
    )
    return builder.build().public_bytes(serialization.Encoding.DER)


def target(path: str, data: bytes) -> str:
    """The target of a question by GET (RFC 6960, A.1)."""
    return f"{path.rstrip('/')}/{quote(b64encode(data).decode(), safe='')}"


def read(data: bytes, certificate: Certificate, issuer: Certificate, now: datetime) -> Status:
    """What an answer says; ValueError where it is none, is not the issuer's or its delegate's, or is not of now."""
    answer = ocsp.load_der_ocsp_response(data)
    if answer.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise ValueError(f"responder says {answer.response_status.name}")
    if answer.serial_number != certificate.serial:
        raise ValueError("answer is about another certificate")
    if not _signed(answer, issuer):
        raise ValueError("signature of the answer is not the issuer's")
    moment, until = answer.this_update_utc, answer.next_update_utc
    if now < moment or (until is not None and now > until):
        raise ValueError("answer is not of now")
    if answer.certificate_status is ocsp.OCSPCertStatus.UNKNOWN:
        raise ValueError("responder does not know the certificate")
    return Status(answer.certificate_status is ocsp.OCSPCertStatus.REVOKED, until)


def _signed(answer: ocsp.OCSPResponse, issuer: Certificate) -> bool:
    """Whether the issuer signed an answer, or a responder whose certificate the issuer made for that."""
    signers = [issuer]
    for each in answer.certificates:
        held = load_certificate(each.public_bytes(serialization.Encoding.DER))
        if held == issuer or (OCSP_SIGNING in held.purposes and held.signed_by(issuer)):
            signers.append(held)
    hash_ = answer.signature_hash_algorithm
    if hash_ is None:
        return False
    message, signature = answer.tbs_response_bytes, answer.signature
    return any(
        verifies(each.key, f"{hash_.name}_{kind}", signature, message)
        for each in signers
        for kind in ("rsa", "ecdsa")
    )
