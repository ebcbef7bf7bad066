"""Requests for certificates (PKCS #10, RFC 2986), as IOS makes them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from ipaddress import IPv4Address

from asn1crypto import csr, keys, x509

from iosemu.pki.certificate import (
    CERT_SIGN,
    CRL_SIGN,
    DIGITAL_SIGNATURE,
    KEY_ENCIPHERMENT,
    authority_extension,
    load_key,
    names_extension,
    signed,
    spaced,
    usage_extension,
    verifies,
)
from iosemu.pki.ecdsa import EcKeyPair
from iosemu.pki.names import Name
from iosemu.pki.rsa import KeyPair


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """A request that was read, and whose signature is right."""

    der: bytes
    subject: Name
    subject_der: bytes
    key_info: bytes
    password: str = ""
    """The challenge password, PKCS #9."""
    digest: str = "sha1"
    """That of its signature, by its name in hashlib."""
    authority: bool = False
    """It asks for a certificate that may sign others (basic constraints among the extensions it asks for)."""

    def fingerprint(self, digest: str) -> str:
        """`AABBCCDD EEFF0011 …` of the whole request."""
        return spaced(hashlib.new(digest, self.der, usedforsecurity=False).digest())


def make_request(
    subject: Name,
    key_info: bytes,
    signer: KeyPair | EcKeyPair,
    digest: str = "sha1",
    *,
    password: str = "",
    fqdn: str | None = None,
    address: IPv4Address | None = None,
    authority: bool = False,
) -> CertificateRequest:
    """Ask for a certificate, maybe that of an authority; ValueError where the key is too short for the digest."""
    usage = (DIGITAL_SIGNATURE, CERT_SIGN, CRL_SIGN) if authority else (DIGITAL_SIGNATURE, KEY_ENCIPHERMENT)
    extensions = [
        *([authority_extension()] if authority else []),
        usage_extension(usage, critical=True),
        *names_extension(fqdn, address),
    ]
    attributes: list[dict[str, object]] = []
    if password:
        said = csr.SetOfDirectoryString([x509.DirectoryString("printable_string", password)])
        attributes.append({"type": "challenge_password", "values": said})
    attributes.append({"type": "extension_request", "values": [x509.Extensions(extensions)]})
    inner = csr.CertificationRequestInfo({
        "version": "v1",
        "subject": x509.Name.load(subject.der()),
        "subject_pk_info": keys.PublicKeyInfo.load(key_info),
        "attributes": attributes,
    }).dump()  # fmt: skip
    return load_request(signed(signer, digest, inner))


def load_request(der: bytes) -> CertificateRequest:
    """Read a request; ValueError where it is none, or not signed by the key that it is for."""
    try:
        found = csr.CertificationRequest.load(der, strict=True)
        inner = found["certification_request_info"]
        subject = bytes(inner["subject"].dump())
        info = bytes(inner["subject_pk_info"].dump())
        algorithm = str(found["signature_algorithm"]["algorithm"].native)
        password, authority = "", False
        for each in inner["attributes"]:
            if each["type"].native == "challenge_password" and len(each["values"]):
                password = str(each["values"][0].native)
            if each["type"].native == "extension_request" and len(each["values"]):
                authority = any(
                    wanted["extn_id"].native == "basic_constraints"
                    and wanted["extn_value"].parsed["ca"].native
                    for wanted in each["values"][0]
                )
        if not verifies(load_key(info), algorithm, found["signature"].native, inner.dump()):
            raise ValueError("its signature is wrong")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no request: {error}") from None
    return CertificateRequest(
        der, Name.load(subject), subject, info, password, algorithm.partition("_")[0], authority
    )
