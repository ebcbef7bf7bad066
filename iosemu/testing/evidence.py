"""What a test leaves behind for whoever must find out why it failed: dialogues, logs, packets and keys."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path

from iosemu.lab.lab import Lab
from iosemu.net.capture import CapturedFrame, Recorder
from iosemu.net.link import Direction
from iosemu.server import durable

KEPT = 20_000
"""Frames that are kept; older ones make room."""
KEPT_TEXT = 200_000
"""Octets of each device's dialogue that are kept, likewise."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Evidence:
    """Records every cable and every session of a lab from now on."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._recorder = Recorder(lambda: lab.scheduler.now, limit=KEPT)
        self._dialogues: dict[str, bytearray] = {}
        self._since = lab.scheduler.now
        self.attach()

    def attach(self) -> None:
        """Listen at both ends of every cable."""
        self._recorder.clear()
        self._dialogues.clear()
        self._since = self._lab.scheduler.now
        self._lab.listener = self._heard
        for link in self._lab.links:
            for end in link.ends:
                self._recorder.attach(end, direction=Direction.OUT)

    def detach(self) -> None:
        """Listen no longer."""
        with contextlib.suppress(ValueError):  # taps that a restored lab no longer has
            self._recorder.detach()
        self._lab.listener = None

    def _heard(self, name: str, data: bytes) -> None:
        said = self._dialogues.setdefault(name, bytearray())
        said += data
        if len(said) > 2 * KEPT_TEXT:
            del said[:-KEPT_TEXT]

    def dialogues(self) -> dict[str, str]:
        """What was typed at each device and what it answered, as a user saw it."""
        return {
            name: said.decode("utf-8", "replace").replace("\r", "").strip("\n")
            for name, said in self._dialogues.items()
        }

    @property
    def frames(self) -> tuple[CapturedFrame, ...]:
        """What was recorded, once for each cable that it passed."""
        return self._recorder.frames

    def logs(self) -> dict[str, str]:
        """The system messages of each device that had any since the lab had booted."""
        texts = {}
        for name, device in self._lab.devices.items():
            lines = [
                f"{each.when:12.3f}  {each}" for each in device.syslog.messages if each.when > self._since
            ]
            if lines:
                texts[name] = "\n".join(lines)
        return texts

    def write(self, folder: Path) -> list[Path]:
        """Write `lab.pcapng`, `lab.keys.json`, `NAME.dialogue.txt` and `NAME.log` files; returns what was written.

        Raises OSError when that is not possible.
        """
        folder.mkdir(parents=True, exist_ok=True)
        capture, keys = folder / "lab.pcapng", folder / "lab.keys.json"
        origin = round((self._lab.origin - _EPOCH).total_seconds() * 1e9)
        with capture.open("wb") as stream:
            self._recorder.write(stream, origin, comment=f"lab {self._lab.name}")
        durable.write_file(keys, (json.dumps(self._lab.exported_keys(), indent=1) + "\n").encode())
        written = [capture, keys]
        for name, text in self.dialogues().items():
            written.append(folder / f"{name}.dialogue.txt")
            written[-1].write_text(text + "\n", encoding="utf-8")
        for name, text in self.logs().items():
            written.append(folder / f"{name}.log")
            written[-1].write_text(text + "\n", encoding="utf-8")
        return written
