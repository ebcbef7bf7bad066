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
from iosemu.net.impairment import DEFAULT_DELAY, Channel, Impairment, ImpairmentCounters, Rng
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

    __slots__ = (
        "_carrier", "_enabled", "_leaving", "carrier_changed", "crc_errors", "framing", "free",
        "in_dropped", "lane", "latency", "link", "lit", "name", "out_dropped", "overhead", "rate",
        "receiver", "room", "taps",
    )  # fmt: skip

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
        self.lane = -1
        """The number of its box in the lab: what happens at this end is in that lane of the scheduler."""
        self.lit = False
        """Whether the light of the far end is seen."""
        self._carrier = False
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
                self.link.shine(self)

    @property
    def carrier(self) -> bool:
        """Whether light arrives here and this end is enabled."""
        return self._carrier

    def queue(self, start: float, octets: int) -> float | None:
        """Let a frame leave that is ready at lab time `start`; returns when it has, None: the queue is full."""
        free = self.free
        if self.room is not None:
            while self._leaving and self._leaving[0] <= start:
                self._leaving.popleft()
            if len(self._leaving) > self.room:  # one of them is on its way
                return None
        elif free - start > QUEUE:
            return None
        left = (free if free > start else start) + (octets + self.overhead) * 8 / self.rate
        self.free = left
        if self.room is not None:
            self._leaving.append(left)
        return left

    def send(self, frame: bytes) -> None:
        """Put a frame (Ethernet header to payload, without FCS) on the cable; dropped without carrier."""
        link = self.link
        if link is None or not self._carrier:
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

    Without `impairment` it is perfect but for `delay` seconds; an impairment with chance in it needs `rng`, and
    may have another, `back`, for what goes from `b` to `a`.

    Light, as frames do, needs the time of the port and of the cable to the far end. At lab time zero, while the lab
    is being switched on, it is there at once.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        a: Port,
        b: Port,
        delay: float = DEFAULT_DELAY,
        impairment: Impairment | None = None,
        rng: Rng | None = None,
        back: Rng | None = None,
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
        self.muted: Port | None = None
        """The end whose frames are lost, as when one of two fibres is broken; None: both are heard."""
        self._impairment: Impairment | None = None
        self._channels = {id(end): Channel(self.counters) for end in (a, b)}
        self._chances = {id(a): rng, id(b): back or rng}
        self._plugged = True
        self._light_due = {id(a): 0.0, id(b): 0.0}
        """When each end sees the last light that was sent to it."""
        self.impairment = impairment
        a.link = b.link = self
        a.lit, b.lit = b.enabled, a.enabled
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

    def mute(self, name: str) -> None:
        """Lose all that the end of this name sends. Raises ValueError where it is none of the two."""
        ends = {end.name: end for end in self.ends}
        if name not in ends:
            raise ValueError(f"{name} is no end of the cable from {' to '.join(ends)}")
        self.muted = ends[name]

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
        self.muted = None
        self.delay = DEFAULT_DELAY

    @property
    def carrier(self) -> bool:
        """Whether both ends see light."""
        a, b = self.ends
        return a._carrier and b._carrier

    @property
    def plugged(self) -> bool:
        """Whether the cable is whole; cutting it takes the carrier from both ends."""
        return self._plugged

    @plugged.setter
    def plugged(self, value: bool) -> None:
        self._plugged = value
        self.refresh()

    def shine(self, end: Port) -> None:
        """An end began or ceased to send light: it knows at once, the far end when it sees it."""
        far, now = self.other(end), self.scheduler.now
        travel = end.latency + self.delay
        if now > 0.0 and travel > 0.0:
            self.refresh()
            when = self._light_due[id(far)] = max(now + travel, self._light_due[id(far)])
            self._send_light(far, when, end.enabled)
        else:
            far.lit = end.enabled
            self.refresh()

    def _send_light(self, far: Port, when: float, lit: bool) -> None:
        self.scheduler.at(when, partial(self.light_arrives, far, lit), far.lane)

    def light_arrives(self, end: Port, lit: bool) -> None:
        """An end sees light, or no more."""
        end.lit = lit
        self.refresh()

    def refresh(self) -> None:
        """Work out the carrier at both ends again and tell those for whom it changed."""
        changed = []
        for end in self.ends if self.ends[0].lane <= self.ends[1].lane else self.ends[::-1]:
            carrier = self._plugged and end.enabled and end.lit
            if carrier != end._carrier:
                end._carrier = carrier
                changed.append(end)
        scheduler = self.scheduler
        for end in changed:
            lane, scheduler.lane = scheduler.lane, end.lane
            end.carrier_changed(end._carrier)
            scheduler.lane = lane

    def other(self, port: Port) -> Port:
        """The port at the far end."""
        a, b = self.ends
        return b if port is a else a

    def carry(self, sender: Port, frame: bytes) -> None:
        """Bring a frame to the far end as the impairment has it, unless the carrier is lost on the way."""
        far = self.ends[self.ends[0] is sender]
        scheduler = self.scheduler
        if self.muted is sender:
            self.counters.lost += 1
            if scheduler.context is not None:
                tracing.dropped(sender, scheduler.context, "nothing that this end sends reaches the other")
            return
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
                self._plan(far, start + self.delay, frame, False)
                return
        channel = self._channels[id(sender)]
        arrivals = channel.carry(frame, start, impairment, self._chances[id(sender)])
        if scheduler.context is not None:
            tracing.leaves(sender, far, scheduler.context)
            if not arrivals:
                tracing.dropped(sender, scheduler.context, tracing.why_lost(frame, impairment))
        for arrival in arrivals:
            self._plan(far, arrival.when, arrival.frame, arrival.damaged)

    def _plan(self, far: Port, when: float, frame: bytes, damaged: bool) -> None:
        self.scheduler.at(when, partial(self.arrive, far, frame, damaged), far.lane)

    def arrive(self, far: Port, frame: bytes, damaged: bool) -> None:
        """A frame is at the far end, `damaged` if its check sequence is wrong."""
        context = self.scheduler.context
        if not far._carrier:
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
