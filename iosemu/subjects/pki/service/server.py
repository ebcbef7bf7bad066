"""`crypto pki server NAME` at work: an authority that answers SCEP at the router's HTTP server."""

from __future__ import annotations

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from iosemu.box.files import FileSystemError
from iosemu.box.rsa import RsaKey
from iosemu.ip.http import HttpAnswer, HttpRequest, HttpServer
from iosemu.pki import scep
from iosemu.pki.certificate import Certificate, Issue, issue, load_certificate
from iosemu.pki.cms import certificates_only
from iosemu.pki.crl import RevocationList, load_list, make_list
from iosemu.pki.names import Name
from iosemu.pki.request import CertificateRequest, load_request
from iosemu.subjects.access.private_config import PrivateConfig
from iosemu.subjects.pki.config import AUTHORITY, SERVER, CertificateServer
from iosemu.subjects.pki.service.rollover import Rollover

if TYPE_CHECKING:
    from iosemu.subjects.pki.service.pki import Pki

MOST_REQUESTS: Final = 1000
"""Requests that are remembered; of more the oldest that are settled are forgotten."""
CAPABILITIES: Final = b"POSTPKIOperation\nSHA-1\nSHA-256\nSHA-512\nDES3\nAES\n"

REPEATED: Final = timedelta(hours=1)
"""A request that comes again within it is the same one."""
NEXT: Final = b"GetNextCACert\n"


@dataclass
class Pending:
    """One request of the enrolment database."""

    number: int
    request: CertificateRequest
    transaction: str
    state: str = "pending"
    """Or `granted`, `rejected`."""
    certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A row of the database of what was issued."""

    serial: int
    begins: datetime
    ends: datetime
    subject: str


class ServerAtWork:
    """One authority: issues, revokes, and remembers in NVRAM what it must not forget."""

    def __init__(self, pki: Pki, name: str) -> None:
        self.pki = pki
        self.name = name
        self.requests: list[Pending] = []
        self.serial = 1
        """The last that was issued."""
        self.running = False
        self._numbers = 0
        self._list: RevocationList | None = None
        self.rollover = Rollover(self)
        self._read()

    @property
    def config(self) -> CertificateServer:
        """Its configuration."""
        return self.pki.config.servers[self.name]

    @property
    def certificate(self) -> Certificate | None:
        """Its own."""
        return self.pki.config.signing(self.name)

    @property
    def upper(self) -> Certificate | None:
        """That of the authority above it; None where it stands for itself."""
        return self.pki.authority(self.name) if self.config.subordinate else None

    @property
    def issuer(self) -> Name:
        """As whom it signs: what its certificate says, which an authority above it may have settled."""
        own = self.certificate
        return own.subject if self.config.subordinate and own is not None else self.config.issuer

    @property
    def label(self) -> str:
        """The name of its key pair."""
        trustpoint = self.pki.config.trustpoints.get(self.name)
        return trustpoint.key_label if trustpoint is not None and trustpoint.key_label else self.name

    @property
    def key(self) -> RsaKey | None:
        """What it signs with."""
        return self.pki.device.service(PrivateConfig).keys.get(self.label)

    @property
    def http(self) -> HttpServer:
        """The box's HTTP server."""
        return self.pki.device.service(HttpServer)

    @property
    def status(self) -> tuple[str, str]:
        """Status and state as `show crypto pki server` has them."""
        if self.config.shutdown or self.certificate is None:
            return "disabled", "disabled"
        if self.key is None:
            return "disabled, server's key is missing", "check failed"
        if not self.http.enabled:
            return "disabled, HTTP Server is disabled", "check failed"
        return "enabled", "enabled"

    # --- life ----------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Start or stop as the configuration says."""
        wanted = not self.config.shutdown and self.certificate is not None and self.key is not None
        if wanted and not self.running:
            self.running = True
            self.http.handlers[scep.PATH] = self._answer
            self.http.handlers[f"/{self.name}.crl"] = self._publish
            self.pki.device.log("PKI", 6, "CS_ENABLED", "Certificate server now enabled.")
        elif self.running and not wanted:
            self.stop()
            self.pki.device.log("PKI", 6, "CS_DISABLED", "Certificate server now disabled.")
        self.rollover.plan()

    def stop(self) -> None:
        """Answer nobody."""
        self.rollover.stop()
        if self.running:
            self.running = False
            self.http.handlers.pop(scep.PATH, None)
            self.http.handlers.pop(f"/{self.name}.crl", None)

    def make(self) -> None:
        """Make the authority's certificate; its key is there. ValueError where that is too short for the digest."""
        config, key = self.config, self.key
        assert key is not None
        now = self.pki.now
        ends = now + timedelta(days=config.lifetime_ca)
        what = Issue(1, config.issuer, config.issuer.der(), now, ends, key.der(), config.hash, authority=True)
        certificate = issue(what, key)
        self.serial = 1
        self._note(certificate)
        self.pki.put(self.name, AUTHORITY, certificate)
        self._renew_list({})

    def begin_anew(self) -> None:
        """Forget what an authority of this name issued before: the key is another."""
        self.serial = 1
        self._list = None
        self._write(f"{self.name}.ser", f"{self.serial:04X}".encode())

    # --- what NVRAM keeps ----------------------------------------------------------------------------

    def _read(self) -> None:
        """The serial number and the list of before; files that are none are begun anew."""
        files = self.pki.device.nvram
        try:
            self.serial = max(1, int(files.get(f"{self.name}.ser", b"1").decode("ascii"), 16))
        except ValueError:
            self.serial = 1
        try:
            self._list = load_list(files[f"{self.name}.crl"]) if f"{self.name}.crl" in files else None
        except ValueError:
            self._list = None

    def _write(self, name: str, data: bytes) -> None:
        try:
            self.pki.device.nvram[name] = data
        except FileSystemError as error:
            self.pki.device.log("PKI", 3, "CS_CRIT", f"Cannot write {name} to nvram: {error}")

    def _note(self, certificate: Certificate) -> None:
        """Write what the level of the database wants of an issued certificate."""
        level = self.config.database_level
        self._write(f"{self.name}.ser", f"{self.serial:04X}".encode())
        if level in ("names", "complete"):
            row = {"begins": certificate.begins.isoformat(), "ends": certificate.ends.isoformat(), "subject": str(certificate.subject)}  # noqa: E501  # fmt: skip
            self._write(f"{certificate.serial:X}.cnm", json.dumps(row).encode())
        if level == "complete":
            self._write(f"{certificate.serial:X}.cer", certificate.der)

    def issued(self) -> Iterator[Issued]:
        """What the database knows of issued certificates."""
        files = self.pki.device.nvram
        for serial in range(1, self.serial + 1):
            stored = files.get(f"{serial:X}.cnm")
            if stored is None:
                continue
            try:
                row = json.loads(stored)
                times = (datetime.fromisoformat(row["begins"]), datetime.fromisoformat(row["ends"]))
                yield Issued(serial, *times, str(row["subject"]))
            except (ValueError, KeyError, TypeError):
                continue

    def stored(self, serial: int) -> Certificate | None:
        """An issued certificate, where the database is complete."""
        data = self.pki.device.nvram.get(f"{serial:X}.cer")
        try:
            return load_certificate(data) if data is not None else None
        except ValueError:
            return None

    # --- revocation ----------------------------------------------------------------------------------

    def list(self) -> RevocationList | None:
        """The revocation list; a new one where that of before has ended."""
        if self.key is None:
            return None
        found = self._list
        if found is None or found.next is None or self.pki.now >= found.next:
            self._renew_list(dict(found.revoked) if found is not None else {})
        return self._list

    def renew_list(self) -> None:
        """The key is another: the list is signed anew."""
        self._renew_list(dict(self._list.revoked) if self._list is not None else {})

    def count(self, certificate: Certificate) -> None:
        """One more was issued."""
        self.serial = max(self.serial, certificate.serial)
        self._note(certificate)

    def _renew_list(self, revoked: dict[int, datetime]) -> None:
        key = self.key
        assert key is not None
        now = self.pki.now
        next_ = now + timedelta(hours=self.config.lifetime_crl)
        self._list = make_list(self.issuer, now, next_, revoked, key, self.config.hash)
        self._write(f"{self.name}.crl", self._list.der)

    def revoke(self, serial: int) -> bool:
        """Revoke a certificate; False where it was never issued, or is revoked."""
        found = self.list()
        if found is None or not 1 < serial <= self.serial or serial in found.revoked:
            return False
        self._renew_list({**found.revoked, serial: self.pki.now})
        return True

    def unrevoke(self, serial: int) -> bool:
        """Have it revoked no more; False where it was not."""
        found = self.list()
        if found is None or serial not in found.revoked:
            return False
        self._renew_list({number: when for number, when in found.revoked.items() if number != serial})
        return True

    # --- requests ------------------------------------------------------------------------------------

    def submit(self, request: CertificateRequest, transaction: str) -> Pending:
        """Take a request; the same one again is no new one, unless a renewal is what is asked for."""
        for each in self.requests:
            if each.request.der == request.der and each.state != "rejected" and not self._old(each):
                return each
        self._numbers += 1
        made = Pending(self._numbers, request, transaction)
        self.requests.append(made)
        if len(self.requests) > MOST_REQUESTS:
            settled = next((each for each in self.requests if each.state != "pending"), self.requests[0])
            self.requests.remove(settled)
        if self.config.grant_auto:
            self.grant(made)
        return made

    def _old(self, asked: Pending) -> bool:
        """Whether what was granted is of some time ago, or of the key before."""
        made, own = asked.certificate, self.certificate
        if made is None or own is None:
            return False
        return self.pki.now - made.begins > REPEATED or not made.signed_by(own)

    def grant(self, asked: Pending) -> None:
        """Issue what was asked for."""
        key, own = self.key, self.certificate
        if key is None or own is None or asked.state != "pending":
            return
        now = self.pki.now
        self.serial += 1
        what = Issue(
            self.serial,
            self.issuer,
            asked.request.subject_der,
            now,
            min(now + timedelta(days=self.config.lifetime_certificate), own.ends),
            asked.request.key_info,
            asked.request.digest,
            authority=asked.request.authority,
            issuer_key=own.subject_key or b"",
            crl_url=self.config.cdp_url or "",
            server=self.config.eku_server,
        )
        try:
            asked.certificate = issue(what, key)
        except (ValueError, KeyError):
            self.serial -= 1
            asked.state = "rejected"
            return
        asked.state = "granted"
        self._note(asked.certificate)

    # --- HTTP ----------------------------------------------------------------------------------------

    def _debug(self, text: str) -> None:
        if self.pki.device.debugging.wants(SERVER):
            self.pki.device.log("", 7, "", f"CRYPTO_CS: {text}")

    def _publish(self, _request: HttpRequest) -> HttpAnswer:
        found = self.list()
        if found is None:
            return HttpAnswer(404, b"404 Not Found\r\n")
        return HttpAnswer(200, found.der, "application/pkix-crl")

    def _answer(self, request: HttpRequest) -> HttpAnswer:
        operation = request.query.get("operation", "")
        certificate = self.certificate
        self._debug(f"received a SCEP {operation} request")
        if operation == "GetCACaps":
            return HttpAnswer(200, CAPABILITIES + (NEXT if self.config.rollover is not None else b""))
        if operation == "GetNextCACert":
            following = self.rollover.told()
            if following is None:
                return HttpAnswer(404, b"404 Not Found\r\n")
            return HttpAnswer(200, following, "application/x-x509-next-ca-cert")
        if operation == "GetCACert" and certificate is not None:
            if self.upper is None:
                return HttpAnswer(200, certificate.der, "application/x-x509-ca-cert")
            chain = certificates_only((certificate, self.upper))  # RFC 8894, 4.2.1.2
            return HttpAnswer(200, chain, "application/x-x509-ca-ra-cert")
        key = self.key
        if operation != "PKIOperation" or certificate is None or key is None:
            return HttpAnswer(400, b"400 Bad Request\r\n")
        try:
            data = request.body or b64decode(request.query.get("message", ""))
            asked = scep.read_question(data, key)
            said = self._judge(asked)
            answer = scep.answer(asked, said, certificate, key, self.pki.device.rng.randbytes)
        except (ValueError, KeyError, Base64Error) as error:
            self._debug(f"request is dropped: {error}")
            return HttpAnswer(400, b"400 Bad Request\r\n")
        return HttpAnswer(200, answer, "application/x-pki-message")

    def _judge(self, asked: scep.Asked) -> scep.Answered:
        if asked.type is scep.MessageType.GET_CRL:
            found = self.list()
            if found is None:
                return scep.Answered(scep.Status.FAILURE, scep.Failure.BAD_CERT_ID)
            return scep.Answered(scep.Status.SUCCESS, lists=(found.der,))
        if asked.type is scep.MessageType.GET_CERT:
            kept = self.stored(asked.serial)
            if kept is None:
                return scep.Answered(scep.Status.FAILURE, scep.Failure.BAD_CERT_ID)
            return scep.Answered(scep.Status.SUCCESS, certificates=(kept,))
        if asked.request is not None:
            entry: Pending | None = self.submit(asked.request, asked.transaction)
        else:
            of_it = [each for each in self.requests if each.transaction == asked.transaction]
            entry = of_it[-1] if of_it else None
        if entry is None or entry.state == "rejected":
            return scep.Answered(scep.Status.FAILURE, scep.Failure.BAD_REQUEST)
        if entry.certificate is None:
            return scep.Answered(scep.Status.PENDING)
        own = self.certificate
        chain = (own,) if self.upper is not None and own is not None else ()
        return scep.Answered(scep.Status.SUCCESS, certificates=(entry.certificate, *chain))


def read_request(text: bytes) -> CertificateRequest:
    """A request that was pasted, base64 with or without lines of PEM; ValueError where it is none."""
    lines = [line.strip() for line in text.decode("ascii", "replace").splitlines()]
    try:
        data = b64decode(
            "".join(line for line in lines if line and not line.startswith("-----")), validate=True
        )
    except Base64Error as error:
        raise ValueError(str(error)) from None
    return load_request(data)
