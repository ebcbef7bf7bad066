"""`crypto identity NAME`: what a peer has to be, by which crypto maps are kept to some."""

from __future__ import annotations

from dataclasses import dataclass, field

from iosemu.ike.types import Identity, IdType
from iosemu.pki.certificate import load_certificate
from iosemu.pki.names import Name


@dataclass
class CryptoIdentity:
    """One identity: a peer that has one of its names fits."""

    name: str
    description: str = ""
    dns: list[str] = field(default_factory=list)
    """`dn …`, as typed: attributes that the subject of the peer's certificate must have, all of a line."""
    fqdns: list[str] = field(default_factory=list)
    """`fqdn …`: the host name by which a peer proves itself."""

    def fits(self, identity: Identity | None, certificate: bytes) -> bool:
        """Whether a peer is meant that proved to be this, by this certificate (empty: by a key)."""
        if identity is None:
            return False
        own = str(identity).lower()
        if identity.type == IdType.FQDN and own in (each.lower() for each in self.fqdns):
            return True
        subject = _subject(certificate)
        return subject is not None and any(_part_of(each, subject) for each in self.dns)


def _subject(certificate: bytes) -> Name | None:
    """The subject of a certificate, where there is one."""
    if not certificate:
        return None
    try:
        return load_certificate(certificate).subject
    except ValueError:
        return None


def _attributes(name: Name) -> set[tuple[str, str]]:
    """What counts of a name: neither case nor repeated blanks do (RFC 5280, 7.1)."""
    return {(each.type, " ".join(each.value.lower().split())) for part in name.parts for each in part}


def _part_of(typed: str, subject: Name) -> bool:
    return _attributes(Name.typed(typed)) <= _attributes(subject)


@dataclass
class CryptoIdentities:
    """All by name."""

    identities: dict[str, CryptoIdentity] = field(default_factory=dict)

    def fits(self, wanted: str | None, identity: Identity | None, certificate: bytes) -> bool:
        """Whether a peer fits what `set identity` names; None: any does; of one that is not there none does."""
        if wanted is None:
            return True
        found = self.identities.get(wanted)
        return found is not None and found.fits(identity, certificate)
