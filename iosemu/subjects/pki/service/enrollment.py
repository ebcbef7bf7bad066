"""Asking an authority by SCEP over HTTP: for its certificate, and for one of one's own."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from iosemu.box.device import Device
from iosemu.box.rsa import RsaKey
from iosemu.box.system import SystemConfig
from iosemu.ip.http import HttpAnswer, HttpQuestion
from iosemu.net.scheduler import Timer
from iosemu.pki import scep
from iosemu.pki.certificate import Certificate, load_certificate
from iosemu.pki.cms import open_message
from iosemu.pki.request import CertificateRequest

if TYPE_CHECKING:
    from iosemu.subjects.pki.service.pki import Pki


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL leads."""

    address: IPv4Address
    port: int
    path: str
    host: str


def place_of(device: Device, url: str) -> Place | None:
    """The server that an `http://` URL names, None where it names none that is known."""
    split = urlsplit(url)
    if split.scheme != "http" or not split.hostname:
        return None
    try:
        port = split.port or 80
    except ValueError:
        return None
    try:
        address: IPv4Address | None = IPv4Address(split.hostname)
    except ValueError:
        hosts = device.config.of(SystemConfig).hosts
        known = {name.lower(): each for name, each in hosts.items()}.get(split.hostname.lower())
        address = IPv4Address(known[0]) if known else None
    path = f"{split.path}?{split.query}" if split.query else split.path
    return Place(address, port, path, split.hostname) if address is not None else None


def operation_path(place: Place, operation: str, message: str) -> str:
    """The target of a SCEP question; a URL without a path means that of IOS's own server."""
    base = place.path if place.path.strip("/") else scep.PATH
    return f"{base}?operation={operation}&message={quote(message, safe='')}"


Told = Callable[[Certificate | None, str], None]


def ask_authority(pki: Pki, name: str, done: Told) -> HttpQuestion | None:
    """GetCACert; None where the URL leads nowhere."""
    trustpoint = pki.config.trustpoints[name]
    place = place_of(pki.device, trustpoint.url or "")
    if place is None:
        return None

    def answered(answer: HttpAnswer | None, reason: str) -> None:
        certificate = None
        if answer is not None and answer.status == 200:
            certificate = _authority(answer.body)
            reason = "" if certificate is not None else "bad answer"
        elif answer is not None:
            reason = f"HTTP status {answer.status}"
        pki.debug("transactions", f"Get CA certificate of trustpoint {name}: {reason or 'received'}")
        done(certificate, reason)
        pki.settled.emit()

    pki.debug(
        "transactions", f"Sending CA Certificate Request: GET {operation_path(place, 'GetCACert', name)}"
    )
    return HttpQuestion(
        pki.device, place.address, place.port, operation_path(place, "GetCACert", name), answered,
        source=pki.source_of(trustpoint), host=place.host,
    )  # fmt: skip


def ask_next_authority(
    pki: Pki, name: str, done: Callable[[Certificate | None], None]
) -> HttpQuestion | None:
    """GetNextCACert (RFC 8894, 4.7); None where the URL leads nowhere."""
    trustpoint, authority = pki.config.trustpoints[name], pki.authority(name)
    place = place_of(pki.device, trustpoint.url or "")
    if place is None or authority is None:
        return None

    def answered(answer: HttpAnswer | None, reason: str) -> None:
        following = None
        if answer is not None and answer.status == 200:
            following = _following(answer.body, authority)
            reason = "" if following is not None else "bad answer"
        elif answer is not None:
            reason = f"HTTP status {answer.status}"
        pki.debug("transactions", f"Get next CA certificate of trustpoint {name}: {reason or 'received'}")
        done(following)
        pki.settled.emit()

    return HttpQuestion(
        pki.device, place.address, place.port, operation_path(place, "GetNextCACert", name), answered,
        source=pki.source_of(trustpoint), host=place.host,
    )  # fmt: skip


def _following(body: bytes, authority: Certificate) -> Certificate | None:
    """The next certificate of an authority, where that has signed the message with it."""
    try:
        message = open_message(body)
        held = open_message(message.content).certificates if message.signer == authority else ()
    except ValueError:
        return None
    return next((each for each in held if each.authority), None)


def _authority(body: bytes) -> Certificate | None:
    """A certificate alone, or in a message with those of registration authorities."""
    try:
        return load_certificate(body)
    except ValueError:
        pass
    try:
        held = open_message(body).certificates
    except ValueError:
        return None
    able = [each for each in held if each.authority]
    above = {each.issuer.folded for each in able if not each.self_signed}
    lowest = (each for each in able if each.subject.folded not in above)  # who signs, not who is above it
    return next(lowest, held[0] if held else None)


class Enrollment:
    """A request for a certificate under way, from PKCSReq to the certificate."""

    def __init__(self, pki: Pki, name: str, request: CertificateRequest, key: RsaKey) -> None:
        self.pki = pki
        self.name = name
        self.request = request
        self.pending = False
        """The authority has it, and somebody has to grant it."""
        self.key = key
        self._polls = 0
        self._question: HttpQuestion | None = None
        self._timer: Timer | None = None
        self._signer = pki.self_signed(request.subject, key)

    def begin(self) -> None:
        """Send the request."""
        self._ask(scep.enrol)

    def cancel(self) -> None:
        """Ask no more."""
        if self._question is not None:
            self._question.cancel()
        if self._timer is not None:
            self._timer.cancel()

    def _ask(self, make: Callable[..., bytes]) -> None:
        self._timer = None
        trustpoint = self.pki.config.trustpoints.get(self.name)
        authority = self.pki.authority(self.name)
        place = place_of(self.pki.device, trustpoint.url or "") if trustpoint is not None else None
        if trustpoint is None or authority is None or place is None:
            self._fail("no authority")
            return
        try:
            data = make(self.request, authority, self._signer, self.key, self.pki.device.rng.randbytes)
        except ValueError as error:
            self._fail(str(error))
            return
        target = operation_path(place, "PKIOperation", b64encode(data).decode())
        kind = "PKCSReq" if make is scep.enrol else "GetCertInitial"
        self.pki.debug(
            "transactions",
            f"transaction {scep.transaction_of(self.request.key_info)} {kind} sent",
        )
        self._question = HttpQuestion(
            self.pki.device, place.address, place.port, target, self._answered,
            source=self.pki.source_of(trustpoint), host=place.host,
        )  # fmt: skip

    def _answered(self, answer: HttpAnswer | None, reason: str) -> None:
        self._question = None
        authority = self.pki.authority(self.name)
        if answer is None or answer.status != 200 or authority is None:
            self._again(reason or f"HTTP status {answer.status if answer is not None else 0}")
            return
        try:
            said = scep.read_answer(answer.body, self.key, authority)
        except ValueError as error:
            self._fail(str(error))
            return
        self.pki.debug(
            "transactions", f"status = {said.status.value}: certificate {said.status.name.lower()}"
        )
        if said.status is scep.Status.PENDING:
            if not self.pending:
                self.pki.device.log("PKI", 6, "CERTPENDING", "Certificate enrollment request is pending")
            self.pending = True
            self._again("pending")
        elif said.status is scep.Status.FAILURE:
            self.pki.device.log(
                "PKI", 6, "CERTREJECT", "Certificate enrollment request was rejected by Certificate Authority"
            )
            self.pki.enrolled(self.name, None)
        else:
            self._granted(said.certificates, authority)

    def _granted(self, certificates: tuple[Certificate, ...], authority: Certificate) -> None:
        own = [each for each in certificates if each.key_info == self.request.key_info]
        if not own or not own[0].signed_by(authority):
            self._fail("the certificate is not what was asked for")
            return
        self.pki.device.log("PKI", 6, "CERTRET", "Certificate received from Certificate Authority")
        self.pki.enrolled(self.name, own[0])

    def _again(self, reason: str) -> None:
        """Poll later, until that was done often enough."""
        trustpoint = self.pki.config.trustpoints.get(self.name)
        self._polls += 1
        if trustpoint is None or self._polls > trustpoint.retry_count:
            self._fail(reason)
            return
        make = scep.poll if self.pending else scep.enrol
        self._timer = self.pki.device.scheduler.after(trustpoint.retry_period * 60.0, lambda: self._ask(make))
        self.pki.settled.emit()

    def _fail(self, reason: str) -> None:
        self.pki.debug("transactions", f"enrollment of trustpoint {self.name} failed: {reason}")
        self.pki.device.log("PKI", 6, "CERTFAIL", "Certificate enrollment failed.")
        self.pki.enrolled(self.name, None)
