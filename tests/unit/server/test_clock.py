from __future__ import annotations

import asyncio

import pytest

from iosemu.net.scheduler import Scheduler
from iosemu.server.clock import LabClock
from iosemu.server.pace import Pace


class Wall:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Sleeper:
    """Waits until a lab time, or until told."""

    def __init__(self, scheduler: Scheduler, until: float | None) -> None:
        self.scheduler = scheduler
        self.until = until
        self.ticks: list[float] = []
        self.satisfied = False

    @property
    def waiting(self) -> bool:
        return not self.satisfied

    @property
    def wake(self) -> float | None:
        return None if self.satisfied else self.until

    def tick(self) -> None:
        self.ticks.append(self.scheduler.now)
        if self.until is not None and self.scheduler.now >= self.until:
            self.satisfied = True


def make(pace: Pace) -> tuple[Scheduler, Wall, LabClock]:
    scheduler, wall = Scheduler(), Wall()
    return scheduler, wall, LabClock(scheduler, pace, wall)


def test_real_follows_the_wall() -> None:
    scheduler, wall, clock = make(Pace.REAL)
    ran: list[float] = []
    scheduler.after(2.0, lambda: ran.append(scheduler.now))
    assert clock.turn() == pytest.approx(2.0, abs=0.01)
    assert not ran
    wall.now += 2.0
    assert clock.turn() is None
    assert ran == [2.0]
    assert scheduler.now == pytest.approx(2.0)


def test_real_does_not_jump_for_a_wait() -> None:
    scheduler, wall, clock = make(Pace.REAL)
    sleeper = Sleeper(scheduler, 5.0)
    clock.watch(sleeper)
    assert clock.turn() == pytest.approx(5.0, abs=0.01)
    wall.now += 5.0
    clock.turn()
    assert sleeper.satisfied


@pytest.mark.parametrize("pace", [Pace.FAST, Pace.MANUAL])
def test_a_wait_costs_no_wall_time(pace: Pace) -> None:
    scheduler, _, clock = make(pace)
    seen: list[float] = []
    for when in (1.0, 3.0, 7.0):
        scheduler.at(when, lambda: seen.append(scheduler.now))
    sleeper = Sleeper(scheduler, 5.0)
    clock.watch(sleeper)
    clock.turn()
    assert sleeper.satisfied
    assert seen == [1.0, 3.0]
    assert scheduler.now == 5.0


def test_a_condition_is_looked_at_after_every_event() -> None:
    scheduler, _, clock = make(Pace.MANUAL)
    sleeper = Sleeper(scheduler, None)
    scheduler.at(1.0, lambda: None)
    scheduler.at(2.0, lambda: setattr(sleeper, "satisfied", True))
    scheduler.at(3.0, lambda: None)
    clock.watch(sleeper)
    clock.turn()
    assert scheduler.now == 2.0


def test_manual_stands_still() -> None:
    scheduler, wall, clock = make(Pace.MANUAL)
    scheduler.after(1.0, lambda: None)
    wall.now += 60
    assert clock.turn() is None
    clock.catch_up()
    assert scheduler.now == 0.0


def test_a_wait_without_anything_planned_sleeps() -> None:
    scheduler, _, clock = make(Pace.FAST)
    clock.watch(Sleeper(scheduler, None))
    assert clock.turn() is None


def test_a_burst_is_divided_into_slices() -> None:
    scheduler, wall, clock = make(Pace.REAL)
    count = 0

    def work() -> None:
        nonlocal count
        count += 1
        wall.now += 0.001
        scheduler.after(0.0, work)

    scheduler.after(0.0, work)
    assert clock.turn() == 0.0
    assert 0 < count < 10


def test_fast_follows_the_wall_again_after_a_jump() -> None:
    scheduler, wall, clock = make(Pace.FAST)
    sleeper = Sleeper(scheduler, 3600.0)
    clock.watch(sleeper)
    clock.turn()
    wall.now += 1.0
    clock.turn()
    assert scheduler.now == pytest.approx(3601.0, abs=0.01)


def test_advance_now_and_conditions() -> None:
    scheduler, _, clock = make(Pace.MANUAL)
    hits: list[int] = []
    scheduler.at(4.0, lambda: hits.append(1))
    assert clock.advance_now(10.0, lambda: bool(hits))
    assert scheduler.now == 4.0
    assert not clock.advance_now(10.0, lambda: False)
    assert scheduler.now == 14.0
    assert clock.advance_now(86400.0)
    assert scheduler.now == 86414.0


async def test_run_wakes_for_what_is_new_and_advances() -> None:
    scheduler = Scheduler()
    clock = LabClock(scheduler, Pace.MANUAL)
    task = asyncio.create_task(clock.run())
    await clock.advance(3600.0)
    assert scheduler.now == 3600.0
    done: list[int] = []
    scheduler.after(5.0, lambda: done.append(1))
    assert await clock.run_until(lambda: bool(done), timeout=60)
    assert scheduler.now == 3605.0
    assert not await clock.run_until(lambda: False, timeout=60)
    task.cancel()
