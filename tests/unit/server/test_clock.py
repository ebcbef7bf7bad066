from __future__ import annotations

import asyncio
from collections.abc import Callable

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
        self.restless = until is None
        self.rouse: Callable[[], None] = lambda: None

    def attend(self, rouse: Callable[[], None]) -> None:
        self.rouse = rouse

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


class Roused(Sleeper):
    """Waits until it is roused; each tick takes a millisecond by the wall."""

    def __init__(self, scheduler: Scheduler, wall: Wall) -> None:
        super().__init__(scheduler, None)
        self.restless = False
        self.wall = wall

    def tick(self) -> None:
        super().tick()
        self.wall.now += 0.001


def test_who_is_roused_is_ticked_right_after_the_event() -> None:
    scheduler, wall, clock = make(Pace.MANUAL)
    one, other = Roused(scheduler, wall), Roused(scheduler, wall)
    for each in (one, other):
        clock.watch(each)
    clock.turn()
    one.ticks.clear()
    other.ticks.clear()
    for when in (1.0, 2.0, 3.0):
        scheduler.at(when, lambda: None)
    scheduler.at(2.0, lambda: one.rouse())
    clock.turn()
    assert one.ticks == [2.0]
    assert other.ticks == []


def test_many_that_are_roused_at_once_are_served_in_slices() -> None:
    scheduler, wall, clock = make(Pace.REAL)
    crowd = [Roused(scheduler, wall) for _ in range(20)]
    for each in crowd:
        each.satisfied = True
        clock.watch(each)
    turns = 1
    while clock.turn() == 0.0:
        turns += 1
        assert turns < 50
    assert [len(each.ticks) for each in crowd] == [1] * 20
    assert turns >= 4


@pytest.mark.parametrize("pace", list(Pace))
def test_a_jump_is_divided_into_slices(pace: Pace) -> None:
    scheduler, wall, clock = make(pace)
    done: list[float] = []

    def work() -> None:
        wall.now += 0.001
        done.append(scheduler.now)

    for number in range(100):
        scheduler.at(number / 1000, work)
    clock.plan(1.0)
    longest = turns = 0
    while len(done) < 100:
        before = len(done)
        clock.turn()
        longest = max(longest, len(done) - before)
        turns += 1
        assert turns < 200
    assert longest <= 5


def test_input_does_not_wait_for_a_slice_on_each_of_many_channels() -> None:
    scheduler, wall, clock = make(Pace.REAL)
    count = 0

    def work() -> None:
        nonlocal count
        count += 1
        wall.now += 0.001
        scheduler.after(0.0, work)

    scheduler.after(0.0, work)
    clock.catch_up()
    first = count
    assert 0 < first < 10
    for _ in range(50):
        clock.catch_up()
    assert count == first
    clock.turn()
    assert count > first


def test_an_alarm_that_is_put_off_is_not_rung() -> None:
    scheduler, _, clock = make(Pace.REAL)
    sleeper = Sleeper(scheduler, 5.0)
    clock.watch(sleeper)
    assert clock.turn() == pytest.approx(5.0, abs=0.01)
    sleeper.ticks.clear()
    sleeper.until = 9.0
    assert clock.turn() == pytest.approx(9.0, abs=0.01)
    sleeper.until = 7.0
    sleeper.rouse()
    assert clock.turn() == pytest.approx(7.0, abs=0.01)
    clock.unwatch(sleeper)
    assert clock.turn() is None


async def test_rousing_wakes_a_clock_that_sleeps() -> None:
    scheduler = Scheduler()
    clock = LabClock(scheduler, Pace.REAL)
    ticked = asyncio.Event()

    class Told(Sleeper):
        def tick(self) -> None:
            ticked.set()

    told = Told(scheduler, None)
    told.satisfied = True
    clock.watch(told)
    task = asyncio.create_task(clock.run())
    await asyncio.wait_for(ticked.wait(), 10)
    ticked.clear()
    told.rouse()
    await asyncio.wait_for(ticked.wait(), 10)
    task.cancel()


async def test_a_lab_with_nobody_there_sleeps_past_what_is_due_and_makes_up_for_it() -> None:
    scheduler, wall, clock = make(Pace.REAL)
    fired: list[float] = []
    for when in (1.0, 2.0, 5.0):
        scheduler.at(when, lambda: fired.append(scheduler.now))
    clock.rest = lambda: 3600.0
    task = asyncio.create_task(clock.run())
    while clock._sleeping_until is None:
        await asyncio.sleep(0)
    assert clock._sleeping_until == pytest.approx(3600.0, abs=0.01)
    wall.now += 4.0
    clock.catch_up()  # as whoever comes has it do
    assert fired == [1.0, 2.0]
    assert scheduler.late == 0.0
    clock.rest = lambda: 0.0
    clock.poke()
    while clock._sleeping_until is None or clock._sleeping_until > 6.0:
        await asyncio.sleep(0)
    assert clock._sleeping_until == pytest.approx(5.0, abs=0.01)
    task.cancel()
