"""Steps of a negotiation as `debug crypto isakmp` and `debug crypto ipsec` tell them, reported among the events."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from iosemu.ike.events import Step
from iosemu.ike.proposals import Mismatch
from iosemu.ike.sa_payload import Attribute
from iosemu.ike.types import ChildAnswer, ChildOffer, ChildRequest, Endpoint, Identity, Phase1Policy, Refusal


@dataclass(frozen=True, slots=True)
class SaInserted(Step):
    """A new SA."""

    references: int
    """SAs with this peer, this one among them."""


@dataclass(frozen=True, slots=True)
class PeerUnlocked(Step):
    """An SA that is marked deleted lets go of its peer."""

    reason: str
    references: int
    """SAs that there still are with this peer."""


@dataclass(frozen=True, slots=True)
class SaPurged(Step):
    """A deleted SA is gone from the table."""


@dataclass(frozen=True, slots=True)
class SaAbandoned(Step):
    """An SA was given up before anything was sent."""

    references: int
    """SAs that there still are with this peer."""


@dataclass(frozen=True, slots=True)
class InitializationFailed(Step):
    """`Error while processing SA request: Failed to initialize SA`."""


@dataclass(frozen=True, slots=True)
class ActionFailed(Step):
    """What a state had to do ended with an error."""

    error: int = 2


@dataclass(frozen=True, slots=True)
class PacketSent(Step):
    """`sending packet to`; `exchange` is the exchange type number."""

    exchange: int
    message_id: int
    length: int
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class PacketReceived(Step):
    """`received packet from`; `sa` None: `(N) NEW SA`."""

    local: Endpoint
    peer: Endpoint
    exchange: int
    message_id: int
    length: int
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class StateChange(Step):
    """`Input = major, minor` with `Old State`, `New State`; `node` is a quick mode's message ID or None."""

    major: str
    minor: str
    old: str
    new: str
    node: int | None = None


@dataclass(frozen=True, slots=True)
class ExchangeBegun(Step):
    """`beginning Main Mode exchange`; `message_id` is 0 in phase 1."""

    mode: str
    message_id: int


@dataclass(frozen=True, slots=True)
class KeyLookup(Step):
    """`found peer pre-shared key matching` or `No pre-shared key with`."""

    peer: Endpoint
    found: bool


@dataclass(frozen=True, slots=True)
class NoCredentials(Step):
    """`No Cert or pre-shared address key.`: nothing this side could authenticate with."""

    peer: Endpoint


@dataclass(frozen=True, slots=True)
class PolicyCheck(Step):
    """One offered transform against one policy; `attributes` as (type, value, basic) in wire order."""

    transform: int
    attributes: tuple[tuple[int, int, bool], ...]
    policy: Phase1Policy
    mismatch: Mismatch | None
    next_payload: int


@dataclass(frozen=True, slots=True)
class LifetimeAgreed(Step):
    """`Returning Actual lifetime`, `Started lifetime timer`."""

    seconds: int
    basic: bool


@dataclass(frozen=True, slots=True)
class LifetimeShortened(Step):
    """`processing responder lifetime`: the peer said that its lifetime is the smaller one."""

    seconds: int


@dataclass(frozen=True, slots=True)
class OfferRefused(Step):
    """`no offers accepted!` (phase 1) and `phase N SA policy not acceptable!`."""

    phase: int


@dataclass(frozen=True, slots=True)
class PayloadProcessed(Step):
    """`processing … payload. message ID = …`; `payload` is the payload type number.

    `answer`: of the answer to this side's quick mode, after it was judged.
    """

    payload: int
    message_id: int
    answer: bool = False


@dataclass(frozen=True, slots=True)
class VendorIdReceived(Step):
    """`vendor ID is …`; the name is None for an unknown one. `again`: after the offer was judged."""

    vendor_id: bytes
    name: str | None
    again: bool = False


@dataclass(frozen=True, slots=True)
class VendorIdSent(Step):
    """`constructed … ID`."""

    vendor_id: bytes
    name: str | None


@dataclass(frozen=True, slots=True)
class NatDetection(Step):
    """`No NAT Found for self or peer`, `NAT found, …`."""

    local: bool
    peer: bool


@dataclass(frozen=True, slots=True)
class IdentitySent(Step):
    """`ID payload` that was sent, with protocol, port and the type of the payload after it."""

    identity: Identity
    protocol: int
    port: int
    following: int


@dataclass(frozen=True, slots=True)
class IdentityReceived(Step):
    """`ID payload` that was received, with protocol, port and the type of the payload after it."""

    identity: Identity
    protocol: int
    port: int
    following: int


@dataclass(frozen=True, slots=True)
class ProfileMatched(Step):
    """`peer matches … profile`, or `peer matches *none* of the profiles`."""

    profile: str | None


@dataclass(frozen=True, slots=True)
class InitialContactSent(Step):
    """`Send initial contact`."""


@dataclass(frozen=True, slots=True)
class Authenticated(Step):
    """`SA has been authenticated with`."""


@dataclass(frozen=True, slots=True)
class RequestAttached(Step):
    """`SA is still budding. Attached new ipsec request to it.`"""

    request: ChildRequest


@dataclass(frozen=True, slots=True)
class OutstandingRequest(Step):
    """`SA has outstanding requests`, `sitting IDLE. Starting QM immediately`."""

    request: ChildRequest


@dataclass(frozen=True, slots=True)
class NodeCreated(Step):
    """`set new node … to QM_IDLE`."""

    message_id: int


@dataclass(frozen=True, slots=True)
class NodeDeleted(Step):
    """`deleting node … error … reason "…"`."""

    message_id: int
    error: bool
    reason: str


@dataclass(frozen=True, slots=True)
class NodePurged(Step):
    """`purging node …`."""

    message_id: int


@dataclass(frozen=True, slots=True)
class SpiAllocated(Step):
    """`QM Initiator gets spi`, `QM Responder gets spi`."""

    message_id: int
    spi: int
    initiator: bool


@dataclass(frozen=True, slots=True)
class ProposalCheck(Step):
    """`Checking IPSec proposal n` / `transform n, …`; `attributes` as (type, value, basic) in wire order."""

    message_id: int
    proposal: int
    protocol: int
    transform: int
    identifier: int
    attributes: tuple[tuple[int, int, bool], ...]
    acceptable: bool


@dataclass(frozen=True, slots=True)
class Requested(Step):
    """`IPSEC(sa_request)`: the datapath wants SAs."""

    request: ChildRequest


@dataclass(frozen=True, slots=True)
class RequestRepeated(Step):
    """`IPSEC(key_engine): request timer fired: count = n`: SAs asked for are not there after 30 seconds."""

    request: ChildRequest
    count: int


@dataclass(frozen=True, slots=True)
class OfferJudged(Step):
    """A quick mode offer and what the configuration says to it."""

    offer: ChildOffer
    answer: ChildAnswer | Refusal


@dataclass(frozen=True, slots=True)
class ProposalRefused(Step):
    """`IPSec policy invalidated proposal with error …`."""

    message_id: int
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class NotifySent(Step):
    """`Sending NOTIFY …`."""

    message_id: int
    type: int
    protocol: int
    spi: bytes


@dataclass(frozen=True, slots=True)
class NotifyReceived(Step):
    """`processing NOTIFY …`; not authenticated: `Notify has no hash. Rejected.`"""

    message_id: int
    type: int
    protocol: int
    spi: bytes
    authenticated: bool


@dataclass(frozen=True, slots=True)
class DeleteSent(Step):
    """A delete payload was sent."""

    message_id: int
    protocol: int
    spis: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class DeleteReceived(Step):
    """`processing DELETE payload. message ID = …`."""

    message_id: int
    protocol: int
    spis: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class DeleteNotSent(Step):
    """`ignoring request to send delete notify (no ISAKMP sa)`."""

    local: Endpoint
    peer: Endpoint


@dataclass(frozen=True, slots=True)
class Duplicate(Step):
    """`phase N packet is a duplicate of a previous packet.`"""

    phase: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Retransmitting(Step):
    """`retransmitting phase N …`, `incrementing error counter on sa, attempt n of 5`; attempt 0: none sent."""

    phase: int
    message_id: int
    attempt: int
    limit: int


@dataclass(frozen=True, slots=True)
class ErrorCounted(Step):
    """`incrementing error counter on sa, attempt n of 5: reason`."""

    attempt: int
    limit: int
    reason: str


@dataclass(frozen=True, slots=True)
class DpdReceived(Step):
    """`DPD/R_U_THERE received from peer`, or its acknowledgement."""

    sequence: int
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class DpdSent(Step):
    """`Sending DPD R_U_THERE`; `attempt` counts retries from 0."""

    sequence: int
    attempt: int


@dataclass(frozen=True, slots=True)
class LifetimeExpired(Step):
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
class SignatureStep(Step):
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
class AccessStep(Step):
    """A step of extended authentication or mode config."""

    step: Access
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True)
class TransactionBegun(Step):
    """This side begins a transaction."""

    message_id: int


@dataclass(frozen=True, slots=True)
class TransactionAnswered(Step):
    """This side answers a transaction."""

    message_id: int


@dataclass(frozen=True, slots=True)
class ConfigurationPayload(Step):
    """An attribute payload came."""

    message_id: int
    kind: int
