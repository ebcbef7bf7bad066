"""Cisco's VLAN Trunking Protocol, versions 1 and 2; layout as Cisco and Wireshark describe it.

The digest is made as other implementations make it; no capture with a known password stands behind it.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address

from iosemu.packets.addresses import MacAddress
from iosemu.packets.dtp import CISCO_GROUP
from iosemu.packets.errors import MalformedPacket
from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.llc import OUI_CISCO, SNAP_VTP, Snap

DOMAIN = 32
"""Octets of a domain's name."""
STAMP = 12
"""`yymmddhhmmss`."""
DIGEST = 16
NOBODY = IPv4Address(0)
"""The updater where no server is known."""
_HEAD = struct.Struct("!BBBB32s")
_SUMMARY = struct.Struct("!I4s12s16s")
_VLAN = struct.Struct("!BBBBHHI")
_SUSPENDED = 0x01
_SAID = 100_000
"""What an 802.10 identifier is more than the number of its VLAN."""
_PRUNING = b"\x00\x01\x00\x02\x00\x01"
"""What says behind a summary that the domain prunes; how Cisco writes it is not documented."""
_ROOM = 1400
"""Octets of VLANs in one subset."""
_SECRET = 1563 * 64
"""Octets of the password, repeated, that its key is the digest of."""


class VtpCode(IntEnum):
    """What a message is."""

    SUMMARY = 1
    SUBSET = 2
    REQUEST = 3
    JOIN = 4


class VlanType(IntEnum):
    """The medium of a VLAN."""

    ETHERNET = 1
    FDDI = 2
    TOKEN_RING = 3
    FDDI_NET = 4
    TOKEN_RING_NET = 5


@dataclass(frozen=True, slots=True)
class VtpVlan:
    """One VLAN of a subset."""

    number: int
    name: str
    mtu: int = 1500
    suspended: bool = False
    type: int = VlanType.ETHERNET

    def to_bytes(self) -> bytes:
        """The octets, the name filled up to a multiple of four."""
        name = self.name.encode("latin-1", "replace")[:DOMAIN]
        padded = name + bytes(-len(name) % 4)
        status = _SUSPENDED * self.suspended
        head = _VLAN.pack(
            _VLAN.size + len(padded), status, self.type, len(name), self.number, self.mtu, _SAID + self.number
        )
        return head + padded


@dataclass(frozen=True, slots=True)
class VtpSummary:
    """What the database is; `followers` subsets come after it."""

    domain: str
    revision: int
    updater: IPv4Address = NOBODY
    stamp: str = "0" * STAMP
    digest: bytes = bytes(DIGEST)
    followers: int = 0
    version: int = 1
    pruning: bool = False

    def to_bytes(self) -> bytes:
        """The octets behind the SNAP header."""
        body = _SUMMARY.pack(self.revision, self.updater.packed, self.stamp.encode("latin-1"), self.digest)
        return (
            _head(self.version, VtpCode.SUMMARY, self.followers, self.domain) + body + _PRUNING * self.pruning
        )


@dataclass(frozen=True, slots=True)
class VtpSubset:
    """A part of the database; the first has the number 1."""

    domain: str
    revision: int
    sequence: int
    vlans: tuple[VtpVlan, ...]
    version: int = 1

    def to_bytes(self) -> bytes:
        """The octets behind the SNAP header."""
        head = _head(self.version, VtpCode.SUBSET, self.sequence, self.domain)
        return head + self.revision.to_bytes(4) + vlans_bytes(self.vlans)


@dataclass(frozen=True, slots=True)
class VtpRequest:
    """Somebody wants the database, from a VLAN on."""

    domain: str
    start: int = 0
    version: int = 1

    def to_bytes(self) -> bytes:
        """The octets behind the SNAP header."""
        return _head(self.version, VtpCode.REQUEST, 0, self.domain) + self.start.to_bytes(4)


@dataclass(frozen=True, slots=True)
class VtpJoin:
    """The VLANs that a neighbor wants to hear, of a range of 1,024."""

    domain: str
    vlans: frozenset[int]
    version: int = 1

    def to_bytes(self) -> bytes:
        """The octets behind the SNAP header."""
        bits = bytearray(128)
        for number in self.vlans:
            if number < 8 * len(bits):
                bits[number // 8] |= 0x80 >> number % 8
        return _head(self.version, VtpCode.JOIN, 0, self.domain) + struct.pack("!HH", 0, 1007) + bytes(bits)


VtpMessage = VtpSummary | VtpSubset | VtpRequest | VtpJoin


def parse(data: bytes) -> VtpMessage:
    """Read what follows the SNAP header. Raises MalformedPacket."""
    if len(data) < _HEAD.size:
        raise MalformedPacket(f"VTP: {len(data)} octets are too few")
    version, code, third, length, name = _HEAD.unpack_from(data)
    if version not in (1, 2):
        raise MalformedPacket(f"VTP: version {version}")
    if length > DOMAIN:
        raise MalformedPacket(f"VTP: a domain of {length} octets")
    domain, rest = name[:length].decode("latin-1"), data[_HEAD.size :]
    match code:
        case VtpCode.SUMMARY if len(rest) >= _SUMMARY.size:
            revision, updater, stamp, digest = _SUMMARY.unpack_from(rest)
            text = stamp.decode("latin-1")
            pruning = rest[_SUMMARY.size :].startswith(_PRUNING)
            return VtpSummary(domain, revision, IPv4Address(updater), text, digest, third, version, pruning)
        case VtpCode.SUBSET if len(rest) >= 4:
            return VtpSubset(domain, int.from_bytes(rest[:4]), third, _vlans(rest[4:]), version)
        case VtpCode.REQUEST if len(rest) >= 4:
            return VtpRequest(domain, int.from_bytes(rest[:4]), version)
        case VtpCode.JOIN if len(rest) >= 4:
            first = int.from_bytes(rest[:2])
            bits = rest[4 : 4 + 128]
            vlans = (first + 8 * n + b for n, each in enumerate(bits) for b in range(8) if each & 0x80 >> b)
            return VtpJoin(domain, frozenset(vlans), version)
    raise MalformedPacket(f"VTP: code {code} with {len(rest)} octets")


def to_frame(message: VtpMessage, source: MacAddress) -> EthernetFrame:
    """The frame to Cisco's group address."""
    snap = Snap(OUI_CISCO, SNAP_VTP, message.to_bytes())
    return EthernetFrame.llc(CISCO_GROUP, source, snap.to_bytes())


def vlans_bytes(vlans: Sequence[VtpVlan]) -> bytes:
    """A database as subsets carry it."""
    return b"".join(each.to_bytes() for each in vlans)


def digest(summary: VtpSummary, vlans: Sequence[VtpVlan], password: str) -> bytes:
    """The digest of a database: over the password's key, the summary without what changes, and the VLANs."""
    key = b""
    if password:
        octets = password.encode("latin-1", "replace")
        repeated = (octets * (_SECRET // len(octets) + 1))[:_SECRET]
        key = hashlib.md5(repeated, usedforsecurity=False).digest()
    bare = VtpSummary(
        summary.domain, summary.revision, summary.updater, "\0" * STAMP, version=summary.version
    )
    text = key + bare.to_bytes() + vlans_bytes(vlans) + key
    return hashlib.md5(text, usedforsecurity=False).digest()


def subsets(summary: VtpSummary, vlans: Sequence[VtpVlan]) -> list[VtpSubset]:
    """The database in parts that fit into frames."""
    parts: list[list[VtpVlan]] = [[]]
    size = 0
    for each in vlans:
        octets = len(each.to_bytes())
        if size + octets > _ROOM:
            parts.append([])
            size = 0
        parts[-1].append(each)
        size += octets
    return [
        VtpSubset(summary.domain, summary.revision, number, tuple(part), summary.version)
        for number, part in enumerate(parts, 1)
    ]


def _head(version: int, code: VtpCode, third: int, domain: str) -> bytes:
    name = domain.encode("latin-1", "replace")[:DOMAIN]
    return _HEAD.pack(version, code, third, len(name), name)


def _vlans(data: bytes) -> tuple[VtpVlan, ...]:
    found, at = [], 0
    while at < len(data):
        if len(data) - at < _VLAN.size:
            raise MalformedPacket("VTP: a VLAN that is cut off")
        length, status, kind, name, number, mtu, _said = _VLAN.unpack_from(data, at)
        if length < _VLAN.size or at + length > len(data) or _VLAN.size + name > length:
            raise MalformedPacket(f"VTP: VLAN information of {length} octets")
        text = data[at + _VLAN.size : at + _VLAN.size + name].decode("latin-1")
        found.append(VtpVlan(number, text, mtu, bool(status & _SUSPENDED), kind))
        at += length
    return tuple(found)
