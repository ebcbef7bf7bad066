"""The Simple Certificate Enrolment Protocol (RFC 8894), both sides, without HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from asn1crypto import cms as asn1_cms
from asn1crypto import core, x509

from iosemu.pki.certificate import Certificate
from iosemu.pki.cms import SignedMessage, certificates_only, open_message, seal, sign_message, unseal
from iosemu.pki.der import sequence
from iosemu.pki.request import CertificateRequest, load_request
from iosemu.pki.rsa import KeyPair

_BASE: Final = "2.16.840.1.113733.1.9."
MESSAGE_TYPE, STATUS, FAIL_INFO, SENDER_NONCE, RECIPIENT_NONCE, TRANSACTION = (
    _BASE + number for number in ("2", "3", "4", "5", "6", "7")
)
PATH: Final = "/cgi-bin/pkiclient.exe"


class MessageType(Enum):
    """`messageType` (RFC 8894, 3.2.1.2)."""

    CERT_REP = "3"
    RENEWAL_REQ = "17"
    PKCS_REQ = "19"
    CERT_POLL = "20"
    GET_CERT = "21"
    GET_CRL = "22"


class Status(Enum):
    """`pkiStatus` (RFC 8894, 3.2.1.3)."""

    SUCCESS = "0"
    FAILURE = "2"
    PENDING = "3"


class Failure(Enum):
    """`failInfo` (RFC 8894, 3.2.1.4)."""

    BAD_ALGORITHM = "0"
    BAD_MESSAGE_CHECK = "1"
    BAD_REQUEST = "2"
    BAD_TIME = "3"
    BAD_CERT_ID = "4"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asks for."""

    type: MessageType
    transaction: str
    nonce: bytes
    signer: Certificate
    cipher: str
    digest: str
    request: CertificateRequest | None = None
    issuer: bytes = b""
    """Encoded, of polls and questions for lists."""
    serial: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """What a server answers."""

    status: Status
    failure: Failure | None = None
    certificates: tuple[Certificate, ...] = ()
    lists: tuple[bytes, ...] = ()


def transaction_of(key_info: bytes) -> str:
    """The transaction of a key: its MD5, so that asking again is no new transaction."""
    return hashlib.md5(key_info, usedforsecurity=False).hexdigest().upper()


def _text(value: str) -> core.Asn1Value:
    return core.PrintableString(value)


def _ask(
    kind: MessageType,
    inner: bytes,
    transaction: str,
    authority: Certificate,
    certificate: Certificate,
    key: KeyPair,
    randbytes: Callable[[int], bytes],
    digest: str = "sha1",
) -> bytes:
    attributes = [
        (MESSAGE_TYPE, _text(kind.value)),
        (TRANSACTION, _text(transaction)),
        (SENDER_NONCE, core.OctetString(randbytes(16))),
    ]
    return sign_message(seal(inner, authority, randbytes), attributes, certificate, key, digest)


def enrol(
    request: CertificateRequest, authority: Certificate, certificate: Certificate, key: KeyPair,
    randbytes: Callable[[int], bytes],
) -> bytes:  # fmt: skip
    """PKCSReq, signed by a certificate that the client made itself."""
    transaction = transaction_of(request.key_info)
    return _ask(MessageType.PKCS_REQ, request.der, transaction, authority, certificate, key, randbytes)


def poll(
    request: CertificateRequest, authority: Certificate, certificate: Certificate, key: KeyPair,
    randbytes: Callable[[int], bytes],
) -> bytes:  # fmt: skip
    """CertPoll: whether the request was granted meanwhile."""
    inner = sequence(authority.subject_der, request.subject_der)
    transaction = transaction_of(request.key_info)
    return _ask(MessageType.CERT_POLL, inner, transaction, authority, certificate, key, randbytes)


def ask_list(
    wanted: Certificate, authority: Certificate, certificate: Certificate, key: KeyPair,
    randbytes: Callable[[int], bytes],
) -> bytes:  # fmt: skip
    """GetCRL: the list that a certificate would stand in."""
    inner = asn1_cms.IssuerAndSerialNumber(
        {"issuer": x509.Name.load(authority.subject_der), "serial_number": wanted.serial}
    ).dump()
    transaction = transaction_of(certificate.key_info)
    return _ask(MessageType.GET_CRL, inner, transaction, authority, certificate, key, randbytes)


def read_question(data: bytes, key: KeyPair) -> Asked:
    """What a client asks; ValueError where it is nothing that can be answered."""
    message = open_message(data)
    if message.signer is None:
        raise ValueError("nobody signed")
    try:
        kind = MessageType(str(message.attributes.get(MESSAGE_TYPE)))
    except ValueError:
        raise ValueError("no kind of message") from None
    transaction, nonce = message.attributes.get(TRANSACTION), message.attributes.get(SENDER_NONCE)
    if not isinstance(transaction, str) or not isinstance(nonce, bytes):
        raise ValueError("no transaction")
    inner, cipher = unseal(message.content, key)
    digest = _digest_of(data)
    base = (kind, transaction, nonce, message.signer, cipher, digest)
    if kind in (MessageType.PKCS_REQ, MessageType.RENEWAL_REQ):
        return Asked(*base, request=load_request(inner))
    if kind is MessageType.CERT_POLL:
        return Asked(*base)
    try:
        which = asn1_cms.IssuerAndSerialNumber.load(inner, strict=True)
        return Asked(*base, issuer=which["issuer"].dump(), serial=int(which["serial_number"].native))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no certificate is named: {error}") from None


def _digest_of(data: bytes) -> str:
    info = asn1_cms.ContentInfo.load(data)["content"]["signer_infos"][0]
    return str(info["digest_algorithm"]["algorithm"].native)


def answer(
    asked: Asked, said: Answered, certificate: Certificate, key: KeyPair, randbytes: Callable[[int], bytes]
) -> bytes:
    """CertRep."""
    content = b""
    if said.status is Status.SUCCESS:
        content = seal(
            certificates_only(said.certificates, said.lists), asked.signer, randbytes, asked.cipher
        )
    attributes = [
        (MESSAGE_TYPE, _text(MessageType.CERT_REP.value)),
        (STATUS, _text(said.status.value)),
        (TRANSACTION, _text(asked.transaction)),
        (RECIPIENT_NONCE, core.OctetString(asked.nonce)),
        (SENDER_NONCE, core.OctetString(randbytes(16))),
    ]
    if said.failure is not None:
        attributes.append((FAIL_INFO, _text(said.failure.value)))
    return sign_message(content, attributes, certificate, key, asked.digest)


def read_answer(data: bytes, key: KeyPair, authority: Certificate) -> Answered:
    """What the server says; ValueError where the authority did not sign it, or it cannot be opened."""
    message: SignedMessage = open_message(data)
    if message.signer is None or not isinstance(message.signer, Certificate):
        raise ValueError("nobody signed")
    if message.signer != authority and not message.signer.signed_by(authority):
        raise ValueError("somebody else signed")
    try:
        status = Status(str(message.attributes.get(STATUS)))
    except ValueError:
        raise ValueError("no status") from None
    if status is not Status.SUCCESS:
        told = message.attributes.get(FAIL_INFO)
        known = {each.value for each in Failure}
        return Answered(status, Failure(told) if told in known else None)
    inner, _ = unseal(message.content, key)
    held = open_message(inner)
    return Answered(status, None, held.certificates, held.lists)
