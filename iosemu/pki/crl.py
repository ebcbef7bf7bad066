"""Revocation lists (RFC 5280, 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import core, crl, x509

from iosemu.pki.certificate import Certificate, signature_algorithm, signed, verifies
from iosemu.pki.names import Name
from iosemu.pki.rsa import KeyPair


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A list that was read."""

    der: bytes
    issuer: Name
    updated: datetime
    next: datetime | None
    """Until when it counts; None: it does not say."""
    revoked: Mapping[int, datetime]
    """Serial numbers and when."""
    algorithm: str
    signature: bytes
    inner: bytes

    def signed_by(self, authority: Certificate) -> bool:
        """Whether an authority made it."""
        try:
            return verifies(authority.key, self.algorithm, self.signature, self.inner)
        except ValueError:
            return False


def load_list(der: bytes) -> RevocationList:
    """Read a list; ValueError where it is none."""
    try:
        found = crl.CertificateList.load(der, strict=True)
        inner = found["tbs_cert_list"]
        entries = inner["revoked_certificates"]
        revoked = {}
        if not isinstance(entries, core.Void):
            revoked = {
                int(each["user_certificate"].native): each["revocation_date"].native for each in entries
            }
        return RevocationList(
            der,
            Name.load(inner["issuer"].dump()),
            inner["this_update"].native,
            inner["next_update"].native,
            revoked,
            str(found["signature_algorithm"]["algorithm"].native),
            found["signature"].native,
            inner.dump(),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no revocation list: {error}") from None


def make_list(
    issuer: Name,
    updated: datetime,
    next_: datetime,
    revoked: Mapping[int, datetime],
    signer: KeyPair,
    digest: str = "md5",
) -> RevocationList:
    """Make a list."""
    entries = [
        {"user_certificate": serial, "revocation_date": x509.Time("utc_time", when.replace(microsecond=0))}
        for serial, when in sorted(revoked.items())
    ]
    inner = crl.TbsCertList({
        "version": "v2",
        "signature": crl.SignedDigestAlgorithm.load(signature_algorithm(digest)),
        "issuer": x509.Name.load(issuer.der()),
        "this_update": x509.Time("utc_time", updated.replace(microsecond=0)),
        "next_update": x509.Time("utc_time", next_.replace(microsecond=0)),
        **({"revoked_certificates": entries} if entries else {}),
    }).dump()  # fmt: skip
    return load_list(signed(signer, digest, inner))
