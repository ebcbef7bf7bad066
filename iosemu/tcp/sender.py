"""The sending half: buffer, send sequence space and what may be sent now (RFC 9293 3.3.1, 3.8).

Sequence numbers are unwrapped. The SYN has number `iss`, the data begins at `iss` + 1, the FIN follows the data.
"""

from __future__ import annotations

from typing import NamedTuple


class Transmission(NamedTuple):
    """Something to send: its first sequence number, data, and whether FIN and PSH go with it."""

    sequence: int
    data: bytes
    fin: bool = False
    push: bool = False


class Sender:
    """SND.UNA, SND.NXT, SND.WND and the queue of octets. `highest` is the end of all that was ever sent."""

    def __init__(self, iss: int, limit: int, mss: int, nagle: bool) -> None:
        self.iss = iss
        self.una = iss
        self.nxt = iss
        self.highest = iss
        self.window = 0
        self.max_window = 0
        self.window_shift = 0
        self.wl1 = 0
        self.wl2 = 0
        self.mss = mss
        self._limit = limit
        self._nagle = nagle
        self._data = bytearray()
        self._base = iss + 1
        self.fin_queued = False
        self.probes_unanswered = 0
        self.full = False

    @property
    def room(self) -> int:
        """Octets that `queue` takes now."""
        return max(self._limit - len(self._data), 0)

    @property
    def buffered(self) -> int:
        """Octets that are not acknowledged, sent or not."""
        return len(self._data)

    @property
    def end(self) -> int:
        """The number after the last queued octet; the FIN's, if there is one."""
        return self._base + len(self._data)

    @property
    def pending(self) -> bool:
        """Something queued has not been sent, or is to be sent again."""
        return self.nxt < self.end + self.fin_queued

    @property
    def flight(self) -> int:
        """Sequence numbers that are sent and not acknowledged."""
        return self.highest - self.una

    @property
    def fin_acknowledged(self) -> bool:
        """The peer has our FIN."""
        return self.fin_queued and self.una > self.end

    def queue(self, data: bytes) -> int:
        """Take as much as there is room for; the number of octets taken."""
        taken = data[: self.room]
        self._data += taken
        self.full = len(taken) < len(data)
        return len(taken)

    def acknowledge(self, ack: int) -> int:
        """SND.UNA moves up to `ack`; the number of octets of data that this sets free."""
        freed = min(max(ack - self._base, 0), len(self._data))
        del self._data[:freed]
        self._base += freed
        self.una = ack
        self.nxt = max(self.nxt, ack)
        self.probes_unanswered = 0
        return freed

    def set_window(self, window: int, sequence: int, ack: int) -> None:
        """SND.WND and the segment that it came with."""
        self.window = window
        self.max_window = max(self.max_window, window)
        self.wl1, self.wl2 = sequence, ack

    def next_segment(self, congestion_window: int) -> Transmission | None:
        """What may be sent now (3.8.6.2.1), or None; `sent` says that it was."""
        if not self.pending or self.nxt <= self.iss:
            return None
        usable = self.una + min(self.window, congestion_window) - self.nxt
        waiting = self.end - self.nxt
        size = min(waiting, usable, self.mss)
        if size <= 0:
            # A FIN alone needs no room in the congestion window, but in the peer's.
            lone_fin = waiting == 0 and self.fin_queued and self.una + max(self.window, 1) > self.nxt
            return self._make(0) if lone_fin else None
        idle = self.nxt == self.una
        if size == self.mss or (size == waiting and (idle or not self._nagle or self.fin_queued)):
            return self._make(size)
        # The window is small for good: half of the largest ever seen will do.
        return self._make(size) if usable >= self.max_window / 2 and size == usable else None

    def first_unacknowledged(self) -> Transmission:
        """The segment at SND.UNA again, whatever the windows say."""
        self.nxt = max(self.una, self.iss + 1)
        room = self.window if self.window > 0 else 1
        return self._make(min(self.mss, self.end - self.nxt, room))

    def probe(self) -> Transmission:
        """A segment that makes the peer say its window (3.8.6.1): what fits, else one octet beyond it."""
        self.probes_unanswered += 1
        return self.first_unacknowledged()

    def _make(self, size: int) -> Transmission:
        at = self.nxt - self._base
        data = bytes(self._data[at : at + size])
        last = self.nxt + size == self.end
        return Transmission(self.nxt, data, last and self.fin_queued, last and bool(data))

    def sent(self, transmission: Transmission) -> None:
        """SND.NXT moves to the end of what was sent."""
        self.nxt = transmission.sequence + len(transmission.data) + transmission.fin
        self.highest = max(self.highest, self.nxt)
