"""What one packet meets on its way: who decided what about it, and the lines of configuration behind that.

A trace follows causes, not contents. While something happens because of the packet the scheduler's `context` is a
`Span`; what is planned then goes on in a span of its own when its time comes: a frame that arrives at the other end of
a cable, an ARP request that is repeated. So nothing has to be recognized, whatever NAT and IPsec make of the packet.
Who decides something looks whether there is a context and notes what it decided. Where there is none, as always while
no trace is on, that is one look at one attribute.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from iosemu.net.signal import Signal

if TYPE_CHECKING:
    from iosemu.net.scheduler import Scheduler, Timer


class Kind(Enum):
    """What is on its way."""

    PACKET = "packet"
    """The packet that is traced, whatever it is wrapped in."""
    ANSWER = "answer"
    ERROR = "error"
    """An ICMP error about the packet."""
    ARP = "arp"
    """A question for the packet's next hop, or its answer."""


class End(Enum):
    """How one way ended."""

    ARRIVED = "arrived"
    """It came to whom it is for."""
    DROPPED = "dropped"
    IGNORED = "ignored"
    """A copy came to somebody whom it is not for."""


@dataclass(frozen=True, slots=True)
class Line:
    """Where a line of the running configuration stands.

    `starts`: what it begins with, one of them; `section` what the line above it begins with, empty at the top
    level; `nth` counts those that fit, from 0. With no `starts` it is the section's own line.
    """

    section: str = ""
    starts: tuple[str, ...] = ()
    nth: int = 0


@dataclass(slots=True)
class Note:
    """Somebody decided something."""

    when: float
    """Lab seconds."""
    span: int
    """The number of the span in which it did."""
    device: str
    kind: Kind
    stage: str
    """`route`, `access list`, `NAT` …"""
    text: str
    lines: tuple[Line, ...] = ()
    """The configuration behind it."""
    port: str = ""
    """The end of a cable that it goes out of, `R-A:FastEthernet0/0`."""
    end: End | None = None


@dataclass(frozen=True, slots=True)
class Ends:
    """The addresses of a packet as it is where it is, as numbers."""

    source: int
    destination: int


class Trace:
    """All that happens because of one packet until `until` (lab seconds), or until nothing of it is left."""

    def __init__(self, scheduler: Scheduler, origin: str, until: float) -> None:
        self.scheduler = scheduler
        self.origin = origin
        """The device that the packet starts from; it is over when an answer arrives there."""
        self.until = until
        self.notes: list[Note] = []
        self.parents: list[int] = [-1]
        """By span, the span that it came of."""
        self.over = False
        self.done = Signal()
        self.waiting: dict[bytes, Span] = {}
        """Packets that wait for an answer to ARP."""
        self.sought: set[int] = set()
        """The next hops that ARP asks for because of the packet."""
        self._alive: set[Timer] = set()

    def root(self) -> Span:
        """The span in which the packet is sent."""
        return Span(self, 0, Kind.PACKET)

    def child(self, span: Span, kind: Kind | None = None) -> Span:
        """A span that comes of another."""
        self.parents.append(span.number)
        return Span(self, len(self.parents) - 1, kind or span.kind, span.ends)

    def adopt(self, timer: Timer, span: Span) -> None:
        """What is planned because of the packet goes on in a span of its own, if it is soon enough."""
        if self.over or timer.when > self.until:
            return
        child, callback = self.child(span), timer.callback

        def go_on() -> None:
            self._alive.discard(timer)
            if self.over:
                callback()
                return
            with child.at_work():
                callback()
            self.settle()

        timer.callback = go_on
        self._alive.add(timer)

    def settle(self) -> None:
        """It is over when nothing of it is under way any more."""
        if not self.over and all(timer.cancelled for timer in self._alive):
            self.finish()

    def finish(self) -> None:
        """Follow nothing any more."""
        if not self.over:
            self.over = True
            self._alive.clear()
            self.done.emit()

    def ancestors(self, span: int) -> Iterator[int]:
        """A span and those that it came of, to the first."""
        while span >= 0:
            yield span
            span = self.parents[span]


@dataclass(slots=True)
class Span:
    """One piece of the way: what happens in one moment at one place because of the packet."""

    trace: Trace
    number: int
    kind: Kind
    ends: Ends | None = None
    """Of the packet at work; None before it is made."""
    wrapping: bool = False
    """What is sent now is the packet in another one: encrypted, or in a tunnel."""
    made: object = field(default=None, init=False)
    """The packet that is being sent here."""
    last: Note | None = field(default=None, init=False)
    ended: bool = field(default=False, init=False)
    """An end was noted."""

    def note(
        self, device: str, stage: str, text: str, *lines: Line, end: End | None = None, port: str = ""
    ) -> None:
        """Somebody decided something; `end`: this piece of the way ends with it."""
        trace = self.trace
        note = Note(trace.scheduler.now, self.number, device, self.kind, stage, text, lines, port, end)
        trace.notes.append(note)
        self.last = note
        self.ended = self.ended or end is not None
        if end is End.ARRIVED and self.kind in (Kind.ANSWER, Kind.ERROR) and device == trace.origin:
            trace.finish()

    def drop(self, device: str, stage: str, text: str, *lines: Line) -> None:
        """The packet goes no further."""
        self.note(device, stage, text, *lines, end=End.DROPPED)

    def drop_there(self) -> None:
        """What was noted last is why the packet goes no further."""
        if self.last is not None and self.last.end is None:
            self.last.end = End.DROPPED
            self.ended = True

    def adopt(self, timer: Timer) -> None:
        """Something is planned because of the packet."""
        self.trace.adopt(timer, self)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """What happens inside happens because of the packet."""
        scheduler = self.trace.scheduler
        before, scheduler.context = scheduler.context, None if self.trace.over else self
        try:
            yield
        finally:
            scheduler.context = before

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What happens inside is not followed."""
        scheduler = self.trace.scheduler
        before, scheduler.context = scheduler.context, None
        try:
            yield
        finally:
            scheduler.context = before

    @contextmanager
    def wrapped(self) -> Iterator[None]:
        """What is sent inside has the packet in it."""
        before, self.wrapping = self.wrapping, True
        try:
            yield
        finally:
            self.wrapping = before

    @contextmanager
    def turned(self, kind: Kind) -> Iterator[Span]:
        """What happens inside is about something else of the packet's: ARP, an answer."""
        if kind is self.kind:
            yield self
            return
        other = self.trace.child(self, kind)
        with other.at_work():
            yield other

    @contextmanager
    def resumed(self, packet: bytes) -> Iterator[None]:
        """A packet that waited goes on; it is followed if it is the one."""
        waiting = self.trace.waiting.pop(packet, None)
        if waiting is None:
            with self.aside():
                yield
            return
        span = self.trace.child(self, waiting.kind)
        span.ends = waiting.ends
        with span.at_work():
            yield

    def gave_up(self, device: str, packet: bytes, text: str) -> None:
        """A packet waited in vain."""
        waiting = self.trace.waiting.pop(packet, None)
        if waiting is not None:
            replace(waiting, number=self.number).drop(device, "ARP", text)
