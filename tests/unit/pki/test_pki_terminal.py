"""Certificates that are pasted at the terminal, and what leaves the box; two boxes stand for two people."""

import random
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from iosemu.box.ec_key import generate_ec
from iosemu.box.model import load_image, load_model
from iosemu.box.rsa import generate
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import Ask, CommandError
from iosemu.kinds.factory import create_device
from iosemu.net.scheduler import Scheduler
from iosemu.pki.chain import Fault
from iosemu.pki.names import Name
from iosemu.subjects.access.private_config import PrivateConfig
from iosemu.subjects.pki.commands import enroll, server, transfer, trustpoint
from iosemu.subjects.pki.config import (
    AUTHORITY,
    GENERAL,
    CertificateMap,
    CertificateServer,
    MapRule,
    PkiConfig,
    Trustpoint,
)
from iosemu.subjects.pki.service.pki import Pki

ROOT = Path(__file__).parents[3] / "devices"


@cache
def key(label: str):
    return generate(label, 1024, random.Random(label), 0.0, True)


def box(name: str):
    device = create_device(
        name,
        load_model(ROOT / "models" / "c2811.yaml"),
        load_image(ROOT / "images" / "15.1.yaml"),
        Scheduler(),
        random.Random(name),
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    device.boot()
    device.config.of(SystemConfig).clock_set = True
    return device


def typed(device, call, *arguments, answers=(), target=None, negated=False):
    """Run a handler to its end: questions are answered in turn, what is printed comes back."""
    context = Context(device, target, SimpleNamespace(quiet=False), negated=negated)
    printed, given = [], iter(answers)
    steps = call(context, *arguments)
    answer = None
    while True:
        try:
            item = steps.send(answer) if hasattr(steps, "send") else next(steps)
        except StopIteration:
            break
        answer = None
        if isinstance(item, str):
            printed.append(item)
        elif isinstance(item, Ask):
            printed.append(item.prompt)
            answer = next(given)
    device.configured("pki")
    return printed


def pasted(printed, before="Certificate Request follows:"):
    lines = printed[printed.index(before) + 1 :]
    begin = next(number for number, line in enumerate(lines) if line)
    return [*lines[begin : lines.index("", begin)], ""]


@pytest.fixture
def boxes():
    authority, router = box("CA"), box("R1")
    config = authority.config.of(PkiConfig)
    config.servers["CA"] = CertificateServer("CA", issuer_name="cn=CA", grant_auto=True)
    authority.service(PrivateConfig).put(key("CA"))
    answers = ["short", "longenough", "longenough"]
    printed = typed(authority, server.shutdown, answers=answers, target=config.servers["CA"], negated=True)
    assert "% Password must be at least 7 characters." in printed
    router.config.of(PkiConfig).trustpoints["TP"] = Trustpoint(
        "TP", enrollment="terminal", subject_name="CN=R1,O=X", key_label="TP"
    )
    router.service(PrivateConfig).put(key("TP"))
    return authority, router


def enrolled(boxes):
    authority, router = boxes
    shown = list(enroll.pem("CERTIFICATE", authority.service(Pki).servers["CA"].certificate.der))
    said = typed(router, enroll.authenticate, "TP", answers=[*shown, "", "maybe", "yes"])
    assert "% Please answer 'yes' or 'no'." in said
    assert "% Certificate successfully imported" in said
    said = typed(router, enroll.enroll, "TP", answers=["no", "no", "yes", "no"])
    granted = typed(authority, server.request_terminal, "CA", answers=pasted(said))
    answers = pasted(granted, "% Granted certificate:")
    assert "% Router Certificate successfully imported" in typed(
        router, enroll.import_certificate, "TP", answers=answers
    )
    return router.service(Pki)


def test_by_hand_from_request_to_certificate(boxes):
    service = enrolled(boxes)
    own = service.credential()
    assert str(own.certificate.subject) == "hostname=Router,cn=R1,o=X"
    assert service.believe([own.certificate]).fault is Fault.NO_LIST
    service.config.trustpoints["TP"].revocation = ("none",)
    assert service.believe([own.certificate]).fault is None
    assert service.counters.successful == 1


def test_what_is_pasted_wrong_changes_nothing(boxes):
    authority, router = boxes
    said = typed(router, enroll.authenticate, "TP", answers=["nonsense!", "quit"])
    assert "% Error in saving certificate: status = FAIL" in said
    assert router.config.of(PkiConfig).chain("TP").authority is None
    assert "% You must authenticate the Certificate Authority before" in typed(router, enroll.enroll, "TP")
    enrolled(boxes)
    before = router.config.of(PkiConfig).chain("TP").own
    other = list(enroll.base64_lines(authority.service(Pki).servers["CA"].certificate.der))
    assert enroll.BAD in typed(router, enroll.import_certificate, "TP", answers=[*other, ""])
    assert router.config.of(PkiConfig).chain("TP").own is before
    assert any(
        "invalid" in each for each in typed(authority, server.request_terminal, "CA", answers=[*other, ""])
    )


def test_a_certificate_ends_with_lab_time(boxes):
    service = enrolled(boxes)
    service.config.trustpoints["TP"].revocation = ("none",)
    own = service.credential().certificate
    service.device.config.of(SystemConfig).clock_offset += timedelta(days=366).total_seconds()
    assert service.believe([own]).fault is Fault.EXPIRED


def test_a_map_says_whose_certificates_count(boxes):
    service = enrolled(boxes)
    target = service.config.trustpoints["TP"]
    target.revocation, target.certificate_map = ("none",), "MAP"
    own = service.credential().certificate
    assert service.believe([own]).fault is Fault.REFUSED
    service.config.maps["MAP", 10] = CertificateMap("MAP", 10, [MapRule("subject-name", "co", "O = x")])
    assert service.believe([own]).fault is None
    service.config.maps["MAP", 10].rules.append(MapRule("issuer-name", "ne", "cn=CA"))
    assert service.believe([own]).fault is Fault.REFUSED


def test_pkcs12_and_pem_carry_a_key_to_another_box(boxes):
    enrolled(boxes)
    router = boxes[1]
    exported = typed(router, transfer.export_pkcs12, "TP", "cisco123")
    body = exported[exported.index("CRYPTO_PKI: Exporting pkcs12...") + 1 : -2]
    other = box("R2")
    assert "failed" in typed(other, transfer.import_pkcs12, "NEW", "wrong", answers=[*body, ""])[-1]
    assert typed(other, transfer.import_pkcs12, "NEW", "cisco123", answers=[*body, ""])[-1].endswith(
        "successfully."
    )
    assert other.service(Pki).credential().certificate == router.service(Pki).credential().certificate
    parts = "\n".join(typed(router, transfer.export_pem, "TP", "cisco123")).split("-----BEGIN ")
    lines = [("-----BEGIN " + part).splitlines() for part in parts[1:]]
    lines = [
        each[: next(at for at, line in enumerate(each) if line.startswith("-----END")) + 1] for each in lines
    ]
    third = box("R3")
    pasted_ = [line for each in lines for line in [*each, ""]]
    said = typed(third, transfer.import_pem, "NEW", "cisco123", answers=pasted_)
    assert said[-1] == "% PEM files import succeeded."
    assert third.service(Pki).credential().certificate == router.service(Pki).credential().certificate


def test_a_key_pair_is_carried_to_another_box():
    one, other = box("R1"), box("R2")
    one.service(PrivateConfig).put(key("REKEY"))
    exported = typed(one, transfer.export_key, "REKEY", "cisco123")
    assert exported[:3] == ["% Key name: REKEY", "   Usage: General Purpose Key", "   Key data:"]
    at = exported.index("-----END PUBLIC KEY-----") + 1
    public, private = exported[3:at], exported[at:-1]
    for wrong in ([*private, "quit", *private, "quit"], [*public, "quit", *public, "quit"]):
        assert typed(other, transfer.import_key, "REKEY", "cisco123", answers=wrong)[-1].endswith("failed.")
    answers = [*public, "quit", *private, "quit"]
    assert typed(other, transfer.import_key, "REKEY", "wrong", answers=answers)[-1].endswith("failed.")
    assert typed(other, transfer.import_key, "REKEY", "cisco123", answers=answers)[-1].endswith("succeeded.")
    assert other.rsa_keys["REKEY"].modulus == one.rsa_keys["REKEY"].modulus
    assert other.rsa_keys["REKEY"].private == one.rsa_keys["REKEY"].private
    with pytest.raises(CommandError, match="not exportable"):
        typed(other, transfer.export_key, "REKEY", "cisco123")
    with pytest.raises(CommandError, match="exists already"):
        typed(other, transfer.import_key, "REKEY", "cisco123")
    with pytest.raises(CommandError, match="does not exist"):
        typed(other, transfer.export_key, "OTHER", "cisco123")


def test_a_key_that_is_not_exportable_stays(boxes):
    router = boxes[1]
    router.service(PrivateConfig).put(generate("TP", 512, random.Random(5), 0.0))
    with pytest.raises(CommandError, match="not exportable"):
        typed(router, transfer.export_pkcs12, "TP", "cisco123")


def test_self_signed(boxes):
    router = boxes[1]
    target = router.config.of(PkiConfig).trustpoints["SELF"] = Trustpoint(
        "SELF", enrollment="selfsigned", key_label="TP"
    )
    said = typed(router, enroll.enroll, "SELF", answers=["no", "no", "yes"])
    assert "Router Self Signed Certificate successfully created" in said
    own = router.config.of(PkiConfig).chain("SELF").own
    assert own.signed_by(own)
    assert router.service(Pki).subject(target).fqdn == "Router"


def test_a_server_remembers_over_a_power_cycle(boxes):
    enrolled(boxes)
    authority = boxes[0]
    found = authority.service(Pki).servers["CA"]
    assert found.revoke(2)
    assert not found.revoke(2)
    assert not found.revoke(3)
    service = Pki(authority)
    service.changed()
    assert service.servers["CA"].serial == 2
    assert set(service.servers["CA"].list().revoked) == {2}


def test_trustpoints_go_after_a_question(boxes):
    enrolled(boxes)
    router = boxes[1]
    for answer, left in (("no", True), ("yes", False)):
        typed(router, trustpoint.trustpoint, "TP", answers=[answer], negated=True)
        assert ("TP" in router.config.of(PkiConfig).trustpoints) is left


@pytest.mark.parametrize("bits", [256, 384])
def test_a_key_of_an_elliptic_curve_is_carried_too(bits):
    router, kept = box("R1"), generate_ec("EC", bits, random.Random(1), 0.0, exportable=True)
    router.service(PrivateConfig).put_curve(kept)
    target = router.config.of(PkiConfig).trustpoints["TP"] = Trustpoint(
        "TP", enrollment="selfsigned", curve_label="EC", subject_name="CN=R1"
    )
    service = router.service(Pki)
    service.put("TP", GENERAL, service.self_signed(Name.typed("CN=R1"), kept, digest=kept.digest))
    service.put("TP", AUTHORITY, service.config.chain("TP").own)
    target.enrollment = "terminal"
    exported = typed(router, transfer.export_pkcs12, "TP", "cisco123")
    body = exported[exported.index("CRYPTO_PKI: Exporting pkcs12...") + 1 : -2]
    other = box("R2")
    said = typed(other, transfer.import_pkcs12, "NEW", "cisco123", answers=[*body, ""])
    assert said[-1].endswith("successfully.")
    got = other.service(PrivateConfig).curves["NEW"]
    assert (got.bits, got.number, got.exportable) == (bits, kept.number, True)
    assert other.config.of(PkiConfig).trustpoints["NEW"].curve_label == "NEW"
    assert other.service(Pki).credential(curve=True).certificate == service.config.chain("TP").own
    parts = "\n".join(typed(router, transfer.export_pem, "TP", "cisco123")).split("-----BEGIN ")
    lines = [("-----BEGIN " + part).splitlines() for part in parts[1:]]
    lines = [
        each[: next(at for at, line in enumerate(each) if line.startswith("-----END")) + 1] for each in lines
    ]
    third = box("R3")
    said = typed(
        third,
        transfer.import_pem,
        "NEW",
        "cisco123",
        answers=[line for each in lines for line in [*each, ""]],
    )
    assert said[-1] == "% PEM files import succeeded."
    assert third.service(PrivateConfig).curves["NEW"].number == kept.number


def test_a_key_of_a_curve_that_stays_or_is_unknown():
    router = box("R1")
    router.config.of(PkiConfig).trustpoints["TP"] = Trustpoint("TP", enrollment="terminal", curve_label="EC")
    with pytest.raises(CommandError, match="no EC key pair"):
        typed(router, transfer.export_pkcs12, "TP", "cisco123")
    router.service(PrivateConfig).put_curve(generate_ec("EC", 256, random.Random(1), 0.0))
    with pytest.raises(CommandError, match="EC keypair 'EC' is not exportable"):
        typed(router, transfer.export_pkcs12, "TP", "cisco123")
    foreign = ec.generate_private_key(ec.SECP521R1())
    data = pkcs12.serialize_key_and_certificates(
        b"X", foreign, None, None, serialization.BestAvailableEncryption(b"cisco123")
    )
    lines = b64encode(data).decode()
    said = typed(
        router,
        transfer.import_pkcs12,
        "NEW",
        "cisco123",
        answers=[*(lines[at : at + 64] for at in range(0, len(lines), 64)), ""],
    )
    assert "failed" in said[-1]
    assert "NEW" not in router.config.of(PkiConfig).trustpoints
