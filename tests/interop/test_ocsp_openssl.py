"""OCSP against openssl's responder: who is revoked, who is not, and what counts when nobody answers."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from namespace_lab import beside, lacking, until

from iosemu.box.system import SystemConfig
from iosemu.pki.certificate import Certificate, load_certificate
from iosemu.pki.chain import Fault
from iosemu.subjects.pki.config import AUTHORITY, PkiConfig
from iosemu.subjects.pki.service.pki import Pki

REASON = lacking("openssl", "ss", "ip")
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)
ROUTER = """crypto pki trustpoint VPN
 enrollment terminal
 revocation-check ocsp none
crypto pki trustpoint STRICT
 enrollment terminal
 revocation-check ocsp
 ocsp url http://192.168.7.2:2560/
"""
CONFIGURATION = """[ca]
default_ca = here
[here]
database = {0}/index.txt
serial = {0}/serial
new_certs_dir = {0}
certificate = {0}/ca.pem
private_key = {0}/ca.key
default_md = sha256
default_days = 30
policy = any
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
authorityInfoAccess = OCSP;URI:http://192.168.7.2:2560/
[responder]
extendedKeyUsage = OCSPSigning
"""


class Authority:
    """One by openssl, with its index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "ca.cnf").write_text(CONFIGURATION.format(folder))
        (folder / "index.txt").write_text("")
        (folder / "serial").write_text("1000\n")
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
                     "-subj", "/CN=Root", "-days", "30")  # fmt: skip

    def openssl(self, *arguments: str) -> None:
        done = subprocess.run(
            ("openssl", *arguments), cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def issue(self, name: str, extensions: str = "leaf") -> Certificate:
        self.openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out",
                     f"{name}.csr", "-subj", f"/CN={name}")  # fmt: skip
        self.openssl("ca", "-batch", "-config", "ca.cnf", "-in", f"{name}.csr", "-out", f"{name}.pem",
                     "-extensions", extensions, "-notext")  # fmt: skip
        return self.load(name)

    def load(self, name: str) -> Certificate:
        self.openssl("x509", "-in", f"{name}.pem", "-outform", "der", "-out", f"{name}.der")
        return load_certificate((self.folder / f"{name}.der").read_bytes())


@pytest.mark.parametrize("delegated", [False, True])
async def test_a_responder_is_asked(tmp_path: Path, delegated: bool) -> None:
    authority = Authority(tmp_path)
    good, bad = authority.issue("good"), authority.issue("bad")
    assert good.ocsp_urls == ("http://192.168.7.2:2560/",)
    authority.openssl("ca", "-config", "ca.cnf", "-revoke", "bad.pem")
    signer = "ca"
    if delegated:
        authority.issue("responder", "responder")
        signer = "responder"
    async with beside(tmp_path, "ioco", ROUTER) as (lab, namespace, _serving):
        box = lab["R1"]
        pki = box.service(Pki)
        box.config.of(SystemConfig).clock_offset += (datetime.now(UTC) - pki.now).total_seconds() + 5
        root = authority.load("ca")
        for name in ("VPN", "STRICT"):
            box.config.of(PkiConfig).chain(name)
            pki.put(name, AUTHORITY, root)

        async def judged(certificate: Certificate, name: str) -> Fault | None:
            pki.believe([certificate], [name])
            await until(lambda: pki.believe([certificate], [name]).fault is not Fault.FETCHING)
            return pki.believe([certificate], [name]).fault

        # nobody listens yet: the next method counts where there is one
        assert await judged(good, "VPN") is None
        assert await judged(bad, "STRICT") is Fault.NO_LIST
        namespace.start(
            "openssl", "ocsp", "-index", str(tmp_path / "index.txt"), "-port", "2560", "-CA",
            str(tmp_path / "ca.pem"), "-rsigner", str(tmp_path / f"{signer}.pem"), "-rkey",
            str(tmp_path / f"{signer}.key"), "-ndays", "1", log=tmp_path / "said",
        )  # fmt: skip
        await until(lambda: ":2560 " in namespace.run("ss", "-ltn").stdout)
        pki.revocations._failed.clear()
        assert await judged(good, "STRICT") is None
        assert await judged(bad, "STRICT") is Fault.REVOKED
        assert await judged(bad, "VPN") is Fault.REVOKED
        assert pki.counters.failures == 2
