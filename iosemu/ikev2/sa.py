"""The IKE SA and its child SAs: what the exchanges make, and what the shows see of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol

from iosemu.ike.algorithms import KeyExchange
from iosemu.ike.types import ChildRequest, ChildSa, Endpoint, Identity, TrafficSelector
from iosemu.ikev2.keys import IkeKeys, IkeSuite
from iosemu.ikev2.message import Message, Reassembly
from iosemu.ikev2.numbers import NO_SPI, Encr, Integ
from iosemu.ikev2.sealing import Sealer
from iosemu.packets.eap import EapPacket

if TYPE_CHECKING:
    from iosemu.ikev2.tasks import Pending, QueuedTask


class Role(Enum):
    """Which end began the SA."""

    INITIATOR = "I"
    RESPONDER = "R"


class State(Enum):
    """States of an IKE SA."""

    INIT_SENT = "IKE_SA_INIT request sent"
    AUTH_SENT = "IKE_AUTH request sent"
    INIT_RECEIVED = "IKE_SA_INIT response sent"
    READY = "established"
    REKEYED = "another SA has its place"
    CLOSING = "its end is being told"
    GONE = "deleted"


NEGOTIATING: Final = (State.INIT_SENT, State.AUTH_SENT, State.INIT_RECEIVED)


@dataclass(frozen=True, slots=True)
class Nat:
    """What NAT detection found (RFC 7296, 2.23)."""

    local: bool = False
    peer: bool = False

    @property
    def found(self) -> bool:
        """Whether ESP is to be wrapped in UDP."""
        return self.local or self.peer


@dataclass(slots=True)
class EapState:
    """How far the initiator is with EAP."""

    first: Message
    """Its first message: what it wants is in it."""
    rounds: int = 0
    accepted: bool = False
    key: bytes = field(default=b"", repr=False)


class EapSpeaker(Protocol):
    """Who speaks for the user of this side."""

    key: bytes

    def respond(self, request: EapPacket) -> EapPacket | None:
        """The answer; None: there is none."""
        ...


class ChildState(Enum):
    """States of a child SA."""

    UP = "up"
    REKEYING = "this side has asked for its successor"
    REPLACED = "its successor is there; whoever asked for that deletes it"
    DELETING = "its end is being told"


@dataclass(slots=True, eq=False)
class Child:
    """One pair of child SAs."""

    sa: ChildSa
    state: ChildState = ChildState.UP
    rivals: list[tuple[bytes, Child]] = field(default_factory=list)
    """Successors that the peer asked for while this side did too, with the lower nonce of their exchange."""

    @property
    def spi(self) -> int:
        """The own SPI, by which packets come in."""
        return self.sa.inbound[0].spi

    @property
    def peer_spi(self) -> int:
        """The peer's."""
        return self.sa.outbound[0].spi

    @property
    def protocol(self) -> int:
        """ESP or AH, as a protocol identifier."""
        return int(self.sa.inbound[0].protocol)

    @property
    def selectors(self) -> tuple[TrafficSelector, TrafficSelector]:
        """Local and remote."""
        return self.sa.local_selector, self.sa.remote_selector


@dataclass(slots=True, eq=False)
class IkeSa:
    """One IKE SA, live: read it, never write it from outside the engine."""

    local: Endpoint
    peer: Endpoint
    role: Role
    spi_i: bytes
    spi_r: bytes = NO_SPI
    state: State = State.INIT_SENT
    number: int = 0
    """The tunnel id of the shows: the lowest that is free."""
    serial: int = 0
    """Counts SAs; no two of an engine have the same."""
    session: int = 0
    """Stays the same through rekeys."""
    ce_id: int = 0
    created: float = 0.0
    established: float | None = None
    """Lab time at which it was established."""
    lifetime: int = 86400
    """Seconds, this side's own: the ends need not agree (RFC 7296, 2.8)."""
    rekey_at: float | None = None
    expires: float | None = None
    half_open_until: float | None = None
    profile: str | None = None
    suite: IkeSuite | None = None
    own_identity: Identity | None = None
    peer_identity: Identity | None = None
    peer_certificate: bytes = field(default=b"", repr=False)
    """What it proved to be that by; empty: something else."""
    own_method: str = "PSK"
    """How this side proved itself, as the shows have it."""
    peer_method: str = "PSK"
    user: str = ""
    """Who the peer proved to be by EAP."""
    eap: EapState | None = field(default=None, repr=False)
    eap_peer: EapSpeaker | None = field(default=None, repr=False)
    authorities: bytes = b""
    """Of the peer's CERTREQ: hashes of the keys that it believes."""
    hashes: tuple[int, ...] = ()
    """Both ends take digital signatures, the peer with these digests (RFC 7427, 4)."""
    nat: Nat = Nat()
    keys: IkeKeys | None = field(default=None, repr=False)
    outward: Sealer | None = field(default=None, repr=False)
    inward: Sealer | None = field(default=None, repr=False)
    key_exchange: KeyExchange | None = field(default=None, repr=False)
    nonce_i: bytes = b""
    nonce_r: bytes = b""
    first_request: bytes = field(default=b"", repr=False)
    first_response: bytes = field(default=b"", repr=False)
    cookie: bytes = b""
    retries: int = 0
    """How often the first request was sent anew because the answer asked for it."""
    fragments: bool = False
    """Both ends take fragments (RFC 7383)."""
    window: int = 1
    """Requests that the peer may have under way."""
    peer_window: int = 1
    """Requests that this side may have under way (RFC 7296, 2.3)."""
    next_request: int = 0
    pending: dict[int, Pending] = field(default_factory=dict, repr=False)
    queue: list[QueuedTask] = field(default_factory=list, repr=False)
    """What waits for room in the peer's window."""
    message_id: int = 0
    """Of the last message that was sent or came."""
    expected: int = 0
    """The lowest message ID of the peer's that did not come yet."""
    answered: dict[int, list[bytes]] = field(default_factory=dict, repr=False)
    """Responses by message ID, to be sent again."""
    partial: dict[tuple[bool, int], Reassembly] = field(default_factory=dict, repr=False)
    requests: list[ChildRequest] = field(default_factory=list)
    """Requests that wait for the SA to be established."""
    children: dict[int, Child] = field(default_factory=dict)
    """By own SPI."""
    successor: IkeSa | None = field(default=None, repr=False)
    rivals: list[tuple[bytes, IkeSa]] = field(default_factory=list, repr=False)
    """Successors that the peer asked for while this side did too, with the lower nonce of their exchange."""
    last_heard: float = 0.0
    liveness_at: float | None = None
    keepalive_at: float | None = None

    @property
    def own_spi(self) -> bytes:
        """The SPI that this side has chosen."""
        return self.spi_i if self.role is Role.INITIATOR else self.spi_r

    @property
    def peer_spi(self) -> bytes:
        """The SPI that the peer has chosen."""
        return self.spi_r if self.role is Role.INITIATOR else self.spi_i

    @property
    def up(self) -> bool:
        """Whether child SAs can be made over it."""
        return self.state is State.READY

    @property
    def negotiating(self) -> bool:
        """Whether it is not yet established."""
        return self.state in NEGOTIATING

    @property
    def status(self) -> str:
        """The status column of the shows."""
        if self.negotiating:
            return "IN-NEG"
        return "READY" if self.up else "DELETE"

    def active(self, now: float) -> int:
        """Seconds since it was established."""
        return int(now - self.established) if self.established is not None else 0

    def remaining(self, now: float) -> int:
        """Seconds of lifetime left; 0 while it is not established."""
        return max(0, int(self.expires - now)) if self.expires is not None else 0

    def export(self) -> dict[str, str]:
        """Keys for a capture's decryption, hex, by the names of Wireshark's IKEv2 table; `{}` until keys exist."""
        if self.keys is None:
            return {}
        suite = self.keys.suite
        return {
            "spi_i": self.spi_i.hex(),
            "spi_r": self.spi_r.hex(),
            "sk_ei": self.keys.sk_ei.hex(),
            "sk_er": self.keys.sk_er.hex(),
            "enc": ENCRYPTION_NAMES[suite.encr, suite.key_bits],
            "sk_ai": self.keys.sk_ai.hex(),
            "sk_ar": self.keys.sk_ar.hex(),
            "auth": INTEGRITY_NAMES[suite.integ],
        }


ENCRYPTION_NAMES: Final = {
    (Encr.DES, 0): "DES",
    (Encr.TRIPLE_DES, 0): "3DES [RFC2451]",
    (Encr.AES_CBC, 128): "AES-CBC-128 [RFC3602]",
    (Encr.AES_CBC, 192): "AES-CBC-192 [RFC3602]",
    (Encr.AES_CBC, 256): "AES-CBC-256 [RFC3602]",
    (Encr.AES_GCM_16, 128): "AES-GCM-128 with 16 octet ICV [RFC5282]",
    (Encr.AES_GCM_16, 192): "AES-GCM-192 with 16 octet ICV [RFC5282]",
    (Encr.AES_GCM_16, 256): "AES-GCM-256 with 16 octet ICV [RFC5282]",
}
"""Wireshark's words."""
INTEGRITY_NAMES: Final = {
    Integ.NONE: "NONE [RFC4306]",
    Integ.MD5_96: "HMAC_MD5_96 [RFC2403]",
    Integ.SHA1_96: "HMAC_SHA1_96 [RFC2404]",
    Integ.SHA256_128: "HMAC_SHA2_256_128 [RFC4868]",
    Integ.SHA384_192: "HMAC_SHA2_384_192 [RFC4868]",
    Integ.SHA512_256: "HMAC_SHA2_512_256 [RFC4868]",
}
