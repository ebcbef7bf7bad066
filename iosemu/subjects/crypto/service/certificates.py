"""What the trustpoints of a box give to both versions of IKE."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from iosemu.ike.proof import Proof, Verdict
from iosemu.ike.types import Identity, IdType
from iosemu.pki.certificate import Certificate, load_certificate
from iosemu.pki.chain import Fault
from iosemu.pki.names import HOSTNAME, Name
from iosemu.subjects.pki.service.pki import Pki

if TYPE_CHECKING:
    from iosemu.box.device import Device


class Certificates:
    """Read anew each time; `names` are the trustpoints that count, None: all."""

    def __init__(self, device: Device) -> None:
        self.device = device

    @property
    def pki(self) -> Pki:
        """The box's PKI."""
        return self.device.service(Pki)

    def proof(
        self, names: Sequence[str] | None, issuers: Sequence[str] = (), *, curve: bool = False
    ) -> Proof | None:
        """What to sign with, best of one of the authorities (folded names)."""
        found = self.pki.credential(names, issuers, curve=curve)
        if found is None:
            return None
        subject = found.certificate.subject
        printed = f"hostname={self.device.hostname}" if not str(subject) else str(subject)
        shown = (found.certificate, *self.pki.between(found.authority))
        return Proof(found.trustpoint, tuple(each.der for each in shown), found.key, printed)

    def issuers(self, names: Sequence[str] | None) -> list[Certificate]:
        """The authorities that are believed, each once."""
        return list(dict.fromkeys(each for _, each in self.pki.anchors(names)))

    def hashes(self, names: Sequence[str] | None) -> bytes:
        """SHA-1 of the keys of the authorities, as IKEv2 asks for certificates (RFC 7296, 3.7)."""
        found = (hashlib.sha1(each.key_info, usedforsecurity=False) for each in self.issuers(names))
        return b"".join(each.digest() for each in found)

    def believe(
        self,
        given: Sequence[bytes],
        identity: Identity,
        names: Sequence[str] | None,
        peer: IPv4Address | None,
    ) -> Verdict:
        """Whether the certificates of a peer are good, and say that it is what it claims."""
        loaded = self.load(given)
        if not loaded:
            self._complain(peer, "no certificate")
            return Verdict()
        judgement = self.pki.believe(loaded, names)
        if judgement.fault is Fault.FETCHING:
            return Verdict(pending=True)
        if judgement.fault is not None:
            self._complain(peer, judgement.fault.value)
            return Verdict()
        if not says(loaded[0], identity):
            self._complain(peer, "identity is not in the certificate")
            return Verdict()
        try:
            return Verdict(loaded[0].key)
        except ValueError:
            return Verdict()

    def load(self, given: Sequence[bytes]) -> list[Certificate]:
        """Those that can be read; none where the first cannot."""
        found = []
        for each in given:
            try:
                found.append(load_certificate(each))
            except ValueError:
                if not found:
                    return []
        return found

    def fits(self, map_name: str, given: Sequence[bytes]) -> bool:
        """Whether a certificate map fits the certificate of a peer."""
        loaded = self.load(given)
        return bool(loaded) and self.pki.config.map_fits(map_name, loaded[0])

    def _complain(self, peer: IPv4Address | None, reason: str) -> None:
        if peer is not None:
            self.device.log(
                "CRYPTO", 5, "IKMP_INVAL_CERT", f"Certificate received from {peer} is bad: {reason}"
            )


def says(certificate: Certificate, identity: Identity) -> bool:
    """Whether a certificate says that its owner is this (RFC 4945, 3.1)."""
    if identity.type == IdType.DER_ASN1_DN:
        try:
            return Name.load(identity.data).folded == certificate.subject.folded
        except ValueError:
            return False
    text = str(identity).lower()
    if identity.type == IdType.IPV4_ADDR:
        return len(identity.data) == 4 and IPv4Address(identity.data) in certificate.addresses()
    if identity.type == IdType.FQDN:
        return text in certificate.hosts()
    return identity.type == IdType.USER_FQDN and text in certificate.emails()


def own_identity(certificate: bytes, wanted: Identity | None) -> Identity:
    """The identity to claim: what is wanted where the certificate says it, else its host, else its name."""
    held = load_certificate(certificate)
    if wanted is not None and says(held, wanted):
        return wanted
    own = held.subject.first(HOSTNAME) or next(
        (value for kind, value in held.alternatives if kind == "dns"), None
    )
    if wanted is not None and own is not None:
        return Identity.hostname(own)
    return Identity(IdType.DER_ASN1_DN, held.subject_der)
