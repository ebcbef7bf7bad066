"""Certificates that a peer only names are fetched over the lab's own HTTP, and are what they were said to be."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from iosemu.box.rsa import generate
from iosemu.ike.proof import Postponed
from iosemu.lab.lab import Lab
from iosemu.pki.bundle import certificates_of
from iosemu.pki.certificate import Issue, issue
from iosemu.pki.der import sequence, tagged
from iosemu.pki.names import Name
from iosemu.shell.loader import load
from iosemu.subjects.crypto.config.ikev2 import Ikev2Config
from iosemu.subjects.crypto.service.certificate_urls import MOST_QUESTIONS, PATIENCE, CertificateUrls
from iosemu.subjects.server.config import ServerConfig

LAB = """name: urls
nodes:
  R1: {model: c2811, image: "15.1"}
  WEB: {model: server, startup: "ipconfig 10.0.0.2 255.255.255.0 10.0.0.1", services: {http: true}}
links:
  - endpoints: ["R1:Fa0/0", "WEB:Fa0"]
"""
ROUTER = """interface FastEthernet0/0
 ip address 10.0.0.1 255.255.255.0
 no shutdown
ip host web.example.com 10.0.0.2
"""


def made(number: int) -> bytes:
    key, now = generate("K", 512, random.Random(1), 0.0), datetime(2026, 1, 1, tzinfo=UTC)
    name = Name.typed(f"CN=peer{number}")
    what = Issue(number, name, name.der(), now, now + timedelta(days=9), key.der(), "sha1")
    return issue(what, key).der


def make_bundle(certificates: tuple[bytes, ...]) -> bytes:
    """Each with the explicit tag 0."""
    return sequence(*(tagged(0xA0, each) for each in certificates))


ONE, TWO, THREE = made(1), made(2), made(3)


class Shop:
    """A router, and a server that has what `put` puts there."""

    def __init__(self, directory: Path) -> None:
        (directory / "lab.yaml").write_text(LAB)
        self.lab = Lab.load(directory / "lab.yaml", time="manual")
        self.lab.boot()
        self.router = self.lab["R1"]
        assert load(self.router, self.lab.grammar, ROUTER) == []
        self.resumed = 0
        self.advance(10)
        self.urls = CertificateUrls(self.router, self._again)

    def _again(self) -> None:
        self.resumed += 1

    def room(self, entries: int) -> None:
        self.router.config.of(Ikev2Config).certificate_cache = entries

    def put(self, name: str, data: bytes) -> None:
        store = self.lab["WEB"].config.of(ServerConfig).files
        assert store is not None
        assert not store.write(name, data)

    def advance(self, seconds: float) -> None:
        scheduler = self.lab.clock.scheduler
        scheduler.run_until(scheduler.now + seconds)

    def get(self, data: bytes, url: str, *, bundle: bool = False) -> tuple[bytes, ...]:
        digest, before = hashlib.sha1(data).digest(), self.resumed
        try:
            return self.urls.fetched(digest, url, bundle=bundle)
        except Postponed:
            pass
        for _ in range(100):
            if self.resumed != before:
                break
            self.advance(1)
        return self.urls.fetched(digest, url, bundle=bundle)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_it_is_fetched_and_counts_for_the_exchange(shop: Shop) -> None:
    shop.put("one", ONE)
    assert shop.get(ONE, "http://web.example.com/one") == (ONE,)
    assert not shop.urls.cache
    shop.advance(PATIENCE + 1)
    with pytest.raises(Postponed):  # without a cache it is asked for again
        shop.urls.fetched(hashlib.sha1(ONE).digest(), "http://web.example.com/one", bundle=False)


def test_a_bundle_is_all_its_certificates(shop: Shop) -> None:
    bundle = make_bundle((ONE, TWO))
    shop.put("both", bundle)
    assert shop.get(bundle, "http://10.0.0.2/both", bundle=True) == (ONE, TWO)


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.2/nothing", "http://10.0.0.2/other", "http://10.0.0.9/one", "http://10.9.9.9/one",
        "http://unknown/one", "https://10.0.0.2/one", "http://10.0.0.2:99999/one", "http://10.0.0.2/o ne",
        "http://10.0.0.2/o\r\nne", "nonsense", "",
    ],
)  # fmt: skip
def test_what_is_not_to_be_had_is_nothing(shop: Shop, url: str) -> None:
    shop.put("one", ONE)
    shop.put("other", TWO)
    shop.room(5)
    assert shop.get(ONE, url) == ()
    assert not shop.urls.cache


def test_the_cache_has_room_for_so_many_and_the_oldest_goes(shop: Shop) -> None:
    shop.room(2)
    for name, each in (("1", ONE), ("2", TWO), ("3", THREE)):
        shop.put(name, each)
        assert shop.get(each, f"http://10.0.0.2/{name}") == (each,)
    assert [each.certificates[0].der for each in shop.urls.cache.values()] == [TWO, THREE]
    shop.advance(PATIENCE + 1)
    assert shop.urls.fetched(hashlib.sha1(THREE).digest(), "http://elsewhere/3", bundle=False) == (THREE,)
    shop.room(1)
    shop.urls.fit()
    assert [each.certificates[0].der for each in shop.urls.cache.values()] == [THREE]
    shop.urls.clear()
    assert not shop.urls.cache


def test_so_many_are_asked_for_at_a_time(shop: Shop) -> None:
    asked = 0
    for number in range(MOST_QUESTIONS + 3):
        try:
            assert shop.urls.fetched(bytes(20), f"http://10.0.0.2/{number}", bundle=False) == ()
        except Postponed:
            asked += 1
    assert asked == MOST_QUESTIONS
    shop.urls.stop()
    assert shop.resumed == 0


@pytest.mark.parametrize("data", [b"", b"\x30", b"\x30\x00\x00", ONE, make_bundle((ONE,))[:-1]])
def test_what_is_no_bundle_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="bundle"):
        certificates_of(data)
