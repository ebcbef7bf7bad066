"""HSRP groups of several routers on one wire that loses what it is told to lose."""

from __future__ import annotations

import random
from ipaddress import IPv4Address

import pytest

from iosemu.firsthop.authentication import SingleKey, keyed_md5, verified
from iosemu.firsthop.hsrp import Changed, HsrpGroup, Settings, State

STEPS = ("cut", "mend", "down", "up", "wait", "priority")
VIRTUAL = IPv4Address("10.0.0.254")


class Wire:
    """Routers by their last octet; what one sends all others get at once."""

    def __init__(self) -> None:
        self.now = 0.0
        self.routers: dict[int, HsrpGroup] = {}
        self.cut: set[int] = set()

    def add(self, octet: int, priority: int = 100, *, preempt: bool = False, delay: float = 0.0) -> HsrpGroup:
        group = HsrpGroup(Settings(1, 1, VIRTUAL, priority, preempt, delay))
        self.routers[octet] = group
        group.enable(IPv4Address(f"10.0.0.{octet}"), self.now)
        return group

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while True:
            self.carry()
            due = min(each.next_timer() for each in self.routers.values() if each.next_timer() is not None)
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
                for message in group.messages():
                    sent = True
                    for other, receiver in self.routers.items():
                        if other != octet and not {other, octet} & self.cut:
                            receiver.receive(IPv4Address(f"10.0.0.{octet}"), message, self.now)

    def states(self) -> dict[int, State]:
        return {octet: group.state for octet, group in self.routers.items()}


def test_a_router_alone_is_active_after_two_hold_times() -> None:
    wire = Wire()
    alone = wire.add(1)
    wire.run(9.9)
    assert alone.state is State.LISTEN
    wire.run(0.2)
    assert alone.state is State.SPEAK
    wire.run(10)
    assert alone.state is State.STANDBY
    wire.run(0.5)
    assert alone.state is State.ACTIVE
    assert [(each.before, each.after) for each in alone.events() if isinstance(each, Changed)] == [
        (State.DISABLED, State.LISTEN),
        (State.LISTEN, State.SPEAK),
        (State.SPEAK, State.STANDBY),
        (State.STANDBY, State.ACTIVE),
    ]
    assert alone.changes == 2


def test_equal_routers_that_begin_together_elect_the_higher_address() -> None:
    wire = Wire()
    for octet in (1, 2, 3):
        wire.add(octet)
    wire.run(60)
    assert wire.states() == {1: State.LISTEN, 2: State.STANDBY, 3: State.ACTIVE}


def test_who_is_first_stays_active_unless_a_better_one_may_preempt() -> None:
    wire = Wire()
    wire.add(1)
    wire.run(30)
    wire.add(2, 100, preempt=True)
    wire.run(30)
    assert wire.states() == {1: State.ACTIVE, 2: State.STANDBY}
    wire.add(3, 110)
    wire.run(30)
    assert wire.states() == {1: State.ACTIVE, 2: State.LISTEN, 3: State.STANDBY}
    wire.add(4, 120, preempt=True)
    wire.run(3.1)
    assert wire.routers[4].state is State.ACTIVE
    wire.run(30)
    assert wire.states() == {1: State.LISTEN, 2: State.LISTEN, 3: State.STANDBY, 4: State.ACTIVE}


def test_a_delay_is_waited_for_and_ends_when_the_active_router_becomes_better() -> None:
    wire = Wire()
    first = wire.add(1)
    wire.run(30)
    second = wire.add(2, 120, preempt=True, delay=60)
    wire.run(50)
    assert second.state is State.STANDBY
    first.configure(Settings(1, 1, VIRTUAL, 150), wire.now)
    wire.run(30)
    assert second.state is State.STANDBY
    first.configure(Settings(1, 1, VIRTUAL, 90), wire.now)
    wire.run(55)
    assert second.state is State.STANDBY
    wire.run(10)
    assert second.state is State.ACTIVE


def test_the_standby_router_takes_over_in_a_hold_time_and_at_once_after_a_resign() -> None:
    wire = Wire()
    for octet in (1, 2, 3):
        wire.add(octet)
    wire.run(60)
    wire.cut.add(3)
    wire.run(10.1)
    assert wire.routers[2].state is State.ACTIVE
    wire.run(30)
    assert wire.routers[1].state is State.STANDBY
    wire.routers[2].disable(wire.now)
    wire.carry()
    assert wire.routers[1].state is State.ACTIVE


def test_two_active_routers_that_meet_agree() -> None:
    wire = Wire()
    wire.add(1)
    wire.add(2, 90)
    wire.cut = {2}
    wire.run(60)
    assert wire.states() == {1: State.ACTIVE, 2: State.ACTIVE}
    wire.cut = set()
    wire.run(30)
    assert wire.states() == {1: State.ACTIVE, 2: State.STANDBY}


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happened_a_whole_wire_has_one_active_and_one_standby_router(seed: int) -> None:
    rng = random.Random(seed)
    steps = [(rng.randint(1, 5), rng.choice(STEPS), rng.randint(0, 255)) for _ in range(rng.randint(1, 25))]
    wire = Wire()
    for octet in range(1, 6):
        wire.add(octet, 100, preempt=octet % 2 == 0)
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
        elif step == "priority":
            group.configure(Settings(1, 1, VIRTUAL, value, octet % 2 == 0), wire.now)
        wire.run(value / 16)
    wire.cut.clear()
    for octet, group in wire.routers.items():
        if not group.state.runs:
            group.enable(IPv4Address(f"10.0.0.{octet}"), wire.now)
    wire.run(90)
    states = list(wire.states().values())
    assert states.count(State.ACTIVE) == 1
    assert states.count(State.STANDBY) == 1
    assert states.count(State.LISTEN) == 3


def test_a_digest_needs_the_key_and_the_message() -> None:
    message = bytes(range(50))
    digest = keyed_md5(b"secret", message)
    assert len(digest) == 16
    assert verified(SingleKey(b"secret"), 0, message, digest)
    assert not verified(SingleKey(b"Secret"), 0, message, digest)
    assert not verified(SingleKey(b"secret"), 1, message, digest)
    assert not verified(SingleKey(b"secret"), 0, message[::-1], digest)
