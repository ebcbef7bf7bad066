"""One association: what was heard of a server, and the filter over its last eight samples (RFC 5905 sections 9, 10)."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from iosemu.packets.ntp import NO_STRATUM, NOT_SYNCHRONIZED, Mode, NtpPacket, difference

PHI = 15e-6
"""Seconds by which a clock may be off after one second (RFC 5905 figure 7)."""
MAX_DISPERSION = 16.0
MIN_DISPERSION = 0.005
MAX_DISTANCE = 1.5
STAGES = 8
LOCAL = IPv4Address("127.127.1.1")
"""The clock of the box itself, of `ntp master`."""
BURST = 8
"""Packets of a burst."""


@dataclass(frozen=True)
class PeerConfig:
    """`ntp server A …` or `ntp peer A …`; polls are powers of two seconds."""

    address: IPv4Address
    mode: Mode = Mode.CLIENT
    version: int = 4
    key: int | None = None
    prefer: bool = False
    burst: bool = False
    iburst: bool = False
    minpoll: int = 6
    maxpoll: int = 10
    source: str = ""
    vrf: str = ""
    """The routing instance that it is reached in."""
    dynamic: bool = False
    """Nobody typed it: it was made when a broadcast came."""


@dataclass(frozen=True)
class Sample:
    """One exchange: seconds, and the lab time at which it was made."""

    offset: float
    delay: float
    dispersion: float
    when: float


@dataclass
class Association:
    """A server or peer, and what is known of it."""

    config: PeerConfig
    identifier: int
    poll: int = 6
    reach: int = 0
    stratum: int = NO_STRATUM
    leap: int = NOT_SYNCHRONIZED
    reference_id: bytes = b"INIT"
    reference: int = 0
    root_delay: float = 0.0
    root_dispersion: float = 0.0
    precision: int = -24
    peer_poll: int = 6
    peer_mode: int = 0
    origin: int = 0
    """What a peer sent last."""
    received_at: int = 0
    transmitted: int = 0
    """What we sent last and wait for; 0: it was answered."""
    sent_at: float | None = None
    heard_at: float | None = None
    due: float = 0.0
    """Lab time of the next poll."""
    burst_left: int = 0
    counter: int = 0
    """Goes up while the offset stays small (RFC 5905 appendix A.5.5.3, `s.jiggle`)."""
    samples: deque[Sample] = field(default_factory=lambda: deque(maxlen=STAGES))
    """The newest first."""
    offset: float = 0.0
    delay: float = 0.0
    dispersion: float = MAX_DISPERSION
    jitter: float = 0.0
    updated: float = 0.0
    """Lab time of the sample that counts."""
    packets_in: int = 0
    packets_out: int = 0
    packets_bad: int = 0
    authenticated: bool = False
    listening: float | None = None
    """It is no longer asked: its broadcasts come, this many seconds there and back. None: it is asked."""
    status: str = " "
    """As `show ntp associations` marks it."""

    @property
    def local(self) -> bool:
        """It is the clock of the box itself."""
        return self.config.address == LOCAL

    def clear(self, why: bytes) -> None:
        """Forget what was heard."""
        self.samples.clear()
        self.reach, self.stratum, self.leap = 0, NO_STRATUM, NOT_SYNCHRONIZED
        self.reference_id, self.reference = why, 0
        self.offset = self.delay = self.jitter = self.root_delay = self.root_dispersion = 0.0
        self.dispersion = MAX_DISPERSION
        self.transmitted = self.counter = self.burst_left = 0
        self.poll = self.config.minpoll
        self.status = " "

    def heard(self, packet: NtpPacket, arrived: int, now: float, precision: int) -> bool:
        """Take the times of an answer (RFC 5905 section 8); False: they make no sense."""
        sent = packet.origin
        delay = difference(arrived, sent) - difference(packet.transmit, packet.receive)
        offset = (difference(packet.receive, sent) + difference(packet.transmit, arrived)) / 2
        if delay < -0.5 or packet.root_delay / 2 + packet.root_dispersion >= MAX_DISPERSION:
            return False
        resolution = 2.0**precision
        dispersion = (
            2.0 ** max(packet.precision, -32) + resolution + PHI * max(0.0, difference(arrived, sent))
        )
        self.take(Sample(offset, max(delay, resolution), dispersion, now), now)
        return True

    def take(self, sample: Sample, now: float) -> None:
        """The clock filter: of the last eight the one with the least delay (RFC 5905 section 10)."""
        self.samples.appendleft(sample)
        aged = [
            Sample(
                each.offset,
                each.delay,
                min(MAX_DISPERSION, each.dispersion + PHI * (now - each.when)),
                each.when,
            )
            for each in self.samples
        ]
        ordered = sorted(aged, key=lambda each: each.delay)
        spread = [each.dispersion for each in ordered] + [MAX_DISPERSION] * (STAGES - len(ordered))
        self.dispersion = sum(each / 2.0 ** (place + 1) for place, each in enumerate(spread))
        best = ordered[0]
        others = [(best.offset - each.offset) ** 2 for each in ordered[1:]]
        self.jitter = math.sqrt(sum(others) / len(others)) if others else 0.0
        self.offset, self.delay, self.updated = best.offset, best.delay, best.when

    def moved(self, seconds: float) -> None:
        """The clock was moved: what was measured before is measured from there."""
        shifted = [
            Sample(each.offset - seconds, each.delay, each.dispersion, each.when) for each in self.samples
        ]
        self.samples = deque(shifted, maxlen=STAGES)
        self.offset -= seconds

    def root_distance(self, now: float) -> float:
        """RFC 5905 appendix A.5.5.2."""
        return (
            max(MIN_DISPERSION, self.root_delay + self.delay) / 2
            + self.root_dispersion
            + self.dispersion
            + PHI * (now - self.updated)
            + self.jitter
        )

    def usable(self, now: float) -> bool:
        """RFC 5905 appendix A.5.5.3 `fit()`."""
        if self.leap == NOT_SYNCHRONIZED or self.stratum >= NO_STRATUM or not self.reach:
            return False
        return self.local or self.root_distance(now) < MAX_DISTANCE + PHI * 2.0**self.poll
