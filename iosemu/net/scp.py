"""The protocol of `scp` between its two ends: what goes over an SSH channel, without the channel.

The protocol was never written down by a standard; it is that of OpenSSH's `scp -f` (source) and `scp -t` (sink).
"""

from __future__ import annotations

from iosemu.packets.tftp import BLOCK

MODE = "C0644"
LONGEST_LINE = 4096
_FAULTS = (1, 2)
"""First octets of a message that says what is wrong; 2 ends the session, too."""


class ScpSource:
    """Gives one file: `receive` takes what the sink says, `output` is what goes to it."""

    def __init__(self, name: str, data: bytes) -> None:
        self.done = False
        self.error = ""
        """What the sink found wrong."""
        self._steps = [f"{MODE} {len(data)} {name}\n".encode(), data + b"\0", b""]
        self._out = b""
        self._line = bytearray()

    def output(self) -> bytes:
        """What is to be sent now."""
        out, self._out = self._out, b""
        return out

    def receive(self, data: bytes) -> None:
        """The sink's answers: an octet of 0 each, or what is wrong."""
        for octet in data:
            if self.done:
                return
            if self._line or octet in _FAULTS:
                self._line.append(octet)
                if octet == 10 or len(self._line) > LONGEST_LINE:
                    self.error = self._line[1:].decode("utf-8", "replace").strip() or "I/O error"
                    self.done = True
            elif octet == 0:
                self._out += self._steps.pop(0)
                self.done = not self._steps


class ScpSink:
    """Takes one file, of at most `limit` octets."""

    def __init__(self, limit: int) -> None:
        self.done = False
        self.error = ""
        self.header = ""
        """`C0644 SIZE NAME`, when it is known."""
        self.data = bytearray()
        self._limit = limit
        self._out = b"\0"
        self._line = bytearray()
        self._left: int | None = None
        """Octets of the file that are to come."""

    def output(self) -> bytes:
        """What is to be sent now."""
        out, self._out = self._out, b""
        return out

    def receive(self, data: bytes) -> None:
        """What the source sends."""
        while data and not self.done:
            if self._left:
                self.data += data[: self._left]
                took = min(self._left, len(data))
                data, self._left = data[took:], self._left - took
            elif self._left == 0:  # the octet after the file
                self._out += b"\0"
                self.done = True
            else:
                line, end, data = data.partition(b"\n")
                self._line += line
                if len(self._line) > LONGEST_LINE:
                    self._wrong("I/O error")
                elif end:
                    self._told(bytes(self._line))
                    self._line.clear()

    def _wrong(self, reason: str) -> None:
        self.error, self.done = reason, True

    def _told(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace")
        if line[:1] == b"T":  # times, which nobody here keeps
            self._out += b"\0"
            return
        words = text.split(" ", 2)
        if line[:1] != b"C" or len(words) != 3 or not words[1].isdigit():
            self._wrong(text[1:].strip() or "I/O error" if line[:1] in (b"\1", b"\2") else "I/O error")
            return
        size = int(words[1])
        if size > self._limit:
            self._wrong("Not enough space on device")
            return
        self.header, self._left = text, size
        self._out += b"\0"

    @property
    def blocks(self) -> int:
        """Blocks that came, as progress counts them."""
        return len(self.data) // BLOCK + bool(self.header)
