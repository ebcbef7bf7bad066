"""The ISAKMP payloads, one class each (RFC 2408, 3.4-3.16; RFC 2407, 4.6; RFC 3947, 3.2).

`parse` takes a payload's body (after the four generic bytes) and raises `MalformedMessage`; `to_bytes` gives
the body. What is parsed is always what `to_bytes` gives again.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar, Final

from iosemu.ike.header import MalformedMessage, NotifyType, PayloadType

DOI_IPSEC: Final = 1
SITUATION_IDENTITY_ONLY: Final = 1


def _malformed(reason: str, notify: NotifyType = NotifyType.PAYLOAD_MALFORMED) -> MalformedMessage:
    return MalformedMessage(notify, reason)


def split_generic(data: bytes, offset: int, name: str) -> tuple[int, bytes, int]:
    """Read a generic header at `offset`: the next payload's type, the body, the offset after it."""
    if len(data) - offset < 4:
        raise _malformed(f"no room for the {name} payload", NotifyType.UNEQUAL_PAYLOAD_LENGTHS)
    following, reserved, length = struct.unpack_from("!BBH", data, offset)
    if reserved:
        raise _malformed(f"reserved not zero on {name} payload!")
    if not 4 <= length <= len(data) - offset:
        raise _malformed(f"length of {name} payload", NotifyType.UNEQUAL_PAYLOAD_LENGTHS)
    return following, data[offset + 4 : offset + length], offset + length


def generic(following: int, body: bytes) -> bytes:
    """Put a generic header before a body."""
    return struct.pack("!BBH", following, 0, len(body) + 4) + body


@dataclass(frozen=True, slots=True)
class Attribute:
    """A data attribute: TV (basic) or TLV (RFC 2408, 3.3)."""

    type: int
    data: bytes
    basic: bool = True

    @classmethod
    def number(cls, type_: int, value: int) -> Attribute:
        """TV where the value fits in 16 bits, else TLV of four bytes."""
        if value <= 0xFFFF:
            return cls(type_, value.to_bytes(2, "big"))
        return cls(type_, value.to_bytes(4, "big"), basic=False)

    @property
    def value(self) -> int:
        """The data as a number."""
        return int.from_bytes(self.data, "big")

    @property
    def triple(self) -> tuple[int, int, bool]:
        """(type, value, basic), as events have it."""
        return self.type, self.value, self.basic

    def to_bytes(self) -> bytes:
        """The attribute on the wire."""
        if self.basic:
            return struct.pack("!H", self.type | 0x8000) + self.data
        return struct.pack("!HH", self.type, len(self.data)) + self.data

    @classmethod
    def parse_all(cls, data: bytes) -> tuple[Attribute, ...]:
        """All attributes of a transform or notification."""
        found, offset = [], 0
        while offset < len(data):
            if len(data) - offset < 4:
                raise _malformed("attribute cut short", NotifyType.BAD_PROPOSAL_SYNTAX)
            type_, second = struct.unpack_from("!HH", data, offset)
            offset += 4
            if type_ & 0x8000:
                found.append(cls(type_ & 0x7FFF, second.to_bytes(2, "big")))
                continue
            if second > len(data) - offset:
                raise _malformed("attribute cut short", NotifyType.BAD_PROPOSAL_SYNTAX)
            found.append(cls(type_, data[offset : offset + second], basic=False))
            offset += second
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Transform:
    """A transform payload (RFC 2408, 3.6)."""

    number: int
    identifier: int
    attributes: tuple[Attribute, ...]

    @classmethod
    def parse(cls, body: bytes) -> Transform:
        """Read the body."""
        if len(body) < 4:
            raise _malformed("TRANSFORM payload too short", NotifyType.BAD_PROPOSAL_SYNTAX)
        if body[2:4] != b"\0\0":
            raise _malformed("reserved not zero on TRANSFORM payload!", NotifyType.BAD_PROPOSAL_SYNTAX)
        return cls(body[0], body[1], Attribute.parse_all(body[4:]))

    def to_bytes(self) -> bytes:
        """The body."""
        attributes = b"".join(attribute.to_bytes() for attribute in self.attributes)
        return bytes([self.number, self.identifier, 0, 0]) + attributes

    def get(self, type_: int) -> int | None:
        """The value of the first attribute of a type."""
        return next((attribute.value for attribute in self.attributes if attribute.type == type_), None)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal payload (RFC 2408, 3.5)."""

    number: int
    protocol: int
    spi: bytes
    transforms: tuple[Transform, ...]

    @classmethod
    def parse(cls, body: bytes) -> Proposal:
        """Read the body."""
        if len(body) < 4 or len(body) < 4 + body[2]:
            raise _malformed("PROPOSAL payload too short", NotifyType.BAD_PROPOSAL_SYNTAX)
        number, protocol, spi_size, count = body[:4]
        transforms, offset, following = [], 4 + spi_size, int(PayloadType.TRANSFORM)
        while following:
            if following != PayloadType.TRANSFORM:
                raise _malformed("no TRANSFORM in PROPOSAL", NotifyType.BAD_PROPOSAL_SYNTAX)
            following, inner, offset = split_generic(body, offset, "TRANSFORM")
            transforms.append(Transform.parse(inner))
        if offset != len(body) or len(transforms) != count:
            raise _malformed("number of transforms", NotifyType.BAD_PROPOSAL_SYNTAX)
        return cls(number, protocol, body[4 : 4 + spi_size], tuple(transforms))

    def to_bytes(self) -> bytes:
        """The body."""
        head = bytes([self.number, self.protocol, len(self.spi), len(self.transforms)]) + self.spi
        last = len(self.transforms) - 1
        return head + b"".join(
            generic(PayloadType.NONE if index == last else PayloadType.TRANSFORM, transform.to_bytes())
            for index, transform in enumerate(self.transforms)
        )


@dataclass(frozen=True, slots=True)
class SecurityAssociation:
    """A security association payload (RFC 2408, 3.4; RFC 2407, 4.6.1)."""

    TYPE: ClassVar[int] = PayloadType.SA
    proposals: tuple[Proposal, ...]

    @classmethod
    def parse(cls, body: bytes) -> SecurityAssociation:
        """Read the body."""
        if len(body) < 8:
            raise _malformed("SA payload too short")
        doi, situation = struct.unpack_from("!II", body)
        if doi != DOI_IPSEC:
            raise _malformed(f"DOI {doi}", NotifyType.DOI_NOT_SUPPORTED)
        if situation != SITUATION_IDENTITY_ONLY:
            raise _malformed(f"situation {situation}", NotifyType.SITUATION_NOT_SUPPORTED)
        proposals, offset, following = [], 8, int(PayloadType.PROPOSAL)
        while following:
            if following != PayloadType.PROPOSAL:
                raise _malformed("no PROPOSAL in SA", NotifyType.BAD_PROPOSAL_SYNTAX)
            following, inner, offset = split_generic(body, offset, "PROPOSAL")
            proposals.append(Proposal.parse(inner))
        if offset != len(body):
            raise _malformed("bytes after the last proposal", NotifyType.BAD_PROPOSAL_SYNTAX)
        return cls(tuple(proposals))

    def to_bytes(self) -> bytes:
        """The body."""
        last = len(self.proposals) - 1
        return struct.pack("!II", DOI_IPSEC, SITUATION_IDENTITY_ONLY) + b"".join(
            generic(PayloadType.NONE if index == last else PayloadType.PROPOSAL, proposal.to_bytes())
            for index, proposal in enumerate(self.proposals)
        )


@dataclass(frozen=True, slots=True)
class Opaque:
    """A payload whose body is one value, or of a type that is passed over."""

    type: int
    data: bytes

    @property
    def TYPE(self) -> int:  # noqa: N802 - the class attribute of its siblings
        """The payload type."""
        return self.type

    def to_bytes(self) -> bytes:
        """The body."""
        return self.data


@dataclass(frozen=True, slots=True)
class _Data:
    """The base of payloads that are one value."""

    TYPE: ClassVar[int] = PayloadType.NONE
    data: bytes

    def to_bytes(self) -> bytes:
        """The body."""
        return self.data


@dataclass(frozen=True, slots=True)
class KeyExchangeData(_Data):
    """A key exchange payload (RFC 2408, 3.7)."""

    TYPE: ClassVar[int] = PayloadType.KE

    @classmethod
    def parse(cls, body: bytes) -> KeyExchangeData:
        """Read the body."""
        return cls(body)


@dataclass(frozen=True, slots=True)
class Nonce(_Data):
    """A nonce payload: 8 to 256 bytes (RFC 2409, 5)."""

    TYPE: ClassVar[int] = PayloadType.NONCE

    @classmethod
    def parse(cls, body: bytes) -> Nonce:
        """Read the body."""
        if not 8 <= len(body) <= 256:
            raise _malformed("nonce of a wrong length")
        return cls(body)


@dataclass(frozen=True, slots=True)
class HashData(_Data):
    """A hash payload (RFC 2408, 3.11)."""

    TYPE: ClassVar[int] = PayloadType.HASH

    @classmethod
    def parse(cls, body: bytes) -> HashData:
        """Read the body."""
        return cls(body)


@dataclass(frozen=True, slots=True)
class VendorId(_Data):
    """A vendor ID payload (RFC 2408, 3.16)."""

    TYPE: ClassVar[int] = PayloadType.VENDOR_ID

    @classmethod
    def parse(cls, body: bytes) -> VendorId:
        """Read the body."""
        return cls(body)


@dataclass(frozen=True, slots=True)
class NatD(_Data):
    """A NAT-D payload (RFC 3947, 3.2)."""

    TYPE: ClassVar[int] = PayloadType.NAT_D

    @classmethod
    def parse(cls, body: bytes) -> NatD:
        """Read the body."""
        return cls(body)


@dataclass(frozen=True, slots=True)
class Identification:
    """An identification payload (RFC 2407, 4.6.2)."""

    TYPE: ClassVar[int] = PayloadType.ID
    type: int
    protocol: int
    port: int
    data: bytes

    @classmethod
    def parse(cls, body: bytes) -> Identification:
        """Read the body."""
        if len(body) < 4:
            raise _malformed("ID payload too short")
        type_, protocol, port = struct.unpack_from("!BBH", body)
        expected = {1: 4, 4: 8, 7: 8}.get(type_)
        if expected is not None and len(body) != 4 + expected:
            raise _malformed("ID payload of a wrong length", NotifyType.INVALID_ID_INFORMATION)
        return cls(type_, protocol, port, body[4:])

    def to_bytes(self) -> bytes:
        """The body."""
        return struct.pack("!BBH", self.type, self.protocol, self.port) + self.data


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification payload (RFC 2408, 3.14)."""

    TYPE: ClassVar[int] = PayloadType.NOTIFY
    protocol: int
    type: int
    spi: bytes = b""
    data: bytes = b""

    @classmethod
    def parse(cls, body: bytes) -> Notification:
        """Read the body."""
        if len(body) < 8:
            raise _malformed("NOTIFY payload too short")
        doi, protocol, spi_size, type_ = struct.unpack_from("!IBBH", body)
        if doi not in (0, DOI_IPSEC):
            raise _malformed(f"DOI {doi}", NotifyType.DOI_NOT_SUPPORTED)
        if len(body) < 8 + spi_size:
            raise _malformed("NOTIFY payload too short")
        return cls(protocol, type_, body[8 : 8 + spi_size], body[8 + spi_size :])

    def to_bytes(self) -> bytes:
        """The body."""
        head = struct.pack("!IBBH", DOI_IPSEC, self.protocol, len(self.spi), self.type)
        return head + self.spi + self.data


@dataclass(frozen=True, slots=True)
class Deletion:
    """A delete payload (RFC 2408, 3.15)."""

    TYPE: ClassVar[int] = PayloadType.DELETE
    protocol: int
    spis: tuple[bytes, ...]

    @classmethod
    def parse(cls, body: bytes) -> Deletion:
        """Read the body."""
        if len(body) < 8:
            raise _malformed("DELETE payload too short")
        doi, protocol, size, count = struct.unpack_from("!IBBH", body)
        if doi not in (0, DOI_IPSEC):
            raise _malformed(f"DOI {doi}", NotifyType.DOI_NOT_SUPPORTED)
        if len(body) != 8 + size * count or not size:
            raise _malformed("DELETE payload of a wrong length")
        return cls(protocol, tuple(body[8 + size * i : 8 + size * (i + 1)] for i in range(count)))

    def to_bytes(self) -> bytes:
        """The body."""
        size = len(self.spis[0]) if self.spis else 4
        return struct.pack("!IBBH", DOI_IPSEC, self.protocol, size, len(self.spis)) + b"".join(self.spis)


Payload = (
    SecurityAssociation
    | KeyExchangeData
    | Nonce
    | HashData
    | VendorId
    | NatD
    | Identification
    | Notification
    | Deletion
    | Opaque
)

_CLASSES: Final = (
    SecurityAssociation,
    KeyExchangeData,
    Nonce,
    HashData,
    VendorId,
    NatD,
    Identification,
    Notification,
    Deletion,
)
_BY_TYPE: Final = {int(cls.TYPE): cls for cls in _CLASSES}
_PASSED_OVER: Final = frozenset(
    (
        PayloadType.CERT,
        PayloadType.CR,
        PayloadType.SIG,
        PayloadType.NAT_OA,
        PayloadType.NAT_D_07,
        PayloadType.NAT_OA_07,
    )
)


def parse_payload(type_: int, body: bytes) -> Payload:
    """Read a body by its payload type; INVALID-PAYLOAD-TYPE for one that is reserved."""
    if (cls := _BY_TYPE.get(type_)) is not None:
        return cls.parse(body)
    if type_ in _PASSED_OVER or type_ >= 128:
        return Opaque(type_, body)
    raise _malformed(f"payload type {type_}", NotifyType.INVALID_PAYLOAD_TYPE)
