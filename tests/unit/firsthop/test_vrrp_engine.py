"""Virtual routers of VRRP on one wire (RFC 3768 section 6)."""

from __future__ import annotations

from ipaddress import IPv4Address

from iosemu.firsthop.vrrp import OWNER, Changed, Ignored, Settings, State, VirtualRouter

VIRTUAL = (IPv4Address("10.0.0.254"),)


def router(octet: int, priority: int = 100, **more: object) -> VirtualRouter:
    each = VirtualRouter(Settings(1, VIRTUAL, priority, **more))
    each.enable(IPv4Address(f"10.0.0.{octet}"), 0.0)
    return each


def run(
    routers: dict[int, VirtualRouter], start: float, end: float, cut: frozenset[int] = frozenset()
) -> None:
    now = start
    while True:
        sent = True
        while sent:
            sent = False
            for octet, each in routers.items():
                for message in each.messages():
                    sent = True
                    for other, receiver in routers.items():
                        if other != octet and not cut & {other, octet}:
                            receiver.receive(IPv4Address(f"10.0.0.{octet}"), message, now)
        due = min(timer for each in routers.values() if (timer := each.next_timer()) is not None)
        if due > end:
            return
        now = due
        for each in routers.values():
            each.tick(now)


def states(routers: dict[int, VirtualRouter]) -> list[State]:
    return [each.state for each in routers.values()]


def test_a_backup_waits_three_intervals_and_its_skew() -> None:
    alone = router(1)
    assert alone.state is State.BACKUP
    assert alone.next_timer() == 3 + 156 / 256
    alone.tick(3.61)
    assert alone.state is State.MASTER
    assert [(each.before, each.after) for each in alone.events() if isinstance(each, Changed)] == [
        (State.DISABLE, State.BACKUP),
        (State.BACKUP, State.MASTER),
    ]


def test_an_owner_is_master_at_once_and_stays_so() -> None:
    routers = {1: router(1, 254), 2: router(2, OWNER)}
    assert routers[2].state is State.MASTER
    run(routers, 0, 20)
    assert states(routers) == [State.BACKUP, State.MASTER]


def test_the_best_priority_then_the_highest_address_is_master() -> None:
    routers = {1: router(1), 2: router(2), 3: router(3, 90)}
    run(routers, 0, 20)
    assert states(routers) == [State.BACKUP, State.MASTER, State.BACKUP]


def test_without_preemption_a_better_backup_stays_one_until_the_master_is_gone() -> None:
    routers = {1: router(1)}
    run(routers, 0, 10)
    routers[2] = VirtualRouter(Settings(1, VIRTUAL, 200, preempt=False))
    routers[2].enable(IPv4Address("10.0.0.2"), 10.0)
    run(routers, 10, 30)
    assert states(routers) == [State.MASTER, State.BACKUP]
    run(routers, 30, 33.3, frozenset({1}))
    assert routers[2].state is State.MASTER


def test_a_resigning_master_is_followed_after_the_skew() -> None:
    routers = {1: router(1, 200), 2: router(2)}
    run(routers, 0, 10)
    routers[1].disable(10.0)
    [told] = routers[1].messages()
    assert told.priority == 0
    routers[2].receive(IPv4Address("10.0.0.1"), told, 10.0)
    assert routers[2].next_timer() == 10 + 156 / 256


def test_a_delay_puts_the_preemption_off() -> None:
    routers = {1: router(1)}
    run(routers, 0, 10)
    routers[2] = VirtualRouter(Settings(1, VIRTUAL, 200, delay=30.0))
    routers[2].enable(IPv4Address("10.0.0.2"), 10.0)
    run(routers, 10, 38)
    assert states(routers) == [State.MASTER, State.BACKUP]
    run(routers, 38, 43)
    assert states(routers) == [State.BACKUP, State.MASTER]


def test_what_does_not_fit_is_ignored() -> None:
    each = router(1)
    other = VirtualRouter(Settings(1, (IPv4Address("10.0.0.1"),), 200, interval=1.0))
    other.enable(IPv4Address("10.0.0.9"), 0.0)
    other.tick(10.0)
    [told] = other.messages()
    each.receive(IPv4Address("10.0.0.9"), told, 1.0)
    assert each.master is None
    assert any(isinstance(event, Ignored) for event in each.events())


def test_an_interval_is_learned_when_that_is_wanted() -> None:
    master = router(1, 200, interval=3.0)
    master.tick(100.0)
    [told] = master.messages()
    strict, learner = router(2), router(3, learn=True)
    for each in (strict, learner):
        each.receive(IPv4Address("10.0.0.1"), told, 1.0)
    assert strict.master is None
    assert learner.interval == 3.0
    assert learner.master_down == 9 + 156 / 256
