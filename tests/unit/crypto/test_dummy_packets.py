"""Dummy packets leave at their rate while there are SAs, and are nothing to who gets them."""

from __future__ import annotations

import pytest
from crypto_vpn import WAN, B, Vpn
from typed import configure

from iosemu.packets.ethernet import EthernetFrame
from iosemu.packets.ipv4 import IPv4Packet
from iosemu.subjects.crypto.config.ipsec import Dummies
from iosemu.subjects.crypto.service.engine import CryptoEngine

ESP = 50


class Watched(Vpn):
    """What R-A sends is counted."""

    def __init__(self) -> None:
        super().__init__()
        self.lengths: list[int] = []
        self.a.ports[WAN].taps.append(self._tap)

    def _tap(self, direction: object, frame: bytes) -> None:
        if EthernetFrame.parse(frame).ethertype == 0x0800:
            packet = IPv4Packet.parse(EthernetFrame.parse(frame).payload)
            if packet.protocol == ESP and packet.destination == B:
                self.lengths.append(packet.total_length)

    def sent_in(self, seconds: float) -> int:
        self.lengths.clear()
        self.run(seconds)
        return len(self.lengths)


@pytest.fixture
def vpn() -> Watched:
    return Watched()


@pytest.mark.parametrize(
    ("line", "in_ten"),
    [
        ("crypto ipsec security-association dummy pps 5", 50),
        ("crypto ipsec security-association dummy seconds 2", 5),
        ("crypto map CMAP 10\n set security-association dummy pps 2", 20),
        (
            "crypto ipsec security-association dummy pps 5\n"
            "crypto map CMAP 10\n set security-association dummy seconds 5",
            2,
        ),
    ],
)
def test_so_many_leave(vpn: Watched, line: str, in_ten: int) -> None:
    vpn.up()
    assert vpn.sent_in(10) == 0
    configure(vpn.a, line)
    vpn.run(0.01)
    assert abs(vpn.sent_in(10) - in_ten) <= 1
    assert in_ten < 10 or len(set(vpn.lengths)) > 5, "of many lengths"


def test_nobody_takes_them_for_anything(vpn: Watched) -> None:
    configure(vpn.a, "crypto ipsec security-association dummy pps 20")
    vpn.up()
    flow = vpn.flow(vpn.b)
    before = flow.counters.decaps
    assert vpn.sent_in(5) >= 99
    assert flow.counters.decaps == before
    assert not flow.counters.receive_errors
    assert not any("IDENTITY" in line or "NOT_IPSEC" in line for line in vpn.log(vpn.b))
    (pair,) = vpn.b.service(CryptoEngine).sadb
    assert pair.inbound[0].packets > 99, "they are authentic all the same"
    assert vpn.ping(4) == 4


def test_they_end_when_they_are_not_wanted_or_the_sas_are_gone(vpn: Watched) -> None:
    configure(vpn.a, "crypto ipsec security-association dummy pps 10")
    vpn.up()
    assert vpn.sent_in(2)
    configure(vpn.a, "no crypto ipsec security-association dummy")
    vpn.run(0.2)
    assert vpn.sent_in(5) == 0
    configure(vpn.a, "crypto ipsec security-association dummy pps 10")
    vpn.run(0.2)
    assert vpn.sent_in(2)
    vpn.a.service(CryptoEngine).clear()
    vpn.run(0.2)
    assert vpn.sent_in(5) == 0
    assert not vpn.a.service(CryptoEngine).dummies._timers


def test_those_of_a_renewed_pair_go_by_the_new_one(vpn: Watched) -> None:
    configure(vpn.a, "crypto ipsec security-association dummy seconds 1\n")
    configure(vpn.a, "crypto map CMAP 10\n set security-association lifetime seconds 120")
    vpn.up()
    (first,) = vpn.a.service(CryptoEngine).sadb
    vpn.run(130)
    (second,) = vpn.a.service(CryptoEngine).sadb
    assert second is not first
    assert 9 <= vpn.sent_in(10) <= 11


def test_how_often() -> None:
    assert Dummies.typed(4, None).interval == 0.25
    assert Dummies.typed(None, 30).interval == 30
    assert str(Dummies.typed(None, 30)) == "seconds 30"
