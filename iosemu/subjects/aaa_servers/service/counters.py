"""What is counted for each server."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class TacacsCounters:
    """Of `show tacacs`."""

    opens: int = 0
    closes: int = 0
    aborts: int = 0
    errors: int = 0
    timeouts: int = 0
    failed_connects: int = 0
    sent: int = 0
    received: int = 0


@dataclass
class RequestCounters:
    """One kind of requests to a RADIUS server."""

    requests: int = 0
    timeouts: int = 0
    failovers: int = 0
    retransmissions: int = 0
    accepts: int = 0
    rejects: int = 0
    challenges: int = 0
    unexpected: int = 0
    incorrect: int = 0
    """Made with another secret."""
    malformed: int = 0
    successes: int = 0
    failures: int = 0
    starts: int = 0
    interims: int = 0
    stops: int = 0
    start_answers: int = 0
    interim_answers: int = 0
    stop_answers: int = 0
    delays: int = 0
    """Milliseconds of all answers."""
    longest: int = 0
    """Milliseconds of the slowest one."""
    largest: int = 0
    """Octets of the longest message."""

    @property
    def answers(self) -> int:
        """All that came and counted."""
        accounted = self.start_answers + self.interim_answers + self.stop_answers
        return self.accepts + self.rejects + self.challenges + accounted

    @property
    def average(self) -> int:
        """Milliseconds that an answer took."""
        return self.delays // self.answers if self.answers else 0


@dataclass
class RadiusState:
    """A RADIUS server of `show aaa servers`; times are lab seconds."""

    since: float = 0.0
    """When the present state began."""
    previous: float = 0.0
    """How long the one before lasted."""
    dead: bool = False
    dead_count: int = 0
    dead_total: float = 0.0
    dead_until: float = 0.0
    heard: float = 0.0
    """When it answered last, or was first asked after that."""
    silent: int = 0
    """Timeouts in a row."""
    authentication: RequestCounters = field(default_factory=RequestCounters)
    accounting: RequestCounters = field(default_factory=RequestCounters)
