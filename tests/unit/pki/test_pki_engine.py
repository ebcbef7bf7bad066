"""Names, certificates, requests, revocation lists and enrolment messages, without a box."""

import hashlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography.x509 import load_der_x509_certificate

from iosemu.box.rsa import generate
from iosemu.pki import scep
from iosemu.pki.certificate import Issue, issue, key_identifier, load_certificate, public_key_info
from iosemu.pki.chain import Fault, judge
from iosemu.pki.cms import certificates_only, open_message, seal, unseal
from iosemu.pki.crl import load_list, make_list
from iosemu.pki.names import Attribute, Name, host_attributes
from iosemu.pki.request import load_request, make_request
from iosemu.pki.rsa import PublicKey, decrypt, sign, sign_bare

BEGIN, END = datetime(2024, 12, 10, 20, 5, 26, tzinfo=UTC), datetime(2027, 12, 10, 20, 5, 26, tzinfo=UTC)
NOW = datetime(2025, 6, 1, tzinfo=UTC)
CA = Name.typed("cn=CA")
IOS_KEY = bytes.fromhex(
    "30820122300d06092a864886f70d01010105000382010f003082010a0282010100"
) + bytes(range(1, 256)) + b"\xf1" + bytes.fromhex("0203010001")  # fmt: skip


@cache
def key(number: int):
    return generate("k", 1024, random.Random(number), 0.0)


@cache
def authority(number: int = 1, name: Name = CA, parent: int | None = None):
    signer = key(parent if parent is not None else number)
    issuer = CA if parent is not None else name
    return issue(Issue(1, issuer, name.der(), BEGIN, END, key(number).der(), "md5", authority=True), signer)


def certificate(number: int = 2, serial: int = 2, signer: int = 1, issuer: Name = CA, **more):
    what = {"begins": BEGIN, "ends": END, **more}
    subject = Name.typed("CN=R1,O=X").with_part(host_attributes("r1.x.com", None, None))
    made = Issue(
        serial, issuer, subject.der(), what["begins"], what["ends"], key(number).der(), "sha1",
        issuer_key=key_identifier(key(signer).der()), crl_url=what.get("crl_url", ""),
    )  # fmt: skip
    return issue(made, key(signer))


def nothing_revoked(_certificate, _issuer):
    return None


def test_names_are_typed_encoded_and_printed():
    name = Name.typed('CN=R1,OU="a,b", O=Exa\\,mple , C=RU')
    assert str(name) == "cn=R1,ou=a,b,o=Exa,mple,c=RU"
    assert Name.load(name.der()) == name
    # the most general part goes first on the wire
    assert Name.typed(
        "cn=A,c=RU"
    ).der().hex() == "3019310b3009060355040613025255310a3008060355040313 0141".replace(" ", "")
    assert Name.typed("CN=ca").folded == Name.typed("cn=  CA ").folded
    for wrong in ("R1", "xx=1", "cn=", "cn"):
        with pytest.raises(ValueError, match="no attribute"):
            Name.typed(wrong)
    with pytest.raises(ValueError, match="no distinguished name"):
        Name.load(b"\x30\x03\x31\x01\x00")


def test_any_text_survives_in_a_name():
    types = {"cn": "2.5.4.3", "ou": "2.5.4.11", "o": "2.5.4.10", "st": "2.5.4.8"}
    rng = random.Random(1)
    letters = [chr(each) for each in (*range(32, 127), 0, 10, 0xE9, 0x3042, 0x1F600, 0xFFFD)]
    for _ in range(200):
        parts = [
            (rng.choice(list(types)), "".join(rng.choices(letters, k=rng.randint(1, 20)))) for _ in range(3)
        ]
        name = Name(tuple((Attribute(types[word], value),) for word, value in parts))
        assert Name.load(name.der()) == name


def test_a_certificate_is_octet_for_octet_what_ios_issues():
    """Layout of a certificate that a 15.x authority issued: extensions, their order, printable strings."""
    subject = Name.typed("CN=CRD-R28,OU=VPN,O=Otus,C=RU").with_part(
        host_attributes("CKD-R28.otus.local", None, None)
    )
    made = issue(
        Issue(2, CA, subject.der(), datetime(2024, 12, 10, 20, 11, 42, tzinfo=UTC),
              datetime(2025, 12, 10, 20, 11, 42, tzinfo=UTC), IOS_KEY, "sha1", issuer_key=bytes(20)), key(1),
    )  # fmt: skip
    head = "3082021ea003020102020102300d06092a864886f70d0101050500300d310b300906035504031302434130"
    assert made.der[4:].hex().startswith(head)
    assert (
        made.der.hex().find(
            "305f310b3009060355040613025255310d300b060355040a13044f747573310c300a060355040b130356504e"
        )
        > 0
    )
    tail = (
        "a34f304d300b0603551d0f0404030205a0301f0603551d23041830168014"
        + bytes(20).hex()
        + "301d0603551d0e04160414"
    )
    assert tail in made.der.hex()


def test_the_library_reads_what_is_issued():
    made = certificate(crl_url="http://10.0.0.1/CA.crl")
    read = load_der_x509_certificate(made.der)
    assert read.serial_number == 2
    assert read.not_valid_after_utc == END
    assert made.crl_urls == ("http://10.0.0.1/CA.crl",)
    assert made.hosts() == {"r1.x.com"}
    assert made.signed_by(authority())
    assert not made.signed_by(authority(3))
    with pytest.raises(ValueError, match="no certificate"):
        load_certificate(made.der[:-5])


@pytest.mark.parametrize(
    ("given_", "anchors", "now", "fault"),
    [
        ([certificate()], [authority()], NOW, None),
        ([certificate()], [], NOW, Fault.UNKNOWN_ISSUER),
        ([certificate()], [authority(3)], NOW, Fault.BAD_SIGNATURE),
        ([certificate()], [authority()], END + timedelta(1), Fault.EXPIRED),
        ([certificate()], [authority()], BEGIN - timedelta(1), Fault.NOT_YET_VALID),
        ([certificate(ends=NOW - timedelta(1))], [authority()], NOW, Fault.EXPIRED),
        (
            [certificate(signer=4, issuer=Name.typed("cn=Sub")), authority(4, Name.typed("cn=Sub"), 1)],
            [authority()],
            NOW,
            None,
        ),
        ([certificate(signer=4, issuer=Name.typed("cn=Sub"))], [authority()], NOW, Fault.UNKNOWN_ISSUER),
    ],
)
def test_chains(given_, anchors, now, fault):
    assert judge(given_, anchors, now, nothing_revoked).fault is fault


def test_a_revoked_certificate_is_not_believed():
    found = load_list(make_list(CA, NOW, NOW + timedelta(hours=6), {2: NOW}, key(1)).der)
    assert found.signed_by(authority())
    assert not found.signed_by(authority(3))

    def revoked(asked, _issuer):
        return Fault.REVOKED if asked.serial in found.revoked else None

    assert judge([certificate()], [authority()], NOW, revoked).fault is Fault.REVOKED
    assert judge([certificate(serial=3)], [authority()], NOW, revoked).fault is None


def test_rsa_signs_seals_and_refuses():
    public = PublicKey(key(1).modulus, 65537)
    assert public.opened(sign_bare(key(1), b"hash")) == b"hash"
    signature = sign(key(1), "md5", b"message")
    assert public.verifies("md5", signature, b"message")
    assert not public.verifies("md5", signature, b"messagE")
    assert not public.verifies("sha1", signature, b"message")
    assert not public.verifies("md5", signature[:-1], b"message")
    assert decrypt(key(1), public.encrypt(b"secret", random.Random(1).randbytes)) == b"secret"
    with pytest.raises(ValueError, match="too long"):
        sign(generate("short", 512, random.Random(1), 0.0), "sha512", b"")

    @dataclass
    class Unknown:
        modulus: int
        private: int
        prime: int = 0

    slow = Unknown(key(1).modulus, key(1).private)
    assert sign(slow, "sha256", b"message") == sign(key(1), "sha256", b"message")


def test_messages_for_one_recipient():
    sealed = seal(b"text", authority(), random.Random(1).randbytes, "aes128_cbc")
    assert unseal(sealed, key(1)) == (b"text", "aes128_cbc")
    with pytest.raises(ValueError, match=r"padding|length"):
        unseal(sealed, key(3))
    assert open_message(certificates_only([authority()])).certificates == (authority(),)
    with pytest.raises(ValueError, match="no signed message"):
        open_message(sealed)


def ask(make=scep.enrol):
    request = make_request(Name.typed("cn=R1"), key(2).der(), key(2), password="secret", fqdn="r1.x.com")
    own = issue(Issue(1, request.subject, request.subject_der, BEGIN, END, key(2).der()), key(2))
    return request, make(request, authority(), own, key(2), random.Random(2).randbytes)


def test_enrolment_both_ways():
    request, data = ask()
    asked = scep.read_question(data, key(1))
    assert asked.type is scep.MessageType.PKCS_REQ
    assert asked.request == request
    assert asked.request.password == "secret"
    for said in (
        scep.Answered(scep.Status.SUCCESS, None, (certificate(),)),
        scep.Answered(scep.Status.PENDING),
        scep.Answered(scep.Status.FAILURE, scep.Failure.BAD_REQUEST),
    ):
        answer = scep.answer(asked, said, authority(), key(1), random.Random(3).randbytes)
        assert scep.read_answer(answer, key(2), authority()) == said
        with pytest.raises(ValueError, match="somebody else"):
            scep.read_answer(answer, key(2), authority(3))
    assert scep.read_question(ask(scep.poll)[1], key(1)).type is scep.MessageType.CERT_POLL


def test_the_same_numbers_make_the_same_octets():
    assert hashlib.sha256(ask()[1]).digest() == hashlib.sha256(ask()[1]).digest()


def test_what_was_altered_on_the_way_is_refused():
    _, data = ask()
    rng, refused = random.Random(1), 0
    for _ in range(40):
        at, change = rng.randrange(len(data)), rng.randint(1, 255)
        altered = data[:at] + bytes((data[at] ^ change,)) + data[at + 1 :]
        try:
            asked = scep.read_question(altered, key(1))
        except ValueError:
            refused += 1
            continue
        # octets that nothing depends on, such as those of a version
        assert asked.request == ask()[0]
    assert refused > 30


def test_requests_prove_their_key():
    request, _ = ask()
    assert load_request(request.der).subject == request.subject
    at = request.der.index(b"r1.x.com")
    with pytest.raises(ValueError, match="no request"):
        load_request(request.der[:at] + b"R" + request.der[at + 1 :])
    assert public_key_info(PublicKey(key(2).modulus, 65537)) == key(2).der()
