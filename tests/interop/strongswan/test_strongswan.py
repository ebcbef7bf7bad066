"""R-A and strongSwan bring up a tunnel over a TAP device; what counts is that pings cross it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from strongswan_peer import ADDRESS, LAN, StrongSwan, missing

from iosemu.lab.lab import Lab
from iosemu.lab.ssh_service import serve
from iosemu.subjects.crypto.service.engine import CryptoEngine

REASON = missing()
pytestmark = pytest.mark.skipif(bool(REASON), reason=f"no strongSwan peer: {REASON}")


@dataclass(frozen=True)
class Suite:
    """One set of algorithms, in the words of both sides."""

    name: str
    policy: str
    ike: str
    transforms: str
    esp: str
    pfs: str = ""
    aggressive: bool = False
    lifetime: int = 3600

    def router(self) -> str:
        """The configuration of R-A."""
        pfs = f" set pfs {self.pfs}\n" if self.pfs else ""
        peer = (
            f"crypto isakmp peer address {ADDRESS}\n set aggressive-mode password TEST1\n"
            " set aggressive-mode client-endpoint ipv4-address 10.9.0.1\n"
        )
        return f"""hostname R-A
username admin privilege 15 password admin
crypto isakmp policy 10
{self.policy}
 authentication pre-share
crypto isakmp key TEST1 address {ADDRESS}
{peer if self.aggressive else "!"}
crypto ipsec security-association lifetime seconds {self.lifetime}
crypto ipsec transform-set TSET {self.transforms}
access-list 101 permit ip 192.168.1.0 0.0.0.255 192.168.2.0 0.0.0.255
crypto map CMAP 10 ipsec-isakmp
 set peer {ADDRESS}
 set transform-set TSET
{pfs} match address 101
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
  version = 1
  aggressive = {"yes" if self.aggressive else "no"}
  local_addrs = {ADDRESS}
  remote_addrs = 10.9.0.1
  encap = yes
  proposals = {self.ike}
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


AES = Suite(
    "aes-sha-2", " encr aes 256\n group 2", "aes256-sha1-modp1024", "esp-aes esp-sha-hmac", "aes128-sha1"
)
SUITES = [
    AES,
    Suite("3des-sha-5", " encr 3des\n group 5", "3des-sha1-modp1536", "esp-3des esp-sha-hmac", "3des-sha1"),
    Suite(
        "aes-sha256-14",
        " encr aes\n hash sha256\n group 14",
        "aes128-sha256-modp2048",
        "esp-aes 256 esp-sha256-hmac",
        "aes256-sha256-modp2048",
        "group14",
    ),
    Suite(
        "aes192-md5-2-pfs",
        " encr aes 192\n hash md5\n group 2",
        "aes192-md5-modp1024",
        "esp-aes 192 esp-md5-hmac",
        "aes192-md5-modp1024",
        "group2",
    ),
    Suite(
        "aes-sha512-ecp256-gcm",
        " encr aes 256\n hash sha512\n group 19",
        "aes256-sha512-ecp256",
        "esp-gcm 256",
        "aes256gcm16-ecp256",
        "group19",
    ),
    replace(AES, name="aggressive-aes-sha-2", aggressive=True),
    Suite(
        "aggressive-3des-sha256-14-pfs5",
        " encr 3des\n hash sha256\n group 14",
        "3des-sha256-modp2048",
        "esp-3des esp-sha256-hmac",
        "3des-sha256-modp1536",
        "group5",
        aggressive=True,
    ),
]


class Joined:
    """R-A with a PC behind it, strongSwan with an address behind it, a cable between the gateways."""

    def __init__(self, lab: Lab, peer: StrongSwan) -> None:
        self.lab = lab
        self.peer = peer
        router = lab["R-A"]
        self.router = router

    async def say(self, device: str, line: str) -> str:
        """Type a line and wait for its end."""
        session = self.lab.session(device)
        assert session is not None
        session.start()
        session.receive(b"terminal length 0\r" if device == "R-A" else b"\r")
        session.output()
        self.lab.clock.watch(session)
        session.receive(line.encode() + b"\r")
        async with asyncio.timeout(60):
            await self.lab.clock.run_until(lambda: not session.waiting)
        self.lab.clock.unwatch(session)
        text = session.output().decode()
        session.disconnect()
        return text

    async def ping_from_router(self) -> str:
        """From R-A's LAN address to behind strongSwan."""
        return await self.say("R-A", f"ping {LAN} source FastEthernet0/1 timeout 1")

    async def ping_from_peer(self, count: int = 3) -> str:
        """From behind strongSwan to behind R-A."""
        command = ("ping", "-c", str(count), "-i", "0.2", "-W", "3", "-I", LAN, "192.168.1.1")
        return await asyncio.to_thread(self.peer.inside, *command, check=False)

    async def swanctl(self, *arguments: str) -> str:
        """Run swanctl while the lab goes on."""
        return await asyncio.to_thread(self.peer.swanctl, *arguments)

    async def crosses(self) -> None:
        """Pings cross the tunnel both ways without loss, inside ESP."""
        flow = next(iter(self.router.service(CryptoEngine).flows.values()))
        encaps, decaps = flow.counters.encaps, flow.counters.decaps
        assert "(5/5)" in await self.ping_from_router(), self.peer.log()
        assert " 0% packet loss" in await self.ping_from_peer(), self.peer.log()
        assert flow.counters.encaps - encaps == 8
        assert flow.counters.decaps - decaps == 8

    async def gone(self, state: str) -> None:
        """Wait until strongSwan has nothing in a state."""
        async with asyncio.timeout(30):
            while state in await self.swanctl("--list-sas"):
                pass

    async def protected(self) -> None:
        """Wait for both sides' SAs.

        strongSwan's threads may take quick mode's first message before the last one of phase 1 and ignore
        it, which R-A repeats; or the first ESP packet before quick mode's last message.
        """
        await self.until(lambda: any(pair.usable for pair in self.router.service(CryptoEngine).sadb), "SAs")
        async with asyncio.timeout(30):
            while "INSTALLED" not in await self.swanctl("--list-sas"):
                pass

    async def until(self, reached: Callable[[], bool], what: str) -> None:
        """Wait for something to happen at R-A."""
        async with asyncio.timeout(30):
            assert await self.lab.clock.run_until(reached), what


@pytest.fixture(scope="module")
def gateway() -> Iterator[StrongSwan]:
    with tempfile.TemporaryDirectory(prefix="iosemu-") as directory:  # a socket's path must be short
        peer = StrongSwan(Path(directory))
        try:
            peer.start()
            yield peer
        finally:
            peer.stop()


@contextlib.asynccontextmanager
async def joined(
    gateway: StrongSwan, directory: Path, suite: Suite, prepare: Callable[[Joined], None] | None = None
) -> AsyncIterator[Joined]:
    """A lab whose R-A is cabled to the gateway, both configured alike; `prepare` does what that is not enough for."""
    tap = f"ios{os.getpid()}"
    (directory / "R-A.cfg").write_text(suite.router())
    (directory / "PC-A.cfg").write_text("ipconfig 192.168.1.1 255.255.255.0 192.168.1.254\n")
    (directory / "lab.yaml").write_text(f"""name: strongswan
nodes:
  R-A: {{model: c2811, image: "15.1", config: R-A.cfg}}
  PC-A: {{model: server, config: PC-A.cfg, services: {{http: true}}}}
links:
  - endpoints: ["R-A:Fa0/0", "tap:{tap}"]
  - endpoints: ["PC-A:Fa0", "R-A:Fa0/1"]
""")
    lab = Lab.load(directory / "lab.yaml", time="real")
    lab.boot()
    assert lab.errors == {"R-A": [], "PC-A": []}
    async with serve(lab, base_port=0):
        await asyncio.to_thread(gateway.plug, tap)
        both = Joined(lab, gateway)
        if prepare is not None:
            prepare(both)
        await asyncio.to_thread(
            gateway.load,
            suite.connection(),
            'ike-a { id-1 = 10.9.0.1\n secret = "TEST1" }',
            getattr(suite, "authorities", ""),
        )
        # neighbours know each other's addresses, so that nothing is lost but what IPsec loses
        await both.say("R-A", "ping 192.168.1.1 timeout 1")
        await asyncio.to_thread(gateway.inside, "ping", "-c", "2", "-i", "0.2", "10.9.0.1", check=False)
        try:
            yield both
        finally:
            await asyncio.to_thread(gateway.swanctl, "--terminate", "--ike", "ra", "--force", check=False)


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
async def test_r_a_initiates(gateway: StrongSwan, tmp_path: Path, suite: Suite) -> None:
    async with joined(gateway, tmp_path, suite) as both:
        await both.ping_from_router()
        assert "QM_IDLE" in await both.say("R-A", "show crypto isakmp sa"), gateway.log()
        await both.protected()
        await both.crosses()


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
async def test_strongswan_initiates(gateway: StrongSwan, tmp_path: Path, suite: Suite) -> None:
    async with joined(gateway, tmp_path, suite) as both:
        await both.swanctl("--initiate", "--child", "net")
        await both.protected()
        await both.crosses()


async def test_strongswan_rekeys(gateway: StrongSwan, tmp_path: Path) -> None:
    async with joined(gateway, tmp_path, SUITES[2]) as both:
        await both.swanctl("--initiate", "--child", "net")
        await both.protected()
        await both.crosses()
        first = {sa.spi for pair in both.router.service(CryptoEngine).sadb for sa in pair.inbound}
        await both.swanctl("--rekey", "--child", "net")
        await both.until(
            lambda: (
                {sa.spi for pair in both.router.service(CryptoEngine).sadb for sa in pair.inbound} - first
                != set()
            ),
            "a second pair",
        )
        await both.crosses()
        await both.swanctl("--rekey", "--ike", "ra")
        await both.until(
            lambda: len([sa for sa in both.router.service(CryptoEngine).ike.sas if sa.up]) >= 1, "an SA"
        )
        await both.crosses()


async def test_r_a_rekeys_ahead_of_expiry(gateway: StrongSwan, tmp_path: Path) -> None:
    async with joined(gateway, tmp_path, replace(SUITES[3], lifetime=120)) as both:
        await both.ping_from_router()
        await both.protected()
        await both.crosses()
        first = {sa.spi for pair in both.router.service(CryptoEngine).sadb for sa in pair.inbound}
        (pair,) = both.router.service(CryptoEngine).sadb
        await both.lab.clock.advance(
            both.router.service(CryptoEngine).life.renewal(pair) - both.router.now - 0.1
        )
        await both.until(lambda: len(both.router.service(CryptoEngine).sadb) == 2, "make before break")
        async with asyncio.timeout(30):
            while (await both.swanctl("--list-sas")).count("TUNNEL-in-UDP") < 2:
                pass  # strongSwan installs its side when our last message is there
        await both.crosses()
        await both.lab.clock.advance(30)
        assert not first & {sa.spi for pair in both.router.service(CryptoEngine).sadb for sa in pair.inbound}
        await both.crosses()


async def test_deletes_are_understood(gateway: StrongSwan, tmp_path: Path) -> None:
    async with joined(gateway, tmp_path, AES) as both:
        await both.ping_from_router()
        await both.protected()
        await both.crosses()
        await both.say("R-A", "clear crypto sa")
        await both.gone("INSTALLED")
        assert "ESTABLISHED" in await both.swanctl("--list-sas")
        await both.ping_from_router()
        await both.protected()
        await both.crosses()
        await both.say("R-A", "clear crypto isakmp")
        await both.gone("ESTABLISHED")
        await both.swanctl("--initiate", "--child", "net")
        await both.protected()
        await both.crosses()
        await both.swanctl("--terminate", "--child", "net")
        await both.until(lambda: not len(both.router.service(CryptoEngine).sadb), "the pair is gone")
        await both.ping_from_router()
        await both.protected()
        await both.crosses()
        await both.swanctl("--terminate", "--ike", "ra")
        await both.until(
            lambda: not any(sa.up for sa in both.router.service(CryptoEngine).ike.sas), "the SA is gone"
        )
        await both.ping_from_router()
        await both.protected()
        await both.crosses()


async def test_a_tunnel_recovers_when_phase_1_is_cleared(gateway: StrongSwan, tmp_path: Path) -> None:
    async with joined(gateway, tmp_path, AES) as both:
        await both.ping_from_router()
        await both.protected()
        await both.crosses()
        await both.say("R-A", "clear crypto isakmp")
        await both.gone("INSTALLED")  # it drops the SAs of phase 2 with those of phase 1
        assert len(both.router.service(CryptoEngine).sadb) == 1, "IOS does not"
        old = next(iter(both.router.service(CryptoEngine).sadb))
        assert "(0/5)" in await both.ping_from_router()
        await both.lab.clock.advance(30)
        await both.ping_from_router()
        assert old.superseded
        await both.protected()
        await both.crosses()


async def test_dead_peer_detection(gateway: StrongSwan, tmp_path: Path) -> None:
    async with joined(gateway, tmp_path, AES) as both:
        await both.ping_from_router()
        session = both.lab.session("R-A")
        assert session is not None
        session.start()
        session.receive(b"configure terminal\rcrypto isakmp keepalive 10 periodic\rend\r")
        session.disconnect()
        await both.say("R-A", "clear crypto isakmp")
        await both.say("R-A", "clear crypto sa")
        await both.ping_from_router()
        for _ in range(6):
            await both.lab.clock.advance(10)
            await both.ping_from_peer(1)
        assert "QM_IDLE" in await both.say("R-A", "show crypto isakmp sa"), "strongSwan answers"
        await both.crosses()
        tap = f"ios{os.getpid()}"
        await asyncio.to_thread(gateway.inside, "ip", "link", "set", tap, "down")
        await both.lab.clock.advance(120)
        assert not len(both.router.service(CryptoEngine).sadb), "nobody answers any more"


async def test_another_key_is_refused(gateway: StrongSwan, tmp_path: Path) -> None:
    async with joined(gateway, tmp_path, AES) as both:
        gateway.load(AES.connection(), 'ike-a { id-1 = 10.9.0.1\n secret = "OTHER" }')
        assert "(0/5)" in await both.ping_from_router()
        assert "QM_IDLE" not in await both.say("R-A", "show crypto isakmp sa")
