"""What a test leaves behind for whoever must find out why it failed: logs, packets and keys."""

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
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Evidence:
    """Records every cable of a lab from now on."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._recorder = Recorder(lambda: lab.scheduler.now, limit=KEPT)
        self.attach()

    def attach(self) -> None:
        """Listen at both ends of every cable."""
        self._recorder.clear()
        for link in self._lab.links:
            for end in link.ends:
                self._recorder.attach(end, direction=Direction.OUT)

    def detach(self) -> None:
        """Listen no longer."""
        with contextlib.suppress(ValueError):  # taps that a restored lab no longer has
            self._recorder.detach()

    @property
    def frames(self) -> tuple[CapturedFrame, ...]:
        """What was recorded, once for each cable that it passed."""
        return self._recorder.frames

    def logs(self) -> dict[str, str]:
        """The system messages of each device that has any."""
        texts = {}
        for name, device in self._lab.devices.items():
            lines = [f"{each.when:12.3f}  {each}" for each in device.syslog.messages]
            if lines:
                texts[name] = "\n".join(lines)
        return texts

    def write(self, folder: Path) -> list[Path]:
        """Write `lab.pcapng`, `lab.keys.json` and `NAME.log` files; returns what was written.

        Raises OSError when that is not possible.
        """
        folder.mkdir(parents=True, exist_ok=True)
        capture, keys = folder / "lab.pcapng", folder / "lab.keys.json"
        origin = round((self._lab.origin - _EPOCH).total_seconds() * 1e9)
        with capture.open("wb") as stream:
            self._recorder.write(stream, origin, comment=f"lab {self._lab.name}")
        durable.write_file(keys, (json.dumps(self._lab.exported_keys(), indent=1) + "\n").encode())
        written = [capture, keys]
        for name, text in self.logs().items():
            written.append(folder / f"{name}.log")
            written[-1].write_text(text + "\n", encoding="utf-8")
        return written
