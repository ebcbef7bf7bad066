"""GROUPKEY-PUSH (RFC 6407, 4) and its acknowledgement (RFC 8263): new keys, sent by the key server.

Member                                Key server
                                 <--  HDR*, SEQ, SA, KD, SIG
HDR, HASH, SEQ, ID               -->

The header's cookies are the SPI of the KEK. All that follows it is encrypted by the KEK, with the initialization
vector that goes before the key in the KEK's key packet; the signature is over the string `rekey` and the message as
it is before encryption, without the signature's payload.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace
from typing import Final

from iosemu.gdoi.exchange import OWN_PAYLOADS, Grant, opaque
from iosemu.gdoi.numbers import ExchangeType, PayloadType, SignatureHash
from iosemu.gdoi.payloads import GroupSa, KeyDownload, sequence_number
from iosemu.ike.algorithms import cbc_decrypt, cbc_encrypt, cipher_block
from iosemu.ike.header import FLAG_ENCRYPTED, HEADER_LENGTH, Header, MalformedMessage, NotifyType
from iosemu.ike.message import Message, build, chain
from iosemu.ike.payloads import HashData, Identification, Opaque, Payload, SignatureData
from iosemu.ike.types import Encryption, IdType
from iosemu.pki.rsa import KeyPair, PublicKey, sign

PREFIX: Final = b"rekey"
ACK_LABEL: Final = b"GROUPKEY-PUSH ACK"
DIGESTS: Final = {
    SignatureHash.SHA1: "sha1",
    SignatureHash.SHA256: "sha256",
    SignatureHash.SHA384: "sha384",
    SignatureHash.SHA512: "sha512",
}


@dataclass(frozen=True, slots=True)
class Kek:
    """The key that protects rekeys."""

    spi: bytes
    """Sixteen octets: the cookies of a rekey."""
    encryption: Encryption
    key_bits: int
    """Of AES, else 0."""
    iv: bytes = field(repr=False)
    key: bytes = field(repr=False)
    hash: SignatureHash
    lifetime: int
    """Seconds."""
    created: float
    """Lab time."""
    acknowledged: bool
    """Members acknowledge rekeys."""

    @property
    def expires(self) -> float:
        """Lab time of its end."""
        return self.created + self.lifetime

    def acknowledgement(self, sequence: bytes, identity: bytes) -> bytes:
        """The hash of an acknowledgement over the payloads (RFC 8263, 3)."""
        length = (len(self.key) * 8).to_bytes(2, "big")
        key = hmac.digest(self.key, ACK_LABEL + self.spi + length, "sha256")
        return hmac.digest(key, sequence + identity, "sha256")


class Unverified(Exception):  # noqa: N818 - what became of a message
    """A rekey was not made by the key server, or is one of before; `replayed` tells which."""

    def __init__(self, sequence: int, *, replayed: bool) -> None:
        super().__init__("rekey")
        self.sequence = sequence
        self.replayed = replayed


def push(kek: Kek, signer: KeyPair, grant: Grant) -> bytes:
    """A rekey; ValueError where the signer's key is too short."""
    block = cipher_block(kek.encryption)
    payloads: list[Payload] = [
        Opaque(PayloadType.SEQ, grant.sequence.to_bytes(4, "big")),
        Opaque(PayloadType.SA, grant.sa.to_bytes()),
        Opaque(PayloadType.KD, grant.keys.to_bytes()),
    ]
    size = (signer.modulus.bit_length() + 7) // 8
    whole = chain([*payloads, SignatureData(bytes(size))])
    padding = bytes(-len(whole) % block)
    length = HEADER_LENGTH + len(whole) + len(padding)
    header = Header(
        kek.spi[:8], kek.spi[8:], PayloadType.SEQ, ExchangeType.PUSH, FLAG_ENCRYPTED, length=length
    )
    signed = header.to_bytes() + whole[: -size - 4]
    signature = sign(signer, DIGESTS[kek.hash], PREFIX + signed)
    plain = signed[HEADER_LENGTH:] + whole[-size - 4 : -size] + signature + padding
    return header.to_bytes() + cbc_encrypt(kek.encryption, kek.key, kek.iv, plain)


def open_push(kek: Kek, public: PublicKey, data: bytes, last: int) -> Grant:
    """Read a rekey that names this KEK; `last` is the greatest sequence number so far.

    Raises `MalformedMessage`, or `Unverified` for a sequence number or a signature that is not right.
    """
    header = Header.parse(data)
    if not header.encrypted:
        raise MalformedMessage(NotifyType.INVALID_FLAGS, "not encrypted")
    try:
        plain = cbc_decrypt(kek.encryption, kek.key, kek.iv, data[HEADER_LENGTH : header.length])
    except ValueError:
        raise MalformedMessage(NotifyType.UNEQUAL_PAYLOAD_LENGTHS, "not whole cipher blocks") from None
    message = Message.parse(header, plain, OWN_PAYLOADS)
    sequence = sequence_number(opaque(message, PayloadType.SEQ))
    signature = message.one(SignatureData).data
    if not isinstance(message.parts[-1].payload, SignatureData):
        raise MalformedMessage(NotifyType.INVALID_SIGNATURE, "the signature is not the last payload")
    before = sum(4 + len(part.body) for part in message.parts[:-1])
    signed = data[:HEADER_LENGTH] + plain[:before]
    if not public.verifies(DIGESTS[kek.hash], signature, PREFIX + signed):
        raise Unverified(sequence, replayed=False)
    if sequence <= last:
        raise Unverified(sequence, replayed=True)
    sa = GroupSa.parse(opaque(message, PayloadType.SA))
    return Grant(sa, KeyDownload.parse(opaque(message, PayloadType.KD)), sequence)


def acknowledge(kek: Kek, sequence: int, member: bytes) -> bytes:
    """The acknowledgement of a rekey by a member, told by its address."""
    payloads = _acknowledged(sequence, member)
    digest = kek.acknowledgement(*(each.to_bytes() for each in payloads))
    header = Header(kek.spi[:8], kek.spi[8:], PayloadType.SEQ, ExchangeType.PUSH_ACK)
    return build(header, [HashData(digest), *payloads])


def read_acknowledgement(kek: Kek, data: bytes) -> tuple[int, bytes]:
    """Sequence number and member of an acknowledgement; `MalformedMessage` where it is none of this KEK."""
    header = Header.parse(data)
    message = Message.parse(
        replace(header, flags=0), data[HEADER_LENGTH : header.length], frozenset((PayloadType.SEQ,))
    )
    body = opaque(message, PayloadType.SEQ)
    identity = message.one(Identification)
    digest = message.one(HashData).data
    if not hmac.compare_digest(digest, kek.acknowledgement(body, identity.to_bytes())):
        raise MalformedMessage(NotifyType.INVALID_HASH_INFORMATION, "acknowledgement does not verify")
    return sequence_number(body), identity.data


def _acknowledged(sequence: int, member: bytes) -> tuple[Payload, Payload]:
    identity = Identification(IdType.IPV4_ADDR, 0, 0, member)
    return Opaque(PayloadType.SEQ, sequence.to_bytes(4, "big")), identity
