"""Bundles of certificates and revocation lists, as IKEv2 fetches them (RFC 7296, 3.6)."""

from __future__ import annotations

from asn1crypto import core, crl, x509


class CertificateOrList(core.Choice):  # type: ignore[misc]
    """One thing of a bundle."""

    _alternatives = (
        ("cert", x509.Certificate, {"explicit": 0}),
        ("crl", crl.CertificateList, {"explicit": 1}),
    )


class Bundle(core.SequenceOf):  # type: ignore[misc]
    """CertificateBundle."""

    _child_spec = CertificateOrList


def certificates_of(der: bytes) -> tuple[bytes, ...]:
    """The certificates of a bundle, in their order; ValueError where it is none."""
    try:
        found = Bundle.load(der, strict=True)
        return tuple(each.chosen.untag().dump() for each in found if each.name == "cert")
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError("not a bundle of certificates") from error
