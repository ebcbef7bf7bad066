"""Certificates that peers only name: their digest and their URL (RFC 7296, 3.6), fetched by HTTP and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iosemu.ike.proof import Postponed
from iosemu.ip.http import HttpAnswer, HttpQuestion
from iosemu.pki.bundle import certificates_of
from iosemu.pki.certificate import Certificate, load_certificate
from iosemu.subjects.crypto.config.ikev2 import Ikev2Config
from iosemu.subjects.pki.service.enrollment import place_of
from iosemu.subjects.pki.service.pki import Pki

if TYPE_CHECKING:
    from iosemu.box.device import Device

LARGEST: Final = 32768
"""Octets of an answer that are looked at."""
MOST_QUESTIONS: Final = 8
"""Asked at a time: whoever names URLs has not proved anything yet (RFC 7296, 5)."""
PATIENCE: Final = 60.0
"""Seconds of lab time for which an answer, or that there was none, counts for the exchange that it was wanted for."""
MOST_ANSWERS: Final = 64

Key = tuple[bytes, str, bool]
"""Digest, URL, and whether it is a bundle."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came; no certificates: it was not to be had."""

    at: float
    certificates: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Cached:
    """`crypto ikev2 certificate-cache`: what was fetched, its URL, and when, in lab seconds."""

    url: str
    at: float
    certificates: tuple[Certificate, ...]


class CertificateUrls:
    """Those of one router."""

    def __init__(self, device: Device, resume: Callable[[], None]) -> None:
        self.device = device
        self.cache: dict[bytes, Cached] = {}
        """By digest, the oldest first."""
        self._resume = resume
        self._questions: dict[Key, HttpQuestion] = {}
        self._answers: dict[Key, Answer] = {}

    @property
    def room(self) -> int:
        """Entries that the cache may have; 0: there is none."""
        return self.device.config.of(Ikev2Config).certificate_cache

    def stop(self) -> None:
        """Power goes."""
        for question in self._questions.values():
            question.cancel()
        self._questions.clear()
        self.clear()

    def clear(self) -> None:
        """Forget what was fetched."""
        self._answers.clear()
        self.cache.clear()

    def fit(self) -> None:
        """The cache may have become smaller."""
        while len(self.cache) > self.room:
            del self.cache[next(iter(self.cache))]

    def fetched(self, digest: bytes, url: str, *, bundle: bool) -> tuple[bytes, ...]:
        """What a digest is of; nothing where it is not to be had; raises `Postponed` while it is fetched."""
        known = self.cache.get(digest)
        if known is not None:
            return tuple(each.der for each in known.certificates)
        key = digest, url, bundle
        now = self.device.now
        self._answers = {each: came for each, came in self._answers.items() if now - came.at < PATIENCE}
        if key in self._answers:
            return self._answers[key].certificates
        if key not in self._questions and not self._ask(key):
            return ()
        raise Postponed

    def _ask(self, key: Key) -> bool:
        """Begin to fetch; False where the URL leads nowhere, or too much is asked for."""
        url = key[1]
        place = place_of(self.device, url) if url.isprintable() and " " not in url else None
        if place is None or len(self._questions) >= MOST_QUESTIONS:
            return False

        def answered(answer: HttpAnswer | None, reason: str) -> None:
            del self._questions[key]
            self._came(key, answer, reason)

        self._tell(f"Certificate fetch from {url}")
        target = place.path or "/"
        self._questions[key] = HttpQuestion(
            self.device, place.address, place.port, target, answered, host=place.host
        )
        return True

    def _came(self, key: Key, answer: HttpAnswer | None, reason: str) -> None:
        digest, url, bundle = key
        found: tuple[Certificate, ...] = ()
        if answer is not None:
            try:
                found = read(answer, digest, bundle=bundle)
                reason = "received"
            except ValueError as error:
                reason = str(error)
        self._tell(f"Certificate fetch from {url}: {reason}")
        if len(self._answers) >= MOST_ANSWERS:
            del self._answers[next(iter(self._answers))]
        self._answers[key] = Answer(self.device.now, tuple(each.der for each in found))
        if found and self.room:
            self.cache[digest] = Cached(url, self.device.now, found)
            self.fit()
        self._resume()

    def _tell(self, text: str) -> None:
        self.device.service(Pki).debug("transactions", text)


def read(answer: HttpAnswer, digest: bytes, *, bundle: bool) -> tuple[Certificate, ...]:
    """The certificates of an answer; ValueError with the reason where they are not what was named."""
    if answer.status != 200:
        raise ValueError(f"HTTP status {answer.status}")
    body = answer.body
    if len(body) > LARGEST:
        raise ValueError("too long")
    if hashlib.sha1(body, usedforsecurity=False).digest() != digest:
        raise ValueError("hash does not match")
    return tuple(load_certificate(each) for each in (certificates_of(body) if bundle else (body,)))
