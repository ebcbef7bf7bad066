"""R-A and strongSwan by IKEv2: either begins, suites, renewals, liveness, deletions, refusals, cookies, fragments."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from strongswan_peer import ADDRESS, StrongSwan, missing
from test_strongswan import Joined, gateway, joined

from iosemu.ike.types import Endpoint
from iosemu.ikev2.sa import IkeSa
from iosemu.subjects.crypto.service.engine import CryptoEngine

REASON = missing()
pytestmark = pytest.mark.skipif(bool(REASON), reason=f"no strongSwan peer: {REASON}")
__all__ = ["gateway"]

KAT = Path(__file__).parents[2] / "data" / "kat"
DEFAULT_SECRET = 'ike-a {{ id-1 = 10.9.0.1\n secret = "{}" }}'


@dataclass(frozen=True)
class Suite:
    """One set of algorithms, in the words of both sides."""

    name: str
    proposal: str
    ike: str
    transforms: str
    esp: str
    pfs: str = ""
    lifetime: int = 3600
    ike_lifetime: int = 86400
    more: str = ""
    peer_more: str = ""
    encap: bool = True

    def router(self) -> str:
        """The configuration of R-A."""
        pfs = f" set pfs {self.pfs}\n" if self.pfs else ""
        return f"""hostname R-A
username admin privilege 15 password admin
{self.more}
crypto ikev2 proposal X
{self.proposal}
crypto ikev2 policy X
 proposal X
crypto ikev2 keyring KR
 peer SWAN
  address {ADDRESS}
  pre-shared-key TEST1
crypto ikev2 profile P
 match identity remote address {ADDRESS} 255.255.255.255
 authentication remote pre-share
 authentication local pre-share
 keyring local KR
 lifetime {self.ike_lifetime}
crypto ipsec security-association lifetime seconds {self.lifetime}
crypto ipsec transform-set TSET {self.transforms}
access-list 101 permit ip 192.168.1.0 0.0.0.255 192.168.2.0 0.0.0.255
crypto map CMAP 10 ipsec-isakmp
 set peer {ADDRESS}
 set transform-set TSET
{pfs} set ikev2-profile P
 match address 101
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
        return f"""
ra {{
  version = 2
  local_addrs = {ADDRESS}
  remote_addrs = 10.9.0.1
  encap = {"yes" if self.encap else "no"}
  proposals = {self.ike}
  {self.peer_more}
  local {{ auth = psk
    id = {ADDRESS} }}
  remote {{ auth = psk
    id = 10.9.0.1 }}
  children {{ net {{
    local_ts = 192.168.2.0/24
    remote_ts = 192.168.1.0/24
    esp_proposals = {self.esp}
  }} }}
}}"""


CBC = Suite(
    "cbc-sha1-2",
    " encryption aes-cbc-256\n integrity sha1\n group 2",
    "aes256-sha1-modp1024",
    "esp-aes esp-sha-hmac",
    "aes128-sha1",
)
PFS = Suite(
    "cbc-sha256-14-pfs",
    " encryption aes-cbc-128\n integrity sha256\n group 14",
    "aes128-sha256-modp2048",
    "esp-aes 256 esp-sha256-hmac",
    "aes256-sha256-modp2048",
    "group14",
)
GCM = Suite(
    "gcm-sha384-19",
    " encryption aes-gcm-256\n prf sha384\n group 19",
    "aes256gcm16-prfsha384-ecp256",
    "esp-gcm 256",
    "aes256gcm16",
)
OTHER_GROUP = Suite(
    "group-on-demand",
    " encryption aes-cbc-256\n integrity sha512\n group 5 14",
    "aes256-sha512-modp2048",
    "esp-aes esp-sha-hmac",
    "aes128-sha1",
)
FRAGMENTED = Suite(
    "fragments",
    " encryption aes-cbc-256\n integrity sha1\n group 2",
    "aes256-sha1-modp1024",
    "esp-aes esp-sha-hmac",
    "aes128-sha1",
    more="crypto ikev2 fragmentation mtu 300",
    peer_more="fragmentation = force",
)
DUMMIES = replace(CBC, name="dummy-packets", more="crypto ipsec security-association dummy pps 10")
SUITES = [CBC, PFS, GCM, OTHER_GROUP, FRAGMENTED, DUMMIES]


def sas(both: Joined) -> list[IkeSa]:
    return list(both.router.service(CryptoEngine).ikev2.engine.sas)


def spis(both: Joined) -> set[int]:
    return {sa.spi for pair in both.router.service(CryptoEngine).sadb for sa in pair.inbound}


async def one_pair(both: Joined) -> None:
    """Wait until both ends have one child SA."""
    await both.until(lambda: len(both.router.service(CryptoEngine).sadb) == 1, "one pair")
    async with asyncio.timeout(30):
        while (await both.swanctl("--list-sas")).count("INSTALLED") != 1:
            pass


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
async def test_r_a_initiates_ikev2(gateway: StrongSwan, tmp_path: Path, suite: Suite) -> None:
    async with joined(gateway, tmp_path, suite) as both:
        await both.ping_from_router()
        await both.protected()
        assert "READY" in await both.say("R-A", "show crypto ikev2 sa"), gateway.log()
        assert "IKEv2" in await both.swanctl("--list-sas")
        await both.crosses()
        if suite is FRAGMENTED:
            assert sas(both)[0].fragments


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
async def test_strongswan_initiates_ikev2(gateway: StrongSwan, tmp_path: Path, suite: Suite) -> None:
    async with joined(gateway, tmp_path, suite) as both:
        await both.swanctl("--initiate", "--child", "net")
        await both.protected()
        await both.crosses()


@pytest.mark.parametrize("suite", [CBC, PFS, GCM], ids=lambda suite: suite.name)
async def test_strongswan_renews_both_ikev2_sas(gateway: StrongSwan, tmp_path: Path, suite: Suite) -> None:
    async with joined(gateway, tmp_path, suite) as both:
        await both.swanctl("--initiate", "--child", "net")
        await both.protected()
        await both.crosses()
        first, before = spis(both), sas(both)[0]
        await both.swanctl("--rekey", "--child", "net")
        await both.until(lambda: spis(both) - first != set(), "a successor")
        await one_pair(both)
        await both.crosses()
        await both.swanctl("--rekey", "--ike", "ra")
        await both.until(
            lambda: [sa.up for sa in sas(both)] == [True] and sas(both)[0] is not before, "an SA"
        )
        await both.crosses()
        second = spis(both)
        await both.swanctl("--rekey", "--child", "net")
        await both.until(lambda: spis(both) - second != set(), "a successor under the new SA")
        await one_pair(both)
        await both.crosses()


@pytest.mark.parametrize("suite", [CBC, PFS], ids=lambda suite: suite.name)
async def test_r_a_renews_both_ikev2_sas(gateway: StrongSwan, tmp_path: Path, suite: Suite) -> None:
    short = Suite(**{**suite.__dict__, "lifetime": 120, "ike_lifetime": 240})
    async with joined(gateway, tmp_path, short) as both:
        await both.ping_from_router()
        await both.protected()
        await both.crosses()
        crypto = both.router.service(CryptoEngine)
        (first,), (before,) = crypto.sadb, sas(both)
        while sas(both) == [before]:
            (pair,), (sa,) = crypto.sadb, sas(both)
            assert sa.rekey_at is not None
            due = min(crypto.life.renewal(pair), sa.rekey_at)
            # lab time passes at once, the peer's does not: it is given time at each step
            await both.lab.clock.advance(max(0.0, due - both.router.now) + 0.1)
            await both.until(lambda: len(crypto.sadb) == len(sas(both)) == 1, "one of each is left")
            await both.until(lambda: not any(each.pending for each in sas(both)), "all is answered")
            await one_pair(both)
            await both.crosses()
        assert first not in crypto.sadb
        assert sas(both)[0].up


async def test_ikev2_deletes_from_both_ends(gateway: StrongSwan, tmp_path: Path) -> None:
    async with joined(gateway, tmp_path, CBC) as both:
        await both.ping_from_router()
        await both.protected()
        await both.crosses()
        await both.say("R-A", "clear crypto ikev2 sa")
        await both.gone("ESTABLISHED")
        assert not spis(both)
        await both.ping_from_router()
        await both.protected()
        await both.crosses()
        await both.say("R-A", "clear crypto sa")
        await both.gone("INSTALLED")
        await both.ping_from_router()
        await both.protected()
        await both.crosses()
        await both.swanctl("--terminate", "--child", "net")
        await both.until(lambda: not spis(both), "the pair is gone")
        await both.ping_from_router()
        await both.protected()
        await both.crosses()
        await both.swanctl("--terminate", "--ike", "ra")
        await both.until(lambda: not sas(both), "the SA is gone")
        await both.ping_from_router()
        await both.protected()
        await both.crosses()


async def test_ikev2_liveness(gateway: StrongSwan, tmp_path: Path) -> None:
    suite = Suite(**{**CBC.__dict__, "more": "crypto ikev2 dpd 10 2 periodic"})
    async with joined(gateway, tmp_path, suite) as both:
        await both.ping_from_router()
        await both.protected()
        for _ in range(4):
            await both.lab.clock.advance(12)
            await both.until(lambda: not any(sa.pending for sa in sas(both)), "strongSwan answers")
        assert [sa.up for sa in sas(both)] == [True]
        await both.crosses()
        tap = f"ios{os.getpid()}"
        await asyncio.to_thread(gateway.inside, "ip", "link", "set", tap, "down")
        await both.lab.clock.advance(60)
        assert not spis(both), "nobody answers any more"
        assert not [sa for sa in sas(both) if sa.up]


async def test_another_ikev2_key_is_refused(gateway: StrongSwan, tmp_path: Path) -> None:
    async with joined(gateway, tmp_path, CBC) as both:
        gateway.load(CBC.connection(), DEFAULT_SECRET.format("OTHER"))
        assert "(0/5)" in await both.ping_from_router()
        assert not spis(both)
        assert not [sa for sa in sas(both) if sa.up]
        with pytest.raises(RuntimeError):
            await both.swanctl("--initiate", "--child", "net", "--timeout", "10")
        assert not spis(both)


async def test_another_ikev2_identity_is_refused(gateway: StrongSwan, tmp_path: Path) -> None:
    async with joined(gateway, tmp_path, CBC) as both:
        other = CBC.connection().replace(f"id = {ADDRESS}", "id = swan.example.com")
        gateway.load(other, DEFAULT_SECRET.format("TEST1"))
        assert "(0/5)" in await both.ping_from_router()
        with pytest.raises(RuntimeError):
            await both.swanctl("--initiate", "--child", "net", "--timeout", "10")
        assert not spis(both)


async def test_no_ikev2_proposal_in_common(gateway: StrongSwan, tmp_path: Path) -> None:
    async with joined(gateway, tmp_path, CBC) as both:
        gateway.load(CBC.connection().replace("modp1024", "modp3072"), DEFAULT_SECRET.format("TEST1"))
        assert "(0/5)" in await both.ping_from_router()
        with pytest.raises(RuntimeError):
            await both.swanctl("--initiate", "--child", "net", "--timeout", "10")
        gateway.load(CBC.connection().replace("aes128-sha1", "aes256-sha512"), DEFAULT_SECRET.format("TEST1"))
        assert "(0/5)" in await both.ping_from_router()
        with pytest.raises(RuntimeError):
            await both.swanctl("--initiate", "--child", "net", "--timeout", "10")
        assert not spis(both)


async def test_strongswan_answers_an_ikev2_cookie(gateway: StrongSwan, tmp_path: Path) -> None:
    proposal = " encryption aes-cbc-256\n integrity sha1\n group 2 5"
    suite = Suite(**{**CBC.__dict__, "proposal": proposal, "more": "crypto ikev2 cookie-challenge 1"})
    async with joined(gateway, tmp_path, suite) as both:
        crypto = both.router.service(CryptoEngine)
        vectors = json.loads((KAT / "kat_ikev2.json").read_text())["vectors"]
        request = next(each for each in vectors if each["name"] == "ikev2_aes256_sha1_g5")["messages"][0]
        peer = Endpoint(IPv4Address("10.9.0.77"))
        crypto.ikev2.engine.receive(
            bytes.fromhex(request["isakmp"]), Endpoint(IPv4Address("10.9.0.1")), peer, both.router.now
        )
        crypto.pump()
        assert crypto.ikev2.engine.sas.half_open == 1
        await both.swanctl("--initiate", "--child", "net")
        await both.protected()
        assert crypto.ikev2.engine.counters.challenge_accepted == 1
        await both.crosses()
