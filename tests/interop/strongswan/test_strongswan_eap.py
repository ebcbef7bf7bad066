"""Users of FlexVPN: strongSwan speaks EAP for one, R-A passes it to FreeRADIUS, and proves itself by a certificate."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flexvpn_server import PROPOSAL, TEMPLATE, client
from radius_daemon import prepare
from strongswan_peer import ADDRESS, PLUGINS, StrongSwan, missing
from test_strongswan import Joined, gateway, joined
from test_strongswan_certificates import Papers, Signed

from iosemu.subjects.crypto.service.engine import CryptoEngine

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
NEEDED = ("eap-identity", "eap-md5", "eap-mschapv2")
REASON = missing() or ("" if shutil.which("openssl") else "openssl is not installed")
if not REASON and shutil.which("freeradius", path=PATH) is None:
    REASON = "freeradius is not installed"
if not REASON and not all((PLUGINS / f"libstrongswan-{each}.so").exists() for each in NEEDED):
    REASON = "strongSwan's EAP methods are not installed (libcharon-extra-plugins)"
pytestmark = pytest.mark.skipif(bool(REASON), reason=f"no strongSwan peer: {REASON}")
__all__ = ["gateway"]
RADIUSD = """modules {{
  files {{
    filename = {d}/users
  }}
  mschap {{
  }}
  eap {{
    default_eap_type = {method}
    md5 {{
    }}
    mschapv2 {{
    }}
  }}
}}
client lab {{
  ipaddr = 10.9.0.0/24
  secret = r4dius
}}
server default {{
  listen {{
    type = auth
    ipaddr = {address}
    port = 1812
  }}
  authorize {{
    files
    eap
  }}
  authenticate {{
    Auth-Type MS-CHAP {{
      mschap
    }}
    eap
  }}
}}
"""


@dataclass(frozen=True)
class Server(Signed):
    """The two configurations; R-A has a certificate as in the other tests."""

    method: str = "md5"
    password: str = "radiant"

    def router(self) -> str:
        """That of R-A."""
        return f"""hostname R-A
ip domain-name example.com
aaa new-model
aaa authentication login default local
aaa authentication login USERS group radius
aaa authorization network FLEX local
radius-server host {ADDRESS} auth-port 1812 acct-port 1813 key r4dius
username admin privilege 15 password admin
crypto pki trustpoint VPN
 enrollment terminal
 subject-name CN=R-A,O=Example
 revocation-check none
 rsakeypair VPN
crypto ikev2 authorization policy CLIENTS
 pool CLIENTS
 netmask 255.255.255.255
{PROPOSAL}crypto ikev2 profile P
 match identity remote any
 identity local dn
 authentication remote eap query-identity
 authentication local rsa-sig
 pki trustpoint VPN
 aaa authentication eap USERS
 aaa authorization group eap list FLEX CLIENTS
 virtual-template 1
{TEMPLATE}ip local pool CLIENTS 172.16.0.11 172.16.0.20
end
"""

    def connection(self) -> str:
        """That of strongSwan."""
        own = f"auth = eap-{self.method}\n id = laptop.example.com\n eap_id = erin"
        server = "auth = pubkey\n cacerts = ca.pem\n id = %any"
        return f"""{client(own, server)}
}}
secrets {{
  eap-erin {{ id = erin
    secret = "{self.password}" }}
}}
connections {{
"""


@contextlib.contextmanager
def radius(gateway: StrongSwan, directory: Path, users: str, rest: str, **values: str) -> Iterator[Path]:
    """FreeRADIUS beside strongSwan."""
    directory.mkdir()
    prepare(directory, users, rest, address=ADDRESS, **values)
    log = directory / "log"
    process = subprocess.Popen(
        ["ip", "netns", "exec", gateway.name, "freeradius", "-d", str(directory), "-f", "-l", str(log), "-x"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PATH": PATH},
    )
    try:
        yield log
    finally:
        process.terminate()
        process.wait(10)


async def listens(gateway: StrongSwan) -> None:
    """Wait until the server takes questions."""
    async with asyncio.timeout(20):
        while ":1812" not in await asyncio.to_thread(gateway.inside, "ss", "-lun"):
            pass


@contextlib.asynccontextmanager
async def asked(gateway: StrongSwan, directory: Path, way: Server) -> AsyncIterator[tuple[Joined, Path]]:
    """Both gateways and the server."""
    async with joined(gateway, directory, way, lambda both: Papers(both, way, directory).make()) as both:
        users = 'erin Cleartext-Password := "radiant"\n'
        with radius(gateway, directory / "raddb", users, RADIUSD, method=way.method) as log:
            await listens(gateway)
            yield both, log


@pytest.mark.parametrize("method", ["md5", "mschapv2"])
async def test_a_user_comes_in(gateway: StrongSwan, tmp_path: Path, method: str) -> None:
    async with asked(gateway, tmp_path, Server("eap", method=method)) as (both, log):
        try:
            await both.swanctl("--initiate", "--child", "net")
        except RuntimeError as problem:
            if "MSCHAPv2 failed" in gateway.log() or "MD4" in gateway.log():
                pytest.skip("strongSwan has no MD4 here")
            raise AssertionError(log.read_text()[-3000:]) from problem
        await both.protected()
        found = re.search(r"172\.16\.0\.\d+", await both.swanctl("--list-sas"))
        assert found is not None
        shown = await both.say("R-A", "show crypto ikev2 sa detailed")
        assert "Auth sign: RSA, Auth verify: EAP" in shown
        assert "Remote EAP id: erin" in shown
        assert f"Assigned host addr: {found[0]}" in shown
        ping = ("ping", "-c", "3", "-i", "0.2", "-W", "3", "-I", found[0], "192.168.1.1")
        assert " 0% packet loss" in await asyncio.to_thread(gateway.inside, *ping, check=False), gateway.log()
        await both.swanctl("--rekey", "--ike", "ra")
        assert " 0% packet loss" in await asyncio.to_thread(gateway.inside, *ping, check=False), gateway.log()


async def test_a_wrong_password_is_refused(gateway: StrongSwan, tmp_path: Path) -> None:
    async with asked(gateway, tmp_path, Server("eap", password="wrong")) as (both, _log):
        with pytest.raises(RuntimeError):
            await both.swanctl("--initiate", "--child", "net", "--timeout", "10")
        assert not len(both.router.service(CryptoEngine).sadb)
        assert not list(both.router.service(CryptoEngine).ikev2.engine.sas)
