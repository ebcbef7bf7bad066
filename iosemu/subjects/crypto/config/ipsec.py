"""`crypto ipsec …`: transform sets, lifetimes, replay window, NAT transparency."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar

from iosemu.ike.types import (
    AhSuite,
    AhTransform,
    AuthAlgorithm,
    Encapsulation,
    EspSuite,
    EspTransform,
    Phase2Proposal,
)


class Mode(Enum):
    """`mode tunnel` or `mode transport`."""

    TUNNEL = Encapsulation.TUNNEL
    TRANSPORT = Encapsulation.TRANSPORT


ESP_CIPHERS: dict[str, tuple[EspTransform, int]] = {
    "esp-des": (EspTransform.DES, 0),
    "esp-3des": (EspTransform.TRIPLE_DES, 0),
    "esp-aes": (EspTransform.AES_CBC, 128),
    "esp-aes 128": (EspTransform.AES_CBC, 128),
    "esp-aes 192": (EspTransform.AES_CBC, 192),
    "esp-aes 256": (EspTransform.AES_CBC, 256),
    "esp-gcm": (EspTransform.AES_GCM_16, 128),
    "esp-gcm 128": (EspTransform.AES_GCM_16, 128),
    "esp-gcm 192": (EspTransform.AES_GCM_16, 192),
    "esp-gcm 256": (EspTransform.AES_GCM_16, 256),
    "esp-gmac": (EspTransform.AES_GMAC, 128),
    "esp-gmac 128": (EspTransform.AES_GMAC, 128),
    "esp-gmac 192": (EspTransform.AES_GMAC, 192),
    "esp-gmac 256": (EspTransform.AES_GMAC, 256),
    "esp-null": (EspTransform.NULL, 0),
}
"""Words of a transform set that choose the ESP cipher: transform and key length in bits."""

ESP_AUTHENTICATORS: dict[str, AuthAlgorithm] = {
    "esp-md5-hmac": AuthAlgorithm.HMAC_MD5,
    "esp-sha-hmac": AuthAlgorithm.HMAC_SHA,
    "esp-sha256-hmac": AuthAlgorithm.HMAC_SHA256,
    "esp-sha384-hmac": AuthAlgorithm.HMAC_SHA384,
    "esp-sha512-hmac": AuthAlgorithm.HMAC_SHA512,
}

AH_TRANSFORMS: dict[str, AhTransform] = {
    "ah-md5-hmac": AhTransform.MD5,
    "ah-sha-hmac": AhTransform.SHA,
    "ah-sha256-hmac": AhTransform.SHA256,
    "ah-sha384-hmac": AhTransform.SHA384,
    "ah-sha512-hmac": AhTransform.SHA512,
}

COMBINED = (EspTransform.AES_GCM_16, EspTransform.AES_GMAC)
"""Ciphers that authenticate by themselves."""


class TransformError(ValueError):
    """A combination of transforms that IOS does not accept; the text says why."""


@dataclass
class TransformSet:
    """`crypto ipsec transform-set NAME TRANSFORMS`: at most one AH, one ESP cipher, one ESP authenticator."""

    name: str
    transforms: tuple[str, ...] = ()
    """Canonical words as they stand in the configuration: `esp-aes 256`, `esp-sha-hmac`."""
    mode: Mode = Mode.TUNNEL

    def proposal(self) -> Phase2Proposal:
        """As the IKE engine offers it."""
        return proposal_of(self.transforms, self.mode)


def proposal_of(transforms: tuple[str, ...], mode: Mode = Mode.TUNNEL) -> Phase2Proposal:
    """What transforms add up to; raises TransformError when they do not go together."""
    ciphers = [ESP_CIPHERS[word] for word in transforms if word in ESP_CIPHERS]
    authenticators = [ESP_AUTHENTICATORS[word] for word in transforms if word in ESP_AUTHENTICATORS]
    headers = [AH_TRANSFORMS[word] for word in transforms if word in AH_TRANSFORMS]
    if "comp-lzs" in transforms:
        raise TransformError("ERROR: comp-lzs is not supported by the crypto hardware")
    if "esp-seal" in transforms:
        raise TransformError("ERROR: esp-seal is not supported by the crypto hardware")
    if max(len(ciphers), len(authenticators), len(headers)) > 1:
        raise TransformError("ERROR: only one transform of each kind may be in a transform set")
    if not ciphers and not headers:
        raise TransformError("ERROR: a transform set needs an ESP cipher or an AH transform")
    auth = authenticators[0] if authenticators else AuthAlgorithm.NONE
    if authenticators and not ciphers:
        raise TransformError("ERROR: an ESP authenticator needs an ESP cipher (esp-null for none)")
    if ciphers and ciphers[0][0] in COMBINED and authenticators:
        raise TransformError("ERROR: this ESP cipher authenticates by itself")
    if ciphers and ciphers[0][0] is EspTransform.NULL and not authenticators and not headers:
        raise TransformError("ERROR: esp-null needs an authenticator")
    esp = EspSuite(ciphers[0][0], ciphers[0][1], auth) if ciphers else None
    return Phase2Proposal(esp, AhSuite(headers[0]) if headers else None, mode.value)


def transform_names(proposal: Phase2Proposal) -> list[str]:
    """The names shows use, the key size in the middle: `esp-256-aes`, `esp-sha-hmac`."""
    names = []
    if proposal.ah is not None:
        names += [word for word, each in AH_TRANSFORMS.items() if each is proposal.ah.transform]
    if proposal.esp is not None:
        names.append(cipher_name(proposal.esp))
        names += [word for word, each in ESP_AUTHENTICATORS.items() if each is proposal.esp.auth]
    return names


def transform_words(proposal: Phase2Proposal) -> list[str]:
    """The words that configure it, which debug prints: `esp-aes 256`, `esp-sha-hmac`."""
    names = []
    if proposal.ah is not None:
        names += [word for word, each in AH_TRANSFORMS.items() if each is proposal.ah.transform]
    if proposal.esp is not None:
        suite = (proposal.esp.cipher, proposal.esp.key_bits)
        names.append(next(word for word, each in ESP_CIPHERS.items() if each == suite))
        names += [word for word, each in ESP_AUTHENTICATORS.items() if each is proposal.esp.auth]
    return names


def cipher_name(suite: EspSuite) -> str:
    """`esp-aes`, `esp-256-aes`, `esp-3des`, `esp-gcm 256`."""
    if suite.cipher in COMBINED:
        return {EspTransform.AES_GCM_16: "esp-gcm", EspTransform.AES_GMAC: "esp-gmac"}[suite.cipher] + (
            f" {suite.key_bits}" if suite.key_bits != 128 else ""
        )
    if suite.cipher is EspTransform.AES_CBC:
        return f"esp-{suite.key_bits}-aes" if suite.key_bits != 128 else "esp-aes"
    return {EspTransform.DES: "esp-des", EspTransform.TRIPLE_DES: "esp-3des", EspTransform.NULL: "esp-null"}[
        suite.cipher
    ]


DEFAULT_SECONDS = 3600
DEFAULT_KILOBYTES = 4_608_000


@dataclass(frozen=True, slots=True)
class Dummies:
    """`dummy (pps N | seconds N)`."""

    unit: str
    """`pps`: packets in a second; `seconds`: between two packets."""
    number: int

    @classmethod
    def typed(cls, rate: int | None, delay: int | None) -> Dummies:
        """Of so many in a second, or so many seconds apart."""
        return cls("pps", rate) if rate is not None else cls("seconds", delay or 1)

    @property
    def interval(self) -> float:
        """Seconds between two packets."""
        return 1 / self.number if self.unit == "pps" else float(self.number)

    def __str__(self) -> str:
        return f"{self.unit} {self.number}"


@dataclass
class IpsecConfig:
    """Everything under `crypto ipsec`."""

    transform_sets: dict[str, TransformSet] = field(default_factory=dict)
    default_transform_set: bool = True
    """The built-in one, where the image has it, is on."""
    lifetime_seconds: int = DEFAULT_SECONDS
    lifetime_kilobytes: int = DEFAULT_KILOBYTES
    replay_window: int = 64
    """Packets; 0: `crypto ipsec security-association replay disable`."""
    nat_transparency: bool = True
    df_bit: str = "copy"
    """`crypto ipsec df-bit`: what becomes of DF in the outer header: clear, copy or set."""
    fragment_first: bool = True
    """`crypto ipsec fragmentation`: packets too large are cut before they are encrypted, else after."""
    dummies: Dummies | None = None
    """`crypto ipsec security-association dummy`: how often packets with nothing in them are sent."""
    idle_time: int = 0
    """Seconds without traffic after which SAs are deleted; 0: never."""


@dataclass
class IpsecBinding:
    """`crypto ipsec …` under `interface X`; None: as it is said for the whole box."""

    df_bit: str | None = None
    fragment_first: bool | None = None

    def df_bit_of(self, config: IpsecConfig) -> str:
        """What becomes of DF in the outer header of packets that leave the interface."""
        return self.df_bit if self.df_bit is not None else config.df_bit

    def fragments_first(self, config: IpsecConfig) -> bool:
        """Packets too large are cut before they are encrypted."""
        return self.fragment_first if self.fragment_first is not None else config.fragment_first


@dataclass(frozen=True)
class IpsecStyle:
    """How an image prints and runs IPsec."""

    stem: ClassVar[str] = "ipsec"

    blank_lines: bool = True
    """Blank lines between the parts of a flow's block."""
    remote_ident: str = "remote ident"
    counter_indent: int = 4
    permit_indent: int = 5
    endpoint_gap: str = " "
    """Between `remote crypto endpt.:` and the address."""
    digest_counted: bool = True
    """False: `#pkts digest` and `#pkts verify` stay 0."""
    plaintext_mtu: bool = True
    pfs_line: bool = True
    spi_digits: int = 0
    """Zero padding of SPIs."""
    flow_label: str = ""
    """Crypto engine before the flow number; empty: the model's (`crypto_engine` of its facts), else SW."""
    flow_shared: bool = False
    """Both directions have one flow number, and the lowest free one is given out again."""
    first_conn_id: int = 1
    inbound_first: bool = True
    """Inbound SAs get the lower connection id."""
    sibling_flags: bool = True
    """`sibling_flags 80000040` stands with each SA."""
    replay_shown: bool = True
    """False: `replay detection support: N` whatever the SA does."""
    status: str = "ACTIVE(ACTIVE)"
    """Of an SA at work."""
    volume_jitter: bool = True
    """The volume lifetime starts a little below the negotiated value."""
    default_transform_set: bool = True
    """There are a built-in transform set and an IPsec profile `default`."""
    mode_tunnel_shown: bool = False
    """` mode tunnel` stands in the running-config."""
    connections_layout: str = "15"
    """Layout of `show crypto engine connections active`: 15, 12.4T or 12.4."""
    acl_counts_protected: bool = True
    """Crypto access lists count every protected packet; False: only those that find no SA."""
