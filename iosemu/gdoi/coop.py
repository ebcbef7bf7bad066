"""What co-operative key servers tell each other: an announcement under the phase 1 between them.

Cisco's own form was never published, so this one is of ours, out of GDOI's payloads:

    HDR*, HASH, COOP [, SEQ, SA, KD]

The exchange has a private number (RFC 2408, 3.1), and one message; HASH is that of an informational exchange (RFC 2409,
5.7). COOP says who speaks and which members it knows; a primary adds policy and keys, as a rekey has them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address

from iosemu.gdoi.exchange import Grant, opaque
from iosemu.gdoi.numbers import PayloadType
from iosemu.gdoi.payloads import GroupSa, KeyDownload, sequence_number
from iosemu.gdoi.policy import Policy, Tek, unpack
from iosemu.gdoi.rekey import Kek
from iosemu.ike.generic import malformed
from iosemu.ike.message import Message, chain
from iosemu.ike.payloads import Opaque, Payload
from iosemu.ike.types import Identity

COOP_EXCHANGE = 240
"""Of the private numbers of exchanges."""
COOP_PAYLOAD = 200
"""Of the private numbers of payloads."""
OWN_PAYLOADS = frozenset((COOP_PAYLOAD, PayloadType.SEQ, PayloadType.SA, PayloadType.KD))
VERSION = 1
PRIMARY, WANTS_REPLY, KEYED = 1, 2, 4
"""Bits of the flags."""
MOST = 65535
_HEAD = struct.Struct("!BBHIBB")
_TEK = struct.Struct("!IIII")


@dataclass(frozen=True, slots=True)
class Life:
    """What a key server knows of a TEK beside what members are told."""

    spi: int
    number: int
    """Of its `sa ipsec`."""
    lifetime: int
    age: int
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One announcement."""

    group: Identity
    priority: int
    sequence: int
    primary: bool = False
    wants_reply: bool = False
    keyed: bool = False
    """Its sender has the keys of the group."""
    members: tuple[IPv4Address, ...] = ()
    lives: tuple[Life, ...] = ()
    kek: tuple[int, int] = (0, 0)
    """Seconds of its life, and of its age."""
    grant: Grant | None = field(default=None, repr=False)
    """Policy and keys."""

    @property
    def size(self) -> int:
        """Octets of its payloads."""
        return len(chain(self.payloads()))

    def payloads(self) -> list[Payload]:
        """What stands behind the hash."""
        flags = PRIMARY * self.primary | WANTS_REPLY * self.wants_reply | KEYED * self.keyed
        body = _HEAD.pack(VERSION, flags, self.priority, self.sequence, self.group.type, len(self.group.data))
        body += self.group.data
        body += struct.pack("!H", len(self.members)) + b"".join(each.packed for each in self.members)
        body += struct.pack("!HII", len(self.lives), *self.kek)
        body += b"".join(_TEK.pack(each.spi, each.number, each.lifetime, each.age) for each in self.lives)
        found: list[Payload] = [Opaque(COOP_PAYLOAD, body)]
        if self.grant is not None:
            found += [
                Opaque(PayloadType.SEQ, self.grant.sequence.to_bytes(4, "big")),
                Opaque(PayloadType.SA, self.grant.sa.to_bytes()),
                Opaque(PayloadType.KD, self.grant.keys.to_bytes()),
            ]
        return found

    @classmethod
    def of(cls, message: Message) -> Announcement:
        """Read one; `MalformedMessage` where it is none."""
        body = opaque(message, COOP_PAYLOAD)
        try:
            version, flags, priority, sequence, kind, length = _HEAD.unpack_from(body)
            at = _HEAD.size + length
            (count,) = struct.unpack_from("!H", body, at)
            addresses = body[at + 2 : at + 2 + 4 * count]
            members = tuple(IPv4Address(addresses[each : each + 4]) for each in range(0, 4 * count, 4))
            at += 2 + 4 * count
            teks, *kek = struct.unpack_from("!HII", body, at)
            lives = tuple(Life(*_TEK.unpack_from(body, at + 10 + _TEK.size * each)) for each in range(teks))
        except (struct.error, ValueError):
            raise malformed("announcement cut short") from None
        if version != VERSION:
            raise malformed("version of an announcement")
        grant = None
        if flags & PRIMARY and any(part.payload.TYPE == PayloadType.SA for part in message.parts):
            grant = Grant(
                GroupSa.parse(opaque(message, PayloadType.SA)),
                KeyDownload.parse(opaque(message, PayloadType.KD)),
                sequence_number(opaque(message, PayloadType.SEQ)),
            )
        group = Identity(kind, body[_HEAD.size : _HEAD.size + length])
        return cls(
            group,
            priority,
            sequence,
            bool(flags & PRIMARY),
            bool(flags & WANTS_REPLY),
            bool(flags & KEYED),
            members,
            lives,
            (kek[0], kek[1]),
            grant,
        )

    def policy(self, now: float) -> Policy | None:
        """Policy and keys, as its sender has them; None: it has none. `MalformedMessage` where they do not fit."""
        if self.grant is None:
            return None
        policy = unpack(self.grant, now)
        lives = {each.spi: each for each in self.lives}
        teks = tuple(_aged(tek, lives.get(tek.spi), now) for tek in policy.teks)
        kek: Kek | None = policy.kek
        if kek is not None and self.kek[0]:
            kek = replace(kek, lifetime=self.kek[0], created=now - self.kek[1])
        return replace(policy, teks=teks, kek=kek)


def _aged(tek: Tek, life: Life | None, now: float) -> Tek:
    if life is None:
        return tek
    return replace(tek, number=life.number, lifetime=life.lifetime, created=now - life.age)
