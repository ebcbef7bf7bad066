"""Packets of EIGRP: the header, its checksum, the proof of a key (RFC 7868 6)."""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass, replace
from enum import Enum, IntEnum, IntFlag
from ipaddress import IPv4Address

from iosemu.packets.checksum import internet_checksum
from iosemu.packets.errors import MalformedPacket
from iosemu.routing.eigrp.tlvs import Authentication, Tlv, build_tlv, parse_tlvs
from iosemu.routing.keys import Key

PROTOCOL = 88
GROUP = IPv4Address("224.0.0.10")
VERSION = 2
HEADER_LENGTH = 20
_HEADER = struct.Struct("!BBHIIIHH")
_DIGEST_AT = HEADER_LENGTH + 24
"""Where the digest begins: the authentication TLV is the first."""


class Opcode(IntEnum):
    """What a packet is. A hello with an acknowledgement number acknowledges."""

    UPDATE = 1
    REQUEST = 2
    QUERY = 3
    REPLY = 4
    HELLO = 5
    SIA_QUERY = 10
    SIA_REPLY = 11


class Flags(IntFlag):
    """Flags of the header."""

    NONE = 0
    INIT = 1
    CONDITIONAL = 2
    RESTART = 4
    END_OF_TABLE = 8


class AuthenticationMode(Enum):
    """`authentication mode`; the value is the word."""

    MD5 = "md5"
    SHA = "hmac-sha-256"


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet."""

    opcode: int
    system: int
    """The autonomous system."""
    flags: int = 0
    sequence: int = 0
    acknowledge: int = 0
    tlvs: tuple[Tlv, ...] = ()
    virtual_router: int = 0

    @property
    def is_acknowledgement(self) -> bool:
        """A hello that says nothing but that something came."""
        return self.opcode == Opcode.HELLO and self.acknowledge != 0

    @property
    def proof(self) -> Authentication | None:
        """What it shows of a key."""
        return next((each for each in self.tlvs if isinstance(each, Authentication)), None)


def parse(data: bytes) -> Packet:
    """A packet from the payload of IP protocol 88. Raises MalformedPacket."""
    if len(data) < HEADER_LENGTH:
        raise MalformedPacket("EIGRP packet is shorter than its header")
    version, opcode, _sum, flags, sequence, acknowledge, router, system = _HEADER.unpack_from(data)
    if version != VERSION:
        raise MalformedPacket(f"EIGRP version {version}")
    if internet_checksum(data):
        raise MalformedPacket("EIGRP checksum is wrong")
    return Packet(opcode, system, flags, sequence, acknowledge, parse_tlvs(data[HEADER_LENGTH:]), router)


def build(
    packet: Packet,
    mode: AuthenticationMode | None = None,
    key: Key | None = None,
    source: IPv4Address | None = None,
) -> bytes:
    """The payload of IP protocol 88, shown to be ours by `key`."""
    tlvs = packet.tlvs
    if mode is not None and key is not None:
        kind, size = (2, 16) if mode is AuthenticationMode.MD5 else (3, 32)
        tlvs = (Authentication(kind, key.number & 0xFFFFFFFF, 0, bytes(8), bytes(size)), *tlvs)
    data = _bytes(packet, tlvs)
    if mode is not None and key is not None:
        digest = _digest(data, mode, key, packet.opcode, source)
        data = data[:_DIGEST_AT] + digest + data[_DIGEST_AT + len(digest) :]
    return data[:2] + internet_checksum(data).to_bytes(2, "big") + data[4:]


def _bytes(packet: Packet, tlvs: tuple[Tlv, ...]) -> bytes:
    head = _HEADER.pack(VERSION, packet.opcode, 0, packet.flags, packet.sequence, packet.acknowledge,
                        packet.virtual_router, packet.system)  # fmt: skip
    return head + b"".join(map(build_tlv, tlvs))


def _digest(
    data: bytes, mode: AuthenticationMode, key: Key, opcode: int, source: IPv4Address | None
) -> bytes:
    if mode is AuthenticationMode.SHA:
        # the address of the sender is part of the key, so that nobody else can send it again
        secret = b"\n" + key.secret + str(source).encode()
        return hmac.new(secret, data, hashlib.sha256).digest()
    # the key stands where the digest goes; of a hello nothing behind it is covered
    rest = data[_DIGEST_AT + 16 :] if opcode != Opcode.HELLO else b""
    covered = data[:_DIGEST_AT] + key.secret[:16].ljust(16, b"\0") + rest
    return hashlib.md5(covered, usedforsecurity=False).digest()


def shows(data: bytes, packet: Packet, mode: AuthenticationMode, key: Key, source: IPv4Address) -> bool:
    """Whether a packet was made with this key."""
    proof = packet.proof
    wanted = (2, 16) if mode is AuthenticationMode.MD5 else (3, 32)
    if proof is None or packet.tlvs[0] is not proof or (proof.kind, len(proof.digest)) != wanted:
        return False
    if proof.key != key.number & 0xFFFFFFFF:
        return False
    size = len(proof.digest)
    bare = data[:2] + b"\0\0" + data[4:_DIGEST_AT] + bytes(size) + data[_DIGEST_AT + size :]
    return hmac.compare_digest(_digest(bare, mode, key, packet.opcode, source), proof.digest)


def without_proof(packet: Packet) -> Packet:
    """The packet without its authentication."""
    return replace(packet, tlvs=tuple(each for each in packet.tlvs if not isinstance(each, Authentication)))
