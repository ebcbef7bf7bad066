"""One TCP connection as somebody between its ends sees it.

Where the segments of a connection must lie is told by both ends' windows and acknowledgments, as in G. van Rooij,
"Real Stateful TCP Packet Filtering in IP Filter" (2001).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from iosemu.packets.tcp import TcpFlags, TcpSegment

_HALF = 1 << 31
_MASK = 0xFFFFFFFF
_LEAST_ACK_WINDOW = 66000
"""Octets by which an acknowledgment may always lag behind (van Rooij's MAXACKWINDOW)."""


class Stage(Enum):
    """How far a connection has come."""

    SYN_SENT = 1
    SYN_RECEIVED = 2
    ESTABLISHED = 3
    CLOSING = 4
    """One end has said FIN."""
    CLOSED = 5
    """Both ends have, or one has reset it."""


INVALID_FLAGS = "Invalid Flags"
INVALID_ACK = "Invalid ACK (or no ACK)"
OUT_OF_WINDOW = "Invalid Segment"
SYN_IN_WINDOW = "SYN inside current window"
STRAY = "Stray Segment"


@dataclass(slots=True)
class _End:
    """One end, by what it has sent."""

    end: int = 0
    """One more than the highest sequence number that it has used."""
    limit: int = 0
    """The end of the room that the other end has offered it."""
    window: int = 1
    """The largest room that it has offered, octets."""
    scale: int = 0
    scales: bool = False
    """It offered to scale windows (RFC 7323)."""
    known: bool = False
    finished: bool = False


def before(first: int, second: int) -> bool:
    """Whether a sequence number comes before another (RFC 9293 section 3.4)."""
    return 0 < (second - first) & _MASK < _HALF


@dataclass(slots=True)
class Connection:
    """A connection that began with a SYN of the initiator."""

    stage: Stage = Stage.SYN_SENT
    out_of_order: int = 0
    """Segments that came before those in front of them."""
    _ends: tuple[_End, _End] = field(default_factory=lambda: (_End(), _End()))
    """The initiator, the responder."""

    @property
    def ended(self) -> bool:
        """Nothing more is to come."""
        return self.stage is Stage.CLOSED

    def receive(self, segment: TcpSegment, forward: bool) -> str:
        """Take a segment of the initiator (`forward`) or of the responder; why it does not belong, or nothing."""
        flags = segment.flags
        if flags & TcpFlags.SYN and flags & (TcpFlags.FIN | TcpFlags.RST):
            return INVALID_FLAGS
        if flags & TcpFlags.RST:
            return self._reset(segment, forward)
        if flags & TcpFlags.SYN:
            return self._syn(segment, forward)
        if not flags & TcpFlags.ACK:
            return INVALID_FLAGS
        if not self._ends[1].known:
            return STRAY
        return self._segment(segment, forward)

    def _syn(self, segment: TcpSegment, forward: bool) -> str:
        initiator, responder = self._ends
        acknowledges = bool(segment.flags & TcpFlags.ACK)
        if self.stage is Stage.SYN_SENT and forward and not acknowledges:
            self._opens(initiator, segment)
            return ""
        if self.stage in (Stage.SYN_SENT, Stage.SYN_RECEIVED) and not forward and acknowledges:
            if segment.acknowledgment != initiator.end:
                return INVALID_ACK
            self._opens(responder, segment)
            self.stage = Stage.SYN_RECEIVED
            if not (initiator.scales and responder.scales):
                initiator.scale = responder.scale = 0
            initiator.limit = segment.acknowledgment + responder.window & _MASK
            responder.limit = responder.end + initiator.window & _MASK
            return ""
        return SYN_IN_WINDOW

    @staticmethod
    def _opens(end: _End, segment: TcpSegment) -> None:
        end.known = True
        end.end = segment.sequence + 1 + len(segment.payload) & _MASK
        end.window = max(1, segment.window)
        scale = _scale(segment.options)
        end.scales, end.scale = scale is not None, scale or 0

    def _reset(self, segment: TcpSegment, forward: bool) -> str:
        sender, receiver = self._sides(forward)
        if self.stage is Stage.SYN_SENT and not forward:
            refused = segment.flags & TcpFlags.ACK and segment.acknowledgment == receiver.end
            if not refused:
                return INVALID_ACK
        elif sender.known:
            earliest = sender.end - max(receiver.window, 1) & _MASK
            inside = not before(segment.sequence, earliest) and not before(sender.limit, segment.sequence)
            if not inside and segment.sequence != sender.end:
                return OUT_OF_WINDOW
        self.stage = Stage.CLOSED
        return ""

    def _segment(self, segment: TcpSegment, forward: bool) -> str:
        sender, receiver = self._sides(forward)
        finishes = bool(segment.flags & TcpFlags.FIN)
        end = segment.sequence + len(segment.payload) + finishes & _MASK
        if before(sender.limit, end) or before(end, sender.end - max(receiver.window, 1) & _MASK):
            return OUT_OF_WINDOW
        lag = max(sender.window, _LEAST_ACK_WINDOW)  # so much may be under way to the one who acknowledges
        acknowledged = segment.acknowledgment
        if before(receiver.end, acknowledged) or before(acknowledged, receiver.end - lag & _MASK):
            return INVALID_ACK
        self.out_of_order += before(sender.end, segment.sequence)
        if before(sender.end, end):
            sender.end = end
        window = segment.window << sender.scale
        sender.window = max(sender.window, window)
        if before(receiver.limit, acknowledged + window & _MASK):
            receiver.limit = acknowledged + max(window, 1) & _MASK
        if self.stage is Stage.SYN_RECEIVED and forward:
            self.stage = Stage.ESTABLISHED
        if finishes:
            sender.finished = True
            self.stage = Stage.CLOSED if receiver.finished else Stage.CLOSING
        return ""

    def _sides(self, forward: bool) -> tuple[_End, _End]:
        initiator, responder = self._ends
        return (initiator, responder) if forward else (responder, initiator)


def _scale(options: bytes) -> int | None:
    """The window scale option of a SYN (RFC 7323), at most 14."""
    at = 0
    while at < len(options) and options[at] != 0:
        if options[at] == 1:
            at += 1
            continue
        length = options[at + 1] if at + 1 < len(options) else 0
        if length < 2:
            return None
        if options[at] == 3 and length == 3 and at + 2 < len(options):
            return min(options[at + 2], 14)
        at += length
    return None
