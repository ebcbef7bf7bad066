"""What the engine reports, in order: for the datapath, syslog and counters; `trace` has what debug tells.

Every event has the lab time and `sa`, a snapshot of the SA as it was at that moment (None where no SA exists).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.ike.admission import Denial
from iosemu.ike.sa import IsakmpSa, Role, State
from iosemu.ike.sa_payload import Attribute
from iosemu.ike.types import ChildRequest, ChildSa, Endpoint, Identity


@dataclass(frozen=True, slots=True)
class SaSnapshot:
    """An ISAKMP SA at the moment of an event."""

    conn_id: int
    local: Endpoint
    peer: Endpoint
    role: Role
    state: State
    created: float
    """Lab time at which the exchange began."""
    number: int
    """Counts SAs; no two of an engine have the same."""
    fsm: str
    """The finer state of phase 1."""

    @classmethod
    def of(cls, sa: IsakmpSa) -> SaSnapshot:
        """Take the snapshot."""
        return cls(sa.conn_id, sa.local, sa.peer, sa.role, sa.state, sa.created, sa.number, sa.fsm)


@dataclass(frozen=True, slots=True)
class Event:
    """The base of all events."""

    time: float
    sa: SaSnapshot | None


@dataclass(frozen=True, slots=True)
class Step(Event):
    """The base of what only debug tells (`trace`): reported while somebody wants to know."""


# What the datapath acts upon.


@dataclass(frozen=True, slots=True)
class PhaseOneUp(Event):
    """Phase 1 is complete: the SA is in QM_IDLE."""

    peer_identity: Identity


@dataclass(frozen=True, slots=True)
class PhaseOneDeleted(Event):
    """An ISAKMP SA was deleted; it lingers as `(deleted)` until `SaPurged`."""

    reason: str


@dataclass(frozen=True, slots=True)
class ChildUp(Event):
    """Quick mode made IPsec SAs: install them. The inbound side is usable at once."""

    child: ChildSa


@dataclass(frozen=True, slots=True)
class ChildConfirmed(Event):
    """The responder has the third quick mode message: the outbound side may be used."""

    child: ChildSa


@dataclass(frozen=True, slots=True)
class ChildDeleted(Event):
    """The peer deleted IPsec SAs: `spis` are those of packets towards the peer (its inbound SPIs)."""

    protocol: int
    spis: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RequestFailed(Event):
    """A request came to nothing. `refusal` is the peer's notify number where there was one."""

    request: ChildRequest
    reason: str
    refusal: int | None = None


@dataclass(frozen=True, slots=True)
class PeerDead(Event):
    """DPD got no answer: drop the IPsec SAs with the peer."""


@dataclass(frozen=True, slots=True)
class InitialContact(Event):
    """The peer knows of no earlier SA: drop the IPsec SAs made before under other ISAKMP SAs with it."""


@dataclass(frozen=True, slots=True)
class InvalidSpi(Event):
    """The peer got a packet with an SPI it does not know (INVALID-SPI notify)."""

    protocol: int
    spi: int
    authenticated: bool


# What syslog tells.


@dataclass(frozen=True, slots=True)
class SaDenied(Event):
    """%CRYPTO-4-IKE_DENY_SA_REQ: call admission control lets no further SA in."""

    local: Endpoint
    peer: Endpoint
    incoming: bool
    denial: Denial


@dataclass(frozen=True, slots=True)
class BadMessage(Event):
    """%CRYPTO-4-IKMP_BAD_MESSAGE: a message failed its sanity check; `notify` is RFC 2408's error number."""

    local: Endpoint
    peer: Endpoint
    notify: int
    reason: str


@dataclass(frozen=True, slots=True)
class ModeFailure(Event):
    """%CRYPTO-6-IKMP_MODE_FAILURE: `mode` is Main, Aggressive, Quick or Informational."""

    mode: str
    peer: Endpoint


@dataclass(frozen=True, slots=True)
class NoSa(Event):
    """%CRYPTO-4-IKMP_NO_SA: a message for an SA that does not exist and no initial offer."""

    local: Endpoint
    peer: Endpoint


# What remote access needs of users and AAA.


@dataclass(frozen=True, slots=True)
class UserSaid(Event):
    """The peer says who its user is: `Engine.decide` is to be called with what AAA thinks of it."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UserAsked(Event):
    """The server wants to know the user: `Engine.reply` is to be called with name and password."""

    message: str
    again: bool
    """What was said before was not believed."""


@dataclass(frozen=True, slots=True)
class UserJudged(Event):
    """Extended authentication has come to its end."""

    user: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class ConfigurationReceived(Event):
    """The server has given this side its configuration."""

    client: str
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class AccessReady(Event):
    """User and configuration are settled: quick mode may run."""


@dataclass(frozen=True, slots=True)
class ClientRefused(Event):
    """A client is not given its configuration."""

    reason: str
