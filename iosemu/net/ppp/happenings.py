"""What a PPP link tells its owner: frames to send, and what is worth a line of `debug ppp`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address

from iosemu.net.ppp.automaton import State
from iosemu.packets.lqr import LinkQualityReport
from iosemu.packets.ppp import ControlPacket


class Phase(Enum):
    """RFC 1661 section 3.2, as IOS calls them."""

    DOWN = "DOWN"
    ESTABLISHING = "ESTABLISHING"
    AUTHENTICATING = "AUTHENTICATING"
    UP = "UP"
    TERMINATING = "TERMINATING"


@dataclass(frozen=True, slots=True)
class Passed:
    """A control packet was sent, or came; a sent one is to be put on the line."""

    protocol: int
    packet: ControlPacket
    sent: bool
    state: State | None = None
    """Of its automaton before; None for CHAP and PAP."""


@dataclass(frozen=True, slots=True)
class Reported:
    """A link quality report was made, which is to be put on the line before anything else, or came."""

    report: LinkQualityReport
    sent: bool


@dataclass(frozen=True, slots=True)
class Turned:
    """An automaton's state became another by an event."""

    protocol: int
    event: str
    before: State
    after: State


@dataclass(frozen=True, slots=True)
class Entered:
    """A phase began; `by` says who authenticates."""

    phase: Phase
    by: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """Something else that `debug ppp` tells: `CHAP: Unable to authenticate for peer`."""

    text: str
    authentication: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """Somebody wants in: to be answered by `PppLink.verdict` with the same object."""

    method: str
    """`chap` or `pap`."""
    name: str
    identifier: int
    challenge: bytes = b""
    response: bytes = b""
    """Of CHAP."""
    password: str = ""
    """Of PAP."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """The link is to be one of several: of the bundle to the peer of this name (RFC 1990 section 5.1.3)."""

    name: str


@dataclass(frozen=True, slots=True)
class IpUp:
    """IPCP is open."""

    own: IPv4Address | None
    peer: IPv4Address | None


@dataclass(frozen=True, slots=True)
class IpDown:
    """IPCP is open no longer."""


Happening = Passed | Reported | Turned | Entered | Noted | Check | Bundled | IpUp | IpDown
