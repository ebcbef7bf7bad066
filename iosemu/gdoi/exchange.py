"""GROUPKEY-PULL (RFC 6407, 3): a member asks for the policy and the keys of its group.

Member                                Key server
HDR*, HASH(1), Ni, ID            -->
                                 <--  HDR*, HASH(2), Nr, SA
HDR*, HASH(3)                    -->
                                 <--  HDR*, HASH(4), SEQ, KD
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Protocol

from iosemu.gdoi.numbers import PayloadType
from iosemu.gdoi.payloads import GroupSa, KeyDownload, sequence_number
from iosemu.ike import events, informational, quick_mode
from iosemu.ike.exchange import QuickMode
from iosemu.ike.header import MalformedMessage, NotifyType
from iosemu.ike.machine import Machine
from iosemu.ike.message import Message, chain
from iosemu.ike.payloads import HashData, Identification, Nonce, Notification, Opaque, Payload
from iosemu.ike.sa import IsakmpSa
from iosemu.ike.types import Endpoint, Identity, ProtocolId

OWN_PAYLOADS = frozenset((PayloadType.SA, PayloadType.KD, PayloadType.SEQ))
"""What is read here and not by ISAKMP."""
NONCE_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Grant:
    """What a key server gives a member."""

    sa: GroupSa
    keys: KeyDownload = field(repr=False)
    sequence: int
    """Of the last rekey."""


class KeyServers(Protocol):
    """The groups that this box serves."""

    def grant(self, group: Identity, member: IPv4Address) -> Grant | None:
        """What a member may have; None: it may not, or there is no such group."""
        ...


@dataclass(frozen=True, slots=True)
class Granted:
    """A member has been sent its keys."""

    group: Identity
    member: Endpoint
    server: Endpoint
    conn_id: int


@dataclass(frozen=True, slots=True)
class Downloaded:
    """Policy and keys came from a key server."""

    group: Identity
    local: IPv4Address
    server: IPv4Address
    grant: Grant
    conn_id: int


@dataclass(frozen=True, slots=True)
class Denied:
    """A key server will not have this box in a group."""

    group: Identity
    local: IPv4Address
    server: IPv4Address


Outcome = Granted | Downloaded | Denied


@dataclass(slots=True, eq=False)
class Pull(QuickMode):
    """One GROUPKEY-PULL; it is kept among the quick modes of its ISAKMP SA."""

    group: Identity = field(default_factory=lambda: Identity(0, b""))
    grant: Grant | None = field(default=None, repr=False)
    """What the key server chose when the exchange began."""
    sa: GroupSa | None = None
    """What the member was told."""
    told: bool = False
    """Its end was reported."""


def begin(machine: Machine, sa: IsakmpSa, group: Identity) -> None:
    """Member: send the first message."""
    assert sa.keys is not None
    message_id = quick_mode.new_message_id(machine, sa)
    node = Pull(message_id, True, sa.keys.message_iv(sa.iv, message_id), group=group)
    machine.add_node(sa, node)
    node.nonce_i = machine.randbytes(NONCE_LENGTH)
    payloads: list[Payload] = [Nonce(node.nonce_i), Identification(group.type, 0, 0, group.data)]
    digest = HashData(sa.keys.hash_1(message_id, chain(payloads)))
    quick_mode.send(machine, sa, node, [digest, *payloads], awaits=True)


def respond(machine: Machine, sa: IsakmpSa, node: Pull, message: Message, servers: KeyServers) -> bool:
    """Key server: judge the first message and send the policy; False when the member is refused."""
    assert sa.keys is not None
    quick_mode.check(sa.keys.hash_1(node.message_id, message.after_hash), message)
    node.nonce_i = message.one(Nonce).data
    identification = message.one(Identification)
    node.group = Identity(identification.type, identification.data)
    node.grant = servers.grant(node.group, sa.peer.address)
    if node.grant is None:
        informational.send(machine, sa, Notification(ProtocolId.ISAKMP, NotifyType.INVALID_ID_INFORMATION))
        quick_mode.finish(machine, sa, node, error=True, reason="GDOI rejected")
        machine.emit(events.ModeFailure, sa, "GDOI", sa.peer)
        return False
    node.nonce_r = machine.randbytes(NONCE_LENGTH)
    payloads: list[Payload] = [Nonce(node.nonce_r), Opaque(PayloadType.SA, node.grant.sa.to_bytes())]
    digest = HashData(sa.keys.hash_2(node.message_id, node.nonce_i, chain(payloads)))
    quick_mode.send(machine, sa, node, [digest, *payloads], awaits=True)
    return True


def read_policy(machine: Machine, sa: IsakmpSa, node: Pull, message: Message) -> None:
    """Member: take the policy, and say that it is alive. Raises `MalformedMessage`."""
    assert sa.keys is not None
    quick_mode.check(sa.keys.hash_2(node.message_id, node.nonce_i, message.after_hash), message)
    node.sa = GroupSa.parse(opaque(message, PayloadType.SA))
    node.nonce_r = message.one(Nonce).data
    digest = HashData(sa.keys.hash_1(node.message_id, node.nonce_i + node.nonce_r))
    quick_mode.send(machine, sa, node, [digest], awaits=True)


def send_keys(machine: Machine, sa: IsakmpSa, node: Pull, message: Message) -> Granted:
    """Key server: the member is there: send the keys. Raises `MalformedMessage`."""
    assert sa.keys is not None
    assert node.grant is not None
    nonces = node.nonce_i + node.nonce_r
    quick_mode.check(sa.keys.hash_1(node.message_id, nonces), message)
    payloads: list[Payload] = []
    if node.grant.sa.kek is not None:
        payloads.append(Opaque(PayloadType.SEQ, node.grant.sequence.to_bytes(4, "big")))
    payloads.append(Opaque(PayloadType.KD, node.grant.keys.to_bytes()))
    digest = HashData(sa.keys.hash_1(node.message_id, nonces + chain(payloads)))
    quick_mode.send(machine, sa, node, [digest, *payloads], awaits=False)
    quick_mode.finish(machine, sa, node, error=False, reason="GDOI KD sent")
    node.told = True
    return Granted(node.group, sa.peer, sa.local, sa.conn_id)


def read_keys(machine: Machine, sa: IsakmpSa, node: Pull, message: Message) -> Downloaded:
    """Member: take the keys. Raises `MalformedMessage`."""
    assert sa.keys is not None
    assert node.sa is not None
    rest = node.nonce_i + node.nonce_r + message.after_hash
    quick_mode.check(sa.keys.hash_1(node.message_id, rest), message)
    keys = KeyDownload.parse(opaque(message, PayloadType.KD))
    found = _find(message, PayloadType.SEQ)
    sequence = sequence_number(found) if found is not None else 0
    quick_mode.finish(machine, sa, node, error=False, reason="GDOI KD received")
    node.told = True
    grant = Grant(node.sa, keys, sequence)
    return Downloaded(node.group, sa.local.address, sa.peer.address, grant, sa.conn_id)


def _find(message: Message, kind: int) -> bytes | None:
    return next((part.body for part in message.parts if kind == part.payload.TYPE), None)


def opaque(message: Message, kind: int) -> bytes:
    """The body of a payload of GDOI that must be there; `MalformedMessage` otherwise."""
    found = _find(message, kind)
    if found is None:
        raise MalformedMessage(NotifyType.PAYLOAD_MALFORMED, f"payload {kind} is missing")
    return found
