"""Peers that have the keys and send damaged messages: nothing breaks, and when they stop everything works again.

What is damaged is the plaintext before it is sealed, so that it is read and not only refused for its checksum.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from examined import said

from iosemu.ike import message
from iosemu.ikev2.sealing import Sealer
from iosemu.lab.lab import Lab
from iosemu.packets.checksum import internet_checksum
from iosemu.packets.nhrp import NhrpPacket
from iosemu.shell.loader import load

ROUNDS = 12
CLEARS = (
    "clear crypto sa",
    "clear crypto isakmp",
    "clear crypto session",
    "clear crypto ikev2 sa",
    "clear ip nhrp",
)
DEBUGS = ("isakmp", "ipsec", "ikev2", "ikev2 packet", "ikev2 internal", "gdoi")
CHECKSUM = slice(12, 14)
SIZE = slice(10, 12)


class Damage:
    """Changes one message in three while it is on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
        self.random, self.on = Random(seed), False
        self._same: dict[bytes, bytes] = {}
        monkeypatch.setattr(message, "generic", self._of_ikev1(message.generic))
        monkeypatch.setattr(Sealer, "seal", self._of_ikev2(Sealer.seal))
        monkeypatch.setattr(NhrpPacket, "to_bytes", self._of_nhrp(NhrpPacket.to_bytes))

    def _now(self) -> bool:
        return self.on and self.random.random() < 1 / 3

    def changed(self, data: bytes) -> bytes:
        """Flipped bits, wrong lengths, octets that are missing or too many."""
        damaged = bytearray(data)
        for _ in range(self.random.choice((1, 1, 2, 4))):
            where = self.random.randrange(len(damaged) or 1)
            match self.random.randrange(5):
                case 0 if damaged:
                    damaged[where] ^= 1 << self.random.randrange(8)
                case 1:
                    damaged[where : where + 2] = self.random.choice(
                        (b"\0\0", b"\xff\xff", b"\x00\x04", b"\x7f\xff")
                    )
                case 2:
                    del damaged[where:]
                case 3:
                    damaged[where:where] = self.random.randbytes(self.random.choice((1, 4, 40)))
                case _:
                    damaged += damaged[where : where + 64]
        return bytes(damaged)

    def _of_ikev1(self, whole: Callable[[int, bytes], bytes]) -> Callable[[int, bytes], bytes]:
        def generic(following: int, body: bytes) -> bytes:
            if self._now() and len(self._same) < 100:
                self._same[body] = self.changed(body)  # hashes are over the damaged body, too
            return whole(following, self._same.get(body, body) if self.on else body)

        return generic

    def _of_ikev2(
        self, whole: Callable[[Sealer, bytes, bytes], bytes]
    ) -> Callable[[Sealer, bytes, bytes], bytes]:
        def seal(sealer: Sealer, head: bytes, plaintext: bytes) -> bytes:
            damaged = self.changed(plaintext)[: len(plaintext)] if self._now() else plaintext
            return whole(sealer, head, damaged.ljust(len(plaintext), b"\0"))

        return seal

    def _of_nhrp(self, whole: Callable[[NhrpPacket], bytes]) -> Callable[[NhrpPacket], bytes]:
        def to_bytes(packet: NhrpPacket) -> bytes:
            data = whole(packet)
            if not self._now():
                return data
            damaged = bytearray(self.changed(data))
            if len(damaged) > CHECKSUM.stop:
                damaged[SIZE] = len(damaged).to_bytes(2, "big")
                damaged[CHECKSUM] = bytes(2)
                damaged[CHECKSUM] = internet_checksum(bytes(damaged)).to_bytes(2, "big")
            return bytes(damaged)

        return to_bytes


LABS = {
    "dmvpn-phase-3": (
        {
            "SP2": "interface Tunnel0\n ip nhrp authentication CLOUD\n",
            "HUB": "interface Tunnel0\n ip nhrp redirect\n",
            "SP1": "interface Tunnel0\n ip nhrp shortcut\n",
        },
        ("PC1", "192.168.3.10"),
    ),
    "getvpn": ({"GM3": "crypto gdoi group GETVPN\n identity number 1234\n"}, ("PC1", "192.168.3.10")),
    "flexvpn-hub-spoke": ({}, ("PC1", "192.168.0.10")),
    "ipsec-vpn": ({}, ("PC-A", "192.168.2.1")),
}


@pytest.mark.parametrize("name", LABS)
def test_who_has_the_keys_breaks_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    repairs, (host, far) = LABS[name]
    lab = Lab.load(name, seed=1)
    lab.boot()
    for each, lines in repairs.items():
        assert load(lab[each], lab.grammar, lines) == []
    lab.advance(60)
    routers = [each for each in lab.devices if lab[each].kind == "router"]
    for each in routers:
        for what in DEBUGS:
            said(lab, each, f"debug crypto {what}")
        said(lab, each, "debug nhrp packet")
    damage = Damage(monkeypatch, 1)
    damage.on = True
    for _ in range(ROUNDS):
        said(lab, damage.random.choice(routers), damage.random.choice(CLEARS))
        said(lab, host, f"ping {far}")
        lab.advance(damage.random.choice((1, 10, 60)))
    damage.on = False
    for each in routers:
        for clear in CLEARS:
            said(lab, each, clear)
    lab.advance(300)
    for _ in range(3):
        answer = said(lab, host, f"ping {far}")
        lab.advance(10)
    assert "Lost = 0" in answer, answer
