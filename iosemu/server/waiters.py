"""Whom the clock serves: who waits, for what, and when he is to be woken."""

from __future__ import annotations

import heapq
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from iosemu.net.scheduler import Scheduler

if TYPE_CHECKING:
    from iosemu.server.clock import LabClock
    from iosemu.server.endpoint import Shell

ShellT = TypeVar("ShellT", bound="Shell")


class Waiter(Protocol):
    """What the clock serves: a session, or a piece of the lab that has something to do now and then."""

    def attend(self, rouse: Callable[[], None]) -> None:
        """Call `rouse` from now on when there is something for a `tick` to do, or a wait began or ended."""
        ...

    @property
    def waiting(self) -> bool:
        """Lab time must pass before it goes on."""
        ...

    @property
    def restless(self) -> bool:
        """It waits for a condition that nobody announces: it wants a tick after every event."""
        ...

    @property
    def wake(self) -> float | None:
        """Lab time at which it wants a tick by itself, if any; a later one than before needs no rousing."""
        ...

    def tick(self) -> None:
        """What it was roused for, or waited for, may have come."""
        ...


class ShellWaiter(ABC, Generic[ShellT]):
    """Has the clock serve the shell of a connection, while there is one, and gives it its turns."""

    _shell: ShellT | None = None
    _clock: LabClock
    _gone = False
    """Nobody is there any more: the shell gets no turn."""
    _queued = False
    """It waits for a turn."""

    def _begin_turn(self, shell: ShellT) -> None:
        """What the shell does next is a turn."""
        shell.turn(self._clock.turns.begin())

    def _want_turn(self, shell: ShellT) -> None:
        """Have a shell that gave way go on when its turn comes."""
        if shell.busy and not self._queued:
            self._queued = True
            self._clock.turns.add(self._go_on)

    def _go_on(self) -> None:
        """The turn has come."""
        self._queued = False
        shell = self._shell
        if shell is not None and not self._gone and shell.busy:
            self._begin_turn(shell)
            shell.go_on()
            self._after_input()

    @abstractmethod
    def _after_input(self) -> None:
        """The shell did something: send what it printed, and have the clock look again."""

    def attend(self, rouse: Callable[[], None]) -> None:
        """Whom the shell is to tell when there is something to do."""
        if self._shell is not None:
            self._shell.attend(rouse)

    @property
    def waiting(self) -> bool:
        """The shell wants lab time to pass."""
        return self._shell is not None and self._shell.waiting

    @property
    def restless(self) -> bool:
        """The shell wants a tick after every event."""
        return self._shell is not None and self._shell.restless

    @property
    def wake(self) -> float | None:
        """When the shell wants a tick by itself."""
        return None if self._shell is None else self._shell.wake


class Goal:
    """A point in lab time, or a condition, that somebody awaits whatever the pace."""

    def __init__(self, scheduler: Scheduler, until: float | None, reached: Callable[[], bool] | None) -> None:
        self._scheduler = scheduler
        self._reached = reached
        self.until = until
        self.met = False
        self.error: Exception | None = None
        """What the condition raised: it is for whoever waits for it, not for the clock."""

    @property
    def waiting(self) -> bool:
        """Whether it is neither reached nor too late."""
        if self.error is not None:
            return False
        if not self.met and self._reached is not None:
            try:
                self.met = self._reached()
            except Exception as error:  # noqa: BLE001 - whoever waits gets it
                self.error = error
                return False
        return not self.met and not self.expired

    @property
    def conditional(self) -> bool:
        """Whether it waits for something to happen, perhaps outside, and not for a time alone."""
        return self._reached is not None

    @property
    def expired(self) -> bool:
        """Whether its time has come, and what is due at that time is done."""
        now, until = self._scheduler.now, self.until
        if until is None or now < until:
            return False
        return now > until or (due := self._scheduler.next_due()) is None or due > until


@dataclass(eq=False, slots=True)
class Alarm:
    """When a waiter is to be woken; None in its place once that no longer counts."""

    when: float
    waiter: Waiter | None


class Alarms:
    """When waiters want a tick by themselves; who puts it off costs nothing until the old time comes."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Alarm]] = []
        self._set: dict[Waiter, Alarm] = {}
        self._sequence = 0

    def set(self, waiter: Waiter) -> None:
        """Note when `waiter` wants to be woken, unless an alarm that comes no later is set already."""
        wake = waiter.wake
        if wake is None:
            return
        known = self._set.get(waiter)
        if known is None or wake < known.when:
            self._push(waiter, wake)

    def _push(self, waiter: Waiter, when: float) -> None:
        self.drop(waiter)
        alarm = self._set[waiter] = Alarm(when, waiter)
        self._sequence += 1
        heapq.heappush(self._heap, (when, self._sequence, alarm))

    def drop(self, waiter: Waiter) -> None:
        """Wake `waiter` no more."""
        alarm = self._set.pop(waiter, None)
        if alarm is not None:
            alarm.waiter = None

    def next(self) -> float | None:
        """The earliest lab time at which somebody still wants to be woken."""
        while self._heap:
            when, _, alarm = self._heap[0]
            waiter = alarm.waiter
            wake = None if waiter is None else waiter.wake
            if wake is not None and wake <= when:
                return when
            heapq.heappop(self._heap)
            if waiter is not None:
                self.drop(waiter)
                if wake is not None:
                    self._push(waiter, wake)
        return None

    def take(self, now: float) -> list[Waiter]:
        """Whose alarm has come at `now`; they have none any more."""
        due: list[Waiter] = []
        while (when := self.next()) is not None and when <= now:
            waiter = heapq.heappop(self._heap)[2].waiter
            if waiter is not None:
                self.drop(waiter)
                due.append(waiter)
        return due
