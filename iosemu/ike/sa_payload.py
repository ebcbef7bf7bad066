"""The SA payload with its proposals, transforms and attributes (RFC 2408, 3.3-3.6; RFC 2407, 4.6.1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar, Final

from iosemu.ike.generic import generic, malformed, split_generic
from iosemu.ike.header import NotifyType, PayloadType

DOI_IPSEC: Final = 1
DOI_GDOI: Final = 2
"""Of phase 1 that serves GDOI (RFC 6407, 2.1)."""
SITUATION_IDENTITY_ONLY: Final = 1
SITUATIONS: Final = {DOI_IPSEC: SITUATION_IDENTITY_ONLY, DOI_GDOI: 0}
"""The situation that goes with each domain of interpretation (RFC 6407, 5.2: zero)."""


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
                raise malformed("attribute cut short", NotifyType.BAD_PROPOSAL_SYNTAX)
            type_, second = struct.unpack_from("!HH", data, offset)
            offset += 4
            if type_ & 0x8000:
                found.append(cls(type_ & 0x7FFF, second.to_bytes(2, "big")))
                continue
            if second > len(data) - offset:
                raise malformed("attribute cut short", NotifyType.BAD_PROPOSAL_SYNTAX)
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
            raise malformed("TRANSFORM payload too short", NotifyType.BAD_PROPOSAL_SYNTAX)
        if body[2:4] != b"\0\0":
            raise malformed("reserved not zero on TRANSFORM payload!", NotifyType.BAD_PROPOSAL_SYNTAX)
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
            raise malformed("PROPOSAL payload too short", NotifyType.BAD_PROPOSAL_SYNTAX)
        number, protocol, spi_size, count = body[:4]
        transforms, offset, following = [], 4 + spi_size, int(PayloadType.TRANSFORM)
        while following:
            if following != PayloadType.TRANSFORM:
                raise malformed("no TRANSFORM in PROPOSAL", NotifyType.BAD_PROPOSAL_SYNTAX)
            following, inner, offset = split_generic(body, offset, "TRANSFORM")
            transforms.append(Transform.parse(inner))
        if offset != len(body) or len(transforms) != count:
            raise malformed("number of transforms", NotifyType.BAD_PROPOSAL_SYNTAX)
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
    doi: int = DOI_IPSEC

    @classmethod
    def parse(cls, body: bytes) -> SecurityAssociation:
        """Read the body."""
        if len(body) < 8:
            raise malformed("SA payload too short")
        doi, situation = struct.unpack_from("!II", body)
        if doi not in SITUATIONS:
            raise malformed(f"DOI {doi}", NotifyType.DOI_NOT_SUPPORTED)
        if situation != SITUATIONS[doi]:
            raise malformed(f"situation {situation}", NotifyType.SITUATION_NOT_SUPPORTED)
        proposals, offset, following = [], 8, int(PayloadType.PROPOSAL)
        while following:
            if following != PayloadType.PROPOSAL:
                raise malformed("no PROPOSAL in SA", NotifyType.BAD_PROPOSAL_SYNTAX)
            following, inner, offset = split_generic(body, offset, "PROPOSAL")
            proposals.append(Proposal.parse(inner))
        if offset != len(body):
            raise malformed("bytes after the last proposal", NotifyType.BAD_PROPOSAL_SYNTAX)
        return cls(tuple(proposals), doi)

    def to_bytes(self) -> bytes:
        """The body."""
        last = len(self.proposals) - 1
        return struct.pack("!II", self.doi, SITUATIONS[self.doi]) + b"".join(
            generic(PayloadType.NONE if index == last else PayloadType.PROPOSAL, proposal.to_bytes())
            for index, proposal in enumerate(self.proposals)
        )
