"""The processes of the terminal lines."""

from __future__ import annotations

from collections.abc import Iterator

from iosemu.box.device import Device
from iosemu.box.subject import Process

SESSION_BYTES = 30720


def process_rows(device: Device) -> Iterator[Process]:
    """Sessions that are open, and memory that former ones gave back."""
    lines = device.lines.all()
    uses, busy = sum(line.uses for line in lines), sum(line.busy for line in lines)
    yield Process("Exec", uses, 1500, busy * SESSION_BYTES, (uses - busy) * SESSION_BYTES)
