"""The processes of SSH."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.subject import Process

SESSION_BYTES = 61440


def process_rows(device: Device) -> Iterator[Process]:
    """A connection a session."""
    lines = device.lines.all()
    uses, busy = sum(line.uses for line in lines), sum(line.busy for line in lines)
    yield Process("SSH Process", uses, 20_000, busy * SESSION_BYTES, (uses - busy) * SESSION_BYTES)
