"""What operations find out."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address
from itertools import pairwise

from iosemu.packets.ip_sla import JitterPacket

OK = "OK"
TIMEOUT = "Timeout"
NO_CONNECTION = "No connection"
"""No responder answers."""
SOCKET_ERROR = "Socket connect error"
"""The other end refuses."""
INTERNAL = "Internal error"
"""It cannot even be begun: its routing instance is not there."""


@dataclass(frozen=True)
class HttpTimes:
    """Milliseconds that the parts of a transaction took, and what came."""

    dns: int = 0
    connect: int = 0
    transaction: int = 0
    status: int = 0
    octets: int = 0


@dataclass
class Losses:
    """Packets lost in one direction: where each period begins, and how long it is."""

    periods: list[tuple[int, int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Packets."""
        return sum(length for _, length in self.periods)

    @property
    def lengths(self) -> tuple[int, int]:
        """Of the shortest and of the longest period."""
        lengths = [length for _, length in self.periods]
        return (min(lengths), max(lengths)) if lengths else (0, 0)

    @property
    def between(self) -> tuple[int, int]:
        """Fewest and most packets from the end of a period to the next."""
        found = [second[0] - sum(first) for first, second in pairwise(self.periods)]
        return (min(found), max(found)) if found else (0, 0)


@dataclass
class Jitter:
    """What the answers of one udp-jitter run tell; times in milliseconds."""

    rtts: list[int]
    outward: list[int]
    """Differences of the way there from one packet to the next."""
    homeward: list[int]
    lost_outward: Losses
    lost_homeward: Losses
    tail: int
    """Packets after the last that was answered: nobody knows where they are."""
    out_of_sequence: int

    @classmethod
    def measured(cls, sent: int, answers: list[tuple[JitterPacket, int]]) -> Jitter:
        """From the answers in the order in which they came, each with its time of arrival in microseconds.

        A packet that the responder did not count was lost on the way there, others on the way back.
        """
        highest = out_of_sequence = 0
        for packet, _ in answers:
            out_of_sequence += packet.sequence < highest
            highest = max(highest, packet.sequence)
        ordered = sorted(answers, key=lambda each: each[0].sequence)
        found = cls(
            [round((arrived - packet.sent) / 1000) for packet, arrived in ordered],
            [], [], Losses(), Losses(), sent - highest, out_of_sequence,
        )  # fmt: skip
        before: tuple[JitterPacket, int] = (JitterPacket(0, 0), 0)
        for packet, arrived in ordered:
            last, last_arrived = before
            counted = max(0, packet.answered - last.answered - 1)
            missing = packet.sequence - last.sequence - 1
            homeward = min(missing, counted)
            if missing > homeward:
                found.lost_outward.periods.append((last.sequence + 1, missing - homeward))
            if homeward:
                found.lost_homeward.periods.append((last.sequence + 1, homeward))
            if last.sequence and not missing:
                there = packet.received - last.received
                found.outward.append(round((there - (packet.sent - last.sent)) / 1000))
                found.homeward.append(round((arrived - last_arrived - there) / 1000))
            before = packet, arrived
        return found


@dataclass(frozen=True)
class PathHops:
    """The routers on the way and the target, each with its milliseconds, as far as they answered."""

    hops: tuple[tuple[IPv4Address, int], ...] = ()


@dataclass
class HopJitter:
    """What one hop of a path answered; times in milliseconds."""

    address: IPv4Address
    rtts: list[int] = field(default_factory=list)
    lost: int = 0
    out_of_sequence: int = 0

    @property
    def jitters(self) -> list[int]:
        """Differences of round trip times, one after the other, where there are any."""
        return [abs(late - early) for early, late in pairwise(self.rtts) if late != early]


@dataclass(frozen=True)
class PathJitters:
    """What `path-jitter` found out, hop by hop."""

    hops: tuple[HopJitter, ...]
    source: IPv4Address | None


Details = HttpTimes | Jitter | PathHops | PathJitters


@dataclass(frozen=True)
class Result:
    """How one run of an operation ended; `rtt` in milliseconds, None where nothing was measured."""

    code: str
    rtt: int | None = None
    details: Details | None = None
