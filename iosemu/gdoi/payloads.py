"""The payloads of GDOI, one class each (RFC 6407, 5.2 to 5.7).

`parse` takes a body (after the four generic octets) and raises `MalformedMessage`; `to_bytes` gives it again.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from iosemu.gdoi.numbers import KeyType, PayloadType
from iosemu.ike.generic import generic, malformed, split_generic
from iosemu.ike.header import NotifyType
from iosemu.ike.sa_payload import DOI_GDOI, Attribute
from iosemu.ike.types import IdType

SPI_KEK = 16
"""Octets of a KEK's SPI: the two cookies of a rekey's header."""
NAMES = {PayloadType.SAK: "SAK", PayloadType.SAT: "SAT", PayloadType.GAP: "GAP"}


@dataclass(frozen=True, slots=True)
class Selector:
    """One end of an SA: a network, and a port (0: any)."""

    network: IPv4Network
    port: int = 0

    def to_bytes(self) -> bytes:
        """Type, port, length, data."""
        if self.network.prefixlen == 32:
            kind, data = IdType.IPV4_ADDR, self.network.network_address.packed
        else:
            kind = IdType.IPV4_ADDR_SUBNET
            data = self.network.network_address.packed + self.network.netmask.packed
        return struct.pack("!BHB", kind, self.port, len(data)) + data


def _selector(data: bytes, offset: int) -> tuple[Selector, int]:
    if len(data) - offset < 4:
        raise malformed("identity cut short")
    kind, port, length = struct.unpack_from("!BHB", data, offset)
    body = data[offset + 4 : offset + 4 + length]
    try:
        if kind == IdType.IPV4_ADDR and length == 4:
            network = IPv4Network(body)
        elif kind == IdType.IPV4_ADDR_SUBNET and length == 8:
            network = IPv4Network((body[:4], str(IPv4Address(body[4:]))))
        else:
            raise ValueError("type")
    except ValueError:
        raise malformed("identity", NotifyType.INVALID_ID_INFORMATION) from None
    return Selector(network, port), offset + 4 + length


@dataclass(frozen=True, slots=True)
class SaKek:
    """How rekeys are protected (RFC 6407, 5.3): `source` is the key server, `destination` where rekeys go."""

    protocol: int
    source: Selector
    destination: Selector
    spi: bytes
    attributes: tuple[Attribute, ...]

    @classmethod
    def parse(cls, body: bytes) -> SaKek:
        """Read the body."""
        if not body:
            raise malformed("SAK payload too short")
        source, offset = _selector(body, 1)
        destination, offset = _selector(body, offset)
        if len(body) < offset + SPI_KEK + 4:
            raise malformed("SAK payload too short")
        spi = body[offset : offset + SPI_KEK]
        return cls(body[0], source, destination, spi, Attribute.parse_all(body[offset + SPI_KEK + 4 :]))

    def to_bytes(self) -> bytes:
        """The body."""
        ends = self.source.to_bytes() + self.destination.to_bytes()
        return bytes((self.protocol,)) + ends + self.spi + bytes(4) + _attributes(self.attributes)


@dataclass(frozen=True, slots=True)
class SaTek:
    """One ESP SA of the group (RFC 6407, 5.5.1)."""

    kind: int
    """Of TEK: ESP or AH."""
    protocol: int
    source: Selector
    destination: Selector
    transform: int
    spi: int
    attributes: tuple[Attribute, ...]

    @classmethod
    def parse(cls, body: bytes) -> SaTek:
        """Read the body."""
        if len(body) < 2:
            raise malformed("SAT payload too short")
        source, offset = _selector(body, 2)
        destination, offset = _selector(body, offset)
        if len(body) < offset + 5:
            raise malformed("SAT payload too short")
        transform, spi = struct.unpack_from("!BI", body, offset)
        return cls(
            body[0], body[1], source, destination, transform, spi, Attribute.parse_all(body[offset + 5 :])
        )

    def to_bytes(self) -> bytes:
        """The body."""
        head = bytes((self.kind, self.protocol)) + self.source.to_bytes() + self.destination.to_bytes()
        return head + struct.pack("!BI", self.transform, self.spi) + _attributes(self.attributes)


@dataclass(frozen=True, slots=True)
class GroupSa:
    """The SA payload of GDOI, with all that it announces (RFC 6407, 5.2)."""

    kek: SaKek | None
    gap: tuple[Attribute, ...]
    """The group associated policy; empty: there is no such payload."""
    teks: tuple[SaTek, ...]

    @classmethod
    def parse(cls, body: bytes) -> GroupSa:
        """Read the body."""
        if len(body) < 12:
            raise malformed("SA payload too short")
        doi, situation, following, _reserved = struct.unpack_from("!IIHH", body)
        if doi != DOI_GDOI:
            raise malformed(f"DOI {doi}", NotifyType.DOI_NOT_SUPPORTED)
        if situation:
            raise malformed(f"situation {situation}", NotifyType.SITUATION_NOT_SUPPORTED)
        kek: SaKek | None = None
        gap: tuple[Attribute, ...] = ()
        teks, offset = [], 12
        while following:
            kind = following
            if kind not in NAMES:
                raise malformed(f"payload type {kind} in SA", NotifyType.INVALID_PAYLOAD_TYPE)
            following, inner, offset = split_generic(body, offset, NAMES[PayloadType(kind)])
            if kind == PayloadType.SAK:
                kek = SaKek.parse(inner)
            elif kind == PayloadType.GAP:
                gap = Attribute.parse_all(inner)
            else:
                teks.append(SaTek.parse(inner))
        if offset != len(body):
            raise malformed("bytes after the last SA attribute payload")
        return cls(kek, gap, tuple(teks))

    def to_bytes(self) -> bytes:
        """The body."""
        parts: list[tuple[int, bytes]] = []
        if self.kek is not None:
            parts.append((PayloadType.SAK, self.kek.to_bytes()))
        if self.gap:
            parts.append((PayloadType.GAP, _attributes(self.gap)))
        parts += [(PayloadType.SAT, tek.to_bytes()) for tek in self.teks]
        kinds = [int(kind) for kind, _ in parts] + [0]
        head = struct.pack("!IIHH", DOI_GDOI, 0, kinds[0], 0)
        return head + b"".join(
            generic(following, body) for (_, body), following in zip(parts, kinds[1:], strict=True)
        )


@dataclass(frozen=True, slots=True)
class KeyPacket:
    """The keys of one SA."""

    kind: int
    spi: bytes
    attributes: tuple[Attribute, ...]

    def get(self, type_: int) -> bytes:
        """The key of an attribute; empty where it is not there."""
        return next((each.data for each in self.attributes if each.type == type_), b"")


@dataclass(frozen=True, slots=True)
class KeyDownload:
    """All keys of a message (RFC 6407, 5.6)."""

    packets: tuple[KeyPacket, ...]

    @classmethod
    def parse(cls, body: bytes) -> KeyDownload:
        """Read the body."""
        if len(body) < 4:
            raise malformed("KD payload too short")
        count, offset, packets = struct.unpack_from("!H", body)[0], 4, []
        for _ in range(count):
            if len(body) - offset < 5:
                raise malformed("key packet cut short")
            kind, _reserved, length, size = struct.unpack_from("!BBHB", body, offset)
            if length < 5 + size or offset + length > len(body):
                raise malformed("length of a key packet")
            spi = body[offset + 5 : offset + 5 + size]
            attributes = Attribute.parse_all(body[offset + 5 + size : offset + length])
            packets.append(KeyPacket(kind, spi, attributes))
            offset += length
        if offset != len(body):
            raise malformed("bytes after the last key packet")
        return cls(tuple(packets))

    def to_bytes(self) -> bytes:
        """The body."""
        pieces = [struct.pack("!HH", len(self.packets), 0)]
        for packet in self.packets:
            keys = _attributes(packet.attributes)
            length = 5 + len(packet.spi) + len(keys)
            pieces += [struct.pack("!BBHB", packet.kind, 0, length, len(packet.spi)), packet.spi, keys]
        return b"".join(pieces)

    def of(self, kind: KeyType, spi: bytes) -> KeyPacket | None:
        """The keys of an SA."""
        return next((each for each in self.packets if each.kind == kind and each.spi == spi), None)


def sequence_number(body: bytes) -> int:
    """What a SEQ payload says (RFC 6407, 5.7)."""
    if len(body) != 4:
        raise malformed("SEQ payload of a wrong length")
    return int.from_bytes(body, "big")


def _attributes(attributes: tuple[Attribute, ...]) -> bytes:
    return b"".join(each.to_bytes() for each in attributes)
