"""How the ends of phase 1 prove themselves: by a hash with a pre-shared key, or by a signed one (RFC 2409, 5.1)."""

from __future__ import annotations

import hmac

from iosemu.ike import trace
from iosemu.ike.header import MalformedMessage, NotifyType
from iosemu.ike.machine import Machine, Refused
from iosemu.ike.message import Message
from iosemu.ike.payloads import CertificateData, CertificateRequest, HashData, Payload, SignatureData
from iosemu.ike.proof import X509_SIGNATURE, Postponed, Proof
from iosemu.ike.sa import IsakmpSa, Role
from iosemu.ike.trace import Signing
from iosemu.ike.types import Authentication
from iosemu.pki.ecdsa import EcKeyPair
from iosemu.pki.rsa import PublicKey, sign_bare

MOST_CERTIFICATES = 8
"""Certificates of a message that are looked at."""


def signs(sa: IsakmpSa) -> bool:
    """Whether signatures were agreed on."""
    return sa.policy is not None and sa.policy.authentication is Authentication.RSA_SIG


def requests(machine: Machine, sa: IsakmpSa) -> list[Payload]:
    """Ask for a certificate of one of the authorities that are believed."""
    if not signs(sa):
        return []
    found: list[Payload] = []
    for issuer in machine.configuration.issuers(sa.party):
        machine.emit(trace.SignatureStep, sa, Signing.REQUEST_SENT, issuer)
        found.append(CertificateRequest(X509_SIGNATURE, issuer))
    return found


def read_requests(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    """Note whose certificates the peer believes."""
    asked = [each for each in message.all(CertificateRequest) if each.encoding == X509_SIGNATURE]
    for each in asked[:MOST_CERTIFICATES]:
        machine.emit(trace.PayloadProcessed, sa, int(CertificateRequest.TYPE), 0)
        machine.emit(trace.SignatureStep, sa, Signing.REQUEST_RECEIVED, each.authority)
    sa.exchange.issuers += tuple(each.authority for each in asked[:MOST_CERTIFICATES])


def choose(machine: Machine, sa: IsakmpSa) -> Proof | None:
    """What this side will prove itself with, None with a pre-shared key; `Refused` where nothing is left."""
    if not signs(sa):
        return None
    proof = sa.exchange.proof = machine.configuration.proof(sa.party, sa.exchange.issuers)
    if proof is None:
        raise Refused(NotifyType.AUTHENTICATION_FAILED, "no certificate any more")
    machine.emit(trace.SignatureStep, sa, Signing.CHOSEN, proof.name.encode())
    return proof


def certificates(message: Message) -> tuple[bytes, ...]:
    """The certificates of a message."""
    found = [each.data for each in message.all(CertificateData) if each.encoding == X509_SIGNATURE]
    return tuple(found[:MOST_CERTIFICATES])


def own(machine: Machine, sa: IsakmpSa) -> list[Payload]:
    """HASH_I or HASH_R of this side, or it signed, with the certificate."""
    digest = _own_hash(sa)
    proof = sa.exchange.proof
    if not signs(sa) or proof is None:
        return [HashData(digest)]
    if isinstance(proof.key, EcKeyPair):
        raise Refused(NotifyType.AUTHENTICATION_FAILED, "the key is no RSA key")
    machine.emit(trace.SignatureStep, sa, Signing.CERTIFICATE_SENT, proof.subject.encode())
    machine.emit(trace.SignatureStep, sa, Signing.SIGNED, proof.name.encode())
    try:
        signature = sign_bare(proof.key, digest)
    except ValueError:
        raise Refused(NotifyType.AUTHENTICATION_FAILED, "the key is too short for the hash") from None
    return [*(CertificateData(X509_SIGNATURE, each) for each in proof.certificates), SignatureData(signature)]


def _own_hash(sa: IsakmpSa) -> bytes:
    assert sa.keys is not None
    if sa.role is Role.INITIATOR:
        return sa.keys.hash_i(sa.exchange.offered_sa, sa.exchange.initiator_identity)
    return sa.keys.hash_r(sa.exchange.offered_sa, sa.exchange.responder_identity)


def _peer_hash(sa: IsakmpSa) -> bytes:
    assert sa.keys is not None
    if sa.role is Role.INITIATOR:
        return sa.keys.hash_r(sa.exchange.offered_sa, sa.exchange.responder_identity)
    return sa.keys.hash_i(sa.exchange.offered_sa, sa.exchange.initiator_identity)


def check(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    """The peer's hash, or signature, proves its identity.

    `MalformedMessage` when it does not, `Postponed` while that is not known.
    """
    if signs(sa):
        _check_signature(machine, sa, message)
        return
    received = message.one(HashData).data
    machine.emit(trace.PayloadProcessed, sa, int(HashData.TYPE), 0)
    if not hmac.compare_digest(received, _peer_hash(sa)):
        raise MalformedMessage(NotifyType.AUTHENTICATION_FAILED, "HASH payload does not verify")


def _check_signature(machine: Machine, sa: IsakmpSa, message: Message) -> None:
    assert sa.peer_identity is not None
    signature = message.one(SignatureData).data
    held = certificates(message)
    for _ in held:
        machine.emit(trace.PayloadProcessed, sa, int(CertificateData.TYPE), 0)
        machine.emit(trace.SignatureStep, sa, Signing.CERTIFICATE_RECEIVED, b"")
    verdict = machine.configuration.believe(held, sa.peer_identity, sa.party)
    if verdict.pending:
        raise Postponed
    if not isinstance(verdict.key, PublicKey):
        raise MalformedMessage(NotifyType.INVALID_CERTIFICATE, "certificate is not believed")
    machine.emit(trace.PayloadProcessed, sa, int(SignatureData.TYPE), 0)
    try:
        signed = verdict.key.opened(signature)
    except ValueError:
        signed = b""
    if not hmac.compare_digest(signed, _peer_hash(sa)):
        raise MalformedMessage(NotifyType.INVALID_SIGNATURE, "SIG payload does not verify")
    sa.peer_certificate = held[0]
