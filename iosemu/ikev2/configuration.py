"""What the engine asks of a router's configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address
from typing import Protocol

from iosemu.ike.proof import Proof, Verdict
from iosemu.ike.types import ChildRequest, Identity, Phase2Proposal, TrafficSelector
from iosemu.ikev2.payloads import Range
from iosemu.ikev2.proposals import IkeProposal
from iosemu.ikev2.sa import EapSpeaker


@dataclass(frozen=True, slots=True)
class Alternative:
    """One suite of a child SA that a peer offers, with the groups that go with it (none: no fresh exchange)."""

    suite: Phase2Proposal
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ChildOffer:
    """What a peer asks for as a child SA, for the configuration to judge; sides are as this router sees them."""

    local: IPv4Address
    peer: IPv4Address
    profile: str | None
    """The IKEv2 profile that the peer came under."""
    local_ranges: tuple[Range, ...]
    remote_ranges: tuple[Range, ...]
    alternatives: tuple[Alternative, ...]
    fresh: bool
    """The exchange has room for a Diffie-Hellman exchange: it is CREATE_CHILD_SA."""
    identity: Identity | None = None
    """What the peer proved to be."""
    certificate: bytes = b""
    """By this certificate; empty: otherwise."""


class ChildRefusal(Enum):
    """Why a child SA is refused."""

    TS_UNACCEPTABLE = "selectors"
    NO_PROPOSAL_CHOSEN = "proposal"


@dataclass(frozen=True, slots=True)
class ChildAnswer:
    """The accepted offer: which alternative, selectors, group and this side's lifetimes."""

    alternative: int
    local_selector: TrafficSelector
    remote_selector: TrafficSelector
    group: int | None
    lifetime_seconds: int
    lifetime_kilobytes: int
    transport: bool
    """This side would have transport mode."""
    tag: object = None


@dataclass(frozen=True, slots=True)
class Client:
    """A peer that has proved who it is, and asks for its configuration."""

    profile: str
    identity: Identity
    method: str
    """How it proved itself: PSK, RSA, ECDSA or EAP."""
    local: IPv4Address
    peer: IPv4Address
    session: int
    asked: tuple[tuple[int, bytes], ...]
    """The attributes of its CFG_REQUEST."""
    user: str = ""
    """Who it proved to be by EAP."""


@dataclass(frozen=True, slots=True)
class EapAsking:
    """What a peer says by EAP (None: nothing yet, it has only said who it is)."""

    session: int
    profile: str
    identity: Identity
    peer: IPv4Address
    said: bytes | None


@dataclass(frozen=True, slots=True)
class EapStep:
    """What the peer is told; `done`: with that EAP is over."""

    packet: bytes
    done: bool = False
    accepted: bool = False
    key: bytes = b""
    """What the method has made known to both; empty: nothing."""
    user: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a client is told; None of a profile that gives nothing."""

    attributes: tuple[tuple[int, bytes], ...] = ()
    authorized: bool = True
    """False: the client must not come in at all."""
    address: bool = True
    """False: it asked for an address, and there is none."""


@dataclass(frozen=True, slots=True)
class Liveness:
    """`dpd INTERVAL RETRY on-demand|periodic`, in seconds."""

    interval: int
    retry: int
    periodic: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """`crypto ikev2 limit` and `cookie-challenge`; 0: any number, and never."""

    sas: int = 0
    negotiating: int = 0
    cookie_threshold: int = 0


class Configuration(Protocol):
    """Asked anew each time, never cached."""

    def proposals(self, local: IPv4Address) -> Sequence[IkeProposal]:
        """The proposals of the policy for a local address, in order."""
        ...

    def ready(self, profile: str | None) -> bool:
        """Whether a session can be begun under a profile."""
        ...

    def profile_of(
        self, identity: Identity, local: IPv4Address, certificates: Sequence[bytes] = ()
    ) -> str | None:
        """The profile that a peer of this identity, with these certificates, comes under, or None."""
        ...

    def accepts(self, profile: str, identity: Identity, certificates: Sequence[bytes] = ()) -> bool:
        """Whether a profile is about a peer of this identity, with these certificates."""
        ...

    def identity(self, profile: str, local: IPv4Address, proof: Proof | None = None) -> Identity:
        """Who this side says it is; with a certificate, what that says."""
        ...

    def signs(self, profile: str | None) -> bool:
        """Whether this side proves itself by signatures; None: whether any profile has to do with them."""
        ...

    def verifies(self, profile: str, method: str) -> bool:
        """Whether peers of a profile may prove themselves by `PSK`, `RSA` or `ECDSA`."""
        ...

    def proof(self, profile: str, authorities: bytes) -> Proof | None:
        """What this side signs with, best of one of the authorities that the peer names; None: nothing."""
        ...

    def authorities(self, profile: str | None) -> bytes:
        """The authorities whose certificates are believed: SHA-1 of the key of each; None: by any profile."""
        ...

    def believe(
        self, profile: str, certificates: Sequence[bytes], identity: Identity, peer: IPv4Address
    ) -> Verdict:
        """Whether certificates are good, and say that a peer is what it claims."""
        ...

    def http_url(self) -> bool:
        """Whether peers may say where their certificates are."""
        ...

    def fetched(self, digest: bytes, url: str, *, bundle: bool) -> tuple[bytes, ...]:
        """What has a SHA-1 digest and is behind a URL: a certificate, or those of a bundle.

        Nothing where it is not to be had; raises `Postponed` while it is fetched.
        """
        ...

    def asks(self, profile: str, tag: object) -> tuple[tuple[int, bytes], ...]:
        """The configuration that this side asks for, for what `tag` stands for."""
        ...

    def by_eap(self, profile: str) -> bool:
        """Whether this side proves itself by EAP, where it is the initiator."""
        ...

    def eap(self, asking: EapAsking) -> EapStep:
        """The next step of a peer's EAP; `Postponed` while a server is asked."""
        ...

    def eap_timeout(self, profile: str) -> float:
        """Seconds that a peer may take for its next step of EAP."""
        ...

    def eap_peer(self, profile: str) -> EapSpeaker | None:
        """Who speaks for the user of this side; None: there is none."""
        ...

    def grant(self, client: Client) -> Grant:
        """What a client is given; `Postponed` while a server is asked."""
        ...

    def secret(
        self, profile: str, peer: IPv4Address, identity: Identity | None, *, own: bool
    ) -> bytes | None:
        """The pre-shared key that this side signs with (`own`), or that the peer has to have signed with."""
        ...

    def lifetime(self, profile: str) -> int:
        """Seconds of an IKE SA."""
        ...

    def liveness(self, profile: str) -> Liveness | None:
        """Dead peer detection, or None."""
        ...

    def select_child(self, offer: ChildOffer) -> ChildAnswer | ChildRefusal:
        """Judge what a peer asks for."""
        ...

    def admits(self, request: ChildRequest, identity: Identity | None, certificate: bytes) -> bool:
        """Whether child SAs may be made with a peer that proved to be this."""
        ...

    def nat_traversal(self) -> bool:
        """Whether NATs are looked for."""
        ...

    def nat_keepalive(self) -> int:
        """Seconds between NAT keepalives while this side is behind a NAT; 0 is off."""
        ...

    def fragmentation(self) -> int:
        """Octets of an IP packet from which messages are cut (RFC 7383); 0: never."""
        ...

    def limits(self) -> Limits:
        """How many SAs there may be."""
        ...

    def window(self) -> int:
        """Requests that a peer may have under way."""
        ...

    def application_version(self) -> bytes:
        """What this side says that it runs."""
        ...
