"""R-A as a FlexVPN server: strongSwan asks for a virtual IP, R-A gives one of its pool and an interface."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from flexvpn_server import PROPOSAL, TEMPLATE, client
from strongswan_peer import ADDRESS, StrongSwan, missing
from test_strongswan import gateway, joined

from iosemu.subjects.crypto.service.engine import CryptoEngine

REASON = missing()
pytestmark = pytest.mark.skipif(bool(REASON), reason=f"no strongSwan peer: {REASON}")
__all__ = ["gateway"]


class Server:
    """The two configurations."""

    def __init__(self, pool: str = "CLIENTS", methods: str = "FLEX") -> None:
        self.pool, self.methods = pool, methods

    def router(self) -> str:
        """That of R-A."""
        return f"""hostname R-A
aaa new-model
aaa authentication login default local
aaa authorization network FLEX local
username admin privilege 15 password admin
crypto ikev2 authorization policy CLIENTS
 pool CLIENTS
 netmask 255.255.255.255
 dns 192.168.1.1
 route set interface
{PROPOSAL}crypto ikev2 keyring KR
 peer SWAN
  address {ADDRESS}
  pre-shared-key TEST1
crypto ikev2 profile P
 match identity remote address {ADDRESS} 255.255.255.255
 authentication remote pre-share
 authentication local pre-share
 keyring local KR
 aaa authorization group psk list {self.methods} CLIENTS
 virtual-template 1
{TEMPLATE}ip local pool {self.pool} 172.16.0.11 172.16.0.20
end
"""

    def connection(self) -> str:
        """That of strongSwan."""
        return client(f"auth = psk\n id = {ADDRESS}", "auth = psk\n id = 10.9.0.1")


async def test_a_client_gets_an_address_and_an_interface(gateway: StrongSwan, tmp_path: Path) -> None:
    async with joined(gateway, tmp_path, Server()) as both:
        await both.swanctl("--initiate", "--child", "net")
        await both.protected()
        listed = await both.swanctl("--list-sas")
        found = re.search(r"172\.16\.0\.\d+", listed)
        assert found is not None, listed
        assert found[0] == "172.16.0.11"
        assert "Virtual-Access1            172.16.0.1      YES unset  up" in await both.say(
            "R-A", "show ip interface brief"
        )
        assert "172.16.0.11 is directly connected, Virtual-Access1" in await both.say("R-A", "show ip route")
        ping = ("ping", "-c", "3", "-i", "0.2", "-W", "3", "-I", found[0], "192.168.1.1")
        assert " 0% packet loss" in await asyncio.to_thread(gateway.inside, *ping, check=False), gateway.log()
        flow = next(iter(both.router.service(CryptoEngine).flows.values()))
        assert (flow.counters.encaps, flow.counters.decaps) == (3, 3)
        back = await both.say("R-A", f"ping {found[0]} source FastEthernet0/1 timeout 1")
        assert "(5/5)" in back, gateway.log()
        database, old = both.router.service(CryptoEngine).sadb, flow.pairs[-1].inbound[0].spi
        await both.swanctl("--rekey", "--child", "net")
        # strongSwan knows its address now and asks for no more than that: the successor belongs to another flow
        await both.until(lambda: [each.inbound[0].spi != old for each in database] == [True], "a successor")
        assert "(5/5)" in await both.say("R-A", f"ping {found[0]} source FastEthernet0/1 timeout 1")
        await both.swanctl("--terminate", "--ike", "ra")
        await both.until(lambda: "Virtual-Access1" not in both.router.interfaces, "the interface is gone")
        assert not both.router.service(CryptoEngine).ikev2.sessions.sessions
        assert "172.16.0.11" not in await both.say("R-A", "show ip route")


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (Server(pool="OTHER"), "INTERNAL_ADDRESS_FAILURE"),
        (Server(methods="NOBODY"), "AUTHENTICATION_FAILED"),
    ],
    ids=["pool-is-missing", "list-is-missing"],
)
async def test_a_client_is_refused(gateway: StrongSwan, tmp_path: Path, server: Server, said: str) -> None:
    async with joined(gateway, tmp_path, server) as both:
        with pytest.raises(RuntimeError):
            await both.swanctl("--initiate", "--child", "net", "--timeout", "5")
        assert said in gateway.log()
        assert "Virtual-Access1" not in both.router.interfaces
