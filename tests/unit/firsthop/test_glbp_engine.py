"""GLBP groups of several routers on one wire."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from iosemu.firsthop.glbp import Balancing, GlbpGroup, Settings
from iosemu.firsthop.hsrp import State
from iosemu.packets.addresses import MacAddress

STEPS = ("cut", "mend", "down", "up", "weight")
VIRTUAL = IPv4Address("10.0.0.254")


class Wire:
    """Routers by their last octet; what one sends those get whom it is for, unless they are cut off."""

    def __init__(self) -> None:
        self.now = 0.0
        self.routers: dict[int, GlbpGroup] = {}
        self.cut: set[int] = set()

    def add(self, octet: int, priority: int = 100, **more: object) -> GlbpGroup:
        station = MacAddress(bytes((2, 0, 0, 0, 0, octet)))
        group = GlbpGroup(Settings(1, VIRTUAL, priority, station=station, **more))
        self.routers[octet] = group
        group.enable(IPv4Address(f"10.0.0.{octet}"), self.now)
        return group

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while True:
            self.carry()
            due = min(timer for each in self.routers.values() if (timer := each.next_timer()) is not None)
            if due > end:
                break
            self.now = max(due, self.now)
            for each in self.routers.values():
                each.tick(self.now)
        self.now = end

    def carry(self) -> None:
        sent = True
        while sent:
            sent = False
            for octet, group in list(self.routers.items()):
                for each in group.messages():
                    sent = True
                    for other, receiver in self.routers.items():
                        wanted = each.address in (None, IPv4Address(f"10.0.0.{other}"))
                        if other != octet and wanted and not {other, octet} & self.cut:
                            receiver.receive(IPv4Address(f"10.0.0.{octet}"), each.message, self.now)

    def holders(self, number: int) -> list[int]:
        return [
            octet
            for octet, group in self.routers.items()
            if any(each.number == number for each in group.forwarders.active())
        ]

    def answers(self, octet: int, clients: int) -> Counter[int]:
        group = self.routers[octet]
        told = [group.answer(MacAddress(bytes((4, 0, 0, 0, 0, at))), self.now) for at in range(clients)]
        return Counter(each[5] for each in told if each is not None)


def three() -> Wire:
    wire = Wire()
    for octet, priority in ((1, 120), (2, 110), (3, 100)):
        wire.add(octet, priority)
    wire.run(60)
    return wire


def test_the_gateway_gives_each_member_a_forwarder_of_its_own() -> None:
    wire = three()
    assert [each.state for each in wire.routers.values()] == [State.ACTIVE, State.STANDBY, State.LISTEN]
    held = {number: wire.holders(number) for number in (1, 2, 3)}
    assert held[1] == [1]
    assert sorted(held[2] + held[3]) == [2, 3]
    assert wire.routers[2].answer(MacAddress(bytes(6)), wire.now) is None
    assert len(wire.routers[1].members) == 2


def test_clients_are_shared_as_configured() -> None:
    wire = three()
    group = wire.routers[1]
    assert wire.answers(1, 9) == Counter({1: 3, 2: 3, 3: 3})
    group.configure(replace(group.settings, balancing=Balancing.WEIGHTED, weight=50, upper=50), wire.now)
    assert wire.answers(1, 50) == Counter({1: 10, 2: 20, 3: 20})
    group.configure(replace(group.settings, balancing=Balancing.HOST_DEPENDENT), wire.now)
    assert wire.answers(1, 30) == wire.answers(1, 30)
    assert len(wire.answers(1, 30)) == 3
    group.configure(replace(group.settings, balancing=Balancing.NONE), wire.now)
    assert wire.answers(1, 5) == Counter({1: 5})


def test_a_lost_router_is_stood_in_for_then_redirected_from_then_forgotten() -> None:
    wire = three()
    for group in wire.routers.values():
        group.configure(replace(group.settings, redirect=60.0, timeout=200.0), wire.now)
    wire.run(5)
    wire.cut.add(3)
    number = wire.routers[3].forwarders.mine.number
    wire.run(15)
    stand_ins = [octet for octet in wire.holders(number) if octet != 3]
    assert len(stand_ins) == 1
    assert set(wire.answers(1, 9)) == {1, 2, 3}
    wire.run(60)
    assert set(wire.answers(1, 9)) == {1, 2, 3} - {number}
    assert [octet for octet in wire.holders(number) if octet != 3] == stand_ins
    wire.run(150)
    assert [octet for octet in wire.holders(number) if octet != 3] == []
    wire.cut.clear()
    wire.run(90)
    assert wire.holders(number) == [3]


def test_an_owner_that_comes_back_has_its_forwarder_after_the_delay() -> None:
    wire = three()
    number = wire.routers[3].forwarders.mine.number
    wire.routers[3].disable(wire.now)
    wire.run(30)
    assert wire.holders(number) in ([1], [2])
    wire.routers[3].enable(IPv4Address("10.0.0.3"), wire.now)
    wire.run(25)
    assert wire.holders(number) in ([1], [2])
    wire.run(15)
    assert wire.holders(number) == [3]


def test_a_router_below_its_threshold_loses_its_forwarder_and_gets_it_back() -> None:
    wire = three()
    group = wire.routers[2]
    number = group.forwarders.mine.number
    group.configure(replace(group.settings, weight=80, lower=90, upper=95), wire.now)
    wire.run(25)
    assert wire.holders(number) == [2]
    wire.run(10)
    assert wire.holders(number) in ([1], [3])
    group.configure(replace(group.settings, weight=92), wire.now)
    wire.run(60)
    assert wire.holders(number) in ([1], [3])
    group.configure(replace(group.settings, weight=100), wire.now)
    wire.run(40)
    assert wire.holders(number) == [2]


def test_a_fifth_router_has_no_forwarder_of_its_own() -> None:
    wire = Wire()
    for octet in range(1, 6):
        wire.add(octet, 100 + octet)
    wire.run(60)
    assert sum(group.forwarders.mine is None for group in wire.routers.values()) == 1
    assert sorted(octet for number in (1, 2, 3, 4) for octet in wire.holders(number)) != [1, 2, 3, 4, 5]


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happened_a_whole_wire_has_one_gateway_and_one_holder_of_each_forwarder(seed: int) -> None:
    rng = random.Random(seed)
    steps = [(rng.randint(1, 4), rng.choice(STEPS), rng.randint(1, 254)) for _ in range(rng.randint(1, 12))]
    wire = Wire()
    for octet in range(1, 5):
        wire.add(octet, 100, lower=50)
    for octet, step, value in steps:
        group = wire.routers[octet]
        if step == "cut":
            wire.cut.add(octet)
        elif step == "mend":
            wire.cut.discard(octet)
        elif step == "down" and group.state.runs:
            group.disable(wire.now)
        elif step == "up" and not group.state.runs:
            group.enable(IPv4Address(f"10.0.0.{octet}"), wire.now)
        elif step == "weight":
            group.configure(replace(group.settings, weight=value), wire.now)
        wire.run(value / 8)
    wire.cut.clear()
    for octet, group in wire.routers.items():
        group.configure(replace(group.settings, weight=100), wire.now)
        if not group.state.runs:
            group.enable(IPv4Address(f"10.0.0.{octet}"), wire.now)
    wire.run(150)
    assert [group.state for group in wire.routers.values()].count(State.ACTIVE) == 1
    for number in range(1, 5):
        assert len(wire.holders(number)) <= 1
    gateway = next(octet for octet, group in wire.routers.items() if group.state is State.ACTIVE)
    for number in wire.answers(gateway, 12):
        assert len(wire.holders(number)) == 1
