"""Frames of a recorder, decoded once, and lists of those that some filter lets through; no sniffer, no terminal."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from itertools import islice

from iosemu.net.capture import CapturedFrame, PcapngSink, Recorder
from iosemu.net.packet_filter import FilterError, PacketFilter, Seen
from iosemu.packets.dissect import Decryptor, Dissection, dissect

EVENTS = ("ARP", "CDP", "DTP", "ICMP", "IPSec", "ISAKMP", "LACP", "LLDP", "STP", "TCP", "UDP", "other")
"""What can be shown or hidden by protocol."""
_BY_NAME = {name.upper(): name for name in EVENTS}
_CARRIERS = ("TCP", "UDP")
"""What carries a protocol that is no event of its own, such as DHCP or BGP."""


@dataclass(frozen=True, slots=True)
class Row:
    """One frame of the list."""

    captured: CapturedFrame
    dissection: Dissection

    @property
    def number(self) -> int:
        """Its number in the sniffer's count."""
        return self.captured.number

    @property
    def event(self) -> str:
        """Which of EVENTS it is."""
        known = _BY_NAME.get(self.dissection.summary.protocol.upper())
        if known is None:
            under = (
                each.name for each in self.dissection.layers if each.name in _CARRIERS and not each.decrypted
            )
            known = next(under, "other")
        return known

    @property
    def opened(self) -> bool:
        """A key of the lab opened it."""
        return bool(self.dissection.decrypted)


class DecodedFrames:
    """What a recorder holds, taken apart in the order of the wire, as a decryptor needs it.

    `source` gives the recorder: it may be another one after a restart. The newest `most` rows are kept; of frames
    that are passed over only those are looked at that `heeds` takes, for their keys.
    """

    def __init__(
        self,
        source: Callable[[], Recorder],
        decryptor: Decryptor | None,
        most: int | None = None,
        heeds: Callable[[bytes], object] = bool,
    ) -> None:
        self.decryptor = decryptor
        self._most = most
        self._heeds = heeds
        self.rows: deque[Row] = deque()
        self.generation = 0
        """Counts how often everything before was forgotten."""
        self.seen = 0
        """Number of the last frame that was decoded."""
        self._source = source
        self._recorder = source()

    @property
    def recorder(self) -> Recorder:
        """Where the frames come from."""
        return self._recorder

    @property
    def first(self) -> int:
        """Number of the oldest frame; 0 where there is none."""
        return self.rows[0].number if self.rows else 0

    def restarted(self) -> bool:
        """Whether the recorder began anew: then everything is forgotten."""
        recorder = self._source()
        if recorder is self._recorder and recorder.received >= self.seen:
            return False
        self._recorder, self.seen = recorder, 0
        self.rows.clear()
        self.generation += 1
        return True

    def poll(self, limit: int | None = None) -> int:
        """Decode new frames, at most `limit`; returns how many there were."""
        recorder = self._recorder
        fresh = recorder.newest(recorder.received - self.seen)
        if self._most is not None and len(fresh) > self._most:
            for captured in fresh[: -self._most]:
                if self._heeds(captured.frame):
                    dissect(captured.frame, self.decryptor)
            fresh = fresh[-self._most :]
            self.rows.clear()
        if limit is not None:
            fresh = fresh[:limit]
        for captured in fresh:
            self.rows.append(Row(captured, dissect(captured.frame, self.decryptor, captured.framing)))
            self.seen = captured.number
        if not fresh:
            self.seen = recorder.received
        oldest = recorder.received - len(recorder) + 1
        if self._most is not None:
            oldest = max(oldest, self.seen - self._most + 1)
        while self.rows and self.rows[0].number < oldest:
            self.rows.popleft()
        return len(fresh)

    def after(self, number: int, limit: int | None = None) -> list[Row]:
        """The rows behind the one with that number, at most `limit`."""
        begin = max(0, number + 1 - self.first) if self.rows else 0
        return list(islice(self.rows, begin, None if limit is None else begin + limit))

    def find(self, number: int) -> Row | None:
        """The row with that number, while it is kept."""
        at = number - self.first
        return self.rows[at] if self.rows and 0 <= at < len(self.rows) else None

    def decode_again(self, decryptor: Decryptor | None) -> None:
        """With other keys, or none."""
        self.decryptor = decryptor
        self.rows = deque(
            Row(row.captured, dissect(row.captured.frame, decryptor, row.captured.framing))
            for row in self.rows
        )


class PastFrames(DecodedFrames):
    """Some frames of a recorder that stand one behind the other, taken apart when they are asked for."""

    def __init__(
        self, source: Callable[[], Recorder], decryptor: Decryptor | None, frames: Iterable[CapturedFrame]
    ) -> None:
        super().__init__(source, decryptor)
        self._left = deque(frames)

    def restarted(self) -> bool:
        """The frames of the past stay what they were."""
        return False

    def poll(self, limit: int | None = None) -> int:
        """Decode at most `limit` more; returns how many there were."""
        count = len(self._left) if limit is None else min(limit, len(self._left))
        for _ in range(count):
            captured = self._left.popleft()
            self.rows.append(Row(captured, dissect(captured.frame, self.decryptor)))
            self.seen = captured.number
        return count

    @property
    def more(self) -> bool:
        """Some are not decoded yet."""
        return bool(self._left)


class PacketList:
    """The frames that pass the filters: by event, by expression and by `scope`."""

    def __init__(self, frames: DecodedFrames) -> None:
        self.frames = frames
        self.rows: list[Row] = []
        """What the filters let through, oldest first."""
        self.hidden_events: set[str] = set()
        self.expression = ""
        self.scope: Callable[[CapturedFrame], bool] | None = None
        self._filter: Callable[[Seen], bool] = PacketFilter("")
        self._looked_at = 0
        self._generation = frames.generation

    @property
    def total(self) -> int:
        """Frames in the buffer, shown or not."""
        return len(self.frames.rows)

    @property
    def counts(self) -> Counter[str]:
        """Frames in the buffer by event."""
        return Counter(row.event for row in self.frames.rows)

    def take(self, limit: int | None = None) -> list[Row]:
        """Look at up to `limit` frames more; returns those that pass, which are in `rows` now."""
        if self._generation != self.frames.generation:
            self._generation = self.frames.generation
            self.again()
        looked = self.frames.after(self._looked_at, limit)
        if looked:
            self._looked_at = looked[-1].number
        found = [row for row in looked if self._wanted(row)]
        self.rows += found
        return found

    @property
    def behind(self) -> bool:
        """There are frames that were not looked at yet."""
        return self._looked_at < self.frames.seen and bool(self.frames.rows)

    def forget(self) -> int:
        """Let go of rows that the buffer no longer holds; returns how many."""
        first = self.frames.first
        gone = 0
        while gone < len(self.rows) and (not first or self.rows[gone].number < first):
            gone += 1
        del self.rows[:gone]
        return gone

    def again(self, after: int = 0) -> None:
        """Look at all frames anew, those behind number `after`."""
        self.rows = []
        self._looked_at = after

    def choose(self, expression: str) -> None:
        """Set the display filter, for what is looked at from now on; raises FilterError when it makes no sense."""
        compiled = PacketFilter(expression)
        self.expression, self._filter = expression.strip(), compiled

    def _wanted(self, row: Row) -> bool:
        captured = row.captured
        if row.event in self.hidden_events or (self.scope is not None and not self.scope(captured)):
            return False
        return self._filter(Seen(row.dissection, captured.port, captured.number, len(captured.frame)))


def pcapng(rows: Iterable[Row], epoch: int, now: float, comment: str) -> bytes:
    """Frames as a capture file; `epoch` is lab time zero in nanoseconds since 1970, `now` lab time."""
    stream = BytesIO()
    sink = PcapngSink(stream, epoch, comment=comment)
    for row in rows:
        summary = row.dissection.summary.info
        sink.write(row.captured, comment=summary if row.opened else "")
    sink.close(now)
    return stream.getvalue()


__all__ = ["EVENTS", "DecodedFrames", "FilterError", "PacketList", "Row", "pcapng"]
