"""IKE messages that a capture holds, in words: which step of the exchange, what is offered, chosen and refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from typing import Any

from iosemu.box.device import Device
from iosemu.ike import proposals
from iosemu.ike.header import ExchangeType, MalformedMessage, NotifyType, PayloadType
from iosemu.ike.payloads import (
    Deletion,
    Identification,
    KeyExchangeData,
    NatD,
    Nonce,
    Notification,
    VendorId,
    parse_payload,
)
from iosemu.ike.sa_payload import SecurityAssociation, Transform
from iosemu.ike.types import (
    AuthAlgorithm,
    Authentication,
    Encapsulation,
    Encryption,
    EspTransform,
    Hash,
    IdType,
    ProtocolId,
)
from iosemu.ikev2.payloads import MalformedMessage as MalformedIkev2
from iosemu.ikev2.payloads import Payload
from iosemu.lab.page import ikev2_messages
from iosemu.packets.dissect.model import Decryptor
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.isakmp import IsakmpHeader
from iosemu.server.packet_view.frames import Row
from iosemu.subjects.crypto.service.engine import CryptoEngine

RESPONSE = 0x20
"""The flag of an IKEv2 response (RFC 7296, 3.1)."""
_SHORT = {ExchangeType.MAIN: "MM", ExchangeType.AGGRESSIVE: "AM", ExchangeType.QUICK: "QM"}
_LONG = {
    ExchangeType.MAIN: "Main mode",
    ExchangeType.AGGRESSIVE: "Aggressive mode",
    ExchangeType.QUICK: "Quick mode",
}
_NAMES: dict[type, dict[int, str]] = {
    Encryption: {Encryption.TRIPLE_DES: "3DES"},
    Hash: {Hash.SHA256: "SHA-256", Hash.SHA384: "SHA-384", Hash.SHA512: "SHA-512"},
    Authentication: {
        Authentication.PRE_SHARE: "pre-shared key",
        Authentication.RSA_SIG: "RSA signatures",
        Authentication.RSA_ENCR: "RSA encryption",
    },
    EspTransform: {EspTransform.TRIPLE_DES: "3DES"},
}
"""Words for values that are not called by their names: the numbers of different registries are equal."""


@dataclass(frozen=True)
class IkeMessage:
    """One message; `payloads` are its clear or decrypted payloads, by type."""

    header: IsakmpHeader
    payloads: tuple[tuple[int, bytes], ...]
    readable: bool
    """It is clear, or a key opened it."""
    wire: bytes
    ikev2: tuple[Payload, ...] | None = None
    """The payloads of an IKEv2 message; None: no key opens it."""

    @property
    def version(self) -> str:
        """`IKEv1` or `IKEv2`."""
        return f"IKEv{self.header.version >> 4}"

    @property
    def response(self) -> bool:
        """An IKEv2 response."""
        return bool(self.header.flags & RESPONSE)

    def offers(self) -> SecurityAssociation | None:
        """Its security association payload, if it has one that can be read."""
        for kind, body in self.payloads:
            if kind == SecurityAssociation.TYPE:
                try:
                    return SecurityAssociation.parse(body)
                except MalformedMessage:
                    return None
        return None

    def judged_by(self, device: Device, local: IPv4Address | None) -> Iterator[str]:
        """What a device's policies at its address `local`, as configured now, say to an offer, with the line."""
        if self.header.version >> 4 == 2:
            if local is not None:
                yield from ikev2_messages.judged_by(self.wire, self.ikev2, device, local)
            return
        crypto = device.find(CryptoEngine)
        offer = (
            self.offers() if self.header.exchange in (ExchangeType.MAIN, ExchangeType.AGGRESSIVE) else None
        )
        if crypto is None or offer is None or any(self.header.responder_cookie):
            return
        policies = crypto.credentials.policies()
        if not policies:
            yield f"{device.name} has no ISAKMP policy"
        for proposal in offer.proposals:
            for transform in proposal.transforms:
                for policy in policies:
                    mismatch = proposals.compare(transform, policy, tuple(Authentication))
                    verdict = "fits" if mismatch is None else mismatch.value
                    line = f"{device.name} `crypto isakmp policy {policy.priority}`"
                    yield f"transform {transform.number}: {line}: {verdict}"


@dataclass(frozen=True)
class Told:
    """A message in words."""

    message: IkeMessage
    label: str
    notes: tuple[str, ...]


def read_ike(row: Row, decryptor: Decryptor | None = None) -> IkeMessage | None:
    """The IKE message in a packet, or None; `decryptor` opens what IKEv2 seals."""
    layer = next(
        (each for each in row.dissection.layers if each.name == "ISAKMP" and not each.decrypted), None
    )
    if layer is None:
        return None
    data = row.captured.frame[layer.start : layer.end]
    try:
        header = IsakmpHeader.parse(data)
        clear = row.dissection.decrypted
        if header.version >> 4 != 1:
            opened = ikev2_messages.read_payloads(data, decryptor)
            return IkeMessage(header, (), opened is not None, data, opened)
        if header.encrypted and not clear:
            return IkeMessage(header, (), False, data)
        read = replace(header, payload=clear, flags=0) if header.encrypted else header
        return IkeMessage(header, tuple(read.payloads()), True, data)
    except (MalformedPacket, MalformedIkev2):
        return None


def explain(messages: Sequence[IkeMessage]) -> list[Told]:
    """Every message of one exchange in words, in order."""
    steps: dict[tuple[int, int, bool], list[bytes]] = {}
    told = []
    for message in messages:
        header = message.header
        piece = header.version >> 4 == 1 and header.next_payload == PayloadType.FRAGMENT
        known = steps.setdefault((header.exchange, header.message_id, piece), [])
        again = message.wire in known
        if not again:
            known.append(message.wire)
        step = known.index(message.wire) + 1
        label = _label(message, step) + (" (again)" if again else "")
        told.append(Told(message, label, tuple(_notes(message, step))))
    return told


def _label(message: IkeMessage, step: int) -> str:
    header = message.header
    if header.version >> 4 == 2:
        return ikev2_messages.label(message.wire, message.ikev2)
    try:
        exchange = ExchangeType(header.exchange)
    except ValueError:
        return f"Exchange {header.exchange}"
    if header.next_payload == PayloadType.FRAGMENT:
        number = next((body[2] for _kind, body in message.payloads if len(body) > 2), "?")
        return f"{_SHORT.get(exchange, exchange.name.capitalize())}  Fragment {number}"
    lock = "" if not header.encrypted else " *"
    if exchange is ExchangeType.INFORMATIONAL:
        words = ", ".join(_brief(kind, body) for kind, body in message.payloads if kind in (11, 12))
        return f"Informational{lock}{': ' + words if words else ''}"
    names = ", ".join(word for word in (_brief(kind, body) for kind, body in message.payloads) if word)
    return f"{_SHORT.get(exchange, exchange.name.capitalize())}{step}{lock}  {names}".rstrip()


def _brief(kind: int, body: bytes) -> str:
    """A payload in a word; vendor IDs and NAT detection are for the notes."""
    if kind in (11, 12):
        try:
            found = parse_payload(kind, body)
        except MalformedMessage:
            return "malformed"
        if isinstance(found, Notification):
            return _notify(found.type)
        return "Delete"
    return {1: "SA", 4: "KE", 5: "ID", 8: "HASH", 9: "SIG", 10: "Nonce"}.get(kind, "")


def _notes(message: IkeMessage, step: int) -> Iterator[str]:
    header = message.header
    if header.version >> 4 == 2:
        yield from ikev2_messages.notes(message.wire, message.ikev2)
        return
    if header.version >> 4 == 1 and header.exchange in _LONG:
        yield _LONG[ExchangeType(header.exchange)] + (", encrypted" if header.encrypted else "")
    if not message.readable:
        yield "no key of the lab opens it"
    for kind, body in message.payloads:
        try:
            yield from _payload(message, step, parse_payload(kind, body))
        except MalformedMessage as error:
            yield f"payload {kind}: {error.reason}"


def _payload(message: IkeMessage, step: int, payload: Any) -> Iterator[str]:
    if isinstance(payload, SecurityAssociation):
        quick = message.header.exchange == ExchangeType.QUICK
        answer = step > 1 if quick else any(message.header.responder_cookie)
        word = "chosen" if answer else "offered"
        for proposal in payload.proposals:
            for transform in proposal.transforms:
                words = _phase1(transform) if proposal.protocol == ProtocolId.ISAKMP else _phase2(transform)
                spi = f", SPI {proposal.spi.hex()}" if proposal.spi else ""
                yield f"SA {word}: transform {transform.number}: {words}{spi}"
    elif isinstance(payload, KeyExchangeData):
        yield f"KE: {len(payload.data)} octets (g^x)"
    elif isinstance(payload, Nonce):
        yield f"Nonce: {len(payload.data)} octets"
    elif isinstance(payload, Identification):
        yield f"ID: {_identity(payload)}"
    elif isinstance(payload, Notification):
        yield f"Notify: {_notify(payload.type)}"
    elif isinstance(payload, Deletion):
        yield f"Delete: {', '.join(spi.hex() for spi in payload.spis)}"
    elif isinstance(payload, NatD):
        yield "NAT-D"
    elif isinstance(payload, VendorId):
        yield f"Vendor ID {payload.data.hex()[:16]}…"
    elif getattr(payload, "TYPE", 0) == 8:
        yield "HASH: proves who sent it and what"


def _phase1(transform: Transform) -> str:
    get = transform.get
    bits = get(proposals.KEY_LENGTH)
    cipher = _word(Encryption, get(proposals.ENCRYPTION)) + (f" {bits}" if bits else "")
    words = [cipher, _word(Hash, get(proposals.HASH)), f"group {get(proposals.GROUP)}"]
    words += [_word(Authentication, get(proposals.AUTHENTICATION)), f"{get(proposals.LIFE_DURATION)} s"]
    return ", ".join(words)


def _phase2(transform: Transform) -> str:
    get = transform.get
    bits = get(proposals.ESP_KEY_LENGTH)
    words = [_word(EspTransform, transform.identifier) + (f" {bits}" if bits else "")]
    if get(proposals.AUTH_ALGORITHM):
        words.append(_word(AuthAlgorithm, get(proposals.AUTH_ALGORITHM)))
    words.append(_word(Encapsulation, get(proposals.ENCAPSULATION)).lower())
    if get(proposals.GROUP_DESCRIPTION):
        words.append(f"PFS group {get(proposals.GROUP_DESCRIPTION)}")
    return ", ".join(words)


def _word(kind: Any, value: int | None) -> str:
    try:
        found = kind(value)
    except ValueError:
        return f"{kind.__name__} {value}"
    known: str | None = _NAMES.get(kind, {}).get(int(found))
    return known or str(found.name).replace("_", "-")


def _identity(payload: Identification) -> str:
    data = payload.data
    if payload.type == IdType.IPV4_ADDR:
        return str(IPv4Address(data))
    if payload.type == IdType.IPV4_ADDR_SUBNET:
        return f"{IPv4Address(data[:4])} {IPv4Address(data[4:])}"
    if payload.type == IdType.IPV4_ADDR_RANGE:
        return f"{IPv4Address(data[:4])} to {IPv4Address(data[4:])}"
    return data.decode("utf-8", "replace")


def _notify(kind: int) -> str:
    try:
        return NotifyType(kind).name
    except ValueError:
        return f"notify {kind}"
