"""What the packet view shows, and what its keys do to that; no terminal in sight."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from iosemu.box.device import Device
from iosemu.box.files import FileSystemError
from iosemu.packets.dissect import Decryptor
from iosemu.server.packet_view.frames import EVENTS, DecodedFrames, FilterError, PacketList, Row, pcapng
from iosemu.subjects.sniffer.config import SnifferConfig
from iosemu.subjects.sniffer.service import Sniffer

__all__ = ["EVENTS", "Line", "PacketView", "Row"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the decoded frame and the octets it tells of."""

    text: str
    start: int = 0
    end: int = 0
    decrypted: bool = False
    """The octets are those that were decrypted."""
    title: bool = False


class PacketView:
    """Frames of a sniffer's buffer, filtered by event and expression, one of them chosen.

    `poll` takes in what the sniffer saw meanwhile. `epoch` is lab time zero in nanoseconds since 1970.
    """

    def __init__(self, sniffer: Device, decryptor: Decryptor | None = None, epoch: int = 0) -> None:
        self.sniffer = sniffer
        self.decryptor = decryptor
        self.epoch = epoch
        self.chosen = 0
        """Index in `rows`."""
        self.following = True
        """The newest frame is the chosen one."""
        self.paused = False
        """New frames wait outside."""
        self.decrypting = decryptor is not None
        self.message = ""
        """What the last action has to say."""
        self.line = 0
        """The line of the decoded frame that is pointed at; its octets are marked."""
        self.bytes_offset = 0
        self._frames = DecodedFrames(lambda: sniffer.service(Sniffer).recorder, decryptor)
        self._list = PacketList(self._frames)
        self.poll()

    @property
    def rows(self) -> list[Row]:
        """What the filters let through, oldest first."""
        return self._list.rows

    @property
    def total(self) -> int:
        """Frames in the buffer, shown or not."""
        return self._list.total

    @property
    def hidden_events(self) -> set[str]:
        """Those of EVENTS that are not shown."""
        return self._list.hidden_events

    @property
    def expression(self) -> str:
        """The display filter."""
        return self._list.expression

    @property
    def waiting(self) -> int:
        """Frames that came while paused."""
        return self._frames.recorder.received - self._frames.seen if self.paused else 0

    @property
    def counts(self) -> Counter[str]:
        """Frames in the buffer by event."""
        return self._list.counts

    def poll(self) -> bool:
        """Take in new frames; tells whether anything changed."""
        if self._frames.restarted():
            self._apply()
        recorder = self._frames.recorder
        if self.paused or recorder.received == self._frames.seen:
            return self.paused and recorder.received != self._frames.seen
        self._frames.poll()
        self._list.take()
        self._forget()
        if self.following:
            self.chosen = max(0, len(self.rows) - 1)
        return True

    def _forget(self) -> None:
        """Let go of what the sniffer's buffer no longer holds."""
        gone = self._list.forget()
        if gone:
            if self.chosen < gone:
                self._to_top()
            self.chosen = max(0, self.chosen - gone)

    def _apply(self) -> None:
        """The filters changed: choose the rows anew, the same frame or the next one staying chosen."""
        number = self.current.number if self.current is not None else 0
        self._list.again()
        self._list.take()
        self.chosen = max(0, len(self.rows) - 1)
        if not self.following:
            self.chosen = next((at for at, row in enumerate(self.rows) if row.number >= number), self.chosen)
        self._to_top()

    def _to_top(self) -> None:
        self.line = self.bytes_offset = 0

    @property
    def lines(self) -> list[Line]:
        """The chosen frame layer by layer."""
        row = self.current
        if row is None:
            return []
        captured, dissection = row.captured, row.dissection
        lines = [
            Line(
                f"Frame {row.number}: {len(captured.frame)} bytes on {captured.port} at {captured.time:.6f} s"
            )
        ]
        for layer in dissection.layers:
            mark = "  [decrypted]" if layer.decrypted else ""
            lines.append(Line(f"{layer.name}{mark}", layer.start, layer.end, layer.decrypted, True))
            width = max((len(field.name) for field in layer.fields), default=0)
            lines += [
                Line(f"  {field.name:<{width}} : {field.value}", field.start, field.end, layer.decrypted)
                for field in layer.fields
            ]
        if dissection.malformed is not None:
            lines.append(Line(f"Malformed: {dissection.malformed}", title=True))
        return lines

    def point(self, by: int) -> None:
        """Point at another line of the decoded frame."""
        self.line = max(0, min(self.line + by, len(self.lines) - 1))

    @property
    def dump(self) -> list[tuple[str, int, bytes]]:
        """The octets by sixteen: a heading, or "", with offset and octets; what was decrypted comes after."""
        row = self.current
        if row is None:
            return []
        rows = [("", at, row.captured.frame[at : at + 16]) for at in range(0, len(row.captured.frame), 16)]
        clear = row.dissection.decrypted
        if clear:
            rows.append((f"Decrypted: {len(clear)} bytes", -1, b""))
            rows += [("+", at, clear[at : at + 16]) for at in range(0, len(clear), 16)]
        return rows

    @property
    def current(self) -> Row | None:
        """The chosen frame."""
        return self.rows[self.chosen] if self.chosen < len(self.rows) else None

    def choose(self, index: int) -> None:
        """Choose a row; the last one means to follow."""
        index = max(0, min(index, len(self.rows) - 1))
        if index != self.chosen:
            self._to_top()
        self.chosen = index
        self.following = index >= len(self.rows) - 1

    def move(self, by: int) -> None:
        """Choose another row, `by` further on."""
        self.choose(self.chosen + by)

    def follow(self) -> None:
        """Follow the newest frame, or stay where we are."""
        self.following = not self.following
        if self.following:
            self.choose(len(self.rows) - 1)
            self.following = True
        self.message = "Following the newest frame" if self.following else "Staying at this frame"

    def pause(self) -> None:
        """Stand still, or go on."""
        self.paused = not self.paused
        self.message = "Paused: new frames wait" if self.paused else ""
        self.poll()

    def toggle_event(self, event: str) -> None:
        """Show or hide one of EVENTS."""
        self._list.hidden_events ^= {event}
        self._apply()

    def show_events(self, *events: str) -> None:
        """Show only these; all, when none is named."""
        self._list.hidden_events = set(EVENTS) - set(events) if events else set()
        self._apply()

    def hide_events(self) -> None:
        """Show none of EVENTS."""
        self._list.hidden_events = set(EVENTS)
        self._apply()

    def filter(self, expression: str) -> bool:
        """Set the display filter; False (and a message) when it makes no sense."""
        try:
            self._list.choose(expression)
        except FilterError as error:
            self.message = f"Filter: {error}"
            return False
        self._apply()
        self.message = ""
        return True

    def decrypt(self) -> None:
        """Look into what is encrypted with the lab's keys, or not."""
        if self.decryptor is None:
            self.message = "The keys of this lab are not at hand"
            return
        self.decrypting = not self.decrypting
        self._frames.decode_again(self.decryptor if self.decrypting else None)
        self._apply()
        self.message = "Decrypting with the keys of the lab" if self.decrypting else "As on the wire"

    def clear(self) -> None:
        """Empty the sniffer's buffer."""
        self.sniffer.service(Sniffer).recorder.clear()
        self._frames.restarted()
        self._apply()
        self.following = True
        self.message = "Buffer emptied"

    def switch_service(self) -> None:
        """Keep frames, or let them pass unseen."""
        config = self.sniffer.config.of(SnifferConfig)
        config.service = not config.service
        self.sniffer.configured("sniffer")
        self.message = "Service on" if config.service else "Service off: frames pass unseen"

    def resize_buffer(self, text: str) -> bool:
        """Set the size of the buffer; False (and a message) unless `text` is a number from 1 to 100000."""
        if not text.isdigit() or not 1 <= int(text) <= 100_000:
            self.message = "The buffer holds 1 to 100000 frames"
            return False
        self.sniffer.config.of(SnifferConfig).buffer_packets = int(text)
        self.sniffer.configured("sniffer")
        self.message = f"The buffer holds {int(text)} frames"
        return True

    def save(self, name: str) -> bool:
        """Write the frames that are shown to the sniffer's flash as pcapng; False when that cannot be."""
        name = name.strip()
        if not name:
            self.message = "A file needs a name"
            return False
        if not name.endswith(".pcapng"):
            name += ".pcapng"
        try:
            self.sniffer.flash[name] = self.pcapng()
        except FileSystemError as error:
            self.message = str(error)
            return False
        self.message = f"{len(self.rows)} frames are in flash:{name}"
        return True

    def pcapng(self) -> bytes:
        """The frames that are shown, as a capture file."""
        comment = f"{self.sniffer.name} {self.expression}".rstrip()
        return pcapng(self.rows, self.epoch, self.sniffer.now, comment)
