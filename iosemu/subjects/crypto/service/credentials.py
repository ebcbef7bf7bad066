"""What the router's configuration answers to the IKE engine about phase 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Protocol

from iosemu.box.system import SystemConfig
from iosemu.ike.admission import AdmissionLimits
from iosemu.ike.configuration import BaseConfiguration, ClientAsking
from iosemu.ike.proof import Proof, Verdict
from iosemu.ike.sa_payload import Attribute
from iosemu.ike.types import (
    ChildAnswer,
    ChildOffer,
    ChildRequest,
    ConfigurationRefused,
    Identity,
    IdType,
    Party,
    Phase1Policy,
    Refusal,
)
from iosemu.pki.names import Name
from iosemu.subjects.crypto.config.ipsec import IpsecConfig
from iosemu.subjects.crypto.config.isakmp import Identity as IdentityKind
from iosemu.subjects.crypto.config.isakmp import IsakmpConfig, IsakmpStyle, builtin_policies, default_suite
from iosemu.subjects.crypto.config.isakmp_profile import IsakmpProfile
from iosemu.subjects.crypto.config.keepalive import Keepalive
from iosemu.subjects.crypto.config.keyring import Keyring, PresharedKey, best_key
from iosemu.subjects.crypto.service.addresses import Addresses
from iosemu.subjects.crypto.service.certificates import Certificates, own_identity
from iosemu.subjects.crypto.service.client_suites import CLIENT_POLICIES
from iosemu.subjects.crypto.service.fronts import Fronts
from iosemu.subjects.crypto.service.identities import Identities

if TYPE_CHECKING:
    from iosemu.box.device import Device


def named_identity(words: str) -> Identity:
    """The identity that `fqdn NAME`, `user-fqdn NAME` or `ipv4-address A` stands for."""
    kind, _, value = words.partition(" ")
    if kind == "ipv4-address":
        return Identity.address(IPv4Address(value))
    number = IdType.USER_FQDN if kind == "user-fqdn" else IdType.FQDN
    return Identity(number, value.encode("ascii", "replace"))


class Children(Protocol):
    """Who judges phase 2."""

    def select_child(self, offer: ChildOffer) -> ChildAnswer | Refusal:
        """Judge a quick mode offer."""
        ...

    def has_children(self, peer: IPv4Address) -> bool:
        """Whether IPsec SAs with a peer exist."""
        ...


class Clients(Protocol):
    """Who knows Easy VPN clients that come."""

    def extends(self, party: Party) -> bool:
        """Whether peers of this kind may be asked for their user."""
        ...

    def insists(self, party: Party) -> bool:
        """Whether they are asked although they did not offer it."""
        ...

    def pushes(self, party: Party) -> bool:
        """Whether they are given their configuration without being asked."""
        ...

    def key(self, identity: Identity, party: Party) -> bytes | None:
        """The key of the group that a client claims."""
        ...

    def grant(self, asking: ClientAsking) -> tuple[Attribute, ...] | ConfigurationRefused:
        """What a client is given."""
        ...


class Connections(Protocol):
    """Who knows the Easy VPN clients of this box."""

    def key(self, name: str) -> bytes | None:
        """The key of a client's group."""
        ...

    def identity(self, name: str) -> Identity:
        """The group as an identity."""
        ...

    def asks(self, name: str) -> Sequence[Attribute]:
        """The attributes that a client wants."""
        ...


class Credentials(BaseConfiguration):
    """The IKE engine's `Configuration`: keys, identities, profiles; what is about phase 2 is asked of `children`.

    Read anew each time, so that changes count at once.
    """

    def __init__(self, device: Device, addresses: Addresses, children: Children, fronts: Fronts) -> None:
        self.device = device
        self.addresses = addresses
        self.children = children
        self.certificates = Certificates(device)
        self.identities = Identities(device)
        self.clients: Clients | None = None
        self.connections: Connections | None = None
        self.fronts = fronts

    # --- phase 2 -------------------------------------------------------------------------------------

    def select_child(self, offer: ChildOffer) -> ChildAnswer | Refusal:
        """As the crypto maps judge."""
        return self.children.select_child(offer)

    def admits(self, request: ChildRequest, identity: Identity | None, certificate: bytes) -> bool:
        """As `set identity` says."""
        return self.identities.admit(request.identity, identity, certificate)

    def has_children(self, peer: IPv4Address) -> bool:
        """Whether any pair of SAs with the peer is installed."""
        return self.children.has_children(peer)

    # --- suites --------------------------------------------------------------------------------------

    def policies(self) -> Sequence[Phase1Policy]:
        """The configured suites by priority, then what the image has built in."""
        style = self.device.image.style(IsakmpStyle)
        suites = list(self.device.config.of(IsakmpConfig).policies.values())
        if not suites and style.builtin_policies:
            suites = builtin_policies()
        if style.default_suite:
            suites.append(default_suite())
        return [suite.suite() for suite in suites]

    # --- keys ----------------------------------------------------------------------------------------

    def keyrings(self, party: Party) -> Iterator[Keyring]:
        """The keyrings that count, of the peer's VRF: those of the profile, else all for the local address."""
        front = self.fronts.of(party.local, party.peer).name
        isakmp = self.device.config.of(IsakmpConfig)
        profile = isakmp.profiles.get(party.profile) if party.profile is not None else None
        if profile is not None and profile.keyrings:
            chosen = [isakmp.keyrings[name] for name in profile.keyrings if name in isakmp.keyrings]
        elif profile is not None:
            chosen = [Keyring("default", keys=isakmp.keys)]
        elif party.profile is not None:
            chosen = []  # a map names a profile that comes later
        else:
            chosen = [Keyring("default", keys=isakmp.keys), *isakmp.keyrings.values()]
        for keyring in chosen:
            if keyring.vrf != front:
                continue
            if keyring.local_address is None or self.addresses.local_of(keyring.local_address) == party.local:
                yield keyring

    def key_entry(self, party: Party) -> PresharedKey | None:
        """The most specific key in the keyrings that count."""
        keys = [key for keyring in self.keyrings(party) for key in keyring.keys]
        return best_key(keys, party.peer, self.addresses.names())

    def preshared_key(self, party: Party) -> bytes | None:
        """The password of `crypto isakmp peer`, else the most specific key."""
        if party.client is not None and self.connections is not None:
            return self.connections.key(party.client)
        peer = self.device.config.of(IsakmpConfig).peers.get(party.peer)
        if peer is not None and peer.aggressive and peer.password is not None:
            return peer.password.encode()
        key = self.key_entry(party)
        return key.secret.encode() if key is not None else None

    def identity_key(self, identity: Identity, party: Party) -> bytes | None:
        """A key for the host name that was claimed, else that of the peer's address."""
        if identity.type == IdType.KEY_ID:
            return self.clients.key(identity, party) if self.clients is not None else None
        for keyring in self.keyrings(party):
            for key in keyring.keys:
                if key.hostname and key.hostname.lower() == str(identity).lower():
                    return key.secret.encode()
        return self.preshared_key(party)

    # --- identities and profiles ---------------------------------------------------------------------

    def _profile(self, name: str | None) -> IsakmpProfile | None:
        return self.device.config.of(IsakmpConfig).profiles.get(name) if name is not None else None

    def _fqdn(self) -> str:
        domain = self.device.config.of(SystemConfig).domain_name
        return f"{self.device.hostname}.{domain}" if domain else self.device.hostname

    def identity(self, party: Party) -> Identity:
        """As `self-identity` of the profile, `crypto isakmp peer` or `crypto isakmp identity` says."""
        if party.client is not None and self.connections is not None:
            return self.connections.identity(party.client)
        peer = self.device.config.of(IsakmpConfig).peers.get(party.peer)
        if peer is not None and peer.aggressive and peer.endpoint is not None:
            return named_identity(peer.endpoint)
        profile = self._profile(party.profile)
        words = profile.self_identity if profile is not None else None
        if words is None:
            named = self.device.config.of(IsakmpConfig).identity is IdentityKind.HOSTNAME
            words = "fqdn" if named else "address"
        if words == "address":
            return Identity.address(party.local)
        return Identity.hostname(self._fqdn()) if words == "fqdn" else named_identity(words)

    def profile(self, identity: Identity, party: Party, certificates: Sequence[bytes] = ()) -> str | None:
        """The first profile that matches a peer's identity, or certificate, on this local address."""
        if party.client is not None:
            return None
        front = self.fronts.of(party.local, party.peer).name
        for profile in self.device.config.of(IsakmpConfig).profiles.values():
            if (
                profile.local_address is not None
                and self.addresses.local_of(profile.local_address) != party.local
            ):
                continue
            by_map = any(self.certificates.fits(name, certificates) for name in profile.certificate_maps)
            if by_map or any(match.about(front) and match.matches(identity) for match in profile.matches):
                return profile.name
        return None

    def aggressive_mode(self) -> bool:
        """Answered unless `crypto isakmp aggressive-mode disable`."""
        return not self.device.config.of(IsakmpConfig).aggressive_disabled

    def admission(self) -> AdmissionLimits:
        """As `crypto call admission limit ike` says, else what the image has by default."""
        isakmp = self.device.config.of(IsakmpConfig)
        negotiating = isakmp.negotiating_limit
        if negotiating is None:
            negotiating = self.device.image.style(IsakmpStyle).negotiating_limit
        return AdmissionLimits(isakmp.sa_limit, negotiating)

    # --- certificates --------------------------------------------------------------------------------

    def _trustpoints(self, party: Party) -> Sequence[str] | None:
        profile = self._profile(party.profile)
        return profile.trustpoints or None if profile is not None else None

    def proof(self, party: Party, issuers: Sequence[bytes] = ()) -> Proof | None:
        """Of the trustpoints of the profile, else of all."""
        folded = []
        for each in issuers:
            try:
                folded.append(Name.load(each).folded)
            except ValueError:
                continue
        return self.certificates.proof(self._trustpoints(party), folded)

    def issuers(self, party: Party) -> Sequence[bytes]:
        """The authorities of the trustpoints of the profile, else of all."""
        return [each.subject_der for each in self.certificates.issuers(self._trustpoints(party))]

    def signer_identity(self, party: Party, proof: Proof) -> Identity:
        """As `self-identity` or `crypto isakmp identity` says, where the certificate says the same."""
        profile = self._profile(party.profile)
        named = profile is not None and profile.self_identity is not None
        if not named and self.device.config.of(IsakmpConfig).identity is IdentityKind.DN:
            return own_identity(proof.certificates[0], None)
        return own_identity(proof.certificates[0], self.identity(party))

    def believe(self, certificates: Sequence[bytes], identity: Identity, party: Party) -> Verdict:
        """As the trustpoints judge."""
        return self.certificates.believe(certificates, identity, self._trustpoints(party), party.peer)

    # --- remote access -------------------------------------------------------------------------------

    def extends(self, party: Party) -> bool:
        """As the crypto map or the profile says."""
        return self.clients is not None and self.clients.extends(party)

    def insists(self, party: Party) -> bool:
        """Unless its key says `no-xauth`."""
        return self.clients is not None and self.clients.insists(party)

    def pushes(self, party: Party) -> bool:
        """As `client configuration address initiate` says."""
        return self.clients is not None and self.clients.pushes(party)

    def grant(self, client: ClientAsking) -> tuple[Attribute, ...] | ConfigurationRefused:
        """As the group says."""
        return self.clients.grant(client) if self.clients is not None else ()

    def client_policies(self, party: Party) -> Sequence[Phase1Policy]:
        """Those that every client has."""
        return CLIENT_POLICIES

    def client_asks(self, party: Party) -> Sequence[Attribute]:
        """As the mode of the client says."""
        if party.client is None or self.connections is None:
            return ()
        return self.connections.asks(party.client)

    # --- timers --------------------------------------------------------------------------------------

    def keepalive(self, profile: str | None = None) -> tuple[int, int, bool] | None:
        """DPD as the profile, else `crypto isakmp keepalive` says."""
        found = self._profile(profile)
        keepalive: Keepalive | None = found.keepalive if found is not None else None
        keepalive = keepalive or self.device.config.of(IsakmpConfig).keepalive
        return (keepalive.interval, keepalive.retry, keepalive.periodic) if keepalive is not None else None

    def nat_traversal(self) -> bool:
        """Offered unless `no crypto ipsec nat-transparency udp-encapsulation`."""
        return self.device.config.of(IpsecConfig).nat_transparency

    def fragmentation(self) -> bool:
        """As `crypto isakmp fragmentation` says."""
        return self.device.config.of(IsakmpConfig).fragmentation

    def nat_keepalive(self) -> int:
        """Seconds, 0 for none."""
        return self.device.config.of(IsakmpConfig).nat_keepalive
