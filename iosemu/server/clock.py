"""How fast lab time passes: with the wall clock, by jumps while somebody waits, or only when told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from iosemu.net.scheduler import Scheduler
from iosemu.server.pace import Pace

SLICE = 0.004
"""Wall seconds that one turn may take before sockets are served again."""
BATCH = 64
"""Events that run between two looks at the wall clock while nobody is to be asked."""
LOOKAHEAD = 0.001
"""Lab seconds run ahead of the wall clock, so that a frame crosses many links in one turn."""


class Waiter(Protocol):
    """What the clock serves: a session, or a piece of the lab that wants time to pass."""

    @property
    def waiting(self) -> bool:
        """Lab time must pass before it goes on."""
        ...

    @property
    def wake(self) -> float | None:
        """Lab time at which it wants a tick by itself, if any."""
        ...

    def tick(self) -> None:
        """Lab time moved or events happened."""
        ...


class _Goal:
    """A point in lab time, or a condition, that somebody awaits whatever the pace."""

    def __init__(self, scheduler: Scheduler, until: float | None, reached: Callable[[], bool] | None) -> None:
        self._scheduler = scheduler
        self._reached = reached
        self.until = until
        self.met = False

    @property
    def waiting(self) -> bool:
        if not self.met and self._reached is not None:
            self.met = self._reached()
        return not self.met and not self.expired

    @property
    def conditional(self) -> bool:
        """Whether it waits for something to happen, perhaps outside, and not for a time alone."""
        return self._reached is not None

    @property
    def wake(self) -> float | None:
        return self.until

    @property
    def expired(self) -> bool:
        return self.until is not None and self._scheduler.now >= self.until

    def tick(self) -> None:
        pass


class LabClock:
    """Runs a scheduler's events at the right moments and tells the waiters.

    One asyncio task runs `run`; without it (in a synchronous test) `advance_now` and `turn` do the work.
    An idle lab sleeps until its next event. `wall` gives monotonic seconds.
    """

    def __init__(
        self, scheduler: Scheduler, pace: Pace = Pace.REAL, wall: Callable[[], float] = time.monotonic
    ) -> None:
        self.scheduler = scheduler
        self._wall = wall
        self._pace = pace
        self.bound = False
        """Something outside the lab takes part, so lab time cannot jump: `fast` is refused."""
        self._waiters: dict[Waiter, None] = {}
        self._goals: dict[_Goal, None] = {}
        self._poked = asyncio.Event()
        self._sleeping_until: float | None = None
        self._turned: list[asyncio.Future[None]] = []
        self._rebase()

    @property
    def pace(self) -> Pace:
        """How lab time passes; may be set at any time. Raises ValueError for `fast` when `bound`."""
        return self._pace

    @pace.setter
    def pace(self, value: Pace) -> None:
        if self.bound and value is Pace.FAST:
            raise ValueError("lab time cannot jump while a cable leads out of the lab; use real")
        self._pace = value
        self._rebase()
        self.poke()

    def _rebase(self) -> None:
        """Lab time jumped: let it follow the wall clock from here on."""
        self._wall_zero = self._wall() - self.scheduler.now

    def watch(self, waiter: Waiter) -> None:
        """Tick `waiter` from now on."""
        self._waiters[waiter] = None

    def unwatch(self, waiter: Waiter) -> None:
        """Forget `waiter`; forgetting twice does no harm."""
        self._waiters.pop(waiter, None)

    def poke(self) -> None:
        """Something outside changed the lab: have the clock look again."""
        self._poked.set()

    def served(self, waiter: Waiter) -> None:
        """`waiter` took input: have the clock look again if that gave it anything to do earlier."""
        due = self._next_due()
        if waiter.waiting or (
            due is not None and (self._sleeping_until is None or due < self._sleeping_until)
        ):
            self._poked.set()

    def catch_up(self) -> None:
        """Bring lab time to the wall clock before input is handled (at most one slice of work)."""
        if self._pace is not Pace.MANUAL and not self._jumping():
            self._follow(self._wall() + SLICE)

    def turn(self) -> float | None:
        """Do what is due, for at most one slice of wall time.

        Returns the seconds until there is more to do: 0 for at once, None for "until poked".
        """
        stop = self._wall() + SLICE
        if self._jumping():
            more = self._jump(stop)
            self._rebase()
            self._tick_all()
            if more:
                return 0.0
        if self._jumping():
            return None  # nothing is planned that could help whoever waits
        if self._pace is Pace.MANUAL:
            self._tick_all()
            return 0.0 if self._jumping() else None
        done = self._follow(stop)
        self._tick_all()
        if not done or self._jumping():
            return 0.0
        due = self._next_due()
        self._sleeping_until = due
        return None if due is None else max(0.0, due - self.scheduler.now)

    async def run(self) -> None:
        """Keep lab time going until cancelled."""
        loop = asyncio.get_running_loop()
        self._rebase()
        while True:
            self._poked.clear()
            delay = self.turn()
            for future in self._turned:
                if not future.done():
                    future.set_result(None)
            self._turned.clear()
            if delay == 0.0:
                await asyncio.sleep(0)
                continue
            handle = None if delay is None else loop.call_later(delay, self._poked.set)
            try:
                await self._poked.wait()
            finally:
                if handle is not None:
                    handle.cancel()
                self._sleeping_until = None

    def plan(self, until: float) -> None:
        """Let lab time go to `until` as quickly as it can be computed; returns at once."""
        self._goals[_Goal(self.scheduler, until, None)] = None
        self.poke()

    def cancel_plans(self) -> None:
        """Forget what `plan` planned: lab time goes on at its own pace from here."""
        for goal in [goal for goal in self._goals if not goal.conditional]:
            goal.until = self.scheduler.now
        self.poke()

    async def advance(self, seconds: float) -> None:
        """Let `seconds` of lab time pass as quickly as they can be computed, whatever the pace."""
        await self._reach(_Goal(self.scheduler, self.scheduler.now + seconds, None))

    async def run_until(self, reached: Callable[[], bool], timeout: float | None = None) -> bool:
        """Let lab time pass until `reached()`, or for `timeout` lab seconds; tells whether it was reached.

        Time jumps, unless the lab is `bound`. Without a timeout and with nothing planned it waits until
        something outside happens.
        """
        until = None if timeout is None else self.scheduler.now + timeout
        goal = _Goal(self.scheduler, until, reached)
        await self._reach(goal)
        return goal.met

    async def _reach(self, goal: _Goal) -> None:
        self._goals[goal] = None
        self.poke()
        try:
            while goal.waiting:
                turned: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._turned.append(turned)
                await turned
        finally:
            self._goals.pop(goal, None)

    def advance_now(self, seconds: float, reached: Callable[[], bool] | None = None) -> bool:
        """Compute `seconds` of lab time here and now; for callers without an event loop.

        Stops early when `reached()` holds, and tells whether it did (without `reached`: True).
        """
        goal = _Goal(self.scheduler, self.scheduler.now + seconds, reached)
        self._goals[goal] = None
        try:
            while goal.waiting:
                self._jump(self._wall() + SLICE)
        finally:
            self._goals.pop(goal, None)
            self._rebase()
        self._tick_all()
        return goal.met or reached is None

    def _jumping(self) -> bool:
        for goal in list(self._goals):
            if not goal.waiting:
                self._goals.pop(goal, None)
            elif not (self.bound and goal.conditional):
                return True
        return self._pace is not Pace.REAL and any(waiter.waiting for waiter in self._waiters)

    def _next_due(self) -> float | None:
        """Lab time of the next event or wake-up, whichever is first."""
        due = self.scheduler.next_due()
        for waiters in (self._waiters, self._goals):
            for waiter in waiters:
                wake = waiter.wake
                if wake is not None and (due is None or wake < due):
                    due = wake
        return due

    def _jump(self, stop: float) -> bool:
        """Run events one after the other while somebody waits; False when nothing more is planned."""
        while self._jumping():
            until = self._quiet_until()
            if until is None:
                if not self._step(None):
                    return False
            elif not self.scheduler.run_some(until, BATCH):
                self.scheduler.now = max(self.scheduler.now, until)
            if self._wall() >= stop:
                return True
        return False

    def _quiet_until(self) -> float | None:
        """How far time may run without anybody being asked; None when somebody is to be asked at each event."""
        if any(waiter.waiting for waiter in self._waiters) or any(goal.conditional for goal in self._goals):
            return None
        wakes = [wake for waiter in self._waiters if (wake := waiter.wake) is not None]
        if any(wake <= self.scheduler.now for wake in wakes):
            return None
        return min((*wakes, *(goal.until for goal in self._goals if goal.until is not None)), default=None)

    def _follow(self, stop: float) -> bool:
        """Run what is due by the wall clock; False when the slice ended before it was all done."""
        target = self._wall() - self._wall_zero + LOOKAHEAD
        while self._step(target):
            if self._wall() >= stop:
                return False
        self.scheduler.run_until(max(self.scheduler.now, target - LOOKAHEAD))
        return True

    def _step(self, target: float | None) -> bool:
        """Run the next event or wake-up and tick whom it concerns; False if none is due by `target`."""
        scheduler = self.scheduler
        event = scheduler.next_due()
        due = self._next_due()
        if due is None or (target is not None and due > target):
            return False
        if event is not None and event <= due:
            scheduler.step()
            for waiter in [waiter for waiter in self._waiters if waiter.waiting]:
                waiter.tick()
            return True
        scheduler.now = max(scheduler.now, due)
        for waiter in list(self._waiters):
            wake = waiter.wake
            if waiter.waiting or (wake is not None and wake <= due):
                waiter.tick()
        return True

    def _tick_all(self) -> None:
        for waiter in list(self._waiters):
            waiter.tick()
