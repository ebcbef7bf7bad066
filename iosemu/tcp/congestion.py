"""Congestion control: slow start, avoidance, fast retransmit and recovery (RFC 5681, RFC 6582)."""

from __future__ import annotations

_DUPLICATES = 3


def initial_window(mss: int) -> int:
    """Octets that may be sent before the first ACK (RFC 5681 3.1)."""
    if mss > 2190:
        return 2 * mss
    return 3 * mss if mss > 1095 else 4 * mss


class NewReno:
    """The congestion window `cwnd` and the slow start threshold `ssthresh`, in octets.

    `recover` is the highest sequence number sent when a loss was last seen (RFC 6582 3.2).
    """

    def __init__(self, mss: int) -> None:
        self._mss = mss
        self.cwnd = initial_window(mss)
        self.ssthresh = 1 << 30
        self.duplicates = 0
        self.recovering = False
        self.recover = -1
        self._avoided = 0

    def begin(self, mss: int, syn_was_lost: bool) -> None:
        """The handshake is over and the segment size known; a lost SYN means one segment at first."""
        self._mss = mss
        self.cwnd = mss if syn_was_lost else initial_window(mss)

    def set_mss(self, mss: int) -> None:
        """The path takes only smaller segments now."""
        self._mss = mss

    def acknowledged(self, count: int, ack: int) -> bool:
        """`count` new octets up to `ack` are acknowledged; True: send the first segment after it again."""
        self.duplicates = 0
        if self.recovering:
            if ack > self.recover:
                self.cwnd = self.ssthresh
                self.recovering = False
                return False
            # A partial ACK: the next segment is lost too. Deflate by what arrived, add back one segment.
            self.cwnd = max(self.cwnd - count, 0) + (self._mss if count >= self._mss else 0)
            self.cwnd = max(self.cwnd, self._mss)
            return True
        if self.cwnd < self.ssthresh:
            self.cwnd += min(count, self._mss)
        else:
            self._avoided += count
            if self._avoided >= self.cwnd:
                self._avoided -= self.cwnd
                self.cwnd += self._mss
        return False

    def duplicate(self, flight: int, una: int, highest: int) -> bool:
        """A duplicate ACK came in; True: fast retransmit the first unacknowledged segment."""
        if self.recovering:
            self.cwnd += self._mss
            return False
        self.duplicates += 1
        if self.duplicates != _DUPLICATES or una <= self.recover:
            return False
        self._halve(flight)
        self.recover = highest
        self.cwnd = self.ssthresh + _DUPLICATES * self._mss
        self.recovering = True
        return True

    def timed_out(self, flight: int, highest: int, first: bool) -> None:
        """The retransmission timer expired; `first` for the first time for this segment."""
        if first:
            self._halve(flight)
        self.cwnd = self._mss
        self.recover = highest
        self.recovering = False
        self.duplicates = 0
        self._avoided = 0

    def _halve(self, flight: int) -> None:
        self.ssthresh = max(flight // 2, 2 * self._mss)
