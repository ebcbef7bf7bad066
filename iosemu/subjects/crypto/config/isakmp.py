"""`crypto isakmp …`: protection suites, pre-shared keys, keepalives."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv4Network
from typing import ClassVar

from iosemu.ike.types import Authentication, Encryption, Hash, Phase1Policy
from iosemu.subjects.crypto.config.isakmp_profile import IsakmpPeer, IsakmpProfile
from iosemu.subjects.crypto.config.keepalive import Keepalive
from iosemu.subjects.crypto.config.keyring import Keyring, PresharedKey
from iosemu.subjects.crypto.config.remote_access import ClientGroup


class PolicyEncryption(Enum):
    """What `encryption` chooses: the algorithm and, for AES, its key length in bits."""

    DES = (Encryption.DES, 0)
    TRIPLE_DES = (Encryption.TRIPLE_DES, 0)
    AES_128 = (Encryption.AES, 128)
    AES_192 = (Encryption.AES, 192)
    AES_256 = (Encryption.AES, 256)


DEFAULT_LIFETIME = 86400
"""Seconds of an ISAKMP SA."""


@dataclass
class Policy:
    """One protection suite; the lowest priority number is tried first."""

    priority: int
    encryption: PolicyEncryption = PolicyEncryption.DES
    hash: Hash = Hash.SHA
    authentication: Authentication = Authentication.RSA_SIG
    group: int = 1
    lifetime: int = DEFAULT_LIFETIME

    def suite(self) -> Phase1Policy:
        """As the IKE engine sees it."""
        algorithm, bits = self.encryption.value
        return Phase1Policy(
            self.priority, algorithm, bits, self.hash, self.authentication, self.group, self.lifetime
        )


class Identity(Enum):
    """`crypto isakmp identity`: what phase 1 identifies this router by."""

    ADDRESS = "address"
    HOSTNAME = "hostname"
    DN = "dn"


@dataclass
class IsakmpConfig:
    """Everything under `crypto isakmp`."""

    enabled: bool = True
    policies: dict[int, Policy] = field(default_factory=dict)
    keys: list[PresharedKey] = field(default_factory=list)
    keepalive: Keepalive | None = None
    identity: Identity = Identity.ADDRESS
    nat_keepalive: int = 0
    """Seconds between NAT keepalives; 0: none."""
    aggressive_disabled: bool = False
    keyrings: dict[str, Keyring] = field(default_factory=dict)
    profiles: dict[str, IsakmpProfile] = field(default_factory=dict)
    peers: dict[IPv4Address, IsakmpPeer] = field(default_factory=dict)
    invalid_spi_recovery: bool = False
    fragmentation: bool = False
    """Messages are cut by IKE, not by IP, where the peer takes that, too."""
    sa_limit: int = 0
    """`crypto call admission limit ike sa`: established SAs at which no further one is begun; 0: none."""
    negotiating_limit: int | None = None
    """`crypto call admission limit ike in-negotiation-sa`; None: what the image has by default."""
    log_sessions: bool = False
    """`crypto logging session`: say when a tunnel comes up or goes down."""
    groups: dict[str, ClientGroup] = field(default_factory=dict)
    """`crypto isakmp client configuration group`."""
    address_pool: str | None = None
    """`crypto isakmp client configuration address-pool local`: of clients whose group has none."""
    log_clients: bool = False
    """`crypto logging ezvpn`: say when a client comes and goes."""

    def policy(self, priority: int) -> Policy:
        """The suite of that priority, made when new; suites stay in order of priority."""
        if priority not in self.policies:
            self.policies[priority] = Policy(priority)
            self.policies = dict(sorted(self.policies.items()))
        return self.policies[priority]

    def add_key(self, key: PresharedKey) -> bool:
        """Keep a key; False when its peer has one already."""
        if any(each.peer == key.peer for each in self.keys):
            return False
        self.keys.append(key)
        return True

    def remove_key(self, peer: IPv4Network | str) -> bool:
        """Forget the key of a peer; False when there is none."""
        kept = [key for key in self.keys if key.peer != peer]
        removed = len(kept) != len(self.keys)
        self.keys = kept
        return removed


@dataclass(frozen=True)
class IsakmpStyle:
    """How an image prints and defaults ISAKMP."""

    stem: ClassVar[str] = "isakmp"

    heading: bool = True
    """`IPv4 Crypto ISAKMP SA` above and `IPv6 Crypto ISAKMP SA` below the table."""
    ipv6_heading: bool = True
    slot_column: bool = False
    first_conn_id: int = 1001
    policy_tabs: bool = True
    """Labels of `show crypto isakmp policy` are followed by tabs; else by spaces."""
    default_suite: bool = False
    """The lowest-priority suite DES/SHA/RSA-sig/#1 is listed and usable."""
    builtin_policies: bool = True
    """Suites 65507-65514 are used while no policy is configured."""
    pad_key_address: bool = True
    """Running-config pads the address of a key to 15 columns."""
    groups: tuple[int, ...] = (1, 2, 5, 14, 15, 16, 19, 20, 21, 24)
    session_ike_label: str = "IKEv1 SA"
    session_id: bool = True
    """`Session ID: 0` in `show crypto session`."""
    debug_prefixes: str = "12.4T"
    """How `debug crypto isakmp` begins its lines: 12.4 (mainline), 12.4T (to 15.4) or 15.6 (and XE)."""
    debug_proxies: str = "/256/0"
    """What follows the protocol of a network in `debug crypto ipsec`; older: `/0 (type=4)`."""
    negotiating_limit: int = 1000
    """SAs that may be in negotiation unless `crypto call admission limit` says another number."""
    boot_message: bool = True
    """`ISAKMP is OFF` is said at power on."""


def default_suite() -> Policy:
    """DES, SHA, RSA signatures, group 1: what IOS before 12.4(20)T appends to the list."""
    return Policy(65535)


def builtin_policies() -> list[Policy]:
    """The suites 65507 to 65514 that newer IOS uses while none is configured."""
    suites = [(PolicyEncryption.AES_128, Hash.SHA, 5), (PolicyEncryption.AES_128, Hash.MD5, 5)]
    suites += [(PolicyEncryption.TRIPLE_DES, Hash.SHA, 2), (PolicyEncryption.TRIPLE_DES, Hash.MD5, 2)]
    methods = (Authentication.RSA_SIG, Authentication.PRE_SHARE)
    rows = [(*suite, method) for suite in suites for method in methods]
    return [
        Policy(65507 + index, encryption, digest, method, group)
        for index, (encryption, digest, group, method) in enumerate(rows)
    ]
