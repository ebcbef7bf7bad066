"""R-A and strongSwan prove themselves by certificates, of an authority by openssl and of one on R-A itself."""

from __future__ import annotations

import contextlib
import hashlib
import random
import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from strongswan_peer import ADDRESS, StrongSwan, missing
from test_strongswan import Joined, gateway, joined

from iosemu.box.ec_key import generate_ec
from iosemu.box.rsa import generate
from iosemu.box.system import SystemConfig
from iosemu.ip.stack import IpStack
from iosemu.pki.certificate import Certificate, load_certificate
from iosemu.subjects.access.private_config import PrivateConfig
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.subjects.pki.config import AUTHORITY, GENERAL, CertificateServer, PkiConfig, Trustpoint
from iosemu.subjects.pki.service.pki import Pki
from iosemu.subjects.pki.service.server import read_request
from iosemu.subjects.server.config import ServerConfig

REASON = missing() or ("" if shutil.which("openssl") else "openssl is not installed")
pytestmark = pytest.mark.skipif(bool(REASON), reason=f"no strongSwan peer: {REASON}")
__all__ = ["gateway"]

BASE = "http://192.168.1.1/certs/"
DAYS = "-days", "30"
FOLDERS = ("x509", "x509ca", "rsa", "ecdsa")


@dataclass(frozen=True)
class Signed:
    """How both prove themselves."""

    name: str
    version: int = 2
    aggressive: bool = False
    curve: bool = False
    """strongSwan's key is one of an elliptic curve."""
    authority: str = "openssl"
    fragments: bool = False
    own_curve: int = 0
    """Bits of R-A's key, where that is one of an elliptic curve."""
    between: bool = False
    """strongSwan's certificate is of an authority between, which it sends along; R-A knows the root alone."""
    own_between: bool = False
    """R-A's certificate is of an authority between, which R-A sends along; strongSwan knows the root alone."""
    large: bool = False
    """Names so long that the messages with certificates are fragmented by IP."""
    by_url: bool = False
    """strongSwan says where its certificate is: at the server behind R-A."""
    cache: int = 0
    """Certificates from URLs that R-A keeps."""
    wanted: str = ""
    """What R-A wants to stand in strongSwan's certificate (`crypto identity`)."""

    @property
    def units(self) -> list[str]:
        """Organizational units in the names of both ends."""
        return [
            f"{number:02} {'of a very large organization ' * 2}"[:60].strip()
            for number in range(14 * self.large)
        ]

    @property
    def authorities(self) -> str:
        """For swanctl: where the certificates of an authority are."""
        names = ("ca", *(("sub",) if self.between else ())) if self.by_url else ()
        places = (f"{name} {{ cacert = {name}.pem\n cert_uri_base = {BASE}\n }}\n" for name in names)
        return "".join(places)

    def router(self) -> str:
        """The configuration of R-A."""
        if self.version == 1:
            crypto = f"""{"crypto isakmp fragmentation" if self.fragments else "!"}
crypto isakmp policy 10
 encr aes 256
 group 14
crypto isakmp identity dn
{f"crypto isakmp profile AGG{chr(10)} ca trust-point VPN{chr(10)} match identity host swan.example.com{chr(10)} initiate mode aggressive" if self.aggressive else "!"}
"""  # noqa: E501
            profile = " set isakmp-profile AGG\n" if self.aggressive else ""
        else:
            crypto = f"""crypto ikev2 proposal X
 encryption aes-cbc-256
 integrity sha256
 group 14
crypto ikev2 policy X
 proposal X
crypto ikev2 profile P
 match identity remote {"any" if self.authority == "router" else "fqdn swan.example.com"}
 identity local dn
 authentication remote {"ecdsa-sig" if self.curve else "rsa-sig"}
 authentication local {"ecdsa-sig" if self.own_curve else "rsa-sig"}
 pki trustpoint VPN
{" pki trustpoint ROOT verify" if self.own_between else "!"}
{"crypto ikev2 fragmentation mtu 500" if self.fragments else "!"}
{f"crypto ikev2 certificate-cache {self.cache}" if self.cache else "!"}
"""
            profile = " set ikev2-profile P\n"
        return f"""hostname R-A
ip domain-name example.com
username admin privilege 15 password admin
logging buffered 65536
crypto pki trustpoint VPN
 enrollment terminal
 subject-name CN=R-A,O=Example{"".join(f",OU={each}" for each in self.units)}
 revocation-check none
 {"eckeypair EC" if self.own_curve else "rsakeypair VPN"}
crypto pki trustpoint ROOT
 enrollment terminal
 revocation-check none
{crypto}
crypto ipsec transform-set TSET esp-aes esp-sha-hmac
access-list 101 permit ip 192.168.1.0 0.0.0.255 192.168.2.0 0.0.0.255
crypto identity SWANS
 dn {self.wanted or "O=Nobody"}
crypto map CMAP 10 ipsec-isakmp
 set peer {ADDRESS}
 set transform-set TSET
{" set identity SWANS" if self.wanted else "!"}
{profile} match address 101
interface FastEthernet0/0
 ip address 10.9.0.1 255.255.255.0
 crypto map CMAP
interface FastEthernet0/1
 ip address 192.168.1.254 255.255.255.0
ip route 192.168.2.0 255.255.255.0 {ADDRESS}
end
"""

    def connection(self) -> str:
        """The same for swanctl."""
        suite = "aes256-sha1-modp2048" if self.version == 1 else "aes256-sha256-modp2048"
        return f"""
ra {{
  version = {self.version}
  aggressive = {"yes" if self.aggressive else "no"}
  local_addrs = {ADDRESS}
  remote_addrs = 10.9.0.1
  encap = yes
  {"fragmentation = force" if self.fragments else ""}
  proposals = {suite}
  local {{ auth = pubkey
    certs = swan.pem
    {"" if self.authority == "router" else "id = swan.example.com"} }}
  remote {{ auth = pubkey
    cacerts = ca.pem
    id = %any }}
  children {{ net {{
    local_ts = 192.168.2.0/24
    remote_ts = 192.168.1.0/24
    esp_proposals = aes128-sha1
  }} }}
}}"""


WAYS = [
    Signed("rsa-sig-v1", 1),
    Signed("rsa-sig-v1-aggressive", 1, aggressive=True),
    Signed("rsa-sig-v1-fragmented-by-ip", 1, large=True),
    Signed("rsa-sig-v2"),
    Signed("authority-between-v1", 1, between=True),
    Signed("authority-between-v2", between=True),
    Signed("own-authority-between-v1", 1, own_between=True),
    Signed("own-authority-between-v2", own_between=True),
    Signed("ecdsa-of-strongswan-v2", curve=True),
    Signed("ecdsa-256-of-both-v2", curve=True, own_curve=256),
    Signed("ecdsa-384-of-r-a-v2", own_curve=384),
    Signed("fragments-v1", 1, fragments=True),
    Signed("fragments-v1-large", 1, fragments=True, large=True),
    Signed("fragments-v1-aggressive", 1, fragments=True, aggressive=True, large=True),
    Signed("fragments-v2", fragments=True),
    Signed("identity-v1", 1, wanted="O=example,CN=Swan"),
    Signed("identity-v2", wanted="O=example,CN=Swan"),
    Signed("by-url-v2", by_url=True),
    Signed("by-url-between-v2", by_url=True, between=True, cache=10),
    Signed("router-as-authority-v2", authority="router"),
    Signed("router-as-authority-v1", 1, authority="router"),
]


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(("openssl", *arguments), input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def pem(certificate: Certificate) -> bytes:
    return openssl("x509", "-inform", "der", given=certificate.der)


def der(data: bytes) -> Certificate:
    return load_certificate(openssl("x509", "-outform", "der", given=data))


class Papers:
    """Keys and certificates of both ends, put where each looks for them."""

    def __init__(self, both: Joined, way: Signed, directory: Path) -> None:
        self.router, self.way, self.directory = both.router, way, directory
        self.server = both.lab["PC-A"]
        self.folder = both.peer.directory
        self.service = self.router.service(Pki)
        system = self.router.config.of(SystemConfig)
        # the clock of the box is that of the world, a little ahead where it judges and behind where it issues
        shift = timedelta(minutes=-5 if way.authority == "router" else 1)
        system.clock_offset += (datetime.now(UTC) + shift - self.service.now).total_seconds()
        self.router.service(PrivateConfig).put(generate("VPN", 1024, random.Random(1), 0.0))
        if way.own_curve:
            self.router.service(PrivateConfig).put_curve(
                generate_ec("EC", way.own_curve, random.Random(1), 0.0)
            )

    def make(self) -> None:
        for name in FOLDERS:
            folder = self.folder / name
            folder.mkdir(exist_ok=True)
            for each in folder.iterdir():
                each.unlink()
        request = self._peer_request()
        if self.way.authority == "router":
            authority, own, peer = self._by_router(request)
        else:
            authority, own, peer = self._by_openssl(request)
        (self.folder / "x509ca" / "ca.pem").write_bytes(pem(authority))
        (self.folder / "x509" / "swan.pem").write_bytes(pem(peer))
        if self.way.by_url:
            self._publish()
        if self.way.own_between:
            self.service.put("ROOT", AUTHORITY, authority)
            self.service.put("VPN", AUTHORITY, der((self.directory / "sub.pem").read_bytes()))
            self.service.put("VPN", GENERAL, own)
            return
        self.service.put("VPN", AUTHORITY, authority)
        self.service.put("VPN", GENERAL, own)
        self._judged_by_openssl(authority, own)

    def _publish(self) -> None:
        """Put strongSwan's certificates where it says that they are."""
        store = self.server.config.of(ServerConfig).files
        assert store is not None
        for folder, name in (("x509", "swan"), ("x509ca", "sub")):
            file = self.folder / folder / f"{name}.pem"
            if file.exists():
                data = der(file.read_bytes()).der
                assert not store.write(f"certs/{hashlib.sha1(data).hexdigest()}", data)

    def _peer_request(self) -> bytes:
        key = self.directory / "swan.key"
        if self.way.curve:
            openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key))
        else:
            openssl("genrsa", "-traditional", "-out", str(key), "2048")
        (self.folder / ("ecdsa" if self.way.curve else "rsa") / "swan.key").write_bytes(key.read_bytes())
        named = ("-addext", "subjectAltName=DNS:swan.example.com")
        if self.way.authority == "router":  # IOS copies no extensions: the name stands in the subject
            named = ()
        units = "".join(f"/OU={each}" for each in self.way.units)
        subject = f"/O=Example{units}/CN=swan/unstructuredName=swan.example.com"
        return openssl("req", "-new", "-key", str(key), "-subj", subject, *named)

    def _own_request(self) -> bytes:
        trustpoint = self.service.config.trustpoints["VPN"]
        key = self.service.signer(trustpoint)
        assert key is not None
        return self.service.make_request(trustpoint, self.service.subject(trustpoint), key).der

    def _by_openssl(self, peer: bytes) -> tuple[Certificate, Certificate, Certificate]:
        key, file = self.directory / "ca.key", self.directory / "ca.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(file), *DAYS,
                "-subj", "/O=Example/CN=Root")  # fmt: skip
        sign = (
            "x509",
            "-req",
            "-CA",
            str(file),
            "-CAkey",
            str(key),
            "-CAcreateserial",
            *DAYS,
            "-copy_extensions",
            "copy",
        )
        own = openssl("req", "-inform", "der", given=self._own_request())
        if self.way.own_between:
            made = self._by_sub(sign, self._own_request(), "-inform", "der")
            (self.folder / "x509ca" / "sub.pem").unlink()
            return der(file.read_bytes()), made, der(openssl(*sign, given=peer))
        if self.way.between:
            return der(file.read_bytes()), der(openssl(*sign, given=own)), self._by_sub(sign, peer)
        return der(file.read_bytes()), der(openssl(*sign, given=own)), der(openssl(*sign, given=peer))

    def _by_sub(self, root: tuple[str, ...], peer: bytes, *form: str) -> Certificate:
        """By an authority that the root has made."""
        key, file, extensions = (self.directory / f"sub.{each}" for each in ("key", "pem", "ext"))
        extensions.write_text("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n")
        request = openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key),
                          "-subj", "/O=Example/CN=Between")  # fmt: skip
        file.write_bytes(openssl(*root, "-extfile", str(extensions), given=request))
        (self.folder / "x509ca" / "sub.pem").write_bytes(file.read_bytes())
        sign = ("x509", "-req", "-CA", str(file), "-CAkey", str(key), "-CAcreateserial", *DAYS)
        return der(openssl(*sign, *form, "-copy_extensions", "copy", given=peer))

    def _by_router(self, peer: bytes) -> tuple[Certificate, Certificate, Certificate]:
        config = self.router.config.of(PkiConfig)
        config.servers["CA"] = CertificateServer(
            "CA", issuer_name="CN=CA,O=Example", grant_auto=True, hash="sha256"
        )
        config.trustpoints["CA"] = Trustpoint("CA", key_label="CA")
        config.trustpoints["VPN"].hash = "sha256"
        self.router.service(PrivateConfig).put(generate("CA", 2048, random.Random(2), 0.0))
        self.router.configured("pki")
        server = self.service.servers["CA"]
        server.make()
        granted = [server.submit(read_request(text), "") for text in (b64encode(self._own_request()), peer)]
        assert server.certificate is not None
        assert granted[0].certificate is not None
        assert granted[1].certificate is not None
        return server.certificate, granted[0].certificate, granted[1].certificate

    def _judged_by_openssl(self, authority: Certificate, own: Certificate) -> None:
        for name, each in (("authority", authority), ("own", own)):
            (self.directory / f"{name}.pem").write_bytes(pem(each))
        trusted, strict = str(self.directory / "authority.pem"), self.way.authority == "router"
        how = ("-auth_level", "0", *(("-x509_strict",) if strict else ()), "-CAfile", trusted)
        said = openssl("verify", *how, str(self.directory / "own.pem"))
        assert said.strip().endswith(b"OK")


@contextlib.asynccontextmanager
async def proved(gateway: StrongSwan, directory: Path, way: Signed) -> AsyncIterator[Joined]:
    async with joined(gateway, directory, way, lambda both: Papers(both, way, directory).make()) as both:
        yield both


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
async def test_r_a_initiates_with_a_certificate(gateway: StrongSwan, tmp_path: Path, way: Signed) -> None:
    async with proved(gateway, tmp_path, way) as both:
        await both.ping_from_router()
        shown = await both.say("R-A", "show logging")
        await both.until(
            lambda: any(pair.usable for pair in both.router.service(CryptoEngine).sadb), gateway.log() + shown
        )
        await both.protected()
        await both.crosses()
        if way.version == 2:
            verified = "ECDSA" if way.curve else "RSA"
            signed = "ECDSA" if way.own_curve else "RSA"
            assert f"Auth sign: {signed}, Auth verify: {verified}" in await both.say(
                "R-A", "show crypto ikev2 sa"
            )
        else:
            assert "rsig" in await both.say("R-A", "show crypto isakmp sa detail")
        counted = both.router.service(IpStack).counters
        if way.large and not way.fragments:
            assert counted.reassembled
            assert counted.fragmented
        if way.fragments and way.version == 1:
            assert not counted.reassembled, "IKE cuts them, IP does not"
            # the first message of aggressive mode is sent before it is agreed on
            assert bool(counted.fragmented) is way.aggressive
            assert "F" in (await both.say("R-A", "show crypto session detail")).split("Capabilities:")[1][:6]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
async def test_strongswan_initiates_with_a_certificate(
    gateway: StrongSwan, tmp_path: Path, way: Signed
) -> None:
    async with proved(gateway, tmp_path, way) as both:
        await both.swanctl("--initiate", "--child", "net")
        await both.protected()
        await both.crosses()


async def test_an_authority_that_nobody_knows_is_refused(gateway: StrongSwan, tmp_path: Path) -> None:
    async with proved(gateway, tmp_path, WAYS[2]) as both:
        chain = both.router.config.of(PkiConfig).chains["VPN"]
        other = openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=Other"
        )
        chain.put(AUTHORITY, der(other), 0.0)
        with pytest.raises(RuntimeError):
            await both.swanctl("--initiate", "--child", "net", "--timeout", "10")
        assert not list(both.router.service(CryptoEngine).sadb)
        assert both.router.service(Pki).counters.failed


async def test_a_certificate_by_url_is_fetched_once_where_there_is_a_cache(
    gateway: StrongSwan, tmp_path: Path
) -> None:
    way = next(each for each in WAYS if each.by_url and each.cache)
    async with proved(gateway, tmp_path, way) as both:
        await both.swanctl("--initiate", "--child", "net")
        await both.protected()
        shown = await both.say("R-A", "show crypto ikev2 certificate-cache")
        assert "2 of 10 entries" in shown
        assert f"URL: {BASE}" in shown
        assert "swan.example.com" in shown
        counted = await both.say("R-A", "show crypto ikev2 stats exchange detailed")
        assert re.search(r"HTTP_CERT_LOOKUP_SUPPORTED +0 +1 +1 +0", counted)
        store = both.lab["PC-A"].config.of(ServerConfig)
        store.files = None  # what is kept is not asked for again
        await both.swanctl("--terminate", "--ike", "ra")
        await both.until(lambda: not len(both.router.service(CryptoEngine).sadb), "the pair is gone")
        await both.swanctl("--initiate", "--child", "net")
        await both.protected()
        await both.crosses()
        await both.swanctl("--terminate", "--ike", "ra")
        await both.until(lambda: not len(both.router.service(CryptoEngine).sadb), "the pair is gone")
        await both.say("R-A", "clear crypto ikev2 certificate-cache")
        with pytest.raises(RuntimeError):
            await both.swanctl("--initiate", "--child", "net", "--timeout", "10")


async def test_what_is_not_what_the_hash_says_is_refused(gateway: StrongSwan, tmp_path: Path) -> None:
    async with proved(gateway, tmp_path, next(each for each in WAYS if each.by_url)) as both:
        store = both.lab["PC-A"].config.of(ServerConfig).files
        assert store is not None
        data = der((gateway.directory / "x509" / "swan.pem").read_bytes()).der
        store.write(f"certs/{hashlib.sha1(data).hexdigest()}", data[:-1] + b"x")
        with pytest.raises(RuntimeError):
            await both.swanctl("--initiate", "--child", "net", "--timeout", "10")
        assert "no certificate" in await both.say("R-A", "show logging")


@pytest.mark.parametrize("version", [1, 2])
async def test_a_certificate_without_what_is_wanted_is_refused_in_phase_2(
    gateway: StrongSwan, tmp_path: Path, version: int
) -> None:
    way = Signed(f"other-identity-v{version}", version, wanted="O=Example,CN=Goose")
    async with proved(gateway, tmp_path, way) as both:
        with pytest.raises(RuntimeError):
            await both.swanctl("--initiate", "--child", "net", "--timeout", "10")
        assert not list(both.router.service(CryptoEngine).sadb)
        assert "%CRYPTO-4-IKE_QUICKMODE_BAD_CERT" in await both.say("R-A", "show logging")
