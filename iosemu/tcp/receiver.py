"""The receiving half: window, reassembly and what is there to be read (RFC 9293 3.3.1, 3.8.6).

Sequence numbers are unwrapped. Nothing beyond the window that was offered is kept, so the buffers are bounded.
"""

from __future__ import annotations

from bisect import insort
from enum import Enum


class Arrival(Enum):
    """How the text of a segment fits to what is there."""

    IN_ORDER = "in sequence"
    OUT_OF_ORDER = "out of order"
    DUPLICATE = "duplicate"
    BEYOND_WINDOW = "with data after window"


class Receiver:
    """RCV.NXT, RCV.WND, octets to read, and segments that came too early."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.irs = 0
        self.nxt = 0
        self.edge = 0
        """The right edge of the window as the peer knows it; it never moves back (3.8.6)."""
        self.window_shift = 0
        self._data = bytearray()
        self._early: list[tuple[int, bytes]] = []
        self._early_size = 0
        self._fin: int | None = None

    def synchronize(self, irs: int) -> None:
        """The peer's SYN came in."""
        self.irs = irs
        self.nxt = self.edge = irs + 1

    @property
    def window(self) -> int:
        """RCV.WND as the peer knows it."""
        return self.edge - self.nxt

    @property
    def readable(self) -> int:
        """Octets that `read` can give now."""
        return len(self._data)

    @property
    def gap(self) -> bool:
        """Something came too early."""
        return bool(self._early)

    @property
    def held(self) -> int:
        """Octets in both buffers."""
        return len(self._data) + self._early_size

    @property
    def fin_reached(self) -> bool:
        """All data is here and the FIN after it."""
        return self._fin is not None and self.nxt > self._fin

    def acceptable(self, sequence: int, length: int) -> bool:
        """The four cases of the table in 3.4; `length` counts SYN and FIN."""
        if length == 0:
            return sequence == self.nxt if self.window == 0 else self.nxt <= sequence < self.edge
        return self.window > 0 and sequence < self.edge and sequence + length > self.nxt

    def accept(self, sequence: int, data: bytes, fin: bool) -> Arrival:
        """Take the text of a segment and perhaps its FIN."""
        end = sequence + len(data)
        start, stop = max(sequence, self.nxt), min(end, self.edge)
        if fin and end <= max(self.edge, self.nxt):
            self._fin = end
        if start < stop:
            arrival = Arrival.IN_ORDER if start == self.nxt else Arrival.OUT_OF_ORDER
            text = data[start - sequence : stop - sequence]
            if arrival is Arrival.IN_ORDER:
                self._data += text
                self.nxt = stop
                self._drain()
            else:
                self._insert(start, text)
        elif end > max(self.edge, self.nxt):
            arrival = Arrival.BEYOND_WINDOW
        elif data or sequence < self.nxt:
            arrival = Arrival.DUPLICATE
        else:
            arrival = Arrival.IN_ORDER if sequence == self.nxt else Arrival.OUT_OF_ORDER
        if self._fin == self.nxt:
            self.nxt += 1
            self.edge = max(self.edge, self.nxt)
        return arrival

    def _insert(self, start: int, data: bytes) -> None:
        """Keep what is new of an early segment; the pieces never overlap."""
        end = start + len(data)
        pieces = []
        at = start
        for begin, held in self._early:
            stop = begin + len(held)
            if stop <= at:
                continue
            if begin >= end:
                break
            if begin > at:
                pieces.append((at, data[at - start : begin - start]))
            at = max(at, stop)
        if at < end:
            pieces.append((at, data[at - start :]))
        for piece in pieces:
            insort(self._early, piece)
            self._early_size += len(piece[1])

    def _drain(self) -> None:
        taken = 0
        for begin, data in self._early:
            if begin > self.nxt:
                break
            taken += 1
            self._early_size -= len(data)
            new = data[self.nxt - begin :]
            self._data += new
            self.nxt += len(new)
        del self._early[:taken]

    def read(self, limit: int | None) -> bytes:
        """Take at most `limit` octets, or all."""
        size = len(self._data) if limit is None else min(limit, len(self._data))
        data = bytes(self._data[:size])
        del self._data[:size]
        return data

    def _wanted_edge(self) -> int:
        unit = 1 << self.window_shift
        room = min(max(self.capacity - len(self._data), 0), 0xFFFF << self.window_shift)
        return self.nxt + room // unit * unit

    def would_open(self, mss: int) -> bool:
        """Reading has made room that is worth telling the peer: two segments or half the buffer."""
        return self._wanted_edge() - self.edge >= min(2 * mss, (self.capacity + 1) // 2)

    def offer(self, mss: int) -> int:
        """The window for the next segment, in octets; small steps are kept back (3.8.6.2.2)."""
        wanted = self._wanted_edge()
        if wanted - self.edge >= min(mss, (self.capacity + 1) // 2):
            self.edge = wanted
        return max(self.edge - self.nxt, 0)
