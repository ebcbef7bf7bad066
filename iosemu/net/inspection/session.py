"""Sessions, and those who let them begin."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum

from iosemu.net.inspection.settings import Limits, Settings
from iosemu.net.inspection.tcp import Connection
from iosemu.net.rewrite import Ends
from iosemu.packets.icmp import IcmpType
from iosemu.packets.ipv4 import Protocol

MINUTE = 60.0


class State(Enum):
    """How far a session has come, as `show` spells it."""

    OPENING = "SIS_OPENING"
    """Only the initiator has spoken; with TCP, the handshake is not complete."""
    OPEN = "SIS_OPEN"
    CLOSING = "SIS_CLOSING"
    CLOSED = "SIS_CLOSED"


TERMINATING = (State.CLOSING, State.CLOSED)


@dataclass(slots=True)
class Statistics:
    """What happened in a group since it was made or cleared."""

    created: int = 0
    most: list[int] = field(default_factory=lambda: [0, 0, 0])
    """The highest counts: established, half-open, terminating."""
    last_created: float | None = None
    """Lab time."""
    reset: float | None = None
    packets: dict[str, int] = field(default_factory=dict)
    """By the name of what was inspected."""
    out_of_order: int = 0
    dropped: int = 0
    """TCP segments that did not belong to their sessions."""


@dataclass(eq=False)
class Group:
    """What has limits and counters of its own: a class of a zone pair, or all that a box inspects."""

    name: str
    """Before its messages; may be empty."""
    limits: Limits = field(default_factory=Limits)
    alert: bool = True
    statistics: Statistics = field(default_factory=Statistics)
    counts: dict[State, int] = field(default_factory=lambda: dict.fromkeys(State, 0))
    started: deque[float] = field(default_factory=deque)
    """When the sessions of the last minute began."""
    aggressive: bool = False
    half_open: dict[Session, None] = field(default_factory=dict)
    """The half-open sessions, the oldest first."""
    hosts: dict[object, dict[Session, None]] = field(default_factory=dict)
    """The half-open TCP sessions by the address of the responder."""
    blocked: dict[object, float] = field(default_factory=dict)
    """Hosts that get no new TCP sessions, until when."""

    @property
    def total(self) -> int:
        """Sessions that there are."""
        return sum(self.counts.values())

    @property
    def current(self) -> tuple[int, int, int]:
        """Established, half-open and terminating sessions."""
        counts = self.counts
        return (
            counts[State.OPEN],
            counts[State.OPENING],
            counts[State.CLOSING] + counts[State.CLOSED],
        )

    def rate(self, now: float) -> int:
        """Sessions that began within the last minute."""
        while self.started and self.started[0] <= now - MINUTE:
            self.started.popleft()
        return len(self.started)

    def count(self, session: Session, old: State | None, new: State | None) -> None:
        """A session came (`old` None), went (`new` None), or is in another state."""
        if old is not None:
            self.counts[old] -= 1
        if new is not None:
            self.counts[new] += 1
            self.statistics.most = [
                max(*each) for each in zip(self.statistics.most, self.current, strict=True)
            ]
        if new is State.OPENING:
            self.half_open[session] = None
            if session.ends.protocol == Protocol.TCP:
                self.hosts.setdefault(session.ends.destination, {})[session] = None
        elif old is State.OPENING:
            self.half_open.pop(session, None)
            to_host = self.hosts.get(session.ends.destination)
            if to_host is not None:
                to_host.pop(session, None)
                if not to_host:
                    del self.hosts[session.ends.destination]


@dataclass(eq=False)
class Session:
    """One conversation; its ends are those that its first packet had."""

    number: int
    ends: Ends
    vrf: str
    group: Group
    settings: Settings
    application: str
    """`http`; empty: nothing but the transport is looked at."""
    created: float
    """Lab time."""
    heard: float
    idle: int | None = None
    """Seconds, where the one who began it says so; None: as the settings say."""
    state: State = State.OPENING
    tcp: Connection | None = None
    octets: list[int] = field(default_factory=lambda: [0, 0])
    """What the initiator and the responder have sent, without headers."""
    origin: object = None
    """What of the policy let it begin."""
    pinholes: list[tuple[object, ...]] = field(default_factory=list)
    ends_at: float = 0.0
    """Lab time at which it is over, if nothing more is heard."""
    gone: bool = False
    question: int = 8
    """The type of the ICMP message that began it."""

    @property
    def transport(self) -> str:
        """`tcp`, `udp` or `icmp`."""
        return Protocol(self.ends.protocol).name.lower()

    @property
    def name(self) -> str:
        """What it is called: by its application, or by its transport."""
        return self.application or self.transport

    @property
    def ports(self) -> tuple[int, int]:
        """The ports as they are shown; of an echo its type and that of the answer."""
        if self.ends.protocol == Protocol.ICMP:
            return self.question, 0 if self.question == IcmpType.ECHO else self.question + 1
        return self.ends.source_port, self.ends.destination_port
