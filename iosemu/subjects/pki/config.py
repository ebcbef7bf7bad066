"""Trustpoints, certificate servers, chains and maps."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Final

from iosemu.box.debugging import DebugFlag
from iosemu.pki.certificate import Certificate
from iosemu.pki.names import Name

MESSAGES = DebugFlag("Crypto PKI Msg", "Cryptographic Subsystem")
TRANSACTIONS = DebugFlag("Crypto PKI Trans", "Cryptographic Subsystem")
VALIDATION = DebugFlag("Crypto PKI Validation Path", "Cryptographic Subsystem")
SERVER = DebugFlag("Crypto PKI Certificate Server", "Cryptographic Subsystem")
FLAGS: Final = {
    "messages": MESSAGES,
    "transactions": TRANSACTIONS,
    "validation": VALIDATION,
    "server": SERVER,
}
"""By the word after `debug crypto pki`."""

GENERAL, AUTHORITY, SELF_SIGNED, ROLLOVER = "", "ca", "self-signed", "rollover ca"
"""Kinds of entries in a chain, as the configuration spells them."""
DAY: Final = 86400


@dataclass
class Trustpoint:
    """`crypto pki trustpoint NAME`."""

    name: str
    enrollment: str = ""
    """`terminal`, `terminal pem`, `selfsigned` or `url U`."""
    retry_period: int = 1
    """Minutes between polls of a request that waits to be granted."""
    retry_count: int = 10
    serial_number: str | None = None
    """None: asked at enrolment; empty: yes; `none`: no."""
    fqdn: str | None = None
    """None: that of the router; `none`: none at all."""
    ip_address: str | None = None
    """None: asked at enrolment; `none`, an address or the name of an interface."""
    password: str | None = None
    fingerprint: str | None = None
    """Of the authority's certificate: nobody is asked whether it is right."""
    subject_name: str | None = None
    revocation: tuple[str, ...] = ("crl",)
    """`crl`, `ocsp`, `none`, in the order in which they are tried."""
    ocsp_url: str | None = None
    """The responder that is asked whatever certificates say."""
    key_label: str | None = None
    key_bits: int | None = None
    curve_label: str | None = None
    """`eckeypair LABEL`: it has a key of an elliptic curve."""
    source: str | None = None
    """Interface whose address is spoken from."""
    auto_enroll: bool = False
    auto_percent: int | None = None
    """Share of its life after which a certificate is renewed; None: when it has ended."""
    auto_regenerate: bool = False
    usage: str | None = None
    hash: str = "sha1"
    certificate_map: str | None = None
    """`match certificate MAP`: only what this fits is believed."""
    server_name: str | None = None

    @property
    def url(self) -> str | None:
        """Where the authority is asked."""
        return self.enrollment.removeprefix("url ") if self.enrollment.startswith("url ") else None

    @property
    def terminal(self) -> bool:
        """Certificates are pasted."""
        return self.enrollment.startswith("terminal")

    @property
    def pem(self) -> bool:
        """Pasted with lines of PEM."""
        return self.enrollment == "terminal pem"

    @property
    def self_signed(self) -> bool:
        """The router makes its certificate itself."""
        return self.enrollment == "selfsigned"


@dataclass
class ChainEntry:
    """One certificate of a chain."""

    kind: str
    certificate: Certificate
    installed: float = 0.0
    """Lab time."""


@dataclass
class Chain:
    """`crypto pki certificate chain NAME`: what a trustpoint has."""

    name: str
    entries: list[ChainEntry] = field(default_factory=list)

    @property
    def authority(self) -> Certificate | None:
        """That of the authority."""
        return next(
            (each.certificate for each in self.entries if each.kind in (AUTHORITY, SELF_SIGNED)), None
        )

    @property
    def own(self) -> Certificate | None:
        """That of the router."""
        return next((each.certificate for each in self.entries if each.kind in (GENERAL, SELF_SIGNED)), None)

    @property
    def rollover(self) -> Certificate | None:
        """The next one of the authority."""
        return next((each.certificate for each in self.entries if each.kind == ROLLOVER), None)

    def drop(self, kind: str) -> None:
        """Have no certificate of a kind any more."""
        self.entries = [each for each in self.entries if each.kind != kind]

    def put(self, kind: str, certificate: Certificate, now: float) -> None:
        """Have a certificate of a kind, in place of a former one; the router's own stands first."""
        kept = [each for each in self.entries if each.kind != kind]
        entry = ChainEntry(kind, certificate, now)
        self.entries = [*kept, entry] if kind in (AUTHORITY, ROLLOVER) else [entry, *kept]


@dataclass
class MapRule:
    """`subject-name co VALUE`."""

    field: str
    operator: str
    value: str

    def fits(self, certificate: Certificate) -> bool:
        """Whether a certificate is as the rule says; case does not count."""
        wanted = _loose(self.value)
        found = [_loose(each) for each in self._values(certificate)]
        match self.operator:
            case "eq":
                return wanted in found
            case "ne":
                return wanted not in found
            case "co":
                return any(wanted in each for each in found)
            case _:
                return not any(wanted in each for each in found)

    def _values(self, certificate: Certificate) -> list[str]:
        match self.field:
            case "subject-name":
                return [str(certificate.subject)]
            case "issuer-name":
                return [str(certificate.issuer)]
            case "unstructured-subject-name":
                return sorted(certificate.hosts())
            case "serial-number":
                return [certificate.serial_text]
            case "name":
                return [str(certificate.subject), *(value for _, value in certificate.alternatives)]
            case _:
                return [value for _, value in certificate.alternatives]


def _loose(text: str) -> str:
    return re.sub(r"\s*([,=])\s*", r"\1", text.strip().lower())


@dataclass
class CertificateMap:
    """`crypto pki certificate map NAME SEQUENCE`: what a certificate has to say, all of it."""

    name: str
    sequence: int
    rules: list[MapRule] = field(default_factory=list)

    def fits(self, certificate: Certificate) -> bool:
        """Whether all rules fit; without any it fits none."""
        return bool(self.rules) and all(each.fits(certificate) for each in self.rules)


@dataclass
class CertificateServer:
    """`crypto pki server NAME`."""

    name: str
    database_level: str = "minimum"
    archive: str | None = None
    """`no database archive` and the like, as typed."""
    issuer_name: str | None = None
    grant_auto: bool = False
    hash: str = "md5"
    lifetime_ca: int = 1095
    """Days."""
    lifetime_certificate: int = 365
    lifetime_crl: int = 6
    """Hours."""
    rollover: int | None = None
    """`auto-rollover N`: days before its certificate ends from which the next one is there; None: it is not made."""
    cdp_url: str | None = None
    eku_server: bool = False
    subordinate: bool = False
    """`mode sub-cs`: another authority makes its certificate, asked through the trustpoint of its name."""
    shutdown: bool = False
    """`shutdown` was typed; one without a certificate does not run either."""

    @property
    def issuer(self) -> Name:
        """As whom it signs."""
        return Name.typed(self.issuer_name if self.issuer_name is not None else f"cn={self.name}")


@dataclass
class PkiConfig:
    """Everything under `crypto pki`."""

    trustpoints: dict[str, Trustpoint] = field(default_factory=dict)
    chains: dict[str, Chain] = field(default_factory=dict)
    servers: dict[str, CertificateServer] = field(default_factory=dict)
    maps: dict[tuple[str, int], CertificateMap] = field(default_factory=dict)

    def chain(self, name: str) -> Chain:
        """What a trustpoint has; empty where it has nothing."""
        return self.chains.get(name) or Chain(name)

    def signing(self, name: str) -> Certificate | None:
        """The certificate that a server signs with, None before it has one (or only one that must not sign)."""
        server = self.servers.get(name)
        if server is None or not server.subordinate:
            return self.chain(name).authority
        own = self.chain(name).own
        return own if own is not None and own.authority else None

    def map_fits(self, name: str, certificate: Certificate) -> bool:
        """Whether any part of a map fits."""
        parts = [each for (owner, _), each in sorted(self.maps.items()) if owner == name]
        return any(each.fits(certificate) for each in parts)


def address_text(value: str) -> IPv4Address | None:
    """An address, None for the name of an interface."""
    try:
        return IPv4Address(value)
    except ValueError:
        return None
