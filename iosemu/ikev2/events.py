"""What the engine reports, in order: for the datapath, syslog and debug.

Every event has the lab time and `sa`, a snapshot of the SA as it was at that moment (None where no SA exists).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from iosemu.ike.types import ChildRequest, ChildSa, Endpoint, Identity
from iosemu.ikev2.payloads import Payload
from iosemu.ikev2.sa import IkeSa, Role, State


@dataclass(frozen=True, slots=True)
class SaSnapshot:
    """An IKE SA at the moment of an event."""

    number: int
    serial: int
    session: int
    local: Endpoint
    peer: Endpoint
    role: Role
    spi_i: bytes
    spi_r: bytes
    own_identity: Identity | None
    peer_identity: Identity | None
    state: State = State.GONE
    message_id: int = 0
    """Of the last message, of either side."""

    @classmethod
    def of(cls, sa: IkeSa) -> SaSnapshot:
        """Take the snapshot."""
        ids = (sa.own_identity, sa.peer_identity)
        ends = (sa.local, sa.peer, sa.role, sa.spi_i, sa.spi_r)
        return cls(sa.number, sa.serial, sa.session, *ends, *ids, sa.state, sa.message_id)


@dataclass(frozen=True, slots=True)
class Event:
    """The base of all events."""

    time: float
    sa: SaSnapshot | None


@dataclass(frozen=True, slots=True)
class SaUp(Event):
    """An IKE SA is established; `rekeyed`: it took another's place."""

    rekeyed: bool


@dataclass(frozen=True, slots=True)
class SaDown(Event):
    """An IKE SA is gone; `was_up`: it had been established and no other has its place."""

    reason: str
    was_up: bool


@dataclass(frozen=True, slots=True)
class ConfigurationTold(Event):
    """The peer told configuration attributes; `tag` is that of the request they came with."""

    attributes: tuple[tuple[int, bytes], ...]
    tag: object


@dataclass(frozen=True, slots=True)
class ChildUp(Event):
    """Child SAs were made: install them. `usable`: outbound at once, else from the first packet that comes in."""

    child: ChildSa
    usable: bool


@dataclass(frozen=True, slots=True)
class ChildDown(Event):
    """Child SAs are gone: remove them. `spi` is this side's."""

    protocol: int
    spi: int


@dataclass(frozen=True, slots=True)
class RequestFailed(Event):
    """A request came to nothing. `refusal` is the peer's notify number where there was one."""

    request: ChildRequest
    reason: str
    refusal: int | None = None


@dataclass(frozen=True, slots=True)
class PeerDead(Event):
    """A peer does not answer: what was made with it is gone."""


@dataclass(frozen=True, slots=True)
class PacketSent(Event):
    """A message was sent; `contents` are payload types, with the notify type where it is one."""

    local: Endpoint
    peer: Endpoint
    spis: tuple[bytes, bytes]
    exchange: int
    response: bool
    message_id: int
    contents: tuple[tuple[int, int], ...]
    protected: bool
    payloads: tuple[Payload, ...] = ()
    from_initiator: bool = True
    """Who sent it began the IKE SA."""


@dataclass(frozen=True, slots=True)
class PacketReceived(PacketSent):
    """A message was received and could be read."""


UNKNOWN_SA = "no such SA"
"""Why most messages are dropped: their SA is gone."""


class Step(Enum):
    """Steps that debug tells; what comes with each is in brackets."""

    KEY_SEARCH = auto()
    """[profile, found]"""
    POLICY_SEARCH = auto()
    """[local address]"""
    INIT_BEGUN = auto()
    """[group]"""
    OFFERED = auto()
    """[proposals of an SA payload]"""
    INIT_VERIFIED = auto()
    INIT_REFUSED = auto()
    """[notify number]"""
    COOKIE_ASKED = auto()
    OTHER_GROUP = auto()
    """[group]"""
    NAT_CHECKED = auto()
    """[Nat]"""
    KEYS_MADE = auto()
    """[group]"""
    INIT_DONE = auto()
    AUTH_MADE = auto()
    """[identity, octets of the key]"""
    PEER_IDENTIFIED = auto()
    """[identity]"""
    PROFILE_FOUND = auto()
    """[name or None]"""
    AUTH_PASSED = auto()
    """[identity, octets of the key]"""
    SIGNED = auto()
    """[identity, method, trustpoint]"""
    SIGNATURE_PASSED = auto()
    """[identity, method]"""
    EAP_REQUEST = auto()
    EAP_RESPONSE = auto()
    POSTPONED = auto()
    AUTH_FAILED = auto()
    NO_KEY = auto()
    """[identity]"""
    ESTABLISHED = auto()
    """[lifetime]"""
    CHILD_REFUSED = auto()
    """[notify number]"""
    CHILD_BEGUN = auto()
    CHILD_REKEY_BEGUN = auto()
    """[old SPI]"""
    IKE_REKEY_BEGUN = auto()
    CHILD_DONE = auto()
    """[own SPI, peer's SPI]"""
    DELETING_CHILD = auto()
    """[SPI]"""
    DELETING_SA = auto()
    CHILD_DELETE_RECEIVED = auto()
    """[SPI]"""
    DELETE_RECEIVED = auto()
    ACKNOWLEDGED = auto()
    LIVENESS_SENT = auto()
    LIVENESS_RECEIVED = auto()
    RETRANSMITTING = auto()
    """[exchange, message ID]"""
    RETRANSMISSIONS_OVER = auto()
    FAILED = auto()
    """[what was being done]"""
    DELETED = auto()
    DENIED = auto()
    """[peer]"""
    DROPPED = auto()
    """[reason]"""
    COLLISION = auto()
    """[True: this side's exchange stays]"""


@dataclass(frozen=True, slots=True)
class Told(Event):
    """A step."""

    step: Step
    values: tuple[object, ...]
