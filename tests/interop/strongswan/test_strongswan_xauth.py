"""R-A as an Easy VPN server: strongSwan comes with a group key, says who its user is, and asks for an address."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import pytest
from strongswan_peer import ADDRESS, PLUGINS, StrongSwan, missing
from test_strongswan import gateway, joined
from test_strongswan_eap import PATH, listens, radius

from iosemu.subjects.crypto.service.engine import CryptoEngine

REASON = missing()
if not REASON and not (PLUGINS / "libstrongswan-xauth-generic.so").exists():
    REASON = "strongSwan's xauth-generic is not installed (libcharon-extauth-plugins)"
pytestmark = pytest.mark.skipif(bool(REASON), reason=f"no strongSwan peer: {REASON}")
__all__ = ["gateway"]


class Server:
    """The two configurations."""

    def __init__(
        self,
        *,
        aggressive: bool = True,
        password: str = "secret",
        profile: bool = False,
        user: str = "alice",
        radius: bool = False,
    ) -> None:
        self.aggressive, self.password, self.profile = aggressive, password, profile
        self.user, self.radius = user, radius

    def router(self) -> str:
        """That of R-A; a client in main mode is known by its address."""
        clients = """crypto map CMAP client authentication list USERS
crypto map CMAP isakmp authorization list GROUPS
crypto map CMAP client configuration address respond
"""
        interface = " crypto map CMAP\n"
        if not self.aggressive:
            clients = clients.replace("crypto map CMAP isakmp authorization list GROUPS\n", "")
        if self.profile:
            clients = """crypto isakmp profile SALES
 match identity group SALES
 client authentication list USERS
 isakmp authorization list GROUPS
 client configuration address respond
 virtual-template 1
crypto ipsec profile CLIENTS
 set transform-set TSET
interface Loopback0
 ip address 172.16.0.1 255.255.255.255
interface Virtual-Template1 type tunnel
 ip unnumbered Loopback0
 tunnel source FastEthernet0/0
 tunnel mode ipsec ipv4
 tunnel protection ipsec profile CLIENTS
"""
            interface = ""
        return f"""hostname R-A
aaa new-model
aaa authentication login default local
aaa authentication login USERS {"group radius" if self.radius else "local"}
{f"radius-server host {ADDRESS} auth-port 1812 acct-port 1813 key r4dius" if self.radius else "!"}
aaa authorization network GROUPS local
username admin privilege 15 password admin
username alice password secret
crypto isakmp policy 10
 encr aes 256
 authentication pre-share
 group 2
{f"crypto isakmp key TEST1 address {ADDRESS}" if not self.aggressive else "!"}
crypto isakmp client configuration address-pool local CLIENTS
crypto isakmp client configuration group SALES
 key TEST1
 pool CLIENTS
 dns 192.168.1.1
 acl 101
crypto ipsec transform-set TSET esp-aes esp-sha-hmac
access-list 101 permit ip 192.168.1.0 0.0.0.255 any
crypto dynamic-map DYN 10
 set transform-set TSET
 reverse-route
{clients}crypto map CMAP 10 ipsec-isakmp dynamic DYN
interface FastEthernet0/0
 ip address 10.9.0.1 255.255.255.0
{interface}interface FastEthernet0/1
 ip address 192.168.1.254 255.255.255.0
ip local pool CLIENTS 172.16.0.11 172.16.0.20
end
"""

    def connection(self) -> str:
        """That of strongSwan."""
        return f"""
ra {{
  version = 1
  aggressive = {"yes" if self.aggressive else "no"}
  local_addrs = {ADDRESS}
  remote_addrs = 10.9.0.1
  encap = yes
  vips = 0.0.0.0
  proposals = aes256-sha1-modp1024
  local-psk {{ auth = psk
    id = {"keyid:SALES" if self.aggressive else ADDRESS} }}
  local-xauth {{ auth = xauth-generic
    xauth_id = {self.user} }}
  remote {{ auth = psk
    id = 10.9.0.1 }}
  children {{ net {{
    remote_ts = 192.168.1.0/24
    esp_proposals = aes128-sha1
  }} }}
}}
}}
secrets {{
  xauth-{self.user} {{ id = {self.user}
    secret = "{self.password}" }}
  ike-group {{ id = keyid:SALES
    secret = "TEST1" }}
}}
connections {{
"""


RADIUSD = """modules {{
  files {{
    filename = {d}/users
  }}
  pap {{
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
    pap
  }}
  authenticate {{
    Auth-Type PAP {{
      pap
    }}
  }}
}}
"""
USERS = 'erin Cleartext-Password := "radiant"\n'


@pytest.mark.parametrize("how", ["aggressive", "main", "interface"])
async def test_a_client_gets_an_address(gateway: StrongSwan, tmp_path: Path, how: str) -> None:
    server = Server(aggressive=how != "main", profile=how == "interface")
    async with joined(gateway, tmp_path, server) as both:
        await both.swanctl("--initiate", "--child", "net")
        await both.protected()
        listed = await both.swanctl("--list-sas")
        found = re.search(r"172\.16\.0\.\d+", listed)
        assert found is not None, listed
        assert found[0] == "172.16.0.11"
        shown = await both.say("R-A", "show crypto session detail")
        assert "Username: alice" in shown
        assert "Assigned address: 172.16.0.11" in shown
        assert "Capabilities:CXN" in shown
        assert "172.16.0.11" in await both.say("R-A", "show ip route static")
        ping = ("ping", "-c", "3", "-i", "0.2", "-W", "3", "-I", found[0], "192.168.1.1")
        assert " 0% packet loss" in await asyncio.to_thread(gateway.inside, *ping, check=False), gateway.log()
        back = await both.say("R-A", f"ping {found[0]} source FastEthernet0/1 timeout 1")
        assert "(5/5)" in back, gateway.log()
        await both.swanctl("--terminate", "--ike", "ra")
        sessions = both.router.service(CryptoEngine).clients.sessions
        await both.until(lambda: not sessions, "the address is free again")
        assert "172.16.0.11" not in await both.say("R-A", "show ip route static")


async def test_a_wrong_password_ends_it(gateway: StrongSwan, tmp_path: Path) -> None:
    async with joined(gateway, tmp_path, Server(password="wrong")) as both:
        await asyncio.to_thread(
            gateway.swanctl, "--initiate", "--child", "net", "--timeout", "5", check=False
        )
        assert not len(both.router.service(CryptoEngine).sadb)
        assert not both.router.service(CryptoEngine).clients.sessions


@pytest.mark.skipif(shutil.which("freeradius", path=PATH) is None, reason="freeradius is not installed")
@pytest.mark.parametrize("password", ["radiant", "wrong"])
async def test_freeradius_says_who_comes_in(gateway: StrongSwan, tmp_path: Path, password: str) -> None:
    server = Server(user="erin", password=password, radius=True)
    async with joined(gateway, tmp_path, server) as both:
        with radius(gateway, tmp_path / "raddb", USERS, RADIUSD) as log:
            await listens(gateway)
            done = ("--initiate", "--child", "net", "--timeout", "15")
            await asyncio.to_thread(gateway.swanctl, *done, check=False)
            clients = both.router.service(CryptoEngine).clients
            if password == "wrong":
                assert "Login incorrect" in log.read_text() or "Access-Reject" in log.read_text()
                assert not len(both.router.service(CryptoEngine).sadb)
                assert not clients.sessions
                return
            await both.protected()
            shown = await both.say("R-A", "show crypto session detail")
            assert "Username: erin" in shown, log.read_text()[-3000:]
            assert "Assigned address: 172.16.0.11" in shown
            counted = await both.say("R-A", "show radius statistics")
            assert "Access-Accept" in log.read_text() or "Accepts" in counted
