"""The ISAKMP payloads but that of the SA, one class each (RFC 2408, 3.7-3.16; RFC 2407, 4.6; RFC 3947, 3.2).

`parse` takes a payload's body (after the four generic bytes) and raises `MalformedMessage`; `to_bytes` gives
the body. What is parsed is always what `to_bytes` gives again.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar, Final

from iosemu.ike.generic import malformed
from iosemu.ike.header import NotifyType, PayloadType
from iosemu.ike.sa_payload import DOI_GDOI, DOI_IPSEC, Attribute, SecurityAssociation

KNOWN_DOIS: Final = (0, DOI_IPSEC, DOI_GDOI)
"""Of notifications and deletes; 0 is ISAKMP's own."""


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
            raise malformed("nonce of a wrong length")
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
class SignatureData(_Data):
    """A signature payload (RFC 2408, 3.12)."""

    TYPE: ClassVar[int] = PayloadType.SIG

    @classmethod
    def parse(cls, body: bytes) -> SignatureData:
        """Read the body."""
        return cls(body)


@dataclass(frozen=True, slots=True)
class CertificateData:
    """A certificate payload (RFC 2408, 3.9)."""

    TYPE: ClassVar[int] = PayloadType.CERT
    encoding: int
    data: bytes

    @classmethod
    def parse(cls, body: bytes) -> CertificateData:
        """Read the body."""
        if not body:
            raise malformed("CERT payload too short")
        return cls(body[0], body[1:])

    def to_bytes(self) -> bytes:
        """The body."""
        return bytes((self.encoding,)) + self.data


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """A certificate request payload: the authority, encoded, or nothing (RFC 2408, 3.10)."""

    TYPE: ClassVar[int] = PayloadType.CR
    encoding: int
    authority: bytes

    @classmethod
    def parse(cls, body: bytes) -> CertificateRequest:
        """Read the body."""
        if not body:
            raise malformed("CR payload too short")
        return cls(body[0], body[1:])

    def to_bytes(self) -> bytes:
        """The body."""
        return bytes((self.encoding,)) + self.authority


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
            raise malformed("ID payload too short")
        type_, protocol, port = struct.unpack_from("!BBH", body)
        expected = {1: 4, 4: 8, 7: 8}.get(type_)
        if expected is not None and len(body) != 4 + expected:
            raise malformed("ID payload of a wrong length", NotifyType.INVALID_ID_INFORMATION)
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
            raise malformed("NOTIFY payload too short")
        doi, protocol, spi_size, type_ = struct.unpack_from("!IBBH", body)
        if doi not in KNOWN_DOIS:
            raise malformed(f"DOI {doi}", NotifyType.DOI_NOT_SUPPORTED)
        if len(body) < 8 + spi_size:
            raise malformed("NOTIFY payload too short")
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
            raise malformed("DELETE payload too short")
        doi, protocol, size, count = struct.unpack_from("!IBBH", body)
        if doi not in KNOWN_DOIS:
            raise malformed(f"DOI {doi}", NotifyType.DOI_NOT_SUPPORTED)
        if len(body) != 8 + size * count or not size:
            raise malformed("DELETE payload of a wrong length")
        return cls(protocol, tuple(body[8 + size * i : 8 + size * (i + 1)] for i in range(count)))

    def to_bytes(self) -> bytes:
        """The body."""
        size = len(self.spis[0]) if self.spis else 4
        return struct.pack("!IBBH", DOI_IPSEC, self.protocol, size, len(self.spis)) + b"".join(self.spis)


@dataclass(frozen=True, slots=True)
class ConfigurationData:
    """An attribute payload of the transaction exchange (draft-dukes-ike-mode-cfg-02, 3.2)."""

    TYPE: ClassVar[int] = PayloadType.ATTRIBUTES
    kind: int
    """REQUEST, REPLY, SET or ACK."""
    identifier: int
    attributes: tuple[Attribute, ...]

    @classmethod
    def parse(cls, body: bytes) -> ConfigurationData:
        """Read the body."""
        if len(body) < 4:
            raise malformed("ATTRIBUTES payload too short")
        kind, _reserved, identifier = struct.unpack_from("!BBH", body)
        return cls(kind, identifier, Attribute.parse_all(body[4:]))

    def to_bytes(self) -> bytes:
        """The body."""
        packed = b"".join(each.to_bytes() for each in self.attributes)
        return struct.pack("!BBH", self.kind, 0, self.identifier) + packed


Payload = (
    SecurityAssociation
    | KeyExchangeData
    | Nonce
    | HashData
    | SignatureData
    | CertificateData
    | CertificateRequest
    | VendorId
    | NatD
    | Identification
    | Notification
    | Deletion
    | ConfigurationData
    | Opaque
)

_CLASSES: Final = (
    SecurityAssociation,
    KeyExchangeData,
    Nonce,
    HashData,
    SignatureData,
    CertificateData,
    CertificateRequest,
    VendorId,
    NatD,
    Identification,
    Notification,
    Deletion,
    ConfigurationData,
)
_BY_TYPE: Final = {int(cls.TYPE): cls for cls in _CLASSES}
_PASSED_OVER: Final = frozenset(
    (
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
    raise malformed(f"payload type {type_}", NotifyType.INVALID_PAYLOAD_TYPE)
