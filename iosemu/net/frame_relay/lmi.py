"""LMI: both ends of a line tell each other that they are there, the network which circuits are (Q.933 annex A)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from iosemu.packets.frame_relay import FULL, INTEGRITY, LmiMessage, LmiMessageType, LmiType, PvcReport

N391, N392, N393 = 6, 3, 4
"""Every how many polls all circuits are asked for; errors within so many events that take the line down."""
T392 = 15.0
"""Seconds within which the network expects a poll."""


@dataclass(slots=True)
class LmiCounters:
    """What `show frame-relay lmi` counts."""

    enquiries_sent: int = 0
    enquiries_received: int = 0
    status_sent: int = 0
    status_received: int = 0
    timeouts: int = 0
    invalid: int = 0


@dataclass(slots=True)
class Verdicts:
    """The last events, good or not, and what they say of the line."""

    up: bool = False
    _events: deque[bool] = field(default_factory=lambda: deque(maxlen=N393))

    def note(self, good: bool) -> None:
        """An event: the line is up from the first good one, and down when too many of the last are bad."""
        self._events.append(good)
        if list(self._events).count(False) >= N392:
            self.up = False
        elif good and (self.up or False not in list(self._events)[-N392 + 1 :]):
            self.up = True


class UserSide:
    """The router's end: it polls."""

    def __init__(self, kind: LmiType | None, send: Callable[[LmiMessage], None]) -> None:
        self.kind = kind
        """None: not known yet; all dialects are spoken until one is answered."""
        self.circuits: dict[int, bool] = {}
        """Those that the network knows, and whether they are active."""
        self.counters = LmiCounters()
        self._send = send
        self._verdicts = Verdicts()
        self._sequence = 0
        self._seen = 0
        self._polls = 0
        self._waiting = False

    @property
    def up(self) -> bool:
        """Whether the network answers."""
        return self._verdicts.up

    def poll(self) -> None:
        """Ask; an answer to the last poll that did not come is an error."""
        if self._waiting:
            self.counters.timeouts += 1
            self._verdicts.note(False)
        self._sequence = self._sequence % 255 + 1
        full = self._polls % N391 == 0 or self.kind is None
        self._polls += 1
        self._waiting = True
        kinds: Iterable[LmiType] = (self.kind,) if self.kind else (LmiType.ANSI, LmiType.Q933A, LmiType.CISCO)
        for kind in kinds:
            self.counters.enquiries_sent += 1
            report = FULL if full else INTEGRITY
            self._send(LmiMessage(kind, LmiMessageType.STATUS_ENQUIRY, report, self._sequence, self._seen))

    def receive(self, message: LmiMessage) -> bool:
        """A message came; returns whether circuits or the line are others now."""
        if message.message != LmiMessageType.STATUS or message.kind is not (self.kind or message.kind):
            self.counters.invalid += 1
            return False
        self.counters.status_received += 1
        before = self.up, dict(self.circuits)
        self.kind = message.kind
        self._seen = message.sequence
        if self._waiting:
            self._waiting = False
            self._verdicts.note(message.seen == self._sequence)
        if message.report == FULL:
            self.circuits = {each.dlci: each.active for each in message.circuits}
        return before != (self.up, self.circuits)


class NetworkSide:
    """The switch's end: it answers."""

    def __init__(
        self, kind: LmiType, send: Callable[[LmiMessage], None], circuits: Callable[[], dict[int, bool]]
    ) -> None:
        self.kind = kind
        self.counters = LmiCounters()
        self._send = send
        self._circuits = circuits
        self._verdicts = Verdicts()
        self._sequence = 0
        self._seen = 0
        self._told: set[int] = set()
        self._polled = False

    @property
    def up(self) -> bool:
        """Whether the router polls."""
        return self._verdicts.up

    def late(self) -> None:
        """`T392` has passed: a poll came, or it is an error."""
        if not self._polled:
            self.counters.timeouts += 1
            self._verdicts.note(False)
        self._polled = False

    def receive(self, message: LmiMessage) -> bool:
        """A poll came: answer; returns whether the line is another now."""
        if message.kind is not self.kind or message.message != LmiMessageType.STATUS_ENQUIRY:
            self.counters.invalid += 1
            return False
        self.counters.enquiries_received += 1
        before = self.up
        self._polled = True
        self._verdicts.note(self._sequence == 0 or message.seen in (self._sequence, 0))
        self._seen = message.sequence
        self._sequence = self._sequence % 255 + 1
        reports: list[PvcReport] = []
        if message.report == FULL:
            known = self._circuits()
            reports = [
                PvcReport(dlci, active, dlci not in self._told) for dlci, active in sorted(known.items())
            ]
            self._told = set(known)
        self.counters.status_sent += 1
        status = LmiMessageType.STATUS
        self._send(LmiMessage(self.kind, status, message.report, self._sequence, self._seen, reports))
        return before != self.up
