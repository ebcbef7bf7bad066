"""What the router's configuration answers to the IKEv2 engine."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Protocol

from iosemu.box.software import version_lines
from iosemu.ike.proof import Proof, Verdict
from iosemu.ike.types import ChildRequest, Identity
from iosemu.ikev2.configuration import (
    ChildAnswer,
    ChildOffer,
    ChildRefusal,
    Client,
    EapAsking,
    EapStep,
    Grant,
    Limits,
    Liveness,
)
from iosemu.ikev2.proposals import IkeProposal
from iosemu.ikev2.sa import EapSpeaker
from iosemu.subjects.crypto.config.ikev2 import (
    ANY_VRF,
    EAP_TIMEOUT,
    METHODS,
    SIGNATURES,
    Ikev2Config,
    Ikev2Peer,
    Ikev2Profile,
    Ikev2Style,
)
from iosemu.subjects.crypto.config.ipsec import IpsecConfig
from iosemu.subjects.crypto.service.addresses import Addresses
from iosemu.subjects.crypto.service.certificates import Certificates, own_identity
from iosemu.subjects.crypto.service.fronts import Fronts
from iosemu.subjects.crypto.service.identities import Identities

if TYPE_CHECKING:
    from iosemu.box.device import Device


CLOSE = 33
"""How closely a certificate map is about a peer: as a host's name."""


class Children(Protocol):
    """Who judges child SAs."""

    def select_ikev2(self, offer: ChildOffer) -> ChildAnswer | ChildRefusal:
        """Judge what a peer asks for."""
        ...


class Clients(Protocol):
    """Who knows what clients ask for and get."""

    def asks(self, profile: str, tag: object) -> tuple[tuple[int, bytes], ...]:
        """The configuration that this side asks for."""
        ...

    def grant(self, client: Client) -> Grant:
        """What a client is given."""
        ...


class EapSide(Protocol):
    """Who speaks EAP."""

    def step(self, asking: EapAsking) -> EapStep:
        """The next step of a peer."""
        ...

    def peer(self, profile: str) -> EapSpeaker | None:
        """Who speaks for the user of this side."""
        ...


class Urls(Protocol):
    """Who fetches certificates."""

    def fetched(self, digest: bytes, url: str, *, bundle: bool) -> tuple[bytes, ...]:
        """What a digest is of; `Postponed` while it is fetched."""
        ...


class Ikev2Configuration:
    """The engine's `Configuration`, read anew each time, so that changes count at once."""

    def __init__(self, device: Device, addresses: Addresses, children: Children, fronts: Fronts) -> None:
        self.device = device
        self.fronts = fronts
        self.addresses = addresses
        self.children = children
        self.certificates = Certificates(device)
        self.identities = Identities(device)
        self.clients: Clients | None = None
        self.eap_servers: EapSide | None = None
        self.urls: Urls | None = None

    @property
    def config(self) -> Ikev2Config:
        """Everything under `crypto ikev2`."""
        return self.device.config.of(Ikev2Config)

    # --- policies ------------------------------------------------------------------------------------

    def proposals(self, local: IPv4Address) -> Sequence[IkeProposal]:
        """The complete proposals of the policy for a local address."""
        policy = self.config.policy_for(local, self.fronts.of(local).name)
        found = [self.config.proposal(name) for name in policy.proposals] if policy is not None else []
        return [each.suite() for each in found if each is not None and each.complete]

    # --- profiles and keys ---------------------------------------------------------------------------

    def complete(self, name: str | None) -> Ikev2Profile | None:
        """A profile that can be used."""
        found = self.config.profiles.get(name) if name is not None else None
        return found if found is not None and found.complete else None

    def ready(self, profile: str | None) -> bool:
        """Whether a profile is complete."""
        return self.complete(profile) is not None

    def profile_of(
        self, identity: Identity, local: IPv4Address, certificates: Sequence[bytes] = ()
    ) -> str | None:
        """The complete profile that is most closely about a peer; of equals the first."""
        best, closest = None, -1
        front = self.fronts.of(local).name
        for each in self.config.profiles.values():
            here = [self.addresses.local_of(where) for where in each.local_addresses]
            inside = each.fvrf == ANY_VRF or (each.fvrf or "") == front
            if not each.complete or not inside or (here and local not in here):
                continue
            fits = self._fits(each, identity, certificates)
            if fits > closest:
                best, closest = each.name, fits
        return best

    def _fits(self, profile: Ikev2Profile, identity: Identity, certificates: Sequence[bytes]) -> int:
        """How closely a profile is about a peer; a certificate map is as close as a host."""
        by_map = any(self.certificates.fits(name, certificates) for name in profile.certificate_maps)
        return max(CLOSE if by_map else -1, profile.fits(identity))

    def accepts(self, profile: str, identity: Identity, certificates: Sequence[bytes] = ()) -> bool:
        """Whether a profile matches an identity, or a certificate."""
        found = self.complete(profile)
        return found is not None and self._fits(found, identity, certificates) >= 0

    def identity(self, profile: str, local: IPv4Address, proof: Proof | None = None) -> Identity:
        """As `identity local` says, else the address; with a certificate its name where that says nothing else."""
        found = self.complete(profile)
        said = found.identity if found is not None else None
        if proof is not None:
            wanted = said.identity if said is not None and said.kind != "dn" else None
            return own_identity(proof.certificates[0], wanted)
        return said.identity if said is not None and said.kind != "dn" else Identity.address(local)

    # --- signatures ----------------------------------------------------------------------------------

    def signs(self, profile: str | None) -> bool:
        """As `authentication local` says; None: whether any profile has to do with certificates."""
        if profile is None:
            return any(
                each.complete and (each.signs or not set(SIGNATURES).isdisjoint(each.remote_methods))
                for each in self.config.profiles.values()
            )
        found = self.complete(profile)
        return found is not None and found.signs

    def verifies(self, profile: str, method: str) -> bool:
        """As `authentication remote` says."""
        found = self.complete(profile)
        return found is not None and method in (METHODS[each] for each in found.remote_methods)

    def proof(self, profile: str, authorities: bytes) -> Proof | None:
        """Of the trustpoints of the profile, else of all; with a key of the kind that `authentication local` says."""
        found = self.complete(profile)
        if found is None or found.local_method not in SIGNATURES:
            return None
        names = found.trusted("sign")
        wanted = [
            each.subject.folded
            for each in self.certificates.issuers(names)
            if hashlib.sha1(each.key_info, usedforsecurity=False).digest() in authorities
        ]
        return self.certificates.proof(names, wanted, curve=found.local_method == "ecdsa-sig")

    def authorities(self, profile: str | None) -> bytes:
        """Those of the profile's trustpoints, else of all."""
        found = self.complete(profile)
        return self.certificates.hashes(found.trusted("verify") if found is not None else None)

    def believe(
        self, profile: str, certificates: Sequence[bytes], identity: Identity, peer: IPv4Address
    ) -> Verdict:
        """As the trustpoints judge."""
        found = self.complete(profile)
        names = found.trusted("verify") if found is not None else None
        return self.certificates.believe(certificates, identity, names, peer)

    def http_url(self) -> bool:
        """Unless `no crypto ikev2 http-url cert`."""
        return self.config.http_url

    def fetched(self, digest: bytes, url: str, *, bundle: bool) -> tuple[bytes, ...]:
        """By HTTP."""
        return self.urls.fetched(digest, url, bundle=bundle) if self.urls is not None else ()

    # --- keys ----------------------------------------------------------------------------------------

    def peer_block(self, profile: str, peer: IPv4Address, identity: Identity | None) -> Ikev2Peer | None:
        """The block of the profile's keyring for a peer."""
        found = self.complete(profile)
        keyring = self.config.keyrings.get(found.keyring) if found is not None and found.keyring else None
        return keyring.find(peer, identity, self.addresses.names()) if keyring is not None else None

    def secret(
        self, profile: str, peer: IPv4Address, identity: Identity | None, *, own: bool
    ) -> bytes | None:
        """The key that stands with `authentication`, else that of the keyring."""
        found = self.complete(profile)
        if found is None:
            return None
        direct = found.local_key if own else found.remote_key
        if direct is not None:
            return direct.octets
        block = self.peer_block(profile, peer, identity)
        secret = block.secret(own=own) if block is not None else None
        return secret.octets if secret is not None else None

    # --- configuration payloads ----------------------------------------------------------------------

    def asks(self, profile: str, tag: object) -> tuple[tuple[int, bytes], ...]:
        """The configuration that this side asks for, for what `tag` stands for."""
        return self.clients.asks(profile, tag) if self.clients is not None else ()

    def by_eap(self, profile: str) -> bool:
        """`authentication local eap`."""
        found = self.complete(profile)
        return found is not None and found.local_method == "eap"

    def eap(self, asking: EapAsking) -> EapStep:
        """As the RADIUS servers of the profile say."""
        return self.eap_servers.step(asking) if self.eap_servers is not None else EapStep(b"", done=True)

    def eap_timeout(self, profile: str) -> float:
        """As `authentication remote eap timeout` says."""
        found = self.complete(profile)
        return float(found.eap_timeout if found is not None else EAP_TIMEOUT)

    def eap_peer(self, profile: str) -> EapSpeaker | None:
        """With the user and the password that stand with `authentication local eap`."""
        return self.eap_servers.peer(profile) if self.eap_servers is not None else None

    def grant(self, client: Client) -> Grant:
        """What a client is given."""
        return self.clients.grant(client) if self.clients is not None else Grant()

    # --- times and limits ----------------------------------------------------------------------------

    def lifetime(self, profile: str) -> int:
        """Seconds of an IKE SA."""
        found = self.complete(profile)
        return found.lifetime if found is not None else Ikev2Profile("").lifetime

    def liveness(self, profile: str) -> Liveness | None:
        """`dpd` of the profile, else of the box."""
        found = self.complete(profile)
        dpd = (found.dpd if found is not None else None) or self.config.dpd
        return Liveness(dpd.interval, dpd.retry, dpd.mode == "periodic") if dpd is not None else None

    @property
    def watches(self) -> bool:
        """Whether any liveness check looks at traffic."""
        config = self.config
        return config.dpd is not None or any(each.dpd is not None for each in config.profiles.values())

    def select_child(self, offer: ChildOffer) -> ChildAnswer | ChildRefusal:
        """As the crypto maps judge."""
        return self.children.select_ikev2(offer)

    def admits(self, request: ChildRequest, identity: Identity | None, certificate: bytes) -> bool:
        """As `set identity` says."""
        return self.identities.admit(request.identity, identity, certificate)

    def nat_traversal(self) -> bool:
        """Unless `no crypto ipsec nat-transparency udp-encapsulation`."""
        return self.device.config.of(IpsecConfig).nat_transparency

    def nat_keepalive(self) -> int:
        """Seconds, 0 for none; the shortest that is configured."""
        config = self.config
        given = [config.nat_keepalive, *(each.nat_keepalive for each in config.profiles.values())]
        return min((each for each in given if each), default=0)

    def fragmentation(self) -> int:
        """Octets of an IP packet, 0: off."""
        return self.config.fragmentation

    def limits(self) -> Limits:
        """As `crypto ikev2 limit` and `cookie-challenge` say."""
        config = self.config
        negotiating = config.most_negotiating or self.device.image.style(Ikev2Style).most_negotiating
        return Limits(config.most_sas, negotiating, config.cookie_challenge)

    def window(self) -> int:
        """Requests that a peer may have under way."""
        return self.config.window

    def application_version(self) -> bytes:
        """The first lines of `show version`."""
        return "\r\n".join(version_lines(self.device)).encode("ascii", "replace")
