"""Whom a crypto identity is about."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from iosemu.box.rsa import generate
from iosemu.ike.types import Identity, IdType
from iosemu.pki.certificate import Issue, issue
from iosemu.pki.names import Name
from iosemu.subjects.crypto.config.identity import CryptoIdentities, CryptoIdentity


def certificate(subject: str) -> bytes:
    key, now = generate("K", 512, random.Random(1), 0.0), datetime(2026, 1, 1, tzinfo=UTC)
    name = Name.typed(subject)
    return issue(Issue(1, name, name.der(), now, now + timedelta(days=9), key.der(), "sha1"), key).der


HELD = certificate("CN=R-B,OU=Branch+OU=VPN,O=Example  Inc")
HOST = Identity.hostname("r-b.example.com")


@pytest.mark.parametrize(
    ("dns", "fits"),
    [
        (["cn=r-b"], True),
        (["O=example inc,CN=R-B"], True),
        (["ou=vpn"], True),
        (["CN=R-B,O=Other"], False),
        (["CN=R-C", "OU=Branch,O=Example Inc"], True),
        (["C=JP"], False),
        ([], False),
    ],
)
def test_all_attributes_of_one_line_are_in_the_subject(dns: list[str], fits: bool) -> None:
    assert CryptoIdentity("I", dns=dns).fits(HOST, HELD) is fits


def test_a_name_counts_as_it_was_proved() -> None:
    wanted = CryptoIdentity("I", fqdns=["R-B.example.com"])
    assert wanted.fits(HOST, b"")
    assert wanted.fits(HOST, HELD)
    assert not wanted.fits(Identity(IdType.USER_FQDN, HOST.data), b"")
    assert not wanted.fits(Identity.hostname("b.example.com"), b"")
    assert not wanted.fits(None, b"")


def test_without_a_certificate_no_distinguished_name_fits() -> None:
    wanted = CryptoIdentity("I", dns=["CN=R-B"])
    claimed = Identity(IdType.DER_ASN1_DN, Name.typed("CN=R-B").der())
    assert not wanted.fits(claimed, b"")
    assert not wanted.fits(claimed, b"nonsense")


def test_of_an_identity_that_is_not_there_nobody_fits() -> None:
    known = CryptoIdentities({"I": CryptoIdentity("I", dns=["CN=R-B"])})
    assert known.fits(None, None, b"")
    assert known.fits("I", HOST, HELD)
    assert not known.fits("J", HOST, HELD)
