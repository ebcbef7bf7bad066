"""The engine of NTP: two boxes whose clocks differ, steps and slews, who is believed, keys, and what is made up."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from ipaddress import IPv4Address

from hypothesis import given
from hypothesis import strategies as st

from iosemu.net.ntp.association import MAX_DISTANCE, PeerConfig
from iosemu.net.ntp.engine import NtpEngine
from iosemu.net.ntp.state import Loop, Moved, NtpSettings, Right, Told
from iosemu.packets.ntp import Mode, NtpPacket, difference, timestamp

ORIGIN = datetime(2024, 1, 1, tzinfo=UTC)


class Box:
    """An engine and its clock."""

    def __init__(self, world: World, address: str, error: float = 0.0) -> None:
        self.world = world
        self.address = IPv4Address(address)
        self.error = error
        self.steps: list[float] = []
        self.told: list[Told] = []
        self.engine = NtpEngine(
            lambda: timestamp(ORIGIN, world.now + self.error), random.Random(address).random
        )
        self.engine.is_own = lambda reference: reference == self.address.packed
        world.boxes[self.address] = self

    def configure(self, **settings: object) -> None:
        self.engine.configure(NtpSettings(**settings), self.world.now)  # type: ignore[arg-type]

    def settle(self) -> None:
        for event in self.engine.events():
            if isinstance(event, Moved):
                self.error += event.seconds
                if event.step:
                    self.steps.append(event.seconds)
                else:
                    self.engine.slewed(event.seconds)
            else:
                self.told.append(event)


class World:
    """Boxes, and a network that takes 5 ms each way."""

    def __init__(self) -> None:
        self.now = 0.0
        self.boxes: dict[IPv4Address, Box] = {}
        self.under_way: list[tuple[float, IPv4Address, IPv4Address, bytes]] = []
        self.cut: set[IPv4Address] = set()

    def run(self, until: float) -> None:
        while True:
            due = [(box.engine.next_timer(), box) for box in self.boxes.values()]
            times = [when for when, _box in due if when is not None] + [each[0] for each in self.under_way]
            if not times or min(times) > until:
                self.now = until
                return
            self.now = max(self.now, min(times))
            for packet in [each for each in self.under_way if each[0] <= self.now]:
                self.under_way.remove(packet)
                _when, source, to, data = packet
                if to in self.boxes and not {source, to} & self.cut:
                    self.boxes[to].engine.receive(data, source, Right.PEER, self.now)
            for box in self.boxes.values():
                box.engine.tick(self.now)
            for box in self.boxes.values():
                box.settle()
                self.under_way += [
                    (self.now + 0.005, box.address, to, data)
                    for to, _port, _source, data, *_ in box.engine.datagrams()
                ]


def server(world: World, address: str, stratum: int = 3, error: float = 0.0) -> Box:
    box = Box(world, address, error)
    box.configure(master=stratum)
    return box


def peer(address: str, **options: object) -> PeerConfig:
    return PeerConfig(IPv4Address(address), **options)  # type: ignore[arg-type]


def test_a_clock_that_is_far_off_is_stepped_once() -> None:
    world = World()
    server(world, "10.0.0.1")
    client = Box(world, "10.0.0.2", error=-3600.0)
    client.configure(peers=(peer("10.0.0.1"),))
    world.run(150.0)
    assert client.engine.system.peer is None, "one sample or two are not enough"
    world.run(1500.0)
    assert len(client.steps) == 1
    assert abs(client.error) < 1e-5
    assert client.engine.system.stratum == 4
    assert client.engine.system.reference_id == bytes((10, 0, 0, 1))
    assert client.engine.loop is Loop.CTRL
    assert client.engine.associations[0].status == "*"


def test_a_burst_at_the_start_is_quick() -> None:
    world = World()
    server(world, "10.0.0.1")
    world.run(150.0)
    client = Box(world, "10.0.0.2", error=0.05)
    client.configure(peers=(peer("10.0.0.1", iburst=True),))
    world.run(170.0)
    assert client.engine.system.stratum == 4
    assert not client.steps
    assert abs(client.error) < 1e-5


def test_the_poll_interval_grows() -> None:
    world = World()
    server(world, "10.0.0.1")
    client = Box(world, "10.0.0.2")
    client.configure(peers=(peer("10.0.0.1"),))
    world.run(30_000.0)
    assert client.engine.associations[0].poll == 10
    assert client.engine.associations[0].reach == 0o377


def test_a_liar_among_three_is_not_believed() -> None:
    world = World()
    server(world, "10.0.0.1")
    server(world, "10.0.0.3")
    server(world, "10.0.0.5", stratum=1, error=30.0)
    client = Box(world, "10.0.0.2")
    client.configure(peers=tuple(peer(f"10.0.0.{last}") for last in (1, 3, 5)))
    world.run(2000.0)
    assert abs(client.error) < 1e-4
    marks = {str(each.config.address): each.status for each in client.engine.associations}
    assert marks["10.0.0.5"] == "x"
    assert set(marks.values()) == {"*", "+", "x"}


def test_who_falls_silent_is_left() -> None:
    world = World()
    server(world, "10.0.0.1")
    server(world, "10.0.0.3", stratum=5)
    client = Box(world, "10.0.0.2")
    client.configure(peers=(peer("10.0.0.1", maxpoll=6), peer("10.0.0.3", maxpoll=6)))
    world.run(1000.0)
    assert client.engine.system.stratum == 4
    world.cut.add(IPv4Address("10.0.0.1"))
    world.run(2000.0)
    assert client.engine.system.stratum == 6
    world.cut.add(IPv4Address("10.0.0.3"))
    world.run(3000.0)
    assert client.engine.system.peer is None
    assert [each.what for each in client.told].count("UNSYNC") == 1


def test_two_that_ask_each_other_do_not_follow_each_other() -> None:
    world = World()
    server(world, "10.0.0.1")
    left, right = Box(world, "10.0.0.2", 0.01), Box(world, "10.0.0.3", -0.02)
    left.configure(peers=(peer("10.0.0.1"), peer("10.0.0.3", mode=Mode.ACTIVE)))
    right.configure(peers=(peer("10.0.0.2", mode=Mode.ACTIVE),))
    world.run(3000.0)
    assert (left.engine.system.stratum, right.engine.system.stratum) == (4, 5)
    assert abs(right.error) < 1e-3
    world.cut.add(IPv4Address("10.0.0.1"))
    world.run(20_000.0)
    assert left.engine.system.peer is None
    assert right.engine.system.peer is None


def test_keys() -> None:
    world = World()
    master = Box(world, "10.0.0.1")
    good, bad = {1: b"secret"}, {1: b"other"}
    master.configure(master=3, authenticate=True, keys=good, trusted=frozenset({1}))
    for last, settings, follows in (
        (2, {"authenticate": True, "keys": good, "trusted": frozenset({1})}, True),
        (3, {"authenticate": True, "keys": bad, "trusted": frozenset({1})}, False),
        (4, {"authenticate": True, "keys": good, "trusted": frozenset()}, False),
        (5, {"authenticate": False, "keys": good, "trusted": frozenset({1})}, True),
    ):
        client = Box(world, f"10.0.0.{last}")
        client.configure(peers=(peer("10.0.0.1", key=1),), **settings)
        world.run(world.now + 600.0)
        assert (client.engine.system.peer is not None) is follows, last
        if not follows:
            assert client.engine.associations[0].reference_id == b"AUTH"
            assert client.engine.associations[0].reach == 0


def test_what_nobody_asked_for_moves_no_clock() -> None:
    world = World()
    client = Box(world, "10.0.0.2")
    client.configure(peers=(peer("10.0.0.1"),))
    for number in range(20):
        forged = NtpPacket(Mode.SERVER, 0, stratum=1, origin=number, receive=1 << 40, transmit=1 << 40)
        client.engine.receive(forged.to_bytes(), IPv4Address("10.0.0.1"), Right.PEER, float(number))
    assert client.engine.associations[0].packets_bad == 20
    assert client.engine.associations[0].reach == 0


def test_rights() -> None:
    world = World()
    box = server(world, "10.0.0.1")
    world.run(5.0)
    ask = NtpPacket(Mode.CLIENT, transmit=77).to_bytes()
    box.engine.receive(ask, IPv4Address("10.0.0.9"), Right.NONE, world.now)
    assert box.engine.datagrams() == []
    box.engine.receive(ask, IPv4Address("10.0.0.9"), Right.SERVE, world.now, 40000)
    ((to, port, _source, data, *_),) = box.engine.datagrams()
    assert port == 40000
    answer = NtpPacket.parse(data)
    assert (str(to), answer.mode, answer.origin, answer.stratum) == ("10.0.0.9", Mode.SERVER, 77, 3)


@given(st.binary(max_size=80))
def test_octets_of_any_kind(data: bytes) -> None:
    world = World()
    box = server(world, "10.0.0.1")
    box.configure(peers=(peer("10.0.0.9"),), master=3)
    box.engine.receive(data, IPv4Address("10.0.0.9"), Right.PEER, 1.0)
    assert box.engine.system.peer is None or box.engine.system.peer.local


def test_the_digest_of_a_known_packet() -> None:
    packet = NtpPacket(Mode.CLIENT, transmit=timestamp(ORIGIN)).signed(5, b"key")
    again = NtpPacket.parse(packet.to_bytes())
    assert again == packet
    assert again.signed_by(b"key")
    assert not again.signed_by(b"yek")
    assert difference(timestamp(ORIGIN, 1.5), timestamp(ORIGIN)) == 1.5
    assert MAX_DISTANCE < 16
