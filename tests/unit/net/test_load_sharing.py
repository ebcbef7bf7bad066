"""Several ways to one network: who takes which."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from types import SimpleNamespace

import pytest

from iosemu.ip.config import IpSettings
from iosemu.ip.sharing import LoadSharing
from iosemu.net.candidates import share_out
from iosemu.net.routing import Hop, Route, RouteSource, RoutingTable
from iosemu.packets.ipv4 import IPv4Packet, Protocol

FAR = IPv4Address("80.0.0.1")
NETWORK = IPv4Network("80.0.0.0/8")


def way(last: int, share: int = 1) -> tuple[Hop, int]:
    hop = IPv4Address(f"10.0.{last}.1")
    return Hop(f"e{last}", hop, Route(NETWORK, RouteSource.EIGRP, f"e{last}", hop)), share


@pytest.mark.parametrize(
    ("shares", "counts"),
    [
        ((1,), [1]),
        ((1, 1), [8, 8]),
        ((1, 1, 1), [5, 5, 5]),
        ((240, 120), [10, 5]),
        ((240, 218), [8, 8]),
        ((240, 48, 24), [10, 2, 1]),
        ((1, 0), [1, 0]),
        ((240, 1), [16, 1]),
    ],
)
def test_buckets_follow_the_shares(shares: tuple[int, ...], counts: list[int]) -> None:
    buckets = share_out([way(at, share) for at, share in enumerate(shares)])
    found = Counter(each.interface for each in buckets)
    assert [found[f"e{at}"] for at in range(len(shares))] == counts


def test_equal_ways_alternate() -> None:
    buckets = share_out([way(0), way(1)])
    assert [each.interface for each in buckets] == ["e0", "e1"] * 8


def table(*shares: int) -> RoutingTable:
    made = RoutingTable()
    for at, share in enumerate(shares):
        made.interface_up(f"e{at}", True)
        hop = IPv4Address(f"10.0.{at}.1")
        made.add(Route(NETWORK, RouteSource.EIGRP, f"e{at}", hop, 90, 100 + at, leading=100, share=share))
    return made


def test_a_recursive_route_goes_all_ways_that_its_next_hop_is_reached_by() -> None:
    made = table(2, 1)
    far = IPv4Network("99.0.0.0/8")
    made.add(Route(far, RouteSource.BGP, None, FAR, 200))
    found = Counter(each.interface for each in made.ways(IPv4Address("99.1.1.1")))
    assert found == {"e0": 10, "e1": 5}
    made.interface_up("e0", False)
    assert [each.interface for each in made.ways(IPv4Address("99.1.1.1"))] == ["e1"]


def test_turns_are_taken_in_proportion() -> None:
    made = table(240, 80)
    taken = Counter(hop.interface for _ in range(160) if (hop := made.take_turn(FAR)) is not None)
    assert taken == {"e0": 120, "e1": 40}
    assert made.take_turn(IPv4Address("9.9.9.9")) is None


@dataclass
class Port:
    settings: IpSettings = field(default_factory=IpSettings)

    @property
    def config(self) -> Port:
        return self

    def of(self, _part: type) -> IpSettings:
        return self.settings


def sharing(made: RoutingTable, name: str = "R1") -> tuple[LoadSharing, dict[str, Port]]:
    ports = {f"e{at}": Port() for at in range(4)}
    stack = SimpleNamespace(
        device=SimpleNamespace(base_mac=bytes(6), name=name), routes=made, interfaces=ports
    )
    return LoadSharing(stack), ports  # type: ignore[arg-type]


def packet(source: int, destination: IPv4Address = FAR) -> IPv4Packet:
    return IPv4Packet(IPv4Address(0x0A000000 + source), destination, Protocol.ICMP, b"")


def test_a_conversation_keeps_to_its_way_and_many_spread() -> None:
    made = table(1, 1)
    chooser, _ = sharing(made)
    ways = made.ways(FAR)
    first = [chooser.passed_on(made, packet(each), ways) for each in range(1000)]
    assert first == [chooser.passed_on(made, packet(each), ways) for each in range(1000)]
    counts = Counter(each.interface for each in first if each is not None)
    assert all(400 < counts[each] < 600 for each in ("e0", "e1"))
    other, _ = sharing(made, "R2")
    second = [other.passed_on(made, packet(each), ways) for each in range(1000)]
    same = sum(a is b for a, b in zip(first, second, strict=True))
    assert 350 < same < 650  # the next router in a row does not choose as this one


def test_random_pairs_fill_all_buckets() -> None:
    chooser, _ = sharing(table(1))
    numbers = random.Random(7)
    pairs = [
        (IPv4Address(numbers.getrandbits(32)), IPv4Address(numbers.getrandbits(32))) for _ in range(3200)
    ]
    counts = Counter(chooser.bucket(*pair) for pair in pairs)
    assert sorted(counts) == list(range(16))
    assert max(counts.values()) < 300


def test_packets_take_turns_where_all_interfaces_say_so_and_when_made_here() -> None:
    made = table(1, 1)
    chooser, ports = sharing(made)
    ways = made.ways(FAR)

    def seen(count: int = 8) -> Counter[str]:
        hops = [chooser.passed_on(made, packet(1), ways) for _ in range(count)]
        return Counter(hop.interface for hop in hops if hop is not None)

    assert len(seen()) == 1
    ports["e0"].settings.per_packet = True
    assert len(seen()) == 1
    ports["e1"].settings.per_packet = True
    assert seen() == {"e0": 4, "e1": 4}
    ports["e0"].settings.per_packet = False
    own = [chooser.made_here(made, packet(1), ways, wrapped=False) for _ in range(8)]
    assert Counter(hop.interface for hop in own if hop is not None) == {"e0": 4, "e1": 4}
    wrapped = {chooser.made_here(made, packet(1), ways, wrapped=True) for _ in range(8)}
    assert len(wrapped) == 1
