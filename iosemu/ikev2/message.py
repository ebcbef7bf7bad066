"""Whole messages: the header, payloads in clear, and those sealed in SK or SKF (RFC 7296, 3.1 and 3.14; RFC 7383)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from iosemu.ikev2.numbers import Notify, PayloadType
from iosemu.ikev2.payloads import (
    GENERIC,
    MalformedMessage,
    Notification,
    Payload,
    read_chain,
    write_chain,
)
from iosemu.ikev2.sealing import Sealer

HEADER_LENGTH: Final = 28
VERSION: Final = 0x20
FROM_INITIATOR: Final = 0x08
IS_RESPONSE: Final = 0x20
FRAGMENT_HEADER: Final = 4
_FIRST_STATUS: Final = int(Notify.INITIAL_CONTACT)
"""Types from here on are no errors (RFC 7296, 3.10.1)."""
IP_AND_UDP: Final = 28
"""Octets that IPv4 and UDP take of a packet."""

P = TypeVar("P", bound=Payload)


@dataclass(frozen=True, slots=True)
class Header:
    """The IKE header; `initiator` says that the original initiator of the SA sent it."""

    spi_i: bytes
    spi_r: bytes
    exchange: int
    message_id: int = 0
    response: bool = False
    initiator: bool = False
    next_payload: int = 0
    length: int = HEADER_LENGTH
    version: int = VERSION

    @classmethod
    def parse(cls, data: bytes) -> Header:
        """Read the header of a datagram; raises `MalformedMessage` when it is no IKEv2 message of that length."""
        if len(data) < HEADER_LENGTH:
            raise MalformedMessage("shorter than an IKE header")
        following, version, exchange, flags, message_id, length = struct.unpack_from("!BBBBII", data, 16)
        header = cls(
            data[:8],
            data[8:16],
            exchange,
            message_id,
            bool(flags & IS_RESPONSE),
            bool(flags & FROM_INITIATOR),
            following,
            length,
            version,
        )
        if version >> 4 > 2:
            raise MalformedMessage(f"major version {version >> 4}", Notify.INVALID_MAJOR_VERSION)
        if length != len(data):
            raise MalformedMessage("length differs from the datagram's")
        if header.spi_i == bytes(8):
            raise MalformedMessage("no initiator's SPI")
        return header

    def to_bytes(self) -> bytes:
        """The 28 octets."""
        return self.before(self.next_payload, self.length)

    def before(self, next_payload: int, length: int) -> bytes:
        """The 28 octets of this header before payloads: the first one's type, the length of the whole."""
        flags = (IS_RESPONSE if self.response else 0) | (FROM_INITIATOR if self.initiator else 0)
        rest = (next_payload, self.version, self.exchange, flags, self.message_id, length)
        return self.spi_i + self.spi_r + struct.pack("!BBBBII", *rest)


@dataclass(frozen=True, slots=True)
class Message:
    """A message whose payloads can be read."""

    header: Header
    payloads: tuple[Payload, ...]

    def all(self, kind: type[P]) -> Iterator[P]:
        """The payloads of one class, in order."""
        for payload in self.payloads:
            if isinstance(payload, kind):
                yield payload

    def first(self, kind: type[P]) -> P | None:
        """The first payload of a class."""
        for payload in self.payloads:
            if isinstance(payload, kind):
                return payload
        return None

    def need(self, kind: type[P]) -> P:
        """The first payload of a class; `MalformedMessage` when there is none."""
        found = self.first(kind)
        if found is None:
            raise MalformedMessage(f"no {kind.__name__} payload")
        return found

    def notification(self, kind: int) -> Notification | None:
        """The first notification of a type."""
        for payload in self.payloads:
            if isinstance(payload, Notification) and payload.type == kind:
                return payload
        return None

    @property
    def error(self) -> Notification | None:
        """The first notification that is an error."""
        for payload in self.payloads:
            if isinstance(payload, Notification) and payload.type < _FIRST_STATUS:
                return payload
        return None


def clear_message(header: Header, payloads: Sequence[Payload]) -> bytes:
    """A message that is not protected (IKE_SA_INIT)."""
    first, body = write_chain(payloads)
    return header.before(first, HEADER_LENGTH + len(body)) + body


def sealed_message(header: Header, payloads: Sequence[Payload], sealer: Sealer) -> bytes:
    """A message whose payloads are in SK."""
    first, body = write_chain(payloads)
    size = sealer.size(len(body))
    whole = header.before(int(PayloadType.SK), HEADER_LENGTH + GENERIC + size)
    return sealer.seal(whole + struct.pack("!BBH", first, 0, GENERIC + size), body)


def fragments(header: Header, payloads: Sequence[Payload], sealer: Sealer, mtu: int) -> list[bytes]:
    """The message as SKF fragments whose IP packets have at most `mtu` octets (RFC 7383, 2.5)."""
    first, body = write_chain(payloads)
    around = IP_AND_UDP + 4 + HEADER_LENGTH + GENERIC + FRAGMENT_HEADER
    room = max(1, mtu - around - sealer.overhead)
    pieces = [body[at : at + room] for at in range(0, len(body), room)] or [b""]
    made = []
    for number, piece in enumerate(pieces, 1):
        size = FRAGMENT_HEADER + sealer.size(len(piece))
        whole = header.before(int(PayloadType.SKF), HEADER_LENGTH + GENERIC + size)
        following = first if number == 1 else 0
        head = struct.pack("!BBHHH", following, 0, GENERIC + size, number, len(pieces))
        made.append(sealer.seal(whole + head, piece))
    return made


@dataclass(frozen=True, slots=True)
class Piece:
    """What was in one SK or SKF payload."""

    first: int
    data: bytes
    number: int = 1
    total: int = 1


def open_sealed(header: Header, data: bytes, sealer: Sealer) -> Piece:
    """What the SK or SKF payload of a message holds, which must be its only one.

    Raises `MalformedMessage` for a shape that is none, `IntegrityError` when the checksum does not fit.
    """
    at, fragmented = HEADER_LENGTH, header.next_payload == PayloadType.SKF
    if header.next_payload not in (PayloadType.SK, PayloadType.SKF) or len(data) < at + GENERIC:
        raise MalformedMessage("not protected")
    first, _, length = struct.unpack_from("!BBH", data, at)
    if length != len(data) - at:
        raise MalformedMessage("length of the encrypted payload")
    start = at + GENERIC
    number = total = 1
    if fragmented:
        if len(data) < start + FRAGMENT_HEADER:
            raise MalformedMessage("fragment header")
        number, total = struct.unpack_from("!HH", data, start)
        start += FRAGMENT_HEADER
        if not 1 <= number <= total or total > MOST_FRAGMENTS:
            raise MalformedMessage("fragment number")
    return Piece(first, sealer.open(data, start), number, total)


MOST_FRAGMENTS: Final = 64


class Reassembly:
    """The fragments of one message (RFC 7383, 2.6); what was there is dropped when another total is announced."""

    def __init__(self) -> None:
        self._total = 0
        self._pieces: dict[int, Piece] = {}

    def add(self, piece: Piece) -> Piece | None:
        """Take a fragment; the whole when it was the last that was missing."""
        if piece.total < self._total:
            return None
        if piece.total > self._total:
            self._total, self._pieces = piece.total, {}
        self._pieces.setdefault(piece.number, piece)
        if len(self._pieces) < self._total:
            return None
        data = b"".join(self._pieces[number].data for number in range(1, self._total + 1))
        return Piece(self._pieces[1].first, data)


def parse_clear(data: bytes) -> Message:
    """A message that is not protected."""
    header = Header.parse(data)
    return Message(header, read_chain(header.next_payload, data[HEADER_LENGTH:]))
