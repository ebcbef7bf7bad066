"""The part of an identity that names a policy."""

from __future__ import annotations

import pytest

from iosemu.ike.types import Identity, IdType
from iosemu.pki.names import Name
from iosemu.subjects.crypto.config.name_mangler import NameMangler

HOST = Identity(IdType.FQDN, b"r1.lab.example.com")
USER = Identity(IdType.USER_FQDN, b"ann@example.com")
SUBJECT = Identity(IdType.DER_ASN1_DN, Name.typed("cn=r1,ou=Sales,o=Example,c=JP").der())


@pytest.mark.parametrize(
    ("mangler", "identity", "name"),
    [
        (NameMangler("M", fqdn="hostname"), HOST, "r1"),
        (NameMangler("M", fqdn="domain"), HOST, "lab.example.com"),
        (NameMangler("M", fqdn="all"), HOST, "r1.lab.example.com"),
        (NameMangler("M", fqdn="domain"), Identity(IdType.FQDN, b"r1"), None),
        (NameMangler("M", email="username"), USER, "ann"),
        (NameMangler("M", email="domain"), USER, "example.com"),
        (NameMangler("M", dn="organization-unit"), SUBJECT, "Sales"),
        (NameMangler("M", dn="common-name"), SUBJECT, "r1"),
        (NameMangler("M", dn="locality"), SUBJECT, None),
        (NameMangler("M", dn="common-name"), Identity(IdType.DER_ASN1_DN, b"junk"), None),
        (NameMangler("M", fqdn="all"), USER, None),
        (NameMangler("M", fqdn="all"), Identity(IdType.KEY_ID, b"key"), None),
    ],
)
def test_a_name_is_taken_out_of_an_identity(
    mangler: NameMangler, identity: Identity, name: str | None
) -> None:
    assert mangler.derived(identity) == name
