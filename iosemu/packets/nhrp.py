"""NHRP messages (RFC 2332 section 5), with the additions that Cisco's DMVPN speaks; IPv4 over IPv4 only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from ipaddress import IPv4Address

from iosemu.packets.checksum import internet_checksum
from iosemu.packets.errors import MalformedPacket

ETHERTYPE = 0x2001
"""What GRE calls NHRP."""
MTU = 1514
"""What Cisco's routers say in client information entries (kat_nhrp)."""
WHOLE_ADDRESS = 255
"""The prefix length of a registration for one address, as Cisco's routers say it."""
_FIXED, _COMMON, _ENTRY = 20, 8, 12
_FAMILY, _IPV4 = 1, 0x0800
_VERSION = 1
_COMPULSORY = 0x8000


class Kind(IntEnum):
    """The types of messages (RFC 2332 5.2; 8 is Cisco's)."""

    RESOLUTION_REQUEST = 1
    RESOLUTION_REPLY = 2
    REGISTRATION_REQUEST = 3
    REGISTRATION_REPLY = 4
    PURGE_REQUEST = 5
    PURGE_REPLY = 6
    ERROR_INDICATION = 7
    TRAFFIC_INDICATION = 8


class Flag(IntFlag):
    """Flags of requests and replies; what a bit means depends on the type."""

    ROUTER = 0x8000
    """Resolution: who asks is a router."""
    AUTHORITATIVE = 0x4000
    """Resolution: only who is itself responsible may answer."""
    DESTINATION_STABLE = 0x2000
    UNIQUE = 0x1000
    """Resolution: the binding is unique."""
    SOURCE_STABLE = 0x0800
    REGISTER_UNIQUE = 0x8000
    """Registration: nobody else may register the address."""
    NO_REPLY = 0x8000
    """Purge: no reply is wanted."""
    NAT = 0x0002
    """Cisco: the sender takes the extension with addresses behind NAT."""


class Code(IntEnum):
    """What a client information entry of a reply says (RFC 2332 5.2.0.1)."""

    SUCCESS = 0
    PROHIBITED = 4
    INSUFFICIENT_RESOURCES = 5
    NO_BINDING = 12
    NOT_UNIQUE = 13
    ALREADY_REGISTERED = 14


class ErrorCode(IntEnum):
    """Error indications (RFC 2332 5.2.7)."""

    UNRECOGNIZED_EXTENSION = 1
    LOOP = 3
    PROTOCOL_UNREACHABLE = 6
    PROTOCOL_ERROR = 7
    SIZE_EXCEEDED = 8
    INVALID_EXTENSION = 9
    INVALID_REPLY = 10
    AUTHENTICATION_FAILURE = 11
    HOP_COUNT_EXCEEDED = 15


class ExtensionType(IntEnum):
    """RFC 2332 5.3; 9 is Cisco's."""

    END = 0
    RESPONDER = 3
    FORWARD_TRANSIT = 4
    REVERSE_TRANSIT = 5
    AUTHENTICATION = 7
    VENDOR = 8
    NAT_ADDRESS = 9


CLEAR_TEXT = 1
"""The only kind of authentication that is in use: the string itself."""


@dataclass(frozen=True, slots=True)
class ClientEntry:
    """A client information entry; `holding` is in seconds."""

    nbma: IPv4Address | None = None
    protocol: IPv4Address | None = None
    code: int = Code.SUCCESS
    prefix_length: int = 0
    mtu: int = MTU
    holding: int = 0
    preference: int = 0

    def to_bytes(self) -> bytes:
        """The entry as sent."""
        nbma = self.nbma.packed if self.nbma is not None else b""
        protocol = self.protocol.packed if self.protocol is not None else b""
        head = bytes((self.code, self.prefix_length, 0, 0))
        head += self.mtu.to_bytes(2, "big") + self.holding.to_bytes(2, "big")
        return head + bytes((len(nbma), 0, len(protocol), self.preference)) + nbma + protocol


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension; `compulsory`: who does not know it must not answer."""

    type: int
    value: bytes = b""
    compulsory: bool = True

    @property
    def entries(self) -> tuple[ClientEntry, ...]:
        """What it carries, where that is client information. Raises MalformedPacket."""
        return tuple(_entries(self.value))

    @classmethod
    def of(cls, kind: int, entries: tuple[ClientEntry, ...] = (), *, compulsory: bool = True) -> Extension:
        """One that carries client information."""
        return cls(kind, b"".join(each.to_bytes() for each in entries), compulsory)

    @classmethod
    def authentication(cls, text: str) -> Extension:
        """The string of `ip nhrp authentication`."""
        return cls(
            ExtensionType.AUTHENTICATION, CLEAR_TEXT.to_bytes(4, "big") + text.encode("latin-1", "replace")
        )


@dataclass(frozen=True, slots=True)
class NhrpPacket:
    """A message. `contents` is the packet that an indication is about, as far as it is quoted."""

    kind: int
    source_nbma: IPv4Address
    source: IPv4Address
    destination: IPv4Address
    flags: int = 0
    request_id: int = 0
    entries: tuple[ClientEntry, ...] = ()
    extensions: tuple[Extension, ...] = ()
    hop_count: int = 255
    error_code: int = 0
    error_offset: int = 0
    contents: bytes = b""

    def extension(self, kind: int) -> Extension | None:
        """The first extension of a type."""
        return next((each for each in self.extensions if each.type == kind), None)

    @property
    def authentication(self) -> str | None:
        """The string that it proves itself by; None: it has none."""
        found = self.extension(ExtensionType.AUTHENTICATION)
        if found is None or int.from_bytes(found.value[:4], "big") != CLEAR_TEXT:
            return None
        return found.value[4:].decode("latin-1")

    @classmethod
    def parse(cls, data: bytes) -> NhrpPacket:
        """Read a message, without what follows its own length. Raises MalformedPacket."""
        if len(data) < _FIXED + _COMMON:
            raise MalformedPacket(f"NHRP: {len(data)} octets are too few")
        family, protocol = (int.from_bytes(data[at : at + 2], "big") for at in (0, 2))
        if family != _FAMILY or protocol != _IPV4:
            raise MalformedPacket(f"NHRP: family {family}, protocol {protocol:#06x}")
        size, _checksum, extensions_at = (int.from_bytes(data[at : at + 2], "big") for at in (10, 12, 14))
        version, kind, nbma_length, subaddress = data[16:20]
        if version != _VERSION or subaddress:
            raise MalformedPacket(f"NHRP: version {version}")
        if not _FIXED + _COMMON <= size <= len(data) or not (
            extensions_at == 0 or _FIXED + _COMMON <= extensions_at <= size
        ):
            raise MalformedPacket("NHRP: lengths do not fit")
        data = data[:size]
        if internet_checksum(data):
            raise MalformedPacket("NHRP: wrong checksum")
        end = extensions_at or size
        if (nbma_length & 0x3F, data[_FIXED], data[_FIXED + 1]) != (4, 4, 4):
            raise MalformedPacket("NHRP: an address is not of four octets")
        if end < _FIXED + _COMMON + 12:
            raise MalformedPacket("NHRP: cut off")
        nbma, source, destination = (
            IPv4Address(data[at : at + 4]) for at in range(_FIXED + _COMMON, _FIXED + _COMMON + 12, 4)
        )
        extensions = tuple(_extensions(data[extensions_at:])) if extensions_at else ()
        rest = data[_FIXED + _COMMON + 12 : end]
        first, second = int.from_bytes(data[22:24], "big"), int.from_bytes(data[24:28], "big")
        if kind in (Kind.ERROR_INDICATION, Kind.TRAFFIC_INDICATION):
            return cls(
                kind,
                nbma,
                source,
                destination,
                extensions=extensions,
                hop_count=data[9],
                error_code=second >> 16,
                error_offset=second & 0xFFFF,
                contents=rest,
            )
        return cls(kind, nbma, source, destination, first, second, tuple(_entries(rest)), extensions, data[9])

    def to_bytes(self) -> bytes:
        """The message as sent."""
        indication = self.kind in (Kind.ERROR_INDICATION, Kind.TRAFFIC_INDICATION)
        second = self.error_code << 16 | self.error_offset if indication else self.request_id
        body = (
            bytes((4, 4)) + (0 if indication else self.flags).to_bytes(2, "big") + second.to_bytes(4, "big")
        )
        body += self.source_nbma.packed + self.source.packed + self.destination.packed
        body += self.contents if indication else b"".join(each.to_bytes() for each in self.entries)
        tail = b""
        for each in self.extensions:
            kind = each.type | _COMPULSORY * each.compulsory
            tail += kind.to_bytes(2, "big") + len(each.value).to_bytes(2, "big") + each.value
        if tail:
            tail += _COMPULSORY.to_bytes(2, "big") + bytes(2)
        size = _FIXED + len(body) + len(tail)
        offset = _FIXED + len(body) if tail else 0
        head = _FAMILY.to_bytes(2, "big") + _IPV4.to_bytes(2, "big") + bytes(5) + bytes((self.hop_count,))
        head += size.to_bytes(2, "big")
        foot = offset.to_bytes(2, "big") + bytes((_VERSION, self.kind, 4, 0))
        checksum = internet_checksum(head + bytes(2) + foot + body + tail)
        return head + checksum.to_bytes(2, "big") + foot + body + tail


def _entries(data: bytes) -> Iterator[ClientEntry]:
    at = 0
    while at < len(data):
        if len(data) - at < _ENTRY:
            raise MalformedPacket("NHRP: a client information entry is cut off")
        nbma_length, subaddress, protocol_length, preference = data[at + 8 : at + 12]
        nbma_length &= 0x3F
        if subaddress or nbma_length not in (0, 4) or protocol_length not in (0, 4):
            raise MalformedPacket("NHRP: an address of a client is not of four octets")
        body = at + _ENTRY
        end = body + nbma_length + protocol_length
        if end > len(data):
            raise MalformedPacket("NHRP: a client information entry is cut off")
        yield ClientEntry(
            IPv4Address(data[body : body + 4]) if nbma_length else None,
            IPv4Address(data[body + nbma_length : end]) if protocol_length else None,
            data[at],
            data[at + 1],
            int.from_bytes(data[at + 4 : at + 6], "big"),
            int.from_bytes(data[at + 6 : at + 8], "big"),
            preference,
        )
        at = end


def _extensions(data: bytes) -> Iterator[Extension]:
    at = 0
    while True:
        if len(data) - at < 4:
            raise MalformedPacket("NHRP: the extensions have no end")
        kind, length = (int.from_bytes(data[n : n + 2], "big") for n in (at, at + 2))
        number = kind & 0x3FFF
        if number == ExtensionType.END:
            return
        if at + 4 + length > len(data):
            raise MalformedPacket("NHRP: an extension is cut off")
        yield Extension(number, data[at + 4 : at + 4 + length], bool(kind & _COMPULSORY))
        at += 4 + length
