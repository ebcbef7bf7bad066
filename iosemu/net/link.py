"""Ports and the cables between them.

A `Port` is the socket on a box: it sends frames, hands received frames to whoever owns it, and tells
the owner when the carrier comes or goes. A `Link` joins two ports.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from functools import partial

from iosemu.net import link_tracing as tracing
from iosemu.net.impairment import DEFAULT_DELAY, Arrival, Channel, Impairment, ImpairmentCounters, Rng
from iosemu.net.scheduler import Scheduler
from iosemu.packets.framing import Framing

__all__ = ["DEFAULT_DELAY", "Direction", "Link", "Port", "Tap"]

GAP = 24
"""Octets that a frame takes on the cable besides its own: preamble, FCS and the gap after it (IEEE 802.3)."""
QUEUE = 0.02
"""Seconds that a frame may stand in the queue of its port; where they are longer it is dropped."""
OVERDUE = 0.1
"""Seconds of lab time by which a frame may come late because the lab has more to do than can be computed."""


class Direction(Enum):
    """Which way a frame passed a port."""

    IN = "in"
    OUT = "out"


Tap = Callable[[Direction, bytes], None]


def _nothing() -> None:
    """Nobody counts."""


class Port:
    """One end of a cable; `receiver` and `carrier_changed` are set by the device that owns it."""

    def __init__(self, name: str, latency: float = 0.0) -> None:
        self.name = name
        self.latency = latency
        """Seconds that the box needs for a frame before its first bit is on the cable."""
        self.rate = math.inf
        """Bits per second; the owner sets what its hardware does."""
        self.framing = Framing.ETHERNET
        """What its frames are; the owner of a serial line changes it."""
        self.overhead = GAP
        """Octets that a frame takes on the cable besides its own."""
        self.room: int | None = None
        """Frames that its queue holds; None: as many as leave within `QUEUE`."""
        self.free = 0.0
        """Lab time at which all that was sent so far has left."""
        self._leaving: deque[float] = deque()
        """When the frames that were sent leave; kept only where `room` is a number."""
        self.link: Link | None = None
        self.receiver: Callable[[bytes], None] = lambda _frame: None
        self.carrier_changed: Callable[[bool], None] = lambda _up: None
        self.out_dropped: Callable[[], None] = _nothing
        """Called for each frame that found the queue full."""
        self.in_dropped: Callable[[], None] = _nothing
        """Called for each frame that nobody had time to take."""
        self.taps: list[Tap] = []
        self.crc_errors = 0
        """Frames that arrived damaged and were dropped."""
        self._enabled = False

    @property
    def enabled(self) -> bool:
        """Whether the owner drives the port (powered and not shut down)."""
        return self._enabled

    @enabled.setter
    def enabled(self, value: bool) -> None:
        if value != self._enabled:
            self._enabled = value
            if self.link is not None:
                self.link.refresh()

    @property
    def carrier(self) -> bool:
        """Whether light arrives: both ends enabled and the cable whole."""
        return self.link is not None and self.link.carrier

    def queue(self, start: float, octets: int) -> float | None:
        """Let a frame leave that is ready at lab time `start`; returns when it has, None: the queue is full."""
        if self.room is not None:
            while self._leaving and self._leaving[0] <= start:
                self._leaving.popleft()
            if len(self._leaving) > self.room:  # one of them is on its way
                return None
        elif self.free - start > QUEUE:
            return None
        self.free = max(start, self.free) + (octets + self.overhead) * 8 / self.rate
        if self.room is not None:
            self._leaving.append(self.free)
        return self.free

    def send(self, frame: bytes) -> None:
        """Put a frame (Ethernet header to payload, without FCS) on the cable; dropped without carrier."""
        link = self.link
        if link is None or not link._carrier:
            return
        for tap in self.taps:
            tap(Direction.OUT, frame)
        link.carry(self, frame)

    def deliver(self, frame: bytes) -> None:
        """Take a frame from the cable."""
        for tap in self.taps:
            tap(Direction.IN, frame)
        self.receiver(frame)


class Link:
    """A cable between two ports.

    Without `impairment` it is perfect but for `delay` seconds; an impairment with chance in it needs `rng`.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        a: Port,
        b: Port,
        delay: float = DEFAULT_DELAY,
        impairment: Impairment | None = None,
        rng: Rng | None = None,
        dce: Port | None = None,
    ) -> None:
        if a.link is not None or b.link is not None:
            busy = a.name if a.link is not None else b.name
            raise ValueError(f"port {busy} already has a cable")
        self.scheduler = scheduler
        self.ends = (a, b)
        self.delay = delay
        self.rng = rng
        self.dce = dce
        """The end of a serial cable that gives the clock; None: an Ethernet cable, or one that leads out of the lab."""
        self.counters = ImpairmentCounters()
        self._impairment: Impairment | None = None
        self._channels = {id(end): Channel(self.counters) for end in (a, b)}
        self._plugged = True
        self._carrier = False
        self.impairment = impairment
        a.link = b.link = self
        self.refresh()

    @property
    def impairment(self) -> Impairment | None:
        """What the cable does to frames; None is nothing but `delay`."""
        return self._impairment

    @impairment.setter
    def impairment(self, value: Impairment | None) -> None:
        if value is not None and value.random and self.rng is None:
            raise ValueError("a link with loss, jitter or the like needs an rng")
        self._impairment = value

    def down(self) -> None:
        """Cut the cable."""
        self.plugged = False

    def up(self) -> None:
        """Mend the cable."""
        self.plugged = True

    @property
    def faults(self) -> Impairment:
        """What the cable does to frames, the plain delay included."""
        return Impairment(self.delay) if self._impairment is None else self._impairment

    def impair(self, **faults: float | None) -> None:
        """Change some of `Impairment`'s values (`loss=0.01, delay=0.02`), the others stay.

        Raises ValueError for values that are impossible or contradict each other, TypeError for others.
        """
        changed = replace(self.faults, **faults)  # type: ignore[arg-type]
        self.impairment = None if changed == Impairment(changed.delay) else changed
        self.delay = changed.delay

    def clear(self) -> None:
        """Make the cable perfect, with the delay of a short one."""
        self.impairment = None
        self.delay = DEFAULT_DELAY

    @property
    def carrier(self) -> bool:
        """Whether both ends see light."""
        return self._carrier

    @property
    def plugged(self) -> bool:
        """Whether the cable is whole; cutting it takes the carrier from both ends."""
        return self._plugged

    @plugged.setter
    def plugged(self, value: bool) -> None:
        self._plugged = value
        self.refresh()

    def refresh(self) -> None:
        """Work out the carrier again and tell both ends if it changed."""
        carrier = self._plugged and all(end.enabled for end in self.ends)
        if carrier != self._carrier:
            self._carrier = carrier
            for end in self.ends:
                end.carrier_changed(carrier)

    def other(self, port: Port) -> Port:
        """The port at the far end."""
        a, b = self.ends
        return b if port is a else a

    def carry(self, sender: Port, frame: bytes) -> None:
        """Bring a frame to the far end as the impairment has it, unless the carrier is lost on the way."""
        far = self.ends[self.ends[0] is sender]
        scheduler = self.scheduler
        start = scheduler.now + sender.latency
        impairment = self._impairment
        if impairment is None or impairment.rate is None:
            left = sender.queue(start, len(frame))
            if left is None:
                sender.out_dropped()
                if scheduler.context is not None:
                    tracing.dropped(sender, scheduler.context, "its queue is full")
                return
            start = left
            if impairment is None:
                if scheduler.context is not None:
                    tracing.leaves(sender, far, scheduler.context)
                scheduler.at(start + self.delay, partial(self._arrive, far, frame, False))
                return
        channel = self._channels[id(sender)]
        arrivals = channel.carry(frame, start, impairment, self.rng)
        if scheduler.context is not None:
            tracing.leaves(sender, far, scheduler.context)
            if not arrivals:
                tracing.dropped(sender, scheduler.context, tracing.why_lost(frame, impairment))
        for arrival in arrivals:
            self._plan(far, arrival)

    def _plan(self, far: Port, arrival: Arrival) -> None:
        self.scheduler.at(arrival.when, lambda: self._arrive(far, arrival.frame, arrival.damaged))

    def _arrive(self, far: Port, frame: bytes, damaged: bool) -> None:
        context = self.scheduler.context
        if not self._carrier:
            if context is not None:
                tracing.dropped(far, context, "the cable was cut, or a port went down, while it was on it")
            return
        if self.scheduler.late > OVERDUE:
            far.in_dropped()
            if context is not None:
                tracing.dropped(far, context, "the lab is overloaded: it came too late to be taken")
        elif damaged:
            far.crc_errors += 1
            if context is not None:
                tracing.dropped(far, context, "it came damaged: the check sequence is wrong")
        else:
            far.deliver(frame)
