"""A protected tunnel walks through all changes of its mode: nothing of the old SAs stays, and it works again."""

from itertools import permutations, product
from pathlib import Path

import pytest

from iosemu.lab.lab import Lab
from iosemu.packets.ipv4 import Protocol
from iosemu.shell.loader import load
from iosemu.subjects.crypto.service.engine import CryptoEngine

LAB = Path(__file__).parents[2] / "scenarios" / "tunnel-against-transport" / "lab.yaml"
ROUTERS = {"R-A": ("10.0.10.10", "10.0.10.20", 1), "R-B": ("10.0.10.20", "10.0.10.10", 2)}
MODES = {
    "gre ip": "tunnel mode gre ip\ntunnel destination {peer}",
    "gre multipoint": "no tunnel destination\ntunnel mode gre multipoint",
    "ipsec ipv4": "tunnel mode ipsec ipv4\ntunnel destination {peer}",
}
WAYS = ("transport", "tunnel")
START = """
crypto isakmp policy 10
encr aes
authentication pre-share
group 2
crypto isakmp key TEST1 address {peer}
crypto ikev2 keyring KEYS
peer ANY
address {peer}
pre-shared-key TEST1
exit
exit
crypto ikev2 profile FLEX
match identity remote address {peer}
authentication remote pre-share
authentication local pre-share
keyring local KEYS
exit
crypto ipsec transform-set TSET esp-aes esp-sha-hmac
mode transport
crypto ipsec profile PROF
set transform-set TSET
{version}
interface FastEthernet0/0
no crypto map CMAP
interface Tunnel0
ip address 172.16.0.{own} 255.255.255.252
ip nhrp network-id 1
ip nhrp map 172.16.0.{other} {peer}
tunnel source FastEthernet0/0
tunnel destination {peer}
tunnel protection ipsec profile PROF
"""


class Walk:
    """Two routers with a tunnel between them; `version` is that of IKE."""

    def __init__(self, version: int) -> None:
        self.lab = Lab.load(LAB, seed=1)
        self.lab.boot()
        for name, (_local, peer, own) in ROUTERS.items():
            line = "set ikev2-profile FLEX" if version == 2 else "!"
            text = START.format(peer=peer, own=own, other=3 - own, version=line)
            assert load(self.lab[name], self.lab.grammar, text) == []
        self.lab.advance(60)

    def go(self, mode: str, way: str) -> None:
        """Change one end, then the other, with SAs in force."""
        for name, (_local, peer, _own) in ROUTERS.items():
            lines = f"crypto ipsec transform-set TSET esp-aes esp-sha-hmac\nmode {way}\ninterface Tunnel0\n"
            assert load(self.lab[name], self.lab.grammar, lines + MODES[mode].format(peer=peer)) == []
            self.lab.advance(5)
        for name in ROUTERS:  # a transform set counts for SAs that come
            self.lab[name].service(CryptoEngine).clear()
        self.lab.advance(40)

    def ping(self) -> str:
        """What R-A's second ping says, after one that makes SAs."""
        said = ""
        for _ in range(2):
            session = self.lab.session("R-A")
            assert session is not None
            session.run("ping 172.16.0.2")
            self.lab.clock.watch(session)
            self.lab.run_until(lambda session=session: not session.waiting, 60)
            self.lab.clock.unwatch(session)
            said = session.output().decode()
        return said

    def check(self, mode: str, way: str) -> None:
        """All SAs are those of the mode."""
        assert "100 percent" in self.ping(), (mode, way)
        for name in ROUTERS:
            pairs = list(self.lab[name].service(CryptoEngine).sadb)
            assert pairs
            for pair in pairs:
                gre = mode != "ipsec ipv4"
                assert (pair.selector.protocol == Protocol.GRE) == gre, (name, mode, way)
                assert pair.inbound[0].tunnel == (way == "tunnel" or not gre), (name, mode, way)


@pytest.mark.parametrize("version", [1, 2])
def test_every_change_of_mode(version: int) -> None:
    walk = Walk(version)
    walk.check("gre ip", "transport")
    states = list(product(MODES, WAYS))
    for before, after in permutations(states, 2):
        walk.go(*before)
        walk.go(*after)
        walk.check(*after)
