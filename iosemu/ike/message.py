"""A whole ISAKMP message: header and chain of payloads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from iosemu.ike.generic import generic, split_generic
from iosemu.ike.header import HEADER_LENGTH, Header, MalformedMessage, NotifyType, PayloadType
from iosemu.ike.payloads import HashData, Opaque, Payload, parse_payload

P = TypeVar("P", bound=Payload)
_NAMES: Final = {int(each): each.name for each in PayloadType}


@dataclass(frozen=True, slots=True)
class Part:
    """A payload with its body as it was on the wire (hashes are over that)."""

    payload: Payload
    body: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """A parsed message, decrypted where it was encrypted."""

    header: Header
    parts: tuple[Part, ...]
    after_hash: bytes = b""
    """All payloads after a leading hash payload, without padding: what HASH(1) and HASH(2) are over."""

    @classmethod
    def parse(cls, header: Header, data: bytes, opaque: Collection[int] = ()) -> Message:
        """Read the payloads; `data` is the plaintext after the header. Raises `MalformedMessage`.

        The types in `opaque` are left for the caller to read.
        Bytes after the last payload are padding when the header says encrypted, otherwise an error.
        """
        parts: list[Part] = []
        following, offset, hash_end = header.next_payload, 0, 0
        while following:
            type_ = following
            following, body, offset = split_generic(data, offset, _NAMES.get(type_) or str(type_))
            payload = Opaque(type_, body) if type_ in opaque else parse_payload(type_, body)
            parts.append(Part(payload, body))
            if len(parts) == 1:
                hash_end = offset
        if offset != len(data) and not header.encrypted:
            raise MalformedMessage(NotifyType.UNEQUAL_PAYLOAD_LENGTHS, "bytes after the last payload")
        if not parts:
            raise MalformedMessage(NotifyType.PAYLOAD_MALFORMED, "no payload")
        leading = isinstance(parts[0].payload, HashData)
        return cls(header, tuple(parts), data[hash_end:offset] if leading else b"")

    def all(self, cls: type[P]) -> Iterator[P]:
        """The payloads of a class, in order."""
        return (part.payload for part in self.parts if isinstance(part.payload, cls))

    def find(self, cls: type[P]) -> P | None:
        """The first payload of a class."""
        return next(self.all(cls), None)

    def one(self, cls: type[P]) -> P:
        """The payload of a class that must be there; `MalformedMessage` otherwise."""
        found = self.find(cls)
        if found is None:
            raise MalformedMessage(NotifyType.PAYLOAD_MALFORMED, f"{cls.__name__} payload is missing")
        return found

    def following(self, cls: type[Payload]) -> int:
        """The type of the payload after the first of a class; 0 where none follows."""
        kinds = [int(part.payload.TYPE) for part in self.parts]
        at = next((number for number, part in enumerate(self.parts) if isinstance(part.payload, cls)), None)
        return kinds[at + 1] if at is not None and at + 1 < len(kinds) else 0

    def body(self, cls: type[Payload]) -> bytes:
        """The body of the first payload of a class as on the wire; empty where it is missing."""
        return next((part.body for part in self.parts if isinstance(part.payload, cls)), b"")


def chain(payloads: Sequence[Payload]) -> bytes:
    """The payloads with their generic headers."""
    types = [int(payload.TYPE) for payload in payloads[1:]] + [int(PayloadType.NONE)]
    return b"".join(
        generic(following, payload.to_bytes()) for payload, following in zip(payloads, types, strict=True)
    )


def build(header: Header, payloads: Sequence[Payload]) -> bytes:
    """A whole unencrypted message; next payload and length of the header are filled in."""
    body = chain(payloads)
    first = int(payloads[0].TYPE)
    return header.before(first, HEADER_LENGTH + len(body)) + body
