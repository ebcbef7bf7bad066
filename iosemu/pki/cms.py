"""Signed and enveloped messages (CMS, RFC 5652), as far as enrolment needs them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from asn1crypto import algos, cms, core, x509
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from iosemu.pki.certificate import Certificate, load_certificate
from iosemu.pki.der import sequence, set_of
from iosemu.pki.names import Name
from iosemu.pki.rsa import KeyPair, PublicKey, decrypt, sign

CIPHERS: Final = {
    "tripledes_3key": (24, 8),
    "aes128_cbc": (16, 16),
    "aes192_cbc": (24, 16),
    "aes256_cbc": (32, 16),
}
"""Octets of key and of a block, by asn1crypto's name."""
_DIGESTS: Final = ("md5", "sha1", "sha256", "sha384", "sha512")


@dataclass(frozen=True)
class SignedMessage:
    """Signed data that was read, and whose signature is right."""

    content: bytes
    signer: Certificate | None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Signed attributes by dotted number: their first value, as Python has it."""
    certificates: tuple[Certificate, ...] = ()
    lists: tuple[bytes, ...] = ()


def certificates_only(certificates: Sequence[Certificate], lists: Sequence[bytes] = ()) -> bytes:
    """Signed data without content or signer: a way to hand over certificates and revocation lists."""
    inner = cms.SignedData({
        "version": "v1",
        "digest_algorithms": [],
        "encap_content_info": {"content_type": "data"},
        "certificates": [_choice(each) for each in certificates],
        "crls": [cms.RevocationInfoChoice.load(each) for each in lists] or None,
        "signer_infos": [],
    })  # fmt: skip
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": inner}).dump())


def _choice(certificate: Certificate) -> cms.CertificateChoices:
    return cms.CertificateChoices("certificate", x509.Certificate.load(certificate.der))


def sign_message(
    content: bytes,
    attributes: Sequence[tuple[str, core.Asn1Value]],
    certificate: Certificate,
    signer: KeyPair,
    digest: str = "sha1",
) -> bytes:
    """Signed data with a signer; attributes by dotted number."""
    named = [
        ("1.2.840.113549.1.9.3", core.ObjectIdentifier("1.2.840.113549.1.7.1")),
        (
            "1.2.840.113549.1.9.4",
            core.OctetString(hashlib.new(digest, content, usedforsecurity=False).digest()),
        ),
        *attributes,
    ]
    parts = [_attribute(kind, value) for kind, value in named]
    said = cms.CMSAttributes.load(set_of(parts))
    who = cms.SignerIdentifier(
        "issuer_and_serial_number",
        {"issuer": x509.Name.load(_issuer_der(certificate)), "serial_number": certificate.serial},
    )
    info = cms.SignerInfo({
        "version": "v1",
        "sid": who,
        "digest_algorithm": {"algorithm": digest, "parameters": core.Null()},
        "signed_attrs": said,
        "signature_algorithm": {"algorithm": "rsassa_pkcs1v15", "parameters": core.Null()},
        "signature": sign(signer, digest, set_of(parts)),
    })  # fmt: skip
    inner = cms.SignedData({
        "version": "v1",
        "digest_algorithms": [{"algorithm": digest, "parameters": core.Null()}],
        "encap_content_info": {"content_type": "data", "content": content},
        "certificates": [_choice(certificate)],
        "signer_infos": [info],
    })  # fmt: skip
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": inner}).dump())


def _issuer_der(certificate: Certificate) -> bytes:
    return bytes(x509.Certificate.load(certificate.der).issuer.dump())


def _attribute(kind: str, value: core.Asn1Value) -> bytes:
    return sequence(core.ObjectIdentifier(kind).dump(), set_of([value.dump()]))


def open_message(data: bytes) -> SignedMessage:
    """Read signed data; ValueError where it is none, or a signature is wrong."""
    try:
        return _opened(data)
    except (TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
        raise ValueError(f"no signed message: {error}") from None


def _opened(data: bytes) -> SignedMessage:
    outer = cms.ContentInfo.load(data)
    if outer["content_type"].native != "signed_data":
        raise ValueError("no signed message")
    inner = outer["content"]
    certificates = tuple(
        load_certificate(each.chosen.dump())
        for each in inner["certificates"] or ()
        if each.name == "certificate"
    )
    lists = tuple(each.chosen.dump() for each in inner["crls"] or ())
    infos = inner["signer_infos"]
    held = inner["encap_content_info"]["content"]
    content = bytes(held.native) if held.native is not None else b""
    if not len(infos):
        return SignedMessage(content, None, {}, certificates, lists)
    info = infos[0]
    who = info["sid"]
    if who.name != "issuer_and_serial_number":
        raise ValueError("signer is not named by its issuer")
    issuer = Name.load(who.chosen["issuer"].dump()).folded
    serial = int(who.chosen["serial_number"].native)
    signer = next(
        (each for each in certificates if each.serial == serial and each.issuer.folded == issuer), None
    )
    digest = str(info["digest_algorithm"]["algorithm"].native)
    if signer is None or digest not in _DIGESTS or not isinstance(signer.key, PublicKey):
        raise ValueError("signer is not known")
    attributes: dict[str, Any] = {}
    covered = content
    if len(info["signed_attrs"] or ()):
        covered = bytes(info["signed_attrs"].untag().dump())
        for each in info["signed_attrs"]:
            values = each["values"]
            attributes[each["type"].dotted] = values[0].native if len(values) else None
        if (
            attributes.get("1.2.840.113549.1.9.4")
            != hashlib.new(digest, content, usedforsecurity=False).digest()
        ):
            raise ValueError("the content is not what was signed")
    if not signer.key.verifies(digest, info["signature"].native, covered):
        raise ValueError("signature is wrong")
    return SignedMessage(content, signer, attributes, certificates, lists)


def seal(
    data: bytes, recipient: Certificate, randbytes: Callable[[int], bytes], cipher: str = "tripledes_3key"
) -> bytes:
    """Enveloped data for one who has a certificate; ValueError where its key is not RSA."""
    if not isinstance(recipient.key, PublicKey):
        raise ValueError("recipient's key is not RSA")
    length, block = CIPHERS[cipher]
    key, vector = randbytes(length), randbytes(block)
    padder = PKCS7(block * 8).padder()
    padded = padder.update(data) + padder.finalize()
    encryptor = _cipher(cipher, key, vector).encryptor()
    who = cms.RecipientIdentifier(
        "issuer_and_serial_number",
        {"issuer": x509.Name.load(_issuer_der(recipient)), "serial_number": recipient.serial},
    )
    info = cms.KeyTransRecipientInfo({
        "version": "v0",
        "rid": who,
        "key_encryption_algorithm": {"algorithm": "rsaes_pkcs1v15", "parameters": core.Null()},
        "encrypted_key": recipient.key.encrypt(key, randbytes),
    })  # fmt: skip
    inner = cms.EnvelopedData({
        "version": "v0",
        "recipient_infos": [cms.RecipientInfo("ktri", info)],
        "encrypted_content_info": {
            "content_type": "data",
            "content_encryption_algorithm": algos.EncryptionAlgorithm(
                {"algorithm": cipher, "parameters": core.OctetString(vector)}
            ),
            "encrypted_content": encryptor.update(padded) + encryptor.finalize(),
        },
    })  # fmt: skip
    return bytes(cms.ContentInfo({"content_type": "enveloped_data", "content": inner}).dump())


def unseal(data: bytes, key: KeyPair) -> tuple[bytes, str]:
    """What is in enveloped data for this key, and the cipher; ValueError where it is not for it."""
    try:
        outer = cms.ContentInfo.load(data)
        if outer["content_type"].native != "enveloped_data":
            raise ValueError("no enveloped message")
        inner = outer["content"]
        content = inner["encrypted_content_info"]
        cipher = str(content["content_encryption_algorithm"]["algorithm"].native)
        vector = content["content_encryption_algorithm"]["parameters"].native
        length, block = CIPHERS[cipher]
        opened = decrypt(key, inner["recipient_infos"][0].chosen["encrypted_key"].native)
        if len(opened) != length or len(vector) != block:
            raise ValueError("key of a wrong length")
        decryptor = _cipher(cipher, opened, vector).decryptor()
        padded = decryptor.update(content["encrypted_content"].native) + decryptor.finalize()
        unpadder = PKCS7(block * 8).unpadder()
        return unpadder.update(padded) + unpadder.finalize(), cipher
    except (TypeError, KeyError, AttributeError, IndexError) as error:
        raise ValueError(f"no enveloped message: {error}") from None


def _cipher(name: str, key: bytes, vector: bytes) -> Cipher[Any]:
    if name == "tripledes_3key":
        return Cipher(TripleDES(key), modes.CBC(vector))
    return Cipher(algorithms.AES(key), modes.CBC(vector))
