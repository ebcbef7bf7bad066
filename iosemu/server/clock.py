"""How fast lab time passes: with the wall clock, by jumps while somebody waits, or only when told.

Nobody is asked at every event whether it concerns him. Who waits is roused by what he waits for, or by an alarm
at the lab time he names: an event costs those whom it concerns, however many others there are.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial

from iosemu.net.scheduler import Scheduler
from iosemu.server.governor import Governor
from iosemu.server.pace import Pace
from iosemu.server.turns import Turns
from iosemu.server.waiters import Alarms, Goal, Waiter

SLICE = 0.004
"""Wall seconds that one turn may take before sockets are served again."""
LOOKAHEAD = 0.001
"""Lab seconds run ahead of the wall clock, so that a frame crosses many links in one turn."""
BEHIND = 0.02
"""Seconds that events may lag behind the wall clock before lab time passes them by."""
STALL = 1.0
"""Wall seconds without a turn after which what is overdue is not the lab's load: it is made up for in order."""
RECOVERY = 0.5
"""Lab seconds a wall second, besides the one that passes, by which a stall is made up for at least."""
OVERLOADED = 1.0
"""Seconds that lab time passed events by, less `RELIEF` of the wall's, at which the lab is said to be overloaded."""
RELIEF = 0.1
OVERLOAD = "more traffic than this computer can carry; it waits or is dropped, lab time goes on."
RESTART = 0.1
"""Wall seconds after which a clock that failed goes on: a fault that comes at once again must not take all time."""


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
        self.turns = Turns(wall)
        """For sessions that have more to do than the others should wait for."""
        self.fault: Callable[[Waiter | None, Exception], None] | None = None
        """Takes what a waiter's tick raises, or with None the clock itself, and time goes on; it must not raise."""
        self.bound = False
        """Something outside the lab takes part, so lab time cannot jump: `fast` is refused."""
        self._waiters: dict[Waiter, None] = {}
        self._waiting: dict[Waiter, None] = {}
        """Those of them that wait for lab time to pass, and perhaps some that no longer do."""
        self._restless: dict[Waiter, None] = {}
        """As `_waiting`, of those that want a tick after every event."""
        self._urgent: dict[Waiter, None] = {}
        """Roused while they wait: they go on right after the event that roused them."""
        self._roused: dict[Waiter, None] = {}
        """Roused otherwise: they are served at the end of the turn."""
        self._alarms = Alarms()
        self._goals: dict[Goal, None] = {}
        self._poked = asyncio.Event()
        self._sleeping_until: float | None = None
        self._turning = False
        self._behind = False
        """What is due by the wall clock takes longer than a slice: the next turn goes on with it."""
        self._served_at = wall()
        """When events were last run by the wall clock."""
        self._excused = 0.0
        """How far events lag behind for other reasons than load; it only gets less."""
        self._passed_by = 0.0
        self._told = False
        self.overloads = 0
        """How often there was more to do, for a while, than could be computed."""
        self.overloaded: Callable[[], None] | None = None
        """Called when that begins; lab time goes on then, and what is due waits."""
        self.governor: Governor | None = None
        """Keeps the lab to its share of the processor; None: it may have all of it."""
        self.rest: Callable[[], float] = _busy
        """Wall seconds to sleep at least when nothing is to be done at once, where nobody sees that events come late:
        a process of many labs is so woken less often. Whoever comes pokes the clock, or has it catch up."""
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
        """Serve `waiter` from now on."""
        self._waiters[waiter] = None
        waiter.attend(partial(self._rouse, waiter))
        self._rouse(waiter)

    def unwatch(self, waiter: Waiter) -> None:
        """Forget `waiter`; forgetting twice does no harm."""
        for those in (self._waiters, self._waiting, self._restless, self._urgent, self._roused):
            those.pop(waiter, None)
        self._alarms.drop(waiter)

    def _rouse(self, waiter: Waiter) -> None:
        """Something came for `waiter`, or it began or ended a wait; it is ticked when nobody is busy."""
        if waiter not in self._waiters:
            return
        if waiter.waiting or waiter in self._waiting:  # what it waited for may have come without a tick
            self._file(waiter)
            self._urgent[waiter] = None
        else:
            self._roused[waiter] = None
        if not self._turning:
            self._poked.set()

    def _file(self, waiter: Waiter) -> None:
        """Note what `waiter` waits for now."""
        if waiter.waiting:
            self._waiting[waiter] = None
            if waiter.restless:
                self._restless[waiter] = None
            else:
                self._restless.pop(waiter, None)
        else:
            self._waiting.pop(waiter, None)
            self._restless.pop(waiter, None)
        self._alarms.set(waiter)

    def _tick(self, waiter: Waiter) -> None:
        if waiter in self._waiters:
            try:
                waiter.tick()
            except Exception as error:
                if self.fault is None:
                    raise
                self.fault(waiter, error)
            if waiter in self._waiters:
                self._file(waiter)

    def poke(self) -> None:
        """Something outside changed the lab: have the clock look again."""
        self._poked.set()

    def served(self, waiter: Waiter) -> None:
        """`waiter` took input: have the clock look again if that gave it anything to do earlier."""
        self._file(waiter)
        due = self._next_due()
        if waiter.waiting or (
            due is not None and (self._sleeping_until is None or due < self._sleeping_until)
        ):
            self._poked.set()

    @property
    def busy(self) -> bool:
        """Whether there is something to compute now; without one, nothing comes before its time."""
        if self._behind or self._urgent or self._roused or self._jumping():
            return True
        due = self._next_due()
        return self._pace is not Pace.MANUAL and due is not None and due <= self._wall() - self._wall_zero

    def catch_up(self) -> None:
        """Bring lab time to the wall clock before input is handled.

        That is at most one slice of work, and none where the clock is behind anyway: input that comes on
        many channels at once does not wait for a slice for each of them.
        """
        if self._pace is Pace.MANUAL or self._behind or self._jumping():
            return
        if not self._follow(self._wall() + SLICE):
            self._behind = True
            self.poke()

    def turn(self) -> float | None:
        """Do what is due, for at most one slice of wall time.

        Returns the seconds until there is more to do: 0 for at once, None for "until poked".
        """
        self._turning = True
        try:
            return self._turn(self._wall() + SLICE)
        finally:
            self._turning = False

    def _turn(self, stop: float) -> float | None:
        self._behind = False
        self._ask()
        if self._jumping():
            more = self._jump(stop)
            self._rebase()
            if not self._serve(stop) or more:
                return 0.0
            if self._jumping():  # None: nothing is planned that could help whoever waits
                return None if self._next_due() is None else 0.0
        elif not self._serve(stop):
            return 0.0
        if self._pace is Pace.MANUAL:
            return 0.0 if self._jumping() else None
        self._behind = not self._follow(stop)
        if not self._serve(stop) or self._behind or self._jumping():
            return 0.0
        due = self._next_due()
        self._sleeping_until = due
        return None if due is None else max(0.0, due - self.scheduler.now)

    async def run(self) -> None:
        """Keep lab time going until cancelled; with `fault`, whatever goes wrong."""
        while True:
            try:
                await self._run()
            except Exception as error:
                if self.fault is None:
                    raise
                self.fault(None, error)
                await asyncio.sleep(RESTART)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        self._rebase()
        while True:
            self._poked.clear()
            delay = self.turn() if self.governor is None else self.governor.timed(self.turn)
            for future in self._turned:
                if not future.done():
                    future.set_result(None)
            self._turned.clear()
            pause = 0.0 if self.governor is None else self.governor.pause()
            if pause:
                await asyncio.sleep(pause)
                continue
            if delay == 0.0:
                await asyncio.sleep(0)
                continue
            if delay is not None and (longer := self.rest() - delay) > 0.0:
                delay += longer
                self._sleeping_until = self.scheduler.now + delay
            handle = None if delay is None else loop.call_later(delay, self._poked.set)
            try:
                await self._poked.wait()
            finally:
                if handle is not None:
                    handle.cancel()
                self._sleeping_until = None

    def plan(self, until: float) -> None:
        """Let lab time go to `until` as quickly as it can be computed; returns at once."""
        self._goals[Goal(self.scheduler, until, None)] = None
        self.poke()

    def cancel_plans(self) -> None:
        """Forget what `plan` planned: lab time goes on at its own pace from here."""
        for goal in [goal for goal in self._goals if not goal.conditional]:
            goal.until = self.scheduler.now
        self.poke()

    async def advance(self, seconds: float) -> None:
        """Let `seconds` of lab time pass as quickly as they can be computed, whatever the pace."""
        await self._reach(Goal(self.scheduler, self.scheduler.now + seconds, None))

    async def run_until(self, reached: Callable[[], bool], timeout: float | None = None) -> bool:
        """Let lab time pass until `reached()`, or for `timeout` lab seconds; tells whether it was reached.

        Time jumps, unless the lab is `bound`. Without a timeout and with nothing planned it waits until
        something outside happens.
        """
        until = None if timeout is None else self.scheduler.now + timeout
        goal = Goal(self.scheduler, until, reached)
        await self._reach(goal)
        return goal.met

    async def _reach(self, goal: Goal) -> None:
        self._goals[goal] = None
        self.poke()
        try:
            while goal.waiting:
                turned: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._turned.append(turned)
                await turned
        finally:
            self._goals.pop(goal, None)
        if goal.error is not None:
            raise goal.error

    def advance_now(self, seconds: float, reached: Callable[[], bool] | None = None) -> bool:
        """Compute `seconds` of lab time here and now; for callers without an event loop.

        Stops early when `reached()` holds, and tells whether it did (without `reached`: True).
        """
        goal = Goal(self.scheduler, self.scheduler.now + seconds, reached)
        self._serve(None)
        self._ask()
        self._goals[goal] = None
        try:
            while goal.waiting:
                self._jump(self._wall() + SLICE)
        finally:
            self._goals.pop(goal, None)
            self._rebase()
        self._serve(None)
        if goal.error is not None:
            raise goal.error
        return goal.met or reached is None

    def _jumping(self) -> bool:
        for goal in list(self._goals):
            if not goal.waiting:
                self._goals.pop(goal, None)
            elif not (self.bound and goal.conditional):
                return True
        return self._pace is not Pace.REAL and self._somebody_waits()

    def _somebody_waits(self) -> bool:
        while self._waiting:
            waiter = next(iter(self._waiting))
            if waiter.waiting:
                return True
            self._file(waiter)  # which takes it out
        return False

    def _next_due(self) -> float | None:
        """Lab time of the next event, alarm or goal, whichever is first."""
        due = self.scheduler.next_due()
        for when in (self._alarms.next(), *(goal.until for goal in self._goals)):
            if when is not None and (due is None or when < due):
                due = when
        return due

    def _jump(self, stop: float) -> bool:
        """Run events one after the other while somebody waits; False when nothing more is planned."""
        scheduler = self.scheduler
        while self._jumping():
            until = self._quiet_until()
            if until is None:
                if not self._step(None):
                    return False
            elif not scheduler.run_slice(until, lambda: bool(self._urgent) or self._wall() >= stop):
                scheduler.now = max(scheduler.now, until)
                self._ring()
            self._ask()
            if self._wall() >= stop:
                return True
        return False

    def _quiet_until(self) -> float | None:
        """How far time may run while only those that are roused are served; None: ask somebody at each event."""
        if self._restless or any(goal.conditional for goal in self._goals):
            return None
        times = [goal.until for goal in self._goals if goal.until is not None]
        alarm = self._alarms.next()
        return min(times if alarm is None else (*times, alarm), default=None)

    def _follow(self, stop: float) -> bool:
        """Run what is due by the wall clock; False when the slice ended before it was all done."""
        target = self._wall() - self._wall_zero + LOOKAHEAD
        self._look_for_stall()
        while self._run_quiet(target, stop) or self._step(target):
            if self._wall() >= stop:
                self._keep_pace()
                return False
        self._served_at = self._wall()
        self._excused = 0.0
        self.scheduler.now = max(self.scheduler.now, target - LOOKAHEAD)
        return True

    def _run_quiet(self, target: float, stop: float) -> bool:
        """Run what is due by `target` while nobody has to be asked at each event; True when it was interrupted."""
        if self._restless or self._goals:
            return False
        alarm = self._alarms.next()
        until = target if alarm is None else min(target, alarm)
        if not self.scheduler.run_slice(until, lambda: bool(self._urgent) or self._wall() >= stop):
            return False
        self._ask()
        return True

    def _lag(self) -> float:
        """Seconds by which the next event is overdue by the wall clock."""
        due = self._next_due()
        return 0.0 if due is None else max(0.0, self._wall() - self._wall_zero - due)

    def _look_for_stall(self) -> None:
        """Excuse what became due while the process stood still or did something long for somebody."""
        wall = self._wall()
        idle = wall - self._served_at
        self._passed_by = max(0.0, self._passed_by - max(0.0, idle) * RELIEF)
        self._told = self._told and self._passed_by > 0.0
        self._served_at = wall
        if idle > STALL:
            self._excused += idle
        if self._excused:
            self._excused = min(self._excused, self._lag())

    def _keep_pace(self) -> None:
        """The slice is over and more is due: where that lags more and more, lab time passes it by.

        Events that are passed by still come, in their order, but late; frames that come very late are dropped
        (`net.link.OVERDUE`). So a load that cannot be computed slows the traffic, not the clock.
        """
        wall = self._wall()
        self._excused = max(0.0, self._excused - (wall - self._served_at) * RECOVERY)
        self._served_at = wall
        if self._lag() <= self._excused + BEHIND:
            return
        ahead = self._served_at - self._wall_zero
        self._passed_by = min(self._passed_by + ahead - self.scheduler.now, 2 * OVERLOADED)
        self.scheduler.now = ahead
        if not self._told and self._passed_by >= OVERLOADED:
            self._told = True
            self.overloads += 1
            if self.overloaded is not None:
                self.overloaded()

    def _step(self, target: float | None) -> bool:
        """Run the next event or alarm and tick whom it concerns; False if none is due by `target`."""
        scheduler = self.scheduler
        event = scheduler.next_due()
        due = self._next_due()
        if due is None or (target is not None and due > target):
            return False
        if event is not None and event <= due:
            scheduler.step()
        else:
            scheduler.now = max(scheduler.now, due)
            self._ring()
        self._ask()
        return True

    def _ring(self) -> None:
        """Wake those whose time has come."""
        for waiter in self._alarms.take(self.scheduler.now):
            self._tick(waiter)

    def _ask(self) -> None:
        """Tick those that wait and were roused, and those that nobody rouses."""
        if not self._urgent and not self._restless:
            return
        asked, self._urgent = {**self._restless, **self._urgent}, {}
        for waiter in asked:
            self._tick(waiter)

    def _serve(self, stop: float | None) -> bool:
        """Tick whoever was roused, until `stop` by the wall clock; False when some are left for the next turn."""
        self._ask()
        roused, self._roused = self._roused, {}
        while roused:
            waiter = next(iter(roused))
            del roused[waiter]
            self._tick(waiter)
            if stop is not None and roused and self._wall() >= stop:
                self._roused = {**roused, **self._roused}
                break
        return not self._roused


def _busy() -> float:
    return 0.0
