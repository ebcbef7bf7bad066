"""What the engine asks of a router's configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Protocol

from iosemu.ike.admission import AdmissionLimits
from iosemu.ike.proof import Proof, Verdict
from iosemu.ike.sa_payload import Attribute
from iosemu.ike.types import (
    ChildAnswer,
    ChildOffer,
    ChildRequest,
    ConfigurationRefused,
    Endpoint,
    Identity,
    Party,
    Phase1Policy,
    Refusal,
)


@dataclass(frozen=True, slots=True)
class ClientAsking:
    """A client that wants its configuration."""

    number: int
    """Of its ISAKMP SA."""
    party: Party
    peer: Endpoint
    identity: Identity
    user: str
    """Empty where nobody asked for it."""
    wanted: tuple[Attribute, ...]
    """Empty where this side begins."""


class Configuration(Protocol):
    """What the engine asks of the router's configuration; asked anew each time, never cached."""

    def policies(self) -> Sequence[Phase1Policy]:
        """Protection suites in order of priority."""
        ...

    def preshared_key(self, party: Party) -> bytes | None:
        """The key for a peer (most specific entry), or None."""
        ...

    def select_child(self, offer: ChildOffer) -> ChildAnswer | Refusal:
        """Judge a quick mode offer by the crypto maps."""
        ...

    def admits(self, request: ChildRequest, identity: Identity | None, certificate: bytes) -> bool:
        """Whether IPsec SAs may be asked for of a peer that proved to be this."""
        ...

    def keepalive(self, profile: str | None = None) -> tuple[int, int, bool] | None:
        """DPD: (interval seconds, retry seconds, periodic), or None when off."""
        ...

    def nat_traversal(self) -> bool:
        """Whether NAT-T is offered."""
        ...

    def fragmentation(self) -> bool:
        """Whether long messages are cut where the peer takes that, too."""
        ...

    def nat_keepalive(self) -> int:
        """Seconds between NAT keepalives while this side is behind a NAT; 0 is off."""
        ...

    def identity(self, party: Party) -> Identity:
        """The phase 1 identity this side sends from a local address."""
        ...

    def identity_key(self, identity: Identity, party: Party) -> bytes | None:
        """The key for the identity an aggressive mode initiator claims, or None."""
        ...

    def profile(self, identity: Identity, party: Party, certificates: Sequence[bytes] = ()) -> str | None:
        """The ISAKMP profile that a peer of this identity, with these certificates, comes under, or None."""
        ...

    def proof(self, party: Party, issuers: Sequence[bytes] = ()) -> Proof | None:
        """What this side signs with, best of one of the authorities that the peer names; None: nothing."""
        ...

    def issuers(self, party: Party) -> Sequence[bytes]:
        """The authorities whose certificates are believed, encoded."""
        ...

    def signer_identity(self, party: Party, proof: Proof) -> Identity:
        """The phase 1 identity that goes with a certificate."""
        ...

    def believe(self, certificates: Sequence[bytes], identity: Identity, party: Party) -> Verdict:
        """Whether certificates are good, and say that a peer is what it claims."""
        ...

    def aggressive_mode(self) -> bool:
        """Whether aggressive mode is answered, and begun where it is asked for."""
        ...

    def admission(self) -> AdmissionLimits:
        """How many SAs there may be."""
        ...

    def has_children(self, peer: IPv4Address) -> bool:
        """Whether IPsec SAs with a peer exist; with any, INITIAL-CONTACT is not sent."""
        ...

    def extends(self, party: Party) -> bool:
        """Whether peers of this kind may be asked for their user after phase 1 (XAUTH)."""
        ...

    def insists(self, party: Party) -> bool:
        """Whether they are asked although they did not offer it."""
        ...

    def pushes(self, party: Party) -> bool:
        """Whether this side gives clients their configuration without being asked."""
        ...

    def grant(self, client: ClientAsking) -> tuple[Attribute, ...] | ConfigurationRefused:
        """What a client is given."""
        ...

    def client_policies(self, party: Party) -> Sequence[Phase1Policy]:
        """The suites that an Easy VPN client offers."""
        ...

    def client_asks(self, party: Party) -> Sequence[Attribute]:
        """What an Easy VPN client asks for: attributes without a value, and the networks behind it."""
        ...


class BaseConfiguration:
    """The defaults of everything in `Configuration` that has one; inherit and override."""

    def policies(self) -> Sequence[Phase1Policy]:
        """No protection suite."""
        return ()

    def preshared_key(self, party: Party) -> bytes | None:
        """No key."""
        return None

    def select_child(self, offer: ChildOffer) -> ChildAnswer | Refusal:
        """No crypto map covers anything."""
        return Refusal.PROXY_MISMATCH

    def admits(self, request: ChildRequest, identity: Identity | None, certificate: bytes) -> bool:
        """Whoever it proved to be."""
        return True

    def keepalive(self, profile: str | None = None) -> tuple[int, int, bool] | None:
        """DPD is off."""
        return None

    def nat_traversal(self) -> bool:
        """NAT-T is on."""
        return True

    def fragmentation(self) -> bool:
        """IP cuts them."""
        return False

    def nat_keepalive(self) -> int:
        """NAT keepalives are off."""
        return 0

    def identity(self, party: Party) -> Identity:
        """The address (`crypto isakmp identity address`)."""
        return Identity.address(party.local)

    def identity_key(self, identity: Identity, party: Party) -> bytes | None:
        """The key of the peer's address."""
        return self.preshared_key(party)

    def profile(self, identity: Identity, party: Party, certificates: Sequence[bytes] = ()) -> str | None:
        """There are no profiles."""
        return None

    def proof(self, party: Party, issuers: Sequence[bytes] = ()) -> Proof | None:
        """No certificate."""
        return None

    def issuers(self, party: Party) -> Sequence[bytes]:
        """No authority."""
        return ()

    def signer_identity(self, party: Party, proof: Proof) -> Identity:
        """As with a key."""
        return self.identity(party)

    def believe(self, certificates: Sequence[bytes], identity: Identity, party: Party) -> Verdict:
        """No certificate is believed."""
        return Verdict()

    def aggressive_mode(self) -> bool:
        """Aggressive mode is answered."""
        return True

    def admission(self) -> AdmissionLimits:
        """Any number."""
        return AdmissionLimits()

    def has_children(self, peer: IPv4Address) -> bool:
        """No IPsec SA is known."""
        return False

    def extends(self, party: Party) -> bool:
        """Users are not asked for."""
        return False

    def insists(self, party: Party) -> bool:
        """Users are not asked for."""
        return False

    def pushes(self, party: Party) -> bool:
        """Clients have to ask."""
        return False

    def grant(self, client: ClientAsking) -> tuple[Attribute, ...] | ConfigurationRefused:
        """Nothing is given."""
        return ConfigurationRefused("no configuration")

    def client_policies(self, party: Party) -> Sequence[Phase1Policy]:
        """There is no client."""
        return ()

    def client_asks(self, party: Party) -> Sequence[Attribute]:
        """There is no client."""
        return ()
