"""`auto-rollover`: an authority has its next certificate made before its own ends, and takes it then."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from iosemu.box.files import FileSystemError
from iosemu.box.rsa import RsaKey, generating
from iosemu.net.scheduler import Timer
from iosemu.pki.certificate import Certificate, Issue, issue
from iosemu.pki.cms import certificates_only, sign_message
from iosemu.subjects.access.private_config import PrivateConfig
from iosemu.subjects.pki.config import AUTHORITY, ROLLOVER

if TYPE_CHECKING:
    from iosemu.subjects.pki.service.server import ServerAtWork

KEY_STEP: Final = 0.002
"""Seconds between two steps of making the next key pair."""


class Rollover:
    """The next certificate of one authority that stands for itself."""

    def __init__(self, server: ServerAtWork) -> None:
        self._server = server
        self._pki = server.pki
        self._timer: Timer | None = None

    @property
    def certificate(self) -> Certificate | None:
        """The next one, once it is made."""
        return self._pki.config.chain(self._server.name).rollover

    @property
    def _label(self) -> str:
        return f"{self._server.label}#"

    @property
    def _key(self) -> RsaKey | None:
        return self._private.keys.get(self._label)

    @property
    def _private(self) -> PrivateConfig:
        return self._pki.device.service(PrivateConfig)

    @property
    def begins(self) -> datetime | None:
        """When the next certificate is made; None: it is there, or is never made."""
        config, own = self._server.config, self._server.certificate
        if config.rollover is None or config.subordinate or own is None or self.certificate is not None:
            return None
        return own.ends - timedelta(days=config.rollover)

    def stop(self) -> None:
        """Nothing is planned any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def plan(self) -> None:
        """The server began or stopped, or something about it changed."""
        self.stop()
        own = self._server.certificate
        if not self._server.running or own is None or self._server.config.subordinate:
            return
        moment = own.ends if self.certificate is not None else self.begins
        if moment is not None:
            delay = max(0.0, (moment - self._pki.now).total_seconds())
            self._timer = self._pki.device.scheduler.after(delay, self._due)

    def _due(self) -> None:
        self._timer = None
        device, key = self._pki.device, self._server.key
        if self.certificate is not None:
            self._take(self.certificate)
        elif key is not None:
            self._make(generating(self._label, key.bits, device.rng, device.now))

    def _make(self, steps: Generator[None, None, RsaKey]) -> None:
        """The next key pair, step by step, and then its certificate."""
        self._timer = None
        try:
            next(steps)
        except StopIteration as stop:
            self._issue(stop.value)
            return
        self._timer = self._pki.device.scheduler.after(KEY_STEP, lambda: self._make(steps))

    def _issue(self, key: RsaKey) -> None:
        server, own = self._server, self._server.certificate
        if own is None or not server.running:
            return
        ends = own.ends + timedelta(days=server.config.lifetime_ca)
        name, digest = server.config.issuer, server.config.hash
        what = Issue(server.serial + 1, name, name.der(), own.ends, ends, key.der(), digest, authority=True)
        try:
            made = issue(what, key)
            self._private.put(key)
        except (ValueError, FileSystemError) as error:
            self._pki.device.log("PKI", 3, "CS_CRIT", f"Cannot make the rollover certificate: {error}")
            return
        server.count(made)
        self._pki.put(server.name, ROLLOVER, made)

    def _take(self, certificate: Certificate) -> None:
        """The certificate of before has ended."""
        server, key = self._server, self._key
        self._pki.drop(server.name, ROLLOVER)
        if key is None or key.der() != certificate.key_info:
            self._pki.device.log("PKI", 3, "CS_CRIT", "The key of the rollover certificate is missing")
            return
        try:
            self._private.put(replace(key, name=server.label))
            self._private.remove([self._label])
        except FileSystemError as error:
            self._pki.device.log("PKI", 3, "CS_CRIT", f"Cannot keep the rollover key: {error}")
            return
        self._pki.put(server.name, AUTHORITY, certificate)
        server.renew_list()

    def told(self) -> bytes | None:
        """GetNextCACert: the next certificate, signed by this one (RFC 8894, 4.7.1); None: there is none."""
        own, key, following = self._server.certificate, self._server.key, self.certificate
        if own is None or key is None or following is None:
            return None
        return sign_message(certificates_only((following,)), [], own, key, self._server.config.hash)
