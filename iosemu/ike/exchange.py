"""What an exchange must remember while it runs: that of phase 1, quick modes, and transactions."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.ike.algorithms import KeyExchange
from iosemu.ike.proof import Proof
from iosemu.ike.retransmit import Retransmission
from iosemu.ike.sa_payload import SecurityAssociation
from iosemu.ike.types import ChildRequest, ChildSa, Phase1Policy


@dataclass(slots=True)
class Exchange:
    """What a phase 1 exchange must remember until it is complete; raw bodies are as on the wire."""

    step: int = 0
    offered_sa: bytes = b""
    """SAi_b."""
    offered_policies: tuple[Phase1Policy, ...] = ()
    initiator_nonce: bytes = b""
    responder_nonce: bytes = b""
    initiator_public: bytes = b""
    responder_public: bytes = b""
    initiator_identity: bytes = b""
    """IDii_b."""
    responder_identity: bytes = b""
    """IDir_b."""
    nat_offered: bool = False
    last_received: bytes = b""
    received: set[bytes] = field(default_factory=set)
    last_sent: bytes = b""
    retransmission: Retransmission | None = None
    bad_messages: int = 0
    refused: bool = False
    issuers: tuple[bytes, ...] = ()
    """Authorities that the peer wants certificates of, encoded."""
    proof: Proof | None = None
    """What this side proves itself with."""
    answer: SecurityAssociation | None = None
    """The responder's SA payload."""
    lifetime_shortened: bool = False
    """The responder's lifetime is smaller than what was offered."""

    def forget(self) -> None:
        """The exchange is over for good: keep only what a repetition of the last message is answered with."""
        self.retransmission = self.answer = None
        self.received.clear()
        self.offered_policies, self.issuers, self.proof = (), (), None
        self.offered_sa = self.initiator_identity = self.responder_identity = b""
        self.initiator_nonce = self.responder_nonce = self.initiator_public = self.responder_public = b""


@dataclass(slots=True, eq=False)
class Node:
    """An exchange under an ISAKMP SA, by its message ID."""

    message_id: int
    initiator: bool
    iv: bytes = field(repr=False)
    number: int = 0
    """Counts the nodes of an engine."""
    done: bool = False
    purge_at: float | None = None
    last_received: bytes = b""
    last_sent: bytes = b""
    retransmission: Retransmission | None = None


@dataclass(slots=True, eq=False)
class Transaction(Node):
    """One transaction exchange: a request and its reply, or a set and its acknowledgment."""

    identifier: int = 0


@dataclass(slots=True, eq=False)
class QuickMode(Node):
    """One quick mode exchange."""

    fsm: str = "IKE_QM_READY"
    request: ChildRequest | None = None
    spis: dict[int, bytes] = field(default_factory=dict)
    """This side's inbound SPIs by protocol."""
    peer_spis: dict[int, bytes] = field(default_factory=dict)
    nonce_i: bytes = b""
    nonce_r: bytes = b""
    identities: tuple[bytes, ...] = ()
    """IDci_b and IDcr_b."""
    key_exchange: KeyExchange | None = field(default=None, repr=False)
    child: ChildSa | None = None
