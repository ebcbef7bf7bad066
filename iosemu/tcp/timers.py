"""The timers of a connection, and the retransmission timeout (RFC 6298)."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from enum import Enum


class TimerKind(Enum):
    """A connection's timers; the value is the name IOS prints."""

    RETRANSMIT = "Retrans"
    TIME_WAIT = "TimeWait"
    ACK_HOLD = "AckHold"
    SEND_WINDOW = "SendWnd"
    KEEPALIVE = "KeepAlive"
    GIVE_UP = "GiveUp"


class Timer:
    """Something to do at a time; times are lab seconds. `starts` and `wakeups` count for the shows."""

    __slots__ = ("_queue", "_queued", "action", "starts", "wakeups", "when")

    def __init__(self, queue: TimerQueue, action: Callable[[], None]) -> None:
        self._queue = queue
        self._queued: float | None = None
        self.action = action
        self.when: float | None = None
        self.starts = 0
        self.wakeups = 0

    def start(self, when: float) -> None:
        """(Re)start: fire at `when`."""
        self.when = when
        self.starts += 1
        self._enqueue()

    def stop(self) -> None:
        """Do not fire."""
        self.when = None

    def _enqueue(self) -> None:
        # A timer put off keeps its old place in the heap and is looked at again then.
        if self.when is not None and (self._queued is None or self.when < self._queued):
            self._queued = self.when
            self._queue.push(self.when, self)


class TimerQueue:
    """All timers of a stack. A restarted timer costs nothing until its old time comes."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._count = 0

    def push(self, when: float, timer: Timer) -> None:
        """Note a time at which a timer is looked at; for `Timer`."""
        self._count += 1
        heapq.heappush(self._heap, (when, self._count, timer))

    def next(self) -> float | None:
        """When the next timer fires, or None."""
        while self._heap:
            when, _, timer = self._heap[0]
            if timer._queued == when and timer.when == when:
                return when
            heapq.heappop(self._heap)
            if timer._queued == when:
                timer._queued = None
                timer._enqueue()
        return None

    def pop_due(self, now: float) -> Timer | None:
        """Take the first timer whose time has come."""
        when = self.next()
        if when is None or when > now:
            return None
        timer = heapq.heappop(self._heap)[2]
        timer.when = timer._queued = None
        timer.wakeups += 1
        return timer


class RetransmissionTimeout:
    """RFC 6298: the timeout from measured round-trip times. All values are seconds."""

    _ALPHA, _BETA, _K = 1 / 8, 1 / 4, 4
    _AFTER_LOST_SYN = 3.0

    def __init__(self, initial: float, minimum: float, maximum: float, granularity: float = 0.001) -> None:
        self._minimum = minimum
        self._maximum = maximum
        self._granularity = granularity
        self.srtt: float | None = None
        self.rttvar = 0.0
        self.rto = initial
        self.min_rtt: float | None = None
        self.max_rtt = 0.0

    def measured(self, rtt: float) -> None:
        """A segment that was sent once has been acknowledged after `rtt` (2.2, 2.3; Karn: never after a second)."""
        if self.srtt is None:
            self.srtt, self.rttvar = rtt, rtt / 2
        else:
            self.rttvar += self._BETA * (abs(self.srtt - rtt) - self.rttvar)
            self.srtt += self._ALPHA * (rtt - self.srtt)
        self.min_rtt = rtt if self.min_rtt is None else min(self.min_rtt, rtt)
        self.max_rtt = max(self.max_rtt, rtt)
        wanted = self.srtt + max(self._granularity, self._K * self.rttvar)
        self.rto = min(max(wanted, self._minimum), self._maximum)

    def back_off(self) -> None:
        """The timer expired (5.5)."""
        self.rto = min(self.rto * 2, self._maximum)

    def syn_was_lost(self) -> None:
        """The handshake needed a retransmission: begin the data with at least three seconds (5.7)."""
        self.rto = max(self.rto if self.srtt is not None else 0.0, self._AFTER_LOST_SYN)
