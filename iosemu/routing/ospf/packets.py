"""The five packets and the header before them (RFC 2328 A.3), with the link-local block (RFC 5613)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from iosemu.packets.checksum import internet_checksum
from iosemu.packets.errors import MalformedPacket
from iosemu.routing.ospf.constants import VERSION, AuthenticationType, DdFlag, Option, PacketType
from iosemu.routing.ospf.lsa import Lsa, LsaHeader, LsaKey, parse_lsa

HEADER_LENGTH = 24
HEADER = struct.Struct("!BBHIIHH8s")
_HELLO = struct.Struct("!IHBBIII")
_DD = struct.Struct("!HBBI")
_REQUEST = struct.Struct("!III")
# The cryptographic authentication data: zero, key ID, length of the digest, sequence number (RFC 2328, D.3).
CRYPTOGRAPHIC = struct.Struct("!HBBI")
UNSIGNED = bytes(8)
_SIGNED = AuthenticationType.CRYPTOGRAPHIC


@dataclass(slots=True, unsafe_hash=True)  # nobody changes one; a frozen one takes four times as long to make
class Header:
    """The 24 octets before each packet, authentication included as it stands there."""

    type: int
    length: int
    router_id: int
    area_id: int
    checksum: int
    authentication_type: int
    authentication: bytes

    @property
    def key_id(self) -> int:
        """Key ID of cryptographic authentication."""
        return self.authentication[2]

    @property
    def digest_length(self) -> int:
        """Octets of the digest behind the packet, 0 without cryptographic authentication."""
        return self.authentication[3] if self.authentication_type == _SIGNED else 0

    @property
    def sequence(self) -> int:
        """Sequence number of cryptographic authentication."""
        return int.from_bytes(self.authentication[4:], "big")

    @classmethod
    def parse(cls, data: bytes) -> Header:
        """Read the header; MalformedPacket unless version and length fit. The checksum is not looked at."""
        if len(data) < HEADER_LENGTH:
            raise MalformedPacket(f"OSPF: {len(data)} octets are too few for a header")
        version, kind, length, router, area, checksum, authtype, auth = HEADER.unpack_from(data)
        if version != VERSION:
            raise MalformedPacket(f"OSPF: version is {version}")
        if length < HEADER_LENGTH or length > len(data):
            raise MalformedPacket(f"OSPF: length {length} but {len(data)} octets")
        return cls(kind, length, router, area, checksum, authtype, auth)

    def to_bytes(self) -> bytes:
        """The header as sent."""
        return HEADER.pack(
            VERSION, self.type, self.length, self.router_id, self.area_id, self.checksum,
            self.authentication_type, self.authentication,
        )  # fmt: skip

    def checksum_valid(self, data: bytes) -> bool:
        """Whether the checksum fits, authentication data left out; always with cryptographic authentication."""
        if self.authentication_type == _SIGNED:
            return True
        if self.authentication == UNSIGNED:  # zeros add nothing to a sum
            return internet_checksum(data[: self.length]) == 0
        return internet_checksum(data[:16] + data[24 : self.length]) == 0


@dataclass(frozen=True, slots=True)
class Hello:
    """RFC 2328, A.3.2; intervals in seconds, `dr` and `bdr` are interface addresses."""

    mask: int
    hello_interval: int
    options: int
    priority: int
    dead_interval: int
    dr: int
    bdr: int
    neighbors: tuple[int, ...] = ()

    @classmethod
    def parse(cls, body: bytes) -> Hello:
        """Read what follows the header; MalformedPacket if it is cut off."""
        if len(body) < 20 or len(body) % 4:
            raise MalformedPacket(f"OSPF: hello of {len(body)} octets")
        mask, hello, options, priority, dead, dr, bdr = _HELLO.unpack_from(body)
        neighbors = struct.unpack_from(f"!{len(body) // 4 - 5}I", body, 20)
        return cls(mask, hello, options, priority, dead, dr, bdr, neighbors)

    def to_bytes(self) -> bytes:
        """What follows the header."""
        fixed = _HELLO.pack(
            self.mask, self.hello_interval, self.options, self.priority, self.dead_interval, self.dr, self.bdr
        )
        return fixed + struct.pack(f"!{len(self.neighbors)}I", *self.neighbors)


@dataclass(frozen=True, slots=True)
class DatabaseDescription:
    """RFC 2328, A.3.3."""

    mtu: int
    options: int
    flags: int
    sequence: int
    headers: tuple[LsaHeader, ...] = ()

    @property
    def init(self) -> bool:
        """The I bit."""
        return bool(self.flags & DdFlag.I.value)

    @property
    def more(self) -> bool:
        """The M bit."""
        return bool(self.flags & DdFlag.M.value)

    @property
    def master(self) -> bool:
        """The MS bit."""
        return bool(self.flags & DdFlag.MS.value)

    @classmethod
    def parse(cls, body: bytes) -> DatabaseDescription:
        """Read what follows the header; MalformedPacket if it is cut off."""
        if len(body) < 8:
            raise MalformedPacket("OSPF: database description is cut off")
        mtu, options, flags, sequence = _DD.unpack_from(body)
        return cls(mtu, options, flags, sequence, tuple(LsaHeader.parse_all(body[8:])))

    def to_bytes(self) -> bytes:
        """What follows the header."""
        fixed = _DD.pack(self.mtu, self.options, self.flags, self.sequence)
        return fixed + b"".join(header.to_bytes() for header in self.headers)


class LinkStateRequest(NamedTuple):
    """RFC 2328, A.3.4."""

    keys: tuple[LsaKey, ...]

    @classmethod
    def parse(cls, body: bytes) -> LinkStateRequest:
        """Read what follows the header; MalformedPacket if it is cut off."""
        if len(body) % 12:
            raise MalformedPacket(f"OSPF: link state request of {len(body)} octets")
        return cls(tuple(_REQUEST.iter_unpack(body)))

    def to_bytes(self) -> bytes:
        """What follows the header."""
        return b"".join(_REQUEST.pack(*key) for key in self.keys)


class LinkStateUpdate(NamedTuple):
    """RFC 2328, A.3.5: ages in seconds with the shared LSAs."""

    lsas: tuple[tuple[int, Lsa], ...]

    @classmethod
    def parse(cls, body: bytes) -> LinkStateUpdate:
        """Read what follows the header; MalformedPacket if it is cut off."""
        if len(body) < 4:
            raise MalformedPacket("OSPF: link state update is cut off")
        lsas = []
        at = 4
        for _ in range(int.from_bytes(body[:4], "big")):
            found = parse_lsa(body, at)
            lsas.append(found)
            at += found[1].length
        if at != len(body):
            raise MalformedPacket(f"OSPF: {len(body) - at} octets after the last LSA")
        return cls(tuple(lsas))

    def to_bytes(self) -> bytes:
        """What follows the header."""
        return update_body([part for age, lsa in self.lsas for part in (age.to_bytes(2, "big"), lsa.content)])


def update_body(parts: list[bytes]) -> bytes:
    """The body of an update of LSAs, each given as its age and its `content`."""
    return (len(parts) // 2).to_bytes(4, "big") + b"".join(parts)


class LinkStateAck(NamedTuple):
    """RFC 2328, A.3.6."""

    headers: tuple[LsaHeader, ...]

    @classmethod
    def parse(cls, body: bytes) -> LinkStateAck:
        """Read what follows the header; MalformedPacket if it is cut off."""
        return cls(tuple(LsaHeader.parse_all(body)))

    def to_bytes(self) -> bytes:
        """What follows the header."""
        return b"".join([header.to_bytes() for header in self.headers])


Body = Hello | DatabaseDescription | LinkStateRequest | LinkStateUpdate | LinkStateAck
BODIES: dict[int, type[Body]] = {
    PacketType.HELLO: Hello,
    PacketType.DATABASE_DESCRIPTION: DatabaseDescription,
    PacketType.LINK_STATE_REQUEST: LinkStateRequest,
    PacketType.LINK_STATE_UPDATE: LinkStateUpdate,
    PacketType.LINK_STATE_ACK: LinkStateAck,
}


def parse_body(header: Header, data: bytes) -> Body:
    """Read the packet behind its header; MalformedPacket if the type is unknown or the body is malformed."""
    kind = BODIES.get(header.type)
    if kind is None:
        raise MalformedPacket(f"OSPF: packet type {header.type}")
    return kind.parse(data[HEADER_LENGTH : header.length])


# --- the link-local signalling block -----------------------------------------------------------------------

EXTENDED_OPTIONS_TLV = 1
CRYPTOGRAPHIC_TLV = 2
# LSDB resynchronization, which IOS always offers (RFC 4811).
LR_BIT = 1


def build_lls(tlvs: Iterable[tuple[int, bytes]], checksum: bool = True) -> bytes:
    """The block of RFC 5613: TLVs of whole words. With cryptographic authentication its checksum is zero."""
    content = b"".join(
        struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4) for kind, value in tlvs
    )
    words = struct.pack("!H", 1 + len(content) // 4) + content
    return (internet_checksum(words) if checksum else 0).to_bytes(2, "big") + words


def parse_lls(data: bytes) -> list[tuple[int, bytes]]:
    """The TLVs of a block; MalformedPacket if it is cut off."""
    if len(data) < 4 or len(data) < (length := 4 * int.from_bytes(data[2:4], "big")):
        raise MalformedPacket("OSPF: link-local signalling block is cut off")
    tlvs = []
    at = 4
    while at < length:
        kind, size = struct.unpack_from("!HH", data, at)
        if at + 4 + size > length:
            raise MalformedPacket("OSPF: link-local signalling TLV is cut off")
        tlvs.append((kind, data[at + 4 : at + 4 + size]))
        at += 4 + size + -size % 4
    return tlvs


def lls_of(header: Header, body: Body, data: bytes) -> bytes:
    """The link-local block behind a hello or database description that says so, else nothing."""
    if not isinstance(body, Hello | DatabaseDescription) or not body.options & Option.L.value:
        return b""
    return data[header.length + header.digest_length :]
