"""IKEv2 messages that a capture holds, in words (RFC 7296): payloads, what is offered, chosen and refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address

from iosemu.box.device import Device
from iosemu.ike.types import Identity
from iosemu.ikev2.message import Header
from iosemu.ikev2.numbers import (
    FIRST_STATUS,
    AuthMethod,
    Encr,
    Esn,
    ExchangeType,
    IdType,
    Integ,
    Notify,
    PayloadType,
    Prf,
    Protocol,
    TransformType,
)
from iosemu.ikev2.payloads import (
    Authentication,
    Configuration,
    Deletion,
    Identification,
    KeyExchangeData,
    Nonce,
    Notification,
    Payload,
    Proposal,
    SecurityAssociation,
    TrafficSelectors,
    Transform,
    VendorId,
    read_chain,
)
from iosemu.ikev2.proposals import IkeProposal
from iosemu.packets.dissect.model import Decryptor
from iosemu.subjects.crypto.service.engine import CryptoEngine

_BRIEF = {
    PayloadType.SA: "SA",
    PayloadType.KE: "KE",
    PayloadType.ID_I: "IDi",
    PayloadType.ID_R: "IDr",
    PayloadType.CERT: "CERT",
    PayloadType.CERTREQ: "CERTREQ",
    PayloadType.AUTH: "AUTH",
    PayloadType.NONCE: "Nonce",
    PayloadType.DELETE: "Delete",
    PayloadType.TS_I: "TSi",
    PayloadType.TS_R: "TSr",
    PayloadType.CP: "CP",
    PayloadType.EAP: "EAP",
}
_CIPHERS = {
    Encr.DES: "DES", Encr.TRIPLE_DES: "3DES", Encr.NULL: "NULL", Encr.AES_CBC: "AES-CBC",
    Encr.AES_GCM_16: "AES-GCM", Encr.AES_GMAC: "AES-GMAC",
}  # fmt: skip
_PRFS = {Prf.MD5: "MD5", Prf.SHA1: "SHA1", Prf.SHA256: "SHA256", Prf.SHA384: "SHA384", Prf.SHA512: "SHA512"}
_INTEGRITIES = {
    Integ.NONE: "none", Integ.MD5_96: "MD5", Integ.SHA1_96: "SHA1", Integ.SHA256_128: "SHA256",
    Integ.SHA384_192: "SHA384", Integ.SHA512_256: "SHA512",
}  # fmt: skip
_WORDS = {TransformType.ENCR: "encryption", TransformType.PRF: "PRF", TransformType.INTEG: "integrity",
          TransformType.DH: "group", TransformType.ESN: "ESN"}  # fmt: skip
_PLAIN = (
    Notify.NAT_DETECTION_SOURCE_IP,
    Notify.NAT_DETECTION_DESTINATION_IP,
    Notify.IKEV2_FRAGMENTATION_SUPPORTED,
)
"""Notifies that stand in many messages and decide nothing: for the notes, not for the arrow."""


def read_payloads(data: bytes, decryptor: Decryptor | None) -> tuple[Payload, ...] | None:
    """The payloads of a message, opened where that is needed; None: no key opens it, or it is not the last fragment.

    Raises MalformedMessage for one that is not well formed.
    """
    header = Header.parse(data)
    if header.next_payload not in (PayloadType.SK, PayloadType.SKF):
        return read_chain(header.next_payload, data[28:])
    opened = decryptor.ikev2(data) if decryptor is not None else None
    return read_chain(*opened) if opened is not None else None


def label(data: bytes, payloads: Sequence[Payload] | None) -> str:
    """What stands at the arrow: `IKE_AUTH request *  IDi, AUTH, SA, TSi, TSr`."""
    exchange, flags = data[18], data[19]
    try:
        name = ExchangeType(exchange).name
    except ValueError:
        name = f"exchange {exchange}"
    way = "response" if flags & 0x20 else "request"
    sealed = " *" if data[16] in (PayloadType.SK, PayloadType.SKF) else ""
    words = ", ".join(word for word in map(_brief, payloads or ()) if word)
    if payloads is not None and not payloads and exchange == ExchangeType.INFORMATIONAL:
        words = "empty: are you there?" if way == "request" else "empty: yes"
    return f"{name} {way}{sealed}  {words}".rstrip()


def _brief(payload: Payload) -> str:
    if isinstance(payload, Notification):
        return "" if payload.type in _PLAIN else _notify(payload.type)
    return _BRIEF.get(PayloadType(payload.kind), "") if payload.kind in set(PayloadType) else ""


def notes(data: bytes, payloads: Sequence[Payload] | None) -> Iterator[str]:
    """What is in a message, a line each."""
    yield f"message ID {int.from_bytes(data[20:24])}"
    if payloads is None:
        yield "no key of the lab opens it, or it is a fragment of what the last one of them completes"
        return
    response = bool(data[19] & 0x20)
    for payload in payloads:
        yield from _payload(payload, response)


def _payload(payload: Payload, response: bool) -> Iterator[str]:
    match payload:
        case SecurityAssociation():
            word = "chosen" if response else "offered"
            for proposal in payload.proposals:
                yield f"SA {word}: {describe(proposal)}"
        case KeyExchangeData():
            yield f"KE: group {payload.group}, {len(payload.data)} octets"
        case Nonce():
            yield f"Nonce: {len(payload.data)} octets"
        case Identification():
            yield f"{'IDr' if payload.responder else 'IDi'}: {_identity(payload)}"
        case Authentication():
            method = {AuthMethod.SHARED_KEY: "pre-shared key", AuthMethod.RSA_SIGNATURE: "RSA signature"}
            known = payload.method in set(AuthMethod)
            name = method.get(AuthMethod(payload.method)) if known else None
            yield f"AUTH: proves who sent it, by {name or f'method {payload.method}'}"
        case TrafficSelectors():
            for each in payload.ranges:
                ports = (
                    ""
                    if (each.first_port, each.last_port) == (0, 65535)
                    else f" ports {each.first_port}-{each.last_port}"
                )
                protocol = f" protocol {each.protocol}" if each.protocol else ""
                yield f"{'TSr' if payload.responder else 'TSi'}: {each.first} to {each.last}{protocol}{ports}"
        case Notification():
            kind = "Status" if payload.type >= FIRST_STATUS else "Error"
            asked = ""
            if payload.type == Notify.INVALID_KE_PAYLOAD and len(payload.data) == 2:
                asked = f": group {int.from_bytes(payload.data)} is wanted"
            yield f"{kind}: {_notify(payload.type)}{asked}"
        case Deletion():
            spis = ", ".join(spi.hex() for spi in payload.spis)
            yield (
                f"Delete: {_protocol(payload.protocol)} {spis}"
                if spis
                else "Delete: the IKE SA and all in it"
            )
        case Configuration():
            yield f"CP: {len(payload.attributes)} attributes"
        case VendorId():
            yield f"Vendor ID {payload.data.hex()[:16]}…"


def describe(proposal: Proposal) -> str:
    """`proposal 1: IKE: AES-CBC 256, SHA256, …`: what may be chosen of each kind stands beside a bar."""
    kinds: dict[int, list[str]] = {}
    for each in proposal.transforms:
        if each.type == TransformType.ESN and each.id == Esn.NO:
            continue
        kinds.setdefault(each.type, []).append(_transform(each))
    words = [f"{_kind(kind)} {' | '.join(values)}" for kind, values in kinds.items()]
    spi = f", SPI {proposal.spi.hex()}" if proposal.spi else ""
    return f"proposal {proposal.number}: {_protocol(proposal.protocol)}: {', '.join(words)}{spi}"


def _kind(kind: int) -> str:
    return _WORDS[TransformType(kind)] if kind in set(TransformType) else f"transform type {kind}"


def _transform(each: Transform) -> str:
    if each.type == TransformType.ENCR:
        name = _CIPHERS.get(Encr(each.id)) if each.id in set(Encr) else None
        return (name or str(each.id)) + (f" {each.key_bits}" if each.key_bits else "")
    if each.type == TransformType.PRF:
        return _PRFS[Prf(each.id)] if each.id in set(Prf) else str(each.id)
    if each.type == TransformType.INTEG:
        return _INTEGRITIES[Integ(each.id)] if each.id in set(Integ) else str(each.id)
    return str(each.id)


def _protocol(number: int) -> str:
    return Protocol(number).name if number in set(Protocol) else f"protocol {number}"


def _identity(payload: Identification) -> str:
    if payload.type == IdType.IPV4_ADDR and len(payload.data) == 4:
        return str(IPv4Address(payload.data))
    return payload.data.decode("utf-8", "replace")


def _notify(kind: int) -> str:
    return Notify(kind).name if kind in set(Notify) else f"notify {kind}"


def judged_by(
    data: bytes, payloads: Sequence[Payload] | None, device: Device, local: IPv4Address
) -> Iterator[str]:
    """What a device, as it is configured now, says to the offer of IKE_SA_INIT and to the identity of IKE_AUTH."""
    crypto = device.find(CryptoEngine)
    if crypto is None or payloads is None or data[19] & 0x20:
        return
    configuration = crypto.ikev2.configuration
    if data[18] == ExchangeType.IKE_AUTH:
        for each in payloads:
            if isinstance(each, Identification) and not each.responder:
                name = configuration.profile_of(Identity(each.type, each.data), local)
                found = (
                    f"`crypto ikev2 profile {name}` matches" if name else "no `crypto ikev2 profile` matches"
                )
                yield f"{device.name}: {found} the identity {_identity(each)}"
        return
    offer = next((each for each in payloads if isinstance(each, SecurityAssociation)), None)
    if offer is None or data[18] != ExchangeType.IKE_SA_INIT:
        return
    own = configuration.proposals(local)
    if not own:
        yield f"{device.name} has no complete `crypto ikev2 proposal` for {local}"
    for proposal in offer.proposals:
        for mine in own:
            missing = missing_of(mine, proposal)
            verdict = "fits" if not missing else f"no {', no '.join(missing)} in common"
            yield f"proposal {proposal.number}: {device.name} `crypto ikev2 proposal {mine.name}`: {verdict}"


def missing_of(mine: IkeProposal, offered: Proposal) -> list[str]:
    """The kinds of transforms of which both sides have none in common."""
    if mine.choose(offered) is not None:
        return []
    own = mine.offer(offered.number)
    found = [
        _WORDS[kind]
        for kind in (TransformType.ENCR, TransformType.PRF, TransformType.INTEG, TransformType.DH)
        if own.of(kind)
        and not {(each.id, each.key_bits) for each in own.of(kind)}
        & {(each.id, each.key_bits) for each in offered.of(kind)}
    ]
    return found or [_WORDS[TransformType.INTEG]]
