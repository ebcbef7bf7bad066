"""The trustpoints of a box at work: keys, enrolment, and whether to believe others' certificates."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import IPv4Address
from typing import Final

from iosemu.box.device import Device
from iosemu.box.ec_key import EcKey
from iosemu.box.files import FileSystemError
from iosemu.box.rsa import RsaKey, generating
from iosemu.box.service import Service
from iosemu.box.software import serial_number
from iosemu.box.system import SystemConfig
from iosemu.box.timestamps import by_clock
from iosemu.ip.config import primary_address
from iosemu.net.scheduler import Timer
from iosemu.net.signal import Signal
from iosemu.pki.certificate import Certificate, Issue, issue
from iosemu.pki.chain import LONGEST, Fault, Judgement, judge
from iosemu.pki.names import Name, host_attributes
from iosemu.pki.request import CertificateRequest, make_request
from iosemu.subjects.access.private_config import PrivateConfig
from iosemu.subjects.pki.config import (
    AUTHORITY,
    GENERAL,
    MESSAGES,
    ROLLOVER,
    SELF_SIGNED,
    TRANSACTIONS,
    VALIDATION,
    PkiConfig,
    Trustpoint,
    address_text,
)
from iosemu.subjects.pki.service.enrollment import Enrollment, ask_next_authority
from iosemu.subjects.pki.service.revocation import Revocations
from iosemu.subjects.pki.service.server import ServerAtWork

FAULTS: Final = {
    Fault.UNKNOWN_ISSUER: "CERTIFICATE_INVALID",
    Fault.BAD_SIGNATURE: "CERTIFICATE_INVALID",
    Fault.REFUSED: "CERTIFICATE_INVALID_UNAUTHORIZED",
    Fault.EXPIRED: "CERTIFICATE_INVALID_EXPIRED",
    Fault.NOT_YET_VALID: "CERTIFICATE_INVALID_NOT_YET_VALID",
    Fault.REVOKED: "CERTIFICATE_REVOKED",
}
"""Mnemonics of %PKI-3 messages."""


@dataclass(frozen=True)
class Credential:
    """What the box proves itself with."""

    trustpoint: str
    certificate: Certificate
    authority: Certificate
    key: RsaKey | EcKey


@dataclass
class Counters:
    """`show crypto pki counters`."""

    started: int = 0
    ended: int = 0
    successful: int = 0
    failed: int = 0
    bypassed: int = 0
    pending: int = 0
    lists_checked: int = 0
    fetches: int = 0
    failures: int = 0
    busy: int = 0


@dataclass
class Subject:
    """What a request is to say of the router, as settled by configuration and questions."""

    fqdn: str | None
    serial: str | None
    address: IPv4Address | None
    name: Name = field(default_factory=Name)

    @property
    def whole(self) -> Name:
        """The whole subject."""
        return self.name.with_part(host_attributes(self.fqdn, self.serial, self.address))


def digest_of(trustpoint: Trustpoint, key: RsaKey | EcKey) -> str:
    """The digest of a signature: that of the trustpoint, for an elliptic curve one that goes with it."""
    if isinstance(key, EcKey) and trustpoint.hash in ("md5", "sha1"):
        return key.digest
    return trustpoint.hash


ROLLOVER_GRACE: Final = timedelta(seconds=60)
"""After the end of an authority's certificate its next one is asked: clocks are not the same everywhere."""
ROLLOVER_RETRY: Final = 3600.0
"""Seconds until a next authority that is not there yet is asked for again."""
KEY_STEP: Final = 0.002
"""Seconds between two steps of making a key pair that nobody waits for."""


class Pki(Service):
    """Trustpoints and certificate servers of one box."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.counters = Counters()
        self.settled = Signal()
        """An enrolment, a question or a revocation list came to its end."""
        self.revocations = Revocations(self)
        self.enrollments: dict[str, Enrollment] = {}
        self.requests: dict[str, CertificateRequest] = {}
        """Requests that were shown at a terminal, until their certificates are imported."""
        self.servers: dict[str, ServerAtWork] = {}
        self._renewals: dict[str, Timer] = {}

    @property
    def config(self) -> PkiConfig:
        """Everything under `crypto pki`."""
        return self.device.config.of(PkiConfig)

    # --- life ----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Power came: servers begin where they stopped."""
        self.changed()

    def stop(self) -> None:
        """Power goes: nobody is asked any more."""
        for each in self.enrollments.values():
            each.cancel()
        self.enrollments.clear()
        self.revocations.stop()
        for server in self.servers.values():
            server.stop()
        self.servers.clear()
        for timer in self._renewals.values():
            timer.cancel()
        self._renewals.clear()

    def changed(self) -> None:
        """Configuration: start and stop servers, drop what belongs to trustpoints that are gone."""
        config = self.config
        for name in list(self.servers):
            if name not in config.servers:
                self.servers.pop(name).stop()
        for name in config.servers:
            if name not in self.servers:
                self.servers[name] = ServerAtWork(self, name)
            self.servers[name].changed()
        for name in list(self.enrollments):
            if name not in config.trustpoints:
                self.enrollments.pop(name).cancel()
        self.requests = {name: each for name, each in self.requests.items() if name in config.trustpoints}
        self._plan_renewals()

    # --- time, keys, files ---------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """What the box's clock shows, UTC."""
        offset = self.device.now + self.device.config.of(SystemConfig).clock_offset
        origin = self.device.origin
        if origin.tzinfo is None:
            origin = origin.replace(tzinfo=UTC)
        return origin + timedelta(seconds=offset)

    def text(self, moment: datetime) -> str:
        """`17:18:19 UTC Oct 1 2024` in the box's time zone."""
        local = by_clock(self.device.config.of(SystemConfig), moment)
        return f"{local:%H:%M:%S} {local:%Z} {local:%b} {local.day} {local.year}"

    def fqdn(self) -> str:
        """The router's name with its domain."""
        domain = self.device.config.of(SystemConfig).domain_name
        return f"{self.device.hostname}.{domain}" if domain else self.device.hostname

    def key_name(self, trustpoint: Trustpoint) -> str:
        """The label of its key pair."""
        return trustpoint.curve_label or trustpoint.key_label or self.fqdn()

    def key(self, trustpoint: Trustpoint) -> RsaKey | None:
        """Its RSA key pair; None where it has one of an elliptic curve."""
        if trustpoint.curve_label is not None:
            return None
        return self.device.service(PrivateConfig).keys.get(self.key_name(trustpoint))

    def signer(self, trustpoint: Trustpoint) -> RsaKey | EcKey | None:
        """What it signs with: its key pair, of an elliptic curve where it has one of those."""
        if trustpoint.curve_label is not None:
            return self.device.service(PrivateConfig).curves.get(trustpoint.curve_label)
        return self.key(trustpoint)

    def address_of(self, trustpoint: Trustpoint) -> IPv4Address | None:
        """The address that `ip-address` says."""
        value = trustpoint.ip_address
        if value is None or value == "none":
            return None
        return address_text(value) or primary_address(self.device.config.interfaces.get(value))

    def source_of(self, trustpoint: Trustpoint) -> IPv4Address | None:
        """The address that its questions come from, None: that of the way out."""
        if trustpoint.source is None:
            return None
        return primary_address(self.device.config.interfaces.get(trustpoint.source))

    def debug(self, flag: str, text: str) -> None:
        """A line of `debug crypto pki …`."""
        which = {"messages": MESSAGES, "transactions": TRANSACTIONS, "validation": VALIDATION}[flag]
        if self.device.debugging.wants(which):
            self.device.log("", 7, "", f"CRYPTO_PKI: {text}")

    # --- certificates --------------------------------------------------------------------------------

    def put(self, name: str, kind: str, certificate: Certificate) -> None:
        """Have a certificate; the configuration has changed by that."""
        chain = self.config.chains.get(name)
        if chain is None:
            chain = self.config.chains[name] = self.config.chain(name)
        chain.put(kind, certificate, self.device.now)
        self.device.config.of(SystemConfig).unsaved = True
        self.device.soon(self.changed)

    def drop(self, name: str, kind: str) -> None:
        """Have a certificate of a kind no more."""
        self.config.chain(name).drop(kind)
        self.device.config.of(SystemConfig).unsaved = True
        self.device.soon(self.changed)

    def make_request(
        self, trustpoint: Trustpoint, subject: Subject, key: RsaKey | EcKey, password: str = ""
    ) -> CertificateRequest:
        """A request, of a subordinate server in its own name; ValueError where the key is too short for the digest."""
        digest, said = digest_of(trustpoint, key), password or trustpoint.password or ""
        server = self.config.servers.get(trustpoint.name)
        if server is not None and server.subordinate:
            return make_request(server.issuer, key.der(), key, digest, password=said, authority=True)
        return make_request(
            subject.whole, key.der(), key, digest, password=said, fqdn=subject.fqdn, address=subject.address
        )

    def self_signed(
        self, subject: Name, key: RsaKey | EcKey, serial: int = 1, digest: str = "sha1", days: int = 3650
    ) -> Certificate:
        """A certificate that the box makes itself."""
        now = self.now
        what = Issue(serial, subject, subject.der(), now, now + timedelta(days=days), key.der(), digest)
        return issue(what, key)

    def make_self_signed(self, trustpoint: Trustpoint, subject: Subject, key: RsaKey | EcKey) -> None:
        """`enrollment selfsigned`."""
        digest = digest_of(trustpoint, key)
        self.put(trustpoint.name, SELF_SIGNED, self.self_signed(subject.whole, key, digest=digest))

    def credentials(self, names: Sequence[str] | None = None) -> Iterator[Credential]:
        """What the box can prove itself with, of certain trustpoints or all."""
        config = self.config
        for name, trustpoint in config.trustpoints.items():
            if (names is not None and name not in names) or name in config.servers:
                continue
            chain, key = config.chain(name), self.signer(trustpoint)
            own, authority = chain.own, chain.authority
            if own is None or authority is None or key is None or own.key_info != key.der():
                continue
            yield Credential(name, own, authority, key)

    def between(self, authority: Certificate) -> list[Certificate]:
        """The authorities that lead from one to a root that has made itself, without that, as far as they are known."""
        known, found = [each for _, each in self.anchors()], list[Certificate]()
        while authority.subject.folded != authority.issuer.folded and len(found) < LONGEST:
            found.append(authority)
            above = (each for each in known if each.subject.folded == authority.issuer.folded)
            upper = next((each for each in above if authority.signed_by(each) and each not in found), None)
            if upper is None:
                break
            authority = upper
        return found

    def _leads(self, authority: Certificate, issuers: Sequence[str]) -> bool:
        """Whether a certificate of an authority leads to one of the authorities that a peer names."""
        above = self.between(authority)
        return any(
            each in issuers for each in (authority.subject.folded, *(each.issuer.folded for each in above))
        )

    def credential(
        self, names: Sequence[str] | None = None, issuers: Sequence[str] = (), *, curve: bool = False
    ) -> Credential | None:
        """The first that an authority made that the peer names (folded); the first at all where none is.

        Of those with RSA keys, or with keys of elliptic curves.
        """
        found = [each for each in self.credentials(names) if isinstance(each.key, EcKey) is curve]
        wanted = (each for each in found if self._leads(each.authority, issuers))
        return next(wanted, found[0] if found else None)

    def anchors(self, names: Sequence[str] | None = None) -> list[tuple[str, Certificate]]:
        """The authorities that are believed, with their trustpoints."""
        config = self.config
        found = []
        for name in config.trustpoints:
            authority = config.chain(name).authority
            if authority is not None and (names is None or name in names) and name not in config.servers:
                found.append((name, authority))
        return found

    def believe(self, given: Sequence[Certificate], names: Sequence[str] | None = None) -> Judgement:
        """Whether a peer's certificate is good; a fault that is none of the moment's is logged and counted."""
        counters = self.counters
        anchors = self.anchors(names)
        judgement = judge(given, [each for _, each in anchors], self.now, self._revoked(anchors))
        trustpoint = next((name for name, each in anchors if each is judgement.anchor), None)
        if judgement.fault is None and trustpoint is not None:
            wanted = self.config.trustpoints[trustpoint].certificate_map
            if wanted is not None and not self.config.map_fits(wanted, given[0]):
                judgement = Judgement(Fault.REFUSED, given[0], judgement.anchor)
        if judgement.fault is Fault.FETCHING:
            return judgement
        counters.started += 1
        counters.ended += 1
        if judgement.fault is None:
            counters.successful += 1
            self.debug("validation", f"(chain {counters.started}) Certificate is verified")
        else:
            counters.failed += 1
            self.complain(judgement)
        return judgement

    def _revoked(
        self, anchors: Sequence[tuple[str, Certificate]]
    ) -> Callable[[Certificate, Certificate], Fault | None]:
        def revoked(certificate: Certificate, issuer: Certificate) -> Fault | None:
            name = next((each for each, authority in anchors if authority == issuer), None)
            if name is None:  # an authority between: what counts is the anchor's trustpoint
                name = anchors[0][0]
            return self.revocations.look(self.config.trustpoints[name], certificate, issuer)

        return revoked

    def complain(self, judgement: Judgement) -> None:
        """Log why a certificate is not believed."""
        about, fault = judgement.about, judgement.fault
        failed = "Certificate chain validation has failed."
        if fault is Fault.EXPIRED:
            failed += f"  The certificate (SN: {about.serial_text}) has expired.    Validity period ended on {about.ends:%Y-%m-%dT%H:%M:%SZ}"  # noqa: E501
        elif fault is Fault.NOT_YET_VALID:
            failed += f"  The certificate (SN: {about.serial_text}) is not yet valid   Validity period starts on {about.begins:%Y-%m-%dT%H:%M:%SZ}"  # noqa: E501
        elif fault is Fault.REVOKED:
            failed += f"  The certificate (SN: {about.serial_text}) is revoked"
        elif fault is Fault.REFUSED:
            failed += f"  The certificate (SN: {about.serial_text}) is not authorized"
        assert fault is not None
        mnemonic = FAULTS.get(fault)
        if mnemonic is not None:
            self.device.log("PKI", 3, mnemonic, failed)

    # --- renewal -------------------------------------------------------------------------------------

    def _plan_renewals(self) -> None:
        """`auto-enroll`: ask anew when so much of a certificate's life is over, or at once where there is none."""
        for timer in self._renewals.values():
            timer.cancel()
        self._renewals.clear()
        for name, trustpoint in self.config.trustpoints.items():
            moment = self.renewal(trustpoint)
            if moment is not None and name not in self.enrollments:
                delay = max(0.0, (moment - self.now).total_seconds())
                self._renewals[name] = self.device.scheduler.after(delay, partial(self._renew, name))

    def renewal(self, trustpoint: Trustpoint) -> datetime | None:
        """When a trustpoint asks anew by itself."""
        chain = self.config.chain(trustpoint.name)
        if not trustpoint.auto_enroll or trustpoint.url is None or chain.authority is None:
            return None
        own = chain.own
        if chain.rollover is not None:
            return chain.authority.ends + ROLLOVER_GRACE
        if own is None:
            return self.now
        share = (trustpoint.auto_percent or 100) / 100
        return own.begins + (own.ends - own.begins) * share

    def _renew(self, name: str) -> None:
        """A certificate is to be renewed; where that of its authority ends no later, the next authority comes first."""
        trustpoint, chain = self.config.trustpoints.get(name), self.config.chain(name)
        own, authority = chain.own, chain.authority
        if chain.rollover is not None:
            # that changes what is planned: the own certificate has ended, and is renewed at once
            self.put(name, AUTHORITY, chain.rollover)
            self.drop(name, ROLLOVER)
            return
        if (
            trustpoint is not None
            and own is not None
            and authority is not None
            and own.ends >= authority.ends
            and ask_next_authority(self, name, partial(self._following, name)) is not None
        ):
            return
        self._renew_own(name)

    def _following(self, name: str, certificate: Certificate | None) -> None:
        """The next authority is known, or is asked for again: a certificate of this one would end no later."""
        authority = self.authority(name)
        if name not in self.config.trustpoints or authority is None:
            return
        if certificate is not None:
            self.put(name, ROLLOVER, certificate)
        elif self.now < authority.ends:
            later = self.device.scheduler.after(ROLLOVER_RETRY, partial(self._renew, name))
            self._renewals[name] = later

    def _renew_own(self, name: str) -> None:
        former = self._renewals.pop(name, None)
        if former is not None:
            former.cancel()
        trustpoint = self.config.trustpoints.get(name)
        key = self.key(trustpoint) if trustpoint is not None else None
        if trustpoint is None or key is None or name in self.enrollments:
            return
        if trustpoint.auto_regenerate and self.config.chain(name).own is not None:
            made = generating(key.name, key.bits, self.device.rng, self.device.now, key.exportable)
            self._make_key(name, made)
        else:
            self.begin(trustpoint, self.subject(trustpoint), key)

    def _make_key(self, name: str, steps: Generator[None, None, RsaKey]) -> None:
        """`auto-enroll … regenerate`: a new key pair, step by step; it counts when its certificate has come."""
        trustpoint = self.config.trustpoints.get(name)
        if trustpoint is None:
            return
        try:
            next(steps)
        except StopIteration as stop:
            self._renewals.pop(name, None)
            self.begin(trustpoint, self.subject(trustpoint), stop.value)
            return
        self._renewals[name] = self.device.scheduler.after(KEY_STEP, partial(self._make_key, name, steps))

    def subject(self, trustpoint: Trustpoint) -> Subject:
        """What the configuration says of the router, without questions."""
        fqdn = None if trustpoint.fqdn == "none" else (trustpoint.fqdn or self.fqdn())
        serial = serial_number(self.device) if trustpoint.serial_number == "" else None
        name = Name.typed(trustpoint.subject_name) if trustpoint.subject_name else Name()
        return Subject(fqdn, serial, self.address_of(trustpoint), name)

    def begin(self, trustpoint: Trustpoint, subject: Subject, key: RsaKey, password: str = "") -> Enrollment:
        """Ask the authority by SCEP; ValueError where the key is too short."""
        former = self.enrollments.pop(trustpoint.name, None)
        if former is not None:
            former.cancel()
        request = self.make_request(trustpoint, subject, key, password)
        enrollment = self.enrollments[trustpoint.name] = Enrollment(self, trustpoint.name, request, key)
        enrollment.begin()
        return enrollment

    def enrolled(self, name: str, certificate: Certificate | None) -> None:
        """What came of an enrolment."""
        enrollment = self.enrollments.pop(name, None)
        if certificate is not None:
            if enrollment is not None:
                self._use(name, enrollment.key)
            self.put(name, GENERAL, certificate)
        self.settled.emit()

    def _use(self, name: str, key: RsaKey) -> None:
        """The key pair that a certificate came for: a new one takes the place of the one before."""
        trustpoint = self.config.trustpoints.get(name)
        if trustpoint is not None and self.key(trustpoint) != key:
            try:
                self.device.service(PrivateConfig).put(key)
            except FileSystemError:
                text = f"Key pair {key.name} cannot be kept: NVRAM is full"
                self.device.log("PKI", 3, "KEY_STORE", text)

    def authority(self, name: str) -> Certificate | None:
        """The authority of a trustpoint."""
        return self.config.chain(name).authority

    def import_authority(self, name: str, certificate: Certificate) -> None:
        """Believe an authority."""
        self.put(name, AUTHORITY, certificate)
