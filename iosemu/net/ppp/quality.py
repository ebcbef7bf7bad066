"""How good a link is: what of the packets and octets of either end arrives (RFC 1989)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from iosemu.packets.lqr import LENGTH, LinkQualityReport, Received, Sent

FRAME = 4
"""Octets of address, control and protocol, which are counted with a report."""
WINDOW = 5
"""Reports that are judged together: a link is not given up for a single bad one (section 2.7)."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What an interface has counted."""

    out_packets: int = 0
    out_octets: int = 0
    in_packets: int = 0
    in_octets: int = 0
    in_discards: int = 0
    in_errors: int = 0


@dataclass(frozen=True, slots=True)
class _Passage:
    """Between two reports, in one direction."""

    sent_packets: int
    arrived_packets: int
    sent_octets: int
    arrived_octets: int

    @property
    def countable(self) -> bool:
        """No counter went back, as `clear counters` has it."""
        return min(self.sent_packets, self.arrived_packets, self.sent_octets, self.arrived_octets) >= 0


def _passage(sent: Sent, before_sent: Sent, came: Received, before_came: Received) -> _Passage:
    return _Passage(
        sent.packets - before_sent.packets,
        came.packets - before_came.packets,
        sent.octets - before_sent.octets,
        came.octets - before_came.octets,
    )


def _percent(window: deque[_Passage]) -> int:
    packets, octets = sum(each.sent_packets for each in window), sum(each.sent_octets for each in window)
    if not packets or not octets:
        return 100
    arrived = sum(each.arrived_packets for each in window) / packets
    carried = sum(each.arrived_octets for each in window) / octets
    return int(min(arrived, carried, 1.0) * 100)


class LinkQuality:
    """The reports of both ends of a link, and what they say of it."""

    def __init__(self) -> None:
        self.heard: LinkQualityReport | None = None
        """The last report of the other end."""
        self._saved = Received()
        """What had come when it arrived: `SaveIn…`."""
        self._reports = 0
        """Sent."""
        self._inward: deque[_Passage] = deque(maxlen=WINDOW)
        self._outward: deque[_Passage] = deque(maxlen=WINDOW)

    @property
    def inward(self) -> int:
        """Per cent of what the other end sends that arrives here."""
        return _percent(self._inward)

    @property
    def outward(self) -> int:
        """Per cent of what this end sends that arrives there."""
        return _percent(self._outward)

    @property
    def settled(self) -> bool:
        """Whether there are enough reports to judge by."""
        return len(self._inward) == WINDOW or len(self._outward) == WINDOW

    def report(self, magic: bytes, counted: Traffic) -> LinkQualityReport:
        """The next report of this end; it counts itself."""
        self._reports += 1
        sent = Sent(self._reports, counted.out_packets + 1, counted.out_octets + FRAME + LENGTH)
        last = self.heard.sent if self.heard is not None else Sent()
        return LinkQualityReport(magic, last, self._saved, sent)

    def take(self, report: LinkQualityReport, counted: Traffic) -> None:
        """A report came, and is counted."""
        before, saved_before = self.heard, self._saved
        self.heard = report
        self._saved = Received(
            saved_before.reports + 1,
            counted.in_packets,
            counted.in_discards,
            counted.in_errors,
            counted.in_octets,
        )
        if before is None:
            return
        inward = _passage(report.sent, before.sent, self._saved, saved_before)
        if inward.countable:
            self._inward.append(inward)
        if before.received.reports and report.received.reports > before.received.reports:
            outward = _passage(report.last, before.last, report.received, before.received)
            if outward.countable:
                self._outward.append(outward)
