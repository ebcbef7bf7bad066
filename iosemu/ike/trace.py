"""Steps of a negotiation as `debug crypto isakmp` and `debug crypto ipsec` tell them, reported among the events."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from iosemu.ike.events import Event
from iosemu.ike.proposals import Mismatch
from iosemu.ike.sa_payload import Attribute
from iosemu.ike.types import ChildAnswer, ChildOffer, ChildRequest, Endpoint, Identity, Phase1Policy, Refusal


@dataclass(frozen=True, slots=True)
class SaInserted(Event):
    """A new SA."""

    references: int
    """SAs with this peer, this one among them."""


@dataclass(frozen=True, slots=True)
class PeerUnlocked(Event):
    """An SA that is marked deleted lets go of its peer."""

    reason: str
    references: int
    """SAs that there still are with this peer."""


@dataclass(frozen=True, slots=True)
class SaPurged(Event):
    """A deleted SA is gone from the table."""


@dataclass(frozen=True, slots=True)
class SaAbandoned(Event):
    """An SA was given up before anything was sent."""

    references: int
    """SAs that there still are with this peer."""


@dataclass(frozen=True, slots=True)
class InitializationFailed(Event):
    """`Error while processing SA request: Failed to initialize SA`."""


@dataclass(frozen=True, slots=True)
class ActionFailed(Event):
    """What a state had to do ended with an error."""

    error: int = 2


@dataclass(frozen=True, slots=True)
class PacketSent(Event):
    """`sending packet to`; `exchange` is the exchange type number."""

    exchange: int
    message_id: int
    length: int
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class PacketReceived(Event):
    """`received packet from`; `sa` None: `(N) NEW SA`."""

    local: Endpoint
    peer: Endpoint
    exchange: int
    message_id: int
    length: int
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class StateChange(Event):
    """`Input = major, minor` with `Old State`, `New State`; `node` is a quick mode's message ID or None."""

    major: str
    minor: str
    old: str
    new: str
    node: int | None = None


@dataclass(frozen=True, slots=True)
class ExchangeBegun(Event):
    """`beginning Main Mode exchange`; `message_id` is 0 in phase 1."""

    mode: str
    message_id: int


@dataclass(frozen=True, slots=True)
class KeyLookup(Event):
    """`found peer pre-shared key matching` or `No pre-shared key with`."""

    peer: Endpoint
    found: bool


@dataclass(frozen=True, slots=True)
class NoCredentials(Event):
    """`No Cert or pre-shared address key.`: nothing this side could authenticate with."""

    peer: Endpoint


@dataclass(frozen=True, slots=True)
class PolicyCheck(Event):
    """One offered transform against one policy; `attributes` as (type, value, basic) in wire order."""

    transform: int
    attributes: tuple[tuple[int, int, bool], ...]
    policy: Phase1Policy
    mismatch: Mismatch | None
    next_payload: int


@dataclass(frozen=True, slots=True)
class LifetimeAgreed(Event):
    """`Returning Actual lifetime`, `Started lifetime timer`."""

    seconds: int
    basic: bool


@dataclass(frozen=True, slots=True)
class LifetimeShortened(Event):
    """`processing responder lifetime`: the peer said that its lifetime is the smaller one."""

    seconds: int


@dataclass(frozen=True, slots=True)
class OfferRefused(Event):
    """`no offers accepted!` (phase 1) and `phase N SA policy not acceptable!`."""

    phase: int


@dataclass(frozen=True, slots=True)
class PayloadProcessed(Event):
    """`processing … payload. message ID = …`; `payload` is the payload type number.

    `answer`: of the answer to this side's quick mode, after it was judged.
    """

    payload: int
    message_id: int
    answer: bool = False


@dataclass(frozen=True, slots=True)
class VendorIdReceived(Event):
    """`vendor ID is …`; the name is None for an unknown one. `again`: after the offer was judged."""

    vendor_id: bytes
    name: str | None
    again: bool = False


@dataclass(frozen=True, slots=True)
class VendorIdSent(Event):
    """`constructed … ID`."""

    vendor_id: bytes
    name: str | None


@dataclass(frozen=True, slots=True)
class NatDetection(Event):
    """`No NAT Found for self or peer`, `NAT found, …`."""

    local: bool
    peer: bool


@dataclass(frozen=True, slots=True)
class IdentitySent(Event):
    """`ID payload` that was sent, with protocol, port and the type of the payload after it."""

    identity: Identity
    protocol: int
    port: int
    following: int


@dataclass(frozen=True, slots=True)
class IdentityReceived(Event):
    """`ID payload` that was received, with protocol, port and the type of the payload after it."""

    identity: Identity
    protocol: int
    port: int
    following: int


@dataclass(frozen=True, slots=True)
class ProfileMatched(Event):
    """`peer matches … profile`, or `peer matches *none* of the profiles`."""

    profile: str | None


@dataclass(frozen=True, slots=True)
class InitialContactSent(Event):
    """`Send initial contact`."""


@dataclass(frozen=True, slots=True)
class Authenticated(Event):
    """`SA has been authenticated with`."""


@dataclass(frozen=True, slots=True)
class RequestAttached(Event):
    """`SA is still budding. Attached new ipsec request to it.`"""

    request: ChildRequest


@dataclass(frozen=True, slots=True)
class OutstandingRequest(Event):
    """`SA has outstanding requests`, `sitting IDLE. Starting QM immediately`."""

    request: ChildRequest


@dataclass(frozen=True, slots=True)
class NodeCreated(Event):
    """`set new node … to QM_IDLE`."""

    message_id: int


@dataclass(frozen=True, slots=True)
class NodeDeleted(Event):
    """`deleting node … error … reason "…"`."""

    message_id: int
    error: bool
    reason: str


@dataclass(frozen=True, slots=True)
class NodePurged(Event):
    """`purging node …`."""

    message_id: int


@dataclass(frozen=True, slots=True)
class SpiAllocated(Event):
    """`QM Initiator gets spi`, `QM Responder gets spi`."""

    message_id: int
    spi: int
    initiator: bool


@dataclass(frozen=True, slots=True)
class ProposalCheck(Event):
    """`Checking IPSec proposal n` / `transform n, …`; `attributes` as (type, value, basic) in wire order."""

    message_id: int
    proposal: int
    protocol: int
    transform: int
    identifier: int
    attributes: tuple[tuple[int, int, bool], ...]
    acceptable: bool


@dataclass(frozen=True, slots=True)
class Requested(Event):
    """`IPSEC(sa_request)`: the datapath wants SAs."""

    request: ChildRequest


@dataclass(frozen=True, slots=True)
class RequestRepeated(Event):
    """`IPSEC(key_engine): request timer fired: count = n`: SAs asked for are not there after 30 seconds."""

    request: ChildRequest
    count: int


@dataclass(frozen=True, slots=True)
class OfferJudged(Event):
    """A quick mode offer and what the configuration says to it."""

    offer: ChildOffer
    answer: ChildAnswer | Refusal


@dataclass(frozen=True, slots=True)
class ProposalRefused(Event):
    """`IPSec policy invalidated proposal with error …`."""

    message_id: int
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class NotifySent(Event):
    """`Sending NOTIFY …`."""

    message_id: int
    type: int
    protocol: int
    spi: bytes


@dataclass(frozen=True, slots=True)
class NotifyReceived(Event):
    """`processing NOTIFY …`; not authenticated: `Notify has no hash. Rejected.`"""

    message_id: int
    type: int
    protocol: int
    spi: bytes
    authenticated: bool


@dataclass(frozen=True, slots=True)
class DeleteSent(Event):
    """A delete payload was sent."""

    message_id: int
    protocol: int
    spis: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class DeleteReceived(Event):
    """`processing DELETE payload. message ID = …`."""

    message_id: int
    protocol: int
    spis: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class DeleteNotSent(Event):
    """`ignoring request to send delete notify (no ISAKMP sa)`."""

    local: Endpoint
    peer: Endpoint


@dataclass(frozen=True, slots=True)
class Duplicate(Event):
    """`phase N packet is a duplicate of a previous packet.`"""

    phase: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Retransmitting(Event):
    """`retransmitting phase N …`, `incrementing error counter on sa, attempt n of 5`; attempt 0: none sent."""

    phase: int
    message_id: int
    attempt: int
    limit: int


@dataclass(frozen=True, slots=True)
class ErrorCounted(Event):
    """`incrementing error counter on sa, attempt n of 5: reason`."""

    attempt: int
    limit: int
    reason: str


@dataclass(frozen=True, slots=True)
class DpdReceived(Event):
    """`DPD/R_U_THERE received from peer`, or its acknowledgement."""

    sequence: int
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class DpdSent(Event):
    """`Sending DPD R_U_THERE`; `attempt` counts retries from 0."""

    sequence: int
    attempt: int


@dataclass(frozen=True, slots=True)
class LifetimeExpired(Event):
    """The phase 1 lifetime is over."""


class Signing(Enum):
    """Steps of an authentication by signatures; what `SignatureStep.value` is then is in brackets."""

    REQUEST_SENT = auto()
    """[the authority, encoded]"""
    REQUEST_RECEIVED = auto()
    """[the authority, encoded]"""
    CHOSEN = auto()
    """[trustpoint]"""
    CERTIFICATE_SENT = auto()
    """[whose it is]"""
    CERTIFICATE_RECEIVED = auto()
    SIGNED = auto()
    """[trustpoint]"""


@dataclass(frozen=True, slots=True)
class SignatureStep(Event):
    """A step of an authentication by signatures."""

    step: Signing
    value: bytes


class Access(Enum):
    """Steps of remote access; what `AccessStep.attributes` are then is in brackets."""

    NEED_XAUTH = auto()
    USER_REQUESTED = auto()
    USER_REPLIED = auto()
    ACKNOWLEDGED = auto()
    REQUEST_CHECKED = auto()
    """[what the peer asks for]"""
    CONFIGURATION_SENT = auto()
    """[what the client is given]"""
    USER_SENT = auto()
    STATUS_RECEIVED = auto()
    """[the status]"""
    NEED_CONFIGURATION = auto()
    CONFIGURATION_RECEIVED = auto()
    """[what the server gives]"""


@dataclass(frozen=True, slots=True)
class AccessStep(Event):
    """A step of extended authentication or mode config."""

    step: Access
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True)
class TransactionBegun(Event):
    """This side begins a transaction."""

    message_id: int


@dataclass(frozen=True, slots=True)
class TransactionAnswered(Event):
    """This side answers a transaction."""

    message_id: int


@dataclass(frozen=True, slots=True)
class ConfigurationPayload(Event):
    """An attribute payload came."""

    message_id: int
    kind: int
