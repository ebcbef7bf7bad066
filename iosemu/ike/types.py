"""The words of IKEv1: assigned numbers, and the values that cross the engine's boundary.

Numbers are those of RFC 2407 (IPsec DOI), RFC 2408 (ISAKMP), RFC 2409 (IKE) appendix A and IANA's
ipsec-registry.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, IntEnum
from ipaddress import IPv4Address, IPv4Network

from iosemu.pki.names import Name


class Encryption(IntEnum):
    """Phase 1 encryption algorithms (attribute 1)."""

    DES = 1
    TRIPLE_DES = 5
    AES = 7


class Hash(IntEnum):
    """Phase 1 hash algorithms (attribute 2)."""

    MD5 = 1
    SHA = 2
    SHA256 = 4
    SHA384 = 5
    SHA512 = 6


class Authentication(IntEnum):
    """Phase 1 authentication methods (attribute 3; draft-beaulieu-ike-xauth-02, 7.2)."""

    PRE_SHARE = 1
    RSA_SIG = 3
    RSA_ENCR = 4
    XAUTH_PRE_SHARE = 65001
    """XAUTHInitPreShared: the initiator says who its user is after phase 1."""
    XAUTH_RSA_SIG = 65005
    """XAUTHInitRSA."""

    @property
    def plain(self) -> Authentication:
        """How phase 1 itself is authenticated."""
        return _PLAIN.get(self, self)

    @property
    def extended(self) -> bool:
        """Whether the user is asked for after phase 1."""
        return self in _PLAIN


_PLAIN = {
    Authentication.XAUTH_PRE_SHARE: Authentication.PRE_SHARE,
    Authentication.XAUTH_RSA_SIG: Authentication.RSA_SIG,
}


class EspTransform(IntEnum):
    """IPsec ESP transform identifiers (RFC 2407, 4.4.4)."""

    DES = 2
    TRIPLE_DES = 3
    NULL = 11
    AES_CBC = 12
    AES_GCM_16 = 20
    AES_GMAC = 23


class AhTransform(IntEnum):
    """IPsec AH transform identifiers (RFC 2407, 4.4.3)."""

    MD5 = 2
    SHA = 3
    SHA256 = 5
    SHA384 = 6
    SHA512 = 7


class AuthAlgorithm(IntEnum):
    """Phase 2 authentication algorithm attribute (RFC 2407, 4.5)."""

    NONE = 0
    HMAC_MD5 = 1
    HMAC_SHA = 2
    HMAC_SHA256 = 5
    HMAC_SHA384 = 6
    HMAC_SHA512 = 7


class ProtocolId(IntEnum):
    """Security protocol identifiers (RFC 2407, 4.4.1)."""

    ISAKMP = 1
    AH = 2
    ESP = 3
    IPCOMP = 4


class Encapsulation(IntEnum):
    """Phase 2 encapsulation modes (RFC 2407, 4.5; RFC 3947, 5.1)."""

    TUNNEL = 1
    TRANSPORT = 2
    UDP_TUNNEL = 3
    UDP_TRANSPORT = 4


class IdType(IntEnum):
    """Identification types (RFC 2407, 4.6.2.1)."""

    IPV4_ADDR = 1
    FQDN = 2
    USER_FQDN = 3
    IPV4_ADDR_SUBNET = 4
    IPV4_ADDR_RANGE = 7
    DER_ASN1_DN = 9
    KEY_ID = 11


@dataclass(frozen=True, slots=True)
class Identity:
    """A phase 1 identity: its type and its data as on the wire (address bytes, or a name in ASCII)."""

    type: int
    data: bytes

    @classmethod
    def address(cls, address: IPv4Address) -> Identity:
        """The identity of type ID_IPV4_ADDR."""
        return cls(IdType.IPV4_ADDR, address.packed)

    @classmethod
    def hostname(cls, name: str) -> Identity:
        """The identity of type ID_FQDN."""
        return cls(IdType.FQDN, name.encode("ascii", "replace"))

    def __str__(self) -> str:
        if self.type == IdType.IPV4_ADDR and len(self.data) == 4:
            return str(IPv4Address(self.data))
        if self.type in (IdType.FQDN, IdType.USER_FQDN, IdType.KEY_ID):
            return self.data.decode("ascii", "replace")
        if self.type == IdType.DER_ASN1_DN:
            try:
                return str(Name.load(self.data))
            except ValueError:
                return self.data.hex()
        return self.data.hex()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A UDP endpoint."""

    address: IPv4Address
    port: int = 500


@dataclass(frozen=True, slots=True)
class Datagram:
    """A UDP payload to send; on port 4500 it already has its non-ESP marker (RFC 3948)."""

    source: Endpoint
    destination: Endpoint
    data: bytes


@dataclass(frozen=True, slots=True)
class Party:
    """Whom an ISAKMP SA is with: the addresses of both ends and the ISAKMP profile, where one applies."""

    local: IPv4Address
    peer: IPv4Address
    profile: str | None = None
    client: str | None = None
    """The Easy VPN client for which this side begins."""


@dataclass(frozen=True, slots=True)
class Phase1Policy:
    """One protection suite, as the engine sees it."""

    priority: int
    encryption: Encryption
    key_bits: int
    """AES key length in bits; 0 for ciphers of fixed length."""
    hash: Hash
    authentication: Authentication
    group: int
    lifetime: int
    """Seconds."""


@dataclass(frozen=True, slots=True)
class TrafficSelector:
    """One side of a proxy identity: network, protocol (0 any) and port (0 any)."""

    network: IPv4Network
    protocol: int = 0
    port: int = 0


@dataclass(frozen=True, slots=True)
class EspSuite:
    """An ESP transform with its authenticator."""

    cipher: EspTransform
    key_bits: int
    """Key length in bits where the transform has a choice (AES), else 0."""
    auth: AuthAlgorithm


@dataclass(frozen=True, slots=True)
class AhSuite:
    """An AH transform."""

    transform: AhTransform


@dataclass(frozen=True, slots=True)
class Phase2Proposal:
    """One transform set as offered: AH, ESP or both, with its mode."""

    esp: EspSuite | None
    ah: AhSuite | None = None
    encapsulation: Encapsulation = Encapsulation.TUNNEL
    """TUNNEL or TRANSPORT; the engine turns it into the UDP form when NAT was found."""


@dataclass(frozen=True, slots=True)
class ChildRequest:
    """Ask for IPsec SAs with a peer: what quick mode will offer."""

    local: IPv4Address
    peer: IPv4Address
    local_selector: TrafficSelector
    remote_selector: TrafficSelector
    proposals: tuple[Phase2Proposal, ...]
    lifetime_seconds: int = 3600
    lifetime_kilobytes: int = 4_608_000
    pfs_group: int | None = None
    tag: object = None
    """Returned in events untouched (the crypto map entry)."""
    aggressive: bool = False
    profile: str | None = None
    """The ISAKMP profile under which phase 1 is made."""
    client: str | None = None
    """The Easy VPN client that asks."""
    identity: str | None = None
    """The crypto identity that the peer has to fit."""


@dataclass(frozen=True, slots=True)
class ConfigurationRefused:
    """A client gets no configuration."""

    reason: str


@dataclass(frozen=True, slots=True)
class ChildOffer:
    """What a peer offered in quick mode, for the configuration to judge."""

    local: IPv4Address
    peer: IPv4Address
    local_selector: TrafficSelector
    remote_selector: TrafficSelector
    proposals: tuple[Phase2Proposal, ...]
    lifetime_seconds: int
    lifetime_kilobytes: int
    pfs_group: int | None
    profile: str | None = None
    """The ISAKMP profile that phase 1 came under."""
    identity: Identity | None = None
    """What the peer proved to be in phase 1."""
    certificate: bytes = b""
    """By this certificate; empty: by a key."""


class Refusal(Enum):
    """Why a phase 2 offer is refused; debug and notify depend on it."""

    PROXY_MISMATCH = "proxy identities not supported"
    TRANSFORM_MISMATCH = "transform proposal not supported"
    PFS_MISMATCH = "PFS group differs"


@dataclass(frozen=True, slots=True)
class ChildAnswer:
    """The accepted offer: which proposal (index into the offer's) and this side's lifetimes."""

    proposal: int
    lifetime_seconds: int
    lifetime_kilobytes: int
    tag: object = None


@dataclass(frozen=True, slots=True)
class ChildKeys:
    """One direction of one IPsec SA: everything the datapath needs (RFC 2409, 5.5)."""

    protocol: ProtocolId
    spi: int
    source: IPv4Address
    destination: IPv4Address
    encryption_key: bytes = field(repr=False)
    """Empty for AH; with AES-GCM/GMAC the 4-byte salt follows the key (RFC 4106)."""
    authentication_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChildSa:
    """A finished quick mode: a pair of SAs (two pairs where AH and ESP were combined)."""

    local: Endpoint
    peer: Endpoint
    local_selector: TrafficSelector
    remote_selector: TrafficSelector
    proposal: Phase2Proposal
    """With the encapsulation that was negotiated (UDP forms included)."""
    inbound: tuple[ChildKeys, ...]
    outbound: tuple[ChildKeys, ...]
    lifetime_seconds: int
    lifetime_kilobytes: int
    pfs_group: int | None
    initiator: bool
    conn_id: int
    """The ISAKMP SA it was made under."""
    tag: object = None
