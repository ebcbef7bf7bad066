"""Revocation: lists, fetched by HTTP or SCEP and kept until they end, and what OCSP responders say."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from iosemu.ip.http import HttpAnswer, HttpQuestion
from iosemu.pki import ocsp, scep
from iosemu.pki.certificate import Certificate
from iosemu.pki.chain import Fault
from iosemu.pki.crl import RevocationList, load_list
from iosemu.subjects.pki.config import Trustpoint
from iosemu.subjects.pki.service.enrollment import operation_path, place_of

if TYPE_CHECKING:
    from iosemu.subjects.pki.service.pki import Pki

PATIENCE: Final = 30.0
"""Seconds for which a list that was not to be had is not asked for again."""
ROOM: Final = 65536
"""Octets of lists that are kept (`show crypto pki crls`)."""


BRIEFLY: Final = timedelta(seconds=60)
"""How long an answer counts that names no end."""


def _about(certificate: Certificate, issuer: Certificate) -> str:
    return f"{issuer.subject.folded} {certificate.serial_text}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A list, when it came, and from where (empty: by SCEP)."""

    list: RevocationList
    at: float
    url: str


class Revocations:
    """The lists of one box."""

    def __init__(self, pki: Pki) -> None:
        self.pki = pki
        self.kept: dict[str, Kept] = {}
        """By the issuer, folded."""
        self._fetching: dict[str, HttpQuestion] = {}
        self._failed: dict[str, float] = {}
        self._waiting: list[Callable[[], None]] = []
        self._told: dict[str, ocsp.Status] = {}
        """What responders said, by issuer and serial number."""

    def stop(self) -> None:
        """Power goes."""
        for question in self._fetching.values():
            question.cancel()
        self._fetching.clear()
        self._waiting.clear()

    def when_settled(self, call: Callable[[], None]) -> None:
        """Call once when the next list has come, or is not to be had."""
        if call not in self._waiting:
            self._waiting.append(call)

    def look(self, trustpoint: Trustpoint, certificate: Certificate, issuer: Certificate) -> Fault | None:
        """Whether a certificate is revoked, by the methods of a trustpoint in their order."""
        for method in trustpoint.revocation:
            if method == "none":
                self.pki.counters.bypassed += 1
                return None
            if method == "ocsp":
                said = self._said(certificate, issuer)
                if said is not None:
                    return Fault.REVOKED if said.revoked else None
                if self.ask(trustpoint, certificate, issuer):
                    return Fault.FETCHING
                continue
            known = self.current(issuer)
            if known is not None:
                self.pki.counters.lists_checked += 1
                return Fault.REVOKED if certificate.serial in known.revoked else None
            if self.fetch(trustpoint, certificate, issuer):
                return Fault.FETCHING
        return Fault.NO_LIST

    def _said(self, certificate: Certificate, issuer: Certificate) -> ocsp.Status | None:
        """What a responder said of a certificate, while that counts."""
        found = self._told.get(_about(certificate, issuer))
        if found is None or (found.until is not None and self.pki.now > found.until):
            return None
        return found

    def ask(self, trustpoint: Trustpoint, certificate: Certificate, issuer: Certificate) -> bool:
        """Ask the responder of a trustpoint, or of a certificate; False where it is not to be had just now."""
        key, device = _about(certificate, issuer), self.pki.device
        if key in self._fetching:
            self.pki.counters.busy += 1
            return True
        if device.now < self._failed.get(key, float("-inf")) + PATIENCE:
            return False
        name = trustpoint.name
        url = trustpoint.ocsp_url or next(iter(certificate.ocsp_urls), "")
        place = place_of(device, url)
        if place is None:
            self._fail_status(name, key, "no OCSP responder")
            return False

        def answered(answer: HttpAnswer | None, reason: str) -> None:
            self._fetching.pop(key, None)
            if answer is not None and answer.status != 200:
                reason = f"HTTP status {answer.status}"
            elif answer is not None:
                try:
                    said = ocsp.read(answer.body, certificate, issuer, self.pki.now)
                except ValueError as error:
                    reason = str(error)
                else:
                    reason = ""
                    # without a time it counts for this question only
                    self._told[key] = said if said.until else replace(said, until=self.pki.now + BRIEFLY)
            if reason:
                self._fail_status(name, key, reason)
            self._settle()

        self.pki.debug("transactions", f"OCSP request for trustpoint {name} to {url}")
        target = ocsp.target(place.path or "/", ocsp.question(certificate, issuer))
        self._fetching[key] = HttpQuestion(
            device, place.address, place.port, target, answered,
            source=self.pki.source_of(trustpoint), host=place.host,
        )  # fmt: skip
        return True

    def _fail_status(self, name: str, key: str, reason: str) -> None:
        self._failed[key] = self.pki.device.now
        self.pki.counters.failures += 1
        text = f"OCSP request for trustpoint {name} failed\n     Reason : {reason}"
        self.pki.device.log("PKI", 3, "OCSP_REQUEST_FAIL", text)

    def _settle(self) -> None:
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call()
        self.pki.settled.emit()

    def current(self, issuer: Certificate) -> RevocationList | None:
        """The list of an issuer, while it counts."""
        found = self.kept.get(issuer.subject.folded)
        if found is None:
            return None
        ends = found.list.next
        return found.list if ends is None or self.pki.now < ends else None

    def forget(self, issuer: Certificate) -> None:
        """Have no list of an issuer, and ask for it again whatever came of that before."""
        self.kept.pop(issuer.subject.folded, None)
        self._failed.pop(issuer.subject.folded, None)

    def fetch(self, trustpoint: Trustpoint, certificate: Certificate, issuer: Certificate) -> bool:
        """Ask for the list that a certificate would stand in; False where it is not to be had just now."""
        key = issuer.subject.folded
        if key in self._fetching:
            self.pki.counters.busy += 1
            return True
        device = self.pki.device
        if device.now < self._failed.get(key, float("-inf")) + PATIENCE:
            return False
        self.pki.counters.fetches += 1
        url = next((each for each in certificate.crl_urls if each.startswith("http://")), "")
        own = self.pki.config.chain(trustpoint.name).own
        pair = self.pki.key(trustpoint)
        place = place_of(device, url or trustpoint.url or "")
        if place is None or (not url and (own is None or pair is None)):
            self._fail(trustpoint.name, key, "no CRL distribution point")
            return False
        target = place.path or "/"
        if not url:
            assert own is not None
            assert pair is not None
            try:
                data = scep.ask_list(certificate, issuer, own, pair, device.rng.randbytes)
            except ValueError as error:
                self._fail(trustpoint.name, key, str(error))
                return False
            target = operation_path(place, "PKIOperation", b64encode(data).decode())
        name = trustpoint.name

        def answered(answer: HttpAnswer | None, reason: str) -> None:
            self._fetching.pop(key, None)
            self._came(name, issuer, url, answer, reason)

        self.pki.debug("transactions", f"CRL fetch for trustpoint {name} from {url or 'SCEP'}")
        self._fetching[key] = HttpQuestion(
            device, place.address, place.port, target, answered,
            source=self.pki.source_of(trustpoint), host=place.host,
        )  # fmt: skip
        return True

    def _came(self, name: str, issuer: Certificate, url: str, answer: HttpAnswer | None, reason: str) -> None:
        key = issuer.subject.folded
        found = None
        if answer is not None and answer.status == 200:
            try:
                found = load_list(answer.body if url else self._opened(name, issuer, answer.body))
            except ValueError as error:
                reason = str(error)
        elif answer is not None:
            reason = f"HTTP status {answer.status}"
        if found is not None and not (found.issuer.folded == key and found.signed_by(issuer)):
            found, reason = None, "CRL is not of the issuer"
        if found is None:
            self._fail(name, key, reason)
        else:
            self._failed.pop(key, None)
            self.kept[key] = Kept(found, self.pki.device.now, url)
        self._settle()

    def _opened(self, name: str, issuer: Certificate, body: bytes) -> bytes:
        trustpoint = self.pki.config.trustpoints.get(name)
        pair = self.pki.key(trustpoint) if trustpoint is not None else None
        if pair is None:
            raise ValueError("no key")
        lists = scep.read_answer(body, pair, issuer).lists
        if not lists:
            raise ValueError("no list in the answer")
        return lists[0]

    def _fail(self, name: str, key: str, reason: str) -> None:
        self._failed[key] = self.pki.device.now
        self.pki.counters.failures += 1
        self.pki.device.log(
            "PKI", 3, "CRL_FETCH_FAIL", f"CRL fetch for trustpoint {name} failed\n     Reason : {reason}"
        )
