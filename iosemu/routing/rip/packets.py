"""The messages of RIP versions 1 and 2 (RFC 1058 3.1, RFC 2453 3.6 and 4) and their authentication (RFC 2082)."""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from ipaddress import IPv4Address, IPv4Network

from iosemu.packets.errors import MalformedPacket
from iosemu.routing.keys import Key

PORT = 520
GROUP = IPv4Address("224.0.0.9")
INFINITY = 16
"""The metric of what cannot be reached."""
MAXIMUM_ENTRIES = 25
"""Entries of one message, that of the authentication included."""
DIGEST_LENGTH = 16

_ANY = IPv4Address(0)
_FAMILY_IP = 2
_FAMILY_AUTHENTICATION = 0xFFFF
_TEXT, _DIGEST, _TRAILER = 2, 3, 1
_ENTRY = struct.Struct("!HHIIII")


class Command(IntEnum):
    """What a message wants."""

    REQUEST = 1
    RESPONSE = 2


class AuthenticationMode(Enum):
    """`ip rip authentication mode`; the value is the word."""

    TEXT = "text"
    MD5 = "md5"


@dataclass(frozen=True, slots=True)
class Entry:
    """A route in a message. Version 1 has address and metric only: its `mask` is 0.0.0.0."""

    address: IPv4Address
    mask: IPv4Address = _ANY
    next_hop: IPv4Address = _ANY
    metric: int = 1
    tag: int = 0

    @property
    def network(self) -> IPv4Network | None:
        """The network by its mask; None: the mask is not contiguous, or there are host bits."""
        length = int(self.mask).bit_count()
        if int(self.mask) != (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF or int(self.address) & ~int(
            self.mask
        ):
            return None
        return IPv4Network((int(self.address), length))


@dataclass(frozen=True, slots=True)
class Message:
    """A request or response. `whole_table`: the request for everything (RFC 2453 3.9.1)."""

    command: Command
    version: int
    entries: tuple[Entry, ...] = ()
    whole_table: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """What a message shows of a key. Text: `data` is the password; MD5: the digest, by key `number`."""

    mode: AuthenticationMode
    data: bytes
    number: int = 0
    sequence: int = 0
    covered: bytes = b""
    """MD5: what the digest is computed over, before the key."""

    def shows(self, key: Key) -> bool:
        """Whether it was made with this key."""
        if self.mode is AuthenticationMode.TEXT:
            return hmac.compare_digest(self.data.rstrip(b"\0"), key.secret[:16].rstrip(b"\0"))
        return self.number == key.number & 0xFF and hmac.compare_digest(
            self.data, _digest(self.covered, key.secret)
        )


def _digest(covered: bytes, secret: bytes) -> bytes:
    # RFC 2082 3.2.1: the key stands where the digest goes
    return hashlib.md5(covered + secret[:16].ljust(16, b"\0"), usedforsecurity=False).digest()


def parse(data: bytes) -> tuple[Message, Proof | None]:
    """A message from the payload of a datagram. Raises MalformedPacket."""
    if len(data) < 4:
        raise MalformedPacket("RIP message is shorter than its header")
    command, version = data[0], data[1]
    if command not in (1, 2):
        raise MalformedPacket(f"RIP command {command}")
    if version == 0:
        raise MalformedPacket("RIP version 0")
    body, proof = data[4:], None
    if len(body) % 20:
        raise MalformedPacket("RIP message ends inside an entry")
    if version > 1 and body[:2] == b"\xff\xff":
        body, proof = _authentication(data)
    entries = []
    for at in range(0, len(body), 20):
        family, tag, address, mask, next_hop, metric = _ENTRY.unpack_from(body, at)
        if family == 0 and metric == INFINITY and command == 1 and len(body) == 20:
            return Message(Command.REQUEST, version, (), True), proof
        if family != _FAMILY_IP:
            continue  # RFC 2453 3.9: entries of other families are ignored
        if version == 1:
            tag = mask = next_hop = 0
        entries.append(Entry(IPv4Address(address), IPv4Address(mask), IPv4Address(next_hop), metric, tag))
    return Message(Command(command), version, tuple(entries)), proof


def _authentication(data: bytes) -> tuple[bytes, Proof]:
    kind = int.from_bytes(data[6:8], "big")
    if kind == _TEXT:
        return data[24:], Proof(AuthenticationMode.TEXT, data[8:24])
    if kind != _DIGEST:
        raise MalformedPacket(f"RIP authentication type {kind}")
    length, number, size, sequence = struct.unpack_from("!HBBI", data, 8)
    trailer = data[length:]
    if length < 24 or size < DIGEST_LENGTH or trailer[:4] != b"\xff\xff\x00\x01" or len(trailer) < 20:
        raise MalformedPacket("RIP message digest is not where its length says")
    proof = Proof(AuthenticationMode.MD5, trailer[4:20], number, sequence, data[: length + 4])
    return data[24:length], proof


def build(
    message: Message, mode: AuthenticationMode | None = None, key: Key | None = None, sequence: int = 0
) -> bytes:
    """The payload of a datagram, shown to be ours by `key` in version 2."""
    head = bytes((message.command, message.version, 0, 0))
    rows = b"".join(_row(message.version, entry) for entry in message.entries)
    if message.whole_table:
        rows = _ENTRY.pack(0, 0, 0, 0, 0, INFINITY)
    if mode is None or key is None or message.version == 1:
        return head + rows
    if mode is AuthenticationMode.TEXT:
        return head + struct.pack("!HH16s", _FAMILY_AUTHENTICATION, _TEXT, key.secret[:16]) + rows
    length = len(head) + 20 + len(rows)
    row = struct.pack("!HHHBBIII", _FAMILY_AUTHENTICATION, _DIGEST, length, key.number & 0xFF,
                      DIGEST_LENGTH, sequence & 0xFFFFFFFF, 0, 0)  # fmt: skip
    covered = head + row + rows + struct.pack("!HH", _FAMILY_AUTHENTICATION, _TRAILER)
    return covered + _digest(covered, key.secret)


def _row(version: int, entry: Entry) -> bytes:
    if version == 1:
        return _ENTRY.pack(_FAMILY_IP, 0, int(entry.address), 0, 0, entry.metric)
    return _ENTRY.pack(
        _FAMILY_IP, entry.tag, int(entry.address), int(entry.mask), int(entry.next_hop), entry.metric
    )


def messages(version: int, entries: Iterable[Entry], authenticated: bool) -> Iterable[Message]:
    """As many responses as the entries need."""
    size = MAXIMUM_ENTRIES - authenticated
    every = tuple(entries)
    for at in range(0, len(every), size):
        yield Message(Command.RESPONSE, version, every[at : at + size])
