"""A file read from, or written to, another box by SCP: `scp` over a channel of SSH."""

from __future__ import annotations

from iosemu.box.device import Device
from iosemu.ip.file_copy import FileCopy
from iosemu.net.scp import ScpSink, ScpSource
from iosemu.packets.tftp import BLOCK
from iosemu.subjects.ssh.service import SecureFarEnd

REASONS = {
    "no such file": "No such file or directory",
    "no match": "No such file or directory",
    "denied": "Permission denied",
    "space": "Not enough space on device",
}
"""What IOS makes of the messages of `scp`."""


class ScpCopy(FileCopy):
    """One transfer over a connection that is logged in."""

    def __init__(
        self, device: Device, far: SecureFarEnd, name: str, outgoing: bytes | None, limit: int
    ) -> None:
        super().__init__(device)
        self._far = far
        self._outgoing = outgoing
        self._engine: ScpSource | ScpSink = (
            ScpSink(limit) if outgoing is None else ScpSource(name.rpartition("/")[2], outgoing)
        )
        self._wait()
        far.signal.connect(self._moved)
        self._moved()

    @property
    def header(self) -> str:
        """What the source says of the file."""
        return self._engine.header if isinstance(self._engine, ScpSink) else ""

    @property
    def data(self) -> bytes:
        """What came."""
        return bytes(self._engine.data) if isinstance(self._engine, ScpSink) else b""

    @property
    def blocks(self) -> int:
        """Blocks that came or went."""
        if isinstance(self._engine, ScpSink):
            return self._engine.blocks
        return 0 if self.reason or not self.done else len(self._outgoing or b"") // BLOCK + 1

    def _moved(self) -> None:
        if self.done:
            return
        self._engine.receive(self._far.read())
        out = self._engine.output()
        if out:
            self._far.write(out)
        if self._engine.done:
            error = self._engine.error.lower()
            self._end(
                next((each for word, each in REASONS.items() if word in error), "I/O error") if error else ""
            )
        elif not self._far.open:
            self._end("I/O error")
        else:
            self._wait()
            self.signal.emit()

    def _hang_up(self) -> None:
        self._far.signal.disconnect(self._moved)
        self._far.close()
