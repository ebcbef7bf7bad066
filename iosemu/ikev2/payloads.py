"""The payloads of IKEv2 as bytes and back (RFC 7296, 3.2 to 3.16)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address
from typing import ClassVar, Final

from iosemu.ikev2.numbers import Notify, PayloadType, TransformType

GENERIC: Final = 4
"""Octets of the generic payload header."""
CRITICAL: Final = 0x80
KEY_LENGTH: Final = 14
"""The only transform attribute (RFC 7296, 3.3.5)."""
TS_IPV4: Final = 7
MOST_PAYLOADS: Final = 128
"""In one message: more is an attempt to keep a router busy."""


class MalformedMessage(Exception):  # noqa: N818 - a state of the message, answered and not raised to users
    """A message that is not well formed; `notify` is the error RFC 7296 has for it, `data` goes with it."""

    def __init__(self, reason: str, notify: int = Notify.INVALID_SYNTAX, data: bytes = b"") -> None:
        super().__init__(reason)
        self.reason = reason
        self.notify = int(notify)
        self.data = data


def _need(data: bytes, length: int, what: str) -> None:
    if len(data) < length:
        raise MalformedMessage(f"{what}: {len(data)} octets are too few")


@dataclass(frozen=True, slots=True)
class Payload:
    """The base of all payloads: no ABC, which would make each question for a payload's class a slow one."""

    TYPE: ClassVar[PayloadType] = PayloadType.NONE

    @property
    def kind(self) -> int:
        """The payload type number."""
        return int(self.TYPE)

    def body(self) -> bytes:
        """What follows the generic header."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Transform:
    """One transform; `key_bits` 0 where it has no key length attribute."""

    type: int
    id: int
    key_bits: int = 0
    known: bool = True
    """False: it has attributes nobody knows, so it cannot be chosen (RFC 7296, 3.3.6)."""

    def to_bytes(self, *, last: bool) -> bytes:
        """With its header."""
        attribute = struct.pack("!HH", 0x8000 | KEY_LENGTH, self.key_bits) if self.key_bits else b""
        return (
            struct.pack("!BBHBBH", 0 if last else 3, 0, 8 + len(attribute), self.type, 0, self.id) + attribute
        )

    @classmethod
    def parse(cls, data: bytes) -> Transform:
        """One transform with its header, exactly."""
        kind, _, identifier = struct.unpack_from("!BBH", data, 4)
        bits, known, at = 0, True, 8
        while at < len(data):
            _need(data[at:], 4, "transform attribute")
            word, value = struct.unpack_from("!HH", data, at)
            at += 4
            if not word & 0x8000:
                _need(data[at:], value, "transform attribute")
                at += value
                known = False
            elif word & 0x7FFF == KEY_LENGTH:
                bits = value
            else:
                known = False
        return cls(kind, identifier, bits, known)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposal: transforms of one protocol, of which one of each type is to be chosen."""

    number: int
    protocol: int
    spi: bytes
    transforms: tuple[Transform, ...]

    def of(self, kind: TransformType) -> tuple[Transform, ...]:
        """Its transforms of one type, in order."""
        return tuple(each for each in self.transforms if each.type == kind and each.known)

    def to_bytes(self, *, last: bool) -> bytes:
        """With its header."""
        count = len(self.transforms)
        inner = b"".join(each.to_bytes(last=index == count - 1) for index, each in enumerate(self.transforms))
        head = (
            0 if last else 2,
            0,
            8 + len(self.spi) + len(inner),
            self.number,
            self.protocol,
            len(self.spi),
            count,
        )
        return struct.pack("!BBHBBBB", *head) + self.spi + inner

    @classmethod
    def parse(cls, data: bytes) -> Proposal:
        """One proposal with its header, exactly."""
        number, protocol, spi_size, count = struct.unpack_from("!BBBB", data, 4)
        _need(data, 8 + spi_size, "proposal SPI")
        spi, at = data[8 : 8 + spi_size], 8 + spi_size
        transforms: list[Transform] = []
        for index in range(count):
            _need(data[at:], 8, "transform")
            more, length = data[at], int.from_bytes(data[at + 2 : at + 4])
            if length < 8 or at + length > len(data) or (more == 3) != (index < count - 1):
                raise MalformedMessage("transform length")
            transforms.append(Transform.parse(data[at : at + length]))
            at += length
        if at != len(data):
            raise MalformedMessage("octets after the last transform")
        return cls(number, protocol, spi, tuple(transforms))


@dataclass(frozen=True, slots=True)
class SecurityAssociation(Payload):
    """SA: the proposals in order of preference."""

    TYPE = PayloadType.SA
    proposals: tuple[Proposal, ...]

    def body(self) -> bytes:
        """All proposals."""
        count = len(self.proposals)
        return b"".join(each.to_bytes(last=index == count - 1) for index, each in enumerate(self.proposals))

    @classmethod
    def parse(cls, data: bytes) -> SecurityAssociation:
        """Read the body."""
        found, at, more = [], 0, True
        while more:
            _need(data[at:], 8, "proposal")
            more, length = data[at] == 2, int.from_bytes(data[at + 2 : at + 4])
            if length < 8 or at + length > len(data) or data[at] not in (0, 2):
                raise MalformedMessage("proposal length")
            found.append(Proposal.parse(data[at : at + length]))
            at += length
        if at != len(data):
            raise MalformedMessage("octets after the last proposal")
        return cls(tuple(found))


@dataclass(frozen=True, slots=True)
class KeyExchangeData(Payload):
    """KE: a public value of a group."""

    TYPE = PayloadType.KE
    group: int
    data: bytes

    def body(self) -> bytes:
        """Group and value."""
        return struct.pack("!HH", self.group, 0) + self.data

    @classmethod
    def parse(cls, data: bytes) -> KeyExchangeData:
        """Read the body."""
        _need(data, 5, "KE")
        return cls(int.from_bytes(data[:2]), data[4:])


@dataclass(frozen=True, slots=True)
class Identification(Payload):
    """IDi or IDr: who one is."""

    TYPE = PayloadType.ID_I
    type: int
    data: bytes
    responder: bool = False

    @property
    def kind(self) -> int:
        """IDi or IDr."""
        return int(PayloadType.ID_R if self.responder else PayloadType.ID_I)

    def body(self) -> bytes:
        """Type and data: what AUTH covers."""
        return bytes((self.type, 0, 0, 0)) + self.data

    @classmethod
    def parse(cls, data: bytes, *, responder: bool) -> Identification:
        """Read the body."""
        _need(data, 4, "ID")
        return cls(data[0], data[4:], responder)


@dataclass(frozen=True, slots=True)
class Authentication(Payload):
    """AUTH."""

    TYPE = PayloadType.AUTH
    method: int
    data: bytes

    def body(self) -> bytes:
        """Method and data."""
        return bytes((self.method, 0, 0, 0)) + self.data

    @classmethod
    def parse(cls, data: bytes) -> Authentication:
        """Read the body."""
        _need(data, 4, "AUTH")
        return cls(data[0], data[4:])


@dataclass(frozen=True, slots=True)
class Nonce(Payload):
    """Ni or Nr: 16 to 256 octets."""

    TYPE = PayloadType.NONCE
    data: bytes

    def body(self) -> bytes:
        """The nonce."""
        return self.data

    @classmethod
    def parse(cls, data: bytes) -> Nonce:
        """Read the body."""
        if not 16 <= len(data) <= 256:
            raise MalformedMessage(f"nonce of {len(data)} octets")
        return cls(data)


@dataclass(frozen=True, slots=True)
class Notification(Payload):
    """N: an error or a status."""

    TYPE = PayloadType.NOTIFY
    type: int
    data: bytes = b""
    protocol: int = 0
    spi: bytes = b""

    def body(self) -> bytes:
        """Protocol, SPI, type and data."""
        return struct.pack("!BBH", self.protocol, len(self.spi), self.type) + self.spi + self.data

    @classmethod
    def parse(cls, data: bytes) -> Notification:
        """Read the body."""
        _need(data, 4, "notify")
        protocol, size, kind = struct.unpack_from("!BBH", data)
        _need(data, 4 + size, "notify SPI")
        return cls(kind, data[4 + size :], protocol, data[4 : 4 + size])


@dataclass(frozen=True, slots=True)
class Deletion(Payload):
    """D: SAs that are gone; no SPIs for the IKE SA itself."""

    TYPE = PayloadType.DELETE
    protocol: int
    spis: tuple[bytes, ...] = ()

    def body(self) -> bytes:
        """Protocol and SPIs."""
        size = len(self.spis[0]) if self.spis else 0
        return struct.pack("!BBH", self.protocol, size, len(self.spis)) + b"".join(self.spis)

    @classmethod
    def parse(cls, data: bytes) -> Deletion:
        """Read the body."""
        _need(data, 4, "delete")
        protocol, size, count = struct.unpack_from("!BBH", data)
        if len(data) != 4 + size * count or (count and not size):
            raise MalformedMessage("delete length")
        return cls(protocol, tuple(data[4 + size * i : 4 + size * (i + 1)] for i in range(count)))


@dataclass(frozen=True, slots=True)
class VendorId(Payload):
    """V."""

    TYPE = PayloadType.VENDOR_ID
    data: bytes

    def body(self) -> bytes:
        """The identifier."""
        return self.data


@dataclass(frozen=True, slots=True)
class Range:
    """One traffic selector: addresses, protocol (0 any) and ports (0 to 65535 any)."""

    first: IPv4Address
    last: IPv4Address
    protocol: int = 0
    first_port: int = 0
    last_port: int = 65535


@dataclass(frozen=True, slots=True)
class TrafficSelectors(Payload):
    """TSi or TSr; selectors of other address families than IPv4 are read over."""

    TYPE = PayloadType.TS_I
    ranges: tuple[Range, ...]
    responder: bool = False

    @property
    def kind(self) -> int:
        """TSi or TSr."""
        return int(PayloadType.TS_R if self.responder else PayloadType.TS_I)

    def body(self) -> bytes:
        """The number of selectors, then each."""
        parts = [bytes((len(self.ranges), 0, 0, 0))]
        for each in self.ranges:
            parts.append(struct.pack("!BBHHH", TS_IPV4, each.protocol, 16, each.first_port, each.last_port))
            parts += [each.first.packed, each.last.packed]
        return b"".join(parts)

    @classmethod
    def parse(cls, data: bytes, *, responder: bool) -> TrafficSelectors:
        """Read the body."""
        _need(data, 4, "TS")
        found, at = [], 4
        for _ in range(data[0]):
            _need(data[at:], 8, "traffic selector")
            kind, protocol, length, low, high = struct.unpack_from("!BBHHH", data, at)
            if length < 8 or at + length > len(data):
                raise MalformedMessage("traffic selector length")
            if kind == TS_IPV4:
                if length != 16:
                    raise MalformedMessage("traffic selector length")
                first, last = IPv4Address(data[at + 8 : at + 12]), IPv4Address(data[at + 12 : at + 16])
                found.append(Range(first, last, protocol, low, high))
            at += length
        if at != len(data) or not data[0]:
            raise MalformedMessage("traffic selectors")
        return cls(tuple(found), responder)


@dataclass(frozen=True, slots=True)
class Configuration(Payload):
    """CP: attributes asked for or told, as (type, value)."""

    TYPE = PayloadType.CP
    type: int
    attributes: tuple[tuple[int, bytes], ...]

    def body(self) -> bytes:
        """Kind and attributes."""
        inner = b"".join(struct.pack("!HH", kind, len(value)) + value for kind, value in self.attributes)
        return bytes((self.type, 0, 0, 0)) + inner

    @classmethod
    def parse(cls, data: bytes) -> Configuration:
        """Read the body."""
        _need(data, 4, "CP")
        found, at = [], 4
        while at < len(data):
            _need(data[at:], 4, "configuration attribute")
            kind, length = struct.unpack_from("!HH", data, at)
            at += 4
            _need(data[at:], length, "configuration attribute")
            found.append((kind & 0x7FFF, data[at : at + length]))
            at += length
        return cls(data[0], tuple(found))


@dataclass(frozen=True, slots=True)
class CertificateData(Payload):
    """CERT."""

    TYPE = PayloadType.CERT
    encoding: int
    data: bytes

    def body(self) -> bytes:
        """Encoding and certificate."""
        return bytes((self.encoding,)) + self.data

    @classmethod
    def parse(cls, data: bytes) -> CertificateData:
        """Read the body."""
        _need(data, 1, "CERT")
        return cls(data[0], data[1:])


@dataclass(frozen=True, slots=True)
class CertificateRequest(Payload):
    """CERTREQ: the authorities, SHA-1 of the key of each."""

    TYPE = PayloadType.CERTREQ
    encoding: int
    authorities: bytes

    def body(self) -> bytes:
        """Encoding and hashes."""
        return bytes((self.encoding,)) + self.authorities

    @classmethod
    def parse(cls, data: bytes) -> CertificateRequest:
        """Read the body."""
        _need(data, 1, "CERTREQ")
        return cls(data[0], data[1:])


@dataclass(frozen=True, slots=True)
class EapMessage(Payload):
    """EAP: a packet of that protocol."""

    TYPE = PayloadType.EAP
    data: bytes

    def body(self) -> bytes:
        """As received."""
        return self.data


_READERS: Final[dict[int, Callable[[bytes], Payload]]] = {
    PayloadType.SA: SecurityAssociation.parse,
    PayloadType.KE: KeyExchangeData.parse,
    PayloadType.ID_I: partial(Identification.parse, responder=False),
    PayloadType.ID_R: partial(Identification.parse, responder=True),
    PayloadType.AUTH: Authentication.parse,
    PayloadType.NONCE: Nonce.parse,
    PayloadType.NOTIFY: Notification.parse,
    PayloadType.DELETE: Deletion.parse,
    PayloadType.VENDOR_ID: VendorId,
    PayloadType.TS_I: partial(TrafficSelectors.parse, responder=False),
    PayloadType.TS_R: partial(TrafficSelectors.parse, responder=True),
    PayloadType.CP: Configuration.parse,
    PayloadType.CERT: CertificateData.parse,
    PayloadType.CERTREQ: CertificateRequest.parse,
    PayloadType.EAP: EapMessage,
}
_NO_PAYLOAD: Final = int(PayloadType.NONE)


def read_chain(first: int, data: bytes) -> tuple[Payload, ...]:
    """The payloads of a message; one that nobody knows is passed over unless it is critical (RFC 7296, 2.5)."""
    found: list[Payload] = []
    kind, at = first, 0
    for _ in range(MOST_PAYLOADS):
        if kind == _NO_PAYLOAD:
            if at != len(data):
                raise MalformedMessage("octets after the last payload")
            return tuple(found)
        if len(data) - at < GENERIC:
            raise MalformedMessage(f"payload header: {len(data) - at} octets are too few")
        following, flags, length = struct.unpack_from("!BBH", data, at)
        if length < GENERIC or at + length > len(data):
            raise MalformedMessage(f"payload {kind} has length {length}")
        reader = _READERS.get(kind)
        if reader is not None:
            found.append(reader(data[at + GENERIC : at + length]))
        elif flags & CRITICAL:
            raise MalformedMessage(
                f"critical payload {kind}", Notify.UNSUPPORTED_CRITICAL_PAYLOAD, bytes((kind,))
            )
        kind, at = following, at + length
    raise MalformedMessage("too many payloads")


def write_chain(payloads: Sequence[Payload]) -> tuple[int, bytes]:
    """The type of the first payload, and all of them with their headers."""
    kinds = [payload.kind for payload in payloads]
    kinds.append(_NO_PAYLOAD)
    parts: list[bytes] = []
    for payload, following in zip(payloads, kinds[1:], strict=True):
        body = payload.body()
        parts += (struct.pack("!BBH", following, 0, GENERIC + len(body)), body)
    return kinds[0], b"".join(parts)
