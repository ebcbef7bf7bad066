"""Lab time of a part: it runs as far as the other workers have promised, round by round."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from enum import Enum, auto
from functools import partial

from iosemu.lab.cut.peers import Peers, Standing
from iosemu.net.scheduler import Key
from iosemu.server.clock import LabClock

SLICE = 0.02
"""Wall seconds of computing after which all workers stop together and serve sockets."""
TURN = 0.0005
"""Wall seconds of computing after which a worker tells the others how far it is: they may then go on, too."""
END_OF_TIME = (math.inf, math.inf, 0, 0)


class PartClock(LabClock):
    """A clock that does not move by itself: rounds do, as the process at the front says."""

    told: Callable[[], None] = staticmethod(lambda: None)
    """Called after each turn: what is planned, or who waits, may have changed."""

    def catch_up(self) -> None:
        """Nothing: lab time is where the workers agreed that it is."""

    def _turn(self, stop: float) -> float | None:
        self._ask()
        more = not self._serve(stop)
        self.told()
        return 0.0 if more else None

    @property
    def busy(self) -> bool:
        """Somebody waits for lab time to pass."""
        return self._somebody_waits()

    def settle(self) -> None:
        """Serve all who were roused."""
        self._serve(None)

    def moved(self) -> None:
        """Lab time has come on elsewhere: wake those whose time has come."""
        self._ring()
        self._ask()
        self.poke()

    def next_key(self) -> Key:
        """The place of what comes next, event or alarm."""
        key = self.scheduler.next_key() or END_OF_TIME
        alarm = self._alarms.next()
        return key if alarm is None else min(key, (max(alarm, self.scheduler.now), math.inf, 0, 0))

    def horizon(self, ahead: Sequence[float]) -> float:
        """When what is planned here can first be seen by another worker."""
        if self._restless:  # who is asked after each event may do anything
            return self.next_key()[0] + ahead[-1]
        alarm = self._alarms.next()
        found = self.scheduler.earliest(ahead)
        return found if alarm is None else min(found, max(alarm, self.scheduler.now) + ahead[-1])

    def window(self, bound: Key | tuple[float], enough: Callable[[], bool]) -> bool:
        """Run what comes before `bound`, and tick whom it concerns; True when `enough()` ended it."""
        scheduler = self.scheduler
        self._ask()
        while True:
            alarm = self._alarms.next()
            here = (math.nextafter(max(alarm, scheduler.now), math.inf),) if alarm is not None else bound
            ringing = here < bound
            every = bool(self._restless)
            stopped = scheduler.run_below(
                min(here, bound),
                lambda every=every: every or bool(self._urgent) or enough(),  # type: ignore[misc]
            )
            if not stopped and ringing and alarm is not None:
                scheduler.now = max(scheduler.now, alarm)
                self._ring()
                stopped = True
            self._ask()
            if not stopped:
                return False
            if enough():
                return True

    def stand_at(self, now: float) -> None:
        """Lab time has come so far, and nothing is due before."""
        self.scheduler.now = max(self.scheduler.now, now)


class _Phase(Enum):
    """Where a run is."""

    RUN = auto()
    HALT = auto()
    """Somebody wants to stop; whoever has heard it runs nothing until all have."""
    STOP = auto()
    """All run up to where the first of them was."""


class Rounds:
    """Runs a part together with the other workers.

    `ahead` are the seconds from each lane to another worker (`partition.distances`), `least` the least seconds that
    anything needs from one worker to another in the whole lab.
    """

    def __init__(
        self,
        clock: PartClock,
        peers: Peers,
        ahead: Sequence[float],
        least: float,
        wall: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock = clock
        self.rounds = 0
        """How many there were."""
        self._peers = peers
        self._ahead = ahead
        self._least = least
        self._wall = wall

    def run(self, until: float, seconds: float = SLICE) -> float:
        """Run all that is due up to and including `until`; returns where lab time stands, which may be earlier.

        After about so many `seconds` of wall time all stop. All workers are to call it with the same `until`, and all
        get the same answer.

        In each round a worker hears how far the others were when they began the round before, tells how far it is,
        and works on while its message is on its way: it waits only for a worker that is more than a window behind.
        """
        clock, peers, least = self.clock, self._peers, self._least
        stop = self._wall() + seconds
        phase, pause = _Phase.RUN, False

        def enough() -> bool:
            return phase is _Phase.RUN and self._wall() >= stop

        own = self._tell(pause)
        while True:
            self.rounds += 1
            before = [own, *peers.hear()]  # where all were a round ago, and what they sent then
            if phase is _Phase.HALT:  # nobody has run since all heard that somebody wants to stop
                until = min(until, max(each.now for each in before))
                phase = _Phase.STOP
            sent = min(each.sent for each in before)
            if min(sent, *(each.due for each in before)) > until:
                break
            if phase is _Phase.RUN and any(each.pause for each in before):
                phase, pause = _Phase.HALT, False
            own = self._tell(pause)
            if phase is _Phase.HALT:
                continue
            # nothing comes before what the others had planned is seen here, nor before an answer to what was on its
            # way then, to what goes out now, or to what is planned here
            bound = min(
                min(each.horizon for each in before[1:]), min(own.horizon, sent, own.sent) + least,
                math.nextafter(until, math.inf),
            )  # fmt: skip
            if clock.next_key()[0] < bound:
                clock.window((bound,), enough)
            pause = enough()
        clock.stand_at(until)
        return until

    def _tell(self, pause: bool) -> Standing:
        """Tell the others how far this worker is."""
        clock, peers = self.clock, self._peers
        own = Standing(
            clock.next_key()[0], clock.horizon(self._ahead), peers.posted, clock.scheduler.now, pause
        )
        peers.tell(own)
        return own

    def run_below(self, bound: Key, enough: Callable[[], bool]) -> bool:
        """Run alone what comes before `bound`, and before anything that is sent meanwhile; True for `enough()`."""
        clock, peers = self.clock, self._peers
        while True:
            first = peers.posted
            here = min(bound, (first, -math.inf, 0, 0))
            if not clock.window(here, partial(self._sent_or, enough, first)):
                return False
            if enough():
                return True

    def _sent_or(self, enough: Callable[[], bool], before: float) -> bool:
        return enough() or self._peers.posted < before
