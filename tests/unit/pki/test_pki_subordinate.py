"""An authority below another: what it issues leads to the root, in openssl's eyes, too."""

import shutil
import subprocess

import pytest
from test_pki_terminal import box, key, pasted, typed

from iosemu.pki.certificate import CERT_SIGN
from iosemu.pki.chain import judge
from iosemu.subjects.access.private_config import PrivateConfig
from iosemu.subjects.pki.commands import enroll, server
from iosemu.subjects.pki.config import AUTHORITY, GENERAL, CertificateServer, PkiConfig, Trustpoint
from iosemu.subjects.pki.service.pki import Pki
from iosemu.subjects.pki.service.server import read_request

PHRASE = ["longenough", "longenough"]


def authority(name, **how):
    """A box with a server that was not switched on yet, and the key it will have."""
    device = box(name)
    config = device.config.of(PkiConfig)
    config.servers[name] = CertificateServer(
        name, issuer_name=f"cn={name}", hash="sha256", shutdown=True, **how
    )
    device.service(PrivateConfig).put(key(name))
    return device


def switched_on(device, *answers):
    target = device.config.of(PkiConfig).servers[device.name]
    return typed(device, server.shutdown, answers=[*PHRASE, *answers], target=target, negated=True)


def shown(certificate):
    return [*enroll.pem("CERTIFICATE", certificate.der), ""]


@pytest.fixture
def family():
    """A root, a subordinate that has its certificate of it, and a router with one of the subordinate."""
    root, sub, router = (
        authority("ROOT", lifetime_certificate=30),
        authority("SUB", subordinate=True),
        box("R1"),
    )
    switched_on(root)
    above = root.service(Pki).servers["ROOT"]
    sub.config.of(PkiConfig).trustpoints["SUB"] = Trustpoint("SUB", enrollment="terminal", hash="sha256")
    said = switched_on(sub, *shown(above.certificate), "yes", "no", "no", "yes", "no")
    asked = typed(root, server.request_terminal, "ROOT", answers=pasted(said))
    assert "% Enrollment request pending, reqId=1" in asked
    granted = typed(root, server.grant_request, "ROOT")
    assert "% Router Certificate successfully imported" in typed(
        sub, enroll.import_certificate, "SUB", answers=pasted(granted, "% Granted certificate:")
    )
    below = sub.service(Pki).servers["SUB"]
    below.changed()
    target = router.config.of(PkiConfig).trustpoints["TP"] = Trustpoint(
        "TP", enrollment="terminal", subject_name="CN=R1", key_label="TP", hash="sha256"
    )
    router.service(PrivateConfig).put(key("TP"))
    pki = router.service(Pki)
    entry = below.submit(pki.make_request(target, pki.subject(target), key("TP")), "")
    below.grant(entry)
    return above, below, entry.certificate


def test_what_a_subordinate_issues_leads_to_the_root(family):
    above, below, leaf = family
    assert below.running
    own = below.certificate
    assert own.authority
    assert CERT_SIGN in own.usage
    assert own.signed_by(above.certificate)
    assert str(leaf.issuer) == "cn=SUB"
    assert not leaf.authority
    assert leaf.ends <= own.ends
    now = below.pki.now
    assert judge([leaf, own], [above.certificate], now, lambda *_: None).fault is None
    assert below.list().issuer.folded == own.subject.folded
    assert below.revoke(leaf.serial)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_follows_the_chain(family, tmp_path):
    above, below, leaf = family
    for name, each in (("root", above.certificate), ("sub", below.certificate), ("leaf", leaf)):
        (tmp_path / name).write_text("\n".join(shown(each)) + "\n")
    moment = str(int(below.pki.now.timestamp()) + 60)
    how = ("openssl", "verify", "-x509_strict", "-attime", moment, "-CAfile", "root")
    done = subprocess.run([*how, "-untrusted", "sub", "leaf"], cwd=tmp_path, capture_output=True, check=False)
    assert done.stdout.strip() == b"leaf: OK", done.stderr
    alone = subprocess.run([*how, "leaf"], cwd=tmp_path, capture_output=True, check=False)
    assert alone.returncode


def test_a_certificate_that_must_not_sign_starts_no_server():
    root, sub = authority("ROOT", grant_auto=True), authority("SUB", subordinate=True)
    switched_on(root)
    above, pki = root.service(Pki).servers["ROOT"], sub.service(Pki)
    target = sub.config.of(PkiConfig).trustpoints["SUB"] = Trustpoint(
        "SUB", enrollment="terminal", key_label="SUB"
    )
    plain = pki.make_request(Trustpoint("OTHER"), pki.subject(target), key("SUB"))
    assert not plain.authority
    sub.config.of(PkiConfig).servers["SUB"].shutdown = False
    pki.put("SUB", AUTHORITY, above.certificate)
    pki.put("SUB", GENERAL, above.submit(plain, "").certificate)
    pki.changed()
    assert not pki.servers["SUB"].running
    assert pki.servers["SUB"].certificate is None


def test_without_a_trustpoint_nobody_is_asked():
    sub = authority("SUB", subordinate=True)
    target = sub.config.of(PkiConfig).servers["SUB"]
    said = typed(sub, server.shutdown, target=target, negated=True)
    assert said == ["% Trustpoint SUB names no upper CA. Cannot start the Certificate server"]
    assert target.shutdown
    assert "SUB" not in sub.config.of(PkiConfig).chains


def test_a_request_that_is_read_again_still_asks_to_sign():
    sub = authority("SUB", subordinate=True)
    pki, target = sub.service(Pki), Trustpoint("SUB", key_label="SUB")
    asked = pki.make_request(target, pki.subject(target), key("SUB"))
    lines = "\n".join(enroll.base64_lines(asked.der))
    assert read_request(lines.encode()).authority
