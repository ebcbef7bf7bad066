"""`crypto ikev2 …`: proposals, policies, keyrings, profiles, and what counts for the whole box."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import ClassVar, Final

from iosemu.ike.types import Identity
from iosemu.ikev2.numbers import Encr, IdType, Integ, Prf
from iosemu.ikev2.proposals import IkeProposal
from iosemu.packets.eap import EapType
from iosemu.subjects.crypto.config.flexvpn import Authorization

ENCRYPTIONS: Final = {
    "des": (Encr.DES, 0),
    "3des": (Encr.TRIPLE_DES, 0),
    "aes-cbc-128": (Encr.AES_CBC, 128),
    "aes-cbc-192": (Encr.AES_CBC, 192),
    "aes-cbc-256": (Encr.AES_CBC, 256),
    "aes-gcm-128": (Encr.AES_GCM_16, 128),
    "aes-gcm-256": (Encr.AES_GCM_16, 256),
}
"""Words of `encryption`: cipher and key length in bits."""
INTEGRITIES: Final = {
    "md5": Integ.MD5_96,
    "sha1": Integ.SHA1_96,
    "sha256": Integ.SHA256_128,
    "sha384": Integ.SHA384_192,
    "sha512": Integ.SHA512_256,
}
PRFS: Final = {
    "md5": Prf.MD5,
    "sha1": Prf.SHA1,
    "sha256": Prf.SHA256,
    "sha384": Prf.SHA384,
    "sha512": Prf.SHA512,
}
DEFAULT: Final = "default"
"""Name of the built-in proposal and policy."""
ANY_VRF: Final = "any"
"""`match fvrf any`; no VRF has this name."""
DEFAULT_LIFETIME: Final = 86400
"""Seconds of an IKE SA."""
DEFAULT_MTU: Final = 576
"""Octets of `crypto ikev2 fragmentation` without `mtu`."""


@dataclass
class Ikev2Proposal:
    """`crypto ikev2 proposal NAME`; words as they are typed, in order of preference."""

    name: str
    encryption: tuple[str, ...] = ()
    integrity: tuple[str, ...] = ()
    prf: tuple[str, ...] = ()
    """Empty: as integrity."""
    groups: tuple[int, ...] = ()

    @property
    def combined(self) -> bool:
        """Whether its ciphers authenticate by themselves."""
        return any(word.startswith("aes-gcm") for word in self.encryption)

    @property
    def prfs(self) -> tuple[str, ...]:
        """The pseudorandom functions that count."""
        return self.prf or (() if self.combined else self.integrity)

    @property
    def complete(self) -> bool:
        """Whether it can be offered."""
        checked = bool(self.integrity) or self.combined
        return bool(self.encryption) and checked and bool(self.prfs) and bool(self.groups)

    def suite(self) -> IkeProposal:
        """As the engine sees it."""
        return IkeProposal(
            self.name,
            tuple(ENCRYPTIONS[word] for word in self.encryption),
            () if self.combined else tuple(INTEGRITIES[word] for word in self.integrity),
            tuple(PRFS[word] for word in self.prfs),
            self.groups,
        )


@dataclass
class Ikev2Policy:
    """`crypto ikev2 policy NAME`: which proposals count for which local addresses."""

    name: str
    addresses: list[IPv4Address] = field(default_factory=list)
    """Of `match address local`; empty: any."""
    fvrf: str | None = None
    """`match fvrf any`, or the name of a VRF; None: the default one."""
    proposals: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Secret:
    """A pre-shared key as it was typed."""

    text: str
    encoding: int | None = None
    """0 or 6 where it was typed."""
    hexadecimal: bool = False

    @property
    def octets(self) -> bytes:
        """The key."""
        return bytes.fromhex(self.text) if self.hexadecimal else self.text.encode()

    @property
    def words(self) -> str:
        """As it stands in the configuration."""
        if self.hexadecimal:
            return f"hex {self.text}"
        return f"{self.encoding} {self.text}" if self.encoding is not None else self.text


@dataclass(frozen=True, slots=True)
class NamedIdentity:
    """An identity by its words: `address A`, `fqdn N`, `email N`, `key-id N`, with `domain` where it is a whole one."""

    kind: str
    """address, fqdn, fqdn domain, email, email domain, key-id or any."""
    name: str = ""
    network: IPv4Network | None = None

    @property
    def identity(self) -> Identity:
        """As it is sent."""
        if self.network is not None:
            return Identity.address(self.network.network_address)
        if self.kind == "dn":
            return Identity(int(IdType.DER_ASN1_DN), b"")
        return Identity(ID_TYPES[self.kind], self.name.encode("ascii", "replace"))

    def fits(self, identity: Identity) -> int:
        """How closely it is about a peer's identity; -1: not at all, and a host more than a network or a domain."""
        if self.kind == "any":
            return 0
        if self.network is not None:
            if identity.type != IdType.IPV4_ADDR or len(identity.data) != 4:
                return -1
            return 1 + self.network.prefixlen if IPv4Address(identity.data) in self.network else -1
        word, _, domain = self.kind.partition(" ")
        if word not in ID_TYPES:
            return -1
        if identity.type != ID_TYPES[word]:
            return -1
        said, own = identity.data.decode("ascii", "replace").lower(), self.name.lower()
        if not domain:
            return 33 if said == own else -1
        return 16 if said.endswith((f".{own}", f"@{own}")) else -1


ID_TYPES: Final = {
    "fqdn": int(IdType.FQDN),
    "email": int(IdType.RFC822_ADDR),
    "key-id": int(IdType.KEY_ID),
}


@dataclass
class Ikev2Peer:
    """`peer NAME` in a keyring."""

    name: str
    description: str = ""
    network: IPv4Network | None = None
    hostname: str | None = None
    identity: NamedIdentity | None = None
    key: Secret | None = None
    """For both directions."""
    local_key: Secret | None = None
    remote_key: Secret | None = None

    def secret(self, *, own: bool) -> Secret | None:
        """The key that this side signs with, or that the peer has to have signed with."""
        return (self.local_key if own else self.remote_key) or self.key


@dataclass
class Ikev2Keyring:
    """`crypto ikev2 keyring NAME`."""

    name: str
    peers: dict[str, Ikev2Peer] = field(default_factory=dict)

    def find(
        self, address: IPv4Address, identity: Identity | None, names: dict[str, IPv4Address]
    ) -> Ikev2Peer | None:
        """The block for a peer: by its identity where that is known, else by address, then by name."""
        if identity is not None:
            rated = [(each.identity.fits(identity), each) for each in self.peers.values() if each.identity]
            best = max(rated, key=lambda each: each[0], default=None)
            if best is not None and best[0] >= 0:
                return best[1]
        inside = [
            each for each in self.peers.values() if each.network is not None and address in each.network
        ]
        if inside:
            return max(inside, key=lambda each: each.network.prefixlen if each.network else 0)
        return next(
            (
                each
                for each in self.peers.values()
                if each.hostname and names.get(each.hostname.lower()) == address
            ),
            None,
        )


@dataclass(frozen=True, slots=True)
class Dpd:
    """`dpd INTERVAL RETRY on-demand|periodic`, in seconds."""

    interval: int
    retry: int
    mode: str

    def parts(self) -> dict[str, object]:
        """The values of its syntax."""
        return {"interval": self.interval, "retry": self.retry, "mode": self.mode}


SIGNATURES: Final = ("rsa-sig", "ecdsa-sig")
METHODS: Final = {"pre-share": "PSK", "rsa-sig": "RSA", "ecdsa-sig": "ECDSA", "eap": "EAP"}
"""How the shows call the methods of authentication."""


EAP_METHODS: Final = {
    "ms-chapv2": EapType.MSCHAPV2,
    "md5": EapType.MD5_CHALLENGE,
    "gtc": EapType.GTC,
}
"""Those of a user of this side."""


EAP_TIMEOUT: Final = 90


@dataclass
class Ikev2Profile:
    """`crypto ikev2 profile NAME`: what counts for a peer, known by its identity."""

    name: str
    description: str = ""
    matches: list[NamedIdentity] = field(default_factory=list)
    local_addresses: list[IPv4Address | str] = field(default_factory=list)
    """Of `match address local`: addresses and interfaces; empty: any."""
    fvrf: str | None = None
    identity: NamedIdentity | None = None
    """Of `identity local`; None: the address that is spoken from."""
    remote_methods: list[str] = field(default_factory=list)
    """Of `authentication remote`: pre-share, rsa-sig, ecdsa-sig, eap."""
    query_identity: bool = False
    """`authentication remote eap query-identity`: the user is asked who it is, not taken for its IKE identity."""
    eap_timeout: int = EAP_TIMEOUT
    """`authentication remote eap timeout N`: seconds that a peer may take for its next step."""
    eap_list: str | None = None
    """`aaa authentication eap LIST`: whose servers know the users."""
    remote_key: Secret | None = None
    local_method: str | None = None
    """Of `authentication local`."""
    local_key: Secret | None = None
    """The pre-shared key; with `eap` the user's password."""
    eap_user: str | None = None
    """`authentication local eap … username`."""
    eap_method: str = ""
    """The only one that this side takes; empty: any."""
    keyring: str | None = None
    trustpoints: list[tuple[str, str]] = field(default_factory=list)
    """Of `pki trustpoint`: name, and `sign`, `verify` or nothing."""
    certificate_maps: list[str] = field(default_factory=list)
    """Of `match certificate`."""
    dpd: Dpd | None = None
    lifetime: int = DEFAULT_LIFETIME
    nat_keepalive: int = 0
    authorizations: dict[str, Authorization] = field(default_factory=dict)
    """Of `aaa authorization group`: by `psk`, `cert` or `eap`, as peers prove themselves."""
    ivrf: str | None = None
    """The routing instance of what crypto maps protect; None: that of their interface."""
    virtual_template: int | None = None
    """Of which peers get an interface."""
    virtual_template_auto: bool = False
    """What is protected is as the peer wants: GRE packets, or any."""

    @property
    def complete(self) -> bool:
        """Whether it can be used: it has a match and both methods."""
        matched = bool(self.matches or self.certificate_maps)
        return matched and self.local_method is not None and bool(self.remote_methods)

    def trusted(self, use: str) -> list[str] | None:
        """The trustpoints to `sign` or to `verify` with; None: all."""
        found = [name for name, only in self.trustpoints if only in ("", use)]
        return found or None

    @property
    def signs(self) -> bool:
        """Whether this side proves itself by signatures."""
        return self.local_method in SIGNATURES

    def fits(self, identity: Identity) -> int:
        """How closely it is about a peer's identity; -1: not at all."""
        return max((each.fits(identity) for each in self.matches), default=-1)


@dataclass
class Ikev2Config:
    """Everything under `crypto ikev2`."""

    proposals: dict[str, Ikev2Proposal] = field(default_factory=dict)
    policies: dict[str, Ikev2Policy] = field(default_factory=dict)
    keyrings: dict[str, Ikev2Keyring] = field(default_factory=dict)
    profiles: dict[str, Ikev2Profile] = field(default_factory=dict)
    default_proposal: bool = True
    """False: `no crypto ikev2 proposal default`."""
    default_policy: bool = True
    """False: `no crypto ikev2 policy default`."""
    dpd: Dpd | None = None
    cookie_challenge: int = 0
    """Half-open SAs from which cookies are asked for; 0: never."""
    most_sas: int = 0
    most_negotiating: int = 0
    fragmentation: int = 0
    """Octets of an IP packet from which messages are cut; 0: off."""
    nat_keepalive: int = 0
    window: int = 5
    diagnosed: int = 0
    """`diagnose error N`: errors that are kept; 0: none."""
    http_url: bool = True
    """`crypto ikev2 http-url cert`: peers may say where their certificates are."""
    certificate_cache: int = 0
    """Certificates from URLs that are kept; 0: none."""
    log: bool = False
    """`crypto logging ikev2`."""

    def proposal(self, name: str) -> Ikev2Proposal | None:
        """A proposal that counts, the built-in one included."""
        if name == DEFAULT and name not in self.proposals:
            return default_proposal() if self.default_proposal else None
        return self.proposals.get(name)

    def policy_for(self, local: IPv4Address, fvrf: str = "") -> Ikev2Policy | None:
        """The policy for a local address in a VRF: one that names it, else one for any, else the built-in one."""
        inside = [
            each for each in self.policies.values() if each.fvrf == ANY_VRF or (each.fvrf or "") == fvrf
        ]
        usable = [each for each in inside if self.usable(each)]
        named = [each for each in usable if local in each.addresses]
        open_to_all = [each for each in usable if not each.addresses]
        built_in = [default_policy()] if self.default_policy and DEFAULT not in self.policies else []
        return next(iter([*named, *open_to_all, *built_in]), None)

    def usable(self, policy: Ikev2Policy) -> bool:
        """Whether a policy has a complete proposal."""
        found = [self.proposal(name) for name in policy.proposals]
        return any(each is not None and each.complete for each in found)


def default_proposal() -> Ikev2Proposal:
    """The built-in proposal up to XE 16."""
    hashes = ("sha512", "sha384", "sha256", "sha1", "md5")
    return Ikev2Proposal(DEFAULT, ("aes-cbc-256", "aes-cbc-192", "aes-cbc-128"), hashes, (), (5, 2))


def default_policy() -> Ikev2Policy:
    """The built-in policy."""
    return Ikev2Policy(DEFAULT, fvrf=ANY_VRF, proposals=[DEFAULT])


@dataclass(frozen=True)
class Ikev2Style:
    """How an image prints IKEv2."""

    stem: ClassVar[str] = "ikev2"

    supported: bool = True
    prf_shown: bool = False
    """`PRF: SHA512` stands in `show crypto ikev2 sa`: from 15.5 on."""
    most_negotiating: int = 40
    """SAs that may be in negotiation unless `crypto ikev2 limit` says another number."""
    session_ids_in_debug: bool = False
    """`(SESSION ID = 1,SA ID = 1)` in debug; else `(SA ID = 1)`."""
