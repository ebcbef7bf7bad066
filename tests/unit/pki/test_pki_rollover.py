"""An authority's next certificate: made ahead, handed out, taken; over the lab's own HTTP."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from iosemu.box.rsa import generate
from iosemu.box.system import SystemConfig
from iosemu.handling.context import Context
from iosemu.handling.effects import CommandError
from iosemu.lab.lab import Lab
from iosemu.shell.loader import load
from iosemu.subjects.access.private_config import PrivateConfig
from iosemu.subjects.pki.commands import server as commands
from iosemu.subjects.pki.config import AUTHORITY, CertificateServer, PkiConfig, Trustpoint
from iosemu.subjects.pki.service.pki import Pki

LAB = """name: rollover
nodes:
  CA: {model: c2811, image: "15.1"}
  R1: {model: c2811, image: "15.1"}
links:
  - endpoints: ["CA:Fa0/0", "R1:Fa0/0"]
"""
LINES = """no cdp run
interface FastEthernet0/0
 ip address 10.0.0.{number} 255.255.255.0
 no shutdown
ip http server
"""
DAY = 86400.0


class Pair:
    """An authority of ten days, and a router that renews its certificate by itself."""

    def __init__(self, directory: Path, rollover: int | None = 4, percent: int = 80) -> None:
        (directory / "lab.yaml").write_text(LAB)
        self.lab = Lab.load(directory / "lab.yaml", time="manual")
        self.lab.boot()
        self.ca, self.router = self.lab["CA"], self.lab["R1"]
        for number, box in enumerate((self.ca, self.router), 1):
            assert load(box, self.lab.grammar, LINES.format(number=number)) == []
            box.config.of(SystemConfig).clock_set = True
        self.run(10)
        config = self.ca.config.of(PkiConfig)
        config.servers["CA"] = CertificateServer(
            "CA", issuer_name="cn=CA", grant_auto=True, hash="sha256", lifetime_ca=10, rollover=rollover
        )
        config.trustpoints["CA"] = Trustpoint("CA", key_label="CA")
        self.ca.service(PrivateConfig).put(generate("CA", 512, random.Random(1), 0.0))
        self.ca.configured("pki")
        self.server = self.ca.service(Pki).servers["CA"]
        self.server.make()
        self.ca.configured("pki")
        trustpoint = self.router.config.of(PkiConfig).trustpoints["TP"] = Trustpoint(
            "TP", enrollment="url http://10.0.0.1", subject_name="CN=R1", key_label="TP", hash="sha256",
            auto_enroll=True, auto_percent=percent, revocation=("none",),
        )  # fmt: skip
        self.router.service(PrivateConfig).put(generate("TP", 512, random.Random(2), 0.0))
        self.pki = self.router.service(Pki)
        assert self.server.certificate is not None
        self.pki.put("TP", AUTHORITY, self.server.certificate)
        self.router.configured("pki")
        self.run(60)
        assert trustpoint.name in self.pki.config.chains

    def run(self, seconds: float) -> None:
        scheduler = self.lab.clock.scheduler
        scheduler.run_until(scheduler.now + seconds)

    @property
    def chain(self):
        return self.pki.config.chain("TP")


def test_the_next_certificate_is_made_handed_out_and_taken(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    first, own = pair.server.certificate, pair.chain.own
    assert own is not None
    assert own.ends == first.ends, "no certificate outlives its authority's"
    assert pair.server.rollover.begins == first.ends - timedelta(days=4)
    pair.run(5.9 * DAY)
    assert pair.server.rollover.certificate is None
    pair.run(0.2 * DAY)
    following = pair.server.rollover.certificate
    assert following is not None
    assert (following.begins, following.ends) == (first.ends, first.ends + timedelta(days=10))
    assert following.signed_by(following)
    assert following.key_info != first.key_info
    assert pair.chain.rollover is None
    pair.run(2 * DAY)
    assert pair.chain.rollover == following
    assert pair.chain.authority == first
    assert pair.chain.own == own, "renewed by this authority it would end no later"
    assert pair.pki.believe([own]).fault is None
    pair.run(2 * DAY)
    assert pair.server.certificate == following
    assert pair.server.key.der() == following.key_info
    assert "CA#" not in pair.ca.service(PrivateConfig).keys
    assert pair.server.list().signed_by(following)
    assert pair.chain.rollover is None
    assert pair.chain.authority == following
    assert pair.chain.own != own
    assert pair.chain.own.signed_by(following)
    assert pair.pki.believe([pair.chain.own]).fault is None
    pair.run(10 * DAY)
    assert pair.server.certificate not in (first, following), "and so on"
    assert pair.chain.own.signed_by(pair.server.certificate)


def test_without_it_everything_ends_with_the_authority(tmp_path: Path) -> None:
    pair = Pair(tmp_path, rollover=None)
    first = pair.server.certificate
    pair.run(11 * DAY)
    assert pair.server.certificate == first
    assert pair.chain.authority == first
    assert pair.chain.rollover is None
    assert pair.server.rollover.told() is None


def test_what_another_has_signed_is_no_next_authority(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    stranger = generate("X", 512, random.Random(9), 0.0)
    pair.run(6.1 * DAY)
    pair.pki.put("TP", AUTHORITY, pair.pki.self_signed(pair.server.certificate.subject, stranger))
    pair.run(3 * DAY)
    assert pair.chain.rollover is None


def test_a_subordinate_server_has_none(tmp_path: Path) -> None:
    pair = Pair(tmp_path)
    target = pair.ca.config.of(PkiConfig).servers["CA"]
    target.subordinate, target.shutdown = True, True
    with pytest.raises(CommandError, match="subordinate"):
        commands.auto_rollover(Context(pair.ca, target, pair.lab.session("CA")), 5)
